/* SPDX-License-Identifier: Apache-2.0
 *
 * `status` asks the process itself, over a socket of its own in data_dir/run,
 * and so works without Redis and Kafka. A connection is answered with one JSON
 * object and closed. */
#ifndef DAEMON_STATUS_SERVER_H
#define DAEMON_STATUS_SERVER_H

#include "base/err.h"
#include "pipeline.h"

struct status_server;

/* Serves on RUN_DIR/status-PID.sock in a thread of its own. */
struct status_server *status_server_start(const char *run_dir,
                                          struct pipeline *pipeline,
                                          struct err *why);
/* Ends and removes the socket. */
void status_server_stop(struct status_server *server);

/* Asks every process whose socket lies in `run_dir`; calls `each` with its
 * answer. Dead sockets are removed. Returns how many answered. */
int status_ask(const char *run_dir,
               void (*each)(void *context, struct str json), void *context);

#endif
