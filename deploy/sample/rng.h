/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample's own random numbers: SplitMix64 (Steele, Lea, Flood, "Fast
 * Splittable Pseudorandom Number Generators", OOPSLA 2014), integers only, so
 * that a seed gives the same bytes on every machine. Everything that is drawn
 * has a generator of its own, named by (seed, what, which): what one alert
 * says does not depend on how many others were written before it. */
#ifndef DEPLOY_SAMPLE_RNG_H
#define DEPLOY_SAMPLE_RNG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct rng {
    uint64_t state;
};

/* What a generator is for. */
enum rng_use {
    RNG_SITE,
    RNG_CATALOG,
    RNG_CALENDAR,
    RNG_ADDRESSES,
    RNG_NOISE,
    RNG_ATTACK,
    RNG_DISORDER,
    RNG_EXTRAS,
    RNG_ACTOR, /* shared by the alerts of one episode */
    RNG_ALERT, /* of one alert */
    RNG_FILE_HASH,
    RNG_HOST,
};

struct rng rng_of(uint64_t seed, enum rng_use use, uint64_t which);
uint64_t rng_next(struct rng *rng);
uint32_t rng_below(struct rng *rng, uint32_t n); /* 0 … n-1; n ≥ 1 */
int64_t rng_between(struct rng *rng, int64_t low, int64_t high); /* both in */

/* Weighted choice: sums[i] is the weight of 0 … i. */
struct wheel {
    uint64_t *sums;
    uint32_t n;
};

/* Room for `n` weights, in `arena`; `sums` NULL when it is full. */
struct wheel wheel_new(struct arena *arena, uint32_t n);
/* Sets the weight of the next `i`; in order from 0. */
void wheel_set(struct wheel *wheel, uint32_t i, uint64_t weight);
uint32_t wheel_spin(const struct wheel *wheel, struct rng *rng);

#endif
