/* SPDX-License-Identifier: Apache-2.0
 *
 * The exact counts of one partition (DESIGN 10): cells, books and hours as in
 * model/counts.h, each under its field name, with what changed since the last
 * commit. */
#ifndef INGEST_TALLY_H
#define INGEST_TALLY_H

#include "base/stage.h"
#include "model/alert.h"
#include "model/counts.h"

struct tally;

/* Numbers of the three tables, in the stage's order. */
struct tally_tables {
    size_t cells, books, hours;
};

struct tally *tally_new(void);
void tally_free(struct tally *tally);

/* One alert that counts: its cell and its hour. */
void tally_alert(struct tally *tally, const struct alert *alert);
/* Adds `n` (may be negative) to a column of the book of (day, source). */
void tally_book(struct tally *tally, int32_t day, struct str source,
                enum book_column column, int64_t n);
/* Sum of a column over all days. */
uint64_t tally_sum(const struct tally *tally, enum book_column column);
/* True when cells had to be merged because there are too many. */
bool tally_full(const struct tally *tally);
uint32_t tally_n_cells(const struct tally *tally);
/* Vendor severities nobody has mapped, the first few, with how often. */
void tally_unknown(const struct tally *tally, struct buf *json);

void tally_save(struct tally *tally, const struct tally_tables *tables,
                bool whole, const struct emit *emit);
bool tally_load(struct tally *tally, const struct tally_tables *tables,
                size_t table, struct str field, struct str value);

#endif
