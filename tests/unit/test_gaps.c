/* SPDX-License-Identifier: Apache-2.0
 *
 * Gaps in collection: what is longer than a source's habit, and what is not. */
#include "report/gaps_priv.h"

#include "base/times.h"

#include <criterion/criterion.h>
#include <inttypes.h>

enum { MAX_DAYS = 400 };

static struct arena arena;
static char *arena_start;
static struct hours hours[2 * MAX_DAYS];
static struct counts counts;
static struct period september;

static void
setup(void)
{
    arena = arena_reserve((size_t)64 << 20);
    arena_start = arena.at;
    counts = (struct counts){.hours = hours};
    cr_assert(period_from(STR("2024-09"), &september, NULL));
}

static void
teardown(void)
{
    arena_release(arena_start, arena);
}

TestSuite(gaps, .init = setup, .fini = teardown);

static int64_t
hour_of(int year, int month, int day, int hour)
{
    return (int64_t)day_from_civil(year, month, day) * 24 + hour;
}

/* An alert every hour of [from, to). */
static void
fill(struct str source, int64_t from, int64_t to)
{
    for (int64_t hour = from; hour < to; hour++) {
        int32_t day = (int32_t)(hour / 24);
        size_t i = 0;
        while (i < counts.n_hours &&
               (hours[i].day != day || !str_equal(hours[i].source, source)))
            i++;
        if (i == counts.n_hours) {
            cr_assert_lt(i, sizeof hours / sizeof hours[0]);
            hours[counts.n_hours++] =
                (struct hours){.day = day, .source = source};
        }
        hours[i].n[hour % 24] = 1;
    }
}

static void
clear(struct str source, int64_t from, int64_t to)
{
    for (size_t i = 0; i < counts.n_hours; i++)
        for (int h = 0; h < 24; h++) {
            int64_t hour = (int64_t)hours[i].day * 24 + h;
            if (hour >= from && hour < to && str_equal(hours[i].source, source))
                hours[i].n[h] = 0;
        }
}

static struct gaps
found(void)
{
    struct gaps gaps;
    cr_assert(gaps_find(&counts, &september, &arena, &gaps));
    return gaps;
}

static void
a_steady_source(void)
{
    fill(STR("a"), hour_of(2024, 7, 1, 0), hour_of(2024, 10, 20, 0));
}

Test(gaps, a_steady_source_has_none)
{
    a_steady_source();
    cr_expect_eq(found().n, 0);
}

Test(gaps, three_quiet_hours_are_none_and_four_are_one)
{
    a_steady_source();
    clear(STR("a"), hour_of(2024, 9, 5, 1), hour_of(2024, 9, 5, 4));
    cr_expect_eq(found().n, 0);
    clear(STR("a"), hour_of(2024, 9, 5, 1), hour_of(2024, 9, 5, 5));
    struct gaps gaps = found();
    cr_assert_eq(gaps.n, 1);
    cr_expect_eq(gaps.at[0].from, hour_of(2024, 9, 5, 1));
    cr_expect_eq(gaps.at[0].to, hour_of(2024, 9, 5, 5));
    cr_expect_eq(gaps.at[0].habit, 3);
    cr_expect(!gaps.at[0].open);
}

Test(gaps, a_habit_is_twice_the_longest_quiet_run_of_28_days)
{
    static const struct {
        int quiet, month, day; /* hours of an earlier run, and when */
        int length;            /* of the run on 20 September */
        size_t n;
    } rows[] = {
        {3, 9, 10, 6, 0}, /* habit 6: six hours are not longer */
        {3, 9, 10, 7, 1}, {2, 9, 10, 5, 1},
        {2, 9, 10, 4, 0}, {3, 8, 24, 6, 0}, /* 27 days before */
        {3, 8, 20, 6, 1},                   /* 31 days before: forgotten */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        counts.n_hours = 0;
        a_steady_source();
        int64_t at = hour_of(2024, rows[i].month, rows[i].day, 2);
        clear(STR("a"), at, at + rows[i].quiet);
        at = hour_of(2024, 9, 20, 2);
        clear(STR("a"), at, at + rows[i].length);
        cr_expect_eq(found().n, rows[i].n, "row %zu: %zu", i, found().n);
    }
}

