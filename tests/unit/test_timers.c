/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers and the table of windows against obvious ones, at random. */
#include <criterion/criterion.h>

#include "correlate/timers.h"
#include "correlate/window_table.h"

#include <stdlib.h>
#include <string.h>

enum { N_TIMERS = 300 };

static uint64_t dice = 88172645463325252u;

static uint64_t
roll(uint64_t below)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return dice % below;
}

static bool
is_before(const struct timer *a, const struct timer *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    for (int d = 0; d < 2; d++)
        for (int h = 0; h < 2; h++)
            if (a->id[d].half[h] != b->id[d].half[h])
                return a->id[d].half[h] < b->id[d].half[h];
    return false;
}

Test(timers, they_fall_due_in_order_of_time_rule_and_key)
{
    static struct timer timer[N_TIMERS];
    static struct digest id[N_TIMERS][2];
    struct timers timers = {0};
    for (size_t i = 0; i < N_TIMERS; i++) {
        id[i][0].half[0] = roll(3);
        id[i][1].half[1] = i;
        timer[i].id = id[i];
    }
    for (int round = 0; round < 20000; round++) {
        struct timer *any = &timer[roll(N_TIMERS)];
        if (roll(3) == 0)
            timers_unset(&timers, any);
        else
            cr_assert(timers_set(&timers, any, (int64_t)roll(50)));
        int64_t now_ms = (int64_t)roll(60);
        struct timer *first = NULL;
        for (size_t i = 0; i < N_TIMERS; i++)
            if (timer[i].place > 0 && timer[i].due_ms < now_ms &&
                (!first || is_before(&timer[i], first)))
                first = &timer[i];
        cr_assert_eq(timers_due(&timers, now_ms), first, "round %d", round);
    }
    cr_expect_null(timers_due(&timers, 0), "due at 0 is not before 0");
    timers_free(&timers);
}

Test(window_table, it_finds_what_is_there_and_nothing_else)
{
    enum { N = 3000 };
    static struct window window[N];
    static bool there[N];
    struct window_table table;
    uint32_t n = 0;
    cr_assert(window_table_begin(&table, 99));
    for (size_t i = 0; i < N; i++) {
        window[i].id[0].half[0] = roll(4);
        window[i].id[1].half[0] = i;
    }
    for (int round = 0; round < 60000; round++) {
        size_t i = roll(N);
        struct window *found =
            window_table_find(&table, window[i].id[0], window[i].id[1]);
        cr_assert_eq(found, there[i] ? &window[i] : NULL, "round %d", round);
        if (there[i])
            window_table_remove(&table, &window[i]);
        else
            cr_assert(window_table_add(&table, &window[i]));
        there[i] = !there[i];
        n += there[i] ? 1u : UINT32_MAX;
        cr_assert_eq(table.n, n);
    }
    window_table_end(&table);
}
