/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows laid end to end: docs/correlation.md, the section of that name. */
#ifndef TESTS_UNIT_ORACLE_LAID_H
#define TESTS_UNIT_ORACLE_LAID_H

#include "oracle_sliding.h"

static inline int
oracle_by_amount(const void *left, const void *right)
{
    const amount *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The numbers of [from, to), sorted. */
static inline size_t
oracle_sorted(const struct oracle *o, size_t from, size_t to, amount *sorted)
{
    for (size_t i = from; i < to; i++)
        sorted[i - from] = o->event[i].number_of;
    qsort(sorted, to - from, sizeof *sorted, oracle_by_amount);
    return to - from;
}

/* "Of two the mean." */
static inline amount
oracle_median(const struct oracle *o, size_t from, size_t to)
{
    amount sorted[ORACLE_EVENTS];
    size_t n = oracle_sorted(o, from, to, sorted);
    return oracle_rounded(sorted[(n - 1) / 2] + sorted[n / 2], 2);
}

/* "Of the n sorted values the one at p/100 (n - 1), linearly interpolated":
 * the percentile is in thousandths. */
static inline amount
oracle_percentile(const struct oracle *o, size_t from, size_t to)
{
    amount sorted[ORACLE_EVENTS];
    size_t n = oracle_sorted(o, from, to, sorted);
    uint64_t at = (uint64_t)o->rule->percentile * (n - 1);
    uint64_t part = at % 100000;
    amount low = sorted[at / 100000];
    amount high = part > 0 ? sorted[at / 100000 + 1] : low;
    return oracle_rounded(low * (amount)(100000 - part) + high * (amount)part,
                          100000);
}

/* The different rules that are there, each as often as it must be. */
static inline uint32_t
oracle_rules(const struct oracle *o, size_t from, size_t to)
{
    struct oracle_way way = {.o = o};
    oracle_look(&way);
    return (uint32_t)__builtin_popcount(oracle_there(&way, from, to));
}

/* What the condition is about, of the events [from, to). */
static inline amount
oracle_measure(const struct oracle *o, size_t from, size_t to)
{
    amount n = (amount)(to - from), sum = 0;
    for (size_t i = from; i < to; i++)
        sum += o->event[i].number_of;
    switch (o->rule->type) {
    case EVENT_COUNT:
        return n * AMOUNT_ONE;
    case VALUE_COUNT:
        return (amount)oracle_values(o, from, to) * AMOUNT_ONE;
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        return (amount)oracle_rules(o, from, to) * AMOUNT_ONE;
    case VALUE_SUM:
        return sum;
    case VALUE_AVG:
        return oracle_rounded(sum, n);
    case VALUE_MEDIAN:
        return oracle_median(o, from, to);
    case VALUE_PERCENTILE:
        return oracle_percentile(o, from, to);
    default:
        abort();
    }
}

/* The share of an event's value among [from, to), in percent. */
static inline amount
oracle_share(const struct oracle *o, size_t i, size_t from, size_t to)
{
    amount same = 0;
    for (size_t j = from; j < to; j++)
        same += o->event[j].value == o->event[i].value;
    return oracle_rounded(same * 100 * AMOUNT_ONE, (amount)(to - from));
}

/* Heats what a window makes hot; was it true? */
static inline bool
oracle_decide(struct oracle *o, size_t from, size_t to)
{
    int64_t end_ms = o->event[from].ms + o->rule->timespan_ms;
    bool rarity = o->rule->type == VALUE_RARITY, holds = false;
    bool all = !rarity && oracle_bounds(o->rule, oracle_measure(o, from, to));
    for (size_t i = from; i < to; i++)
        if (all ||
            (rarity && oracle_bounds(o->rule, oracle_share(o, i, from, to)))) {
            oracle_heat(o, i, end_ms);
            holds = true;
        }
    return holds;
}

/* "A window begins at the key's first event and lasts T, both ends included;
 * the next begins at the first event after it." "Adjoining true windows are
 * one episode if the gap between the last event of the one and the first of
 * the other is at most T." */
static inline void
oracle_lay(struct oracle *o)
{
    int64_t T = o->rule->timespan_ms;
    bool before = false;
    size_t from = 0;
    while (from < o->n) {
        size_t to = from;
        while (to < o->n && o->event[to].ms <= o->event[from].ms + T)
            to++;
        bool adjoins = before && o->event[from].ms - o->event[from - 1].ms <= T;
        bool holds = oracle_decide(o, from, to), begun = adjoins;
        for (size_t i = from; i < to; i++) {
            if (!o->hot[i])
                continue;
            if (!begun)
                oracle_begin(o, i);
            begun = true;
            oracle_feed(o, i);
        }
        before = holds;
        from = to;
    }
}

#endif
