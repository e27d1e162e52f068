/* SPDX-License-Identifier: Apache-2.0
 *
 * Recorded alerts by event time, however they stood on the feed: sorted in
 * files without a name, so that neither memory nor a day on which one source
 * was read after the other matters. Each position once. */
#ifndef DAEMON_WHATIF_SPOOL_H
#define DAEMON_WHATIF_SPOOL_H

#include "base/err.h"
#include "model/position.h"

/* What of an alert was decided for ever, and its original bytes. */
struct recorded {
    int64_t event_ms, arrival_ms;
    bool late, from_arrival;
    struct position position;
    struct str alert_id, raw;
    struct str windows; /* ids of those it went into, WINDOW_ID_LEN each, one
                           behind the other */
};

struct whatif_spool;

/* In `folder`, which must have room for the alerts. NULL with the reason. */
struct whatif_spool *whatif_spool_new(const char *folder, struct err *why);
void whatif_spool_free(struct whatif_spool *spool); /* NULL: nothing */
/* Copies. False with the reason: the disk is full. */
bool whatif_spool_add(struct whatif_spool *spool,
                      const struct recorded *recorded, struct err *why);
/* No more is added; from here on it is read, and says on stderr how far it
 * is. */
bool whatif_spool_sort(struct whatif_spool *spool, struct err *why);

enum spool_got { SPOOL_ONE, SPOOL_END, SPOOL_FAILED };
/* The next by (event time, position's digest); borrows until the next call. */
enum spool_got whatif_spool_next(struct whatif_spool *spool,
                                 struct recorded *recorded, struct err *why);
/* Passed over, for they stood there twice. */
uint64_t whatif_spool_repeats(const struct whatif_spool *spool);

#endif
