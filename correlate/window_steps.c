/* SPDX-License-Identifier: Apache-2.0
 *
 * What temporal types are satisfied by. A row of `best` says, for the events
 * taken so far: temporal, the latest sightings of each step, as many as it
 * must have; temporal_ordered, for each step and each count of it, the latest
 * start of a chain that has come so far. There is a row for each alternative of
 * the condition where they differ. For an event that comes in order the rows
 * are kept in the window, and it takes one look. */
#include "window_priv.h"

/* Where the steps stand in a row. */
struct shape {
    const struct correlation *rule;
    uint32_t n_rows, width;
    const uint16_t *at;
    bool ordered, spoils, counts;
};

static struct shape
shape_of(const struct correlation *rule)
{
    const struct step_shape *shape = &rule->shape;
    return (struct shape){rule,         shape->n_rows,  shape->width,
                          shape->at,    shape->ordered, shape->spoils,
                          shape->counts};
}

size_t
steps_bytes(const struct correlation *rule)
{
    return (size_t)rule->shape.n_rows * rule->shape.width * sizeof(int64_t);
}

static uint32_t
row_steps(const struct shape *shape, uint32_t row)
{
    const struct correlation *rule = shape->rule;
    if (rule->n_conjuncts == 0)
        return rule->shape.every;
    return shape->ordered ? rule->conjunct[row].all : rule->shape.positive;
}

static void
clear(const struct shape *shape, int64_t *best)
{
    for (size_t i = 0; i < (size_t)shape->n_rows * shape->width; i++)
        best[i] = NO_TIME;
}

void
steps_begin(struct pool *pool, struct window *window)
{
    size_t bytes = steps_bytes(window->rule);
    window->best = pool_take(pool, &bytes);
}

void
steps_end(struct pool *pool, struct window *window)
{
    pool_give(pool, window->best, steps_bytes(window->rule));
}

/* --- taking events */

/* One more sighting of a step; the latest first. */
static void
see(int64_t *best, uint32_t count, int64_t ms)
{
    uint32_t i = count - 1;
    if (best[i] != NO_TIME && best[i] >= ms)
        return;
    for (; i > 0 && (best[i - 1] == NO_TIME || best[i - 1] < ms); i--)
        best[i] = best[i - 1];
    best[i] = ms;
}

/* A chain may go on with `n` events of the step. Equal times satisfy either
 * order: the steps before have been taken at this time already. */
static void
go_on(int64_t *row, const int64_t *before, uint32_t count, uint32_t n,
      int64_t ms)
{
    for (; n > 0; n--) {
        for (uint32_t i = count - 1; i > 0; i--)
            if (row[i - 1] > row[i])
                row[i] = row[i - 1];
        int64_t start_ms = before ? *before : ms;
        if (start_ms > row[0])
            row[0] = start_ms;
    }
}

/* Events of one time: of each step so many. */
struct group {
    int64_t ms;
    uint32_t steps;
    uint32_t n[MAX_CORRELATION_STEPS];
};

static void
group_take(struct group *group, uint32_t steps)
{
    group->steps |= steps;
    for (; steps != 0; steps &= steps - 1)
        group->n[__builtin_ctz(steps)]++;
}

static void
row_take(const struct shape *shape, uint32_t r, int64_t *row,
         const struct group *group)
{
    const struct correlation *rule = shape->rule;
    uint32_t steps = row_steps(shape, r);
    const int64_t *before = NULL;
    for (uint32_t left = steps; left != 0; left &= left - 1) {
        unsigned s = (unsigned)__builtin_ctz(left);
        uint32_t count = rule->step[s].count, n = group->n[s];
        int64_t *at = row + shape->at[s];
        n = n < count ? n : count;
        if (shape->ordered)
            go_on(at, before, count, n, group->ms);
        else
            for (; n > 0; n--)
                see(at, count, group->ms);
        before = at + count - 1;
    }
}

