/* SPDX-License-Identifier: Apache-2.0
 *
 * Window events: what ingest says to the windows (STREAM 9). One record holds
 * all entries that one source record makes for one windows partition; on
 * soc.windows it is a message, or one of those in a pack (base/pack.h). An
 * entry says that an alert is one or more steps of a correlation, under one
 * group key, and points to the alert in short.
 *
 * Binary, little endian, after the heading "window 2\n":
 *   level (1), incarnation (4), offset (8), running index (4), source
 *   partition (4), topic (short text)
 *   briefs (4), each: event_ms (8), arrival_ms (8), incarnation (4), offset
 *     (8), index (4), kind (1), severity (1), level (1), flags (4), then the
 *     texts of struct brief in order (short text: length (2), bytes)
 *   entries (4), each: fingerprint (16), key_id (16), steps (4), weight (4),
 *     brief (4), then short texts: key, value, carry, names
 * A record has one spelling: what is read is written again byte for byte. */
#ifndef MODEL_WINDOW_EVENT_H
#define MODEL_WINDOW_EVENT_H

#include "base/err.h"
#include "base/hash.h"
#include "base/stage.h"
#include "model/alert.h"

/* Event times of window events lie within this of 1970: far more than any
 * clock says, and small enough that adding a timespan cannot overflow. */
#define MAX_EVENT_MS (INT64_C(1) << 60)

/* One alert in short: for evidence, grouping and routing. */
struct brief {
    int64_t event_ms, arrival_ms;
    uint32_t incarnation; /* of its identity: the origin's when retried */
    int64_t offset;
    uint32_t index;
    enum kind kind;
    enum severity severity;
    int level;
    unsigned flags; /* enum alert_flag */
    /* Texts, each at most MAX_KEY_BYTES (cut between characters). */
    struct str alert_id, source, rule_name, host, user, src_ip, dst_ip;
    struct str hash; /* sha256, else sha1, else md5 */
    struct str unit, system;
};

/* As bytes; reading borrows, and marks `wire` when they are none. */
struct wire; /* base/wire.h */
void brief_write(struct buf *buf, const struct brief *brief);
void brief_read(struct wire *wire, struct brief *brief);

struct window_entry {
    struct digest fingerprint; /* of the correlation */
    struct digest key_id;      /* over the group-by values, folded */
    uint32_t steps;  /* bit i: the event is step i of the correlation */
    uint32_t weight; /* how many alerts it stands for, at least 1 */
    uint32_t brief;  /* which alert: from window_batch_brief */
    /* A JSON array of the group-by values as written, in group-by order; "[]"
     * without group-by. At most MAX_KEY_TEXT_BYTES: whoever makes it cuts its
     * values, the digest is over all of them. */
    struct str key;
    /* At most MAX_KEY_BYTES. value_count and its like: folded text (longer:
     * its digest); what measures: a decimal number; risk: "POINTS TACTICS
     * RULE", TACTICS a decimal bit mask; else empty. */
    struct str value;
    struct str carry; /* like `key`: what other correlations need; or empty */
    struct str
        names; /* of a firing: whom it names (model/firing.h); or empty */
};

/* The position of what caused a record (STREAM 9, 19). */
struct window_cause {
    struct str topic;
    int32_t partition;
    uint32_t incarnation;
    int64_t offset;
    int level; /* 0: from ingest; n: caused by a record of level n - 1 */
};

/* --- writing: the entries of ONE source record, many alerts */

struct window_batch;

/* NULL: no memory. */
struct window_batch *window_batch_new(int n_partitions);
void window_batch_free(struct window_batch *batch);

/* The number of `alert` in this batch, for window_entry.brief; copies what it
 * needs. Call once an alert, when it has an entry. */
uint32_t window_batch_brief(struct window_batch *batch,
                            const struct alert *alert);
/* The same of a brief that is there already. */
uint32_t window_batch_put(struct window_batch *batch,
                          const struct brief *brief);
/* Takes one entry; copies. What is past the batch's bound is refused: false,
 * counted in window_batch_refused. */
bool window_batch_add(struct window_batch *batch,
                      const struct window_entry *entry);
/* Sends one record to each partition that has entries, and empties the batch.
 * Past MAX_WINDOW_RECORD_BYTES a partition's entries go on in further records
 * with a rising running index. */
void window_batch_flush(struct window_batch *batch,
                        const struct window_cause *cause, struct str topic,
                        const struct sink *sink);
uint64_t window_batch_refused(const struct window_batch *batch);

/* The name of a window for people: 16 hexadecimal digits. */
enum { WINDOW_ID_LEN = 16 };
void window_id(char id[WINDOW_ID_LEN], struct digest fingerprint,
               struct digest key_id);

/* --- reading */

struct window_record {
    struct window_cause cause;
    uint32_t running; /* index of this record among its cause's */
    const struct brief *briefs;
    size_t n_briefs;
    const struct window_entry *entries;
    size_t n_entries; /* at least 1; each brief is < n_briefs */
};

/* Strict: every length, range and end is checked. Arrays lie in `scratch`,
 * texts borrow `value`. False with the reason. */
bool window_record_read(struct str value, struct arena *scratch,
                        struct window_record *record, struct err *why);

#endif
