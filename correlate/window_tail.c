/* SPDX-License-Identifier: Apache-2.0
 *
 * What the newest entries amount to, kept so that an event in order needs no
 * look back; made anew from the entries when it is not valid.
 *
 * value_count: the values seen last (window_values.c). value_sum: where a(c)
 * stands and what is summed from there on; it only moves forward, so an event
 * costs O(1) in the mean. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

/* --- values */

/* From the entries, as far back as values are needed. */
static void
begin_values(struct turn *turn)
{
    struct window *window = turn->window;
    uint32_t from = window->n, n = 0;
    finder_clear(turn->finder);
    while (from > 0 && n < window->rule->threshold)
        n += finder_slot(turn->finder, window->entries[--from].value)->n++ == 0;
    values_begin(window);
    for (; from < window->n; from++)
        values_see(turn->pool, window, window->entries[from].value,
                   window->entries[from].event_ms);
}

struct span
tail_values(struct turn *turn)
{
    struct window *window = turn->window;
    struct span span = {0};
    const struct entry *newest = &window->entries[window->n - 1];
    if (window->tail_valid && window->tail_n + 1 == window->n)
        values_see(turn->pool, window, newest->value, newest->event_ms);
    else
        begin_values(turn);
    window->tail_valid = true;
    window->tail_n = window->n;
    int64_t a_ms = values_oldest(window);
    if (a_ms != NO_TIME)
        span_note(&span, window, a_ms, newest->event_ms);
    return span;
}

/* --- sums that are never negative */

bool
sum_reaches(const struct correlation *rule, amount sum)
{
    return rule->bound[0].op == BOUND_GT ? sum > rule->bound[0].limit
                                         : sum >= rule->bound[0].limit;
}

struct span
tail_sum(struct turn *turn)
{
    struct window *window = turn->window;
    const struct entry *entries = window->entries;
    struct span span = {0};
    if (!window->tail_valid || window->tail_n + 1 != window->n) {
        window->tail_from = window->tail_n = 0;
        window->tail_sum = 0;
    }
    for (; window->tail_n < window->n; window->tail_n++)
        window->tail_sum += entries[window->tail_n].number;
    window->tail_valid = true;
    while (window->tail_from + 1 < window->n &&
           sum_reaches(window->rule,
                       window->tail_sum - entries[window->tail_from].number))
        window->tail_sum -= entries[window->tail_from++].number;
    if (sum_reaches(window->rule, window->tail_sum))
        span_note(&span, window, entries[window->tail_from].event_ms,
                  entries[window->n - 1].event_ms);
    return span;
}

/* --- late events */

static void
late_number(struct window *window, uint32_t p)
{
    const struct entry *entries = window->entries;
    if (window->tail_from > 0 && p <= window->tail_from) {
        window->tail_from++;
        return;
    }
    window->tail_sum += entries[p].number;
    while (window->tail_from + 1 < window->n &&
           sum_reaches(window->rule,
                       window->tail_sum - entries[window->tail_from].number))
        window->tail_sum -= entries[window->tail_from++].number;
}

void
tail_late(struct turn *turn, uint32_t p)
{
    struct window *window = turn->window;
    enum correlation_type type = window->rule->type;
    if (type == TEMPORAL || type == TEMPORAL_ORDERED) {
        window->tail_valid = steps_late(window, p);
        return;
    }
    if (!window->tail_valid || window->tail_n + 1 != window->n) {
        window->tail_valid = false;
        return;
    }
    if (type == VALUE_COUNT)
        values_see(turn->pool, window, window->entries[p].value,
                   window->entries[p].event_ms);
    else
        late_number(window, p);
    window->tail_n = window->n;
}
