/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets of a replay: each revision of an incident is decided on and folded
 * as the responder does, in memory. Everything is old, so nothing is held and
 * nobody is told. */
#ifndef DAEMON_REPLAY_TICKETS_H
#define DAEMON_REPLAY_TICKETS_H

#include "respond/triage.h"

struct replay_tickets;

/* Borrows `triage` for life. NULL: out of memory. */
struct replay_tickets *replay_tickets_new(const struct triage *triage);
void replay_tickets_free(struct replay_tickets *replay); /* NULL: nothing */
/* The tickets as folded so far; borrows. */
struct tickets *replay_tickets_state(struct replay_tickets *replay);
/* False with the reason when not all that came could be taken. */
bool replay_tickets_whole(const struct replay_tickets *replay, struct err *why);
/* One revision. */
void replay_tickets_take(struct replay_tickets *replay,
                         const struct incident *incident);
/* What `tickets export` would print, to stdout. How many; or -1 with the
 * reason when not all could be taken. */
int64_t replay_tickets_print(struct replay_tickets *replay, struct err *why);

#endif
