/* SPDX-License-Identifier: Apache-2.0
 *
 * The stages wired together: the service. */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

#include "config.h"

struct pipeline;

/* Bits of config->only. */
enum pipeline_stage { ONLY_INGEST = 1, ONLY_CORRELATE = 2, ONLY_RESPOND = 4 };

/* Loads the site, makes sure of our topics, starts the workers. NULL with what
 * is wrong among `complaints` (mistakes in files) or in `why` (a service that
 * cannot be reached: *unreachable). */
struct pipeline *pipeline_start(struct config *config,
                                struct complaints *complaints,
                                bool *unreachable, struct err *why);
/* Reads mappings and inventory again and swaps them in; on any mistake the old
 * ones stay. Other settings that have changed are named in the log: they need
 * a restart. */
void pipeline_reload(struct pipeline *pipeline);
/* Looks now and then at what no worker does: how Redis is set up. May wait for
 * Redis. */
void pipeline_look(struct pipeline *pipeline);
/* True when a worker has ended by itself; `why` says. */
bool pipeline_failed(struct pipeline *pipeline, struct err *why);
/* Ends the workers: drained, snapshots written, group left. */
void pipeline_stop(struct pipeline *pipeline);
/* A JSON object about everything; from any thread. */
void pipeline_status(struct pipeline *pipeline, struct buf *json);

#endif
