/* SPDX-License-Identifier: Apache-2.0
 *
 * What the newest entries amount to, kept so that an event in order needs no
 * look back; made anew from the entries when it is not valid.
 *
 * value_count: the values seen last, the latest first, no more than are needed:
 * the last of them tells a(c). value_sum: where a(c) stands and what is summed
 * from there on; it only moves forward, so an event costs O(1) in the mean. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

/* --- values */

/* The value goes to the front; what falls off the end is not needed. */
static void
see_value(struct pool *pool, struct window *window, uint64_t value, int64_t ms)
{
    uint32_t i = 0, most = window->rule->threshold;
    while (i < window->n_recent && window->recent[i].value != value)
        i++;
    if (i == window->n_recent && i < most) {
        size_t room = window->recent_room;
        window->recent = array_room(pool, window->recent, window->n_recent,
                                    &room, sizeof *window->recent);
        window->recent_room = (uint32_t)room;
        window->n_recent++;
    }
    if (i == most)
        i--;
    memmove(&window->recent[1], &window->recent[0], i * sizeof *window->recent);
    window->recent[0] = (struct recent){value, ms};
}

/* From the entries, as far back as values are needed. */
static void
begin_values(struct turn *turn)
{
    struct window *window = turn->window;
    uint32_t from = window->n, n = 0;
    finder_clear(turn->finder);
    while (from > 0 && n < window->rule->threshold)
        n += finder_slot(turn->finder, window->entries[--from].value)->n++ == 0;
    window->n_recent = 0;
    for (; from < window->n; from++)
        see_value(turn->pool, window, window->entries[from].value,
                  window->entries[from].event_ms);
}

struct span
tail_values(struct turn *turn)
{
    struct window *window = turn->window;
    struct span span = {0};
    const struct entry *newest = &window->entries[window->n - 1];
    if (window->tail_valid && window->tail_n + 1 == window->n)
        see_value(turn->pool, window, newest->value, newest->event_ms);
    else
        begin_values(turn);
    window->tail_valid = true;
    window->tail_n = window->n;
    if (window->n_recent == window->rule->threshold)
        span_note(&span, window, window->recent[window->n_recent - 1].event_ms,
                  newest->event_ms);
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
late_value(struct turn *turn, const struct entry *entry)
{
    struct window *window = turn->window;
    uint32_t i = 0, to = 0, n = window->n_recent;
    while (i < n && window->recent[i].value != entry->value)
        i++;
    while (to < n && window->recent[to].event_ms >= entry->event_ms)
        to++;
    if (to >= window->rule->threshold || (i < n && i < to))
        return; /* older than all that are needed, or than its own last */
    if (i == n) {
        /* in the place of the last; now to its own */
        see_value(turn->pool, window, entry->value, entry->event_ms);
        memmove(&window->recent[0], &window->recent[1],
                to * sizeof *window->recent);
    } else {
        memmove(&window->recent[to + 1], &window->recent[to],
                (i - to) * sizeof *window->recent);
    }
    window->recent[to] = (struct recent){entry->value, entry->event_ms};
}

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
        late_value(turn, &window->entries[p]);
    else
        late_number(window, p);
    window->tail_n = window->n;
}
