/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers by their digits. */
#include "correlate/decimal.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static int
compare(const char *a, const char *b)
{
    struct decimal x, y;
    cr_assert(decimal_from(str_of(a), &x), "%s", a);
    cr_assert(decimal_from(str_of(b), &y), "%s", b);
    int order = decimal_compare(&x, &y);
    return (order > 0) - (order < 0);
}

Test(decimal, numbers_compare_by_value_whatever_their_spelling)
{
    static const char *const rising[] = {"-1e3",
                                         "-999.5",
                                         "-1",
                                         "-0.5",
                                         "-0.0001",
                                         "0",
                                         "0.001",
                                         "1e-2",
                                         ".5",
                                         "0.51",
                                         "1",
                                         "1.5",
                                         "9",
                                         "9.999999",
                                         "10",
                                         "99",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "1e16",
                                         "1e400",
                                         "1e401"};
    size_t n = sizeof rising / sizeof *rising;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            cr_expect_eq(compare(rising[i], rising[j]), (i > j) - (i < j),
                         "%s %s", rising[i], rising[j]);
    cr_expect_eq(compare("-0", "0.000"), 0);
    cr_expect_eq(compare("1e3", "1000.0"), 0);
    cr_expect_eq(compare("+5", "05.00"), 0);
    cr_expect_eq(compare("12.5e-1", "1.25"), 0);
    cr_expect_eq(compare("0e999", "0"), 0);
}

Test(decimal, small_numbers_compare_as_doubles_do)
{
    unsigned seed = 99;
    printf("seed %u\n", seed);
    for (int i = 0; i < 100000; i++) {
        char a[32], b[32];
        double x = (rand_r(&seed) % 2000 - 1000) / 8.0;
        double y = (rand_r(&seed) % 2000 - 1000) / 8.0;
        snprintf(a, sizeof a, i % 3 ? "%.3f" : "%.6e", x);
        snprintf(b, sizeof b, "%.3f", y);
        cr_assert_eq(compare(a, b), (x > y) - (x < y), "%s %s", a, b);
    }
}

Test(decimal, what_is_no_decimal_number_is_refused)
{
    static const char *const texts[] = {
        "",   " 1", "1 ",    "0x10",      "inf",   "nan",
        "1e", "e5", "1e+",   "--1",       "1.2.3", "1_0",
        ".",  "-",  "1e1.5", "1e9999999", "1e+-5", "١"};
    struct decimal decimal;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_not(decimal_from(str_of(texts[i]), &decimal), "%s", texts[i]);
}

Test(decimal, the_plain_form_has_no_exponent_and_no_idle_zeros)
{
    static const struct {
        const char *text, *plain;
    } rows[] = {
        {"5", "5"},
        {"5.0", "5"},
        {"5.50", "5.5"},
        {"1e3", "1000"},
        {"1.5e1", "15"},
        {"15e-1", "1.5"},
        {"1e-3", "0.001"},
        {"-0", "0"},
        {"-2.50e2", "-250"},
        {"0.0", "0"},
        {"12e2", "1200"},
        {"0.10", "0.1"},
        {"123.456e1", "1234.56"},
        {"-1e-1", "-0.1"},
        {"9007199254740993", "9007199254740993"},
        {"1e9999", "1e9999"},
    };
    struct arena arena = arena_reserve(1 << 20), rest;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rest = arena;
        struct str got = decimal_plain(str_of(rows[i].text), &rest);
        cr_expect(str_equal(got, str_of(rows[i].plain)), "%s gave %.*s",
                  rows[i].text, STR_ARG(got));
    }
    arena_release(arena.at, arena);
    cr_expect(decimal_is_plain(STR("-0.5")));
    cr_expect_not(decimal_is_plain(STR("010")));
    cr_expect_not(decimal_is_plain(STR("1.")));
    cr_expect_not(decimal_is_plain(STR("+1")));
    cr_expect_not(decimal_is_plain(STR("1e3")));
}
