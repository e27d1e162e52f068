/* SPDX-License-Identifier: Apache-2.0
 *
 * What the acknowledge page shows of tickets: kept up to date by a follower of
 * soc.tickets, so that the listener needs neither the responder's state nor to
 * run in its process. Bounded: texts are cut, of a finished ticket
 * only title and state stay, and past the maximum new ones stay unknown. */
#ifndef DAEMON_TICKET_VIEW_H
#define DAEMON_TICKET_VIEW_H

#include "base/record.h"
#include "console/http.h"

struct ticket_view;

struct ticket_view *ticket_view_new(void); /* NULL: out of memory */
void ticket_view_free(struct ticket_view *view);
/* A record of soc.tickets; what cannot be read is left alone. One thread. */
void ticket_view_put(struct ticket_view *view, const struct record *record);
/* Fills all but the id; `ticket->has` is a person's id. False: not known. From
 * any thread. */
bool ticket_view_get(struct ticket_view *view, const struct link *link,
                     struct arena *arena, struct http_ticket *ticket);

#endif
