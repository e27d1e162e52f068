/* SPDX-License-Identifier: Apache-2.0
 *
 * spike: the events of a bucket against the mean of the same time of day on
 * days of the same kind. A bucket is a number, and the draft of the episode
 * that it may be, so events are taken as they come, in any order; when the
 * watermark is past its end it is decided, the oldest first. Of those that were
 * decided the numbers are kept, for a timespan. A day is a whole number of
 * buckets. */
#include "window_priv.h"

#include <stdlib.h>
#include <string.h>

#define EAST_MS (VIETNAM_MINUTES * INT64_C(60000))

/* At a time; each has a draft of an incident. Past it the oldest is decided
 * before its time. */
enum { MAX_COMING = 256 };

struct past {
    int64_t bucket; /* its number since 1970 in UTC+7 */
    uint64_t n;
};

struct coming {
    int64_t bucket;
    uint64_t n;
    struct episode *draft;
};

struct spike {
    bool begun;
    int64_t first_ms, last_ms; /* of the key, in what is decided */
    struct past *past;         /* rising */
    uint32_t n_past, room;
    struct coming *coming; /* not decided yet, rising */
    uint32_t n_coming, coming_room;
};

static struct spike *
spike_of(const struct window *window)
{
    return window->own;
}

/* --- the calendar */

static int64_t
floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0);
}

static int64_t
bucket_of(const struct correlation *rule, int64_t ms)
{
    return floor_div(ms + EAST_MS, rule->bucket_ms);
}

static int64_t
start_of(const struct correlation *rule, int64_t bucket)
{
    return bucket * rule->bucket_ms - EAST_MS;
}

static int
by_day(const void *key, const void *element)
{
    int64_t day = *(const int64_t *)key, other = *(const int32_t *)element;
    return (day > other) - (day < other);
}

enum day_kind { WORKDAY, WEEKEND, HOLIDAY };

/* 1970-01-01 was a Thursday. */
static enum day_kind
kind_of_day(const struct correlation *rule, int64_t day)
{
    if (rule->n_holidays > 0 && bsearch(&day, rule->holiday, rule->n_holidays,
                                        sizeof *rule->holiday, by_day))
        return HOLIDAY;
    int64_t from_monday = day + 3 - 7 * floor_div(day + 3, 7);
    return from_monday >= 5 ? WEEKEND : WORKDAY;
}

/* --- deciding */

static int
by_bucket(const void *key, const void *element)
{
    int64_t bucket = *(const int64_t *)key;
    const struct past *past = element;
    return (bucket > past->bucket) - (bucket < past->bucket);
}

static uint64_t
events_in(const struct spike *spike, int64_t bucket)
{
    const struct past *past = spike->n_past == 0
                                  ? NULL
                                  : bsearch(&bucket, spike->past, spike->n_past,
                                            sizeof *spike->past, by_bucket);
    return past ? past->n : 0;
}

/* The number is at least factor times sum / n_past, multiplied out. */
static bool
spikes(const struct window *window, const struct coming *coming)
{
    const struct correlation *rule = window->rule;
    const struct spike *spike = spike_of(window);
    int64_t per_day = MS_PER_DAY / rule->bucket_ms;
    int64_t day = floor_div(coming->bucket, per_day);
    int64_t first_day = floor_div(spike->first_ms + EAST_MS, MS_PER_DAY);
    enum day_kind kind = kind_of_day(rule, day);
    uint64_t sum = 0, n_past = 0;
    if (coming->n < rule->least ||
        start_of(rule, coming->bucket) < spike->first_ms + rule->learn_ms)
        return false;
    for (int64_t k = 1;
         k * MS_PER_DAY <= rule->timespan_ms && day - k >= first_day; k++) {
        if (kind_of_day(rule, day - k) != kind)
            continue;
        sum += events_in(spike, coming->bucket - k * per_day);
        n_past++;
    }
    if (sum == 0)
        sum = 1; /* one event among them all */
    return n_past > 0 && (amount)coming->n * (amount)n_past * AMOUNT_ONE >=
                             rule->bound[0].limit * (amount)sum;
}

/* What is older than a timespan before `bucket` goes. */
static void
drop_past(const struct correlation *rule, struct spike *spike, int64_t bucket)
{
    int64_t before = bucket - rule->timespan_ms / rule->bucket_ms;
    uint32_t n = 0;
    while (n < spike->n_past && spike->past[n].bucket < before)
        n++;
    spike->n_past -= n;
    if (n > 0)
        memmove(spike->past, spike->past + n,
                spike->n_past * sizeof *spike->past);
}

