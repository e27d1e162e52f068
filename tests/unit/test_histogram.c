/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations in buckets: each falls into exactly one, bounds belong to the
 * bucket they close. */
#include <criterion/criterion.h>

#include "base/histogram.h"

Test(histogram, a_duration_falls_into_the_first_bucket_that_holds_it)
{
    static const struct {
        int64_t us;
        size_t bucket;
    } rows[] = {
        {-5, 0},       {0, 0},         {500, 0},       {501, 1},
        {1000, 1},     {2500, 2},      {2501, 3},      {250000, 8},
        {1000000, 10}, {10000000, 13}, {10000001, 14}, {INT64_MAX / 2, 14},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct histogram h = {.sum_us = 0};
        histogram_add(&h, rows[i].us);
        for (size_t b = 0; b <= HISTOGRAM_BOUNDS; b++)
            cr_expect_eq(h.n[b], (uint64_t)(b == rows[i].bucket),
                         "row %zu, bucket %zu", i, b);
        cr_expect_eq(h.sum_us, (uint64_t)(rows[i].us > 0 ? rows[i].us : 0));
    }
}

Test(histogram, bounds_rise)
{
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++)
        cr_expect_lt(histogram_bound_us(i - 1), histogram_bound_us(i));
}

Test(histogram, is_said_in_json)
{
    struct histogram h = {.sum_us = 0};
    struct buf json = {0};
    histogram_add(&h, 700);
    histogram_add(&h, 800);
    histogram_add(&h, 20000000);
    histogram_json(&json, &h);
    cr_expect(str_equal(buf_str(&json),
                        STR("{\"sum_us\":20001500,\"n\":[0,2,0,0,0,0,0,0,0,0,"
                            "0,0,0,0,1]}")),
              "%.*s", STR_ARG(buf_str(&json)));
    buf_free(&json);
}
