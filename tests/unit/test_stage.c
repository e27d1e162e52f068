/* SPDX-License-Identifier: Apache-2.0
 *
 * The stage loop against librdkafka's mock broker and a private Redis, with a
 * small stage that adds up numbers: what it holds must be the sum of the log,
 * whatever happens on the way. The mock broker is a test double; the same is
 * done on a real Kafka by tests/system. */
#include <criterion/criterion.h>

#include "base/stage.h"
#include "base/times.h"
#include "server.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <time.h>

/* --- the stage: state is the sum and number of all records */

struct sum {
    int64_t sum, n;
    bool changed;
};

static void *
sum_new(void *stage, struct str topic, int32_t partition)
{
    (void)stage, (void)topic, (void)partition;
    return calloc(1, sizeof(struct sum));
}

static bool
sum_load(void *state, size_t table, struct str field, struct str value,
         struct err *why)
{
    struct sum *sum = state;
    (void)table, (void)field, (void)why;
    struct str part;
    return str_split(&value, ' ', &part) && str_to_i64(part, &sum->sum) &&
           str_to_i64(value, &sum->n);
}

static void
sum_save(void *state, bool whole, const struct emit *emit)
{
    struct sum *sum = state;
    if (!whole && !sum->changed)
        return;
    struct buf text = {0};
    buf_i64(&text, sum->sum);
    buf_char(&text, ' ');
    buf_i64(&text, sum->n);
    emit->field(emit->context, 0, STR("sum"), buf_str(&text));
    buf_free(&text);
    if (!whole)
        sum->changed = false;
}

static enum fate
sum_apply(void *state, const struct record *record, uint32_t incarnation,
          const struct sink *sink, struct err *why)
{
    struct sum *sum = state;
    (void)why, (void)incarnation;
    int64_t n = 0;
    str_to_i64(record->value, &n);
    sum->sum += n;
    sum->n++;
    sum->changed = true;
    struct output output = {.topic = STR("out"),
                            .partition = 0,
                            .no_key = true,
                            .value = record->value};
    static char large[10 << 20]; /* no topic of ours takes it */
    if (n < 0)
        output.value = (struct str){large, sizeof large};
    sink->send(sink->context, &output, false);
    return DONE;
}

static int64_t
sum_watermark(const void *state)
{
    (void)state;
    return NO_TIME;
}

static void
sum_clock(void *state, int64_t kafka_ms)
{
    (void)state, (void)kafka_ms;
}

static void
sum_status(const void *state, struct buf *json)
{
    const struct sum *sum = state;
    buf_format(json, "\"sum\":%lld,\"n\":%lld", (long long)sum->sum,
               (long long)sum->n);
}

static const struct stage_ops sum_ops = {
    .name = {"sum", 3},
    .tables = {{"sum"}, 1},
    .state_new = sum_new,
    .state_free = free,
    .state_load = sum_load,
    .state_save = sum_save,
    .apply = sum_apply,
    .watermark_ms = sum_watermark,
    .clock = sum_clock,
    .status = sum_status,
};

/* --- the surroundings */

static int64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t
draw(void)
{
    static uint64_t x;
    return x += UINT64_C(0x9e3779b97f4a7c15);
}

struct world {
    struct server server;
    struct redis_address address;
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    struct kafka_setting setting[1];
    struct kafka_settings settings;
    struct str topic;
    struct stage_plan plan;
    atomic_bool stopping;
    struct stage *stage;
    pthread_t thread;
    struct producer *producer;
    struct delivery delivery;
};

static void
world_begin(struct world *w)
{
    *w = (struct world){0};
    server_start(&w->server);
    w->address.address = w->server.socket;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char text[200];
    w->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    w->cluster = rd_kafka_mock_cluster_new(w->rk, 1);
    rd_kafka_mock_topic_create(w->cluster, "in", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "out", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "state", 2, 1);
    w->setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->cluster)};
    w->settings = (struct kafka_settings){w->setting, 1};
    w->topic = STR("in");
    w->plan = (struct stage_plan){
        .ops = &sum_ops,
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
        .now_ms = now_ms,
        .random = draw,
        .stopping = &w->stopping,
    };
    struct err why;
    w->producer = producer_open(&w->settings, 1, &why);
    cr_assert(w->producer != NULL, "%s", why.text);
}

static void *
run(void *context)
{
    struct world *w = context;
    struct err why = {""};
    if (stage_run(w->stage, &why) == FATAL)
        fprintf(stderr, "stage: %s\n", why.text);
    return NULL;
}

static void
stage_begin(struct world *w)
{
    struct err why;
    atomic_store(&w->stopping, false);
    w->stage = stage_new(&w->plan, &why);
    cr_assert(w->stage != NULL, "%s", why.text);
    pthread_create(&w->thread, NULL, run, w);
}

static void
stage_end(struct world *w)
{
    atomic_store(&w->stopping, true);
    pthread_join(w->thread, NULL);
    stage_free(w->stage);
}

static void
world_end(struct world *w)
{
    producer_close(w->producer);
    rd_kafka_mock_cluster_destroy(w->cluster);
    rd_kafka_destroy(w->rk);
    server_stop(&w->server);
}

