/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of windows laid end to end: window_laid.c (what they are),
 * window_section.c (what waits), window_laid_text.c (their record). */
#ifndef CORRELATE_WINDOW_LAID_H
#define CORRELATE_WINDOW_LAID_H

#include "window_priv.h"

/* A value, and how often it was seen. */
struct laid_value {
    amount value; /* or the digest of what is counted */
    uint64_t n;
};

struct laid {
    bool open;
    int64_t start_ms;
    uint64_t n;
    amount sum;
    uint32_t seen[MAX_CORRELATION_STEPS]; /* events of each step */
    struct laid_value *values;
    uint32_t n_values, room;
    struct episode *draft;
    struct entry *kept; /* rarity: all of its events */
    uint32_t n_kept, kept_room;
    struct section *section; /* of the windows that begin next, in order */
    uint32_t n_sections, sections_room;
};

/* What surely is of one window that has not begun. */
struct section {
    int64_t from_ms, to_ms;
    struct laid part; /* its numbers, values and draft */
};

enum { MAX_VALUES = 4096, MAX_SECTIONS = 64 };

struct laid *laid_of(const struct window *window);
void laid_add_value(struct turn *turn, struct laid *laid, amount value,
                    uint64_t n);
/* One more event of a window or a section. */
void laid_count_in(struct turn *turn, struct laid *laid,
                   const struct event *event, struct str bytes);
void laid_part_free(struct pool *pool, struct window *window,
                    struct laid *part);

/* --- window_section.c; see struct family */
bool laid_take_now(struct turn *turn, const struct event *event,
                   struct str bytes);
void laid_thin(struct turn *turn, bool *kept);
/* The window that the first section belongs to has begun. */
void laid_take_section(struct turn *turn, struct laid *laid);
/* The number-th; one more if there are only so many. */
struct section *laid_section(struct pool *pool, struct laid *laid,
                             uint32_t number);

/* --- window_laid_text.c */
void laid_save(struct buf *buf, const struct window *window);
void laid_load(struct reading *r);

#endif
