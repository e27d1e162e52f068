/* SPDX-License-Identifier: Apache-2.0
 *
 * A group member's lanes: whatever the client library is doing when a lane is
 * started, what comes begins at that offset and has no gap. */
#include "base/consumer.c"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>

enum { N_RECORDS = 500, POLLS = 3000 };

/* In place of the client's own: so many seeks are lost, as the client loses
 * them when they race with what it does itself. */
static int n_lost_seeks;
static int lost_ms; /* waited for them */

rd_kafka_error_t *
rd_kafka_seek_partitions(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *all,
                         int timeout_ms)
{
    static rd_kafka_error_t *(*seek)(
        rd_kafka_t * rk, rd_kafka_topic_partition_list_t * all, int timeout_ms);
    if (!seek)
        *(void **)&seek = dlsym(RTLD_NEXT, "rd_kafka_seek_partitions");
    if (n_lost_seeks == 0)
        return seek(rk, all, timeout_ms);
    n_lost_seeks--;
    lost_ms += timeout_ms;
    return rd_kafka_error_new(RD_KAFKA_RESP_ERR__TIMED_OUT, "lost");
}

struct group {
    rd_kafka_t *owner;
    rd_kafka_mock_cluster_t *mock;
    struct kafka_setting setting[1];
    struct kafka_settings settings;
    struct str topic;
    struct consumer_plan plan;
    struct consumer *consumer;
    struct lane *lane;
    int64_t astray; /* 0: not */
};

static void
note_assigned(void *context, struct lane *lane, struct str topic,
              int32_t partition)
{
    struct group *group = context;
    (void)topic, (void)partition;
    group->lane = lane;
    rd_kafka_mock_partition_set_leader(group->mock, "in", 0, 1);
}

static void
note_revoked(void *context, struct lane *lane, bool lost)
{
    struct group *group = context;
    (void)lane, (void)lost;
    group->lane = NULL;
}

static void
fill(struct group *group)
{
    struct err why;
    struct delivery delivery = {0};
    struct producer *producer = producer_open(&group->settings, 1, &why);
    cr_assert_not_null(producer, "%s", why.text);
    for (int i = 0; i < N_RECORDS; i++) {
        const struct output output = {.topic = STR("in"),
                                      .partition = 0,
                                      .no_key = true,
                                      .value = STR("x")};
        cr_assert(producer_send(producer, &output, &delivery, &why));
    }
    for (int i = 0; i < POLLS && delivery.waiting > 0; i++)
        producer_poll(producer, 10);
    cr_assert_eq(delivery.waiting, 0);
    producer_close(producer);
}

static void
begin(struct group *group)
{
    char text[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    group->owner = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    group->mock = rd_kafka_mock_cluster_new(group->owner, 1);
    rd_kafka_mock_topic_create(group->mock, "in", 1, 1);
    group->setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(group->mock)};
    group->settings = (struct kafka_settings){group->setting, 1};
    group->topic = STR("in");
    group->plan = (struct consumer_plan){
        .settings = &group->settings,
        .group = STR("g"),
        .session_ms = 6000,
        .topic = &group->topic,
        .n_topics = 1,
        .context = group,
        .assigned = note_assigned,
        .revoked = note_revoked,
    };
    fill(group);
}

static void
end(struct group *group)
{
    consumer_close(group->consumer);
    rd_kafka_mock_cluster_destroy(group->mock);
    rd_kafka_destroy(group->owner);
}

/* As the stage loop does: a member that is stuck is opened anew. */
static void
turn(struct group *group)
{
    struct err why = {""};
    if (consumer_stuck(group->consumer)) {
        consumer_close(group->consumer);
        group->consumer = consumer_open(&group->plan, &why);
        cr_assert_not_null(group->consumer, "%s", why.text);
    }
    consumer_poll(group->consumer);
}