static void
feed(struct world *w, int from, int to)
{
    struct err why;
    for (int i = from; i < to; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        struct output output = {
            .topic = STR("in"), .no_key = true, .value = str_of(text)};
        cr_assert(producer_send(w->producer, &output, &w->delivery, &why));
    }
    while (w->delivery.waiting > 0)
        producer_poll(w->producer, 50);
    cr_assert_eq(w->delivery.failed, 0);
}

/* Waits for what Redis holds, which is what a stranger would read. */
static void
expect_sum(struct world *w, int64_t sum, int64_t n)
{
    struct redis *redis = redis_new(&w->address);
    struct str arg[] = {STR("HGET"), STR("tc:{sum/in/0}:sum"), STR("sum")};
    struct buf want = {0}, got = {0};
    buf_format(&want, "%lld %lld", (long long)sum, (long long)n);
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        struct redis_reply *reply = NULL;
        struct err why;
        redis_call(redis, arg, 3, &reply, &why);
        buf_clear(&got);
        buf_add(&got, reply_text(reply));
        redis_reply_free(reply);
        if (str_equal(buf_str(&want), buf_str(&got)))
            break;
        poll(NULL, 0, 20);
    }
    struct buf status = {0};
    stage_status(w->stage, &status);
    cr_assert(str_equal(buf_str(&want), buf_str(&got)), "%.*s, not %.*s; %.*s",
              STR_ARG(buf_str(&got)), STR_ARG(buf_str(&want)),
              STR_ARG(buf_str(&status)));
    buf_free(&status);
    buf_free(&want);
    buf_free(&got);
    redis_free(redis);
}

static void
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

Test(stage, adds_up_the_log_and_goes_on_after_a_restart, .timeout = 120)
{
    struct world w;
    world_begin(&w);
    feed(&w, 0, 1000);
    stage_begin(&w);
    expect_sum(&w, 499500, 1000);
    stage_end(&w);
    feed(&w, 1000, 1500);
    stage_begin(&w);
    expect_sum(&w, 1124250, 1500);
    stage_end(&w);
    world_end(&w);
}

Test(stage, stream_rule_05_and_22_an_emptied_redis_is_restored, .timeout = 120)
{
    struct world w;
    world_begin(&w);
    feed(&w, 0, 1000);
    stage_begin(&w);
    expect_sum(&w, 499500, 1000);
    redis_do(&w, "FLUSHALL"); /* no snapshot yet: from offset 0 */
    expect_sum(&w, 499500, 1000);
    stage_end(&w); /* writes a snapshot */
    redis_do(&w, "FLUSHALL");
    feed(&w, 1000, 1100);
    stage_begin(&w); /* from the snapshot */
    expect_sum(&w, 604450, 1100);
    stage_end(&w);
    world_end(&w);
}

Test(stage, redis_may_be_away_for_a_while, .timeout = 120)
{
    struct world w;
    world_begin(&w);
    feed(&w, 0, 500);
    stage_begin(&w);
    expect_sum(&w, 124750, 500);
    server_kill(&w.server);
    feed(&w, 500, 600);
    server_start_again(&w.server); /* empty: nothing was written to disk */
    expect_sum(&w, 179700, 600);
    stage_end(&w);
    world_end(&w);
}

Test(stage, stream_rule_02_of_two_owners_only_the_last_writes, .timeout = 120)
{
    struct world w;
    world_begin(&w);
    feed(&w, 0, 300);
    stage_begin(&w);
    expect_sum(&w, 44850, 300);
    /* somebody else takes the partition and changes what it holds */
    struct redis *redis = redis_new(&w.address);
    struct claim claim = {.name = STR("sum/in/0"), .tables = &sum_ops.tables};
    struct buf marker = {0};
    struct err why;
    cr_assert_eq(commit_claim(redis, &claim, 12345, &marker, &why),
                 COMMIT_DONE);
    struct commit_args args = {0};
    struct changes changes = {0};
    buf_char(&marker, '\0');
    changes_set(&changes, 0, STR("sum"), STR("1000000 300"));
    struct commit commit = {marker.at, marker.at, false, &changes};
    enum commit_says says = commit_now(redis, &claim, &commit, &args, &why);
    /* the stage may have claimed it back before: then its word holds */
    int64_t base = says == COMMIT_DONE ? 1000000 : 44850;
    feed(&w, 300, 310);
    expect_sum(&w, base + 3045, 310);
    commit_args_free(&args);
    changes_free(&changes);
    buf_free(&marker);
    redis_free(redis);
    stage_end(&w);
    world_end(&w);
}

/* Waits until the stage says this of itself. */
static void
expect_status(struct world *w, struct str part)
{
    struct buf status = {0};
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        buf_clear(&status);
        stage_status(w->stage, &status);
        if (str_contains(buf_str(&status), part))
            break;
        poll(NULL, 0, 20);
    }
    cr_assert(str_contains(buf_str(&status), part), "%.*s",
              STR_ARG(buf_str(&status)));
    buf_free(&status);
}

Test(stage, an_output_no_topic_takes_stops_its_partition_and_is_named,
     .timeout = 120)
{
    struct world w;
    world_begin(&w);
    feed(&w, -1, 0);
    stage_begin(&w);
    expect_status(&w, STR("too large"));
    stage_end(&w); /* the thread is not stuck in it */
    world_end(&w);
}
