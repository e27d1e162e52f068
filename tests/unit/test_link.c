/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of acknowledge links: only what we signed is taken, and only so
 * long. */
#include "base/hash.h"
#include "model/link.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct str key = STR("0123456789abcdef0123456789abcdef");
static struct buf token;

static void
setup(void)
{
    struct link link = {.person = STR("nguyen-van-an"),
                        .message = STR("0123456789abcdef"),
                        .issued_ms = 1000000,
                        .expires_ms = 2000000,
                        .ticket = {STR("T7K3Q9ZAB"), STR("T0ABCDEF1")},
                        .n_tickets = 2};
    token = (struct buf){0};
    link_write(&token, key, &link);
}

static void
teardown(void)
{
    buf_free(&token);
}

TestSuite(link, .init = setup, .fini = teardown);

Test(link, what_was_written_is_read)
{
    struct link link;
    cr_assert_eq(link_read(buf_str(&token), key, 1500000, &link), LINK_GOOD);
    cr_expect(str_equal(link.person, STR("nguyen-van-an")));
    cr_expect(str_equal(link.message, STR("0123456789abcdef")));
    cr_expect_eq(link.issued_ms, 1000000);
    cr_expect_eq(link.n_tickets, 2);
    cr_expect(str_equal(link.ticket[1], STR("T0ABCDEF1")));
}

Test(link, it_expires)
{
    struct link link;
    cr_expect_eq(link_read(buf_str(&token), key, 1999999, &link), LINK_GOOD);
    cr_expect_eq(link_read(buf_str(&token), key, 2000000, &link), LINK_EXPIRED);
}

Test(link, no_bit_of_it_can_be_altered)
{
    struct link link;
    for (size_t i = 0; i < token.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            token.at[i] = (char)(token.at[i] ^ (1 << bit));
            cr_expect_eq(link_read(buf_str(&token), key, 1500000, &link),
                         LINK_WRONG, "byte %zu bit %d", i, bit);
            token.at[i] = (char)(token.at[i] ^ (1 << bit));
        }
}

Test(link, it_cannot_be_cut_or_made_longer)
{
    struct link link;
    for (size_t i = 0; i < token.len; i++) {
        cr_expect_eq(
            link_read(str_cut(buf_str(&token), 0, i), key, 1500000, &link),
            LINK_WRONG);
        cr_expect_eq(link_read(str_cut(buf_str(&token), i + 1, token.len), key,
                               1500000, &link),
                     LINK_WRONG);
    }
    buf_char(&token, '0');
    cr_expect_eq(link_read(buf_str(&token), key, 1500000, &link), LINK_WRONG);
}

Test(link, another_or_a_short_key_does_not_open_it)
{
    struct link link;
    cr_expect_eq(link_read(buf_str(&token),
                           STR("0123456789abcdef0123456789abcdeF"), 1500000,
                           &link),
                 LINK_WRONG);
    cr_expect_eq(link_read(buf_str(&token), STR("short"), 1500000, &link),
                 LINK_WRONG);
    cr_expect_eq(link_read(buf_str(&token), NO_STR, 1500000, &link),
                 LINK_WRONG);
}

Test(link, a_full_message_fits)
{
    static char ids[LINK_MAX_TICKETS][10];
    struct link link = {.person = STR("a-rather-long-name-of-a-member-of-the-"
                                      "team-of-sixty-four-bytes-xx"),
                        .message = STR("0123456789abcdef"),
                        .issued_ms = INT64_C(1728096000000),
                        .expires_ms = INT64_C(1728182400000),
                        .n_tickets = LINK_MAX_TICKETS};
    struct buf long_one = {0};
    for (int i = 0; i < LINK_MAX_TICKETS; i++) {
        snprintf(ids[i], sizeof ids[i], "T%08d", i);
        link.ticket[i] = str_of(ids[i]);
    }
    link_write(&long_one, key, &link);
    cr_expect_leq(long_one.len, LINK_MAX_BYTES);
    cr_expect_eq(link_read(buf_str(&long_one), key, link.issued_ms, &link),
                 LINK_GOOD);
    buf_free(&long_one);
}

Test(hash_mac, is_hmac_sha256_of_rfc_4231)
{
    static const unsigned char wanted[] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60,
                                           0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26,
                                           0x08, 0x95, 0x75, 0xc7};
    struct mac mac = hash_mac(STR("Jefe"), STR("what do ya want for nothing?"));
    cr_expect_arr_eq(mac.byte, wanted, sizeof wanted);
    cr_expect(hash_same(STR("ab"), STR("ab")));
    cr_expect(!hash_same(STR("ab"), STR("ac")));
    cr_expect(!hash_same(STR("ab"), STR("abc")));
    cr_expect(hash_same(NO_STR, STR("")));
}
