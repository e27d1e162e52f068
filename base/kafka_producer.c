/* SPDX-License-Identifier: Apache-2.0
 *
 * The producer. It is idempotent and never gives a message up by time: a
 * message that timed out would be a gap in the order (STREAM 8), so while
 * Kafka is away records wait in a bounded queue and the caller feels it. What
 * fails is therefore refused for good, and is told to the delivery it belongs
 * to. Each record carries a pointer to its delivery; acknowledgements are
 * served in producer_poll, on the caller's thread, and nowhere else. */
#include "base/fault.h"
#include "kafka_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_TOPICS 64

struct producer {
    rd_kafka_t *handle;
    rd_kafka_topic_t *topic[MAX_TOPICS]; /* those used of late */
    size_t n_topics, next_topic;
    size_t hit; /* the last one used */
};

static void
on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message,
            void *context)
{
    (void)handle;
    (void)context;
    struct delivery *delivery = message->_private;
    assert(delivery->waiting > 0);
    delivery->waiting--;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        delivery->failed++;
        delivery->too_large +=
            message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
        err_set(&delivery->why, "%s/%d: %s", rd_kafka_topic_name(message->rkt),
                (int)message->partition, rd_kafka_err2str(message->err));
        return;
    }
    rd_kafka_timestamp_type_t type;
    int64_t ms = rd_kafka_message_timestamp(message, &type);
    if (type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME && ms > delivery->append_ms)
        delivery->append_ms = ms;
}

/* The queue is bounded by bytes; a record that is copied into it and no longer
 * fits is the caller's to keep. */
static const struct kafka_setting defaults[] = {
    {"compression.codec", "lz4"},
    {"queue.buffering.max.kbytes", "262144"},
    {"queue.buffering.max.messages", "500000"},
    {"partitioner", "murmur2_random"}, /* the one other clients use */
    {"socket.keepalive.enable", "true"},
};

struct producer *
producer_open(const struct kafka_settings *settings, int linger_ms,
              struct err *why)
{
    char linger[16];
    bool single = linger_ms == PRODUCER_SINGLE;
    snprintf(linger, sizeof linger, "%d", single ? 0 : linger_ms);
    const struct kafka_setting fixed[] = {
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"message.timeout.ms", "0"},
        {"message.max.bytes", KAFKA_MESSAGE_BYTES},
        {"linger.ms", linger},
        {"batch.num.messages", single ? "1" : "10000"},
    };
    const struct kafka_plan plan = {
        .type = RD_KAFKA_PRODUCER,
        .defaults = {defaults, sizeof defaults / sizeof *defaults},
        .fixed = {fixed, sizeof fixed / sizeof *fixed},
        .on_delivery = on_delivery,
    };
    struct producer *producer = calloc(1, sizeof *producer);
    if (producer == NULL) {
        err_set(why, "out of memory");
        return NULL;
    }
    producer->handle = kafka_handle(&plan, settings, why);
    if (producer->handle == NULL) {
        free(producer);
        return NULL;
    }
    return producer;
}

void
producer_close(struct producer *producer)
{
    if (producer == NULL)
        return;
    for (size_t i = 0; i < producer->n_topics; i++)
        rd_kafka_topic_destroy(producer->topic[i]);
    rd_kafka_destroy(producer->handle);
    free(producer);
}

/* A handle of the topic; the oldest makes room when there are too many. */
static rd_kafka_topic_t *
find_topic(struct producer *producer, struct str topic, struct err *why)
{
    size_t n = producer->n_topics;
    for (size_t i = 0; i < n; i++) {
        size_t at = (producer->hit + i) % n;
        if (!str_equal(topic, str_of(rd_kafka_topic_name(producer->topic[at]))))
            continue;
        producer->hit = at;
        return producer->topic[at];
    }
    char name[KAFKA_TOPIC_BYTES];
    if (!kafka_topic_name(topic, name, why))
        return NULL;
    rd_kafka_topic_t *opened = rd_kafka_topic_new(producer->handle, name, NULL);
    if (opened == NULL) {
        err_set(why, "topic %s: %s", name,
                rd_kafka_err2str(rd_kafka_last_error()));
        return NULL;
    }
    size_t at = producer->next_topic++ % MAX_TOPICS;
    if (at < n)
        rd_kafka_topic_destroy(producer->topic[at]);
    else
        producer->n_topics++;
    producer->topic[at] = opened;
    producer->hit = at;
    return opened;
}

static rd_kafka_headers_t *
headers_of(const struct output *output)
{
    if (output->n_headers == 0)
        return NULL;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(output->n_headers);
    for (size_t i = 0; i < output->n_headers; i++) {
        const struct header *header = &output->header[i];
        rd_kafka_header_add(headers, header->name.at, (ssize_t)header->name.len,
                            header->value.at, (ssize_t)header->value.len);
    }
    return headers;
}

/* The library copies what it is given and means no harm by `void *`; an empty
 * value is not a missing one. */
static void *
bytes_of(struct str s, bool none)
{
    union {
        const char *in;
        void *out;
    } bytes = {s.at != NULL ? s.at : ""};
    return none ? NULL : bytes.out;
}

bool
producer_send(struct producer *producer, const struct output *output,
              struct delivery *delivery, struct err *why)
{
    err_set(why, "%s", "");
    rd_kafka_topic_t *topic = find_topic(producer, output->topic, why);
    if (topic == NULL)
        return false;
    if (fault_fails(FAIL_produce)) {
        err_set(why, "%s: refused", rd_kafka_topic_name(topic));
        return false;
    }
    rd_kafka_headers_t *headers = headers_of(output);
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = output->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY,
         .u.mem = {bytes_of(output->key, output->no_key),
                   output->no_key ? 0 : output->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
         .u.mem = {bytes_of(output->value, output->no_value),
                   output->no_value ? 0 : output->value.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = delivery},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(producer->handle, parts,
                                                 sizeof parts / sizeof *parts);
    if (error == NULL) {
        delivery->waiting++;
        return true;
    }
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    delivery->too_large += code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
        err_set(why, "%s: %s", rd_kafka_topic_name(topic),
                rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    if (headers != NULL)
        rd_kafka_headers_destroy(headers);
    return false;
}

void
producer_poll(struct producer *producer, int timeout_ms)
{
    rd_kafka_poll(producer->handle, timeout_ms);
}

int
producer_queued(struct producer *producer)
{
    return rd_kafka_outq_len(producer->handle);
}

bool
producer_fatal(struct producer *producer, struct err *why)
{
    char text[200];
    rd_kafka_resp_err_t code =
        rd_kafka_fatal_error(producer->handle, text, sizeof text);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    err_set(why, "the Kafka producer cannot go on: %s: %s",
            rd_kafka_err2str(code), text);
    return true;
}