Test(gaps, a_gap_does_not_become_a_habit)
{
    a_steady_source();
    clear(STR("a"), hour_of(2024, 9, 3, 0), hour_of(2024, 9, 5, 0));
    clear(STR("a"), hour_of(2024, 9, 20, 0), hour_of(2024, 9, 20, 5));
    struct gaps gaps = found();
    cr_assert_eq(gaps.n, 2);
    cr_expect_eq(gaps.at[1].habit, 3);
}

Test(gaps, a_source_that_works_by_day_may_sleep_at_night_and_on_sundays)
{
    for (int32_t day = day_from_civil(2024, 7, 1);
         day < day_from_civil(2024, 10, 20); day++)
        if ((day + 3) % 7 != 6)
            fill(STR("a"), (int64_t)day * 24 + 8, (int64_t)day * 24 + 18);
    cr_expect_eq(found().n, 0);
    /* A week of silence is longer than twice a Sunday. */
    clear(STR("a"), hour_of(2024, 9, 9, 0), hour_of(2024, 9, 15, 0));
    struct gaps gaps = found();
    cr_assert_eq(gaps.n, 1);
    cr_expect_eq(gaps.at[0].from, hour_of(2024, 9, 7, 18));
    cr_expect_eq(gaps.at[0].to, hour_of(2024, 9, 16, 8));
    cr_expect_eq(gaps.at[0].habit, 76);
}

Test(gaps, a_source_is_not_judged_in_its_first_week)
{
    fill(STR("a"), hour_of(2024, 9, 1, 0), hour_of(2024, 10, 20, 0));
    clear(STR("a"), hour_of(2024, 9, 5, 0), hour_of(2024, 9, 6, 0));
    cr_expect_eq(found().n, 0);
    counts.n_hours = 0;
    fill(STR("a"), hour_of(2024, 8, 29, 0), hour_of(2024, 10, 20, 0));
    clear(STR("a"), hour_of(2024, 9, 5, 0), hour_of(2024, 9, 6, 0));
    cr_expect_eq(found().n, 1);
}

Test(gaps, what_lies_outside_the_period_is_cut_off)
{
    a_steady_source();
    clear(STR("a"), hour_of(2024, 8, 31, 12), hour_of(2024, 9, 1, 12));
    clear(STR("a"), hour_of(2024, 9, 30, 20), hour_of(2024, 10, 2, 0));
    clear(STR("a"), hour_of(2024, 8, 10, 0), hour_of(2024, 8, 11, 0));
    struct gaps gaps = found();
    cr_assert_eq(gaps.n, 2);
    cr_expect_eq(gaps.at[0].from, hour_of(2024, 9, 1, 0));
    cr_expect_eq(gaps.at[1].to, hour_of(2024, 10, 1, 0));
    int32_t first = september.from, last = september.to;
    cr_expect_eq(gaps_hours(&gaps, STR("a"), first, last), 12 + 4);
    cr_expect_eq(gaps_hours(&gaps, STR("a"), first, first), 12);
    cr_expect_eq(gaps_hours(&gaps, STR("a"), first + 1, last - 1), 0);
    cr_expect_eq(gaps_hours(&gaps, STR("b"), first, last), 0);
}

Test(gaps, what_has_not_been_yet_is_no_gap)
{
    fill(STR("a"), hour_of(2024, 7, 1, 0), hour_of(2024, 9, 12, 0));
    cr_expect_eq(found().n, 0);
    /* Another source goes on: then this one is silent. */
    fill(STR("b"), hour_of(2024, 7, 1, 0), hour_of(2024, 9, 14, 0));
    struct gaps gaps = found();
    cr_assert_eq(gaps.n, 1);
    cr_expect(gaps.at[0].open);
    cr_expect_eq(gaps.at[0].to, hour_of(2024, 9, 14, 0));
}

Test(gaps, rows_of_one_day_from_several_partitions_are_one_day)
{
    a_steady_source();
    clear(STR("a"), hour_of(2024, 9, 5, 0), hour_of(2024, 9, 5, 12));
    hours[counts.n_hours] =
        (struct hours){.day = day_from_civil(2024, 9, 5), .source = STR("a")};
    for (int h = 0; h < 12; h++)
        hours[counts.n_hours].n[h] = 2;
    counts.n_hours++;
    cr_expect_eq(found().n, 0);
}

Test(gaps, without_hours_there_is_nothing_to_judge)
{
    cr_expect_eq(found().n, 0);
    hours[0] = (struct hours){.day = september.from, .source = STR("a")};
    counts.n_hours = 1;
    cr_expect_eq(found().n, 0);
}
