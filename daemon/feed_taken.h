/* SPDX-License-Identifier: Apache-2.0
 *
 * Which ticket took an alert: the feed names the windows an alert went into,
 * a ticket those of its incidents, with their first and last times. Read from
 * soc.tickets, kept up to date while the feed is followed. One thread. */
#ifndef DAEMON_FEED_TAKEN_H
#define DAEMON_FEED_TAKEN_H

#include "config.h"
#include "ingest/feed.h"

struct taken;

/* Reads what there is. NULL: there are no tickets here, or no memory; the feed
 * does without. */
struct taken *taken_open(const struct config *config, bool english);
void taken_close(struct taken *taken);
/* What has come since; does not wait. */
void taken_poll(struct taken *taken);
/* "T8SXCP2ZJ The same malware again", by the newest ticket that holds it; empty
 * when none does, or `taken` is NULL. Stays until the next call. */
struct str taken_by(struct taken *taken, const struct feed_line *line);

#endif
