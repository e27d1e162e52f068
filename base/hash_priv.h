/* SPDX-License-Identifier: Apache-2.0
 *
 * The two ways to a CRC-32C, so that a test can hold them against each
 * other. */
#ifndef BASE_HASH_PRIV_H
#define BASE_HASH_PRIV_H

#include "base/hash.h"

/* As hash_crc32c, on any processor. */
uint32_t hash_crc32c_by_table(uint32_t crc, struct str s);

#endif
