/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a window, shared by its files: blobs, sightings as bytes,
 * episodes, what an event satisfies, what need not be kept. */
#ifndef CORRELATE_WINDOW_PRIV_H
#define CORRELATE_WINDOW_PRIV_H

#include "base/times.h"
#include "window.h"

struct blob {
    uint32_t len;
    char bytes[];
};

enum { SIGHTING_BYTES = 8192 }; /* at most, as bytes */

/* --- memory (window_memory.c); the window counts its blobs */
struct blob *blob_new(struct pool *pool, struct window *window, struct str s);
void blob_free(struct pool *pool, struct window *window, struct blob *blob);
/* Room for one more of `n` things: gives `at` or a larger copy of it. */
void *array_room(struct pool *pool, void *at, size_t n, size_t *room,
                 size_t size);

/* A sighting as bytes, the event time first; reading borrows. */
void sighting_write(struct buf *buf, const struct sighting *sighting);
bool sighting_read(struct str bytes, struct sighting *sighting);
/* By (event time, topic, partition, incarnation, offset, index). */
int sighting_compare(const struct sighting *a, const struct sighting *b);

/* --- episodes (episode.c) */
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
struct span window_find(struct window *window, uint32_t p,
                        struct finder *finder);
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

/* --- what need not be kept (window_fold.c) */
void window_fold(struct pool *pool, struct window *window, int64_t floor_ms,
                 struct finder *finder);
/* --- window_cut.c: past MAX_WINDOW_ENTRIES, approximately */
void window_cut(struct window *window, struct finder *finder, bool *keep);
/* Closed episodes that nothing can join any more. */
void window_prune(struct pool *pool, struct window *window, int64_t floor_ms);

#endif
