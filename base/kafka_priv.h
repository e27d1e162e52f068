/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files around the Kafka client library share: how a handle is
 * configured, how a topic's name and an error are written. Nobody else
 * includes this: the library does not show through base/kafka.h. */
#ifndef BASE_KAFKA_PRIV_H
#define BASE_KAFKA_PRIV_H

#include "base/kafka.h"

#include <librdkafka/rdkafka.h>

/* The most a record may weigh on its way: one of 8 MiB with its headers. */
#define KAFKA_MESSAGE_BYTES "9437184"

#define KAFKA_TOPIC_BYTES 250 /* 249 and a NUL */

/* How a handle of one kind is made. */
struct kafka_plan {
    rd_kafka_type_t type;
    struct kafka_settings defaults; /* people may set them otherwise */
    struct kafka_settings fixed;    /* nobody may */
    void (*on_delivery)(rd_kafka_t *handle, const rd_kafka_message_t *message,
                        void *context);
};

/* A new handle with the plan's defaults, then `settings`, which people wrote,
 * then what is fixed. What it has to say goes to base/log.h. NULL: `why`
 * says. */
rd_kafka_t *kafka_handle(const struct kafka_plan *plan,
                         const struct kafka_settings *settings,
                         struct err *why);

/* `topic` as the library wants it; false when no topic can be called so. */
bool kafka_topic_name(struct str topic, char name[KAFKA_TOPIC_BYTES],
                      struct err *why);

/* The value of bootstrap.servers, for messages. */
const char *kafka_brokers(const struct kafka_settings *settings);

/* "Kafka at 127.0.0.1:9092 does not answer: …" */
void kafka_err_reach(struct err *why, const char *brokers,
                     rd_kafka_resp_err_t code);

#endif
