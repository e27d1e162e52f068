/* SPDX-License-Identifier: Apache-2.0
 *
 * Sliding windows, absence and risk: docs/correlation.md, "Sliding windows"
 * and the table. Every span between two events of at most T is looked at. */
#ifndef TESTS_UNIT_ORACLE_SLIDING_H
#define TESTS_UNIT_ORACLE_SLIDING_H

#include "correlation_oracle.h"

/* One way to satisfy the condition, and the events that it looks at. */
struct oracle_way {
    const struct oracle *o;
    struct conjunct must;
    bool looked[ORACLE_EVENTS];
};

/* "An event is spoiled by an event of a rule behind `not` that lies within T
 * of it, before or after, both ends included." */
static inline bool
oracle_spoiled(const struct oracle *o, size_t i, uint32_t none)
{
    for (size_t j = 0; j < o->n; j++)
        if ((o->event[j].steps & none) != 0 &&
            llabs(o->event[j].ms - o->event[i].ms) <= o->rule->timespan_ms)
            return true;
    return false;
}

static inline void
oracle_look(struct oracle_way *way)
{
    const struct oracle *o = way->o;
    for (size_t i = 0; i < o->n; i++)
        way->looked[i] = (o->event[i].steps & oracle_stands(o)) != 0 &&
                         !oracle_spoiled(o, i, way->must.none);
}

/* So many events of a rule among those looked at in [from, to). */
static inline uint32_t
oracle_of_step(const struct oracle_way *way, uint32_t step, size_t from,
               size_t to)
{
    uint32_t n = 0;
    for (size_t i = from; i < to; i++)
        n += way->looked[i] && (way->o->event[i].steps >> step & 1);
    return n;
}

/* The steps that are there: `count` different events of each. */
static inline uint32_t
oracle_there(const struct oracle_way *way, size_t from, size_t to)
{
    uint32_t there = 0;
    for (uint32_t s = 0; s < way->o->rule->n_steps; s++)
        if (oracle_of_step(way, s, from, to) >= way->o->rule->step[s].count)
            there |= UINT32_C(1) << s;
    return there;
}

/* "A row is void if an event of that rule lies strictly between its first and
 * its last event." */
static inline bool
oracle_void(const struct oracle *o, int64_t first_ms, int64_t last_ms)
{
    for (size_t i = 0; i < o->n; i++)
        if ((o->event[i].steps & o->rule->until) != 0 &&
            o->event[i].ms > first_ms && o->event[i].ms < last_ms)
            return true;
    return false;
}

/* The time at which `n` events of a step are there that are not older than
 * `ms`, all before `to`; INT64_MAX: they are not. */
static inline int64_t
oracle_nth(const struct oracle_way *way, uint32_t step, int64_t ms, size_t to)
{
    uint32_t n = 0;
    for (size_t i = 0; i < to; i++) {
        const struct oracle_event *event = &way->o->event[i];
        if (way->looked[i] && event->ms >= ms && (event->steps >> step & 1))
            n++;
        if (n == way->o->rule->step[step].count)
            return event->ms;
    }
    return INT64_MAX;
}

/* A row of all steps of the way in their order in [from, to): whichever event
 * it begins with, its end is taken as early as it can be. */
static inline bool
oracle_row(const struct oracle_way *way, size_t from, size_t to)
{
    const struct oracle *o = way->o;
    uint32_t first = (uint32_t)__builtin_ctz(way->must.all);
    for (size_t i = from; i < to; i++) {
        int64_t ms = o->event[i].ms;
        if (!way->looked[i] || !(o->event[i].steps >> first & 1))
            continue;
        for (uint32_t s = 0; s < o->rule->n_steps && ms != INT64_MAX; s++)
            if (way->must.all >> s & 1)
                ms = oracle_nth(way, s, ms, to);
        if (ms != INT64_MAX && !oracle_void(o, o->event[i].ms, ms))
            return true;
    }
    return false;
}

static inline bool
oracle_holds(const struct oracle_way *way, size_t from, size_t to)
{
    const struct oracle *o = way->o;
    const struct correlation *rule = o->rule;
    amount sum = 0;
    switch (rule->type) {
    case EVENT_COUNT:
        return to - from >= rule->threshold;
    case VALUE_COUNT:
        return oracle_values(o, from, to) >= rule->threshold;
    case VALUE_SUM:
        for (size_t i = from; i < to; i++)
            sum += o->event[i].number_of;
        return oracle_bounds(rule, sum, 1);
    case TEMPORAL_ORDERED:
        return oracle_row(way, from, to);
    case TEMPORAL:
        if (rule->n_conjuncts == 0)
            return (uint32_t)__builtin_popcount(oracle_there(way, from, to)) >=
                   rule->threshold;
        return (way->must.all & ~oracle_there(way, from, to)) == 0;
    default:
        abort();
    }
}

