/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that rules add up: read and written exactly. */
#include <criterion/criterion.h>

#include "model/amount.h"

static struct str
written(amount value)
{
    static char at[64];
    struct buf buf = {at, 0, sizeof at, sizeof at, false};
    amount_write(&buf, value);
    return buf_str(&buf);
}

static void
expect(const char *text, const char *wanted)
{
    amount value;
    cr_assert(amount_from(str_of(text), &value), "%s", text);
    struct str got = written(value);
    cr_expect(str_equal(got, str_of(wanted)), "%s: %.*s, not %s", text,
              STR_ARG(got), wanted);
}

Test(amount, is_read_and_written_as_plain_decimals)
{
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"12", "12"},
        {"-1.50", "-1.5"},
        {".5", "0.5"},
        {"5.", "5"},
        {"+7", "7"},
        {"1e3", "1000"},
        {"25e-1", "2.5"},
        {"1E+2", "100"},
        {"0.000001", "0.000001"},
        {"007", "7"},
        {"0.0000005", "0.000001"},
        {"-0.0000005", "-0.000001"},
        {"0.0000004999", "0"},
        {"1e18", "1000000000000000000"},
        {"0e999", "0"},
        {"9007199254740993", "9007199254740993"},
        {"0.1234565", "0.123457"},
        {"1e-30", "0"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect(pairs[i][0], pairs[i][1]);
}

Test(amount, is_refused_when_it_is_no_decimal_number_or_too_large)
{
    static const char *const texts[] = {
        "",
        "-",
        ".",
        "e5",
        "1e",
        "1x",
        " 1",
        "0x10",
        "inf",
        "nan",
        "1,5",
        "1.2.3",
        "--1",
        "1e19",
        "1e99",
        "-1e19",
        "1000000000000000000.000001",
        "1e1e1",
        "1e5000",
    };
    amount value;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_not(amount_from(str_of(texts[i]), &value), "%s", texts[i]);
}

Test(amount, digits_that_are_many_are_still_one_number)
{
    expect("0.10000000000000000000000000000000000000000", "0.1");
    expect("00000000000000000000000000000000000000000001", "1");
    amount value;
    cr_expect_not(amount_from(
        STR("123456789012345678901234567890123456789012345678"), &value));
}

Test(amount, a_tenth_and_two_tenths_are_three_tenths)
{
    amount a, b, c;
    cr_assert(amount_from(STR("0.1"), &a) && amount_from(STR("0.2"), &b) &&
              amount_from(STR("0.3"), &c));
    cr_expect(a + b == c);
}
