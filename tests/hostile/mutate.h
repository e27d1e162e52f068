/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes changed at random, the same for the same seed: for the fuzz harnesses
 * where there is no libFuzzer, and for hostile messages. */
#ifndef TESTS_HOSTILE_MUTATE_H
#define TESTS_HOSTILE_MUTATE_H

#include "base/buf.h"

struct dice {
    uint64_t state;
};

uint64_t dice_next(struct dice *dice);
size_t dice_below(struct dice *dice, size_t n); /* 0 when n is 0 */

/* The seed: the environment's `name` as a number, else drawn; told on stderr
 * together with how to have it again. */
uint64_t dice_seed(const char *name);

/* Texts to start from; borrowed. */
struct seeds {
    const struct str *at;
    size_t n;
};

/* One of `seeds` (or nothing, when there are none) with one to eight changes:
 * bits, bytes, runs taken away, doubled, put in from another seed, numbers at
 * their limits, tokens of the formats we read. Replaces what is in `out`. */
void mutate(struct dice *dice, const struct seeds *seeds, struct buf *out);

#endif
