/* SPDX-License-Identifier: Apache-2.0
 *
 * risk: points in buckets of time; a window is a run of so many buckets. What a
 * bucket holds is a sum, a minimum, a maximum or a set, so the order of arrival
 * does not show. A cold bucket has the draft of what its events will be in an
 * episode; when a run that contains it holds, the draft goes there.
 *
 * Any run that holds is part of one that ends in a bucket with events: only
 * those are looked at. All of them that contain the new event's bucket are near
 * enough to be one episode. */
#include "window_priv.h"

#include <string.h>

enum {
    MAX_HELD = 4096, /* buckets; the window is approximate past it */
    MAX_POINTS = 1000000000,
};

struct risk_bucket {
    int64_t number; /* since 1970 */
    int64_t first_ms, last_ms;
    uint64_t points;
    uint32_t kinds, tactics;
    uint64_t *rules; /* digests, sorted: the least n_rules of the condition */
    uint32_t n_rules, rules_room;
    struct episode *draft; /* NULL: it is hot */
};

struct risk {
    struct risk_bucket *bucket; /* rising */
    uint32_t n, room;
};

/* "POINTS TACTICS RULE" */
struct score {
    uint64_t points;
    uint32_t tactics;
    uint64_t rule;
};

static struct risk *
risk_of(const struct window *window)
{
    return window->own;
}

static bool
score_read(struct str text, struct score *score)
{
    struct str points, tactics;
    int64_t n, bits;
    if (!str_split(&text, ' ', &points) || !str_split(&text, ' ', &tactics) ||
        !str_to_i64(points, &n) || n < 0 || n > MAX_POINTS ||
        !str_to_i64(tactics, &bits) || bits < 0 || bits > UINT32_MAX ||
        text.len == 0)
        return false;
    *score =
        (struct score){(uint64_t)n, (uint32_t)bits, hash_digest(text).half[0]};
    return true;
}

/* --- buckets */

static int64_t
number_of(const struct correlation *rule, int64_t ms)
{
    return ms / rule->bucket_ms - (ms % rule->bucket_ms < 0);
}

/* Of a window. */
static int64_t
n_buckets(const struct correlation *rule)
{
    return rule->timespan_ms / rule->bucket_ms;
}

static void
bucket_free(struct pool *pool, struct window *window,
            struct risk_bucket *bucket)
{
    pool_give(pool, bucket->rules, bucket->rules_room * sizeof *bucket->rules);
    if (bucket->draft)
        episode_free(pool, window, bucket->draft);
}

static void
drop_first(struct turn *turn, uint32_t n)
{
    struct risk *risk = risk_of(turn->window);
    for (uint32_t i = 0; i < n; i++)
        bucket_free(turn->pool, turn->window, &risk->bucket[i]);
    risk->n -= n;
    if (n > 0)
        memmove(risk->bucket, risk->bucket + n, risk->n * sizeof *risk->bucket);
}

/* No event that still comes is in a run with them. */
static void
drop_past(struct turn *turn)
{
    const struct correlation *rule = turn->window->rule;
    struct risk *risk = risk_of(turn->window);
    uint32_t n = 0;
    if (turn->floor_ms == NO_TIME)
        return;
    int64_t before = number_of(rule, turn->floor_ms) - n_buckets(rule) + 1;
    while (n < risk->n && risk->bucket[n].number < before)
        n++;
    drop_first(turn, n);
}

