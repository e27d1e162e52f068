/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the stage loop stand on: librdkafka's mock broker with the
 * topics in, out, windows and state, a private Redis, and a worker that runs a
 * small stage of the test's own. For one test file. */
#ifndef TESTS_UNIT_STAGE_WORLD_H
#define TESTS_UNIT_STAGE_WORLD_H

#include "base/stage.h"
#include "base/times.h"
#include "server.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <time.h>

enum { KAFKA_PRODUCE = 0, KAFKA_FETCH = 1 }; /* of the protocol */

static inline int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Several workers draw from it. */
static inline uint64_t
draw(void)
{
    static _Atomic uint64_t x;
    return atomic_fetch_add(&x, UINT64_C(0x9e3779b97f4a7c15)) + 1;
}

struct worker {
    struct stage_plan plan;
    struct stage *stage;
    pthread_t thread;
    atomic_bool stopping;
};

struct world {
    struct server server;
    struct redis_address address;
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    struct kafka_setting setting[1];
    struct kafka_settings settings;
    struct str topic;
    struct worker worker[2];
    struct producer *producer;
    struct delivery delivery;
};

static inline void
world_begin(struct world *w, const struct stage_ops *ops, int partitions)
{
    *w = (struct world){0};
    server_start(&w->server);
    w->address.address = w->server.socket;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[200];
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    w->cluster = rd_kafka_mock_cluster_new(w->rk, 2);
    rd_kafka_mock_topic_create(w->cluster, "in", partitions, 1);
    rd_kafka_mock_topic_create(w->cluster, "out", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "windows", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "state", 2, 1);
    w->setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->cluster)};
    w->settings = (struct kafka_settings){w->setting, 1};
    w->topic = STR("in");
    for (int i = 0; i < 2; i++)
        w->worker[i].plan = (struct stage_plan){
            .ops = ops,
            .kafka = &w->settings,
            .redis = &w->address,
            .consumer = {.settings = &w->settings,
                         .group = STR("g"),
                         .session_ms = 6000,
                         .topic = &w->topic,
                         .n_topics = 1},
            .state_topic = STR("state"),
            .state_partitions = 2,
            .batch_records = 7,
            .batch_ms = 5,
            .ahead_ms = 60000,
            .snapshot_ms = 3600000,
            .worker = i,
            .now_ms = now_ms,
            .random = draw,
            .stopping = &w->worker[i].stopping,
        };
    struct err why;
    w->producer = producer_open(&w->settings, 1, &why);
    cr_assert(w->producer != NULL, "%s", why.text);
}

static inline void *
worker_run(void *context)
{
    struct worker *worker = context;
    struct err why = {""};
    if (stage_run(worker->stage, &why) == FATAL)
        fprintf(stderr, "stage: %s\n", why.text);
    return NULL;
}

static inline void
stage_begin(struct world *w, int number)
{
    struct err why;
    struct worker *worker = &w->worker[number];
    atomic_store(&worker->stopping, false);
    worker->stage = stage_new(&worker->plan, &why);
    cr_assert(worker->stage != NULL, "%s", why.text);
    pthread_create(&worker->thread, NULL, worker_run, worker);
}

static inline void
stage_end(struct world *w, int number)
{
    struct worker *worker = &w->worker[number];
    atomic_store(&worker->stopping, true);
    pthread_join(worker->thread, NULL);
    stage_free(worker->stage);
}

static inline void
world_end(struct world *w)
{
    producer_close(w->producer);
    rd_kafka_mock_cluster_destroy(w->cluster);
    rd_kafka_destroy(w->rk);
    server_stop(&w->server);
}

/* Kafka has it when this returns. */
static inline void
put(struct world *w, const struct output *output)
{
    struct err why;
    cr_assert(producer_send(w->producer, output, &w->delivery, &why), "%s",
              why.text);
    while (w->delivery.waiting > 0)
        producer_poll(w->producer, 50);
    cr_assert_eq(w->delivery.failed, 0, "%s", w->delivery.why.text);
}

/* The numbers from … to - 1. */
static inline void
feed(struct world *w, int32_t partition, int from, int to)
{
    struct err why;
    for (int i = from; i < to; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        struct output output = {.topic = STR("in"),
                                .partition = partition,
                                .no_key = true,
                                .value = str_of(text)};
        cr_assert(producer_send(w->producer, &output, &w->delivery, &why));
    }
    while (w->delivery.waiting > 0)
        producer_poll(w->producer, 50);
    cr_assert_eq(w->delivery.failed, 0);
}

/* A field of a hash of Redis, appended to `text`. */
static inline void
stored(struct world *w, const char *key, const char *field, struct buf *text)
{
    struct redis *redis = redis_new(&w->address);
    struct str arg[] = {STR("HGET"), str_of(key), str_of(field)};
    struct redis_reply *reply = NULL;
    struct err why;
    redis_call(redis, arg, 3, &reply, &why);
    buf_add(text, reply_text(reply));
    redis_reply_free(reply);
    redis_free(redis);
}

/* Waits for what Redis holds, which is what a stranger would read. */
static inline void
expect_stored(struct world *w, const char *key, const char *field,
              const char *want)
{
    struct buf got = {0};
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        buf_clear(&got);
        stored(w, key, field, &got);
        if (str_equal(str_of(want), buf_str(&got)))
            break;
        poll(NULL, 0, 20);
    }
    struct buf status = {0};
    for (int i = 0; i < 2; i++)
        if (w->worker[i].stage)
            stage_status(w->worker[i].stage, &status);
    cr_assert(str_equal(str_of(want), buf_str(&got)),
              "%s %s: %.*s, not %s; %.*s", key, field, STR_ARG(buf_str(&got)),
              want, STR_ARG(buf_str(&status)));
    buf_free(&status);
    buf_free(&got);
}

static inline void
redis_do(struct world *w, const char *command)
{
    struct redis *redis = redis_new(&w->address);
    struct str arg = str_of(command);
    struct redis_reply *reply = NULL;
    struct err why;
    redis_call(redis, &arg, 1, &reply, &why);
    redis_reply_free(reply);
    redis_free(redis);
}

#endif
