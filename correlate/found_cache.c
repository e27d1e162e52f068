/* SPDX-License-Identifier: Apache-2.0
 *
 * A value has one slot, by its hash. It gets it when it comes a second time
 * before another value asks for the slot, so values that come once, such as
 * ids and times, push nothing out. The text is kept and compared: a sender who
 * makes hashes collide makes us search, no more. */
#include "found_cache.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { N_SLOTS = 1 << 12, SLOT_BYTES = 256, MAX_TEXT = 200, MAX_FOUND = 32 };

/* Most values and what is found in them lie in its first 64 bytes, which the
 * processor fetches at once. */
struct slot {
    const struct field_search *search; /* NULL: none is kept */
    uint32_t wanted;                   /* hash of the value that asked last */
    uint16_t len;
    uint8_t n_found;
    bool keywords;
    char data[SLOT_BYTES - 16]; /* the text, then predicates */
};
static_assert(sizeof(struct slot) == SLOT_BYTES, "no gaps");

struct found_cache {
    struct slot slot[N_SLOTS];
};

struct found_cache *
found_cache_new(void)
{
    struct found_cache *cache = aligned_alloc(64, sizeof *cache);
    if (cache)
        memset(cache, 0, sizeof *cache);
    return cache;
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
    return slot->search == key->search &&
           slot->keywords == (key->keywords != NULL) &&
           slot->len == key->text.len &&
           memcmp(slot->data, key->text.at, slot->len) == 0;
}

/* Where the predicates stand, behind a text of so many bytes. */
static size_t
found_at(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

static void
tell(const struct slot *slot, const struct search_hits *hits)
{
    const char *at = slot->data + found_at(slot->len);
    for (size_t i = 0; i < slot->n_found; i++) {
        uint32_t predicate;
        memcpy(&predicate, at + i * sizeof predicate, sizeof predicate);
        hits->found(hits->context, predicate);
    }
}

/* On the way to the hits, what is found is noted. */
struct noting {
    const struct search_hits *hits;
    uint32_t found[MAX_FOUND];
    size_t n;
    bool full;
};

static void
note(void *context, uint32_t predicate)
{
    struct noting *noting = context;
    noting->hits->found(noting->hits->context, predicate);
    noting->full |= noting->n == MAX_FOUND;
    if (!noting->full)
        noting->found[noting->n++] = predicate;
}

static void
search_and_keep(struct slot *slot, const struct found_key *key,
                struct str framed, const struct search_hits *hits)
{
    struct noting noting;
    const struct search_hits through = {note, &noting};
    noting.hits = hits;
    noting.n = 0;
    noting.full = false;
    field_search_run(key->search, key->keywords, framed, &through);
    size_t at = found_at(key->text.len), bytes = noting.n * sizeof(uint32_t);
    if (noting.full || at + bytes > sizeof slot->data)
        return;
    slot->search = key->search;
    slot->keywords = key->keywords != NULL;
    slot->len = (uint16_t)key->text.len;
    slot->n_found = (uint8_t)noting.n;
    memcpy(slot->data, key->text.at, key->text.len);
    memcpy(slot->data + at, noting.found, bytes);
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
            tell(slot, hits);
            return true;
        }
        bool again = slot->wanted == (uint32_t)(hash >> 32);
        slot->wanted = (uint32_t)(hash >> 32);
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
