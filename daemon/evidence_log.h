/* SPDX-License-Identifier: Apache-2.0
 *
 * The input topics as a source of original bytes: an alert's position says
 * where its message lies, the mapping of the topic cuts it into elements. In a
 * thread of its own, so that the stage never waits for a broker. */
#ifndef DAEMON_EVIDENCE_LOG_H
#define DAEMON_EVIDENCE_LOG_H

#include "base/kafka.h"
#include "ingest/source.h"
#include "respond/respond.h"

struct evidence_log;

/* Borrows all for life. `source_of` is called in the log's thread: the mapping
 * of a topic, NULL when none is bound to it any more. */
struct evidence_log *evidence_log_start(
    const struct kafka_settings *settings,
    const struct source *(*source_of)(void *context, struct str topic),
    void *context, struct err *why);
void evidence_log_stop(struct evidence_log *log); /* NULL: nothing */
struct evidence_source evidence_log_source(struct evidence_log *log);

#endif
