/* SPDX-License-Identifier: Apache-2.0
 *
 * The token of an acknowledge link: whom it was sent to, of which tickets, and
 * until when it is good, signed. Whoever has it may acknowledge those tickets
 * in that person's name, and nothing else. It is plain text that stands in a
 * URL as it is:
 *
 *     1.ISSUED.EXPIRES.PERSON.MESSAGE.TICKET-TICKET….MAC
 *
 * the times in seconds since 1970, the MAC the first 16 bytes of HMAC-SHA-256
 * over all that stands before its dot, in hexadecimal digits. */
#ifndef MODEL_LINK_H
#define MODEL_LINK_H

#include "base/buf.h"

enum {
    LINK_MAX_TICKETS = 64,
    LINK_MAX_BYTES = 1024,   /* a token */
    LINK_MIN_KEY_BYTES = 32, /* of the key file */
};

struct link {
    struct str person, message;
    int64_t issued_ms, expires_ms; /* whole seconds */
    struct str ticket[LINK_MAX_TICKETS];
    size_t n_tickets;
};

/* Appends the token. Ids may hold A-Z a-z 0-9 _ and, but for tickets, '-'. */
void link_write(struct buf *buf, struct str key, const struct link *link);

enum link_state {
    LINK_GOOD,
    LINK_EXPIRED, /* signed by us; `link` is filled */
    LINK_WRONG,   /* not ours, or altered; nothing is filled */
};
/* Strings borrow from `token`. */
enum link_state link_read(struct str token, struct str key, int64_t now_ms,
                          struct link *link);

#endif
