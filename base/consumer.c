/* SPDX-License-Identifier: Apache-2.0
 *
 * The group consumer. Each assigned partition becomes a lane: its fetch queue
 * is taken out of the common one and read message by message (the batch call
 * of librdkafka 2.0.2 can skip messages around seek, pause and rebalance).
 * A lane drops whatever stands below the offset it was started at, so a
 * message fetched before a seek can never slip through. Nor may any be left
 * out: 2.0.2 can begin elsewhere than it was told to when assignment, pause,
 * seek and resume follow each other closely (issues 2190, 3471). So the first
 * gap is not believed: the lane goes back to where it begins, and only if the
 * same offset comes again it is the log's own (compaction, the markers of
 * transactions).
 *
 * A fetch of an offset that is not in the log leaves the partition of 2.0.2 in
 * a state in which every seek is refused, for ever. So nothing is fetched from
 * a guessed offset, and where it happens all the same (what was next has been
 * deleted) the client is opened anew: consumer_stuck. */
#include "base/consumer.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SEEK_MS = 250, /* waited for at first, then twice as long each time */
    SEEK_MOST_MS = 8000,
    STUCK_SEEKS = 3, /* one may come before the fetcher has begun */
};

struct lane {
    struct consumer *consumer;
    struct lane *next;
    rd_kafka_topic_partition_list_t *self; /* one entry */
    rd_kafka_queue_t *queue;
    bool started, revoked;
    int n_refused;    /* seeks, one after the other */
    int64_t from;     /* the lowest offset that may come, and the next one */
    int64_t doubted;  /* offset after a gap, come once; -1: none */
    bool gaps;        /* the log has some */
    int64_t empty_to; /* from `from` on to this offset it holds nothing */
    rd_kafka_message_t *peeked_message, *last_message;
    struct record peeked, last;
};

struct consumer {
    const struct consumer_plan *plan;
    rd_kafka_t *rk;
    rd_kafka_queue_t *group_queue;
    struct lane *lanes;
    int wake_read, wake_write;
    bool away, was_away; /* now; ever */
    struct err away_why, fatal_why;
    bool fatal, fenced;
};

static bool
set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *why)
{
    char text[256];
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) ==
        RD_KAFKA_CONF_OK)
        return true;
    err_set(why, "kafka.%s: %.180s", name, text);
    return false;
}

static bool
set_number(rd_kafka_conf_t *conf, const char *name, int n, struct err *why)
{
    struct buf text = {0};
    buf_i64(&text, n);
    buf_char(&text, '\0');
    bool fine = set(conf, name, text.at, why);
    buf_free(&text);
    return fine;
}

static bool
set_str(rd_kafka_conf_t *conf, const char *name, struct str value,
        struct err *why)
{
    struct buf text = {0};
    buf_add(&text, value);
    buf_char(&text, '\0');
    bool fine = set(conf, name, text.at, why);
    buf_free(&text);
    return fine;
}

/* What is fatal comes as a message (consumer_poll). */
static void
on_error(rd_kafka_t *rk, int error, const char *reason, void *opaque)
{
    struct consumer *consumer = opaque;
    (void)rk;
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
        error == RD_KAFKA_RESP_ERR__TRANSPORT ||
        error == RD_KAFKA_RESP_ERR__RESOLVE) {
        consumer->away = consumer->was_away = true;
        err_set(&consumer->away_why, "Kafka: %.200s", reason);
    }
}

/* The client's own lines are worth a debug line only: what matters comes
 * through on_error and is said once by status. */
static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *line)
{
    (void)rk, (void)level, (void)facility, (void)line;
}

static struct str
text_of(const void *at, size_t len)
{
    return (struct str){.at = at ? (const char *)at : "", .len = len};
}

