/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a window, shared by its files: blobs, sightings as bytes,
 * episodes, what an event satisfies, what need not be kept. */
#ifndef CORRELATE_WINDOW_PRIV_H
#define CORRELATE_WINDOW_PRIV_H

#include "base/times.h"
#include "base/wire.h"
#include "window.h"

struct blob {
    uint32_t len;
    char bytes[];
};

enum { SIGHTING_BYTES = 16384 }; /* at most, as bytes */

/* --- memory (window_memory.c); the window counts its blobs */
struct blob *blob_new(struct pool *pool, struct window *window, struct str s);
void blob_free(struct pool *pool, struct window *window, struct blob *blob);
/* Room for one more of `n` things: gives `at` or a larger copy of it. */
void *array_room(struct pool *pool, void *at, size_t n, size_t *room,
                 size_t size);

/* A sighting as bytes, the event time first; reading borrows. */
void sighting_write(struct buf *buf, const struct sighting *sighting);
bool sighting_read(struct str bytes, struct sighting *sighting);
/* By (event time, topic, partition, incarnation, offset, index), then by what
 * it says. */
int sighting_compare(const struct sighting *a, const struct sighting *b);
/* In a record: two's complement, 16 bytes. */
void amount_put(struct buf *buf, amount value);
amount amount_get(struct wire *wire);

/* --- families */

/* What a family's functions get. */
struct turn {
    struct pool *pool;
    struct window *window;
    struct finder *finder;
    /* No event older than this comes any more. What is taken in order: nothing
     * before the event that is taken. */
    int64_t floor_ms;
};

/* What a type does, beside what all windows have. */
struct reading;
struct family {
    size_t own_bytes; /* of window->own, made zeroed */
    bool any_order;   /* it takes events as they come, and decides later */
    /* Takes one event: of types that fire at once as it comes; of the others
     * in order of (time, position), when the watermark is past it by
     * window_delay. `bytes` is the sighting, written. */
    void (*take)(struct turn *turn, const struct event *event,
                 struct str bytes);
    /* Takes one before the watermark has passed it, where that cannot matter;
     * false: it must wait. NULL: all wait. */
    bool (*take_now)(struct turn *turn, const struct event *event,
                     struct str bytes);
    /* Takes what of those that wait it can: it is not `kept` (all are true).
     * NULL: window_thin.c knows. */
    void (*thin)(struct turn *turn, bool *kept);
    /* All events of this time were taken. NULL: nothing to do. */
    void (*settle)(struct turn *turn, int64_t event_ms);
    /* When it decides something without an event (NO_TIME: never), and does. At
     * equal times events are taken first. NULL: never. */
    int64_t (*due)(const struct window *window);
    void (*pass)(struct turn *turn, int64_t due_ms);
    /* Until when what it holds beside entries and episodes matters; NO_TIME:
     * it holds nothing. NULL: nothing. */
    int64_t (*until)(const struct window *window);
    /* When an open episode is over, where it is not a matter of timespans
     * (window_due.c). NULL: it is. */
    int64_t (*over)(const struct window *window, const struct episode *episode);
    /* Its state: bytes beside own_bytes, the record, and back. NULL: none. */
    size_t (*bytes)(const struct window *window);
    void (*save)(struct buf *buf, const struct window *window);
    void (*load)(struct reading *reading);
    void (*free)(struct pool *pool, struct window *window);
    /* What it holds, in words for `windows show`. NULL: nothing. */
    void (*describe)(struct buf *buf, const struct window *window);
};
const struct family *family_of(const struct correlation *rule);
extern const struct family slide_family, laid_family, first_family,
    spike_family, silence_family, risk_family;

/* How long after its time an event is taken: where later ones spoil it. */
int64_t window_delay_ms(const struct correlation *rule);
/* Hot events that are at most so far apart are one episode. */
int64_t window_reach_ms(const struct correlation *rule);
/* Each occurrence is an episode by itself, which nothing joins. */
bool window_alone(const struct correlation *rule);
/* What an entry tells goes into the episode, and out of the entry
 * (window_slide.c). */
