/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether an event counts at its time, in UTC+7. Hours over midnight belong to
 * the day on which they begin. */
#include "hours.h"

#include "base/times.h"

#include <stdlib.h>

enum { ZONE_MINUTES = 7 * 60, HOLIDAYS_BIT = 7 };

static int
by_day(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* A holiday is what `holidays` says, whatever day of the week it is. */
static bool
is_active_day(const struct correlation *correlation, int32_t day)
{
    const struct active_hours *hours = &correlation->hours;
    int32_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01: a Thursday */
    if (correlation->n_holidays > 0 &&
        bsearch(&day, correlation->holiday, correlation->n_holidays, sizeof day,
                by_day))
        return hours->days >> HOLIDAYS_BIT & 1;
    return hours->days >> weekday & 1;
}

bool
hours_hold(const struct correlation *correlation, int64_t event_ms)
{
    const struct active_hours *hours = &correlation->hours;
    if (!hours->given)
        return true;
    int32_t day = day_of_ms(event_ms, ZONE_MINUTES);
    int64_t begin = (int64_t)day * MS_PER_DAY - ZONE_MINUTES * INT64_C(60000);
    int64_t minute = (event_ms - begin) / 60000;
    bool inside;
    if (hours->from_min < hours->to_min)
        inside = minute >= hours->from_min && minute < hours->to_min &&
                 is_active_day(correlation, day);
    else
        inside =
            (minute >= hours->from_min && is_active_day(correlation, day)) ||
            (minute < hours->to_min && is_active_day(correlation, day - 1));
    return inside != hours->outside;
}