static void
read_headers(const rd_kafka_message_t *message, struct record *record)
{
    rd_kafka_headers_t *headers;
    record->n_headers = 0;
    if (rd_kafka_message_headers(message, &headers) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    const char *name;
    const void *value;
    size_t len;
    while (record->n_headers < MAX_HEADERS &&
           rd_kafka_header_get_all(headers, record->n_headers, &name, &value,
                                   &len) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        struct header *header = &record->header[record->n_headers++];
        *header = (struct header){str_of(name), text_of(value, len)};
    }
}

static void
record_from(struct lane *lane, const rd_kafka_message_t *message,
            struct record *record)
{
    rd_kafka_timestamp_type_t type;
    record->topic = str_of(lane->self->elems[0].topic);
    record->partition = message->partition;
    record->offset = message->offset;
    record->timestamp_ms = rd_kafka_message_timestamp(message, &type);
    record->null_key = !message->key;
    record->key = text_of(message->key, message->key_len);
    record->value = text_of(message->payload, message->len);
    read_headers(message, record);
}

static void
lane_drop_messages(struct lane *lane)
{
    if (lane->peeked_message)
        rd_kafka_message_destroy(lane->peeked_message);
    if (lane->last_message)
        rd_kafka_message_destroy(lane->last_message);
    lane->peeked_message = lane->last_message = NULL;
}

static void
lane_free(struct lane *lane)
{
    lane_drop_messages(lane);
    rd_kafka_queue_io_event_enable(lane->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(lane->queue);
    rd_kafka_topic_partition_list_destroy(lane->self);
    free(lane);
}

static struct lane *
lane_new(struct consumer *consumer, const char *topic, int32_t partition)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (!lane)
        return NULL;
    lane->consumer = consumer;
    lane->self = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(lane->self, topic, partition);
    lane->queue = rd_kafka_queue_get_partition(consumer->rk, topic, partition);
    rd_kafka_queue_forward(lane->queue, NULL);
    rd_kafka_queue_io_event_enable(lane->queue, consumer->wake_write, "1", 1);
    lane->next = consumer->lanes;
    consumer->lanes = lane;
    return lane;
}

/* Assigned at the end, which is always there, and paused at once: the lane
 * starts when its state is loaded and its marker known. */
static void
take_partitions(struct consumer *consumer,
                rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++)
        list->elems[i].offset = RD_KAFKA_OFFSET_END;
    rd_kafka_assign(consumer->rk, list);
    rd_kafka_pause_partitions(consumer->rk, list);
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *p = &list->elems[i];
        struct lane *lane = lane_new(consumer, p->topic, p->partition);
        if (lane)
            consumer->plan->assigned(consumer->plan->context, lane,
                                     str_of(p->topic), p->partition);
    }
}

static void
give_up_partitions(struct consumer *consumer)
{
    bool lost = rd_kafka_assignment_lost(consumer->rk);
    while (consumer->lanes) {
        struct lane *lane = consumer->lanes;
        consumer->plan->revoked(consumer->plan->context, lane, lost);
        consumer->lanes = lane->next;
        lane_free(lane);
    }
    rd_kafka_assign(consumer->rk, NULL);
}

static void
on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t error,
             rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct consumer *consumer = opaque;
    (void)rk;
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        take_partitions(consumer, list);
    else
        give_up_partitions(consumer);
}

static bool
configure(struct consumer *consumer, rd_kafka_conf_t *conf, struct err *why)
{
    const struct consumer_plan *plan = consumer->plan;
    bool fine =
        set(conf, "enable.auto.commit", "false", why) &&
        set(conf, "enable.auto.offset.store", "false", why) &&
        set(conf, "enable.partition.eof", "true", why) &&
        set(conf, "auto.offset.reset", "error", why) &&
        set(conf, "partition.assignment.strategy", "range,roundrobin", why) &&
        set(conf, "queued.max.messages.kbytes", "65536", why) &&
        set(conf, "fetch.message.max.bytes", "9437184", why) &&
        set(conf, "fetch.wait.max.ms", "50", why) &&
        set(conf, "fetch.error.backoff.ms", "100", why) &&
        set(conf, "reconnect.backoff.max.ms", "2000", why) &&
        set(conf, "topic.metadata.refresh.interval.ms", "10000", why) &&
        set(conf, "allow.auto.create.topics", "false", why) &&
        set_number(conf, "session.timeout.ms", plan->session_ms, why) &&
        set_number(conf, "heartbeat.interval.ms", plan->session_ms / 4, why) &&
        set_str(conf, "group.id", plan->group, why);
    if (fine && plan->instance.len > 0)
        fine = set_str(conf, "group.instance.id", plan->instance, why);
    for (size_t i = 0; fine && i < plan->settings->n; i++)
        fine = set(conf, plan->settings->at[i].name,
                   plan->settings->at[i].value, why);
    rd_kafka_conf_set_opaque(conf, consumer);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    return fine;
}

static bool
subscribe(struct consumer *consumer, struct err *why)
{
    const struct consumer_plan *plan = consumer->plan;
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)plan->n_topics);
    struct buf name = {0};
    for (size_t i = 0; i < plan->n_topics; i++) {
        buf_clear(&name);
        buf_add(&name, plan->topic[i]);
        buf_char(&name, '\0');
        rd_kafka_topic_partition_list_add(list, name.at, RD_KAFKA_PARTITION_UA);
    }
    buf_free(&name);
    rd_kafka_resp_err_t error = rd_kafka_subscribe(consumer->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        err_set(why, "Kafka: cannot subscribe: %s", rd_kafka_err2str(error));
    return !error;
}

