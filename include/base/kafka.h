/* SPDX-License-Identifier: Apache-2.0
 *
 * What we use of Kafka (librdkafka): a producer that tells when a batch is
 * durable, a reader of whole topics for tools and restores, topics and their
 * ends. The group consumer of the stages is base/consumer.h. */
#ifndef BASE_KAFKA_H
#define BASE_KAFKA_H

#include "base/err.h"
#include "base/record.h"

/* Settings passed through to the client library, "bootstrap.servers" among
 * them. Borrowed for the life of what is opened with them. */
struct kafka_setting {
    const char *name, *value;
};
struct kafka_settings {
    const struct kafka_setting *at;
    size_t n;
};

/* Whether the client library takes this setting from a configuration file;
 * `why` suggests the name that may have been meant. */
bool kafka_setting_check(const char *name, const char *value, struct err *why);

/* --- producer: idempotent, acks=all, lz4, message.timeout.ms=0 (STREAM 8) */

struct producer;

/* Counts the records of one batch that Kafka has not acknowledged. Lives
 * until `waiting` is 0; one thread only. */
struct delivery {
    int64_t waiting;
    int64_t append_ms; /* newest append time seen in an acknowledgement */
    int64_t failed;    /* refused for good (too large, no such topic) */
    int64_t too_large; /* refused for their size, by Kafka or by us */
    struct err why;    /* of the last failure */
};

/* In place of a linger time: each record goes by itself. Kafka refuses a whole
 * set of records for their size, so only then it is known which one it is. */
#define PRODUCER_SINGLE (-1)

struct producer *producer_open(const struct kafka_settings *settings,
                               int linger_ms, struct err *why);
void producer_close(struct producer *producer); /* drops what is queued */

/* Copies and queues. False when the queue is full (poll and try again) or the
 * record cannot be sent (`why` says; larger than any topic takes: counted in
 * `too_large`, not in `failed`); `why` is empty when the queue is full. */
bool producer_send(struct producer *producer, const struct output *output,
                   struct delivery *delivery, struct err *why);
/* Serves acknowledgements; waits at most `timeout_ms` for one. */
void producer_poll(struct producer *producer, int timeout_ms);
/* What lies in the queue: for back-pressure. */
int producer_queued(struct producer *producer);
/* True after an error that ends the process (a fenced or broken idempotent
 * producer); `why` says which. */
bool producer_fatal(struct producer *producer, struct err *why);

/* --- reader: all partitions of one topic, by assignment, no group */

struct reader;

enum reader_start { READER_BEGINNING, READER_END };

/* NULL when the brokers cannot be reached within `timeout_ms` or the topic
 * does not exist. The end is what it was at opening. `partition` -1: all. */
struct reader *reader_open(const struct kafka_settings *settings,
                           struct str topic, int32_t partition,
                           enum reader_start start, int timeout_ms,
                           struct err *why);
void reader_close(struct reader *reader);
/* Before the first reader_next: no more than the last `n` of each partition. */
void reader_last(struct reader *reader, int64_t n);
/* Before the first reader_next: begins at `offset` of one partition, or at the
 * first one kept if that is later. False: there is no such partition. */
bool reader_from(struct reader *reader, int32_t partition, int64_t offset);
enum reader_got {
    READER_RECORD,  /* `*record` borrows until the next call */
    READER_NOTHING, /* timed out */
    READER_DONE,    /* every partition has reached the end of opening time */
    READER_FAILED,  /* `why` says */
};
/* With READER_END, or after READER_DONE, goes on with what comes later. */
enum reader_got reader_next(struct reader *reader, int timeout_ms,
                            struct record *record, struct err *why);
/* Records from the beginning to the end of opening time; read so far. */
void reader_progress(const struct reader *reader, int64_t *n_read,
                     int64_t *n_all);

/* --- topics */

struct kafka_admin;

struct kafka_admin *kafka_admin_open(const struct kafka_settings *settings,
                                     struct err *why);
void kafka_admin_close(struct kafka_admin *admin);

/* The cluster's id; false when no broker answers in time. */
bool kafka_cluster_id(struct kafka_admin *admin, int timeout_ms, struct buf *id,
                      struct err *why);
/* Creates `topic` if it does not exist; an existing one is left as it is.
 * `settings` are topic settings such as retention.ms; "replication.factor"
 * among them is the number of copies (else what the broker thinks). */
bool kafka_topic_ensure(struct kafka_admin *admin, struct str topic,
                        int n_partitions, const struct kafka_settings *settings,
                        int timeout_ms, struct err *why);
/* Number of partitions; 0 when there is no such topic, -1 on error. */
int kafka_topic_partitions(struct kafka_admin *admin, struct str topic,
                           int timeout_ms, struct err *why);
/* First offset kept and the offset after the last. */
struct kafka_ends {
    int64_t low, high;
};
bool kafka_ask_ends(struct kafka_admin *admin, struct str topic,
                    int32_t partition, int timeout_ms, struct kafka_ends *ends,
                    struct err *why);
/* Calls `each` for every topic name. */
bool kafka_topics(struct kafka_admin *admin, int timeout_ms,
                  void (*each)(void *context, struct str topic, int n),
                  void *context, struct err *why);

#endif
