/* SPDX-License-Identifier: Apache-2.0
 *
 * Public holidays, as data that the site edits: correlations with active
 * hours, or that compare days of a kind, read them. */
#ifndef CORRELATE_CALENDAR_H
#define CORRELATE_CALENDAR_H

#include "base/arena.h"
#include "base/err.h"

struct calendar {
    const int32_t *day; /* since 1970, sorted, each once */
    size_t n;
};

/* Reads a calendar into `arena`. False with complaints. */
bool calendar_load(const char *path, struct arena *arena,
                   struct calendar *calendar, struct complaints *complaints);

#endif
