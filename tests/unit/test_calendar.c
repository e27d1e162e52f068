/* SPDX-License-Identifier: Apache-2.0
 *
 * Public holidays as data. */
#include "rules_text.h"

#include "base/times.h"
#include "correlate/calendar.h"

TestSuite(calendar, .init = setup, .fini = teardown);

static struct calendar calendar;

static bool
load(const char *text)
{
    char path[64];
    int file = memfd_create("calendar", MFD_CLOEXEC);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    complaints_free(&complaints);
    bool good = calendar_load(path, &arena, &calendar, &complaints);
    close(file);
    return good;
}

Test(calendar, days_are_sorted_and_stand_once)
{
    cr_assert(load("years:\n  - {year: 1970, source: s, days: [1970-01-03, "
                   "1970-01-02, 1970-01-03]}\n"));
    cr_assert_eq(calendar.n, 2);
    cr_expect_eq(calendar.day[0], 1);
    cr_expect_eq(calendar.day[1], 2);
}

static const struct {
    const char *text, *complaint;
} mistakes[] = {
    {"days: []\n", "1:1: unknown field 'days'"},
    {"years: 2024\n", "1:1: a calendar has years: (a list)"},
    {"years:\n  - {year: 2024, days: []}\n",
     "2:5: a year has year:, source: and days:"},
    {"years:\n  - {year: 2024, source: s, days: [2025-01-01]}\n",
     "2:36: not a day of 2024"},
    {"years:\n  - {year: 2024, source: s, days: [2024-02-30]}\n", "2:36: "},
    {"years:\n  - {year: x, source: s, days: []}\n", "2:12: "},
};

Test(calendar, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        cr_expect_not(load(mistakes[i].text), "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

static bool
is_holiday(const char *date)
{
    for (size_t i = 0; i < calendar.n; i++) {
        char text[32];
        struct civil civil =
            civil_from_ms((int64_t)calendar.day[i] * MS_PER_DAY, 0);
        snprintf(text, sizeof text, "%04d-%02d-%02d", (int)civil.year,
                 (int)civil.month, (int)civil.day);
        if (strcmp(text, date) == 0)
            return true;
    }
    return false;
}

Test(calendar, the_shipped_one_has_every_year_and_holiday)
{
    static const char *const days[] = {
        "2024-02-10", "2024-04-18", "2025-01-29", "2025-04-07",
        "2026-02-17", "2026-04-26", "2027-02-06", "2027-04-16",
    };
    cr_assert(
        calendar_load("deploy/calendar.yml", &arena, &calendar, &complaints),
        "%.*s", STR_ARG(buf_str(&complaints.text)));
    for (int year = 2024; year <= 2027; year++) {
        static const char *const fixed[] = {"01-01", "04-30", "05-01", "09-02"};
        for (size_t i = 0; i < 4; i++) {
            char date[32];
            snprintf(date, sizeof date, "%d-%s", year, fixed[i]);
            cr_expect(is_holiday(date), "%s", date);
        }
    }
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        cr_expect(is_holiday(days[i]), "%s", days[i]);
    cr_expect_not(is_holiday("2024-02-15"));
}

Test(calendar, correlations_with_hours_know_the_holidays)
{
    static const char text[] =
        "title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, condition: "
        "a}\nlevel: low\n---\n"
        "title: c\nid: c\ncorrelation: {type: event_count, rules: [r], "
        "timespan: 1h, condition: {gte: 2}}\nthapcanh: {hours: {from: "
        "'08:00'}}\n---\n"
        "title: d\nid: d\ncorrelation: {type: event_count, rules: [r], "
        "timespan: 1h, condition: {gte: 2}}\n---\n"
        "title: e\nid: e\nthapcanh: {correlation: {type: spike, rules: any, "
        "timespan: 28d, condition: {gte: 2}}}\n";
    char path[64];
    const char *paths[] = {path};
    cr_assert(load("years:\n  - {year: 1970, source: s, days: [1970-01-03, "
                   "1970-01-02]}\n"));
    int file = memfd_create("rules", MFD_CLOEXEC);
    cr_assert_eq(write(file, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const struct rules *rules =
        rules_load_dated(paths, 1, false, &calendar, &arena, &complaints);
    close(file);
    cr_assert_eq(rules_n_correlations(rules), 3, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(rules_correlation(rules, 0)->n_holidays, 2);
    cr_expect_eq(rules_correlation(rules, 0)->holiday[1], 2);
    cr_expect_eq(rules_correlation(rules, 1)->n_holidays, 0);
    cr_expect_eq(rules_correlation(rules, 2)->n_holidays, 2);
}
