/* SPDX-License-Identifier: Apache-2.0
 *
 * Delivers messages in threads of its own, so that a slow server holds up
 * neither the stage nor another message. What is handed over is copied; the
 * queue has a maximum; what became of each comes back in a queue of results.
 * It decides nothing and keeps nothing: whether to send again is the
 * journal's. */
#ifndef RESPOND_COURIER_H
#define RESPOND_COURIER_H

#include "base/kafka.h"
#include "respond/message.h"

enum { COURIER_MAX_WORKERS = 16 };

/* An address and its secrets, read from files by whoever starts it. */
struct courier_plan {
    struct {
        struct str url; /* smtp://host:25, smtps://host:465; empty: none */
        struct str from, user, password;
        bool plain; /* no STARTTLS demanded */
    } mail;
    struct {
        struct str url; /* empty: none */
        struct str secret;
    } webhook;
    struct {
        struct str url;     /* with {to} {text} {id}; empty: none */
        struct str body;    /* the same; empty: GET */
        struct str type;    /* Content-Type of the body */
        struct str header;  /* one whole line, a secret; empty: none */
        struct str success; /* what an answer must contain; empty: any */
    } sms;
    struct {
        struct str topic; /* empty: none */
        const struct kafka_settings *settings;
    } kafka;
    const char *outbox;  /* folder that stands in for channels without a server;
                            NULL: none */
    const char *ca_file; /* NULL: the system's */
    const char *proxy;   /* NULL: none; the environment's is not used */
    bool unverified;     /* TLS certificates are not checked */
    int64_t timeout_ms;  /* of one delivery, connecting included */
    int workers, max_queued;
    int64_t (*now_ms)(void); /* wall clock: time stamps of signatures */
};

struct courier_result {
    char message[MESSAGE_ID_LEN + 1];
    char person[128];
    enum channel channel;
    bool delivered;
    struct err detail; /* what the server said, or why it failed */
};

/* Whether all {places} of an SMS template are known. */
bool sms_template_check(struct str text, struct err *why);

struct courier;

/* Copies the texts of `plan`. NULL with the reason. */
struct courier *courier_start(const struct courier_plan *plan, struct err *why);
/* Lets what is being sent come to its end, drops what is queued. */
void courier_stop(struct courier *courier);
/* Which channels there is a server or the outbox for. */
void courier_usable(const struct courier *courier, bool usable[N_CHANNELS]);
/* Copies and queues. False when the queue is full: offer it again later. */
bool courier_send(struct courier *courier, const struct message *message,
                  struct str person, const struct contact *contact);
/* The next result; false: none yet. Waits at most `timeout_ms`. */
bool courier_result(struct courier *courier, int timeout_ms,
                    struct courier_result *result);

#endif
