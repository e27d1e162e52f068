/* SPDX-License-Identifier: Apache-2.0
 *
 * Digests and checksums, against published values and each other. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/hash.h"
#include "base/hash_priv.h"

static bool
same(struct digest a, struct digest b)
{
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

/* b2sum -l 128 */
Test(hash, a_digest_is_blake2b_128)
{
    static const struct {
        const char *text;
        uint64_t half[2]; /* the bytes, little-endian */
    } rows[] = {
        {"", {0x40bdefd94169e6ca, 0x7076a68e75884d4e}},
        {"abc", {0x2b8d2bc691b74acf, 0x1678287502c90921}},
        {"The quick brown fox jumps over the lazy dog",
         {0xdc7d519fa4f99d24, 0x73ec2076895c7fd3}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct digest digest = hash_digest(str_of(rows[i].text));
        cr_expect_eq(digest.half[0], rows[i].half[0], "row %zu", i);
        cr_expect_eq(digest.half[1], rows[i].half[1], "row %zu", i);
    }
    cr_expect(same(hash_digest(NO_STR), hash_digest(STR(""))));
}

Test(hash, parts_are_told_apart)
{
    struct str split[][3] = {
        {STR("ab"), STR("c"), NO_STR}, {STR("a"), STR("bc"), NO_STR},
        {STR("abc"), NO_STR, NO_STR},  {NO_STR, STR("abc"), NO_STR},
        {NO_STR, NO_STR, STR("abc")},
    };
    enum { N = sizeof split / sizeof split[0] };
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++) {
            cr_expect_eq(
                same(hash_digest_of(split[i], 3), hash_digest_of(split[j], 3)),
                i == j, "rows %zu, %zu", i, j);
        }
    }
    struct str one[] = {STR("a"), NO_STR};
    cr_expect_not(same(hash_digest_of(one, 1), hash_digest_of(one, 2)));
    cr_expect_not(same(hash_digest_of(NULL, 0), hash_digest_of(one + 1, 1)));
}

Test(hash, crc32c_gives_the_values_of_rfc_3720)
{
    char zeros[32] = {0}, ones[32], up[32], down[32];
    memset(ones, 0xff, sizeof ones);
    for (int i = 0; i < 32; i++) {
        up[i] = (char)i;
        down[i] = (char)(31 - i);
    }
    const struct {
        struct str text;
        uint32_t crc;
    } rows[] = {
        {{zeros, 32}, 0x8a9136aa},      {{ones, 32}, 0x62a8ab43},
        {{up, 32}, 0x46dd794e},         {{down, 32}, 0x113fdb5c},
        {STR("123456789"), 0xe3069283}, {NO_STR, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(hash_crc32c(0, rows[i].text), rows[i].crc, "row %zu", i);
        cr_expect_eq(hash_crc32c_by_table(0, rows[i].text), rows[i].crc,
                     "row %zu", i);
    }
}

Test(hash, crc32c_is_the_same_by_instruction_by_table_and_in_pieces)
{
    char text[100];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = (char)(i * 167 + 13);
    }
    for (size_t from = 0; from < 16; from++) {
        for (size_t to = from; to <= sizeof text; to++) {
            struct str s = {text + from, to - from};
            uint32_t whole = hash_crc32c(0, s);
            struct str head = str_cut(s, 0, s.len / 3),
                       tail = str_cut(s, s.len / 3, s.len);
            cr_assert_eq(hash_crc32c_by_table(0, s), whole);
            cr_assert_eq(hash_crc32c(hash_crc32c(0, head), tail), whole);
            cr_assert_eq(
                hash_crc32c_by_table(hash_crc32c_by_table(0, head), tail),
                whole);
        }
    }
}
