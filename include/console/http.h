/* SPDX-License-Identifier: Apache-2.0
 *
 * The small listener: /metrics and /healthz for machines, /a/TOKEN where who
 * was paged takes a ticket, /sms where a gateway hands over answers. It knows
 * no ticket and writes nothing: it asks and tells through the callbacks, which
 * are called in threads of its own, several at once. Everything about a
 * request has a maximum: length, time, number. */
#ifndef CONSOLE_HTTP_H
#define CONSOLE_HTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "model/catalogue.h"
#include "model/link.h"
#include "model/ticket.h"

/* One ticket, as the page shows it. */
struct http_ticket {
    struct str id;
    bool known; /* false: only its id */
    int priority;
    struct both title, first_step, harmless;
    struct str has; /* name of who has it; empty: nobody */
    bool mine;      /* this person has acknowledged it since the message */
    bool finished;  /* resolved or closed */
};

struct http_ops {
    void *context;
    int64_t (*now_ms)(void);       /* the wall clock */
    int64_t (*monotonic_ms)(void); /* for the life of connections */
    /* False: not well; `words` says what. */
    bool (*healthy)(void *context, struct buf *words);
    bool (*metrics)(void *context, struct buf *text);
    /* Name and language of a person; false: no longer of the team. */
    bool (*person)(void *context, struct str id, struct arena *arena,
                   struct str *name, enum language *language);
    /* Fills `ticket` (its id is there) as of now; texts lie in `arena`. */
    void (*ticket)(void *context, const struct link *link, struct arena *arena,
                   struct http_ticket *ticket);
    /* Journals the acknowledgement. True only when it is durable. */
    bool (*acknowledge)(void *context, const struct link *link);
    /* An answer by SMS: `answer` gets the text to send back. */
    void (*sms)(void *context, struct str from, struct str text,
                struct buf *answer);
};

struct http_plan {
    struct str address; /* "127.0.0.1:9464", "[::1]:9464"; port 0: a free one */
    struct str link_key;
    struct str sms_secret; /* empty: /sms is not there */
    int64_t timeout_ms;    /* of a connection that says nothing */
    int64_t life_ms;       /* of any connection */
    const struct http_ops *ops;
};

struct http;

/* Borrows `plan` for life. NULL with the reason. */
struct http *http_start(const struct http_plan *plan, struct err *why);
/* The port it listens on. */
int http_port(const struct http *http);
/* Waits for requests that are being answered. NULL: nothing. */
void http_stop(struct http *http);

#endif