/* Where a row says that it is whole. */
static uint32_t
whole_at(const struct shape *shape, uint32_t row)
{
    uint32_t steps = row_steps(shape, row);
    return shape->at[32 - (unsigned)__builtin_clz(steps)] - 1u;
}

/* Chains that began before the newest `until` go no further from then on; at
 * its own time they may still end, and what is whole stays. */
static void
end_chains(const struct shape *shape, struct window *window, int64_t *best)
{
    if (window->until_ms == NO_TIME)
        return;
    for (uint32_t r = 0; r < shape->n_rows; r++) {
        int64_t *row = best + (size_t)r * shape->width;
        uint32_t whole = whole_at(shape, r);
        for (uint32_t i = 0; i < shape->width; i++)
            if (i != whole && row[i] < window->until_ms)
                row[i] = NO_TIME;
    }
    window->until_ms = NO_TIME;
}

/* Takes all entries of the time of `*i` and moves past them. */
static void
take_time(const struct shape *shape, struct window *window, uint32_t *i,
          int64_t *best)
{
    uint32_t from = *i;
    end_chains(shape, window, best);
    int64_t ms = window->entries[from].event_ms;
    while (*i < window->n && window->entries[*i].event_ms == ms)
        ++*i;
    for (uint32_t r = 0; r < shape->n_rows; r++) {
        struct group group = {.ms = ms};
        for (uint32_t e = from; e < *i; e++)
            if (!shape->spoils || (window->entries[e].value >> r & 1))
                group_take(&group, window->entries[e].steps);
        row_take(shape, r, best + (size_t)r * shape->width, &group);
        if (group.steps & shape->rule->until)
            window->until_ms = ms;
    }
}

/* --- the condition */

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The time of the sighting that makes the step complete. */
static int64_t
complete(const struct shape *shape, const int64_t *row, unsigned s)
{
    return row[shape->at[s + 1] - 1];
}

/* Of at least `threshold` steps. */
static int64_t
start_of_some(const struct shape *shape, const int64_t *row)
{
    int64_t latest[MAX_CORRELATION_STEPS]; /* sorted, the latest first */
    uint32_t n = 0;
    for (unsigned s = 0; s < shape->rule->n_steps; s++) {
        int64_t ms = complete(shape, row, s);
        uint32_t i = n++;
        for (; i > 0 && latest[i - 1] < ms; i--)
            latest[i] = latest[i - 1];
        latest[i] = ms;
    }
    return latest[shape->rule->threshold - 1];
}

/* a(c) for one alternative. */
static int64_t
start_of(const struct shape *shape, const int64_t *best, uint32_t c)
{
    const struct correlation *rule = shape->rule;
    const int64_t *row =
        best + (shape->n_rows > 1 ? (size_t)c * shape->width : 0);
    uint32_t steps =
        rule->n_conjuncts > 0 ? rule->conjunct[c].all : rule->shape.every;
    if (shape->ordered)
        return row[whole_at(shape, shape->n_rows > 1 ? c : 0)];
    if (rule->n_conjuncts == 0)
        return start_of_some(shape, row);
    int64_t start_ms = INT64_MAX;
    for (; steps != 0; steps &= steps - 1)
        start_ms = least(start_ms,
                         complete(shape, row, (unsigned)__builtin_ctz(steps)));
    return start_ms;
}

/* a(c); NO_TIME: the condition does not hold on what was taken. */
static int64_t
best_start(const struct shape *shape, const int64_t *best, int conjunct)
{
    uint32_t n =
        shape->rule->n_conjuncts > 0 ? (uint32_t)shape->rule->n_conjuncts : 1;
    int64_t start_ms = NO_TIME;
    if (conjunct >= 0)
        return start_of(shape, best, (uint32_t)conjunct);
    for (uint32_t c = 0; c < n; c++) {
        int64_t ms = start_of(shape, best, c);
        start_ms = ms > start_ms ? ms : start_ms;
    }
    return start_ms;
}

/* --- finding */