/* The first bucket that is not before `number`. */
static uint32_t
lower(const struct risk *risk, int64_t number)
{
    uint32_t low = 0, high = risk->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (risk->bucket[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct risk_bucket *
insert(struct pool *pool, struct window *window, int64_t number)
{
    struct risk *risk = risk_of(window);
    uint32_t place = lower(risk, number);
    if (place < risk->n && risk->bucket[place].number == number)
        return &risk->bucket[place];
    size_t room = risk->room;
    risk->bucket =
        array_room(pool, risk->bucket, risk->n, &room, sizeof *risk->bucket);
    risk->room = (uint32_t)room;
    memmove(&risk->bucket[place + 1], &risk->bucket[place],
            (risk->n - place) * sizeof *risk->bucket);
    risk->n++;
    risk->bucket[place] = (struct risk_bucket){
        .number = number,
        .first_ms = INT64_MAX,
        .last_ms = INT64_MIN,
        .draft = episode_new(pool),
    };
    risk->bucket[place].draft->fired_ms = MAX_EVENT_MS; /* not yet */
    return &risk->bucket[place];
}

/* Of more rules than are asked for the least digests are kept: they are enough
 * by themselves. */
static void
add_rule(struct pool *pool, const struct correlation *rule,
         struct risk_bucket *bucket, uint64_t digest)
{
    uint32_t place = 0;
    while (place < bucket->n_rules && bucket->rules[place] < digest)
        place++;
    if (place == rule->n_rules ||
        (place < bucket->n_rules && bucket->rules[place] == digest))
        return;
    if (bucket->n_rules == rule->n_rules)
        bucket->n_rules--;
    size_t room = bucket->rules_room;
    bucket->rules = array_room(pool, bucket->rules, bucket->n_rules, &room,
                               sizeof *bucket->rules);
    bucket->rules_room = (uint32_t)room;
    memmove(&bucket->rules[place + 1], &bucket->rules[place],
            (bucket->n_rules - place) * sizeof *bucket->rules);
    bucket->rules[place] = digest;
    bucket->n_rules++;
}

/* --- what holds */

/* At least so many different rules in the buckets. */
static bool
rules_hold(struct turn *turn, uint32_t from, uint32_t to)
{
    const struct risk *risk = risk_of(turn->window);
    uint32_t wanted = turn->window->rule->n_rules, n = 0;
    if (wanted == 0)
        return true;
    finder_clear(turn->finder);
    for (uint32_t i = from; i <= to; i++)
        for (uint32_t k = 0; k < risk->bucket[i].n_rules; k++) {
            n += finder_slot(turn->finder, risk->bucket[i].rules[k])->n++ == 0;
            if (n >= wanted)
                return true;
        }
    return false;
}

static bool
run_holds(struct turn *turn, uint32_t from, uint32_t to)
{
    const struct correlation *rule = turn->window->rule;
    const struct risk *risk = risk_of(turn->window);
    amount points = 0;
    uint32_t kinds = 0, tactics = 0;
    for (uint32_t i = from; i <= to; i++) {
        points += risk->bucket[i].points;
        kinds |= risk->bucket[i].kinds;
        tactics |= risk->bucket[i].tactics;
    }
    return points * AMOUNT_ONE >= rule->bound[0].limit &&
           (uint32_t)__builtin_popcount(kinds) >= rule->n_kinds &&
           (uint32_t)__builtin_popcount(tactics) >= rule->n_tactics &&
           rules_hold(turn, from, to);
}

/* What is hot around a bucket. */
struct heat {
    bool found;
    uint32_t from, to;
    int64_t fired_ms;
};

static struct heat
find_heat(struct turn *turn, uint32_t at)
{
    const struct risk *risk = risk_of(turn->window);
    int64_t n = n_buckets(turn->window->rule);
    int64_t last = risk->bucket[at].number + n - 1;
    struct heat heat = {false, at, at, INT64_MAX};
    for (uint32_t to = at; to < risk->n && risk->bucket[to].number <= last;
         to++) {
        uint32_t from = lower(risk, risk->bucket[to].number - n + 1);
        if (!run_holds(turn, from, to))
            continue;
        if (!heat.found) { /* runs that end later begin later */
            heat.found = true;
            heat.from = from;
            heat.fired_ms = risk->bucket[to].first_ms;
        }
        heat.to = to;
    }
    return heat;
}

/* --- the family */

static void
heat_buckets(struct turn *turn, const struct heat *heat,
             const struct hot_event *event)
{
    struct window *window = turn->window;
    struct risk *risk = risk_of(window);
    struct run run = {risk->bucket[heat->from].first_ms,
                      risk->bucket[heat->to].last_ms};
    struct episode *episode = episode_gather(turn->pool, window, run);
    if (heat->fired_ms < episode->fired_ms)
        episode->fired_ms = heat->fired_ms;
    for (uint32_t i = heat->from; i <= heat->to; i++) {
        struct episode *draft = risk->bucket[i].draft;
        if (!draft)
            continue;
        if (draft->count > 0)
            episode_absorb(turn->pool, window, episode, draft);
        episode_free(turn->pool, window, draft);
        risk->bucket[i].draft = NULL;
    }
    episode_add(turn->pool, window, episode, event);
    episode_enlist(window, episode);
}

static void
count_in(struct turn *turn, struct risk_bucket *bucket,
         const struct event *event, const struct score *score)
{
    int64_t ms = event->sighting.brief.event_ms;
    uint32_t kind = UINT32_C(1) << event->sighting.brief.kind;
    bucket->points += score->points;
    bucket->tactics |= score->tactics;
    bucket->kinds |= kind & ~(UINT32_C(1) << KIND_NONE);
    if (ms < bucket->first_ms)
        bucket->first_ms = ms;
    if (ms > bucket->last_ms)
        bucket->last_ms = ms;
    if (turn->window->rule->n_rules > 0)
        add_rule(turn->pool, turn->window->rule, bucket, score->rule);
}

static void
risk_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    struct risk *risk = risk_of(window);
    int64_t number = number_of(window->rule, event->sighting.brief.event_ms);
    struct score score;
    if (!score_read(event->sighting.value, &score))
        return;
    window_prune(turn->pool, window, turn->floor_ms);
    drop_past(turn);
    if (risk->n >= MAX_HELD) {
        window->approximate = true;
        drop_first(turn, 1);
    }
    struct risk_bucket *bucket = insert(turn->pool, window, number);
    count_in(turn, bucket, event, &score);
    struct heat heat = find_heat(turn, (uint32_t)(bucket - risk->bucket));
    const struct hot_event hot = {&event->sighting, bytes, event->steps,
                                  event->weight};
    if (bucket->draft && !heat.found) {
        episode_add(turn->pool, window, bucket->draft, &hot);
        return;
    }
    if (!heat.found) /* its run outlived those that went before their time */
        heat.fired_ms = bucket->first_ms;
    if (window->rule->n_feeds > 0) /* taken in order: this one completed it */
        heat.fired_ms = event->sighting.brief.event_ms;
    heat_buckets(turn, &heat, &hot);
}

/* As in window_due.c: a cold bucket that is near enough to join may become hot
 * within a timespan. */
static int64_t
risk_over(const struct window *window, const struct episode *episode)
{
    const struct risk *risk = risk_of(window);
    int64_t timespan_ms = window->rule->timespan_ms;
    int64_t near_ms = episode->last_ms + timespan_ms, last_ms = NO_TIME;
    for (uint32_t i = risk->n; i-- > 0 && last_ms == NO_TIME;)
        if (risk->bucket[i].draft && risk->bucket[i].first_ms <= near_ms)
            last_ms = risk->bucket[i].last_ms;
    return (last_ms > episode->last_ms ? last_ms : episode->last_ms) +
           timespan_ms;
}

static int64_t
risk_until(const struct window *window)
{
    const struct risk *risk = risk_of(window);
    return risk->n > 0
               ? risk->bucket[risk->n - 1].last_ms + window->rule->timespan_ms
               : NO_TIME;
}

static size_t
risk_bytes(const struct window *window)
{
    const struct risk *risk = risk_of(window);
    size_t bytes = risk->n * sizeof *risk->bucket;
    for (uint32_t i = 0; i < risk->n; i++) {
        const struct risk_bucket *bucket = &risk->bucket[i];
        bytes += bucket->n_rules * sizeof *bucket->rules +
                 (bucket->draft ? episode_bytes(bucket->draft) : 0);
    }
    return bytes;
}

/* --- the record */

static void
risk_save(struct buf *buf, const struct window *window)
{
    const struct risk *risk = risk_of(window);
    wire_put(buf, risk->n, 4);
    for (uint32_t i = 0; i < risk->n; i++) {
        const struct risk_bucket *bucket = &risk->bucket[i];
        wire_put_i64(buf, bucket->first_ms);
        wire_put_i64(buf, bucket->last_ms);
        wire_put(buf, bucket->points, 8);
        wire_put(buf, bucket->kinds, 4);
        wire_put(buf, bucket->tactics, 4);
        wire_put(buf, bucket->n_rules, 4);
        for (uint32_t k = 0; k < bucket->n_rules; k++)
            wire_put(buf, bucket->rules[k], 8);
        wire_put(buf, bucket->draft != NULL, 1);
        if (bucket->draft)
            episode_put(buf, window, bucket->draft);
    }
}

static void
load_rules(struct reading *r, struct risk_bucket *bucket)
{
    const struct correlation *rule = r->window->rule;
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, rule->n_rules);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        uint64_t digest = wire_get(&r->wire, 8);
        reading_check(r, bucket->n_rules == i &&
                             (i == 0 || digest > bucket->rules[i - 1]));
        if (!r->wire.wrong)
            add_rule(r->pool, rule, bucket, digest);
    }
}

