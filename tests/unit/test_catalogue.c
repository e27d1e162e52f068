/* SPDX-License-Identifier: Apache-2.0
 *
 * Words, numbers and dates in both languages. */
#include "model/catalogue.h"

#include "base/times.h"
#include "report/period_words.h"

#include <criterion/criterion.h>
#include <inttypes.h>

static struct buf buf;

static void
setup(void)
{
    buf = (struct buf){0};
}

static void
teardown(void)
{
    buf_free(&buf);
}

TestSuite(catalogue, .init = setup, .fini = teardown);

#define EXPECT(text, row)                                                      \
    do {                                                                       \
        cr_expect(str_equal(buf_str(&buf), str_of(text)),                      \
                  "row %zu: %.*s, not %s", (size_t)(row),                      \
                  STR_ARG(buf_str(&buf)), text);                               \
        buf_clear(&buf);                                                       \
    } while (0)

Test(catalogue, numbers_are_grouped_as_the_language_does)
{
    static const struct {
        uint64_t n;
        const char *vietnamese, *english;
    } rows[] = {
        {0, "0", "0"},
        {999, "999", "999"},
        {1000, "1.000", "1,000"},
        {15035, "15.035", "15,035"},
        {588271, "588.271", "588,271"},
        {1000000, "1.000.000", "1,000,000"},
        {UINT64_MAX, "18.446.744.073.709.551.615",
         "18,446,744,073,709,551,615"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_number(&buf, VIETNAMESE, rows[i].n);
        EXPECT(rows[i].vietnamese, i);
        buf_number(&buf, ENGLISH, rows[i].n);
        EXPECT(rows[i].english, i);
    }
}

Test(catalogue, changes_show_their_sign)
{
    static const struct {
        int64_t n;
        const char *text;
    } rows[] = {{0, "0"},
                {1234, "+1.234"},
                {-56, "−56"},
                {INT64_MIN, "−9.223.372.036.854.775.808"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        buf_change(&buf, VIETNAMESE, rows[i].n);
        EXPECT(rows[i].text, i);
    }
}

Test(catalogue, shares_are_rounded_half_away_from_zero)
{
    static const struct {
        uint64_t part, whole;
        int64_t permille;
    } rows[] = {
        {0, 1, 0},
        {1, 1, 1000},
        {118, 1000, 118},
        {1, 3, 333},
        {2, 3, 667},
        {1, 2000, 1},
        {1, 2001, 0},
        {5, 10000, 1},
        {4, 10000, 0},
        {151955, 588271, 258},
        {UINT64_MAX, UINT64_MAX, 1000},
        {UINT64_MAX / 2, UINT64_MAX, 500},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(share_of(rows[i].part, rows[i].whole), rows[i].permille,
                     "row %zu: %" PRId64, i,
                     share_of(rows[i].part, rows[i].whole));
    cr_expect_eq(share_of_change(50, 100), -500);
    cr_expect_eq(share_of_change(1118, 1000), 118);
    buf_share(&buf, VIETNAMESE, 118, false);
    EXPECT("11,8%", 0);
    buf_share(&buf, ENGLISH, 118, true);
    EXPECT("+11.8%", 1);
    buf_share(&buf, VIETNAMESE, -5, true);
    EXPECT("−0,5%", 2);
    buf_share(&buf, VIETNAMESE, 0, true);
    EXPECT("0,0%", 3);
    buf_share(&buf, VIETNAMESE, 12345678, false);
    EXPECT("1.234.567,8%", 4);
}

Test(catalogue, dates_and_periods_read_as_people_write_them)
{
    buf_date(&buf, day_from_civil(2024, 9, 30));
    EXPECT("30/9/2024", 0);
    struct period period;
    cr_assert(period_from(STR("2024-09"), &period, NULL));
    buf_period_title(&buf, VIETNAMESE, &period);
    EXPECT("tháng 9/2024", 1);
    buf_period_title(&buf, ENGLISH, &period);
    EXPECT("September 2024", 2);
    cr_assert(period_from(STR("2024-Q3"), &period, NULL));
    buf_period_title(&buf, VIETNAMESE, &period);
    EXPECT("quý III năm 2024", 3);
    buf_period_short(&buf, VIETNAMESE, &period);
    EXPECT("Quý III/2024", 4);
}

Test(catalogue, arguments_take_their_places_and_braces_in_them_stay)
{
    struct str args[] = {STR("{2}"), STR("b")};
    buf_phrase(&buf, VIETNAMESE, P_TABLE_N, args, 2);
    EXPECT("Bảng {2}. b", 0);
    buf_phrase(&buf, VIETNAMESE, P_TABLE_N, args, 1);
    EXPECT("Bảng {2}. {2}", 1);
}

Test(catalogue, both_languages_use_the_same_places)
{
    for (int name = 0; name < N_PHRASES; name++)
        for (char place = '1'; place <= '9'; place++) {
            char mark[] = {'{', place, '}', '\0'};
            cr_expect_eq(
                str_contains(phrase((enum phrase)name, VIETNAMESE),
                             str_of(mark)),
                str_contains(phrase((enum phrase)name, ENGLISH), str_of(mark)),
                "phrase %d, %s", name, mark);
        }
}

Test(catalogue, every_phrase_has_words)
{
    for (int name = 0; name < N_PHRASES; name++)
        for (int language = 0; language < 2; language++)
            cr_expect_gt(phrase((enum phrase)name, (enum language)language).len,
                         0, "phrase %d", name);
}

Test(catalogue, a_level_is_read_as_people_write_it)
{
    static const struct {
        const char *word;
        bool fine;
        enum severity severity;
    } rows[] = {
        {"high", true, SEVERITY_HIGH},
        {"HIGH", true, SEVERITY_HIGH},
        {"cao", true, SEVERITY_HIGH},
        {"Cao", true, SEVERITY_HIGH},
        {"Trung bình", true, SEVERITY_MEDIUM},
        {"Nghiêm trọng", true, SEVERITY_CRITICAL},
        {"thấp", true, SEVERITY_LOW},
        {"", false, SEVERITY_UNKNOWN},
        {"higher", false, SEVERITY_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum severity severity = SEVERITY_UNKNOWN;
        cr_expect_eq(severity_from_word(str_of(rows[i].word), &severity),
                     rows[i].fine, "row %zu", i);
        cr_expect_eq(severity, rows[i].severity, "row %zu", i);
    }
}

Test(catalogue, a_language_is_vi_or_en)
{
    enum language language = VIETNAMESE;
    cr_expect(language_from(STR("en"), &language));
    cr_expect_eq(language, ENGLISH);
    cr_expect(language_from(STR("vi"), &language));
    cr_expect_eq(language, VIETNAMESE);
    cr_expect(!language_from(STR("EN"), &language));
    cr_expect(!language_from(NO_STR, &language));
}
