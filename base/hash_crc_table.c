/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C by tables, eight bytes a step (Kounavis and Berry, "slicing by 8"):
 * for processors without an instruction for it, and to hold that against. */
#include <pthread.h>

#include "hash_priv.h"

enum { SLICES = 8 };

#define POLYNOMIAL UINT32_C(0x82f63b78)

static uint32_t table[SLICES][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void
fill_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        }
        table[0][i] = crc;
    }
    for (int slice = 1; slice < SLICES; slice++) {
        for (int i = 0; i < 256; i++) {
            uint32_t crc = table[slice - 1][i];
            table[slice][i] = crc >> 8 ^ table[0][crc & 0xff];
        }
    }
}

uint32_t
hash_crc32c_by_table(uint32_t crc, struct str s)
{
    pthread_once(&table_once, fill_table);
    const unsigned char *at = (const unsigned char *)s.at;
    size_t i = 0;
    crc = ~crc;
    for (; s.len - i >= SLICES; i += SLICES) {
        uint32_t low =
            crc ^ ((uint32_t)at[i] | (uint32_t)at[i + 1] << 8 |
                   (uint32_t)at[i + 2] << 16 | (uint32_t)at[i + 3] << 24);
        crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^
              table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
              table[3][at[i + 4]] ^ table[2][at[i + 5]] ^ table[1][at[i + 6]] ^
              table[0][at[i + 7]];
    }
    for (; i < s.len; i++) {
        crc = crc >> 8 ^ table[0][(crc ^ at[i]) & 0xff];
    }
    return ~crc;
}
