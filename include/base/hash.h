/* SPDX-License-Identifier: Apache-2.0
 *
 * BLAKE2b-128 (libsodium) where equal must mean equal though the sender is
 * hostile; CRC-32C (RFC 3720, B.4) where only accidents are to be seen;
 * HMAC-SHA-256 (RFC 2104) where only who has the key may have written. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

struct digest {
    uint64_t half[2];
};

struct digest hash_digest(struct str s);
/* Of several strings; ("ab","c") and ("a","bc") differ. */
struct digest hash_digest_of(const struct str *parts, size_t n);
uint32_t hash_crc32c(uint32_t crc, struct str s); /* start with 0 */

struct mac {
    unsigned char byte[32];
};
struct mac hash_mac(struct str key, struct str text);
/* In a time that does not tell where they differ (only whether their lengths
 * do). */
bool hash_same(struct str a, struct str b);
/* From the kernel, fit for keys. */
void hash_random(void *at, size_t n);

#endif
