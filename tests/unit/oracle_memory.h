/* SPDX-License-Identifier: Apache-2.0
 *
 * The types with a long memory (docs/correlation.md, the table), and what all
 * types begin with: oracle_run. */
#ifndef TESTS_UNIT_ORACLE_MEMORY_H
#define TESTS_UNIT_ORACLE_MEMORY_H

#include "oracle_laid.h"

/* The first event of the key that is remembered when event `i` comes: a
 * silence of more than `forget_ms` before it, and the key begins anew. */
static inline size_t
oracle_since(const struct oracle *o, size_t i, int64_t forget_ms)
{
    while (i > 0 && o->event[i].ms - o->event[i - 1].ms <= forget_ms)
        i--;
    return i;
}

/* --- silence */

static inline void
oracle_silence(struct oracle *o)
{
    int64_t T = o->rule->timespan_ms;
    for (size_t i = 0; i < o->n; i++) {
        size_t since = oracle_since(o, i, T + 30 * ORACLE_DAY_MS);
        if (i + 1 < o->n && o->event[i + 1].ms - o->event[i].ms <= T)
            continue;
        if (o->event[i].ms - o->event[since].ms >= o->rule->learn_ms &&
            i - since + 1 >= o->rule->least)
            oracle_heat(o, i, o->event[i].ms + T);
    }
    oracle_gather(o);
}

/* --- first_seen, rare */

/* How often the value of event `i` was seen in the T before it, itself
 * included. */
static inline uint32_t
oracle_seen(const struct oracle *o, size_t i)
{
    uint32_t n = 0;
    for (size_t j = 0; j <= i; j++)
        n += o->event[j].value == o->event[i].value &&
             o->event[i].ms - o->event[j].ms <= o->rule->timespan_ms;
    return n;
}

static inline void
oracle_sights(struct oracle *o)
{
    for (size_t i = 0; i < o->n; i++) {
        int64_t ms = o->event[i].ms;
        size_t since = oracle_since(o, i, o->rule->timespan_ms);
        uint32_t n = oracle_seen(o, i);
        bool holds = o->rule->type == RARE
                         ? oracle_bounds(o->rule, (amount)n * AMOUNT_ONE, 1)
                         : n == 1;
        if (!holds || ms - o->event[since].ms < o->rule->learn_ms)
            continue;
        oracle_heat(o, i, ms);
        oracle_begin(o, i);
        oracle_feed(o, i);
        o->episode[o->n_episodes - 1].value = o->event[i].value;
    }
}

/* --- spike */

/* Where the bucket of a time begins. */
static inline int64_t
oracle_bucket(const struct oracle *o, int64_t ms)
{
    int64_t east = 7 * ORACLE_HOUR_MS, size = o->rule->bucket_ms;
    return oracle_floor_div(ms + east, size) * size - east;
}

static inline size_t
oracle_in_bucket(const struct oracle *o, int64_t start_ms)
{
    size_t from, to;
    oracle_span(o, start_ms, start_ms + o->rule->bucket_ms - 1, &from, &to);
    return to - from;
}

/* Workday, weekend or holiday. */
static inline int
oracle_kind_of_day(const struct oracle *o, int64_t day)
{
    if (oracle_is_holiday(o->rule, day))
        return 2;
    return oracle_weekday(day) >= 5;
}

/* The condition, of n events against `sum` in `n_past` buckets. */
static inline bool
oracle_spikes(const struct oracle *o, size_t n, size_t sum, size_t n_past)
{
    if (n < o->rule->least || n_past == 0)
        return false;
    if (sum == 0)
        sum = 1;
    /* n >= factor * sum / n_past, without a fraction */
    return (amount)n * (amount)n_past * AMOUNT_ONE >=
           o->rule->bound[0].limit * (amount)sum;
}

static inline void
oracle_spike(struct oracle *o)
{
    int64_t T = o->rule->timespan_ms, size = o->rule->bucket_ms;
    int64_t last_ms = INT64_MIN; /* the true bucket before */
    for (size_t i = 0; i < o->n; i++) {
        int64_t start_ms = oracle_bucket(o, o->event[i].ms);
        int64_t first_ms = o->event[oracle_since(o, i, T)].ms;
        int64_t first_day = oracle_day(first_ms);
        size_t sum = 0, n_past = 0, n = oracle_in_bucket(o, start_ms);
        for (int64_t k = 1; k * ORACLE_DAY_MS <= T; k++) {
            int64_t past_ms = start_ms - k * ORACLE_DAY_MS;
            if (oracle_day(past_ms) < first_day ||
                oracle_kind_of_day(o, oracle_day(past_ms)) !=
                    oracle_kind_of_day(o, oracle_day(start_ms)))
                continue;
            sum += oracle_in_bucket(o, past_ms);
            n_past++;
        }
        if (start_ms < first_ms + o->rule->learn_ms ||
            !oracle_spikes(o, n, sum, n_past))
            continue;
        oracle_heat(o, i, start_ms + size);
        if (last_ms == INT64_MIN || start_ms - last_ms > size)
            oracle_begin(o, i);
        oracle_feed(o, i);
        last_ms = start_ms;
    }
}

/* --- all types */

static inline void
oracle_run(struct oracle *o)
{
    qsort(o->event, o->n, sizeof *o->event, oracle_order);
    oracle_choose(o);
    memset(o->hot, 0, sizeof o->hot);
    for (size_t i = 0; i < o->n; i++) {
        o->fed[i] = -1;
        o->fired_ms[i] = INT64_MAX;
    }
    o->n_episodes = 0;
    if (correlation_laid(o->rule))
        oracle_lay(o);
    else if (o->rule->type <= VALUE_RARITY)
        oracle_slide(o);
    else if (o->rule->type == ABSENCE)
        oracle_absence(o);
    else if (o->rule->type == SILENCE)
        oracle_silence(o);
    else if (o->rule->type == SPIKE)
        oracle_spike(o);
    else if (o->rule->type == RISK)
        oracle_risk(o);
    else
        oracle_sights(o);
}

/* As it was when it fired: up to the time of what completed it. */
static inline size_t
oracle_given(const struct oracle *o, struct oracle_episode *given)
{
    int64_t delay_ms = 0;
    if (o->rule->type == ABSENCE || o->rule->type == SILENCE ||
        oracle_negates(o))
        delay_ms = o->rule->timespan_ms;
    if (o->rule->type == SPIKE)
        delay_ms = 1; /* what is at its end is of the next bucket */
    for (size_t e = 0; e < o->n_episodes; e++) {
        const struct oracle_episode *whole = &o->episode[e];
        struct oracle_episode *then = &given[e];
        *then = (struct oracle_episode){.first_ms = whole->first_ms,
                                        .fired_ms = whole->fired_ms,
                                        .value = whole->value};
        for (size_t i = 0; i < o->n; i++)
            if (o->fed[i] == (int)e && o->fired_ms[i] <= whole->fired_ms &&
                o->event[i].ms <= whole->fired_ms - delay_ms) {
                if (then->count == 0)
                    then->first_ms = o->event[i].ms;
                then->last_ms = o->event[i].ms;
                then->count += o->event[i].weight;
                oracle_prove(o, then, &o->event[i]);
            }
    }
    return o->n_episodes;
}

#endif
