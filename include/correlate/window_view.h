/* SPDX-License-Identifier: Apache-2.0
 *
 * A stored window, for people: what it holds, why it is open, and when it will
 * be decided. Reads the records of the state's table CORRELATE_WINDOWS; changes
 * nothing. */
#ifndef CORRELATE_WINDOW_VIEW_H
#define CORRELATE_WINDOW_VIEW_H

#include "correlate/registry.h"

struct window_view {
    struct str id; /* as unmapped.windows of the feed names it */
    const struct correlation *rule;
    struct str key;    /* a JSON array, as written */
    uint32_t n_events; /* that are kept one by one … */
    uint32_t n_cold;   /* … those of them that no incident has yet */
    /* How near the newest event is to the condition: of the events within a
     * timespan before it, how many events, values or steps there are. For
     * temporal_ordered, how many steps have come in order. */
    uint32_t have;
    int64_t first_ms, last_ms; /* of the kept events; NO_TIME: none */
    uint32_t n_waiting;        /* that the watermark has not passed … */
    int64_t decide_ms; /* … the first is decided then; NO_TIME: none */
    struct str holds;  /* what its type keeps beside, in words; or empty */
    size_t bytes;
    bool approximate;
    size_t n_open; /* incidents that are not over */
    /* When the watermark is past it: the next open incident closes; the window
     * is let go. NO_TIME: none is open. */
    int64_t close_ms, sweep_ms;
    const struct incident *incidents; /* by first event */
    size_t n_incidents;
};

struct window_reader;

/* Borrows `registry`, which must know the rules of the state. NULL: no
 * memory. */
struct window_reader *window_reader_new(struct registry *registry);
void window_reader_free(struct window_reader *reader);
/* Fills `view`, which borrows the reader until its next call. False with the
 * reason: another version, damaged, or an unknown rule. */
bool window_reader_read(struct window_reader *reader, struct str record,
                        struct window_view *view, struct err *why);
/* The watermark of each level of a partition from the fields of
 * CORRELATE_META; NO_TIME where it has no windows of that level. */
bool window_clock_read(struct str field, struct str value,
                       int64_t watermark_ms[MAX_LEVELS]);
/* From the same: how many events no window took because a limit was reached,
 * since the partition's first. */
bool window_refused_read(struct str field, struct str value,
                         uint64_t *n_refused);

#endif