/* The client begins elsewhere, or goes elsewhere later. */
static void
lead_astray(struct group *group, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_copy(group->lane->self);
    list->elems[0].offset = offset;
    cr_assert_null(rd_kafka_seek_partitions(group->consumer->rk, list, 5000));
    rd_kafka_topic_partition_list_destroy(list);
}

/* Started at `offset` as soon as it can be, it gives all from there on. */
static void
expect_from(struct group *group, int64_t offset)
{
    struct err why = {""};
    int64_t next = offset;
    struct lane *started = NULL;
    for (int i = 0; i < POLLS && next < N_RECORDS; i++) {
        const struct record *record;
        turn(group);
        if (group->lane && group->lane != started) {
            if (!consumer_start(group->consumer, group->lane, offset, &why)) {
                consumer_wait(group->consumer, 10);
                continue;
            }
            started = group->lane;
            next = offset;
            if (group->astray > 0)
                lead_astray(group, group->astray);
        }
        enum lane_got got =
            started ? lane_peek(started, &record) : LANE_NOTHING;
        cr_assert_neq(got, LANE_RESET);
        if (got == LANE_NOTHING) {
            consumer_wait(group->consumer, 10);
            continue;
        }
        cr_assert_eq(record->offset, next, "%lld came, not %lld",
                     (long long)record->offset, (long long)next);
        lane_take(started);
        next++;
    }
    cr_assert_eq(next, N_RECORDS, "it ends at %lld (%s)", (long long)next,
                 why.text);
}

Test(consumer, a_leader_found_late_makes_no_gap, .timeout = 60)
{
    struct group group = {0};
    struct err why;
    begin(&group);
    rd_kafka_mock_partition_set_leader(group.mock, "in", 0, -1);
    group.consumer = consumer_open(&group.plan, &why);
    cr_assert_not_null(group.consumer, "%s", why.text);
    expect_from(&group, 0);
    end(&group);
}

Test(consumer, what_the_client_leaves_out_is_looked_for, .timeout = 60)
{
    static const int64_t astray[] = {300, N_RECORDS - 1, N_RECORDS};
    for (size_t i = 0; i < 3; i++) {
        struct group group = {0};
        struct err why;
        begin(&group);
        group.consumer = consumer_open(&group.plan, &why);
        cr_assert_not_null(group.consumer, "%s", why.text);
        group.astray = astray[i];
        expect_from(&group, 100);
        end(&group);
    }
}

Test(consumer, a_seek_the_client_loses_is_made_again, .timeout = 60)
{
    struct group group = {0};
    struct err why;
    begin(&group);
    group.consumer = consumer_open(&group.plan, &why);
    cr_assert_not_null(group.consumer, "%s", why.text);
    n_lost_seeks = 2;
    for (int i = 0; i < POLLS && !group.lane; i++) {
        turn(&group);
        consumer_wait(group.consumer, 10);
    }
    cr_assert_not_null(group.lane);
    cr_assert(consumer_start(group.consumer, group.lane, 100, &why), "%s",
              why.text);
    cr_assert_eq(n_lost_seeks, 0);
    cr_assert_leq(lost_ms, 1000, "all partitions wait meanwhile");
    expect_from(&group, 100);
    end(&group);
}

Test(consumer, a_seek_that_is_never_answered_is_given_up, .timeout = 60)
{
    struct group group = {0};
    struct err why;
    begin(&group);
    group.consumer = consumer_open(&group.plan, &why);
    cr_assert_not_null(group.consumer, "%s", why.text);
    for (int i = 0; i < POLLS && !group.lane; i++) {
        turn(&group);
        consumer_wait(group.consumer, 10);
    }
    cr_assert_not_null(group.lane);
    n_lost_seeks = 1000;
    cr_assert_not(consumer_start(group.consumer, group.lane, 100, &why));
    cr_assert_geq(lost_ms, 5000, "a busy client has had its time");
    n_lost_seeks = 0;
    expect_from(&group, 100);
    end(&group);
}
