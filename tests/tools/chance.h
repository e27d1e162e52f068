/* SPDX-License-Identifier: Apache-2.0
 *
 * Choices for what makes rules and events: first those that given bytes make
 * (a fuzzer's), then those of a seed; the same bytes or seed, the same
 * choices. */
#ifndef TESTS_TOOLS_CHANCE_H
#define TESTS_TOOLS_CHANCE_H

#include "base/str.h"

struct chance {
    const unsigned char *at, *end; /* bytes that are left; may be NULL */
    uint64_t x;
};

static inline struct chance
chance_of(uint64_t seed)
{
    uint64_t x = seed + UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (struct chance){NULL, NULL, (x ^ x >> 31) | 1};
}

/* Borrows the bytes. */
static inline struct chance
chance_from(struct str bytes)
{
    uint64_t x = bytes.len;
    for (size_t i = 0; i < bytes.len; i++)
        x = (x ^ (unsigned char)bytes.at[i]) * UINT64_C(0x100000001b3);
    struct chance chance = chance_of(x);
    chance.at = (const unsigned char *)bytes.at;
    chance.end = chance.at + bytes.len;
    return chance;
}

/* One of 0 to n - 1; xorshift64* (Vigna) when there are no bytes. */
static inline size_t
roll(struct chance *chance, size_t n)
{
    size_t given = 0;
    if (n <= 1)
        return 0;
    if (chance->at < chance->end) {
        given = *chance->at++;
        if (n > 256 && chance->at < chance->end)
            given = given << 8 | *chance->at++;
        return given % n;
    }
    chance->x ^= chance->x >> 12;
    chance->x ^= chance->x << 25;
    chance->x ^= chance->x >> 27;
    return (size_t)((chance->x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n);
}

/* Once in `n`. */
static inline bool
once_in(struct chance *chance, size_t n)
{
    return roll(chance, n) == 0;
}

#define ONE_OF(chance, array)                                                  \
    ((array)[roll((chance), sizeof(array) / sizeof *(array))])

#endif
