/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory's tables. The one idea: a pattern is found by hashing its
 * literal beginning, a range by hashing its bits, one probe for each length
 * that occurs at all, the longest first. So a look-up costs the number of
 * different lengths, not the number of entries. Claims on one key lie in one
 * chain in the order in which they are preferred. */
#include "inventory_priv.h"

#include <stdlib.h>
#include <string.h>

/* Of a whole text, eight bytes at a time. */
static uint64_t
hash_text(struct str text)
{
    uint64_t hash = text.len, part;

    for (; text.len >= 8; text.at += 8, text.len -= 8) {
        memcpy(&part, text.at, 8);
        hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    part = 0;
    for (size_t i = 0; i < text.len; i++)
        part = part << 8 | (unsigned char)text.at[i];
    hash = (hash ^ part) * UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 29;
}

static uint64_t
hash_beginning(struct str text)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < text.len; i++)
        hash = hash_step(hash, text.at[i]);
    return hash;
}

/* ASCII capitals among eight bytes to small letters: adding carries a byte's
 * low seven bits past 0x80 exactly when they are at least 'A', or past 'Z'. */
static inline uint64_t
lower_eight(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t low = bytes & ones * 0x7f;
    uint64_t from_a = low + ones * (0x80 - 'A'),
             past_z = low + ones * (0x7f - 'Z');

    return bytes | ((from_a ^ past_z) & ~bytes & ones * 0x80) >> 2;
}

void
fold(struct folded *folded, enum text_class class, struct str text)
{
    size_t len = text.len < MAX_KEY_BYTES ? text.len : MAX_KEY_BYTES;
    char *out = folded->text;
    uint64_t bytes;

    folded->len = len + 1;
    folded->cut = len < text.len;
    *out++ = (char)class;
    for (; len >= 8; len -= 8, text.at += 8, out += 8) {
        memcpy(&bytes, text.at, 8);
        bytes = lower_eight(bytes);
        memcpy(out, &bytes, 8);
    }
    for (size_t i = 0; i < len; i++) {
        unsigned c = (unsigned char)text.at[i];

        out[i] = (char)(c + ((unsigned)(c - 'A' < 26U) << 5));
    }
}

static uint64_t
hash_prefix(const struct prefix *prefix)
{
    uint64_t hash = prefix->address.high * UINT64_C(0x9e3779b97f4a7c15);

    hash = (hash ^ hash >> 32 ^ prefix->address.low ^ prefix->bits) *
           UINT64_C(0xd6e8feb86659fd93);
    return hash ^ hash >> 29;
}

static bool
is_range(enum table_name table)
{
    return table == OWNER_RANGES || table == LIST_RANGES;
}

static bool
is_pattern(enum table_name table)
{
    return table == OWNER_PATTERNS || table == LIST_PATTERNS;
}

static int
compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* By what is claimed. */
static int
compare_claimed(const struct claim *a, const struct claim *b)
{
    int order = (int)a->table - (int)b->table;

    if (order != 0)
        return order;
    if (!is_range(a->table))
        return str_compare(a->text, b->text);
    order = compare_u64(a->prefix.bits, b->prefix.bits);
    if (order == 0)
        order = compare_u64(a->prefix.address.high, b->prefix.address.high);
    if (order == 0)
        order = compare_u64(a->prefix.address.low, b->prefix.address.low);
    return order;
}

/* For clashes: equal claims side by side, the earliest first. */
static int
compare_for_clashes(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = compare_claimed(a, b);

    if (order == 0)
        order = (a->period.from > b->period.from) -
                (a->period.from < b->period.from);
    return order != 0 ? order : compare_u64(a->owner, b->owner);
}

/* A system may claim what its own unit claims too. */
static bool
may_share(const struct owner *a, const struct owner *b)
{
    if (a->kind == OWNER_UNIT && b->kind == OWNER_SYSTEM)
        return str_equal(a->id, b->unit);
    if (b->kind == OWNER_UNIT && a->kind == OWNER_SYSTEM)
        return str_equal(b->id, a->unit);
    return false;
}

