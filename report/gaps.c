/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding gaps (gaps_priv.h says what one is): every source becomes a row of
 * hours, with or without an alert, and is walked once from the past to the
 * present, so that what was a gap is known before it could become a habit. */
#include "report/gaps_priv.h"

#include "report/report.h"

#include <stdlib.h>

#define HISTORY_HOURS (GAP_HISTORY_DAYS * 24)
#define LEAST_SEEN_HOURS (7 * 24)
#define LEAST_HABIT 3

/* A run of quiet hours [from, to). */
struct run {
    int64_t from, to;
};

/* One source's hours, and what was found on the way. */
struct walk {
    const struct period *period;
    const bool *seen;   /* by hour, from `start` */
    int64_t start, end; /* hours; `end` is the first not known */
    struct run *runs;   /* quiet, and no gap; oldest first */
    size_t n_runs;
    struct gap *gaps;
    size_t n_gaps, max_gaps;
};

static int
compare_hours(const void *left, const void *right)
{
    const struct hours *const *a = left, *const *b = right;
    int order = str_compare((*a)->source, (*b)->source);
    if (order != 0)
        return order;
    return ((*a)->day > (*b)->day) - ((*a)->day < (*b)->day);
}

/* The habit as it stands at the hour `at`. */
static int64_t
habit_at(const struct walk *walk, int64_t at)
{
    int64_t longest = 0;
    for (size_t i = walk->n_runs; i-- > 0;) {
        const struct run *run = &walk->runs[i];
        if (run->to <= at - HISTORY_HOURS)
            break;
        int64_t from =
            run->from < at - HISTORY_HOURS ? at - HISTORY_HOURS : run->from;
        if (run->to - from > longest)
            longest = run->to - from;
    }
    return longest * 2 < LEAST_HABIT ? LEAST_HABIT : longest * 2;
}

/* Keeps a gap, cut to the period. */
static void
keep_gap(struct walk *walk, struct gap gap)
{
    int64_t first = (int64_t)walk->period->from * 24;
    int64_t last = ((int64_t)walk->period->to + 1) * 24;
    if (gap.from < first)
        gap.from = first;
    if (gap.to > last)
        gap.to = last;
    if (gap.from < gap.to && walk->n_gaps < walk->max_gaps)
        walk->gaps[walk->n_gaps++] = gap;
}

static void
walk_source(struct walk *walk, struct str source)
{
    int64_t first = walk->start;
    while (first < walk->end && !walk->seen[first - walk->start])
        first++;
    walk->n_runs = 0;
    for (int64_t hour = first; hour < walk->end;) {
        if (walk->seen[hour - walk->start]) {
            hour++;
            continue;
        }
        struct run run = {hour, hour};
        while (run.to < walk->end && !walk->seen[run.to - walk->start])
            run.to++;
        int64_t habit = habit_at(walk, run.from);
        bool open = run.to == walk->end;
        if (run.from - first >= LEAST_SEEN_HOURS && run.to - run.from > habit)
            keep_gap(walk, (struct gap){source, run.from, run.to, habit, open});
        else
            walk->runs[walk->n_runs++] = run;
        hour = run.to;
    }
}

/* The hours of the days that matter, sorted by source and day. */
static const struct hours **
sorted_hours(const struct counts *counts, int32_t from, int32_t to,
             struct arena *arena, size_t *n)
{
    const struct hours **sorted =
        arena_take(arena, counts->n_hours + 1, sizeof(struct hours *));
    *n = 0;
    if (sorted == NULL)
        return NULL;
    for (size_t i = 0; i < counts->n_hours; i++)
        if (counts->hours[i].day >= from && counts->hours[i].day <= to)
            sorted[(*n)++] = &counts->hours[i];
    qsort(sorted, *n, sizeof(struct hours *), compare_hours);
    return sorted;
}

/* One past the last hour with an alert of any source. */
static int64_t
known_until(const struct hours **sorted, size_t n)
{
    int64_t until = INT64_MIN;
    for (size_t i = 0; i < n; i++)
        for (int hour = 0; hour < 24; hour++) {
            int64_t next = (int64_t)sorted[i]->day * 24 + hour + 1;
            if (sorted[i]->n[hour] > 0 && next > until)
                until = next;
        }
    return until;
}

/* Walks the sources of `sorted` one after another; `seen` has room. */
static void
walk_all(struct walk *walk, const struct hours **sorted, size_t n, bool *seen)
{
    for (size_t i = 0; i < n;) {
        struct str source = sorted[i]->source;
        for (int64_t hour = walk->start; hour < walk->end; hour++)
            seen[hour - walk->start] = false;
        for (; i < n && str_equal(sorted[i]->source, source); i++)
            for (int hour = 0; hour < 24; hour++) {
                int64_t at = (int64_t)sorted[i]->day * 24 + hour;
                if (sorted[i]->n[hour] > 0 && at < walk->end)
                    seen[at - walk->start] = true;
            }
        walk_source(walk, source);
    }
}

bool
gaps_find(const struct counts *counts, const struct period *period,
          struct arena *arena, struct gaps *gaps)
{
    int32_t from, to;
    size_t n;
    report_span(period, &from, &to);
    *gaps = (struct gaps){0};
    const struct hours **sorted = sorted_hours(counts, from, to, arena, &n);
    if (sorted == NULL)
        return false;
    if (n == 0)
        return true;
    struct walk walk = {.period = period,
                        .start = (int64_t)from * 24,
                        .end = known_until(sorted, n)};
    if (walk.end < walk.start)
        return true;
    size_t n_hours = (size_t)(walk.end - walk.start) + 1;
    /* After every gap but the last of a source comes an hour with an alert,
     * and a day has at most 12 of those with a quiet hour before each. */
    walk.max_gaps = n * 13 + 1;
    bool *seen = arena_take(arena, n_hours, sizeof *seen);
    walk.runs = arena_take(arena, n_hours, sizeof *walk.runs);
    walk.gaps = arena_take(arena, walk.max_gaps, sizeof *walk.gaps);
    if (seen == NULL || walk.runs == NULL || walk.gaps == NULL)
        return false;
    walk.seen = seen;
    walk_all(&walk, sorted, n, seen);
    gaps->at = walk.gaps;
    gaps->n = walk.n_gaps;
    return true;
}

int64_t
gaps_hours(const struct gaps *gaps, struct str source, int32_t from, int32_t to)
{
    int64_t first = (int64_t)from * 24, last = ((int64_t)to + 1) * 24, sum = 0;
    for (size_t i = 0; i < gaps->n; i++) {
        const struct gap *gap = &gaps->at[i];
        int64_t start = gap->from > first ? gap->from : first;
        int64_t end = gap->to < last ? gap->to : last;
        if (start < end && str_equal(gap->source, source))
            sum += end - start;
    }
    return sum;
}
