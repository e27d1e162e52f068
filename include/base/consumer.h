/* SPDX-License-Identifier: Apache-2.0
 *
 * A member of a Kafka consumer group that reads each of its partitions from a
 * queue of its own, so that the stage loop chooses which comes next. Offsets
 * are not kept in Kafka: where to start is told by the marker. librdkafka
 * 2.0.2: eager assignment, auto.offset.reset=error, seek instead of repeated
 * assignment. One thread only. */
#ifndef BASE_CONSUMER_H
#define BASE_CONSUMER_H

#include "base/kafka.h"

struct consumer;
struct lane; /* one assigned partition */

struct consumer_plan {
    const struct kafka_settings *settings;
    struct str group;
    struct str instance; /* static membership; empty: none */
    int session_ms;
    const struct str *topic; /* names, or "^regex" */
    size_t n_topics;
    void *context;
    /* A lane is paused until consumer_start. Both are called from within
     * consumer_poll. After `revoked` returns the lane is gone; `lost`: the
     * group has already given it to somebody else. */
    void (*assigned)(void *context, struct lane *lane, struct str topic,
                     int32_t partition);
    void (*revoked)(void *context, struct lane *lane, bool lost);
};

/* Borrows `plan` for life. */
struct consumer *consumer_open(const struct consumer_plan *plan,
                               struct err *why);
/* Leaves the group; revokes what is left. */
void consumer_close(struct consumer *consumer);

/* Serves the group; must be called at least every few seconds. */
void consumer_poll(struct consumer *consumer);
/* Waits until a lane may have something or `timeout_ms` is over. */
void consumer_wait(struct consumer *consumer, int timeout_ms);
/* False while no broker can be reached; `why` (may be NULL) says. */
bool consumer_connected(const struct consumer *consumer, struct err *why);
/* While away: asks whether a broker answers again. */
void consumer_probe(struct consumer *consumer, int timeout_ms);
/* True after an error that ends the process. */
bool consumer_fatal(const struct consumer *consumer, struct err *why);
/* The group has another member of this consumer's `instance`: another process
 * has taken the name, or, if Kafka `was_away` since this consumer was opened,
 * the coordinator was killed and knows an older member id than ours. It has
 * lost its partitions; closing it and opening another takes the name again. */
bool consumer_fenced(const struct consumer *consumer, bool *was_away);

/* Reading begins (again) at `offset`. What was read before is dropped. */
bool consumer_start(struct consumer *consumer, struct lane *lane,
                    int64_t offset, struct err *why);
/* A lane that cannot be started any more, whatever the offset: only closing
 * the consumer and opening another helps. */
bool consumer_stuck(const struct consumer *consumer);
void consumer_pause(struct consumer *consumer, struct lane *lane);

enum lane_got {
    LANE_RECORD,
    LANE_NOTHING,
    LANE_RESET, /* the offset is not there: look at the ends, start anew */
};
/* The next record without taking it: it stays valid, and the same, until
 * lane_take, consumer_start or the lane's end. Never waits. */
enum lane_got lane_peek(struct lane *lane, const struct record **record);
/* Done with the peeked record; it is kept one more step, so that the last
 * taken one can still be read by lane_last. */
void lane_take(struct lane *lane);
const struct record *lane_last(const struct lane *lane); /* or NULL */
/* The partition's end as the last fetch saw it, or -1. */
int64_t lane_end(const struct lane *lane);
/* Nothing that a reader is given lies between what was taken and `end`: where
 * transactions are written, the log ends with their marker. */
bool lane_is_empty_to(const struct lane *lane, int64_t end);
/* Asks the broker: first offset kept, and the offset after the last. */
bool lane_ask_ends(struct lane *lane, int timeout_ms, int64_t *low,
                   int64_t *high, struct err *why);

#endif
