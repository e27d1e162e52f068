/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32C (RFC 3720, B.4: polynomial 0x1EDC6F41, reflected 0x82F63B78), by the
 * processor's own instruction (SSE4.2) where it has one, else by tables. */
#include "base/hash.h"

#include <string.h>

#include "hash_priv.h"

#ifdef __x86_64__
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t
crc32c_by_instruction(uint32_t crc, struct str s)
{
    uint64_t sum = ~crc, word;
    size_t i = 0;
    for (; s.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.at + i, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    crc = (uint32_t)sum;
    for (; i < s.len; i++) {
        crc = _mm_crc32_u8(crc, (unsigned char)s.at[i]);
    }
    return ~crc;
}
#endif

uint32_t
hash_crc32c(uint32_t crc, struct str s)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2")) {
        return crc32c_by_instruction(crc, s);
    }
#endif
    return hash_crc32c_by_table(crc, s);
}
