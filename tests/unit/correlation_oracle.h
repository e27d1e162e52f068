/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/correlation.md word by word, for tests: all events of one key in
 * memory, sorted; every window looked at; nothing kept from one question to
 * the next. Slow and obvious, and written from that page, not from the engine.
 * Here the words, and what every type ends in: hot events into episodes.
 * oracle_sliding.h, oracle_laid.h and oracle_memory.h: which events are hot,
 * and when. */
#ifndef TESTS_UNIT_CORRELATION_ORACLE_H
#define TESTS_UNIT_CORRELATION_ORACLE_H

#include "correlate/correlation.h"

#include <stdlib.h>
#include <string.h>

enum { ORACLE_EVENTS = 512, ORACLE_STEPS = 5, ORACLE_KINDS = 3 };
enum { ORACLE_TRUTHS = 4 * ORACLE_EVENTS };

#define ORACLE_HOUR_MS INT64_C(3600000)
#define ORACLE_DAY_MS (24 * ORACLE_HOUR_MS)

struct oracle_event {
    int64_t ms;
    uint32_t number; /* the order among events of the same time */
    uint32_t steps;
    uint32_t weight; /* so many alerts */
    uint64_t value;
    amount number_of; /* what is measured; risk: points */
    uint32_t tactics; /* risk */
    enum kind kind;
};

struct oracle_proof {
    uint64_t count;
    uint32_t first, last; /* numbers */
};

struct oracle_episode {
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
    uint64_t value; /* first_seen, rare: what was seen */
    struct oracle_proof proof[ORACLE_STEPS][ORACLE_KINDS];
};

/* Something held from from_ms to to_ms, and was certain at fired_ms. */
struct oracle_truth {
    int64_t from_ms, to_ms, fired_ms;
};

struct oracle {
    const struct correlation *rule;
    struct oracle_event event[ORACLE_EVENTS]; /* sorted by (time, number) */
    size_t n;
    bool hot[ORACLE_EVENTS];
    int fed[ORACLE_EVENTS]; /* which episode a hot event is of; or -1 */
    int64_t fired_ms[ORACLE_EVENTS]; /* when a hot event made it certain */
    struct oracle_episode episode[ORACLE_EVENTS];
    size_t n_episodes;
};

static inline int
oracle_order(const void *left, const void *right)
{
    const struct oracle_event *a = left, *b = right;
    if (a->ms != b->ms)
        return a->ms < b->ms ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static inline int64_t
oracle_floor_div(int64_t n, int64_t by)
{
    return n >= 0 ? n / by : -((-n + by - 1) / by);
}

static inline int64_t
oracle_day(int64_t ms)
{
    return oracle_floor_div(ms + 7 * ORACLE_HOUR_MS, ORACLE_DAY_MS);
}

/* 0 Monday … 6 Sunday: the first day of 1970 was a Thursday. */
static inline int
oracle_weekday(int64_t day)
{
    return (int)(((day + 3) % 7 + 7) % 7);
}

static inline bool
oracle_is_holiday(const struct correlation *rule, int64_t day)
{
    for (size_t i = 0; i < rule->n_holidays; i++)
        if (rule->holiday[i] == day)
            return true;
    return false;
}

/* Is n / by, which is not rounded, within the bound? */
static inline bool
oracle_bound(const struct bound *bound, amount n, amount by)
{
    amount limit = bound->limit * by;
    switch (bound->op) {
    case BOUND_GT:
        return n > limit;
    case BOUND_GTE:
        return n >= limit;
    case BOUND_LT:
        return n < limit;
    case BOUND_LTE:
        return n <= limit;
    case BOUND_EQ:
        return n == limit;
    case BOUND_NEQ:
        return n != limit;
    case N_BOUND_OPS:
        break;
    }
    abort();
}

/* Two bounds: both. */
static inline bool
oracle_bounds(const struct correlation *rule, amount n, amount by)
{
    for (size_t i = 0; i < rule->n_bounds; i++)
        if (!oracle_bound(&rule->bound[i], n, by))
            return false;
    return true;
}

/* A holiday is what `holidays` says, whatever day of the week it is. */
static inline bool
oracle_is_active(const struct correlation *rule, int64_t day)
{
    int bit = oracle_is_holiday(rule, day) ? 7 : oracle_weekday(day);
    return rule->hours.days >> bit & 1;
}

/* "Only events in these hours count, in UTC+7"; or only the others. What is
 * after midnight belongs to the day before. */
static inline bool
oracle_in_hours(const struct correlation *rule, int64_t ms)
{
    const struct active_hours *hours = &rule->hours;
    int64_t day = oracle_day(ms);
    int64_t of_day = ms + 7 * ORACLE_HOUR_MS - day * ORACLE_DAY_MS;
    int64_t from = hours->from_min * INT64_C(60000);
    int64_t to = hours->to_min * INT64_C(60000);
    bool in = from <= to
                  ? of_day >= from && of_day < to && oracle_is_active(rule, day)
                  : (of_day >= from && oracle_is_active(rule, day)) ||
                        (of_day < to && oracle_is_active(rule, day - 1));
    return !hours->given || in != hours->outside;
}

/* Events that take no part are gone. */
static inline void
oracle_choose(struct oracle *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        const struct oracle_event *event = &o->event[i];
        if (!oracle_in_hours(o->rule, event->ms))
            continue;
        if (o->rule->never_negative && event->number_of < 0)
            continue;
        o->event[n++] = *event;
    }
    o->n = n;
}