static void
risk_load(struct reading *r)
{
    struct risk *risk = risk_of(r->window);
    const struct correlation *rule = r->window->rule;
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_HELD);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        int64_t first_ms = reading_time(r), last_ms = reading_time(r);
        int64_t number = number_of(rule, first_ms);
        reading_check(r, first_ms <= last_ms &&
                             number_of(rule, last_ms) == number &&
                             (i == 0 || number > risk->bucket[i - 1].number));
        if (r->wire.wrong)
            return;
        struct risk_bucket *bucket = insert(r->pool, r->window, number);
        bucket->first_ms = first_ms;
        bucket->last_ms = last_ms;
        bucket->points = wire_get_max(&r->wire, 8, UINT64_MAX / 2);
        bucket->kinds =
            (uint32_t)wire_get_max(&r->wire, 4, (1u << N_KINDS) - 1);
        bucket->tactics = (uint32_t)wire_get(&r->wire, 4);
        load_rules(r, bucket);
        if (wire_get_max(&r->wire, 1, 1) != 0) {
            episode_get(r, bucket->draft);
            reading_check(r, bucket->draft->count > 0 &&
                                 bucket->draft->fired_ms == MAX_EVENT_MS);
            continue;
        }
        episode_free(r->pool, r->window, bucket->draft);
        bucket->draft = NULL;
    }
}

static void
risk_free(struct pool *pool, struct window *window)
{
    struct risk *risk = risk_of(window);
    for (uint32_t i = 0; i < risk->n; i++)
        bucket_free(pool, window, &risk->bucket[i]);
    pool_give(pool, risk->bucket, risk->room * sizeof *risk->bucket);
}

const struct family risk_family = {
    .own_bytes = sizeof(struct risk),
    .take = risk_take,
    .until = risk_until,
    .over = risk_over,
    .bytes = risk_bytes,
    .save = risk_save,
    .load = risk_load,
    .free = risk_free,
};
