/* SPDX-License-Identifier: Apache-2.0
 *
 * The Kafka wrappers against the client library's own mock broker: what is
 * sent is what is read, what is refused is told, what is lost is waited for.
 * No groups, no sleeps, no fixed ports: every wait is for something. */
#include "base/kafka.h"

#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <string.h>

enum { PRODUCE_REQUEST = 0, TIMEOUT = 20000 };

/* A cluster of one broker, and settings that lead to it. */
struct cluster {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *mock;
    struct kafka_setting setting[4];
    struct kafka_settings settings;
};

static struct cluster
cluster_start(const char *topic, int n_partitions)
{
    char text[200];
    struct cluster cluster = {0};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text, sizeof text);
    rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
    cluster.owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    cr_assert_not_null(cluster.owner, "%s", text);
    cluster.mock = rd_kafka_handle_mock_cluster(cluster.owner);
    rd_kafka_mock_topic_create(cluster.mock, topic, n_partitions, 1);
    cluster.setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster.mock)};
    /* After a lost connection, do not wait long before the next try. */
    cluster.setting[1] =
        (struct kafka_setting){"reconnect.backoff.max.ms", "100"};
    cluster.settings.n = 2;
    return cluster;
}

static void
cluster_stop(struct cluster *cluster)
{
    rd_kafka_destroy(cluster->owner);
}

static const struct kafka_settings *
settings_of(struct cluster *cluster)
{
    cluster->settings.at = cluster->setting;
    return &cluster->settings;
}

static struct producer *
producer_of(struct cluster *cluster)
{
    struct err why;
    struct producer *producer = producer_open(settings_of(cluster), 2, &why);
    cr_assert_not_null(producer, "%s", why.text);
    return producer;
}

static void
wait_for(struct producer *producer, struct delivery *delivery)
{
    for (int i = 0; i < TIMEOUT && delivery->waiting > 0; i++)
        producer_poll(producer, 10);
    cr_assert_eq(delivery->waiting, 0, "nothing was acknowledged in time");
}

static void
send_numbers(struct producer *producer, const char *topic, int from, int to,
             struct delivery *delivery)
{
    struct err why;
    char text[16];
    for (int i = from; i < to; i++) {
        int n = snprintf(text, sizeof text, "%d", i);
        const struct output output = {
            .topic = str_of(topic),
            .partition = PARTITION_BY_KEY,
            .key = {text, (size_t)n},
            .value = {text, (size_t)n},
        };
        cr_assert(producer_send(producer, &output, delivery, &why), "%s",
                  why.text);
    }
}

static struct reader *
reader_of(struct cluster *cluster, const char *topic, enum reader_start start)
{
    struct err why;
    struct reader *reader = reader_open(settings_of(cluster), str_of(topic), -1,
                                        start, TIMEOUT, &why);
    cr_assert_not_null(reader, "%s", why.text);
    return reader;
}

/* Reads until something but "nothing" comes. */
static enum reader_got
read_one(struct reader *reader, struct record *record)
{
    struct err why = {""};
    enum reader_got got = READER_NOTHING;
    for (int i = 0; i < 100 && got == READER_NOTHING; i++)
        got = reader_next(reader, 200, record, &why);
    cr_assert_neq(got, READER_FAILED, "%s", why.text);
    return got;
}

static size_t
read_all(struct reader *reader)
{
    struct record record;
    size_t n = 0;
    while (read_one(reader, &record) == READER_RECORD)
        n++;
    return n;
}