void entry_heat(struct pool *pool, struct window *window,
                struct episode *episode, struct entry *entry);
/* Notes what the event spoils (window_slide.c); gives the steps that it is to
 * be taken for. */
uint32_t window_spoil(struct turn *turn, const struct event *event);
/* Closes what is over and tells it, in order of time (window_due.c). */
void window_close(struct window *window, int64_t watermark_ms,
                  struct teller *teller);
/* Those that wait, in order; NULL: none (window_order.c). */
const struct entry *window_waiting(const struct window *window, uint32_t *n);
/* Leaves out what need not wait (window_thin.c); none are taken. */
void window_thin(struct turn *turn);
/* Of so many that wait it is asked. */
uint32_t window_thin_at(const struct window *window);
/* Whether nothing can come of what waits, as it is spoiled (window_slide.c). */
bool window_is_spoiled(const struct window *window, const struct entry *entry);
/* An event waits for the watermark (window_order.c). */
void window_wait(struct turn *turn, const struct event *event,
                 struct str bytes);

/* --- found early (window_early.c) */
struct hot_event;

/* All that waits in reach of `run` becomes one episode, which fires at
 * `fired_ms` or before: what will not be of its firing leaves the entries. */
void early_loosen(struct turn *turn, struct run run, int64_t fired_ms);
/* A hot event of an episode that waits. True: it stays in its entry. */
bool early_keeps(const struct episode *episode, int64_t event_ms);
/* It comes after what the episode will fire by. */
void early_add(struct turn *turn, struct episode *episode,
               const struct hot_event *event);
/* What an episode that goes has apart. */
void early_absorb(struct pool *pool, struct window *window,
                  struct episode *episode, struct episode *other);
/* Entries that are to be left out: what an episode will fire by stays, or is
 * kept in `at`. `all`: however many. */
void early_spare(struct pool *pool, struct window *window, bool *keep,
                 bool all);
int64_t early_due(const struct window *window);
/* What waits for that time is what it fires by; once told, it is whole. */
void early_pass(struct turn *turn, int64_t due_ms);
/* Whether an episode that waits has what it fires by. */
bool early_whole(const struct window *window, const struct episode *episode);
/* How many events wait. */
uint32_t early_waiting(const struct window *window);

/* Reading a record: `check` marks it wrong. */
struct reading {
    struct pool *pool;
    struct window *window;
    struct wire wire;
};
void reading_check(struct reading *r, bool fine);
int64_t reading_time(struct reading *r);
/* A sighting, checked; NULL when it is empty. */
struct blob *reading_sighting(struct reading *r, int64_t *event_ms);
void entries_put(struct buf *buf, const struct entry *entries, uint32_t n);
void entries_get(struct reading *r, struct entry **entries, uint32_t *n,
                 uint32_t *room);
/* One episode, whole, without its place in a list. */
void episode_put(struct buf *buf, const struct window *window,
                 const struct episode *episode);
void episode_get(struct reading *r, struct episode *episode);

/* --- episodes (episode.c) */
size_t episode_bytes(const struct episode *episode);
struct episode *episode_new(struct pool *pool);
void episode_free(struct pool *pool, struct window *window,
                  struct episode *episode);
/* One hot event; `bytes` is the sighting written. */
struct hot_event {
    const struct sighting *sighting;
    struct str bytes;
    uint32_t steps, weight;
};
void episode_add(struct pool *pool, struct window *window,
                 struct episode *episode, const struct hot_event *event);
/* Moves all that `other` has to `episode`; `other` stays, with its id. */
void episode_absorb(struct pool *pool, struct window *window,
                    struct episode *episode, struct episode *other);

struct str episode_id(const struct episode *episode, struct arena *arena);
/* The next revision; `into`: it was merged (window_report.c). */
void window_tell(struct window *window, struct episode *episode,
                 const struct episode *into, struct teller *teller);
