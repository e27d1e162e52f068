/* SPDX-License-Identifier: Apache-2.0
 *
 * Public addresses. Half come from blocks of countries a province in Vietnam
 * sees much of, half from anywhere. They are drawn by lot: the sample accuses
 * nobody. */
#include "plan.h"

struct block {
    uint32_t first;
    int bits;
};

#define IP(a, b, c) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8)

/* Blocks the registries gave to networks of VN, CN, RU, NL, DE, US, IN, BR,
 * ID, KR, JP, SG, FR, GB, UA, TR, IR, TH, HK, TW. */
static const struct block blocks[] = {
    {IP(14, 160, 0), 11},  {IP(113, 160, 0), 11}, {IP(171, 224, 0), 11},
    {IP(27, 64, 0), 12},   {IP(42, 112, 0), 13},  {IP(1, 52, 0), 14},
    {IP(58, 16, 0), 13},   {IP(61, 128, 0), 10},  {IP(218, 0, 0), 11},
    {IP(222, 184, 0), 13}, {IP(95, 24, 0), 13},   {IP(178, 140, 0), 14},
    {IP(145, 131, 0), 16}, {IP(84, 128, 0), 10},  {IP(52, 0, 0), 11},
    {IP(104, 131, 0), 16}, {IP(117, 192, 0), 10}, {IP(177, 0, 0), 11},
    {IP(36, 64, 0), 11},   {IP(121, 128, 0), 10}, {IP(126, 0, 0), 9},
    {IP(128, 199, 0), 16}, {IP(90, 0, 0), 9},     {IP(81, 128, 0), 12},
    {IP(93, 72, 0), 13},   {IP(78, 160, 0), 11},  {IP(2, 176, 0), 12},
    {IP(49, 228, 0), 14},  {IP(42, 2, 0), 15},    {IP(114, 32, 0), 12},
};

/* RFC 6890, its updates, and multicast and above. */
static const struct block special[] = {
    {IP(0, 0, 0), 8},       {IP(10, 0, 0), 8},     {IP(100, 64, 0), 10},
    {IP(127, 0, 0), 8},     {IP(169, 254, 0), 16}, {IP(172, 16, 0), 12},
    {IP(192, 0, 0), 24},    {IP(192, 0, 2), 24},   {IP(192, 31, 196), 24},
    {IP(192, 52, 193), 24}, {IP(192, 88, 99), 24}, {IP(192, 168, 0), 16},
    {IP(192, 175, 48), 24}, {IP(198, 18, 0), 15},  {IP(198, 51, 100), 24},
    {IP(203, 0, 113), 24},  {IP(224, 0, 0), 3},
};

/* True for an address that is routed on the internet. */
static bool
address_routed(uint32_t ip)
{
    for (size_t i = 0; i < sizeof special / sizeof special[0]; i++)
        if (((ip ^ special[i].first) >> (32 - special[i].bits)) == 0)
            return false;
    return true;
}

bool
addresses_build(uint64_t seed, struct arena *arena, struct sample *sample)
{
    struct rng rng = rng_of(seed, RNG_ADDRESSES, 0);
    sample->addresses = arena_take(arena, N_ADDRESSES, sizeof(uint32_t));
    sample->address_wheel = wheel_new(arena, N_ADDRESSES);
    if (!sample->addresses || !sample->address_wheel.sums)
        return false;
    for (uint32_t i = 0; i < N_ADDRESSES; i++) {
        uint32_t ip;
        do {
            ip = (uint32_t)(rng_next(&rng) >> 32);
            const struct block *block =
                &blocks[rng_below(&rng, sizeof blocks / sizeof blocks[0])];
            if (i % 2 == 0)
                ip = block->first | ip >> block->bits;
        } while (!address_routed(ip));
        sample->addresses[i] = ip;
        wheel_set(&sample->address_wheel, i, 10000000 / (i + 30));
    }
    return true;
}
