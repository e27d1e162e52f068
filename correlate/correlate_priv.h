/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage's inside: correlate.c (one record), correlate_keep.c
 * (windows made, told, timed, swept), correlate_chain.c (what windows say to
 * windows), correlate_state.c (the state of a partition, loaded and saved),
 * correlate_status.c. */
#ifndef CORRELATE_CORRELATE_PRIV_H
#define CORRELATE_CORRELATE_PRIV_H

#include "base/table.h"
#include "base/times.h"
#include "correlate/correlate.h"
#include "rule_counts.h"
#include "sources.h"
#include "window_table.h"

/* The state's tables; the order is fixed for ever: windows are read after the
 * rules they run. */
enum {
    TABLE_META,
    TABLE_SOURCES,
    TABLE_RULES,
    TABLE_WINDOWS,
};

/* What became of window entries. X(name, id) */
#define WINDOW_COUNTERS(X)                                                     \
    X(COUNT_APPLIED, "applied")         /* went into a window */               \
    X(COUNT_LATE, "late")               /* older than their source's W */      \
    X(COUNT_REPEATS, "repeats")         /* records read before */              \
    X(COUNT_REFUSED, "refused")         /* a limit was reached */              \
    X(COUNT_UNREADABLE, "unreadable")   /* records that are none of ours */    \
    X(COUNT_FIRED, "fired")             /* incidents opened */                 \
    X(COUNT_APPROXIMATE, "approximate") /* windows that were cut */            \
    X(COUNT_SWEPT, "swept")                                                    \
    X(COUNT_NO_KEY, "no_key") /* firings without a value another groups by */

enum window_counter {
#define X(name, id) name,
    WINDOW_COUNTERS(X)
#undef X
        N_WINDOW_COUNTERS
};

struct correlate {
    const struct correlate_plan *plan;
    uint32_t max_windows;
    size_t max_bytes;
    struct finder *finder;
    struct json_reader *reader;
    struct arena scratch;
    char *scratch_start;
    struct buf text;
    struct rule_counts *counts;
    uint64_t secret;
    int n_partitions;         /* of soc.windows, and of soc.chained */
    struct str chained_topic; /* windows_topic where there is one log */
    bool apart;               /* it is another */
    struct window_batch *chained[MAX_LEVELS]; /* fired by the record at work,
                                                 for windows of this level */
    struct buf names;
};

/* Time as the windows of one level see it; neither ever falls. */
struct level_clock {
    int64_t watermark_ms, floor_ms;
    struct timers closing, sweeping;
};

/* What was said of each level (correlate_chain.c). */
struct reports {
    int64_t told_ms[MAX_LEVELS];
    int64_t filled_ms; /* Kafka's time; NO_TIME: never */
    int n_left;
};

/* One partition of soc.windows or soc.chained. */
struct correlate_state {
    struct correlate *correlate;
    char *topic; /* its name, ours */
    int32_t partition;
    int lowest; /* level of the windows here: of soc.chained 1, else 0 */
    struct pool *pool;
    struct window_table windows;
    struct level_clock clock[MAX_LEVELS];
    int64_t newest_ms; /* of the events since it was loaded */
    struct reports reports;
    unsigned fired_levels; /* by the record at work: bits */
    struct sources *sources;
    struct table *rules; /* fingerprints whose text the state holds */
    uint32_t n_rules_saved;
    uint64_t counter[N_WINDOW_COUNTERS];
    uint64_t refused_before; /* when the state was loaded */
    size_t bytes;            /* of all windows */
    uint32_t n_cut;          /* windows that are approximate now */
    struct buf refused;      /* rule and key of the last that was refused */
    bool meta_changed;
    struct window *touched, **last_touched; /* by the record at work */
    struct window *dirty;                   /* since the last save */
    struct buf gone;         /* ids of windows swept since the last save */
    const struct sink *sink; /* of the record at work */
};

/* --- correlate_keep.c */

/* The window of an entry, made if need be; NULL: a limit is reached. */
struct window *keep_window(struct correlate_state *state,
                           const struct correlation *rule,
                           const struct window_entry *entry);
/* The window is changed by the record at work. */
void keep_touch(struct correlate_state *state, struct window *window);
/* A limit was reached by an event of this time. */
void keep_capped(struct correlate_state *state, const struct capped *capped,
                 int64_t event_ms);
/* After a record: tells what is new, lets time pass, sweeps. False: memory is
 * exhausted. */
bool keep_settle(struct correlate_state *state);
/* Puts a loaded window in its place. */
bool keep_loaded(struct correlate_state *state, struct window *window);
/* How long after the watermark a window is kept beyond its end. */
int64_t keep_hold_ms(const struct correlation *rule);

/* --- correlate_chain.c */

/* For struct teller: an episode that others are told of. */
void chain_fire(void *state, const struct window *window,
                const struct episode *episode);
/* The windows of a rule of a higher level lie elsewhere: hands the entry on to
 * them, with the record at work as its cause. */
void chain_relay(struct correlate_state *state, const struct correlation *rule,
                 const struct window_record *record,
                 const struct window_entry *entry);
/* After a record: sends what has fired to the next levels, then how far this
 * partition is. */
void chain_settle(struct correlate_state *state, const struct record *record,
                  uint32_t incarnation);

/* --- correlate_state.c */
void *correlate_state_new(void *stage, struct str topic, int32_t partition);
void correlate_state_free(void *state);
bool correlate_state_load(void *state, size_t table, struct str field,
                          struct str value, struct err *why);
void correlate_state_save(void *state, bool whole, const struct emit *emit);

/* --- correlate_status.c */
void correlate_status(const void *state, struct buf *json);
void correlate_worker_status(const void *stage, struct buf *json);

#endif
