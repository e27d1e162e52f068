/* SPDX-License-Identifier: Apache-2.0
 *
 * The respond stage as commands see it: its state, read out of Redis (what
 * lies there is on soc.tickets already: outputs go before the commit), and
 * asking it for something, which is a record on soc.journal and the answer
 * that its fold gives. */
#ifndef DAEMON_RESPONDER_H
#define DAEMON_RESPONDER_H

#include "config.h"
#include "respond/tickets.h"

struct responder;

/* Borrows `config` for life. NULL with the reason. */
struct responder *responder_open(struct config *config, struct err *why);
void responder_close(struct responder *responder);

enum responder_says {
    RESPONDER_FINE,
    RESPONDER_NONE, /* there is no such field; or the act was refused */
    RESPONDER_AWAY, /* Redis or Kafka is away, nothing answers, or the state is
                       being restored; `why` says */
};

/* One field of a table; `value` is filled. */
enum responder_says responder_get(struct responder *responder,
                                  enum tickets_table table, struct str field,
                                  struct buf *value, struct err *why);
/* Every field of a table as of one instant, in no order; until `each` says
 * false. */
enum responder_says
responder_each(struct responder *responder, enum tickets_table table,
               bool (*each)(void *context, struct str field, struct str value),
               void *context, struct err *why);
/* Reads a ticket; it lies in `arena`. */
enum responder_says responder_ticket(struct responder *responder, struct str id,
                                     struct arena *arena, struct ticket *ticket,
                                     struct err *why);

/* Appends `record` (an act, a silence, an override, a review) under a request
 * of its own and waits until it is in force; RESPONDER_NONE: refused, `why`
 * has the reason. */
enum responder_says responder_ask(struct responder *responder,
                                  struct journal_record *record,
                                  struct err *why);

#endif