/* "With a `not` anywhere in the condition, T later." */
static inline bool
oracle_negates(const struct oracle *o)
{
    for (size_t k = 0; k < o->rule->n_conjuncts; k++)
        if (o->rule->conjunct[k].none != 0)
            return true;
    return false;
}

/* All windows of one way; what they make hot. */
static inline void
oracle_try(struct oracle *o, struct conjunct must)
{
    int64_t T = o->rule->timespan_ms;
    struct oracle_way way = {.o = o, .must = must};
    oracle_look(&way);
    for (size_t i = 0; i < o->n; i++)
        for (size_t j = i; j < o->n; j++) {
            size_t from, to;
            if (o->event[j].ms - o->event[i].ms > T)
                break;
            oracle_span(o, o->event[i].ms, o->event[j].ms, &from, &to);
            if (!oracle_holds(&way, from, to))
                continue;
            int64_t fired_ms = o->event[j].ms + (oracle_negates(o) ? T : 0);
            for (size_t e = from; e < to; e++)
                if (way.looked[e] && (o->event[e].steps & ~o->rule->until) != 0)
                    oracle_heat(o, e, fired_ms);
        }
}

static inline void
oracle_slide(struct oracle *o)
{
    struct conjunct every = {(UINT32_C(1) << o->rule->n_steps) - 1, 0};
    if (o->rule->n_conjuncts == 0)
        oracle_try(o, every);
    for (size_t k = 0; k < o->rule->n_conjuncts; k++)
        oracle_try(o, o->rule->conjunct[k]);
    oracle_gather(o);
}

/* "An event of the first with no event of any of the others in the T after it,
 * both ends included." */
static inline void
oracle_absence(struct oracle *o)
{
    int64_t T = o->rule->timespan_ms;
    for (size_t i = 0; i < o->n; i++) {
        bool followed = false;
        for (size_t j = 0; j < o->n; j++)
            followed |= (o->event[j].steps & ~UINT32_C(1)) != 0 &&
                        o->event[j].ms >= o->event[i].ms &&
                        o->event[j].ms <= o->event[i].ms + T;
        if ((o->event[i].steps & 1) != 0 && !followed)
            oracle_heat(o, i, o->event[i].ms + T);
    }
    oracle_gather(o);
}

/* --- risk */

/* Are the points, and the different rules, kinds and tactics, enough? */
static inline bool
oracle_risky(const struct oracle *o, size_t from, size_t to)
{
    const struct correlation *rule = o->rule;
    amount points = 0;
    uint32_t kinds = 0, tactics = 0;
    for (size_t i = from; i < to; i++) {
        points += o->event[i].number_of;
        if (o->event[i].kind != KIND_NONE)
            kinds |= UINT32_C(1) << o->event[i].kind;
        tactics |= o->event[i].tactics;
    }
    return oracle_bounds(rule, points, 1) &&
           oracle_values(o, from, to) >= rule->n_rules &&
           (uint32_t)__builtin_popcount(kinds) >= rule->n_kinds &&
           (uint32_t)__builtin_popcount(tactics) >= rule->n_tactics;
}

/* Are the events [from, …] up to the time of the end-th enough? */
static inline bool
oracle_risky_at(const struct oracle *o, size_t from, size_t end)
{
    size_t to = end;
    while (to < o->n && o->event[to].ms == o->event[end].ms)
        to++;
    return oracle_risky(o, from, to);
}

/* "A window is any run of buckets of at most T." */
static inline void
oracle_risk(struct oracle *o)
{
    int64_t size = o->rule->bucket_ms, n = o->rule->timespan_ms / size;
    for (size_t i = 0; i < o->n; i++)
        for (size_t j = i; j < o->n; j++) {
            int64_t first = oracle_floor_div(o->event[i].ms, size);
            int64_t last = oracle_floor_div(o->event[j].ms, size);
            size_t from, to, end = 0;
            if (last - first >= n)
                break;
            oracle_span(o, first * size, (last + 1) * size - 1, &from, &to);
            if (!oracle_risky(o, from, to))
                continue;
            while (o->event[end].ms < last * size)
                end++;
            while (o->rule->n_feeds > 0 && !oracle_risky_at(o, from, end))
                end++;
            for (size_t e = from; e < to; e++)
                oracle_heat(o, e, o->event[end].ms);
        }
    oracle_gather(o);
}

#endif
