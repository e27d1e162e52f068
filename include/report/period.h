/* SPDX-License-Identifier: Apache-2.0
 *
 * The stretch of days a report is about: a name ("2024-09", "2024-Q3",
 * "2024-6m", "2024-9m", "2024", "A..B") and two dates, both included, in
 * UTC+7. A name gives the dates; the dates may then be overridden (reporting
 * periods that close on the 14th) and the name stays in the title. */
#ifndef REPORT_PERIOD_H
#define REPORT_PERIOD_H

#include "base/err.h"

enum period_kind {
    PERIOD_RANGE,   /* only the two dates */
    PERIOD_MONTH,   /* number: 1-12 */
    PERIOD_QUARTER, /* number: 1-4 */
    PERIOD_MONTHS,  /* the first `number` (6, 9) months of the year */
    PERIOD_YEAR,
};

struct period {
    enum period_kind kind;
    int year, number;
    int32_t from, to; /* days since 1970-01-01, UTC+7, both included */
};

/* Reads a name. A and B of "A..B" are dates, months or years; a range that is
 * exactly a named period becomes that period. */
bool period_from(struct str text, struct period *period, struct err *why);
/* `from` and `to` as given on a command line, each a date, a month (its first
 * or last day) or a year; an empty one keeps what `period` has. */
bool period_override(struct period *period, struct str from, struct str to,
                     struct err *why);
/* From two dates alone. */
bool period_between(struct str from, struct str to, struct period *period,
                    struct err *why);

/* True when the dates are those the name stands for (always for a range). */
bool period_is_plain(const struct period *period);
/* What stands right before it and is as long: as many months when it is a
 * whole number of months (the day after its end falls on the same day of the
 * month as its start), else as many days. */
struct period period_before(const struct period *period);
/* The same dates one year earlier; the last day of a month stays the last
 * day, 29 February becomes 28 February. */
struct period period_year_before(const struct period *period);
/* For a month or quarter that does not start the year: from 1 January to its
 * end. False for every other period. */
bool period_cumulative(const struct period *period, struct period *sum);
/* The name again: "2024-9m", or "2024-01-05..2024-02-10" when not plain. */
void buf_period(struct buf *buf, const struct period *period);

int32_t period_month_first(int32_t day); /* first day of its month */
int32_t period_month_last(int32_t day);  /* last day of its month */
int32_t period_n_days(const struct period *period);

#endif
