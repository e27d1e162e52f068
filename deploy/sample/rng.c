/* SPDX-License-Identifier: Apache-2.0
 *
 * See rng.h. Bounded numbers come from the upper half of a 32 by 32 bit
 * product (Lemire 2019) without rejection: the bias is below 2^-32 · n, far
 * under anything a sample shows. */
#include "rng.h"

static uint64_t
mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct rng
rng_of(uint64_t seed, enum rng_use use, uint64_t which)
{
    uint64_t z = mix(seed + UINT64_C(0x9e3779b97f4a7c15));
    z = mix(z ^ ((uint64_t)use << 56) ^ which);
    return (struct rng){z};
}

uint64_t
rng_next(struct rng *rng)
{
    rng->state += UINT64_C(0x9e3779b97f4a7c15);
    return mix(rng->state);
}

uint32_t
rng_below(struct rng *rng, uint32_t n)
{
    return (uint32_t)(((rng_next(rng) >> 32) * n) >> 32);
}

int64_t
rng_between(struct rng *rng, int64_t low, int64_t high)
{
    uint64_t n = (uint64_t)(high - low) + 1;
    return low + (int64_t)(rng_next(rng) % n);
}

struct wheel
wheel_new(struct arena *arena, uint32_t n)
{
    return (struct wheel){arena_take(arena, n, sizeof(uint64_t)), n};
}

void
wheel_set(struct wheel *wheel, uint32_t i, uint64_t weight)
{
    wheel->sums[i] = (i > 0 ? wheel->sums[i - 1] : 0) + weight;
}

uint32_t
wheel_spin(const struct wheel *wheel, struct rng *rng)
{
    uint64_t at = rng_next(rng) % wheel->sums[wheel->n - 1];
    uint32_t low = 0, high = wheel->n - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (wheel->sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
