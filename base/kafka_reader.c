/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader: all partitions of a topic from one place to another, without a
 * group, for tools and for restoring. Its one idea: the ends are asked for at
 * opening, so "everything" is something that can be reached; a partition is
 * through when its end has been read or the broker says there is no more.
 * What the broker loses is waited for: only what waiting cannot cure is a
 * failure. */
#include "kafka_priv.h"

#include <stdlib.h>

struct part {
    int32_t number;
    int64_t low, next, end; /* `next`: the offset that would come next */
    bool through;
};

struct reader {
    rd_kafka_t *handle;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    rd_kafka_message_t *message; /* the one the caller borrows */
    struct part *part;
    size_t n_parts, n_started, n_through;
    bool started, endless;
};

static const struct kafka_setting defaults[] = {
    {"socket.keepalive.enable", "true"},
    {"isolation.level", "read_uncommitted"},
    /* 2.0.2 rests for up to a second each time this is reached */
    {"queued.max.messages.kbytes", "262144"},
};

static const struct kafka_setting fixed[] = {
    {"enable.partition.eof", "true"},
    {"enable.auto.commit", "false"},
    {"auto.offset.reset", "earliest"}, /* what was next may be gone by now */
    {"allow.auto.create.topics", "false"},
};

static const struct kafka_plan plan = {
    .type = RD_KAFKA_CONSUMER,
    .defaults = {defaults, sizeof defaults / sizeof *defaults},
    .fixed = {fixed, sizeof fixed / sizeof *fixed},
};

/* The partitions there are, or the one that is wanted. */
static bool
find_parts(struct reader *reader, const char *brokers, int32_t partition,
           int timeout_ms, struct err *why)
{
    const char *name = rd_kafka_topic_name(reader->topic);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = rd_kafka_metadata(
        reader->handle, 0, reader->topic, &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_err_reach(why, brokers, code);
        return false;
    }
    const struct rd_kafka_metadata_topic *topic = metadata->topics;
    bool fine = metadata->topic_cnt == 1 &&
                topic->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
                topic->partition_cnt > 0;
    if (!fine)
        err_set(why, "topic %s: %s", name,
                metadata->topic_cnt == 1 && topic->err
                    ? rd_kafka_err2str(topic->err)
                    : "not there");
    else
        reader->part =
            calloc((size_t)topic->partition_cnt, sizeof *reader->part);
    for (int i = 0; fine && reader->part && i < topic->partition_cnt; i++)
        if (partition < 0 || topic->partitions[i].id == partition)
            reader->part[reader->n_parts++].number = topic->partitions[i].id;
    rd_kafka_metadata_destroy(metadata);
    if (!fine)
        return false;
    if (reader->n_parts == 0)
        err_set(why, "topic %s has no partition %d", name, (int)partition);
    return reader->n_parts > 0;
}

static bool
find_ends(struct reader *reader, const char *brokers, enum reader_start start,
          int timeout_ms, struct err *why)
{
    for (size_t i = 0; i < reader->n_parts; i++) {
        struct part *part = &reader->part[i];
        rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
            reader->handle, rd_kafka_topic_name(reader->topic), part->number,
            &part->low, &part->end, timeout_ms);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            kafka_err_reach(why, brokers, code);
            return false;
        }
        if (start == READER_END)
            part->low = part->end;
        part->next = part->low;
    }
    return true;
}

struct reader *
reader_open(const struct kafka_settings *settings, struct str topic,
            int32_t partition, enum reader_start start, int timeout_ms,
            struct err *why)
{
    char name[KAFKA_TOPIC_BYTES];
    if (!kafka_topic_name(topic, name, why))
        return NULL;
    struct reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        err_set(why, "out of memory");
        return NULL;
    }
    reader->endless = start == READER_END;
    reader->handle = kafka_handle(&plan, settings, why);
    if (reader->handle == NULL)
        goto failed;
    const char *brokers = kafka_brokers(settings);
    reader->topic = rd_kafka_topic_new(reader->handle, name, NULL);
    reader->queue = rd_kafka_queue_new(reader->handle);
    if (reader->topic == NULL || reader->queue == NULL) {
        err_set(why, "topic %s: %s", name,
                rd_kafka_err2str(rd_kafka_last_error()));
        goto failed;
    }
    if (find_parts(reader, brokers, partition, timeout_ms, why) &&
        find_ends(reader, brokers, start, timeout_ms, why))
        return reader;
failed:
    reader_close(reader);
    return NULL;
}

void
reader_close(struct reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->message != NULL)
        rd_kafka_message_destroy(reader->message);
    for (size_t i = 0; i < reader->n_started; i++)
        rd_kafka_consume_stop(reader->topic, reader->part[i].number);
    if (reader->queue != NULL)
        rd_kafka_queue_destroy(reader->queue);
    if (reader->topic != NULL)
        rd_kafka_topic_destroy(reader->topic);
    if (reader->handle != NULL)
        rd_kafka_destroy(reader->handle);
    free(reader->part);
    free(reader);
}