static void
past_add(struct pool *pool, struct spike *spike, int64_t bucket, uint64_t n)
{
    size_t room = spike->room;
    spike->past = array_room(pool, spike->past, spike->n_past, &room,
                             sizeof *spike->past);
    spike->room = (uint32_t)room;
    spike->past[spike->n_past++] = (struct past){bucket, n};
}

/* Within reach of the beginning of a bucket is what lies in the one before. */
static void
heat_draft(struct turn *turn, const struct coming *coming)
{
    struct window *window = turn->window;
    int64_t start_ms = start_of(window->rule, coming->bucket);
    struct run run = {start_ms, coming->draft->last_ms};
    episode_heat(turn->pool, window, coming->draft, run);
}

/* The oldest one. */
static void
decide(struct turn *turn)
{
    struct spike *spike = spike_of(turn->window);
    const struct correlation *rule = turn->window->rule;
    const struct coming coming = spike->coming[0];
    if (!spike->begun ||
        coming.draft->first_ms - spike->last_ms > rule->timespan_ms) {
        spike->begun = true; /* or it was forgotten */
        spike->first_ms = coming.draft->first_ms;
        spike->n_past = 0;
    }
    spike->last_ms = coming.draft->last_ms;
    if (spikes(turn->window, &coming))
        heat_draft(turn, &coming);
    episode_free(turn->pool, turn->window, coming.draft);
    drop_past(rule, spike, coming.bucket);
    past_add(turn->pool, spike, coming.bucket, coming.n);
    memmove(spike->coming, spike->coming + 1,
            --spike->n_coming * sizeof *spike->coming);
}

/* --- the family */

static int64_t
spike_due(const struct window *window)
{
    const struct spike *spike = spike_of(window);
    return spike->n_coming > 0
               ? start_of(window->rule, spike->coming[0].bucket + 1)
               : NO_TIME;
}

/* One more that is to come, at this place. */
static struct coming *
insert(struct pool *pool, struct window *window, uint32_t place, int64_t bucket)
{
    struct spike *spike = spike_of(window);
    size_t room = spike->coming_room;
    spike->coming = array_room(pool, spike->coming, spike->n_coming, &room,
                               sizeof *spike->coming);
    spike->coming_room = (uint32_t)room;
    memmove(&spike->coming[place + 1], &spike->coming[place],
            (spike->n_coming - place) * sizeof *spike->coming);
    spike->n_coming++;
    struct coming *coming = &spike->coming[place];
    *coming = (struct coming){.bucket = bucket, .draft = episode_new(pool)};
    coming->draft->fired_ms = start_of(window->rule, bucket + 1);
    return coming;
}

/* NULL: it belongs to what was decided before its time. */
static struct coming *
coming_of(struct turn *turn, int64_t bucket)
{
    struct window *window = turn->window;
    struct spike *spike = spike_of(window);
    if (spike->n_coming >= MAX_COMING &&
        spike->coming[spike->n_coming - 1].bucket != bucket) {
        window->approximate = true;
        window->passed_ms = spike_due(window);
        decide(turn);
        if (start_of(window->rule, bucket) < window->passed_ms)
            return NULL;
    }
    uint32_t place = spike->n_coming;
    while (place > 0 && spike->coming[place - 1].bucket >= bucket)
        place--;
    if (place < spike->n_coming && spike->coming[place].bucket == bucket)
        return &spike->coming[place];
    return insert(turn->pool, window, place, bucket);
}

static void
spike_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(turn->pool, window, turn->floor_ms);
    struct coming *coming = coming_of(turn, bucket_of(window->rule, ms));
    if (!coming)
        return;
    coming->n++;
    episode_add(turn->pool, window, coming->draft,
                &(struct hot_event){&event->sighting, bytes, event->steps,
                                    event->weight});
}

static void
spike_pass(struct turn *turn, int64_t due_ms)
{
    (void)due_ms;
    decide(turn);
}

/* A key that is silent for longer than the memory is forgotten. */
static int64_t
spike_until(const struct window *window)
{
    const struct spike *spike = spike_of(window);
    if (spike->n_coming > 0)
        return spike->coming[spike->n_coming - 1].draft->last_ms +
               window->rule->timespan_ms;
    return spike->begun ? spike->last_ms + window->rule->timespan_ms : NO_TIME;
}

static size_t
spike_bytes(const struct window *window)
{
    const struct spike *spike = spike_of(window);
    size_t bytes = spike->n_past * sizeof *spike->past +
                   spike->n_coming * sizeof *spike->coming;
    for (uint32_t i = 0; i < spike->n_coming; i++)
        bytes += episode_bytes(spike->coming[i].draft);
    return bytes;
}

/* --- the record */

