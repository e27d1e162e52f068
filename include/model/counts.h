/* SPDX-License-Identifier: Apache-2.0
 *
 * The exact counts of a period, as the ingest stage keeps them and the report
 * reads them: cells by day (UTC+7) and what the alerts were, and the books by
 * day of arrival. */
#ifndef MODEL_COUNTS_H
#define MODEL_COUNTS_H

#include "base/buf.h"
#include "model/severity.h"

/* One cell: how many alerts with all of these. */
struct count_cell {
    int32_t day; /* of the event time, UTC+7 */
    struct str source;
    struct str vendor_severity; /* as the vendor wrote it */
    enum severity severity;
    struct str unit, system; /* ids, empty: none */
    int level;               /* 0: none */
    uint64_t n;
};

/* "2024-09-30|ajiant|HIGH|high|unit|system|3": the field name of a cell. '|',
 * '%' and control characters inside are written %XX. */
void count_cell_write(struct buf *buf, const struct count_cell *cell);
/* Reads it back; strings go to `arena` only when they had to be unescaped,
 * else borrow `text`. `n` is left alone. */
struct arena;
bool count_cell_read(struct str text, struct arena *arena,
                     struct count_cell *cell);

/* What becomes of alerts. X(name, id): in = counted + updates + duplicates +
 * dead_letters; the others are "of which". */
#define BOOK_COLUMNS(X)                                                        \
    X(BOOK_IN, "in")                                                           \
    X(BOOK_COUNTED, "counted")                                                 \
    X(BOOK_UPDATES, "updates")                                                 \
    X(BOOK_DUPLICATES, "duplicates")                                           \
    X(BOOK_DEAD_LETTERS, "dead_letters")                                       \
    X(BOOK_LATE, "late")                                                       \
    X(BOOK_UNKNOWN_SEVERITY, "unknown_severity")                               \
    X(BOOK_TIME_FROM_ARRIVAL, "time_from_arrival")                             \
    X(BOOK_NO_KIND, "no_kind")                                                 \
    X(BOOK_HIGH, "high_or_critical")                                           \
    X(BOOK_HIGH_NO_KIND, "high_or_critical_no_kind")                           \
    X(BOOK_NULL_KEY, "null_key")

enum book_column {
#define X(name, id) name,
    BOOK_COLUMNS(X)
#undef X
        N_BOOK_COLUMNS
};
struct str book_column_id(enum book_column column);

/* The books of one source. For what has an event time the day is the event's;
 * for what has none (dead letters) the arrival's. */
struct book {
    int32_t day;
    struct str source;
    uint64_t n[N_BOOK_COLUMNS];
};

/* Alerts of one source and day by hour (UTC+7), to see gaps in collection. */
struct hours {
    int32_t day;
    struct str source;
    uint32_t n[24];
};

/* Everything of a period, in the caller's arena. */
struct counts {
    struct count_cell *cells;
    size_t n_cells;
    struct book *books;
    size_t n_books;
    struct hours *hours;
    size_t n_hours;
    bool restoring; /* some partition is being restored: not complete */
};

#endif
