/* SPDX-License-Identifier: Apache-2.0
 *
 * A window: the state of one (rule, group key), a C value changed by pure
 * functions (DESIGN 8). The same code serves the service, `replay` and tests.
 *
 * What a type means stands in docs/correlation.md. What fires at once takes an
 * event as it comes; all else waits in `pending`, sorted, until the watermark
 * has passed it, and is then taken in order, so that the order of arrival
 * cannot show (window_order.c); or is found at once and told then
 * (window_early.c). Each family of types is a table of functions
 * (struct family, window_priv.h) over what all windows have:
 * - entries: events that may still matter, sorted by event time;
 * - runs: stretches that satisfied windows cover;
 * - episodes: maximal runs of hot events with gaps of at most the timespan.
 * What is hot has left its count, names and evidence in its episode; what is
 * cold keeps the alert in short.
 *
 * The final (first, last, count, evidence) of the episodes is a function of
 * the set of events alone, whatever order they came in, as long as no event is
 * older than the floor was when it came, and `approximate` is not set.
 *
 * Files: window.c (made, fed), window_order.c (waiting, time passing),
 * window_slide.c (sliding windows), window_find.c, window_steps.c,
 * window_tail.c (what they satisfy), window_early.c, window_fold.c and
 * window_cut.c (what need not be kept), window_laid.c (windows end to end),
 * window_first.c, window_spike.c, window_silence.c, window_risk.c (long
 * memory), window_due.c (closing), window_report.c (what is told),
 * window_incident.c (as an incident), window_text.c (the binary record),
 * episode.c, episode_names.c. */
#ifndef CORRELATE_WINDOW_H
#define CORRELATE_WINDOW_H

#include "base/pool.h"
#include "correlate/correlation.h"
#include "model/window_event.h"
#include "timers.h"

/* A block of bytes in the pool: 4 bytes of length, then the bytes. */
struct blob;

/* One event that may still matter. */
struct entry {
    amount number; /* what is measured; first, so that nothing is padded */
    int64_t event_ms;
    uint64_t value;        /* digest of what is counted; temporal with `not`:
                              bits of the conjuncts it is not spoiled for */
    uint32_t steps;        /* bit mask */
    uint32_t weight;       /* how many events it stands for (1, unless cut) */
    struct blob *sighting; /* of a cold one; NULL: its episode has it */
};

/* What lies between two events that satisfied windows cover, ends included. */
struct run {
    int64_t from_ms, to_ms;
};

/* Names of one kind: the MAX_INCIDENT_NAMES first by (event time, text), and
 * the digests of all, up to MAX_INCIDENT_NAMES + MAX_INCIDENT_MORE. Both do
 * not depend on the order of arrival. */
struct name {
    int64_t first_ms;
    struct blob *text;
};
struct name_set {
    struct name *names; /* sorted */
    uint32_t *digests;  /* sorted */
    uint16_t n, room, n_digests, digests_room;
};

enum {
#define X(member, key) NAMES_##member,
    INCIDENT_ENTITIES(X)
#undef X
        N_NAME_SETS
};

/* Evidence of one (step, kind). */
struct proof {
    uint8_t step, kind;
    uint64_t count;
    struct blob *first, *last; /* sightings */
};

struct episode {
    struct episode *next; /* sorted by first_ms */
    uint32_t number;      /* in order of firing in this window, from 1 */
    uint32_t revision;    /* 0: not reported yet */
    uint32_t into;        /* number of the episode it was merged into, or 0 */
    bool closed;
    uint64_t id[2];
    int64_t first_ms, last_ms, fired_ms, arrival_ms;
    uint64_t count;
    uint64_t told_count; /* as last reported */
    int64_t told_first_ms;
    uint8_t told_severity, severity, level;
    bool told_approximate;
    uint32_t kinds;
    struct blob *first;  /* sighting of the first event: id and key */
    struct blob *newest; /* of a rule that others refer to: of the newest */
    struct name_set names[N_NAME_SETS];
    struct proof *proofs; /* sorted by (step, kind), at most MAX_EVIDENCE */
    uint16_t n_proofs, proofs_room;
    uint16_t seen[MAX_CORRELATION_STEPS]; /* kinds of each step, all */
    /* Found early (window_early.c): it waits for the watermark, and is what it
     * will fire by when that is past fired_ms; until then that lies in entries
     * and in `at`, what comes later in `after`. */
    bool waits;
    struct episode *at, *after; /* or NULL */
};

/* A value, and when it was seen last. */
struct recent {
    uint64_t value;
    int64_t event_ms;
    uint32_t place; /* in the table */
};