static void
complain_clash(const struct inventory *inventory, const struct claim *first,
               const struct claim *second, struct complaints *complaints)
{
    const struct owner *a = &inventory->owner[first->owner];
    const struct owner *b = &inventory->owner[second->owner];
    char range[PREFIX_TEXT];
    struct str text = second->text;

    if (second->table == OWNER_IDS) {
        complain(complaints, second->place,
                 "'%.*s' is already there at the same time (line %u); the "
                 "periods of one id must not overlap",
                 STR_ARG(b->id), first->place.line);
        return;
    }
    if (first->owner == second->owner) {
        complain(complaints, second->place, "the same as in line %u",
                 first->place.line);
        return;
    }
    if (is_range(second->table))
        text = (struct str){range, prefix_text(&second->prefix, range)};
    else if (second->table == OWNER_HOSTS)
        text = str_cut(text, 1, text.len); /* without its class */
    complain(complaints, second->place,
             "'%.*s' belongs to '%.*s' at the same time (line %u), not only "
             "to '%.*s'",
             STR_ARG(text), STR_ARG(a->id), first->place.line, STR_ARG(b->id));
}

/* The one that stands later in the file is the one to complain of. */
static void
clash_order(const struct claim **first, const struct claim **second)
{
    const struct claim *a = *first, *b = *second;

    if (a->place.line > b->place.line ||
        (a->place.line == b->place.line && a->place.column > b->place.column)) {
        *first = b;
        *second = a;
    }
}

void
index_clashes(struct inventory *inventory, struct complaints *complaints)
{
    enum { ENOUGH = 100 }; /* of one claim */
    struct claim *claim = inventory->claim;
    const struct owner *owner = inventory->owner;

    qsort(claim, inventory->n_claims, sizeof *claim, compare_for_clashes);
    for (uint32_t i = 0; i < inventory->n_claims; i++) {
        unsigned n = 0;

        if (claim[i].table > OWNER_RANGES)
            return;
        for (uint32_t k = i + 1; k < inventory->n_claims && n < ENOUGH; k++) {
            const struct claim *first = &claim[i], *second = &claim[k];

            if (compare_claimed(first, second) != 0 ||
                second->period.from > first->period.to)
                break;
            n++;
            if (may_share(&owner[first->owner], &owner[second->owner]))
                continue;
            clash_order(&first, &second);
            complain_clash(inventory, first, second, complaints);
        }
    }
}

/* --- building */

/* In the order in which claims on one key are preferred: the pattern that says
 * most, the system, the newest name of an id, the first in the file. */
static int
compare_for_use(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = (int)a->table - (int)b->table;

    if (order == 0)
        order = compare_u64(b->weight, a->weight);
    if (order == 0 && a->table == OWNER_IDS)
        order = (b->period.from > a->period.from) -
                (b->period.from < a->period.from);
    return order != 0 ? order : compare_u64(a->owner, b->owner);
}

static uint32_t
slot_of(const struct index *index, uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32) & index->mask;
}

static bool
index_size(struct index *index, struct arena *arena)
{
    uint32_t size = 1;

    while (size < 2 * index->n)
        size *= 2;
    index->mask = size - 1;
    index->head = arena_take_raw(arena, size, sizeof *index->head);
    if (index->head == NULL)
        return false;
    for (uint32_t i = 0; i < size; i++)
        index->head[i] = NO_CLAIM;
    return true;
}

