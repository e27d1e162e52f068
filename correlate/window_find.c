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
 * backwards; temporal from the last sighting of each step; temporal_ordered
 * from the latest start of a chain that has come to each step. For an event
 * that comes in order the last two are kept in the window, and the first takes
 * one look. */
#include "window_priv.h"

#include <stdlib.h>
#include <string.h>

enum { FINDER_SLOTS = 1 << 14 }; /* for at most MAX_WINDOW_ENTRIES keys */

struct finder {
    uint64_t secret;
    uint32_t stamp;
    struct slot slots[FINDER_SLOTS];
    bool flags[MAX_WINDOW_ENTRIES];
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

/* One satisfied [a, c]; called with rising c. */
static void
note(struct span *span, const struct window *window, int64_t a_ms, int64_t c_ms)
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
        note(&span, window, least(entries[a].event_ms, t), entries[c].event_ms);
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
            note(&span, window, entries[values.from].event_ms,
                 entries[values.to - 1].event_ms);
        if ((values.n >= n && values.from == p) || values.to == window->n ||
            entries[values.to].event_ms - t > timespan_ms)
            return span;
        values_take(&values, values.to++);
    }
}

/* --- temporal, temporal_ordered. best[s]: the last sighting of step s; in
 * order, the latest start of a chain of the steps 0 to s. */

static void
best_clear(const struct correlation *rule, int64_t *best)
{
    for (size_t s = 0; s < rule->n_steps; s++)
        best[s] = NO_TIME;
}

/* Events of one time: `steps` is all that they are. Equal times satisfy either
 * order, so a chain may take several steps here. */
static void
best_take(const struct correlation *rule, int64_t *best, uint32_t steps,
          int64_t ms)
{
    for (; steps != 0; steps &= steps - 1) {
        unsigned s = (unsigned)__builtin_ctz(steps);
        if (rule->type == TEMPORAL || s == 0)
            best[s] = ms;
        else if (best[s - 1] > best[s])
            best[s] = best[s - 1];
    }
}

/* a(c) of what was taken so far; NO_TIME: the condition never held. */
static int64_t
best_start(const struct correlation *rule, const int64_t *best)
{
    if (rule->type == TEMPORAL_ORDERED)
        return best[rule->n_steps - 1];
    int64_t latest[MAX_CORRELATION_STEPS]; /* sorted, the latest first */
    uint32_t n = 0;
    for (size_t s = 0; s < rule->n_steps; s++) {
        uint32_t i = n++;
        for (; i > 0 && latest[i - 1] < best[s]; i--)
            latest[i] = latest[i - 1];
        latest[i] = best[s];
    }
    return latest[rule->threshold - 1];
}

/* Takes all entries of the time of `*i` and moves past them; gives what they
 * are together. */
static uint32_t
take_time(const struct window *window, uint32_t *i, int64_t *best)
{
    int64_t ms = window->entries[*i].event_ms;
    uint32_t steps = 0;
    while (*i < window->n && window->entries[*i].event_ms == ms)
        steps |= window->entries[(*i)++].steps;
    best_take(window->rule, best, steps, ms);
    return steps;
}

/* The newest entry, in order. */
static struct span
find_tail(struct window *window)
{
    struct span span = {0};
    const struct entry *entry = &window->entries[window->n - 1];
    if (window->tail_valid && window->tail_ms == entry->event_ms) {
        window->tail_steps |= entry->steps;
        best_take(window->rule, window->best, window->tail_steps,
                  entry->event_ms);
    } else if (window->tail_valid) {
        window->tail_steps = entry->steps;
        best_take(window->rule, window->best, entry->steps, entry->event_ms);
    } else {
        best_clear(window->rule, window->best);
        for (uint32_t i = 0; i < window->n;)
            window->tail_steps = take_time(window, &i, window->best);
        window->tail_valid = true;
    }
    window->tail_ms = entry->event_ms;
    int64_t a_ms = best_start(window->rule, window->best);
    if (a_ms != NO_TIME)
        note(&span, window, a_ms, entry->event_ms);
    return span;
}

static struct span
find_steps(struct window *window, uint32_t p)
{
    struct span span = {0};
    int64_t best[MAX_CORRELATION_STEPS];
    int64_t t = window->entries[p].event_ms;
    if (p == window->n - 1)
        return find_tail(window);
    window->tail_valid = false;
    best_clear(window->rule, best);
    uint32_t i = window_lower(window, t - window->rule->timespan_ms);
    while (i < window->n &&
           window->entries[i].event_ms - t <= window->rule->timespan_ms) {
        int64_t c_ms = window->entries[i].event_ms;
        take_time(window, &i, best);
        int64_t a_ms = best_start(window->rule, best);
        if (c_ms >= t && a_ms != NO_TIME)
            note(&span, window, least(a_ms, t), c_ms);
    }
    return span;
}

struct span
window_find(struct window *window, uint32_t p, struct finder *finder)
{
    enum correlation_type type = window->rule->type;
    if (type == EVENT_COUNT)
        return find_count(window, p);
    if (type == VALUE_COUNT)
        return find_values(window, p, finder);
    return find_steps(window, p);
}
