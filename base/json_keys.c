/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of an object: is one there twice, and which member has a given one.
 * Alerts have few keys, so few are compared with each other, and only where a
 * small filter has seen something alike; many (a sender may be hostile) go
 * through a hash set. */
#include <string.h>

#include "json_priv.h"

#define SMALL_OBJECT 64 /* members; above, the hash set */

static bool
same(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

/* One of 256 bits for a key: cheap, and often enough to see that it is new. */
static unsigned
key_bit(struct str key)
{
    if (key.len == 0)
        return 0;
    unsigned first = (unsigned char)key.at[0];
    unsigned middle = (unsigned char)key.at[key.len / 2];
    unsigned last = (unsigned char)key.at[key.len - 1];
    return (first * 5 + middle * 17 + last * 67 + (unsigned)key.len * 31) & 255;
}

static bool
small_has_duplicate(const struct json *object)
{
    uint64_t seen[4] = {0, 0, 0, 0};
    const struct json *member = object + 1;
    for (uint32_t i = 0; i < object->n_children; i++) {
        unsigned bit = key_bit(member->key);
        uint64_t mask = (uint64_t)1 << (bit & 63);
        if (seen[bit >> 6] & mask) {
            for (const struct json *m = object + 1; m != member; m += m->skip)
                if (same(m->key, member->key))
                    return true;
        }
        seen[bit >> 6] |= mask;
        member += member->skip;
    }
    return false;
}

/* A polynomial over the field of 2^61 - 1 elements at a secret point, seven
 * bytes at a time: two keys of at most n words collide with a chance of about
 * n / 2^61, whoever chose them (Carter and Wegman, 1979). */
static uint64_t
key_hash(struct str key, uint64_t secret)
{
    const uint64_t prime = ((uint64_t)1 << 61) - 1;
    uint64_t hash = key.len + 1;
    for (size_t i = 0; i < key.len; i += 7) {
        uint64_t word = 0;
        memcpy(&word, key.at + i, key.len - i < 7 ? key.len - i : 7);
        __extension__ unsigned __int128 product = hash;
        product = product * secret + word;
        hash = (uint64_t)(product & prime) + (uint64_t)(product >> 61);
        hash = hash >= prime ? hash - prime : hash;
    }
    return hash * 0x9e3779b97f4a7c15 >> 32; /* the low bits take part of all */
}

/* Open addressing; a slot holds where the member stands from `object`. */
static enum json_fault
large_check(const struct json *object, uint64_t secret, uint32_t *slot,
            size_t max_slots)
{
    size_t n_slots = 1;
    while (n_slots < (size_t)object->n_children * 2)
        n_slots *= 2;
    if (max_slots < n_slots)
        return JSON_TOO_MANY;
    memset(slot, 0, n_slots * sizeof *slot); /* 0: free */
    const struct json *member = object + 1;
    for (uint32_t i = 0; i < object->n_children; i++) {
        size_t s = (size_t)key_hash(member->key, secret) & (n_slots - 1);
        for (; slot[s] != 0; s = (s + 1) & (n_slots - 1))
            if (same(object[slot[s]].key, member->key))
                return JSON_DUPLICATE_KEY;
        slot[s] = (uint32_t)(member - object);
        member += member->skip;
    }
    return JSON_FINE;
}

enum json_fault
json_check_keys(const struct json *object, uint64_t secret, uint32_t *slot,
                size_t n_slots)
{
    if (object->n_children > SMALL_OBJECT)
        return large_check(object, secret, slot, n_slots);
    return small_has_duplicate(object) ? JSON_DUPLICATE_KEY : JSON_FINE;
}

const struct json *
json_get(const struct json *node, struct str key)
{
    if (!node || node->type != JSON_OBJECT)
        return NULL;
    const struct json *member = node + 1;
    for (uint32_t i = 0; i < node->n_children; i++) {
        if (same(member->key, key))
            return member;
        member += member->skip;
    }
    return NULL;
}
