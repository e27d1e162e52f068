/* SPDX-License-Identifier: Apache-2.0
 *
 * soc.incidents as the responder reads it: by assignment, from the positions
 * its journal knows, in a thread of its own, so that the stage never waits for
 * a broker. */
#ifndef DAEMON_INCIDENT_FEED_H
#define DAEMON_INCIDENT_FEED_H

#include "base/kafka.h"
#include "respond/respond.h"

struct incident_reader;

/* Borrows all for life. NULL with the reason. */
struct incident_reader *
incident_reader_start(const struct kafka_settings *settings, struct str topic,
                      struct err *why);
void incident_reader_stop(struct incident_reader *reader); /* NULL: nothing */
struct incident_feed incident_reader_feed(struct incident_reader *reader);

#endif
