/* SPDX-License-Identifier: Apache-2.0
 *
 * A published month: its figures as they were when somebody froze them, one
 * JSON document per revision. Pure functions, bytes in and bytes out; where
 * the bytes are kept is the daemon's business. A month imported from a
 * spreadsheet is the same document with another origin. */
#ifndef REPORT_FROZEN_H
#define REPORT_FROZEN_H

#include "base/arena.h"
#include "base/err.h"
#include "model/counts.h"

/* X(name, id) */
#define FROZEN_ORIGINS(X)                                                      \
    X(FROZEN_COUNTS, "counts") /* of what this program counted */              \
    X(FROZEN_IMPORT, "import") /* of somebody's spreadsheet */

enum frozen_origin {
#define X(name, id) name,
    FROZEN_ORIGINS(X)
#undef X
        N_FROZEN_ORIGINS
};

/* A cell of a revision that was not what it had been. */
struct frozen_change {
    struct count_cell cell; /* n: as it is now */
    uint64_t was;
};

struct frozen {
    int32_t month;     /* its first day */
    int revision;      /* from 1 */
    int32_t frozen_on; /* the day, UTC+7 */
    struct str by;     /* who froze it */
    enum frozen_origin origin;
    /* What the cells are told apart by, BY(…) of report/sums.h: all but the
     * days, or source and severities alone where that would be too many. */
    unsigned detail;
    const struct count_cell *cells; /* sorted; `day` is the month */
    size_t n_cells;
    const struct book *books; /* one per source, sorted; `day` is the month */
    size_t n_books;
    const struct frozen_change *changes; /* against the revision before */
    size_t n_changes;
};

/* What is to be frozen, by whom, when. */
struct frozen_stamp {
    int32_t month; /* its first day */
    int32_t day;   /* today, UTC+7 */
    struct str by;
    enum frozen_origin origin;
};

enum frozen_outcome {
    FROZEN_NEW,    /* `*next` is a revision to be kept */
    FROZEN_SAME,   /* every cell is as in `last`; `*next` is a copy of it */
    FROZEN_FAILED, /* `why` says: nothing counted, or out of memory */
};

/* The next revision of a month from `counts` (an import: cells only): revision
 * 1 when `last` is NULL. Borrows strings of `counts` and `last`. */
enum frozen_outcome frozen_next(const struct frozen_stamp *stamp,
                                const struct counts *counts,
                                const struct frozen *last, struct arena *arena,
                                struct frozen *next, struct err *why);
/* The cells of the month that today are not what `frozen` says, sorted; as
 * fine as `frozen` tells cells apart. False when memory is exhausted. */
bool frozen_compare(const struct frozen *frozen, const struct counts *counts,
                    struct arena *arena, const struct frozen_change **changes,
                    size_t *n);

/* The document; the same month gives the same bytes. */
void frozen_write(struct buf *buf, const struct frozen *frozen);
/* Reads it back into `arena`, borrowing from `text`; false with the reason
 * when it is none. */
bool frozen_read(struct str text, struct arena *arena, struct frozen *frozen,
                 struct err *why);
/* "2024-09", the key of a month's documents. */
void frozen_key(struct buf *buf, int32_t month);

#endif
