/* SPDX-License-Identifier: Apache-2.0
 *
 * spike: the events of a bucket against the mean of the same time of day on
 * days of the same kind. Events come in order, so there is one bucket that is
 * not over, with the draft of the episode that it may be; of those before it
 * the numbers are kept, for a timespan. A day is a whole number of buckets. */
#include "window_priv.h"

#include <stdlib.h>
#include <string.h>

#define EAST_MS (VIETNAM_MINUTES * INT64_C(60000))

struct past {
    int64_t bucket; /* its number since 1970 in UTC+7 */
    uint64_t n;
};

struct spike {
    bool begun;
    int64_t first_ms, last_ms; /* of the key */
    struct past *past;         /* rising */
    uint32_t n_past, room;
    int64_t bucket;
    uint64_t n; /* of the bucket that is not over; 0: there is none */
    struct episode *draft;
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
spikes(const struct window *window)
{
    const struct correlation *rule = window->rule;
    const struct spike *spike = spike_of(window);
    int64_t per_day = MS_PER_DAY / rule->bucket_ms;
    int64_t day = floor_div(spike->bucket, per_day);
    int64_t first_day = floor_div(spike->first_ms + EAST_MS, MS_PER_DAY);
    enum day_kind kind = kind_of_day(rule, day);
    uint64_t sum = 0, n_past = 0;
    if (spike->n < rule->least ||
        start_of(rule, spike->bucket) < spike->first_ms + rule->learn_ms)
        return false;
    for (int64_t k = 1;
         k * MS_PER_DAY <= rule->timespan_ms && day - k >= first_day; k++) {
        if (kind_of_day(rule, day - k) != kind)
            continue;
        sum += events_in(spike, spike->bucket - k * per_day);
        n_past++;
    }
    if (sum == 0)
        sum = 1; /* one event among them all */
    return n_past > 0 && (amount)spike->n * (amount)n_past * AMOUNT_ONE >=
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
heat_draft(struct turn *turn)
{
    struct window *window = turn->window;
    struct spike *spike = spike_of(window);
    int64_t start_ms = start_of(window->rule, spike->bucket);
    struct run run = {start_ms, spike->draft->last_ms};
    episode_heat(turn->pool, window, spike->draft, run);
}

static void
decide(struct turn *turn)
{
    struct spike *spike = spike_of(turn->window);
    if (spikes(turn->window))
        heat_draft(turn);
    episode_free(turn->pool, turn->window, spike->draft);
    spike->draft = NULL;
    drop_past(turn->window->rule, spike, spike->bucket);
    past_add(turn->pool, spike, spike->bucket, spike->n);
    spike->n = 0;
}

/* --- the family */

static int64_t
spike_due(const struct window *window)
{
    const struct spike *spike = spike_of(window);
    return spike->n > 0 ? start_of(window->rule, spike->bucket + 1) : NO_TIME;
}

static void
spike_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    struct spike *spike = spike_of(window);
    int64_t ms = event->sighting.brief.event_ms;
    int64_t bucket = bucket_of(window->rule, ms);
    window_prune(turn->pool, window, turn->floor_ms);
    if (spike->n > 0 && bucket != spike->bucket)
        decide(turn);
    if (!spike->begun || ms - spike->last_ms > window->rule->timespan_ms) {
        spike->begun = true; /* or it was forgotten */
        spike->first_ms = ms;
        spike->n_past = 0;
    }
    spike->last_ms = ms;
    if (spike->n++ == 0) {
        spike->bucket = bucket;
        spike->draft = episode_new(turn->pool);
        spike->draft->fired_ms = spike_due(window);
    }
    episode_add(turn->pool, window, spike->draft,
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
    return spike->begun ? spike->last_ms + window->rule->timespan_ms : NO_TIME;
}

static size_t
spike_bytes(const struct window *window)
{
    const struct spike *spike = spike_of(window);
    return spike->n_past * sizeof *spike->past +
           (spike->draft ? episode_bytes(spike->draft) : 0);
}

static void
spike_save(struct buf *buf, const struct window *window)
{
    const struct spike *spike = spike_of(window);
    wire_put(buf, spike->begun, 1);
    if (!spike->begun)
        return;
    wire_put_i64(buf, spike->first_ms);
    wire_put_i64(buf, spike->last_ms);
    wire_put(buf, spike->n_past, 4);
    for (uint32_t i = 0; i < spike->n_past; i++) {
        wire_put_i64(buf, spike->past[i].bucket);
        wire_put(buf, spike->past[i].n, 8);
    }
    wire_put(buf, spike->n, 8);
    if (spike->n > 0)
        episode_put(buf, window, spike->draft);
}

static void
spike_load(struct reading *r)
{
    const struct correlation *rule = r->window->rule;
    struct spike *spike = spike_of(r->window);
    if (wire_get_max(&r->wire, 1, 1) == 0)
        return;
    spike->begun = true;
    spike->first_ms = reading_time(r);
    spike->last_ms = reading_time(r);
    reading_check(r, spike->first_ms <= spike->last_ms);
    spike->bucket = bucket_of(rule, spike->last_ms);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_SPIKE_BUCKETS + 1);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        int64_t bucket = wire_get_i64(&r->wire);
        uint64_t events = wire_get(&r->wire, 8);
        reading_check(r, events > 0 && events <= UINT32_MAX &&
                             bucket <= spike->bucket &&
                             (i == 0 || bucket > spike->past[i - 1].bucket));
        if (!r->wire.wrong)
            past_add(r->pool, spike, bucket, events);
    }
    uint64_t events = wire_get_max(&r->wire, 8, UINT32_MAX);
    if (r->wire.wrong || events == 0)
        return;
    reading_check(r, n == 0 || spike->past[n - 1].bucket < spike->bucket);
    spike->n = events;
    spike->draft = episode_new(r->pool);
    episode_get(r, spike->draft);
}

static void
spike_free(struct pool *pool, struct window *window)
{
    struct spike *spike = spike_of(window);
    pool_give(pool, spike->past, spike->room * sizeof *spike->past);
    if (spike->draft)
        episode_free(pool, window, spike->draft);
}

const struct family spike_family = {
    .own_bytes = sizeof(struct spike),
    .take = spike_take,
    .due = spike_due,
    .pass = spike_pass,
    .until = spike_until,
    .bytes = spike_bytes,
    .save = spike_save,
    .load = spike_load,
    .free = spike_free,
};
