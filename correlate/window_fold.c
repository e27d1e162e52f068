/* SPDX-License-Identifier: Apache-2.0
 *
 * What a window need not keep. Exact: no later event can tell the difference.
 *
 * Entries older than floor − timespan: no window holds them and an event that
 * may still come. Inside a run every event is hot already, also one that comes
 * later, so only windows that reach out of the run still matter; such a window
 * holds the run's whole beginning or its whole end. Hence in a run
 * - event_count keeps threshold − 1 entries at each end: a window that reaches
 *   out past them holds the threshold without the others;
 * - value_count and temporal keep the first sighting of each value or step (if
 *   it is within a timespan of the run's beginning) and the last (of its end);
 * - temporal_ordered, where what stands between counts too: of a row of equal
 *   sightings, all older than the floor, with none among them that comes after
 *   them in the order, the first and the last. Nothing can still come between
 *   them; every window that may still change holds a later event, so the last
 *   one too; and a chain that takes one of the row may take the last instead,
 *   but for the first, which may go with an equal time before it.
 * - value_sum keeps at each end what does not reach the limit without it.
 * A run's last entry is always kept, so a new stretch finds the run. */
#include "window_priv.h"

#include <string.h>

enum { MAX_ROWS = 64, LEAST_FOLD = 64 };

/* Drops what is not kept; cold ones lose their sighting. What waits was
 * spared. */
static void
compact(struct pool *pool, struct window *window, const bool *keep)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < window->n; i++) {
        if (keep[i])
            window->entries[kept++] = window->entries[i];
        else
            blob_free(pool, window, window->entries[i].sighting);
    }
    if (kept < window->n)
        window->tail_valid = false;
    window->n = kept;
}

static void
drop_runs(struct window *window, int64_t before_ms)
{
    uint32_t first = 0;
    while (first < window->n_runs && window->runs[first].to_ms < before_ms)
        first++;
    if (first == 0)
        return;
    window->n_runs -= first;
    memmove(window->runs, window->runs + first,
            window->n_runs * sizeof *window->runs);
}

/* The entries [from, to) of one run. */
struct stretch {
    struct window *window;
    struct finder *finder;
    const struct run *run;
    uint32_t from, to;
    int64_t floor_ms;
    bool *keep;
};

static void
fold_count(const struct stretch *s)
{
    uint32_t threshold = s->window->rule->threshold;
    uint32_t side = threshold > 2 ? threshold - 1 : 1;
    for (uint32_t i = s->from; i < s->to; i++)
        s->keep[i] = i - s->from < side || s->to - i <= side;
}

/* Never negative: what stands further in reaches the limit anyway. */
static void
fold_sum(const struct stretch *s)
{
    const struct entry *entries = s->window->entries;
    amount limit = s->window->rule->bound[0].limit, sum = 0;
    for (uint32_t i = s->from; i < s->to; i++) {
        s->keep[i] = sum <= limit;
        sum += entries[i].number;
    }
    sum = 0;
    for (uint32_t i = s->to; i-- > s->from;) {
        s->keep[i] |= sum <= limit;
        sum += entries[i].number;
    }
}

static void
fold_values(const struct stretch *s)
{
    const struct entry *entries = s->window->entries;
    int64_t timespan_ms = s->window->rule->timespan_ms;
    finder_clear(s->finder);
    for (uint32_t i = s->from; i < s->to; i++)
        s->keep[i] = finder_slot(s->finder, entries[i].value)->n++ == 0 &&
                     entries[i].event_ms - s->run->from_ms < timespan_ms;
    finder_clear(s->finder);
    for (uint32_t i = s->to; i-- > s->from;)
        s->keep[i] |= finder_slot(s->finder, entries[i].value)->n++ == 0 &&
                      s->run->to_ms - entries[i].event_ms < timespan_ms;
}

/* Whether a step of the sighting was seen too rarely so far; counts it. */
static bool
is_missing(const struct correlation *rule, uint32_t *seen, uint32_t steps)
{
    bool missing = false;
    for (; steps != 0; steps &= steps - 1) {
        unsigned s = (unsigned)__builtin_ctz(steps);
        missing |= seen[s]++ < rule->step[s].count;
    }
    return missing;
}

