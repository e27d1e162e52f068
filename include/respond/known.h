/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an incident is: one line of text for each incident ever taken, in the
 * respond stage's table "incidents" under the incident's id. Reports read it
 * to say where every alert went. */
#ifndef RESPOND_KNOWN_H
#define RESPOND_KNOWN_H

#include "model/ticket.h"

/* X(name, id) */
#define PLACES(X)                                                              \
    X(PLACE_TICKET, "ticket")                                                  \
    X(PLACE_SUPPRESSED, "suppressed")                                          \
    X(PLACE_INHIBITED, "inhibited")                                            \
    X(PLACE_HELD, "held")         /* floor: waits for a ticket to join */      \
    X(PLACE_RECORDED, "recorded") /* its rule opens no tickets */

enum place_taken {
#define X(name, id) name,
    PLACES(X)
#undef X
        N_PLACES
};

struct known {
    uint64_t revision; /* taken last */
    enum place_taken place;
    struct str ticket; /* it is in, or inhibited by; may be empty */
    struct str window; /* id in the feed's unmapped.windows */
    int64_t first_ms, last_ms, fired_ms;
    struct str because; /* suppression, silence or inhibition; may be empty.
                           In a ticket: what would have suppressed it (dry
                           run) */
    uint64_t count;
};

/* "REVISION PLACE TICKET WINDOW FIRST LAST FIRED COUNT BECAUSE", - for what is
 * empty. */
void known_write(struct buf *buf, const struct known *known);
/* Strict; borrows `text`. */
bool known_read(struct str text, struct known *known);

#endif
