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

/* What is computed is n / by, and not rounded. */
struct oracle_ratio {
    amount n, by;
};

/* "Of two the mean." */
static inline struct oracle_ratio
oracle_median(const struct oracle *o, size_t from, size_t to)
{
    amount sorted[ORACLE_EVENTS];
    size_t n = oracle_sorted(o, from, to, sorted);
    return (struct oracle_ratio){sorted[(n - 1) / 2] + sorted[n / 2], 2};
}

/* "Of the n sorted values the one at p/100 (n - 1), linearly interpolated":
 * the percentile is in thousandths. */
static inline struct oracle_ratio
oracle_percentile(const struct oracle *o, size_t from, size_t to)
{
    amount sorted[ORACLE_EVENTS];
    size_t n = oracle_sorted(o, from, to, sorted);
    uint64_t at = (uint64_t)o->rule->percentile * (n - 1);
    amount part = (amount)(at % 100000);
    amount low = sorted[at / 100000];
    amount high = part > 0 ? sorted[at / 100000 + 1] : low;
    return (struct oracle_ratio){low * (100000 - part) + high * part, 100000};
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
static inline struct oracle_ratio
oracle_measure(const struct oracle *o, size_t from, size_t to)
{
    amount n = (amount)(to - from), sum = 0;
    for (size_t i = from; i < to; i++)
        sum += o->event[i].number_of;
    switch (o->rule->type) {
    case EVENT_COUNT:
        return (struct oracle_ratio){n * AMOUNT_ONE, 1};
    case VALUE_COUNT:
        n = (amount)oracle_values(o, from, to);
        return (struct oracle_ratio){n * AMOUNT_ONE, 1};
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        n = (amount)oracle_rules(o, from, to);
        return (struct oracle_ratio){n * AMOUNT_ONE, 1};
    case VALUE_SUM:
        return (struct oracle_ratio){sum, 1};
    case VALUE_AVG:
        return (struct oracle_ratio){sum, n};
    case VALUE_MEDIAN:
        return oracle_median(o, from, to);
    case VALUE_PERCENTILE:
        return oracle_percentile(o, from, to);
    default:
        abort();
    }
}

/* The share of an event's value among [from, to), in percent. */
static inline struct oracle_ratio
oracle_share(const struct oracle *o, size_t i, size_t from, size_t to)
{
    amount same = 0;
    for (size_t j = from; j < to; j++)
        same += o->event[j].value == o->event[i].value;
    return (struct oracle_ratio){same * 100 * AMOUNT_ONE, (amount)(to - from)};
}

/* "A window begins at the key's first event and lasts T, both ends included;
 * the next begins at the first event after it." */
static inline void
oracle_lay(struct oracle *o)
{
    int64_t T = o->rule->timespan_ms;
    bool rarity = o->rule->type == VALUE_RARITY;
    for (size_t from = 0, to = 0; from < o->n; from = to) {
        while (to < o->n && o->event[to].ms <= o->event[from].ms + T)
            to++;
        for (size_t i = from; i < to; i++) {
            struct oracle_ratio ratio = rarity ? oracle_share(o, i, from, to)
                                               : oracle_measure(o, from, to);
            if (oracle_bounds(o->rule, ratio.n, ratio.by))
                oracle_heat(o, i, o->event[from].ms + T);
        }
    }
    oracle_gather(o);
}

#endif
