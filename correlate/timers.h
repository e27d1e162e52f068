/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers of a windows partition: a heap in order of (time, rule, key), so that
 * what falls due together falls due in the same order however the log is cut
 * (STREAM 1). Timers lie in the things they belong to; setting, moving and
 * taking one away cost O(log n). */
#ifndef CORRELATE_TIMERS_H
#define CORRELATE_TIMERS_H

#include "base/hash.h"

struct timer {
    int64_t due_ms;
    const struct digest *id; /* fingerprint, key_id: two of them */
    void *owner;
    uint32_t place; /* in the heap, from 1; 0: not set */
};

struct timers {
    struct timer **at;
    uint32_t n, room;
};

/* Sets or moves. False: no memory for one more. */
bool timers_set(struct timers *timers, struct timer *timer, int64_t due_ms);
void timers_unset(struct timers *timers, struct timer *timer);
/* The first one that is due: its time is before `now_ms`; NULL: none. */
struct timer *timers_due(const struct timers *timers, int64_t now_ms);
void timers_free(struct timers *timers);

#endif
