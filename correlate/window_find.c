/* SPDX-License-Identifier: Apache-2.0
 *
 * Which windows a new event satisfies. A window is any span of at most the
 * timespan, ends included. For each event c at or after the new one, t, let
 * a(c) be the latest start such that the condition holds on [a(c), c]; with
 * a' = min(a(c), t) and c − a' <= timespan, every window that contains [a', c]
 * is satisfied, and they cover [c − timespan, a' + timespan]. All of them
 * contain t, so together they cover one stretch: from the first such c, to the
 * last such a'.
 *
 * How a(c) is found: event_count by distance in the array (what window_fold
 * leaves out is never missed: see there); value_count by counting values
 * backwards; sums by adding (those that may fall: window_sum.c); temporal
 * types: window_steps.c. For an event that comes in order the first look is
 * kept (window_tail.c). */
#include "window_priv.h"

#include <stdlib.h>
#include <string.h>

enum { FINDER_SLOTS = 1 << 14 }; /* for at most MAX_WINDOW_ENTRIES keys */

struct finder {
    uint64_t secret;
    uint32_t stamp;
    struct slot slots[FINDER_SLOTS];
    bool flags[MAX_WINDOW_ENTRIES];
    int64_t rows[MAX_CONJUNCTS * MAX_STEP_COUNTS];
    uint32_t links[3 * MAX_WINDOW_ENTRIES];
};

struct finder *
finder_new(uint64_t secret)
{
    struct finder *finder = calloc(1, sizeof *finder);
    if (finder) {
        finder->secret = secret;
        finder->stamp = 1;
    }
    return finder;
}

void
finder_free(struct finder *finder)
{
    free(finder);
}

void
finder_clear(struct finder *finder)
{
    if (++finder->stamp != 0)
        return;
    memset(finder->slots, 0, sizeof finder->slots);
    finder->stamp = 1;
}

struct slot *
finder_slot(struct finder *finder, uint64_t key)
{
    uint64_t mixed = (key ^ finder->secret) * UINT64_C(0x9e3779b97f4a7c15);
    mixed ^= mixed >> 32;
    for (uint32_t i = (uint32_t)mixed;; i++) {
        struct slot *slot = &finder->slots[i % FINDER_SLOTS];
        if (slot->stamp != finder->stamp) {
            *slot = (struct slot){.key = key, .stamp = finder->stamp};
            return slot;
        }
        if (slot->key == key)
            return slot;
    }
}

bool *
finder_flags(struct finder *finder)
{
    return finder->flags;
}

uint32_t *
finder_links(struct finder *finder)
{
    return finder->links;
}

int64_t *
finder_rows(struct finder *finder)
{
    return finder->rows;
}

