/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and prefixes as text and as values. */
#include "base/address.h"

#include <criterion/criterion.h>

Test(address, two_spellings_of_one_address_are_equal)
{
    static const char *const rows[][2] = {
        {"10.84.1.2", "::ffff:10.84.1.2"},
        {"10.84.1.2", "::FFFF:0a54:0102"},
        {"2001:db8::1", "2001:0DB8:0:0:0:0:0:1"},
        {"fe80::1", "fe80::1%eth0"},
        {"0.0.0.0", "::ffff:0:0"},
        {"255.255.255.255", "::ffff:255.255.255.255"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address a, b;

        cr_assert(address_from(str_of(rows[i][0]), &a), "row %zu", i);
        cr_assert(address_from(str_of(rows[i][1]), &b), "row %zu", i);
        cr_expect(address_equal(a, b), "row %zu", i);
    }
}

Test(address, what_is_no_address_is_refused)
{
    static const struct str rows[] = {
        {"", 0},
        {NULL, 0},
        {"1.2.3", 5},
        {"1.2.3.", 6},
        {"1.2.3.4.", 8},
        {"1.2.3.4.5", 9},
        {".1.2.3.4", 8},
        {"1..3.4", 6},
        {"256.1.1.1", 9},
        {"01.1.1.1", 8},
        {"1.1.1.00", 8},
        {"1.1.1.1 ", 8},
        {" 1.1.1.1", 8},
        {"+1.1.1.1", 8},
        {"1.1.1.1\0", 8},
        {"1.1.1.-1", 8},
        {"4294967297.1.1", 14},
        {"::1\0", 4},
        {":", 1},
        {":::", 3},
        {"1::2::3", 7},
        {"12345::", 7},
        {"%eth0", 5},
        {"::g", 3},
        {"10.84.1.2%1", 11},
        {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", 49},
    };
    struct address address = {7, 7};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_not(address_from(rows[i], &address), "row %zu", i);
    cr_expect_eq(address.high, 7, "it is left alone");
}

Test(address, special_addresses_are_not_public)
{
    static const struct {
        const char *address;
        bool is_public;
    } rows[] = {
        {"8.8.8.8", true},
        {"203.113.131.9", true},
        {"0.0.0.0", false},
        {"9.255.255.255", true},
        {"10.0.0.0", false},
        {"10.255.255.255", false},
        {"11.0.0.0", true},
        {"100.63.255.255", true},
        {"100.64.0.0", false},
        {"100.127.255.255", false},
        {"100.128.0.0", true},
        {"127.0.0.1", false},
        {"169.254.1.1", false},
        {"172.15.255.255", true},
        {"172.16.0.0", false},
        {"172.31.255.255", false},
        {"172.32.0.0", true},
        {"192.0.0.1", false},
        {"192.0.2.1", false},
        {"192.168.255.255", false},
        {"192.169.0.0", true},
        {"198.18.0.1", false},
        {"198.20.0.0", true},
        {"198.51.100.7", false},
        {"203.0.113.7", false},
        {"223.255.255.255", true},
        {"224.0.0.1", false},
        {"255.255.255.255", false},
        {"::ffff:10.1.1.1", false},
        {"::ffff:8.8.8.8", true},
        {"::", false},
        {"::1", false},
        {"fe80::1", false},
        {"fc00::1", false},
        {"fd12::1", false},
        {"ff02::1", false},
        {"2001:db8::1", false},
        {"2001:db9::1", true},
        {"3fff::1", false},
        {"3fff:1000::1", true},
        {"2001:ee0::1", true},
        {"64:ff9b::8.8.8.8", true},
        {"64:ff9b::10.1.1.1", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address;

        cr_assert(address_from(str_of(rows[i].address), &address));
        cr_expect_eq(address_public(address), rows[i].is_public, "%s",
                     rows[i].address);
    }
}

Test(address, prefixes_are_read_and_written_alike)
{
    static const char *const rows[][2] = {
        {"10.84.10.0/24", "10.84.10.0/24"},
        {"10.84.2.8/29", "10.84.2.8/29"},
        {"10.84.2.8", "10.84.2.8/32"},
        {"0.0.0.0/0", "0.0.0.0/0"},
        {"::/0", "::/0"},
        {"2001:DB8:0::/48", "2001:db8::/48"},
        {"2001:db8::1", "2001:db8::1/128"},
        {"::ffff:10.0.0.0/104", "10.0.0.0/8"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix prefix;
        char text[PREFIX_TEXT];
        struct err why;

        cr_assert(prefix_from(str_of(rows[i][0]), &prefix, &why), "%s",
                  why.text);
        cr_expect_eq(prefix_text(&prefix, text), strlen(rows[i][1]));
        cr_expect_str_eq(text, rows[i][1]);
    }
}

Test(address, a_bad_prefix_is_refused_with_its_reason)
{
    static const char *const rows[][2] = {
        {"10.84.10.1/24", "(did you mean '10.84.10.0/24'?)"},
        {"2001:db8::1/64", "(did you mean '2001:db8::/64'?)"},
        {"10.0.0.0/33", "must be 0 to 32"},
        {"10.0.0.0/-1", "must be 0 to 32"},
        {"10.0.0.0/", "must be 0 to 32"},
        {"10.0.0.0/8/8", "must be 0 to 32"},
        {"::/129", "must be 0 to 128"},
        {"10.0.0/8", "no address or prefix"},
        {"fe80::1%eth0/64", "no address or prefix"},
        {"", "no address or prefix"},
        {"/8", "no address or prefix"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix prefix;
        struct err why = {""};

        cr_expect_not(prefix_from(str_of(rows[i][0]), &prefix, &why), "%s",
                      rows[i][0]);
        cr_expect(str_contains(str_of(why.text), str_of(rows[i][1])),
                  "%s: got %s", rows[i][0], why.text);
    }
}

Test(address, a_prefix_holds_its_first_and_last_address)
{
    static const struct {
        const char *prefix, *address;
        bool holds;
    } rows[] = {
        {"10.84.2.8/29", "10.84.2.7", false},
        {"10.84.2.8/29", "10.84.2.8", true},
        {"10.84.2.8/29", "10.84.2.15", true},
        {"10.84.2.8/29", "10.84.2.16", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "10.1.1.1", true},
        {"2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true},
        {"2001:db8::/64", "2001:db8:0:1::", false},
        {"2001:db8::/63", "2001:db8:0:1::", true},
        {"2001:db8::/65", "2001:db8::8000:0:0:0", false},
        {"10.1.1.1", "10.1.1.1", true},
        {"10.1.1.1", "10.1.1.2", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix prefix;
        struct address address;

        cr_assert(prefix_from(str_of(rows[i].prefix), &prefix, NULL));
        cr_assert(address_from(str_of(rows[i].address), &address));
        cr_expect_eq(
            address_equal(address_cut(address, prefix.bits), prefix.address),
            rows[i].holds, "row %zu", i);
    }
}
