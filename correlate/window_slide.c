/* SPDX-License-Identifier: Apache-2.0
 *
 * Sliding windows: one event into one window. Insert it, see which windows it
 * satisfies, and give what became hot to its episode. Every window that an
 * event can newly satisfy contains that event, so what it heats is one stretch
 * around it.
 *
 * Taken in order (decided by the watermark), nothing comes before what was
 * taken; then `not` is known for each event when it is taken (a timespan after
 * it), and sums that may fall and `until` are looked at when all events of one
 * time are there. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

/* Times of events that spoil others, in order. */
struct spoiler {
    int64_t event_ms;
    uint32_t steps;
};
struct slide {
    struct spoiler *spoilers;
    uint32_t n, room;
};

static struct slide *
slide_of(const struct window *window)
{
    return window->own;
}

/* --- entries */

uint32_t
window_lower(const struct window *window, int64_t ms)
{
    uint32_t low = 0, high = window->n;
    if (high > 0 && window->entries[high - 1].event_ms < ms)
        return high; /* in order: nothing to look for */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->entries[middle].event_ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t
insert(struct pool *pool, struct window *window, const struct event *event)
{
    int64_t ms = event->sighting.brief.event_ms;
    uint32_t p = window_lower(window, ms + 1);
    size_t room = window->room;
    window->entries = array_room(pool, window->entries, window->n, &room,
                                 sizeof *window->entries);
    window->room = (uint32_t)room;
    memmove(&window->entries[p + 1], &window->entries[p],
            (window->n - p) * sizeof *window->entries);
    window->n++;
    window->entries[p] = (struct entry){
        .event_ms = ms,
        .number = event->number,
        .value = event->value,
        .steps = event->steps,
        .weight = event->weight,
    };
    return p;
}

/* --- runs */

static bool
run_covers(const struct window *window, int64_t ms)
{
    for (uint32_t i = window->n_runs; i-- > 0;)
        if (window->runs[i].from_ms <= ms)
            return ms <= window->runs[i].to_ms;
    return false;
}

/* The first entry from the i-th on that lies in no run: what lies in one is hot
 * already. */
static uint32_t
past_run(const struct window *window, uint32_t i)
{
    uint32_t r = window->n_runs;
    if (r == 0 || i >= window->n)
        return i;
    while (r > 0 && window->runs[r - 1].from_ms > window->entries[i].event_ms)
        r--;
    if (r == 0 || window->runs[r - 1].to_ms < window->entries[i].event_ms)
        return i;
    return window_lower(window, window->runs[r - 1].to_ms + 1);
}

/* Adds a stretch; those it touches become one with it. */
static void
run_add(struct pool *pool, struct window *window, struct run run)
{
    uint32_t to = window->n_runs;
    while (to > 0 && window->runs[to - 1].from_ms > run.to_ms)
        to--;
    uint32_t from = to;
    while (from > 0 && window->runs[from - 1].to_ms >= run.from_ms) {
        struct run *old = &window->runs[--from];
        run.from_ms = old->from_ms < run.from_ms ? old->from_ms : run.from_ms;
        run.to_ms = old->to_ms > run.to_ms ? old->to_ms : run.to_ms;
    }
    if (from == to) {
        size_t room = window->runs_room;
        window->runs = array_room(pool, window->runs, window->n_runs, &room,
                                  sizeof *window->runs);
        window->runs_room = (uint32_t)room;
    }
    memmove(&window->runs[from + 1], &window->runs[to],
            (window->n_runs - to) * sizeof *window->runs);
    window->n_runs = window->n_runs + 1 - (to - from);
    window->runs[from] = run;
}

/* --- heating */

void
entry_heat(struct pool *pool, struct window *window, struct episode *episode,
           struct entry *entry)
{
    struct sighting sighting;
    struct str bytes = blob_str(entry->sighting);
    bool fine = sighting_read(bytes, &sighting);
    assert(fine); /* we wrote it; a loaded one was checked */
    (void)fine;
    episode_add(pool, window, episode,
                &(struct hot_event){&sighting, bytes,
                                    entry->steps & window->rule->shape.positive,
                                    entry->weight});
    blob_free(pool, window, entry->sighting);
    entry->sighting = NULL;
}

/* What of the entries in a span is hot: of these steps, and not spoiled for
 * this alternative (all bits: for any). */
struct filter {
    uint32_t steps;
    uint64_t conjuncts; /* 0: whatever */
};

static bool
passes(const struct filter *filter, const struct entry *entry)
{
    return (entry->steps & filter->steps) != 0 &&
           (filter->conjuncts == 0 || (entry->value & filter->conjuncts) != 0);
}

/* An entry of an episode that was found early. */
static void
heat_early(struct turn *turn, struct episode *episode, struct entry *entry)
{
    struct sighting sighting;
    if (early_keeps(episode, entry->event_ms) ||
        !sighting_read(blob_str(entry->sighting), &sighting))
        return;
    early_add(
        turn, episode,
        &(struct hot_event){&sighting, blob_str(entry->sighting),
                            entry->steps & turn->window->rule->shape.positive,
                            entry->weight});
    blob_free(turn->pool, turn->window, entry->sighting);
    entry->sighting = NULL;
}

/* The episode of all that passes in `span`, out of the list; `*run` is narrowed
 * to it. */
static struct episode *
episode_of(struct turn *turn, const struct span *span,
           const struct filter *filter, struct run *run)
{
    struct pool *pool = turn->pool;
    struct window *window = turn->window;
    bool early = correlation_found_early(window->rule);
    uint32_t from = window_lower(window, span->from_ms);
    uint32_t to = window_lower(window, span->to_ms + 1);
    while (from < to && !passes(filter, &window->entries[from]))
        from++;
    while (to > from && !passes(filter, &window->entries[to - 1]))
        to--;
    assert(from < to);
    *run = (struct run){window->entries[from].event_ms,
                        window->entries[to - 1].event_ms};
    int64_t fired_ms = span->found
                           ? span->completed_ms + window_delay_ms(window->rule)
                           : INT64_MAX;
    if (early)
        early_loosen(turn, *run, fired_ms);
    struct episode *episode = episode_gather(pool, window, *run);
    if (fired_ms < episode->fired_ms)
        episode->fired_ms = fired_ms;
    for (uint32_t i = from; i < to; i++) {
        i = past_run(window, i);
        if (i >= to)
            break;
        struct entry *entry = &window->entries[i];
        if (!entry->sighting || !passes(filter, entry))
            continue;
        if (early)
            heat_early(turn, episode, entry);
        else
            entry_heat(pool, window, episode, entry);
    }
    return episode;
}

/* All that passes in `span` is hot; every sighting lies in its entry. */
static struct run
heat(struct turn *turn, const struct span *span, const struct filter *filter)
{
    struct run run;
    struct episode *episode = episode_of(turn, span, filter, &run);
    episode_enlist(turn->window, episode);
    return run;
}

/* --- what fires at once, or in order what cannot be undone */

static void
take_at_once(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    int64_t ms = event->sighting.brief.event_ms;
    uint32_t p = insert(turn->pool, window, event);
    struct span span = window_find(turn, p);
    if (!span.found && !run_covers(window, ms)) {
        window->entries[p].sighting = blob_new(turn->pool, window, bytes);
        return;
    }
    if (!span.found)
        span.from_ms = span.to_ms = ms;
    struct run run;
    const struct filter filter = {UINT32_MAX, 0};
    struct episode *episode = episode_of(turn, &span, &filter, &run);
    const struct hot_event hot = {&event->sighting, bytes, event->steps,
                                  event->weight};
    if (episode->fired_ms == INT64_MAX)
        episode->fired_ms = ms; /* its run outlived the elder */
    if (early_keeps(episode, ms))
        window->entries[p].sighting = blob_new(turn->pool, window, bytes);
    else
        early_add(turn, episode, &hot);
    episode_widen(episode, run);
    episode_enlist(window, episode);
    run_add(turn->pool, window, run);
}

/* --- `not` and absence */

static void drop_old_spoilers(struct turn *turn);

static void
spoiler_add(struct turn *turn, int64_t ms, uint32_t steps)
{
    struct slide *slide = slide_of(turn->window);
    if (slide->n == slide->room)
        drop_old_spoilers(turn);
    if (slide->n >= MAX_WINDOW_ENTRIES) {
        turn->window->approximate = true;
        memmove(slide->spoilers, slide->spoilers + 1,
                --slide->n * sizeof *slide->spoilers);
    }
    size_t room = slide->room;
    uint32_t at = slide->n;
    slide->spoilers = array_room(turn->pool, slide->spoilers, slide->n, &room,
                                 sizeof *slide->spoilers);
    slide->room = (uint32_t)room;
    while (at > 0 && slide->spoilers[at - 1].event_ms > ms)
        at--;
    if (at > 0 && slide->spoilers[at - 1].event_ms == ms) {
        slide->spoilers[at - 1].steps |= steps;
        return;
    }
    memmove(&slide->spoilers[at + 1], &slide->spoilers[at],
            (slide->n - at) * sizeof *slide->spoilers);
    slide->n++;
    slide->spoilers[at] = (struct spoiler){ms, steps};
}

static uint32_t
first_spoiler(const struct slide *slide, int64_t ms)
{
    uint32_t low = 0, high = slide->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (slide->spoilers[middle].event_ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What no event still to be taken can meet goes. */
static void
drop_spoilers(struct window *window, int64_t before_ms)
{
    struct slide *slide = slide_of(window);
    uint32_t first = first_spoiler(slide, before_ms);
    if (first == 0 || first < slide->n / 2)
        return;
    slide->n -= first;
    memmove(slide->spoilers, slide->spoilers + first,
            slide->n * sizeof *slide->spoilers);
}

/* Those that neither what waits nor what may come can meet. */
static void
drop_old_spoilers(struct turn *turn)
{
    const struct window *window = turn->window;
    int64_t ms = turn->floor_ms;
    uint32_t n;
    const struct entry *waiting = window_waiting(window, &n);
    if (n > 0 && waiting[0].event_ms < ms)
        ms = waiting[0].event_ms;
    if (ms != NO_TIME)
        drop_spoilers(turn->window, ms - 2 * window->rule->timespan_ms);
}

/* The steps that lie near an event of this time. */
static uint32_t
spoiling_steps(const struct window *window, int64_t ms)
{
    const struct slide *slide = slide_of(window);
    int64_t timespan_ms = window->rule->timespan_ms;
    uint32_t all = window->rule->shape.negative, steps = 0;
    int64_t from_ms = window->rule->type == ABSENCE ? ms : ms - timespan_ms;
    for (uint32_t i = first_spoiler(slide, from_ms);
         i < slide->n && slide->spoilers[i].event_ms <= ms + timespan_ms &&
         steps != all;
         i++)
        steps |= slide->spoilers[i].steps;
    return steps;
}

uint32_t
window_spoil(struct turn *turn, const struct event *event)
{
    const struct correlation *rule = turn->window->rule;
    uint32_t negative = event->steps & rule->shape.negative;
    if (negative != 0)
        spoiler_add(turn, event->sighting.brief.event_ms, negative);
    return event->steps &
           (rule->type == ABSENCE ? UINT32_C(1)
                                  : rule->shape.positive | rule->until);
}

static void
take_absence(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    int64_t ms = event->sighting.brief.event_ms;
    if (spoiling_steps(window, ms) != 0)
        return;
    struct run run = {ms, ms};
    struct episode *episode = episode_gather(turn->pool, window, run);
    int64_t fired_ms = ms + window->rule->timespan_ms;
    if (fired_ms < episode->fired_ms)
        episode->fired_ms = fired_ms;
    episode_add(turn->pool, window, episode,
                &(struct hot_event){&event->sighting, bytes, event->steps & 1,
                                    event->weight});
    episode_enlist(window, episode);
}

/* The alternatives that the event is not spoiled for. */
static uint64_t
unspoiled(const struct window *window, int64_t ms)
{
    const struct correlation *rule = window->rule;
    uint32_t steps = spoiling_steps(window, ms);
    uint64_t conjuncts = 0;
    for (size_t c = 0; c < rule->n_conjuncts; c++)
        if ((rule->conjunct[c].none & steps) == 0)
            conjuncts |= UINT64_C(1) << c;
    return conjuncts;
}

bool
window_is_spoiled(const struct window *window, const struct entry *entry)
{
    if (window->rule->type == ABSENCE)
        return spoiling_steps(window, entry->event_ms) != 0;
    return (entry->steps & window->rule->until) == 0 &&
           unspoiled(window, entry->event_ms) == 0;
}

/* All of one time are there: alternative by alternative. */
static void
settle_words(struct turn *turn)
{
    struct window *window = turn->window;
    const struct correlation *rule = window->rule;
    for (int c = 0; c < (int)rule->n_conjuncts; c++) {
        struct span span = find_steps(turn, window->n - 1, c);
        const struct filter filter = {rule->shape.positive, UINT64_C(1) << c};
        if (!span.found)
            continue;
        span.to_ms = span.completed_ms;
        heat(turn, &span, &filter);
    }
}

/* --- the family */

/* Looked at when all events of one time are there. */
static bool
settles(const struct correlation *rule)
{
    return (rule->type == VALUE_SUM && !rule->never_negative) ||
           rule->shape.negative != 0 || rule->until != 0;
}

static void
slide_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    const struct correlation *rule = window->rule;
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(turn->pool, window, turn->floor_ms);
    if (window->n >= window->fold_at)
        window_fold(turn->pool, window, turn->floor_ms, turn->finder);
    if (rule->type == ABSENCE) {
        take_absence(turn, event, bytes);
    } else if (!settles(rule)) {
        take_at_once(turn, event, bytes);
    } else {
        struct event mine = *event;
        if (rule->n_conjuncts > 0)
            mine.value = unspoiled(window, ms);
        uint32_t p = insert(turn->pool, window, &mine);
        if (rule->type == VALUE_SUM || (mine.steps & rule->shape.positive) != 0)
            window->entries[p].sighting = blob_new(turn->pool, window, bytes);
    }
}

static void
slide_settle(struct turn *turn, int64_t event_ms)
{
    struct window *window = turn->window;
    const struct correlation *rule = window->rule;
    int64_t delay_ms = window_delay_ms(rule);
    if (delay_ms > 0)
        drop_spoilers(window, event_ms - rule->timespan_ms);
    if (!settles(rule) || window->n == 0 ||
        window->entries[window->n - 1].event_ms != event_ms)
        return;
    if (rule->type != VALUE_SUM) {
        settle_words(turn);
        return;
    }
    struct span span = window_find(turn, window->n - 1);
    const struct filter filter = {UINT32_MAX, 0};
    if (span.found)
        run_add(turn->pool, window, heat(turn, &span, &filter));
}

static size_t
slide_bytes(const struct window *window)
{
    return slide_of(window)->n * sizeof(struct spoiler);
}

static void
slide_save(struct buf *buf, const struct window *window)
{
    const struct slide *slide = slide_of(window);
    wire_put(buf, slide->n, 4);
    for (uint32_t i = 0; i < slide->n; i++) {
        wire_put_i64(buf, slide->spoilers[i].event_ms);
        wire_put(buf, slide->spoilers[i].steps, 4);
    }
}

static void
slide_load(struct reading *r)
{
    struct turn turn = {
        .pool = r->pool, .window = r->window, .floor_ms = NO_TIME};
    uint32_t n = (uint32_t)wire_get(&r->wire, 4);
    int64_t last_ms = INT64_MIN;
    reading_check(r, n <= r->wire.rest.len / 12);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        int64_t ms = reading_time(r);
        uint32_t steps = (uint32_t)wire_get(&r->wire, 4);
        reading_check(r, ms > last_ms && steps != 0);
        if (!r->wire.wrong)
            spoiler_add(&turn, ms, steps);
        last_ms = ms;
    }
}

static void
slide_free(struct pool *pool, struct window *window)
{
    struct slide *slide = slide_of(window);
    pool_give(pool, slide->spoilers, slide->room * sizeof *slide->spoilers);
}

static int64_t
slide_until(const struct window *window)
{
    const struct slide *slide = slide_of(window);
    return slide->n > 0 ? slide->spoilers[slide->n - 1].event_ms +
                              window->rule->timespan_ms
                        : NO_TIME;
}

static void
slide_describe(struct buf *buf, const struct window *window)
{
    const struct slide *slide = slide_of(window);
    if (slide->n > 0)
        buf_format(buf, "%u times of events that spoil others", slide->n);
}

const struct family slide_family = {
    .own_bytes = sizeof(struct slide),
    .take = slide_take,
    .settle = slide_settle,
    .due = early_due,
    .pass = early_pass,
    .until = slide_until,
    .bytes = slide_bytes,
    .save = slide_save,
    .load = slide_load,
    .free = slide_free,
    .describe = slide_describe,
};