struct window {
    const struct correlation *rule;
    struct digest id[2]; /* fingerprint, key_id */
    struct blob *key;    /* as the event that made the window wrote it */
    struct entry *entries;
    uint32_t n, room, fold_at;
    struct run *runs; /* sorted, disjoint */
    uint32_t n_runs, runs_room;
    struct episode *episodes;
    struct episode *merged; /* reported ones that were merged: to be told */
    struct entry *pending;  /* what waits for the watermark, in order */
    uint32_t n_pending, pending_room;
    uint32_t n_taken;  /* of the first: they leave when they are the most */
    int64_t passed_ms; /* the watermark it was decided up to */
    void *own;         /* the family's state */
    uint32_t last_number;
    bool approximate;
    bool counted_cut; /* in the state's n_cut */

    /* What the newest entries amount to, so that an event in order needs no
     * look back; made anew from the entries when not valid. */
    int64_t *best; /* see window_steps.c */
    int64_t tail_ms, until_ms;
    uint32_t tail_n;
    bool tail_valid;
    struct recent *recent; /* see window_values.c */
    uint32_t *places;
    uint32_t n_recent, recent_room, n_places;
    uint32_t tail_from;
    amount tail_sum;
    amount *low; /* see window_sum.c */
    uint32_t n_leaves;

    size_t blob_bytes; /* of all its blobs, for window_bytes */

    /* Whoever keeps windows (correlate_state.c). */
    struct timer close, sweep;
    struct window *next_touched, *next_dirty, **link_dirty;
    size_t counted_bytes;
    bool touched, dirty;
};

/* One event for one window. */
struct sighting {
    struct brief brief;
    struct str topic; /* of the source */
    int32_t partition;
    struct str key;   /* as this event wrote it; empty: as the window's */
    struct str carry; /* what other correlations need of it */
    struct str value; /* as it came: of types that need the text */
    struct str names; /* of a firing (model/firing.h); or empty */
};
struct event {
    uint32_t steps, weight; /* weight: alerts it stands for */
    uint64_t value;
    amount number;
    struct sighting sighting;
};

/* How far time is, for windows of one level. No event older than the floor
 * will come; what is older than the watermark decides nothing any more. */
struct moment {
    int64_t watermark_ms, floor_ms; /* or NO_TIME */
};

/* Scratch memory for one event at a time; one per thread. */
struct finder;
struct finder *finder_new(uint64_t secret); /* NULL: no memory */
void finder_free(struct finder *finder);

/* What a window does needs memory of `pool`, of which there must be
 * WINDOW_ROOM_BYTES: the caller looks before. */
enum { WINDOW_ROOM_BYTES = 2 << 20 };

/* NULL: no memory. Borrows `rule` for life. */
struct window *window_new(struct pool *pool, const struct correlation *rule,
                          struct digest key_id, struct str key);
void window_free(struct pool *pool, struct window *window);

/* Takes one event. False: it is older than what was decided, and had no part
 * in it. */
bool window_apply(struct pool *pool, struct window *window,
                  const struct event *event, const struct moment *now,
                  struct finder *finder);

/* Gets every revision that is due: after a record (window_report), when the
 * watermark has passed (window_close). */
struct teller {
    void (*tell)(void *context, const struct incident *incident);
    /* An episode of a rule that others refer to has fired: once each. It
     * borrows. May be NULL. */
    void (*chain)(void *context, const struct window *window,
                  const struct episode *episode);
    void *context;
    struct json_reader *reader; /* keys are read with it */
    struct arena scratch;       /* per incident */
};
/* New episodes, merged ones, counts that doubled, severities that rose, firsts
 * that moved; each at most once. */
void window_report(struct pool *pool, struct window *window,
                   struct teller *teller);

/* --- time. All due times are "when the watermark is past". */

/* When something is to be decided, or the next open episode is over; NO_TIME:
 * nothing is. */
int64_t window_due(const struct window *window);
/* The deciding alone. */
int64_t window_decide_due(const struct window *window);
/* Lets time pass: decides, tells and closes what is due before the watermark,
 * in order of time. */
void window_pass(struct pool *pool, struct window *window,
                 const struct moment *now, struct finder *finder,
                 struct teller *teller);
/* When the next open episode is over; NO_TIME: none is open. */
int64_t window_close_due(const struct window *window);
/* When nothing that the window holds can matter any more. */
int64_t window_sweep_due(const struct window *window);

/* --- the binary record */
void window_save(struct buf *buf, const struct window *window);
/* Strict. `rule_of` gives the correlation of a fingerprint, or NULL. NULL with
 * the reason. */
struct window *
window_load(struct pool *pool, struct str bytes,
            const struct correlation *(*rule_of)(void *context,
                                                 struct digest fingerprint),
            void *context, struct err *why);

/* --- looking in */

/* Bytes of its content, for the limits: what it holds, not what its blocks
 * have room for, so that it is the same after a restart. */
size_t window_bytes(const struct window *window);

/* The incident of an episode, as it stands; borrows the window and the
 * teller's scratch. */
void window_incident(const struct window *window, const struct episode *episode,
                     struct teller *teller, struct incident *incident);
struct str blob_str(const struct blob *blob); /* NULL gives the empty text */

#endif
