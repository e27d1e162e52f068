/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorded alerts of a span of event time, as soc.alerts has them, by event
 * time. Out of Kafka: joins no group, commits nothing, and says on stderr how
 * far it is. */
#ifndef DAEMON_WHATIF_FEED_H
#define DAEMON_WHATIF_FEED_H

#include "config.h"
#include "whatif_spool.h"

struct recorded_counts {
    uint64_t n_foreign; /* records that are no alerts of ours */
    uint64_t n_updates; /* of alerts that stand there already */
    uint64_t n_repeats; /* written twice after a crash */
};

struct whatif_feed;

/* For alerts with from_ms <= event time < until_ms. NULL with the reason. */
struct whatif_feed *whatif_feed_open(int64_t from_ms, int64_t until_ms,
                                     struct err *why);
void whatif_feed_close(struct whatif_feed *feed); /* NULL: nothing */
/* One record of the topic. False with the reason: no room. */
bool whatif_feed_add(struct whatif_feed *feed, struct str record,
                     struct err *why);
/* All of the topic. False with the reason. */
bool whatif_feed_read(struct whatif_feed *feed, const struct config *config,
                      struct err *why);
/* All are there: the first is next. False with the reason. */
bool whatif_feed_sort(struct whatif_feed *feed, struct err *why);
/* The next; it borrows until the next call. */
enum spool_got whatif_feed_next(struct whatif_feed *feed,
                                struct recorded *recorded, struct err *why);
struct recorded_counts whatif_feed_counts(const struct whatif_feed *feed);

#endif
