/* SPDX-License-Identifier: Apache-2.0
 *
 * The ingest stage's inside: ingest.c (one record), ingest_letter.c (dead
 * letters and their retries), ingest_state.c (the state of a partition). */
#ifndef INGEST_INGEST_PRIV_H
#define INGEST_INGEST_PRIV_H

#include "ingest/ingest.h"
#include "letters.h"
#include "seen.h"
#include "tally.h"
#include "watermark.h"

#include <stdatomic.h>

/* The state's tables; the order is fixed for ever. */
enum {
    TABLE_COUNTS,
    TABLE_BOOKS,
    TABLE_HOURS,
    TABLE_IDS,
    TABLE_TIME,
    TABLE_LETTERS,
};

struct ingest {
    const struct ingest_plan *plan;
    const struct site *site;
    _Atomic(const struct site *) in_use; /* the same, for other threads */
    struct ingest_state *states;
    struct decoder *decoder;
    struct geo_db *geo;
    struct arena scratch;
    char *scratch_start;
    struct buf text, name, indexes; /* outputs under way */
    void *matcher;                  /* of plan->matcher; NULL: none */
    struct window_batch *windows;   /* entries of the record at work */
};

/* One input partition. */
struct ingest_state {
    struct ingest *ingest;
    struct ingest_state *next;   /* of the same worker */
    const struct source *source; /* of ingest->site */
    struct buf topic;
    int32_t partition;
    struct tally *tally;
    struct seen *seen;
    struct letters *letters;
    struct watermark watermark;
    bool time_changed;
};

/* One record under way. */
struct message {
    struct ingest_state *state;
    const struct record *record;
    const struct sink *sink;
    struct position identity; /* of the alerts: the origin's when retried */
    bool retried;
    struct letter letter; /* that is being retried */
    int64_t arrival_ms;
    int64_t kafka_ms; /* highest arrival so far */
    int32_t arrival_day;
    struct arena scratch;
};

/* --- ingest_letter.c */

/* Looks for a retry's origin. False: the record is a repeat of a retry and
 * counts as a duplicate. One that names an open letter and has other bytes is
 * no retry. */
bool letter_take_origin(struct message *message);
/* Whether a retry takes up this element of the message. */
bool letter_wants(const struct message *message, uint32_t index);
/* The elements that a retry stands for and does not have, of `n`, stay dead:
 * appends their indexes, and returns how many. */
uint32_t letter_missing(const struct message *message, size_t n,
                        struct buf *indexes);
/* Sends the message to the dead letters; `indexes` empty: the whole of it,
 * else `n` elements of it. */
void letter_send(struct message *message, enum split_fault fault,
                 struct str indexes, uint32_t n);

/* For stage_ops.refused: one of the record's outputs is too large. */
void letter_for_output(void *state, const struct record *record,
                       uint32_t incarnation, struct str why, bool whole,
                       const struct sink *sink);

/* --- ingest_state.c */
extern const struct tally_tables ingest_tally_tables;
void *ingest_state_new(void *stage, struct str topic, int32_t partition);
void ingest_state_free(void *state);
bool ingest_state_load(void *state, size_t table, struct str field,
                       struct str value, struct err *why);
void ingest_state_save(void *state, bool whole, const struct emit *emit);
int64_t ingest_watermark_ms(const void *state);
int64_t ingest_lateness_ms(const void *state);
void ingest_clock(void *state, int64_t kafka_ms);
void ingest_status(const void *state, struct buf *json);
void ingest_worker_status(const void *stage, struct buf *json);

#endif
