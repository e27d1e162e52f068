/* SPDX-License-Identifier: Apache-2.0
 *
 * Three arrays that grow by doubling: the keys one behind the other in a blob;
 * where each ends; and slots of (hash, number), open addressing with linear
 * probing, at most three quarters full. A slot carries its hash, so a probe
 * touches a key only when all 32 bits agree, and growing reads no key.
 *
 * The hash is SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF") under a random key of the table's own. Numbers do not depend on it, so
 * nothing that comes out of a table does. */
#include "base/table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_SLOTS = 64, FIRST_KEYS = 48, FIRST_BYTES = 1024 };

/* So that slots and numbers stay below 2^32. */
#define MOST_KEYS (UINT32_C(1) << 30)

struct slot {
    uint32_t hash;
    uint32_t number; /* TABLE_NONE: empty */
};

struct table {
    uint64_t seed[2];
    uint32_t max_keys, n_keys, cap_keys;
    uint32_t mask; /* number of slots less 1 */
    struct slot *slots;
    size_t *ends; /* of key i in the blob */
    char *blob;
    size_t cap_bytes;
};

/* --- SipHash-1-3 */

static inline uint64_t
rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static inline void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint32_t
hash_of(const struct table *table, struct str key)
{
    uint64_t v[4] = {
        table->seed[0] ^ UINT64_C(0x736f6d6570736575),
        table->seed[1] ^ UINT64_C(0x646f72616e646f6d),
        table->seed[0] ^ UINT64_C(0x6c7967656e657261),
        table->seed[1] ^ UINT64_C(0x7465646279746573),
    };
    uint64_t word;
    size_t i = 0;
    for (; key.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, key.at + i, sizeof word);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)key.len << 56;
    for (unsigned shift = 0; i < key.len; i++, shift += 8) {
        word |= (uint64_t)(unsigned char)key.at[i] << shift;
    }
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    uint64_t hash = v[0] ^ v[1] ^ v[2] ^ v[3];
    return (uint32_t)(hash ^ hash >> 32);
}

/* --- memory */

static bool
random_seed(uint64_t seed[2])
{
    size_t size = 2 * sizeof seed[0];
    ssize_t got;
    do {
        got = getrandom(seed, size, 0);
    } while (got < 0 && errno == EINTR);
    return got == (ssize_t)size;
}

static void
clear_slots(struct slot *slots, size_t n)
{
    memset(slots, 0xff, n * sizeof *slots); /* every number TABLE_NONE */
}

static bool
grow_slots(struct table *table)
{
    size_t n = ((size_t)table->mask + 1) * 2;
    struct slot *slots = malloc(n * sizeof *slots);
    if (!slots) {
        return false;
    }
    clear_slots(slots, n);
    uint32_t mask = (uint32_t)(n - 1);
    for (size_t i = 0; i <= table->mask; i++) {
        struct slot slot = table->slots[i];
        if (slot.number == TABLE_NONE) {
            continue;
        }
        uint32_t at = slot.hash & mask;
        while (slots[at].number != TABLE_NONE) {
            at = (at + 1) & mask;
        }
        slots[at] = slot;
    }
    free(table->slots);
    table->slots = slots;
    table->mask = mask;
    return true;
}

static bool
grow_keys(struct table *table)
{
    uint32_t cap = table->cap_keys <= table->max_keys / 2 ? table->cap_keys * 2
                                                          : table->max_keys;
    assert(cap > table->cap_keys);
    size_t *ends = realloc(table->ends, cap * sizeof *ends);
    if (!ends) {
        return false;
    }
    table->ends = ends;
    table->cap_keys = cap;
    return true;
}

static bool
grow_blob(struct table *table, size_t needed)
{
    size_t cap = table->cap_bytes;
    while (cap < needed) {
        if (cap > SIZE_MAX / 2) {
            return false;
        }
        cap *= 2;
    }
    assert(cap > 0);
    char *blob = realloc(table->blob, cap);
    if (!blob) {
        return false;
    }
    table->blob = blob;
    table->cap_bytes = cap;
    return true;
}

struct table *
table_new(uint32_t max_keys)
{
    struct table *table = calloc(1, sizeof *table);
    if (!table) {
        return NULL;
    }
    table->max_keys = max_keys < MOST_KEYS ? max_keys : MOST_KEYS;
    table->mask = FIRST_SLOTS - 1;
    table->cap_keys = FIRST_KEYS;
    table->cap_bytes = FIRST_BYTES;
    table->slots = malloc(FIRST_SLOTS * sizeof *table->slots);
    table->ends = malloc(FIRST_KEYS * sizeof *table->ends);
    table->blob = malloc(FIRST_BYTES);
    if (!table->slots || !table->ends || !table->blob ||
        !random_seed(table->seed)) {
        table_free(table);
        return NULL;
    }
    clear_slots(table->slots, FIRST_SLOTS);
    return table;
}

void
table_free(struct table *table)
{
    if (table) {
        free(table->slots);
        free(table->ends);
        free(table->blob);
        free(table);
    }
}

void
table_clear(struct table *table)
{
    if (table->n_keys > 0) {
        clear_slots(table->slots, (size_t)table->mask + 1);
        table->n_keys = 0;
    }
}

/* --- looking up */

uint32_t
table_len(const struct table *table)
{
    return table->n_keys;
}

static size_t
start_of(const struct table *table, uint32_t number)
{
    return number > 0 ? table->ends[number - 1] : 0;
}

struct str
table_key(const struct table *table, uint32_t number)
{
    if (number >= table->n_keys) {
        return NO_STR;
    }
    size_t start = start_of(table, number);
    return (struct str){table->blob + start, table->ends[number] - start};
}

/* The slot that holds `key`, or the empty one where it would go. */
static uint32_t
slot_of(const struct table *table, struct str key, uint32_t hash)
{
    uint32_t at = hash & table->mask;
    while (table->slots[at].number != TABLE_NONE) {
        if (table->slots[at].hash == hash &&
            str_equal(table_key(table, table->slots[at].number), key)) {
            break;
        }
        at = (at + 1) & table->mask;
    }
    return at;
}

uint32_t
table_find(const struct table *table, struct str key)
{
    return table->slots[slot_of(table, key, hash_of(table, key))].number;
}

uint32_t
table_add(struct table *table, struct str key, bool *is_new)
{
    bool ignored;
    is_new = is_new ? is_new : &ignored;
    *is_new = false;
    uint32_t hash = hash_of(table, key);
    uint32_t at = slot_of(table, key, hash);
    uint32_t number = table->slots[at].number;
    if (number != TABLE_NONE) {
        return number;
    }
    number = table->n_keys;
    size_t start = start_of(table, number);
    if (number == table->max_keys || key.len > SIZE_MAX - start ||
        (number == table->cap_keys && !grow_keys(table)) ||
        (start + key.len > table->cap_bytes &&
         !grow_blob(table, start + key.len))) {
        return TABLE_NONE;
    }
    if (number >= table->mask / 4 * 3) {
        if (!grow_slots(table)) {
            return TABLE_NONE;
        }
        at = slot_of(table, key, hash);
    }
    if (key.len > 0) {
        memcpy(table->blob + start, key.at, key.len);
    }
    table->ends[number] = start + key.len;
    table->slots[at] = (struct slot){hash, number};
    table->n_keys++;
    *is_new = true;
    return number;
}