static struct part *
part_of(struct reader *reader, int32_t number)
{
    /* Numbers are dense unless one was asked for. */
    if (number >= 0 && (size_t)number < reader->n_parts &&
        reader->part[number].number == number)
        return &reader->part[number];
    for (size_t i = 0; i < reader->n_parts; i++)
        if (reader->part[i].number == number)
            return &reader->part[i];
    return NULL;
}

bool
reader_from(struct reader *reader, int32_t partition, int64_t offset)
{
    struct part *part = part_of(reader, partition);
    if (part == NULL)
        return false;
    if (offset > part->low)
        part->low = part->next = offset;
    return true;
}

void
reader_last(struct reader *reader, int64_t n)
{
    for (size_t i = 0; i < reader->n_parts; i++) {
        struct part *part = &reader->part[i];
        if (part->end - part->low > n)
            part->low = part->end - n;
        part->next = part->low;
    }
}

static void
pass_through(struct reader *reader, struct part *part)
{
    if (part->through)
        return;
    part->through = true;
    reader->n_through++;
}

static bool
start_all(struct reader *reader, struct err *why)
{
    reader->started = true;
    for (size_t i = 0; i < reader->n_parts; i++) {
        struct part *part = &reader->part[i];
        if (part->next >= part->end)
            pass_through(reader, part);
        if (rd_kafka_consume_start_queue(reader->topic, part->number,
                                         part->next, reader->queue) != 0) {
            err_set(why, "topic %s/%d: %s", rd_kafka_topic_name(reader->topic),
                    (int)part->number, rd_kafka_err2str(rd_kafka_last_error()));
            return false;
        }
        reader->n_started++;
    }
    return true;
}

/* What time and a broker that comes back cure. */
static bool
passes(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

static void
fill_headers(struct record *record, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers;
    record->n_headers = 0;
    if (rd_kafka_message_headers(message, &headers) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    for (size_t i = 0; i < MAX_HEADERS; i++) {
        const char *name;
        const void *value;
        size_t size;
        if (rd_kafka_header_get_all(headers, i, &name, &value, &size) !=
            RD_KAFKA_RESP_ERR_NO_ERROR)
            return;
        record->header[i].name = str_of(name);
        record->header[i].value = (struct str){value, value ? size : 0};
        record->n_headers++;
    }
}

static void
fill_record(struct record *record, const rd_kafka_message_t *message)
{
    rd_kafka_timestamp_type_t type;
    record->topic = str_of(rd_kafka_topic_name(message->rkt));
    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp_ms = rd_kafka_message_timestamp(message, &type);
    record->null_key = message->key == NULL;
    record->key = (struct str){message->key, message->key_len};
    record->value = (struct str){message->payload, message->len};
    fill_headers(record, message);
}

/* One message of the queue; true when the caller has its answer. */
static bool
take(struct reader *reader, struct record *record, enum reader_got *got,
     struct err *why)
{
    rd_kafka_message_t *message = reader->message;
    struct part *part = part_of(reader, message->partition);
    if (part != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        part->next = message->offset + 1;
        if (part->next >= part->end)
            pass_through(reader, part);
        fill_record(record, message);
        *got = READER_RECORD;
        return true;
    }
    if (part != NULL && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (part->next < message->offset)
            part->next = message->offset;
        pass_through(reader, part);
        return false;
    }
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || passes(message->err))
        return false;
    err_set(why, "topic %s/%d: %s", rd_kafka_topic_name(reader->topic),
            (int)message->partition, rd_kafka_message_errstr(message));
    *got = READER_FAILED;
    return true;
}

enum reader_got
reader_next(struct reader *reader, int timeout_ms, struct record *record,
            struct err *why)
{
    enum reader_got got;
    if (!reader->started && !start_all(reader, why))
        return READER_FAILED;
    for (;;) {
        if (reader->message != NULL)
            rd_kafka_message_destroy(reader->message);
        reader->message = NULL;
        if (!reader->endless && reader->n_through == reader->n_parts) {
            reader->endless = true;
            return READER_DONE;
        }
        reader->message = rd_kafka_consume_queue(reader->queue, timeout_ms);
        if (reader->message == NULL) {
            rd_kafka_poll(reader->handle, 0);
            return READER_NOTHING;
        }
        if (take(reader, record, &got, why))
            return got;
    }
}

void
reader_progress(const struct reader *reader, int64_t *n_read, int64_t *n_all)
{
    *n_read = *n_all = 0;
    for (size_t i = 0; i < reader->n_parts; i++) {
        const struct part *part = &reader->part[i];
        int64_t next =
            part->through && part->next < part->end ? part->end : part->next;
        *n_read += (next < part->end ? next : part->end) - part->low;
        *n_all += part->end - part->low;
    }
}
