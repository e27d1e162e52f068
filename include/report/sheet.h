/* SPDX-License-Identifier: Apache-2.0
 *
 * Monthly figures from somebody's spreadsheet, saved as CSV: a head with the
 * columns month, source, severity, n (in any order, in either language), then
 * a row per figure. Separated by comma, semicolon or tab, whichever the head
 * uses. Figures may be grouped (15.035 or 15,035); an empty one or a dash
 * means that the source has no such level. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "base/arena.h"
#include "base/err.h"
#include "model/counts.h"
#include "report/report.h"

#define MAX_SHEET_ROWS 100000
#define MAX_SHEET_BYTES (16 << 20)

struct sheet_file {
    const char *name; /* for messages */
    struct str text;
    /* Sources by name, product or label; no others are known. */
    const struct report_source *sources;
    size_t n_sources;
};

struct sheet {
    struct count_cell *cells; /* `day` is the first of the month */
    size_t n;
    int32_t from, to; /* the days its months span */
};

/* Reads a sheet into `arena`. Every mistake is among `complaints` with line
 * and column (in characters); false when there was any. */
bool sheet_read(const struct sheet_file *file, struct arena *arena,
                struct sheet *sheet, struct complaints *complaints);

#endif
