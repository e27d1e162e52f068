/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums of count cells by any choice of dimensions: what `counts` prints and
 * every table of a report is made of. A sum is a count cell again, in which
 * the dimensions not asked for are empty. */
#ifndef REPORT_SUMS_H
#define REPORT_SUMS_H

#include "base/arena.h"
#include "base/err.h"
#include "model/counts.h"

/* X(name, id on the command line and in files) */
#define DIMENSIONS(X)                                                          \
    X(BY_SOURCE, "source")                                                     \
    X(BY_SEVERITY, "severity")                                                 \
    X(BY_VENDOR_SEVERITY, "vendor_severity")                                   \
    X(BY_UNIT, "unit")                                                         \
    X(BY_SYSTEM, "system")                                                     \
    X(BY_LEVEL, "level")                                                       \
    X(BY_MONTH, "month")                                                       \
    X(BY_DAY, "day")

enum dimension {
#define X(name, id) name,
    DIMENSIONS(X)
#undef X
        N_DIMENSIONS
};

#define BY(dimension) (1u << (dimension))

struct str dimension_id(enum dimension dimension);
/* "source,severity" → a set of dimensions; false with a suggestion. */
bool dimensions_from(struct str list, unsigned *by, struct err *why);

/* Cells of months that have no days: imported ones. `day` is the first of the
 * month; they count in a stretch only when the whole month lies in it. */
struct sums_input {
    const struct count_cell *cells;
    size_t n_cells;
    const struct count_cell *whole_months;
    size_t n_whole_months;
    int32_t from, to; /* both included */
};

struct sums {
    struct count_cell *rows; /* by day, source, severity, vendor's severity,
                                unit, system, level; none is 0 */
    size_t n;
    uint64_t total;
};

/* Sums `input` by the dimensions in `by`; a month stands as its first day.
 * The rows go to `arena` and borrow the strings of `input`. False when memory
 * or the largest number of rows is exhausted. */
bool sums_make(const struct sums_input *input, unsigned by, struct arena *arena,
               struct sums *sums);
/* The row with these dimensions, or NULL; `n` of `key` does not matter. */
const struct count_cell *sums_find(const struct sums *sums,
                                   const struct count_cell *key);
/* The order of rows. */
int sums_compare(const struct count_cell *a, const struct count_cell *b);

#endif