/* Brings the rows up to the newest entry. */
static void
take_tail(const struct shape *shape, struct window *window)
{
    const struct entry *entry = &window->entries[window->n - 1];
    bool tie = window->tail_valid && window->tail_ms == entry->event_ms;
    bool again = shape->counts || shape->spoils || window->rule->until != 0;
    if (!window->tail_valid || (tie && again)) {
        clear(shape, window->best);
        window->until_ms = NO_TIME;
        for (uint32_t i = 0; i < window->n;)
            take_time(shape, window, &i, window->best);
    } else if (tie) {
        struct group group = {.ms = entry->event_ms};
        uint32_t i = window->n;
        while (i > 0 && window->entries[i - 1].event_ms == entry->event_ms)
            group_take(&group, window->entries[--i].steps);
        for (uint32_t r = 0; r < shape->n_rows; r++)
            row_take(shape, r, window->best + (size_t)r * shape->width, &group);
    } else {
        uint32_t first = window->n - 1;
        while (first > 0 &&
               window->entries[first - 1].event_ms == entry->event_ms)
            first--;
        take_time(shape, window, &first, window->best);
    }
    window->tail_ms = entry->event_ms;
    window->tail_valid = true;
    window->tail_n = window->n;
}

static struct span
find_tail(const struct shape *shape, struct window *window, int conjunct)
{
    struct span span = {0};
    if (!window->tail_valid || window->tail_n != window->n)
        take_tail(shape, window);
    int64_t a_ms = best_start(shape, window->best, conjunct);
    if (a_ms != NO_TIME)
        span_note(&span, window, a_ms, window->tail_ms);
    return span;
}

/* Whether no chain that begins at `ms` or before is the latest of any step from
 * `steps` on. */
static bool
is_behind(const struct shape *shape, const int64_t *row, uint32_t r,
          uint32_t steps, int64_t ms)
{
    uint32_t mine = row_steps(shape, r);
    steps &= mine;
    if (steps == 0)
        return true;
    for (uint32_t left = mine & ~((steps & (0 - steps)) - 1); left != 0;
         left &= left - 1)
        if (complete(shape, row, (unsigned)__builtin_ctz(left)) < ms)
            return false;
    return true;
}

bool
steps_late(struct window *window, uint32_t p)
{
    struct shape shape = shape_of(window->rule);
    const struct entry *entry = &window->entries[p];
    if (!window->tail_valid || window->tail_n + 1 != window->n ||
        shape.spoils || window->rule->until != 0 ||
        (shape.ordered && shape.counts))
        return false;
    for (uint32_t r = 0; shape.ordered && r < shape.n_rows; r++)
        if (!is_behind(&shape, window->best + (size_t)r * shape.width, r,
                       entry->steps, entry->event_ms))
            return false;
    for (uint32_t left = shape.ordered ? 0 : entry->steps; left != 0;
         left &= left - 1) {
        unsigned s = (unsigned)__builtin_ctz(left);
        see(window->best + shape.at[s], window->rule->step[s].count,
            entry->event_ms);
    }
    window->tail_n = window->n;
    return true;
}

struct span
find_steps(struct turn *turn, uint32_t p, int conjunct)
{
    struct window *window = turn->window;
    int64_t *rows = finder_rows(turn->finder);
    struct span span = {0};
    struct shape shape = shape_of(window->rule);
    int64_t t = window->entries[p].event_ms;
    if (p == window->n - 1)
        return find_tail(&shape, window, conjunct);
    clear(&shape, rows);
    uint32_t i = window_lower(window, t - window->rule->timespan_ms);
    while (i < window->n &&
           window->entries[i].event_ms - t <= window->rule->timespan_ms) {
        int64_t c_ms = window->entries[i].event_ms;
        take_time(&shape, window, &i, rows);
        int64_t a_ms = best_start(&shape, rows, conjunct);
        if (c_ms >= t && a_ms != NO_TIME)
            span_note(&span, window, least(a_ms, t), c_ms);
    }
    return span;
}
