/* SPDX-License-Identifier: Apache-2.0
 *
 * A source is a mapping file, never code: how one kind of sensor's messages
 * become alerts. A mapping is compiled once, is read-only afterwards, and is
 * shared by all threads. */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "base/yaml.h"
#include "model/alert.h"

struct source; /* a compiled mapping */

/* Loads a mapping with its kinds table (a path relative to the mapping's own
 * folder). Everything is kept in `arena`. NULL when there was any mistake; all
 * of them are among `complaints`. */
const struct source *source_load(const char *path, struct arena *arena,
                                 struct complaints *complaints);

struct str source_name(const struct source *source);
struct str source_product(const struct source *source);
int64_t source_lateness_ms(const struct source *source); /* default 10 min */
int64_t source_dedup_ms(const struct source *source);    /* 0: no dedup */
/* More than this after its arrival, an event time is not believed: 5 min. */
int64_t source_ahead_ms(const struct source *source);
/* More than this before its arrival, it is not believed either; 0: off. */
int64_t source_too_old_ms(const struct source *source);
/* Which severities the source's tables can give at all; the report prints "–"
 * for the others. */
bool source_has_severity(const struct source *source, enum severity severity);

/* How one message falls into alerts. X(name, id, words for people) */
#define SPLIT_FAULTS(X)                                                        \
    X(SPLIT_FINE, "fine", "fine")                                              \
    X(SPLIT_EMPTY, "empty", "the message is empty")                            \
    X(SPLIT_TOO_LARGE, "too_large", "the message is larger than 1 MiB")        \
    X(SPLIT_TOO_MANY, "too_many", "more alerts or values than allowed")        \
    X(SPLIT_NOT_UTF8, "not_utf8", "not valid UTF-8")                           \
    X(SPLIT_SYNTAX, "syntax", "not valid JSON or CEF")                         \
    X(SPLIT_TRAILING, "trailing", "bytes after the end of the JSON")           \
    X(SPLIT_TOO_DEEP, "too_deep", "nested deeper than 64")                     \
    X(SPLIT_DUPLICATE_KEY, "duplicate_key", "the same key twice")              \
    X(SPLIT_NUMBER, "number_range", "a number out of range")                   \
    X(SPLIT_SHAPE, "shape", "neither an object, an array nor lines of them")   \
    X(SPLIT_FOREIGN, "foreign", "another source's alert, or not an alert")

enum split_fault {
#define X(name, id, words) name,
    SPLIT_FAULTS(X)
#undef X
        N_SPLIT_FAULTS
};

struct str split_fault_id(enum split_fault fault);
struct str split_fault_words(enum split_fault fault);

/* One element of a message: an event, or why it is none. */
struct element {
    enum split_fault fault;
    struct str raw;           /* its original bytes */
    const struct json *event; /* on SPLIT_FINE: always an object */
};

struct decoder; /* per thread: the JSON reader and its buffers */
struct decoder *decoder_new(void);
void decoder_free(struct decoder *decoder);

/* Splits a message: an object; an array of objects; lines of objects; CEF
 * (also lines of CEF); JSON or CEF behind a syslog header (RFC 3164, 5424).
 * SPLIT_FINE: `*elements` holds `*n` elements, some of which may be faulty by
 * themselves. Anything else: the message cannot be split and is one dead
 * letter. All in `scratch`; borrows `text`. Allocates nothing. */
enum split_fault source_split(const struct source *source,
                              struct decoder *decoder, struct str text,
                              struct arena *scratch,
                              const struct element **elements, size_t *n);

/* Fills what the mapping says of `event`: fields, techniques, logsource,
 * severity, kind, source, product, and event_ms (NO_TIME when missing or
 * unreadable). `arrival_ms` chooses the severity table when there is no event
 * time. Position, inventory, geo, flags other than ALERT_FIELD_CUT are left
 * alone. Returns SPLIT_FOREIGN when the mapping's `requires:` is not met, else
 * SPLIT_FINE. Allocates only from `scratch`. */
enum split_fault source_map(const struct source *source,
                            const struct element *element, int64_t arrival_ms,
                            struct arena *scratch, struct alert *alert);

/* A digest over the fields under `changes:`: equal digests, equal fields. */
uint64_t source_changes_digest(const struct source *source,
                               const struct alert *alert);

#endif
