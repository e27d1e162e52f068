/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets for the report, and where alerts went: an alert is in an incident if
 * it fed that (rule, key)'s window, which the feed record names, and its event
 * time lies within the incident's. */
#ifndef DAEMON_PLACES_LOAD_H
#define DAEMON_PLACES_LOAD_H

#include "config.h"
#include "ingest/feed.h"
#include "report/report.h"

struct places;

/* Reads tickets, incidents and reviews; tickets lie in `arena`. NULL with the
 * reason: no responder has run, or it cannot be reached. */
struct places *places_load(struct config *config, struct arena *arena,
                           struct err *why);
void places_free(struct places *places); /* NULL: nothing */

/* One alert of the period, once. */
void places_take(struct places *places, const struct json *feed_record,
                 const struct feed_line *line);
/* Borrows `places`. */
const struct report_tickets *places_tickets(struct places *places,
                                            bool has_places);

#endif
