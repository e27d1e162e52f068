/* SPDX-License-Identifier: Apache-2.0
 *
 * Gaps in collection: a run of hours in which a source gave no alert, longer
 * than its habit. The habit of a source at an hour is twice its longest run of
 * quiet hours in the 28 days (672 hours) before that hour, runs that were gaps
 * themselves left out, and at least 3 hours. A source is not judged before it
 * has been seen for 7 days. docs/report.md says the same for people. */
#ifndef REPORT_GAPS_PRIV_H
#define REPORT_GAPS_PRIV_H

#include "base/arena.h"
#include "model/counts.h"
#include "report/period.h"

#define GAP_HISTORY_DAYS 28

struct gap {
    struct str source;
    int64_t from, to; /* hours since 1970 in UTC+7; `to` is not in it */
    int64_t habit;    /* hours */
    bool open;        /* no alert since, as far as the counts go */
};

struct gaps {
    const struct gap *at; /* by source name, then by time */
    size_t n;
};

/* The gaps of every source that touch `period`, cut to it. `counts` should
 * begin 28 days earlier. What comes after the last alert of any source is not
 * known, so it is never a gap. False when memory is exhausted. */
bool gaps_find(const struct counts *counts, const struct period *period,
               struct arena *arena, struct gaps *gaps);

/* Hours of [from, to], both days included, that a source's gaps cover. */
int64_t gaps_hours(const struct gaps *gaps, struct str source, int32_t from,
                   int32_t to);

#endif
