/* SPDX-License-Identifier: Apache-2.0
 *
 * Active hours against the slow implementation of what is written of them. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "correlate/hours.h"
#include "model_dice.h"
#include "model_rule.h"
#include "oracle_memory.h"

/* Times at the edges of hours and days, and anywhere. */
Test(window_hours, active_hours_agree_with_what_is_written)
{
    struct dice dice = dice_of(number_from("SEED", 1));
    uint64_t n_cases = number_from("HOURS_CASES", 200000), n_in = 0;
    int32_t holiday[4];
    for (uint64_t i = 0; i < n_cases; i++) {
        struct correlation rule = {
            .hours = {.given = !once_in(&dice, 16),
                      .outside = once_in(&dice, 2),
                      .days = (uint8_t)roll(&dice, 256),
                      .from_min = (int16_t)roll(&dice, 1441),
                      .to_min = (int16_t)roll(&dice, 1441)},
            .holiday = holiday,
            .n_holidays = roll(&dice, 5),
        };
        if (rule.hours.from_min == rule.hours.to_min)
            continue; /* the loader refuses it */
        int64_t day = oracle_day(MODEL_EPOCH_MS) - 14000 * (int64_t)(i % 3);
        for (size_t h = 0; h < rule.n_holidays; h++)
            holiday[h] = (int32_t)(day + 3 * (int64_t)h);
        int64_t edge_min = once_in(&dice, 2)   ? rule.hours.from_min
                           : once_in(&dice, 2) ? rule.hours.to_min
                                               : (int64_t)roll(&dice, 1441);
        int64_t ms = (day + (int64_t)roll(&dice, 14)) * ORACLE_DAY_MS +
                     edge_min * 60000 - 7 * ORACLE_HOUR_MS - 1 +
                     (int64_t)roll(&dice, 3);
        bool in = oracle_in_hours(&rule, ms) && ++n_in > 0;
        cr_assert_eq(hours_hold(&rule, ms), in,
                     "case %llu: %lld in hours %d to %d, days %x, outside %d",
                     (unsigned long long)i, (long long)ms, rule.hours.from_min,
                     rule.hours.to_min, rule.hours.days, rule.hours.outside);
    }
    cr_assert(n_in > n_cases / 5 && n_in < n_cases / 5 * 4);
}
