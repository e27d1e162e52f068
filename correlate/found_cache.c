/* SPDX-License-Identifier: Apache-2.0
 *
 * A value has one slot, by its hash. It gets it when it comes a second time
 * before another value asks for the slot, so values that come once, such as
 * ids and times, push nothing out. The text is kept and compared: a sender who
 * makes hashes collide makes us search, no more. */
#include "found_cache.h"

#include <stdlib.h>
#include <string.h>

enum { N_SLOTS = 1 << 12, MAX_TEXT = 216, MAX_FOUND = 24 };

struct slot {
    const struct field_search *search, *keywords; /* NULL: none is kept */
    uint64_t wanted; /* hash of the value that asked last */
    uint32_t len;
    uint32_t n_found;
    uint32_t found[MAX_FOUND]; /* predicates */
    char text[MAX_TEXT];
};

struct found_cache {
    struct slot slot[N_SLOTS];
};

struct found_cache *
found_cache_new(void)
{
    return calloc(1, sizeof(struct found_cache));
}

void
found_cache_free(struct found_cache *cache)
{
    free(cache);
}

static uint64_t
hash_of(const struct found_key *key)
{
    const uint64_t odd = UINT64_C(0x9fb21c651e98df25);
    uint64_t hash = (uint64_t)(uintptr_t)key->search ^ key->text.len, word;
    size_t i = 0;
    for (; i + sizeof word <= key->text.len; i += sizeof word) {
        memcpy(&word, key->text.at + i, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    word = 0;
    if (i < key->text.len)
        memcpy(&word, key->text.at + i, key->text.len - i);
    hash = (hash ^ word) * odd;
    return hash ^ hash >> 29;
}

static bool
is_kept(const struct slot *slot, const struct found_key *key)
{
    return slot->search == key->search && slot->keywords == key->keywords &&
           slot->len == key->text.len &&
           memcmp(slot->text, key->text.at, slot->len) == 0;
}

/* On the way to the hits, what is found is noted in the slot. */
struct noting {
    struct slot *slot;
    const struct search_hits *hits;
    bool full;
};

static void
note(void *context, uint32_t predicate)
{
    struct noting *noting = context;
    noting->hits->found(noting->hits->context, predicate);
    noting->full |= noting->slot->n_found == MAX_FOUND;
    if (!noting->full)
        noting->slot->found[noting->slot->n_found++] = predicate;
}

static void
search_and_keep(struct slot *slot, const struct found_key *key,
                struct str framed, const struct search_hits *hits)
{
    struct noting noting = {.slot = slot, .hits = hits};
    const struct search_hits through = {note, &noting};
    slot->search = NULL;
    slot->n_found = 0;
    field_search_run(key->search, key->keywords, framed, &through);
    if (noting.full)
        return;
    slot->search = key->search;
    slot->keywords = key->keywords;
    slot->len = (uint32_t)key->text.len;
    memcpy(slot->text, key->text.at, key->text.len);
}

bool
found_cache_search(struct found_cache *cache, const struct found_key *key,
                   struct arena scratch, const struct search_hits *hits)
{
    struct slot *slot = NULL;
    if (key->text.len > 0 && key->text.len <= MAX_TEXT) {
        uint64_t hash = hash_of(key);
        slot = &cache->slot[hash % N_SLOTS];
        if (is_kept(slot, key)) {
            for (uint32_t i = 0; i < slot->n_found; i++)
                hits->found(hits->context, slot->found[i]);
            return true;
        }
        bool again = slot->wanted == hash;
        slot->wanted = hash;
        slot = again ? slot : NULL;
    }
    struct str framed = text_framed(key->text, &scratch);
    if (!framed.at)
        return false;
    if (slot)
        search_and_keep(slot, key, framed, hits);
    else
        field_search_run(key->search, key->keywords, framed, hits);
    return true;
}
