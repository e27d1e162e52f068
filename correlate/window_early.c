/* SPDX-License-Identifier: Apache-2.0
 *
 * A correlation that another refers to fires when the watermark has passed, by
 * the hot events up to the one that completed it. Where further events cannot
 * undo what windows satisfy, it is found as events come, so that a storm folds
 * as it does without a chain; only what it will fire by is kept apart until
 * then, as late events may still complete it earlier:
 * - its hot events up to fired_ms stay in their entries: all of them lie within
 *   a timespan before, cold until the completing one came, so they are no more
 *   than a cold window may hold;
 * - `at`: of those at fired_ms what the entries need not have;
 * - `after`: all that is hot later, as a draft.
 * If fired_ms falls, what lies after it goes to `after`. Once the watermark is
 * past fired_ms nothing of it can change: it is told, and then takes the rest
 * in. */
#include "window_priv.h"

#include <assert.h>

static struct episode *
draft(struct pool *pool, struct episode **there)
{
    if (!*there) {
        *there = episode_new(pool);
        (*there)->fired_ms = MAX_EVENT_MS;
    }
    return *there;
}

static void
merge(struct pool *pool, struct window *window, struct episode **into,
      struct episode **from)
{
    if (!*into) {
        *into = *from;
    } else if (*from) {
        episode_absorb(pool, window, *into, *from);
        episode_free(pool, window, *from);
    }
    *from = NULL;
}

/* The entries that may hold what it will fire by. */
static uint32_t
first_held(const struct window *window, const struct episode *episode)
{
    return window_lower(window, episode->fired_ms - window->rule->timespan_ms);
}

static bool
is_held(const struct window *window, const struct episode *episode, uint32_t i)
{
    return i < window->n && window->entries[i].event_ms <= episode->fired_ms;
}

/* What lies after `ms` goes to `after`. */
static void
loosen(struct turn *turn, struct episode *episode, int64_t ms)
{
    struct window *window = turn->window;
    for (uint32_t i = first_held(window, episode); is_held(window, episode, i);
         i++) {
        struct entry *entry = &window->entries[i];
        if (entry->sighting && entry->event_ms > ms)
            entry_heat(turn->pool, window, draft(turn->pool, &episode->after),
                       entry);
    }
    merge(turn->pool, window, &episode->after, &episode->at);
}

static bool
is_near(const struct window *window, const struct episode *episode,
        struct run run)
{
    int64_t reach_ms = window_reach_ms(window->rule);
    return episode->first_ms - reach_ms <= run.to_ms &&
           episode->last_ms + reach_ms >= run.from_ms;
}

void
early_loosen(struct turn *turn, struct run run, int64_t fired_ms)
{
    struct window *window = turn->window;
    for (struct episode *e = window->episodes; e; e = e->next)
        if (is_near(window, e, run)) {
            if (!e->waits) /* it has fired: all others are part of it */
                fired_ms = NO_TIME;
            else if (e->fired_ms < fired_ms)
                fired_ms = e->fired_ms;
        }
    for (struct episode *e = window->episodes; e; e = e->next)
        if (e->waits && e->fired_ms > fired_ms && is_near(window, e, run))
            loosen(turn, e, fired_ms);
}

bool
early_keeps(const struct episode *episode, int64_t event_ms)
{
    return episode->waits && event_ms <= episode->fired_ms;
}

void
early_add(struct turn *turn, struct episode *episode,
          const struct hot_event *event)
{
    episode_add(turn->pool, turn->window,
                episode->waits ? draft(turn->pool, &episode->after) : episode,
                event);
}

void
early_absorb(struct pool *pool, struct window *window, struct episode *episode,
             struct episode *other)
{
    struct episode *whole = episode;
    if (other->at)
        merge(pool, window, &episode->at, &other->at);
    if (other->after)
        merge(pool, window, episode->waits ? &episode->after : &whole,
              &other->after);
}

/* --- what is left out of the entries */

/* Of an episode that waits. */
static void
spare(struct pool *pool, struct window *window, struct episode *episode,
      bool *keep, bool all)
{
    for (uint32_t i = first_held(window, episode); is_held(window, episode, i);
         i++) {
        struct entry *entry = &window->entries[i];
        if (keep[i] || !entry->sighting)
            continue;
        if (all || entry->event_ms == episode->fired_ms)
            entry_heat(pool, window, draft(pool, &episode->at), entry);
        else
            keep[i] = true;
    }
}

void
early_spare(struct pool *pool, struct window *window, bool *keep, bool all)
{
    for (struct episode *e = window->episodes; e; e = e->next)
        if (e->waits)
            spare(pool, window, e, keep, all);
}

/* --- the watermark passes */

int64_t
early_due(const struct window *window)
{
    int64_t due_ms = NO_TIME;
    for (const struct episode *e = window->episodes; e; e = e->next)
        if ((e->waits || e->after) &&
            (due_ms == NO_TIME || e->fired_ms < due_ms))
            due_ms = e->fired_ms;
    return due_ms;
}

bool
early_whole(const struct window *window, const struct episode *episode)
{
    bool any = episode->at != NULL;
    for (uint32_t i = first_held(window, episode); is_held(window, episode, i);
         i++)
        any |= window->entries[i].sighting != NULL;
    return any;
}

static void
fire(struct turn *turn, struct episode *episode)
{
    struct window *window = turn->window;
    episode->waits = false;
    episode->first_ms = INT64_MAX;
    episode->last_ms = INT64_MIN;
    for (uint32_t i = first_held(window, episode); is_held(window, episode, i);
         i++)
        if (window->entries[i].sighting)
            entry_heat(turn->pool, window, episode, &window->entries[i]);
    struct episode *whole = episode;
    merge(turn->pool, window, &whole, &episode->at);
    assert(episode->first);
}

void
early_pass(struct turn *turn, int64_t due_ms)
{
    struct window *window = turn->window;
    window_prune(turn->pool, window, turn->floor_ms);
    for (struct episode *e = window->episodes; e; e = e->next) {
        struct episode *whole = e;
        if (e->fired_ms != due_ms)
            continue;
        if (e->waits)
            fire(turn, e);
        else if (e->after)
            merge(turn->pool, window, &whole, &e->after);
    }
}

uint32_t
early_waiting(const struct window *window)
{
    uint64_t n = 0;
    for (const struct episode *e = window->episodes; e; e = e->next) {
        if (!e->waits)
            continue;
        n += (e->at ? e->at->count : 0) + (e->after ? e->after->count : 0);
        for (uint32_t i = first_held(window, e); is_held(window, e, i); i++)
            n += window->entries[i].sighting != NULL;
    }
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}
