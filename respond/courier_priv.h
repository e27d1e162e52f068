/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier as its files share it. */
#ifndef RESPOND_COURIER_PRIV_H
#define RESPOND_COURIER_PRIV_H

#include "respond/courier.h"

#include "curl.h"

#include <pthread.h>

enum {
    JOB_MAX_BYTES = 1 << 20,
    KAFKA_LINGER_MS = 2,
    KAFKA_PENDING = 64, /* records that Kafka has not acknowledged in time */
};

/* One message, written out; all of it lies in `bytes`, each of the first three
 * with a NUL behind it. */
struct job {
    char *bytes;
    struct str id, person, address, payload;
    enum channel channel;
};

struct courier {
    struct courier_plan plan;
    struct curl_plan curl;
    struct arena arena; /* the texts of the plan, NUL-terminated */
    char *arena_start;

    pthread_mutex_t lock; /* of what follows, to `stopping` */
    pthread_cond_t has_job, has_room;
    int has_result;  /* an eventfd, readable while there is a result */
    struct job *job; /* rings of max_jobs */
    struct courier_result *result;
    size_t max_jobs, first_job, n_jobs, first_result, n_results;
    bool stopping;

    pthread_mutex_t kafka_lock; /* one thread at a time uses the producer */
    struct producer *producer;
    struct delivery delivery[KAFKA_PENDING];

    pthread_t thread[COURIER_MAX_WORKERS];
    int n_threads;
};

/* Each sends one job; `why` gets what the server said, or why it failed. */
bool deliver_sms(struct courier *courier, struct curl_client *client,
                 const struct job *job, struct err *why);
bool deliver_mail(struct courier *courier, struct curl_client *client,
                  const struct job *job, struct err *why);
bool deliver_webhook(struct courier *courier, struct curl_client *client,
                     const struct job *job, struct err *why);
bool deliver_kafka(struct courier *courier, const struct job *job,
                   struct err *why);
bool deliver_outbox(struct courier *courier, const struct job *job,
                    struct err *why);

#endif