/* The open episode that `run` belongs to: all within reach become one, a new
 * one is made when there is none; taken out of the list. Give it back with
 * episode_enlist. (episode_gather.c) */
struct episode *episode_gather(struct pool *pool, struct window *window,
                               struct run run);
/* All that a draft has becomes part of the episode `run` belongs to; the draft
 * stays. */
void episode_heat(struct pool *pool, struct window *window,
                  struct episode *draft, struct run run);
/* It reaches over `run`, though it waits and has nothing itself. */
void episode_widen(struct episode *episode, struct run run);
/* A new one, in no list. */
struct episode *episode_begin(struct pool *pool, struct window *window);
void episode_enlist(struct window *window, struct episode *episode);

/* --- names (episode_names.c) */
void names_add(struct pool *pool, struct window *window, struct name_set *set,
               int64_t event_ms, struct str text);
void names_absorb(struct pool *pool, struct window *window,
                  struct name_set *set, struct name_set *other);
void names_free(struct pool *pool, struct window *window, struct name_set *set);

/* --- what the newly inserted entry `p` satisfies (window_find.c) */
struct span {
    bool found;
    int64_t from_ms, to_ms; /* every event in between is hot */
    int64_t completed_ms;   /* the earliest event that completed a window */
};
struct span window_find(struct turn *turn, uint32_t p);
/* The same for the newest entry, in order (window_tail.c). */
struct span tail_values(struct turn *turn);
struct span tail_sum(struct turn *turn);
/* The entry `p` came late: what the newest amount to is brought up to it, or
 * is not valid any more. */
void tail_late(struct turn *turn, uint32_t p);
/* value_count: the values seen last (window_values.c). None is older than
 * values_oldest, if there are as many as are asked for; else NO_TIME. */
void values_begin(struct window *window);
void values_see(struct pool *pool, struct window *window, uint64_t value,
                int64_t ms);
int64_t values_oldest(const struct window *window);
void values_end(struct pool *pool, struct window *window);
bool sum_reaches(const struct correlation *rule, amount sum);
/* Sums that may fall: the newest time, all of its events there
 * (window_sum.c). */
struct span sum_find(struct turn *turn);
void sum_end(struct pool *pool, struct window *window);
/* The same of temporal types (window_steps.c). `conjunct`: this one alone; -1:
 * any of them. */
struct span find_steps(struct turn *turn, uint32_t p, int conjunct);
/* A late event, the rows kept; false: they cannot be. */
bool steps_late(struct window *window, uint32_t p);
void steps_begin(struct pool *pool, struct window *window);
void steps_end(struct pool *pool, struct window *window);
size_t steps_bytes(const struct correlation *rule);
/* One satisfied [a, c]; called with rising c. */
void span_note(struct span *span, const struct window *window, int64_t a_ms,
               int64_t c_ms);
/* The first entry not before `ms`. */
uint32_t window_lower(const struct window *window, int64_t ms);

/* --- a small table from numbers to (n, ms), emptied at once */
struct slot {
    uint64_t key;
    uint32_t stamp, n;
    int64_t ms;
};
void finder_clear(struct finder *finder);
/* The slot of `key`; a new one has n = 0. */
struct slot *finder_slot(struct finder *finder, uint64_t key);
/* MAX_WINDOW_ENTRIES flags, not cleared. */
bool *finder_flags(struct finder *finder);
/* 3 × MAX_WINDOW_ENTRIES numbers, not cleared. */
uint32_t *finder_links(struct finder *finder);
/* MAX_CONJUNCTS × MAX_STEP_COUNTS of them, not cleared. */
int64_t *finder_rows(struct finder *finder);

/* --- what need not be kept (window_fold.c) */
void window_fold(struct pool *pool, struct window *window, int64_t floor_ms,
                 struct finder *finder);
/* --- window_cut.c: past MAX_WINDOW_ENTRIES, approximately */
void window_cut(struct window *window, struct finder *finder, bool *keep);
/* Closed episodes that nothing can join any more. */
void window_prune(struct pool *pool, struct window *window, int64_t floor_ms);

#endif