Test(kafka, what_is_sent_is_what_is_read)
{
    struct cluster cluster = cluster_start("t", 3);
    struct producer *producer = producer_of(&cluster);
    const struct header header[] = {{STR("position"), STR("a/1/0/7/0")},
                                    {STR("empty"), STR("")}};
    const struct output outputs[] = {
        {.topic = STR("t"),
         .partition = 0,
         .key = STR("k"),
         .value = STR("v\0w"),
         .header = header,
         .n_headers = 2},
        {.topic = STR("t"), .partition = 0, .no_key = true, .value = STR("x")},
        {.topic = STR("t"), .partition = 0, .key = STR(""), .value = STR("")},
        {.topic = STR("t"), .partition = 0, .key = STR("k"), .no_value = true},
    };
    struct delivery delivery = {0};
    struct err why;
    for (size_t i = 0; i < 4; i++)
        cr_assert(producer_send(producer, &outputs[i], &delivery, &why),
                  "row %zu: %s", i, why.text);
    cr_assert_eq(delivery.waiting, 4);
    wait_for(producer, &delivery);
    cr_assert_eq(delivery.failed, 0);

    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    struct record record;
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(read_one(reader, &record), READER_RECORD, "row %zu", i);
        cr_assert(str_equal(record.topic, STR("t")), "row %zu", i);
        cr_assert_eq(record.partition, 0, "row %zu", i);
        cr_assert_eq(record.offset, (int64_t)i, "row %zu", i);
        cr_assert_eq(record.null_key, outputs[i].no_key, "row %zu", i);
        cr_assert_eq(record.value.at == NULL, outputs[i].no_value, "row %zu",
                     i);
        cr_assert(str_equal(record.key, outputs[i].key), "row %zu", i);
        cr_assert(str_equal(record.value, outputs[i].value), "row %zu", i);
        cr_assert_eq(record.n_headers, outputs[i].n_headers, "row %zu", i);
        cr_assert_gt(record.timestamp_ms, INT64_C(1600000000000));
        if (i == 0)
            cr_assert(str_equal(record_header(&record, STR("position")),
                                STR("a/1/0/7/0")));
        cr_assert_null(record_header(&record, STR("none")).at);
    }
    cr_assert_eq(read_one(reader, &record), READER_DONE);
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, all_partitions_are_read_to_the_end_of_opening_time_and_then_on)
{
    struct cluster cluster = cluster_start("t", 4);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    send_numbers(producer, "t", 0, 1000, &delivery);
    wait_for(producer, &delivery);
    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    int64_t n_read, n_all;
    reader_progress(reader, &n_read, &n_all);
    cr_assert_eq(n_read, 0);
    cr_assert_eq(n_all, 1000);
    cr_assert_eq(read_all(reader), 1000);
    reader_progress(reader, &n_read, &n_all);
    cr_assert_eq(n_read, 1000);

    send_numbers(producer, "t", 1000, 1001, &delivery);
    wait_for(producer, &delivery);
    struct record record;
    cr_assert_eq(read_one(reader, &record), READER_RECORD);
    cr_assert(str_equal(record.value, STR("1000")));
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, only_the_last_of_each_partition_when_asked)
{
    struct cluster cluster = cluster_start("t", 2);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    send_numbers(producer, "t", 0, 100, &delivery);
    wait_for(producer, &delivery);
    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    reader_last(reader, 5);
    cr_assert_eq(read_all(reader), 10);
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, a_reader_begins_where_it_is_told)
{
    struct cluster cluster = cluster_start("t", 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    struct record record;
    send_numbers(producer, "t", 0, 20, &delivery);
    wait_for(producer, &delivery);
    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    cr_assert(reader_from(reader, 0, 17));
    cr_assert_not(reader_from(reader, 1, 0), "there is no partition 1");
    cr_assert_eq(read_one(reader, &record), READER_RECORD);
    cr_assert_eq(record.offset, 17);
    cr_assert_eq(read_all(reader), 2);
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, an_empty_topic_is_read_at_once)
{
    struct cluster cluster = cluster_start("t", 4);
    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    cr_assert_eq(read_all(reader), 0);
    reader_close(reader);
    cluster_stop(&cluster);
}

Test(kafka, from_the_end_only_what_comes_later_is_read)
{
    struct cluster cluster = cluster_start("t", 2);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    send_numbers(producer, "t", 0, 10, &delivery);
    wait_for(producer, &delivery);
    struct reader *reader = reader_of(&cluster, "t", READER_END);
    send_numbers(producer, "t", 10, 11, &delivery);
    struct record record;
    wait_for(producer, &delivery);
    cr_assert_eq(read_one(reader, &record), READER_RECORD);
    cr_assert(str_equal(record.value, STR("10")));
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, a_lost_connection_and_a_passing_error_lose_and_double_nothing)
{
    struct cluster cluster = cluster_start("t", 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    rd_kafka_mock_push_request_errors(
        cluster.mock, PRODUCE_REQUEST, 3, RD_KAFKA_RESP_ERR__TRANSPORT,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
    send_numbers(producer, "t", 0, 500, &delivery);
    wait_for(producer, &delivery);
    cr_assert_eq(delivery.failed, 0, "%s", delivery.why.text);
    struct reader *reader = reader_of(&cluster, "t", READER_BEGINNING);
    struct record record;
    for (int i = 0; i < 500; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        cr_assert_eq(read_one(reader, &record), READER_RECORD, "row %d", i);
        cr_assert(str_equal(record.value, str_of(text)), "row %d", i);
    }
    cr_assert_eq(read_one(reader, &record), READER_DONE);
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, what_is_refused_for_good_is_told_to_its_delivery)
{
    struct cluster cluster = cluster_start("t", 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery refused = {0}, fine = {0};
    rd_kafka_mock_push_request_errors(cluster.mock, PRODUCE_REQUEST, 1,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    send_numbers(producer, "t", 0, 1, &refused);
    wait_for(producer, &refused);
    cr_assert_eq(refused.failed, 1);
    cr_assert_not_null(strstr(refused.why.text, "t/0"), "%s", refused.why.text);
    send_numbers(producer, "t", 1, 2, &fine);
    wait_for(producer, &fine);
    cr_assert_eq(fine.failed, 0);
    struct err why;
    cr_assert_not(producer_fatal(producer, &why));
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, a_record_that_can_never_be_sent_is_not_queued)
{
    struct cluster cluster = cluster_start("t", 1);
    struct producer *producer = producer_of(&cluster);
    size_t n = 10 << 20;
    char *large = calloc(1, n);
    const struct output outputs[] = {
        {.topic = STR("t"), .partition = 0, .value = {large, n}},
        {.topic = STR("not a topic"), .value = STR("v")},
        {.topic = STR(""), .value = STR("v")},
        {.topic = STR("t\0u"), .value = STR("v")},
    };
    struct delivery delivery = {0};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        struct err why = {""};
        cr_assert_not(producer_send(producer, &outputs[i], &delivery, &why),
                      "row %zu", i);
        cr_assert_neq(why.text[0], '\0', "row %zu", i);
    }
    cr_assert_eq(delivery.waiting, 0);
    free(large);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, a_full_queue_is_said_without_a_reason_and_empties)
{
    struct cluster cluster = cluster_start("t", 1);
    cluster.setting[cluster.settings.n++] =
        (struct kafka_setting){"queue.buffering.max.messages", "5"};
    rd_kafka_mock_broker_set_down(cluster.mock, 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    send_numbers(producer, "t", 0, 5, &delivery);
    const struct output output = {
        .topic = STR("t"), .partition = 0, .value = STR("v")};
    struct err why = {"old"};
    cr_assert_not(producer_send(producer, &output, &delivery, &why));
    cr_assert_eq(why.text[0], '\0', "%s", why.text);
    cr_assert_eq(delivery.waiting, 5);
    cr_assert_geq(producer_queued(producer), 5);
    rd_kafka_mock_broker_set_up(cluster.mock, 1);
    wait_for(producer, &delivery);
    cr_assert_eq(delivery.failed, 0);
    cr_assert(producer_send(producer, &output, &delivery, &why));
    wait_for(producer, &delivery);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, closing_drops_what_is_queued_and_does_not_wait)
{
    struct cluster cluster = cluster_start("t", 1);
    rd_kafka_mock_broker_set_down(cluster.mock, 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    send_numbers(producer, "t", 0, 5, &delivery);
    producer_close(producer);
    cr_assert_eq(delivery.waiting, 5, "a delivery was touched");
    cluster_stop(&cluster);
}

Test(kafka, many_topics_share_the_few_handles)
{
    struct cluster cluster = cluster_start("t", 1);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    char name[16];
    for (int i = 0; i < 150; i++) {
        snprintf(name, sizeof name, "t%d", i);
        rd_kafka_mock_topic_create(cluster.mock, name, 1, 1);
        send_numbers(producer, name, i, i + 1, &delivery);
    }
    wait_for(producer, &delivery);
    cr_assert_eq(delivery.failed, 0, "%s", delivery.why.text);
    struct reader *reader = reader_of(&cluster, "t0", READER_BEGINNING);
    cr_assert_eq(read_all(reader), 1);
    reader_close(reader);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, no_answer_within_the_time_is_a_reason_that_names_the_address)
{
    struct cluster cluster = cluster_start("t", 1);
    rd_kafka_mock_broker_set_down(cluster.mock, 1);
    struct err why = {""};
    cr_assert_null(reader_open(settings_of(&cluster), STR("t"), -1,
                               READER_BEGINNING, 200, &why));
    cr_assert_not_null(strstr(why.text, cluster.setting[0].value), "%s",
                       why.text);
    struct kafka_admin *admin = kafka_admin_open(settings_of(&cluster), &why);
    cr_assert_not_null(admin);
    cr_assert_eq(kafka_topic_partitions(admin, STR("t"), 200, &why), -1);
    cr_assert_not_null(strstr(why.text, cluster.setting[0].value), "%s",
                       why.text);
    kafka_admin_close(admin);
    cluster_stop(&cluster);
}

static void
count_topic(void *context, struct str topic, int n)
{
    int *found = context;
    if (str_equal(topic, STR("t")))
        *found = n;
}

Test(kafka, topics_and_their_ends_are_told)
{
    struct cluster cluster = cluster_start("t", 3);
    struct producer *producer = producer_of(&cluster);
    struct delivery delivery = {0};
    struct err why;
    const struct output output = {
        .topic = STR("t"), .partition = 2, .value = STR("v")};
    cr_assert(producer_send(producer, &output, &delivery, &why));
    wait_for(producer, &delivery);
    struct kafka_admin *admin = kafka_admin_open(settings_of(&cluster), &why);
    cr_assert_not_null(admin, "%s", why.text);
    cr_assert_eq(kafka_topic_partitions(admin, STR("t"), TIMEOUT, &why), 3,
                 "%s", why.text);
    struct kafka_ends ends = {-1, -1};
    cr_assert(kafka_ask_ends(admin, STR("t"), 2, TIMEOUT, &ends, &why), "%s",
              why.text);
    cr_assert_eq(ends.low, 0);
    cr_assert_eq(ends.high, 1);
    int n = 0;
    cr_assert(kafka_topics(admin, TIMEOUT, count_topic, &n, &why), "%s",
              why.text);
    cr_assert_eq(n, 3);
    struct buf id = {0};
    cr_assert(kafka_cluster_id(admin, TIMEOUT, &id, &why), "%s", why.text);
    cr_assert_gt(id.len, 0);
    buf_free(&id);
    /* An existing topic is left as it is. */
    cr_assert(kafka_topic_ensure(admin, STR("t"), 9, NULL, TIMEOUT, &why));
    cr_assert_eq(kafka_topic_partitions(admin, STR("t"), TIMEOUT, &why), 3);
    kafka_admin_close(admin);
    producer_close(producer);
    cluster_stop(&cluster);
}

Test(kafka, a_partition_that_is_not_there_is_said)
{
    struct cluster cluster = cluster_start("t", 1);
    struct err why;
    cr_assert_null(reader_open(settings_of(&cluster), STR("t"), 5,
                               READER_BEGINNING, TIMEOUT, &why));
    cr_assert_not_null(strstr(why.text, "partition 5"), "%s", why.text);
    cluster_stop(&cluster);
}

Test(kafka, a_setting_is_taken_refused_or_corrected)
{
    static const struct {
        const char *name, *value, *says; /* NULL: taken */
    } rows[] = {
        {"security.protocol", "sasl_ssl", NULL},
        {"fetch.wait.max.ms", "100", NULL},
        {"compression.codec", "zstd", NULL},
        {"security.protocoll", "ssl", "did you mean 'kafka.security.protocol'"},
        {"nonsense", "1", "unknown setting 'kafka.nonsense'"},
        {"fetch.wait.max.ms", "soon", "fetch.wait.max.ms"},
        {"fetch.wait.max.ms", "-5", "fetch.wait.max.ms"},
        {"acks", "1", "decided by the program"},
        {"enable.idempotence", "false", "decided by the program"},
        {"message.timeout.ms", "1000", "decided by the program"},
        {"group.id", "x", "decided by the program"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err why = {""};
        bool fine = kafka_setting_check(rows[i].name, rows[i].value, &why);
        cr_assert_eq(fine, rows[i].says == NULL, "row %zu: %s", i, why.text);
        if (rows[i].says != NULL)
            cr_assert_not_null(strstr(why.text, rows[i].says), "row %zu: %s", i,
                               why.text);
    }
}
