/* SPDX-License-Identifier: Apache-2.0
 *
 * When things happen: the hours from 2024-01-01 to 2024-09-30 in UTC+7, each
 * with a weight. Endpoints follow the offices: working hours, short Saturdays,
 * holidays, a silent Tết. Servers see the internet: every hour, somewhat less
 * when Vietnam is off. Months differ a little, and some days are bad days. */
#ifndef DEPLOY_SAMPLE_CALENDAR_H
#define DEPLOY_SAMPLE_CALENDAR_H

#include "catalog.h"

enum { CALENDAR_DAYS = 274 };

struct calendar {
    int64_t begin_ms, end_ms; /* the first instant; the first one after */
    struct wheel hours[N_SAMPLE_FILES];
};

bool calendar_build(uint64_t seed, struct arena *arena,
                    struct calendar *calendar);
/* An instant of the nine months. */
int64_t calendar_draw(const struct calendar *calendar, enum sample_file file,
                      struct rng *rng);
/* An instant UTC+7 in 2024. */
int64_t calendar_at(int month, int day, int hour, int minute);

#endif