bool
index_build(struct inventory *inventory, struct arena *arena)
{
    struct claim *claim = inventory->claim;
    uint32_t n = inventory->n_claims;

    qsort(claim, n, sizeof *claim, compare_for_use);
    for (uint32_t i = 0; i < n; i++)
        inventory->index[claim[i].table].n++;
    for (size_t i = 0; i < N_TABLES; i++)
        if (!index_size(&inventory->index[i], arena))
            return false;
    for (uint32_t i = n; i-- > 0;) { /* the last first: it ends its chain */
        struct index *index = &inventory->index[claim[i].table];
        bool range = is_range(claim[i].table);
        size_t length = range ? claim[i].prefix.bits : claim[i].key.len;
        bool pattern = is_pattern(claim[i].table);
        int32_t *head;

        if (range)
            claim[i].hash = hash_prefix(&claim[i].prefix);
        else if (pattern)
            claim[i].hash = hash_beginning(claim[i].key);
        else
            claim[i].hash = hash_text(claim[i].text);
        if (range || pattern)
            index->lengths[length / 64] |= UINT64_C(1) << length % 64;
        else
            index->classes |= CLASS_BIT(claim[i].text.at[0]);
        head = &index->head[slot_of(index, claim[i].hash)];
        claim[i].next = *head;
        *head = (int32_t)i;
    }
    return true;
}

/* --- looking up */

/* Most patterns are their literal beginning and one '*'. */
static bool
pattern_matches(const struct claim *claim, struct str whole)
{
    if (claim->text.len == claim->key.len + 1 &&
        claim->text.at[claim->key.len] == '*')
        return true;
    return str_matches_glob(whole, claim->text);
}

const struct claim *
index_text(const struct inventory *inventory, enum table_name table,
           struct str key, int32_t day)
{
    const struct index *index = &inventory->index[table];
    uint64_t hash = hash_text(key);
    int32_t i = index->head[slot_of(index, hash)];

    for (; i != NO_CLAIM; i = inventory->claim[i].next) {
        const struct claim *claim = &inventory->claim[i];

        if (claim->hash == hash && period_holds(claim->period, day) &&
            str_equal(claim->text, key))
            return claim;
    }
    return NULL;
}

const struct claim *
index_pattern(const struct inventory *inventory, enum table_name table,
              uint64_t hash, struct str key, struct str host, int32_t day)
{
    const struct index *index = &inventory->index[table];
    int32_t i = index->head[slot_of(index, hash)];

    for (; i != NO_CLAIM; i = inventory->claim[i].next) {
        const struct claim *claim = &inventory->claim[i];

        if (claim->hash == hash && period_holds(claim->period, day) &&
            str_equal(claim->key, key) && pattern_matches(claim, host))
            return claim;
    }
    return NULL;
}

const struct claim *
index_prefix(const struct inventory *inventory, enum table_name table,
             const struct prefix *prefix, int32_t day)
{
    const struct index *index = &inventory->index[table];
    uint64_t hash = hash_prefix(prefix);
    int32_t i = index->head[slot_of(index, hash)];

    for (; i != NO_CLAIM; i = inventory->claim[i].next) {
        const struct claim *claim = &inventory->claim[i];

        if (claim->hash == hash && claim->prefix.bits == prefix->bits &&
            address_equal(claim->prefix.address, prefix->address) &&
            period_holds(claim->period, day))
            return claim;
    }
    return NULL;
}

const struct owner *
index_id(const struct inventory *inventory, enum text_class class,
         struct str id)
{
    const struct index *index = &inventory->index[OWNER_IDS];
    struct folded folded;
    struct str key = {folded.text, 0};
    uint64_t hash;
    int32_t i;

    fold(&folded, class, id);
    key.len = folded.len;
    hash = hash_text(key);
    i = index->head[slot_of(index, hash)];
    for (; i != NO_CLAIM; i = inventory->claim[i].next) {
        const struct claim *claim = &inventory->claim[i];

        if (claim->hash == hash && !folded.cut && str_equal(claim->text, key))
            return &inventory->owner[claim->owner];
    }
    return NULL;
}

bool
index_length(const struct index *index, unsigned *length)
{
    unsigned below = *length < 192 ? *length : 192;

    while (below > 0) {
        unsigned word = (below - 1) / 64;
        unsigned n = below - word * 64; /* bits 0 to n - 1 of this word */
        uint64_t bits = index->lengths[word];

        if (n < 64)
            bits &= (UINT64_C(1) << n) - 1;
        if (bits != 0) {
            *length = word * 64 + 63 - (unsigned)__builtin_clzll(bits);
            return true;
        }
        below = word * 64;
    }
    return false;
}
