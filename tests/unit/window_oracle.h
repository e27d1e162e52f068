/* SPDX-License-Identifier: Apache-2.0
 *
 * What DESIGN 8 says of windows, word by word, for tests: all events in
 * memory, sorted; every window looked at. Slow and obvious. */
#ifndef TESTS_UNIT_WINDOW_ORACLE_H
#define TESTS_UNIT_WINDOW_ORACLE_H

#include "correlate/window.h"

#include <stdlib.h>
#include <string.h>

enum { ORACLE_EVENTS = 512, ORACLE_STEPS = 4, ORACLE_KINDS = 3 };

struct oracle_event {
    int64_t ms;
    uint32_t number; /* its position in the log */
    uint32_t steps;
    uint64_t value;
    enum kind kind;
};

struct oracle_proof {
    uint64_t count;
    uint32_t first, last; /* numbers */
};

struct oracle_episode {
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
    struct oracle_proof proof[ORACLE_STEPS][ORACLE_KINDS];
};

struct oracle {
    const struct correlation *rule;
    struct oracle_event event[ORACLE_EVENTS]; /* sorted by (time, number) */
    bool hot[ORACLE_EVENTS];
    size_t n;
    struct oracle_episode episode[ORACLE_EVENTS];
    size_t n_episodes;
};

static inline int
oracle_order(const void *left, const void *right)
{
    const struct oracle_event *a = left, *b = right;
    if (a->ms != b->ms)
        return a->ms < b->ms ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

/* How many distinct values, or steps, are among the events [from, to). */
static inline uint32_t
oracle_distinct(const struct oracle *o, size_t from, size_t to)
{
    uint32_t n = 0, steps = 0;
    if (o->rule->type == TEMPORAL) {
        for (size_t i = from; i < to; i++)
            steps |= o->event[i].steps;
        return (uint32_t)__builtin_popcount(steps);
    }
    for (size_t i = from; i < to; i++) {
        size_t j = from;
        while (o->event[j].value != o->event[i].value)
            j++;
        n += j == i;
    }
    return n;
}

/* Is there an event for each step, none before the one for the step before? */
static inline bool
oracle_in_order(const struct oracle *o, size_t from, size_t to)
{
    int64_t ms = INT64_MIN;
    for (size_t s = 0; s < o->rule->n_steps; s++) {
        size_t i = from;
        while (i < to && (o->event[i].ms < ms || !(o->event[i].steps >> s & 1)))
            i++;
        if (i == to)
            return false;
        ms = o->event[i].ms;
    }
    return true;
}

/* The condition over all events with from_ms <= time <= to_ms. */
static inline bool
oracle_holds(const struct oracle *o, int64_t from_ms, int64_t to_ms)
{
    size_t from = 0, to;
    while (from < o->n && o->event[from].ms < from_ms)
        from++;
    for (to = from; to < o->n && o->event[to].ms <= to_ms;)
        to++;
    switch (o->rule->type) {
    case EVENT_COUNT:
        return to - from >= o->rule->threshold;
    case TEMPORAL_ORDERED:
        return oracle_in_order(o, from, to);
    default:
        return oracle_distinct(o, from, to) >= o->rule->threshold;
    }
}

/* An event is hot if some window that contains it satisfies the condition. */
static inline void
oracle_heat(struct oracle *o)
{
    int64_t timespan_ms = o->rule->timespan_ms;
    memset(o->hot, 0, sizeof o->hot);
    for (size_t w = 0; w < o->n; w++) {
        int64_t from_ms = o->event[w].ms;
        if (!oracle_holds(o, from_ms, from_ms + timespan_ms))
            continue;
        for (size_t i = 0; i < o->n; i++)
            o->hot[i] |= o->event[i].ms >= from_ms &&
                         o->event[i].ms <= from_ms + timespan_ms;
    }
}

static inline void
oracle_prove(struct oracle_episode *episode, const struct oracle_event *event)
{
    for (uint32_t s = 0; s < ORACLE_STEPS; s++) {
        struct oracle_proof *proof = &episode->proof[s][event->kind];
        if (!(event->steps >> s & 1))
            continue;
        if (proof->count++ == 0)
            proof->first = event->number;
        proof->last = event->number;
    }
}

static inline void
oracle_run(struct oracle *o)
{
    int64_t timespan_ms = o->rule->timespan_ms;
    struct oracle_episode *episode = NULL;
    qsort(o->event, o->n, sizeof *o->event, oracle_order);
    oracle_heat(o);
    o->n_episodes = 0;
    for (size_t i = 0; i < o->n; i++) {
        const struct oracle_event *event = &o->event[i];
        if (!o->hot[i])
            continue;
        if (!episode || event->ms - episode->last_ms > timespan_ms) {
            episode = &o->episode[o->n_episodes++];
            *episode = (struct oracle_episode){
                .first_ms = event->ms,
                .fired_ms = INT64_MAX,
            };
        }
        episode->last_ms = event->ms;
        episode->count++;
        oracle_prove(episode, event);
        if (episode->fired_ms == INT64_MAX &&
            oracle_holds(o, event->ms - timespan_ms, event->ms))
            episode->fired_ms = event->ms;
    }
}

#endif
