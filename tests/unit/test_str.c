/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices: comparing, splitting, numbers, patterns, near words. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/str.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static void
expect_str(struct str got, const char *want, size_t row)
{
    cr_expect(str_equal(got, str_of(want)), "row %zu: got '%.*s', want '%s'",
              row, STR_ARG(got), want);
}

Test(str, null_and_empty_are_the_same_text)
{
    cr_expect(str_equal(NO_STR, STR("")));
    cr_expect(str_equal_nocase(NO_STR, STR("")));
    cr_expect_eq(str_compare(NO_STR, STR("")), 0);
    cr_expect_eq(str_of(NULL).len, 0);
    cr_expect(str_starts(NO_STR, NO_STR));
    cr_expect(str_ends(STR("a"), NO_STR));
    cr_expect(str_contains(NO_STR, NO_STR));
    cr_expect_not(str_contains(NO_STR, STR("a")));
    cr_expect_eq(str_trim(NO_STR).len, 0);
    cr_expect_eq(str_cut(NO_STR, 1, 2).len, 0);
}

Test(str, a_cut_is_clamped)
{
    static const struct {
        size_t from, to;
        const char *want;
    } rows[] = {
        {0, 3, "abc"}, {1, 2, "b"}, {0, 99, "abc"}, {2, 1, ""},
        {5, 99, ""},   {3, 3, ""},  {0, 0, ""},     {SIZE_MAX, SIZE_MAX, ""},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        expect_str(str_cut(STR("abc"), rows[i].from, rows[i].to), rows[i].want,
                   i);
    }
}

Test(str, trim_takes_blanks_off_both_ends_only)
{
    expect_str(str_trim(STR(" \t a b\r\n ")), "a b", 0);
    expect_str(str_trim(STR(" \n ")), "", 1);
    expect_str(str_trim(STR("x")), "x", 2);
}

Test(str, letter_case_is_ignored_for_ascii_only)
{
    cr_expect(str_equal_nocase(STR("HiGh-1"), STR("hIgH-1")));
    cr_expect_not(str_equal_nocase(STR("[a"), STR("{a")));
    cr_expect_not(str_equal_nocase(STR("\xc3\x89"), STR("\xc3\xa9")));
    cr_expect_not(str_equal_nocase(STR("ab"), STR("abc")));
}

Test(str, order_is_by_bytes_then_length)
{
    static const char *const sorted[] = {"", "A", "AB", "B", "a", "\xc3\xa9"};
    for (size_t i = 0; i < N_ROWS(sorted); i++) {
        for (size_t j = 0; j < N_ROWS(sorted); j++) {
            int want = (i > j) - (i < j);
            cr_expect_eq(str_compare(str_of(sorted[i]), str_of(sorted[j])),
                         want, "row %zu, %zu", i, j);
        }
    }
}

Test(str, starts_ends_contains)
{
    cr_expect(str_starts(STR("abc"), STR("ab")));
    cr_expect_not(str_starts(STR("ab"), STR("abc")));
    cr_expect(str_ends(STR("abc"), STR("bc")));
    cr_expect_not(str_ends(STR("bc"), STR("abc")));
    cr_expect(str_contains(STR("abc"), STR("b")));
    cr_expect_not(str_contains(STR("abc"), STR("ac")));
    cr_expect_not(str_contains(STR("a"), STR("ab")));
}

Test(str, a_split_gives_every_part_in_order)
{
    static const struct {
        const char *text, *parts; /* joined by '|', with one behind each */
    } rows[] = {
        {"a,,b", "a||b|"}, {"", ""},   {"a", "a|"},  {"a,", "a|"},
        {",a", "|a|"},     {",", "|"}, {",,", "||"}, {"ab,cd", "ab|cd|"},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        char got[64];
        size_t len = 0;
        struct str rest = str_of(rows[i].text), part;
        while (str_split(&rest, ',', &part)) {
            memcpy(got + len, part.at, part.len);
            len += part.len;
            got[len++] = '|';
        }
        expect_str((struct str){got, len}, rows[i].parts, i);
    }
}

Test(str, only_whole_decimal_integers_in_range_are_numbers)
{
    static const struct {
        const char *text;
        bool is;
        int64_t n;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"007", true, 7},
        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x1", false, 0},
        {"1e3", false, 0},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        int64_t n = 4711;
        cr_expect_eq(str_to_i64(str_of(rows[i].text), &n), rows[i].is,
                     "row %zu", i);
        cr_expect_eq(n, rows[i].is ? rows[i].n : 4711, "row %zu", i);
    }
}

Test(str, a_glob_matches_the_whole_text)
{
    static const struct {
        const char *text, *pattern;
        bool is;
    } rows[] = {
        {"", "", true},
        {"", "*", true},
        {"", "?", false},
        {"a", "", false},
        {"abc", "abc", true},
        {"ABC", "abc", true},
        {"abc", "a*", true},
        {"abc", "*c", true},
        {"abc", "*b", false},
        {"abc", "a?c", true},
        {"abc", "a??c", false},
        {"abc", "*b*", true},
        {"abc", "**", true},
        {"abcabd", "*ab?", true},
        {"mississippi", "*iss*ip*", true},
        {"mississippi", "*iss*is", false},
        {"srv-01.tinh.vn", "srv-??.*.vn", true},
        {"a*c", "a*c", true},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        cr_expect_eq(
            str_matches_glob(str_of(rows[i].text), str_of(rows[i].pattern)),
            rows[i].is, "row %zu", i);
    }
}

Test(str, a_glob_of_many_stars_does_not_blow_up)
{
    static char text[8192];
    memset(text, 'a', sizeof text);
    cr_expect_not(str_matches_glob((struct str){text, sizeof text},
                                   STR("*a*a*a*a*a*a*a*a*a*a*a*a*b")));
}

Test(str, a_near_word_is_suggested_and_a_far_one_is_not)
{
    static const struct str names[] = {
        {"src_ip", 6}, {"dst_ip", 6}, {"host", 4}, {"rule_name", 9}, {"id", 2},
    };
    static const struct {
        const char *word, *want;
    } rows[] = {
        {"src_pi", "src_ip"}, {"srcip", "src_ip"}, {"dst_ipp", "dst_ip"},
        {"hots", "host"},     {"hostt", "host"},   {"rulename", "rule_name"},
        {"rule", ""},         {"completely", ""},  {"", ""},
        {"xy", ""},           {"i", "id"},         {"host", "host"},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        expect_str(str_nearest(str_of(rows[i].word), names, N_ROWS(names)),
                   rows[i].want, i);
    }
    static char longer[5000];
    memset(longer, 'x', sizeof longer);
    struct str word = {longer, sizeof longer};
    cr_expect_eq(str_nearest(word, &word, 1).len, 0);
}
