/* SPDX-License-Identifier: Apache-2.0
 *
 * Chance that can be had again, for the model tests. SEED is the first case,
 * CASES how many: SEED=17 CASES=1 repeats one. */
#ifndef TESTS_UNIT_MODEL_DICE_H
#define TESTS_UNIT_MODEL_DICE_H

#include <criterion/criterion.h>

#include "base/str.h"
#include "number_from.h"

#include <stdint.h>
#include <stdlib.h>

/* xorshift64* (Vigna) */
struct dice {
    uint64_t x;
};

static inline struct dice
dice_of(uint64_t seed)
{
    uint64_t x = seed + UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (struct dice){(x ^ x >> 31) | 1};
}

static inline uint64_t
roll(struct dice *dice, uint64_t below)
{
    dice->x ^= dice->x >> 12;
    dice->x ^= dice->x << 25;
    dice->x ^= dice->x >> 27;
    return (dice->x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

/* Once in `n`. */
static inline bool
once_in(struct dice *dice, uint64_t n)
{
    return roll(dice, n) == 0;
}

#endif
