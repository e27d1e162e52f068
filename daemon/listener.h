/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP listener of this process: what console/http.h asks, answered from
 * the roster, soc.tickets and the process's own status; what people do there,
 * appended to soc.journal. */
#ifndef DAEMON_LISTENER_H
#define DAEMON_LISTENER_H

#include "config.h"

struct listener;

/* `status` appends the process's status JSON; from any thread. Borrows
 * `config` for life. NULL with the reason. */
struct listener *listener_start(struct config *config,
                                void (*status)(void *context, struct buf *json),
                                void *context, struct err *why);
void listener_stop(struct listener *listener); /* NULL: nothing */

#endif