static bool
open_wake(struct consumer *consumer)
{
    int fd[2];
    if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) != 0)
        return false;
    consumer->wake_read = fd[0];
    consumer->wake_write = fd[1];
    return true;
}

struct consumer *
consumer_open(const struct consumer_plan *plan, struct err *why)
{
    struct consumer *consumer = calloc(1, sizeof *consumer);
    if (!consumer || !open_wake(consumer)) {
        err_set(why, "Kafka: %s", strerror(errno));
        free(consumer);
        return NULL;
    }
    consumer->plan = plan;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[200] = "";
    if (configure(consumer, conf, why)) {
        consumer->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
        if (!consumer->rk)
            err_set(why, "Kafka: %s", text);
    }
    if (!consumer->rk) {
        rd_kafka_conf_destroy(conf);
        consumer_close(consumer);
        return NULL;
    }
    rd_kafka_poll_set_consumer(consumer->rk);
    consumer->group_queue = rd_kafka_queue_get_consumer(consumer->rk);
    rd_kafka_queue_io_event_enable(consumer->group_queue, consumer->wake_write,
                                   "1", 1);
    if (!subscribe(consumer, why)) {
        consumer_close(consumer);
        return NULL;
    }
    return consumer;
}

void
consumer_close(struct consumer *consumer)
{
    if (!consumer)
        return;
    if (consumer->rk) {
        if (consumer->group_queue) {
            rd_kafka_queue_io_event_enable(consumer->group_queue, -1, NULL, 0);
            rd_kafka_queue_destroy(consumer->group_queue);
        }
        rd_kafka_consumer_close(consumer->rk);
        while (consumer->lanes) {
            struct lane *lane = consumer->lanes;
            consumer->plan->revoked(consumer->plan->context, lane, true);
            consumer->lanes = lane->next;
            lane_free(lane);
        }
        rd_kafka_destroy(consumer->rk);
    }
    close(consumer->wake_read);
    close(consumer->wake_write);
    free(consumer);
}

/* The client does nothing more, and does not say so again. */
static void
note_fatal(struct consumer *consumer)
{
    char text[200];
    rd_kafka_resp_err_t error =
        rd_kafka_fatal_error(consumer->rk, text, sizeof text);
    err_set(&consumer->fatal_why, "Kafka: %s", text);
    consumer->fenced = error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
    consumer->fatal = !consumer->fenced;
}

void
consumer_poll(struct consumer *consumer)
{
    for (;;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer->rk, 0);
        if (!message)
            return;
        if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED)
            consumer->away = true;
        else if (message->err == RD_KAFKA_RESP_ERR__FATAL)
            note_fatal(consumer);
        rd_kafka_message_destroy(message);
    }
}

void
consumer_wait(struct consumer *consumer, int timeout_ms)
{
    struct pollfd fd = {.fd = consumer->wake_read, .events = POLLIN};
    if (poll(&fd, 1, timeout_ms) <= 0)
        return;
    char sink[256];
    while (read(consumer->wake_read, sink, sizeof sink) > 0)
        continue;
}

bool
consumer_connected(const struct consumer *consumer, struct err *why)
{
    if (consumer->away && why)
        *why = consumer->away_why;
    return !consumer->away;
}

void
consumer_probe(struct consumer *consumer, int timeout_ms)
{
    const struct rd_kafka_metadata *metadata;
    if (rd_kafka_metadata(consumer->rk, 0, NULL, &metadata, timeout_ms))
        return;
    rd_kafka_metadata_destroy(metadata);
    consumer->away = false;
}

bool
consumer_fatal(const struct consumer *consumer, struct err *why)
{
    if (consumer->fatal && why)
        *why = consumer->fatal_why;
    return consumer->fatal;
}

bool
consumer_fenced(const struct consumer *consumer, bool *was_away)
{
    *was_away = consumer->was_away;
    return consumer->fenced;
}

/* What the client does with a partition of its own accord (as when it begins to
 * fetch after an assignment) outdates a seek that waits in its queue: it is
 * dropped, and no answer comes. Else one comes at once. So a seek is not waited
 * for long, and made again. */