static void
fold_steps(const struct stretch *s)
{
    const struct entry *entries = s->window->entries;
    const struct correlation *rule = s->window->rule;
    uint32_t seen[MAX_CORRELATION_STEPS] = {0};
    for (uint32_t i = s->from; i < s->to; i++)
        s->keep[i] = is_missing(rule, seen, entries[i].steps) &&
                     entries[i].event_ms - s->run->from_ms < rule->timespan_ms;
    memset(seen, 0, sizeof seen);
    for (uint32_t i = s->to; i-- > s->from;)
        s->keep[i] |= is_missing(rule, seen, entries[i].steps) &&
                      s->run->to_ms - entries[i].event_ms < rule->timespan_ms;
}

/* Rows of equal sightings that nothing stands between that comes after them in
 * the order. */
struct rows {
    struct row {
        uint32_t steps, first, last;
    } row[MAX_ROWS];
    size_t n;
};

/* A sighting ends the rows of what it comes after. */
static void
end_rows(const struct correlation *rule, struct rows *rows, uint32_t steps)
{
    size_t kept = 0;
    for (size_t i = 0; i < rows->n; i++) {
        uint32_t other = rows->row[i].steps;
        uint32_t lowest = other & (0 - other);
        /* with words any later step may be the next */
        uint32_t next =
            rule->n_conjuncts > 0 ? ~(lowest | (lowest - 1)) : other << 1;
        if ((steps & next) == 0 || other == steps)
            rows->row[kept++] = rows->row[i];
    }
    rows->n = kept;
}

static void
fold_ordered(const struct stretch *s)
{
    const struct entry *entries = s->window->entries;
    const struct correlation *rule = s->window->rule;
    struct rows rows = {.n = 0};
    for (size_t i = 0; i < rule->n_steps; i++)
        if (rule->step[i].count > 1)
            return; /* of these all are kept */
    for (uint32_t i = s->from; i < s->to; i++) {
        s->keep[i] = true;
        if (entries[i].event_ms >= s->floor_ms)
            continue;
        end_rows(s->window->rule, &rows, entries[i].steps);
        size_t r = 0;
        while (r < rows.n && rows.row[r].steps != entries[i].steps)
            r++;
        if (r < rows.n) {
            s->keep[rows.row[r].last] = rows.row[r].last == rows.row[r].first;
            rows.row[r].last = i;
        } else if (rows.n < MAX_ROWS) {
            rows.row[rows.n++] = (struct row){entries[i].steps, i, i};
        }
    }
}

static void
fold_run(const struct stretch *s)
{
    enum correlation_type type = s->window->rule->type;
    if (type == VALUE_SUM && !s->window->rule->never_negative)
        return; /* its runs only say what is hot */
    if (type == EVENT_COUNT)
        fold_count(s);
    else if (type == VALUE_COUNT)
        fold_values(s);
    else if (type == VALUE_SUM)
        fold_sum(s);
    else if (type == TEMPORAL)
        fold_steps(s);
    else
        fold_ordered(s);
}

void
window_fold(struct pool *pool, struct window *window, int64_t floor_ms,
            struct finder *finder)
{
    bool *keep = finder_flags(finder);
    int64_t old_ms =
        floor_ms == NO_TIME ? NO_TIME : floor_ms - window->rule->timespan_ms;
    drop_runs(window, old_ms);
    for (uint32_t i = 0; i < window->n; i++)
        keep[i] = window->entries[i].event_ms >= old_ms;
    early_spare(pool, window, keep, false);
    compact(pool, window, keep);
    for (uint32_t i = 0; i < window->n; i++)
        keep[i] = true;
    for (uint32_t r = 0; r < window->n_runs; r++) {
        const struct run *run = &window->runs[r];
        struct stretch stretch = {window,
                                  finder,
                                  run,
                                  window_lower(window, run->from_ms),
                                  window_lower(window, run->to_ms + 1),
                                  floor_ms,
                                  keep};
        fold_run(&stretch);
    }
    early_spare(pool, window, keep, false);
    compact(pool, window, keep);
    if (window->n >= MAX_WINDOW_ENTRIES) {
        window_cut(window, finder, keep);
        early_spare(pool, window, keep, true);
        compact(pool, window, keep);
    }
    uint32_t fold_at = window->n * 2 > LEAST_FOLD ? window->n * 2 : LEAST_FOLD;
    window->fold_at =
        fold_at < MAX_WINDOW_ENTRIES ? fold_at : MAX_WINDOW_ENTRIES;
}
