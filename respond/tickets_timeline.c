/* SPDX-License-Identifier: Apache-2.0
 *
 * The timeline: everything that happened to a ticket, in order, for people and
 * for the forms. It is bounded: when it is full, what came after its first
 * entries and before its last gives way to one line that says how many. */
#include "tickets_priv.h"

#include <string.h>

enum { KEEP_FIRST = 20 };

static size_t
bytes_of(const struct ticket_event *event)
{
    return event->by.len + event->to.len + event->detail.len;
}

/* Leaves out one entry after the first ones; the line that counts them stands
 * in their place. */
static void
leave_one_out(struct ticket *ticket)
{
    struct ticket_event *line = &ticket->timeline[KEEP_FIRST];
    size_t gone = KEEP_FIRST + 1;
    if (line->kind != EVENT_LEFT_OUT)
        *line = (struct ticket_event){
            .kind = EVENT_LEFT_OUT, .at_ms = line->at_ms, .n = 1};
    line->n++;
    line->at_ms = ticket->timeline[gone].at_ms;
    memmove(&ticket->timeline[gone], &ticket->timeline[gone + 1],
            (ticket->n_timeline - gone - 1) * sizeof *line);
    ticket->n_timeline--;
}

void
add_event(struct fold *fold, struct ticket *ticket, enum ticket_event_kind kind,
          struct str to, struct str detail, uint64_t n)
{
    struct ticket_event *at =
        one_more(fold, ticket->timeline, ticket->n_timeline, sizeof *at);
    if (!at)
        return;
    ticket->timeline = at;
    at[ticket->n_timeline++] = (struct ticket_event){
        .kind = kind,
        .at_ms = fold->record->at_ms,
        .by = cut_name(fold->record->by),
        .to = cut_text(to),
        .detail = cut_text(detail),
        .n = n,
    };
    size_t n_bytes = 0;
    for (size_t i = 0; i < ticket->n_timeline; i++)
        n_bytes += bytes_of(&at[i]);
    while (ticket->n_timeline > KEEP_FIRST + 3 &&
           (ticket->n_timeline > TICKET_MAX_TIMELINE ||
            n_bytes > TICKET_MAX_TIMELINE_BYTES)) {
        n_bytes -= bytes_of(&at[KEEP_FIRST + 1]);
        leave_one_out(ticket);
    }
}
