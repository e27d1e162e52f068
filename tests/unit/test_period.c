/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods: their names, their neighbours, what is refused. */
#include "report/period.h"

#include "base/times.h"

#include <criterion/criterion.h>
#include <string.h>

static struct period
period_of(const char *text)
{
    struct period period;
    struct err why = {""};
    cr_assert(period_from(str_of(text), &period, &why), "%s: %s", text,
              why.text);
    return period;
}

/* "2024-01-01..2024-09-30" whatever the period's name. */
static const char *
dates(const struct period *period)
{
    static char text[32];
    struct buf buf = {0};
    buf_day(&buf, period->from);
    buf_add(&buf, STR(".."));
    buf_day(&buf, period->to);
    memcpy(text, buf.at, buf.len);
    text[buf.len] = '\0';
    buf_free(&buf);
    return text;
}

static const char *
name(const struct period *period)
{
    static char text[32];
    struct buf buf = {0};
    buf_period(&buf, period);
    memcpy(text, buf.at, buf.len);
    text[buf.len] = '\0';
    buf_free(&buf);
    return text;
}

Test(period, a_name_gives_two_dates_and_is_written_back)
{
    static const struct {
        const char *text, *dates, *name;
    } rows[] = {
        {"2024-09", "2024-09-01..2024-09-30", "2024-09"},
        {"2024-02", "2024-02-01..2024-02-29", "2024-02"},
        {"2023-02", "2023-02-01..2023-02-28", "2023-02"},
        {"2024-Q1", "2024-01-01..2024-03-31", "2024-Q1"},
        {"2024-q4", "2024-10-01..2024-12-31", "2024-Q4"},
        {"2024-6m", "2024-01-01..2024-06-30", "2024-6m"},
        {"2024-9m", "2024-01-01..2024-09-30", "2024-9m"},
        {"2024", "2024-01-01..2024-12-31", "2024"},
        {"2024-01..2024-09", "2024-01-01..2024-09-30", "2024-9m"},
        {"2024-07..2024-09-30", "2024-07-01..2024-09-30", "2024-Q3"},
        {"2023..2024", "2023-01-01..2024-12-31", "2023-01-01..2024-12-31"},
        {"2024-01-05..2024-02-10", "2024-01-05..2024-02-10",
         "2024-01-05..2024-02-10"},
        {"2024-05-05", "2024-05-05..2024-05-05", "2024-05-05..2024-05-05"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period = period_of(rows[i].text);
        cr_expect_str_eq(dates(&period), rows[i].dates, "row %zu", i);
        cr_expect_str_eq(name(&period), rows[i].name, "row %zu", i);
    }
}

Test(period, what_is_no_period_is_refused_with_what_to_write)
{
    static const char *const rows[] = {
        "",           "2024-13",    "2024-00",    "2024-Q5",
        "2024-Q0",    "2024-3m",    "24-09",      "2024-9",
        "2024-09-31", "2023-02-29", "2024-09-",   "2024-09..",
        "..2024",     "..",         "2024-9M",    "0000",
        "2024-09 ",   "+024",       "2024-99999", "99999",
        "1969",       "2024..2023", "2024-09x..", "2024-09-30..2024-09-29",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period;
        struct err why = {""};
        cr_expect(!period_from(str_of(rows[i]), &period, &why), "'%s'",
                  rows[i]);
        cr_expect_gt(strlen(why.text), 10, "'%s'", rows[i]);
    }
}

Test(period, the_period_before_is_as_long_and_adjoins)
{
    static const struct {
        const char *text, *before;
    } rows[] = {
        {"2024-09", "2024-08"},
        {"2024-01", "2023-12"},
        {"2024-03", "2024-02"},
        {"2024-Q1", "2023-Q4"},
        {"2024-6m", "2023-07-01..2023-12-31"},
        {"2024-9m", "2023-04-01..2023-12-31"},
        {"2024", "2023"},
        {"2023-12-15..2024-09-14", "2023-03-15..2023-12-14"},
        {"2024-01-05..2024-01-11", "2023-12-29..2024-01-04"},
        {"2024-03-31..2024-04-29", "2024-03-01..2024-03-30"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period = period_of(rows[i].text);
        struct period before = period_before(&period);
        cr_expect_str_eq(name(&before), rows[i].before, "row %zu", i);
        cr_expect_eq(before.to + 1, period.from, "row %zu", i);
    }
}

Test(period, the_year_before_keeps_whole_months_whole)
{
    static const struct {
        const char *text, *before;
    } rows[] = {
        {"2024-09", "2023-09"},
        {"2024-02", "2023-02"},
        {"2025-02", "2024-02"},
        {"2024-Q1", "2023-Q1"},
        {"2024-9m", "2023-9m"},
        {"2024", "2023"},
        {"2024-02-29..2024-03-05", "2023-02-28..2023-03-05"},
        {"2024-02-01..2024-02-28", "2023-02-01..2023-02-28"},
        {"2023-12-15..2024-09-14", "2022-12-15..2023-09-14"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period = period_of(rows[i].text);
        struct period before = period_year_before(&period);
        cr_expect_str_eq(name(&before), rows[i].before, "row %zu", i);
    }
}

Test(period, months_and_quarters_have_a_sum_from_january)
{
    static const struct {
        const char *text, *sum;
    } rows[] = {
        {"2024-09", "2024-9m"},
        {"2024-Q2", "2024-6m"},
        {"2024-05", "2024-01-01..2024-05-31"},
        {"2024-Q4", "2024"},
        {"2024-01", NULL},
        {"2024-Q1", NULL},
        {"2024-9m", NULL},
        {"2024", NULL},
        {"2024-02-02..2024-02-03", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct period period = period_of(rows[i].text), sum;
        bool has = period_cumulative(&period, &sum);
        cr_expect_eq(has, rows[i].sum != NULL, "row %zu", i);
        if (has)
            cr_expect_str_eq(name(&sum), rows[i].sum, "row %zu", i);
    }
}

Test(period, other_dates_under_a_name_keep_the_name)
{
    struct period period = period_of("2024-9m");
    struct err why = {""};
    cr_assert(period_is_plain(&period));
    cr_assert(
        period_override(&period, STR("2023-12-15"), STR("2024-09-14"), &why));
    cr_expect_eq(period.kind, PERIOD_MONTHS);
    cr_expect(!period_is_plain(&period));
    cr_expect_str_eq(name(&period), "2023-12-15..2024-09-14");
    cr_expect(!period_override(&period, STR("2025-01-01"), NO_STR, &why));
    cr_expect(!period_override(&period, STR("yesterday"), NO_STR, &why));
    cr_expect_str_eq(name(&period), "2023-12-15..2024-09-14");
}
