/* SPDX-License-Identifier: Apache-2.0
 *
 * How long something took, in fixed buckets: what Prometheus calls a
 * histogram. Durations in microseconds; adding allocates nothing. One
 * thread. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include "base/buf.h"

enum { HISTOGRAM_BOUNDS = 14 };

struct histogram {
    /* n[i]: at most bound i, and more than the one before; the last: more than
     * any. */
    uint64_t n[HISTOGRAM_BOUNDS + 1];
    uint64_t sum_us;
};

/* 500 us to 10 s, rising. */
int64_t histogram_bound_us(size_t i);
/* A negative duration counts as 0. */
void histogram_add(struct histogram *histogram, int64_t us);
/* {"sum_us":N,"n":[N,…]} */
void histogram_json(struct buf *json, const struct histogram *histogram);

#endif