static bool
seek_to(struct consumer *consumer, struct lane *lane, int64_t offset,
        struct err *why)
{
    lane_drop_messages(lane);
    lane->from = offset;
    lane->self->elems[0].offset = offset;
    rd_kafka_pause_partitions(consumer->rk, lane->self);
    rd_kafka_resp_err_t refused = RD_KAFKA_RESP_ERR__TIMED_OUT;
    for (int ms = SEEK_MS;
         refused == RD_KAFKA_RESP_ERR__TIMED_OUT && ms < SEEK_MOST_MS;
         ms *= 2) {
        rd_kafka_error_t *error =
            rd_kafka_seek_partitions(consumer->rk, lane->self, ms);
        refused = error ? rd_kafka_error_code(error) : lane->self->elems[0].err;
        rd_kafka_error_destroy(error);
    }
    lane->n_refused =
        refused == RD_KAFKA_RESP_ERR__STATE ? lane->n_refused + 1 : 0;
    if (refused) {
        err_set(why, "Kafka: seek: %s", rd_kafka_err2str(refused));
        return false;
    }
    rd_kafka_resume_partitions(consumer->rk, lane->self);
    lane->started = true;
    return true;
}

bool
consumer_start(struct consumer *consumer, struct lane *lane, int64_t offset,
               struct err *why)
{
    lane->doubted = lane->empty_to = -1;
    lane->gaps = false;
    return seek_to(consumer, lane, offset, why);
}

bool
consumer_stuck(const struct consumer *consumer)
{
    for (const struct lane *lane = consumer->lanes; lane; lane = lane->next)
        if (lane->n_refused >= STUCK_SEEKS)
            return true;
    return false;
}

void
consumer_pause(struct consumer *consumer, struct lane *lane)
{
    rd_kafka_pause_partitions(consumer->rk, lane->self);
    lane->started = false;
    lane_drop_messages(lane);
}

/* After a gap that has been seen for the first time: reading goes back. */
static enum lane_got
go_back(struct lane *lane, int64_t came, bool at_end)
{
    struct err why;
    lane->doubted = came;
    log_info("kafka", "%s/%d: %s %lld came, not %lld: looked for again",
             lane->self->elems[0].topic, lane->self->elems[0].partition,
             at_end ? "the end" : "offset", (long long)came,
             (long long)lane->from);
    if (seek_to(lane->consumer, lane, lane->from, &why))
        return LANE_NOTHING;
    lane->started = false;
    return LANE_RESET;
}

/* What comes next is at `came`, and what is before that has not been doubted
 * yet. */
static bool
is_doubtful(struct lane *lane, int64_t came)
{
    if (came <= lane->from || lane->gaps)
        return false;
    lane->gaps = came == lane->doubted;
    return !lane->gaps;
}

enum lane_got
lane_peek(struct lane *lane, const struct record **record)
{
    *record = &lane->peeked;
    if (lane->peeked_message)
        return LANE_RECORD;
    while (lane->started) {
        rd_kafka_message_t *message = rd_kafka_consume_queue(lane->queue, 0);
        if (!message)
            return LANE_NOTHING;
        bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        int64_t came = message->offset;
        if ((!message->err || at_end) && is_doubtful(lane, came)) {
            rd_kafka_message_destroy(message);
            return go_back(lane, came, at_end);
        }
        if (at_end)
            lane->empty_to = came;
        if (!message->err && message->offset >= lane->from) {
            lane->peeked_message = message;
            record_from(lane, message, &lane->peeked);
            return LANE_RECORD;
        }
        bool reset = message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
                     message->err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
        rd_kafka_message_destroy(message);
        if (reset)
            return LANE_RESET;
    }
    return LANE_NOTHING;
}

void
lane_take(struct lane *lane)
{
    assert(lane->peeked_message);
    if (lane->last_message)
        rd_kafka_message_destroy(lane->last_message);
    lane->last_message = lane->peeked_message;
    lane->last = lane->peeked;
    lane->from = lane->peeked.offset + 1;
    lane->peeked_message = NULL;
}

const struct record *
lane_last(const struct lane *lane)
{
    return lane->last_message ? &lane->last : NULL;
}

bool
lane_is_empty_to(const struct lane *lane, int64_t end)
{
    return end <= lane->empty_to && !lane->peeked_message;
}

int64_t
lane_end(const struct lane *lane)
{
    int64_t low, high;
    const rd_kafka_topic_partition_t *p = &lane->self->elems[0];
    if (rd_kafka_get_watermark_offsets(lane->consumer->rk, p->topic,
                                       p->partition, &low, &high) ||
        high < 0)
        return -1;
    return high;
}

bool
lane_ask_ends(struct lane *lane, int timeout_ms, int64_t *low, int64_t *high,
              struct err *why)
{
    const rd_kafka_topic_partition_t *p = &lane->self->elems[0];
    rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        lane->consumer->rk, p->topic, p->partition, low, high, timeout_ms);
    if (error) {
        err_set(why, "Kafka: %s/%d: %s", p->topic, p->partition,
                rd_kafka_err2str(error));
        lane->consumer->away = true;
        return false;
    }
    lane->consumer->away = false;
    return true;
}