/* How many different values, or steps, kinds, tactics. */
static inline uint32_t
oracle_values(const struct oracle *o, size_t from, size_t to)
{
    uint32_t n = 0;
    for (size_t i = from; i < to; i++) {
        size_t j = from;
        while (o->event[j].value != o->event[i].value)
            j++;
        n += j == i;
    }
    return n;
}

/* The events [from, to) of the times from_ms to to_ms, ends included. */
static inline void
oracle_span(const struct oracle *o, int64_t from_ms, int64_t to_ms,
            size_t *from, size_t *to)
{
    size_t i = 0;
    while (i < o->n && o->event[i].ms < from_ms)
        i++;
    *from = i;
    while (i < o->n && o->event[i].ms <= to_ms)
        i++;
    *to = i;
}

/* --- hot events into episodes */

/* The rules that stand somewhere without `not`; all, if there are no words. */
static inline uint32_t
oracle_stands(const struct oracle *o)
{
    uint32_t stands = o->rule->n_conjuncts == 0 ? UINT32_MAX : 0;
    for (size_t k = 0; k < o->rule->n_conjuncts; k++)
        stands |= o->rule->conjunct[k].all;
    return stands;
}

/* Evidence of the rules that stand. */
static inline void
oracle_prove(const struct oracle *o, struct oracle_episode *episode,
             const struct oracle_event *event)
{
    for (uint32_t s = 0; s < ORACLE_STEPS; s++) {
        struct oracle_proof *proof = &episode->proof[s][event->kind];
        if (!((event->steps & oracle_stands(o)) >> s & 1))
            continue;
        if (proof->count == 0)
            proof->first = event->number;
        proof->count += event->weight;
        proof->last = event->number;
    }
}

/* An event more in the last episode. */
static inline void
oracle_feed(struct oracle *o, size_t i)
{
    const struct oracle_event *event = &o->event[i];
    struct oracle_episode *episode = &o->episode[o->n_episodes - 1];
    o->fed[i] = (int)o->n_episodes - 1;
    episode->last_ms = event->ms;
    episode->count += event->weight;
    if (o->fired_ms[i] < episode->fired_ms)
        episode->fired_ms = o->fired_ms[i];
    oracle_prove(o, episode, event);
}

static inline void
oracle_begin(struct oracle *o, size_t i)
{
    o->episode[o->n_episodes++] = (struct oracle_episode){
        .first_ms = o->event[i].ms,
        .fired_ms = INT64_MAX,
    };
}

/* "A maximal run of hot events with gaps of at most T". */
static inline void
oracle_gather(struct oracle *o)
{
    int64_t last_ms = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (!o->hot[i])
            continue;
        if (o->n_episodes == 0 ||
            o->event[i].ms - last_ms > o->rule->timespan_ms)
            oracle_begin(o, i);
        oracle_feed(o, i);
        last_ms = o->event[i].ms;
    }
}

/* A hot event, and that it made the condition certain at that time. */
static inline void
oracle_heat(struct oracle *o, size_t i, int64_t fired_ms)
{
    o->hot[i] = true;
    if (fired_ms < o->fired_ms[i])
        o->fired_ms[i] = fired_ms;
}

#endif
