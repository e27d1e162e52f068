/* SPDX-License-Identifier: Apache-2.0
 *
 * The bounds are the same everywhere, so that histograms of workers and
 * processes add up. */
#include "base/histogram.h"

#include <inttypes.h>

static const int64_t bounds_us[HISTOGRAM_BOUNDS] = {
    500,    1000,   2500,   5000,    10000,   25000,   50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

int64_t
histogram_bound_us(size_t i)
{
    return bounds_us[i];
}

void
histogram_add(struct histogram *histogram, int64_t us)
{
    size_t i = 0;
    if (us < 0)
        us = 0;
    while (i < HISTOGRAM_BOUNDS && us > bounds_us[i])
        i++;
    histogram->n[i]++;
    histogram->sum_us += (uint64_t)us;
}

void
histogram_json(struct buf *json, const struct histogram *histogram)
{
    buf_format(json, "{\"sum_us\":%" PRIu64 ",\"n\":[", histogram->sum_us);
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++)
        buf_format(json, "%s%" PRIu64, i > 0 ? "," : "", histogram->n[i]);
    buf_add(json, STR("]}"));
}