void
span_note(struct span *span, const struct window *window, int64_t a_ms,
          int64_t c_ms)
{
    int64_t timespan_ms = window->rule->timespan_ms;
    if (c_ms - a_ms > timespan_ms)
        return;
    if (!span->found) {
        span->found = true;
        span->from_ms = c_ms - timespan_ms;
        span->completed_ms = c_ms;
    }
    span->to_ms = a_ms + timespan_ms;
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- event_count */

static struct span
find_count(const struct window *window, uint32_t p)
{
    struct span span = {0};
    const struct entry *entries = window->entries;
    uint32_t n = window->rule->threshold;
    int64_t t = entries[p].event_ms;
    for (uint32_t c = p > n - 1 ? p : n - 1; c < window->n; c++) {
        uint32_t a = c + 1 - n;
        if (entries[c].event_ms - t > window->rule->timespan_ms)
            break;
        span_note(&span, window, least(entries[a].event_ms, t),
                  entries[c].event_ms);
        if (a >= p)
            break; /* further ones reach no further than t + timespan */
    }
    return span;
}

/* --- value_count */

/* Distinct values of the entries [from, to). */
struct values {
    struct finder *finder;
    const struct entry *entries;
    uint32_t from, to, n;
};

static void
values_take(struct values *values, uint32_t i)
{
    if (finder_slot(values->finder, values->entries[i].value)->n++ == 0)
        values->n++;
}

/* Leaves the first out if at least `n` values stay. */
static bool
values_drop(struct values *values, uint32_t n)
{
    struct slot *slot =
        finder_slot(values->finder, values->entries[values->from].value);
    if (values->n - (slot->n == 1) < n)
        return false;
    values->n -= --slot->n == 0;
    values->from++;
    return true;
}

static struct span
find_values(const struct window *window, uint32_t p, struct finder *finder)
{
    struct span span = {0};
    const struct entry *entries = window->entries;
    uint32_t n = window->rule->threshold;
    int64_t timespan_ms = window->rule->timespan_ms, t = entries[p].event_ms;
    struct values values = {finder, entries, p, p + 1, 0};
    finder_clear(finder);
    values_take(&values, p);
    while (values.n < n && values.from > 0 &&
           t - entries[values.from - 1].event_ms <= timespan_ms)
        values_take(&values, --values.from);
    for (;;) {
        while (values.from < p && values.n >= n && values_drop(&values, n))
            ;
        if (values.n >= n)
            span_note(&span, window, entries[values.from].event_ms,
                      entries[values.to - 1].event_ms);
        if ((values.n >= n && values.from == p) || values.to == window->n ||
            entries[values.to].event_ms - t > timespan_ms)
            return span;
        values_take(&values, values.to++);
    }
}

/* --- value_sum, never negative */

static struct span
find_sum(const struct window *window, uint32_t p)
{
    struct span span = {0};
    const struct correlation *rule = window->rule;
    const struct entry *entries = window->entries;
    int64_t timespan_ms = rule->timespan_ms, t = entries[p].event_ms;
    amount sum = entries[p].number;
    uint32_t from = p, to = p + 1;
    while (!sum_reaches(rule, sum) && from > 0 &&
           t - entries[from - 1].event_ms <= timespan_ms)
        sum += entries[--from].number;
    for (;;) {
        while (from < p && sum_reaches(rule, sum - entries[from].number))
            sum -= entries[from++].number;
        if (sum_reaches(rule, sum))
            span_note(&span, window, entries[from].event_ms,
                      entries[to - 1].event_ms);
        if ((sum_reaches(rule, sum) && from == p) || to == window->n ||
            entries[to].event_ms - t > timespan_ms)
            return span;
        sum += entries[to++].number;
    }
}

/* Whether all that a window which holds `p` can hold is hot already, and has
 * fired no later: then the event is hot and makes nothing else so. */
static bool
is_covered(const struct window *window, uint32_t p)
{
    int64_t t = window->entries[p].event_ms, from_ms, to_ms;
    int64_t timespan_ms = window->rule->timespan_ms;
    uint32_t r = window->n_runs;
    while (r > 0 && window->runs[r - 1].from_ms > t)
        r--;
    if (r == 0 || window->runs[r - 1].to_ms < t)
        return false;
    from_ms = window->entries[window_lower(window, t - timespan_ms)].event_ms;
    to_ms =
        window->entries[window_lower(window, t + timespan_ms + 1) - 1].event_ms;
    if (from_ms < window->runs[r - 1].from_ms ||
        to_ms > window->runs[r - 1].to_ms)
        return false;
    const struct episode *e = window->episodes;
    while (e && (e->first_ms > t || e->last_ms < t))
        e = e->next;
    return e && e->fired_ms <= t;
}

struct span
window_find(struct turn *turn, uint32_t p)
{
    struct window *window = turn->window;
    const struct correlation *rule = window->rule;
    bool in_order = p == window->n - 1;
    if (rule->type == EVENT_COUNT)
        return find_count(window, p);
    if (rule->type == VALUE_SUM && !rule->never_negative)
        return sum_find(turn);
    if (!in_order) {
        tail_late(turn, p);
        if (is_covered(window, p))
            return (struct span){0};
    }
    if (rule->type == TEMPORAL || rule->type == TEMPORAL_ORDERED)
        return find_steps(turn, p, -1);
    if (in_order)
        return rule->type == VALUE_COUNT ? tail_values(turn) : tail_sum(turn);
    return rule->type == VALUE_COUNT ? find_values(window, p, turn->finder)
                                     : find_sum(window, p);
}