enum {
    NOTHING,
    IN_ORDER, /* of before: one bucket at most, in what is decided */
    ANY_ORDER,
};

static void
spike_save(struct buf *buf, const struct window *window)
{
    const struct spike *spike = spike_of(window);
    bool any = spike->begun || spike->n_coming > 0;
    wire_put(buf, any ? ANY_ORDER : NOTHING, 1);
    if (!any)
        return;
    wire_put(buf, spike->begun, 1);
    if (spike->begun) {
        wire_put_i64(buf, spike->first_ms);
        wire_put_i64(buf, spike->last_ms);
    }
    wire_put(buf, spike->n_past, 4);
    for (uint32_t i = 0; i < spike->n_past; i++) {
        wire_put_i64(buf, spike->past[i].bucket);
        wire_put(buf, spike->past[i].n, 8);
    }
    wire_put(buf, spike->n_coming, 4);
    for (uint32_t i = 0; i < spike->n_coming; i++) {
        wire_put(buf, spike->coming[i].n, 8);
        episode_put(buf, window, spike->coming[i].draft);
    }
}

static void
load_past(struct reading *r)
{
    struct spike *spike = spike_of(r->window);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_SPIKE_BUCKETS + 1);
    reading_check(r, spike->begun || n == 0);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        int64_t bucket = wire_get_i64(&r->wire);
        uint64_t events = wire_get(&r->wire, 8);
        reading_check(r, events > 0 && events <= UINT32_MAX &&
                             bucket <=
                                 bucket_of(r->window->rule, spike->last_ms) &&
                             (i == 0 || bucket > spike->past[i - 1].bucket));
        if (!r->wire.wrong)
            past_add(r->pool, spike, bucket, events);
    }
}

/* A bucket that is not over is that of its draft. */
static void
load_coming(struct reading *r, uint64_t n)
{
    const struct correlation *rule = r->window->rule;
    struct spike *spike = spike_of(r->window);
    struct coming *coming = insert(r->pool, r->window, spike->n_coming, 0);
    coming->n = n;
    episode_get(r, coming->draft);
    coming->bucket = bucket_of(rule, coming->draft->first_ms);
    uint32_t n_past = spike->n_past, at = spike->n_coming - 1;
    reading_check(
        r,
        n > 0 && n <= UINT32_MAX &&
            bucket_of(rule, coming->draft->last_ms) == coming->bucket &&
            coming->draft->fired_ms == start_of(rule, coming->bucket + 1) &&
            (at == 0 || coming[-1].bucket < coming->bucket) &&
            (n_past == 0 || spike->past[n_past - 1].bucket < coming->bucket));
}

static void
spike_load(struct reading *r)
{
    struct spike *spike = spike_of(r->window);
    uint64_t order = wire_get_max(&r->wire, 1, ANY_ORDER);
    if (order == NOTHING)
        return;
    spike->begun = order == IN_ORDER || wire_get_max(&r->wire, 1, 1) != 0;
    if (spike->begun) {
        spike->first_ms = reading_time(r);
        spike->last_ms = reading_time(r);
    }
    reading_check(r, spike->first_ms <= spike->last_ms);
    load_past(r);
    uint64_t n = order == IN_ORDER ? 1 : wire_get_max(&r->wire, 4, MAX_COMING);
    for (uint64_t i = 0; i < n && !r->wire.wrong; i++) {
        uint64_t events = wire_get(&r->wire, 8);
        if (order == IN_ORDER && events == 0)
            return;
        load_coming(r, events);
    }
}

static void
spike_free(struct pool *pool, struct window *window)
{
    struct spike *spike = spike_of(window);
    for (uint32_t i = 0; i < spike->n_coming; i++)
        episode_free(pool, window, spike->coming[i].draft);
    pool_give(pool, spike->coming, spike->coming_room * sizeof *spike->coming);
    pool_give(pool, spike->past, spike->room * sizeof *spike->past);
}

static void
spike_describe(struct buf *buf, const struct window *window)
{
    const struct spike *spike = spike_of(window);
    uint64_t n = 0;
    for (uint32_t i = 0; i < spike->n_coming; i++)
        n += spike->coming[i].n;
    buf_format(buf, "%llu events in %u buckets that are not decided, after %u",
               (unsigned long long)n, spike->n_coming, spike->n_past);
}

const struct family spike_family = {
    .own_bytes = sizeof(struct spike),
    .any_order = true,
    .take = spike_take,
    .due = spike_due,
    .pass = spike_pass,
    .until = spike_until,
    .bytes = spike_bytes,
    .save = spike_save,
    .load = spike_load,
    .free = spike_free,
    .describe = spike_describe,
};
