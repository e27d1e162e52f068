/* SPDX-License-Identifier: Apache-2.0
 *
 * What the stage loop asks of a stage, and in which order: joining before the
 * first record (STREAM 15), setting aside (16), records that must wait, acting
 * only on a whole history (25). A stage that writes down what it is asked,
 * against librdkafka's mock broker and a private Redis. */
#include <criterion/criterion.h>

#include "base/stage.h"
#include "base/times.h"
#include "server.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <time.h>

/* What happened, one letter each: j announced without watermark, w with one,
 * s set aside, a applied, x acted. */
struct diary {
    pthread_mutex_t lock;
    char text[4096];
    size_t len;
    atomic_bool wait; /* records must wait */
    atomic_int n_tried, n_applied;
    int64_t watermark_ms;
    bool acts;
};

static struct diary diary;

static void
note(char what)
{
    pthread_mutex_lock(&diary.lock);
    if (diary.len + 1 < sizeof diary.text)
        diary.text[diary.len++] = what;
    pthread_mutex_unlock(&diary.lock);
}

static bool
noted(char what)
{
    pthread_mutex_lock(&diary.lock);
    bool found = memchr(diary.text, what, diary.len) != NULL;
    pthread_mutex_unlock(&diary.lock);
    return found;
}

static void *
new_state(void *stage, struct str topic, int32_t partition)
{
    (void)stage, (void)topic, (void)partition;
    return calloc(1, 8);
}

static bool
load(void *state, size_t table, struct str field, struct str value,
     struct err *why)
{
    (void)state, (void)table, (void)field, (void)value, (void)why;
    return true;
}

static void
save(void *state, bool whole, const struct emit *emit)
{
    (void)state, (void)whole, (void)emit;
}

static enum fate
apply(void *state, const struct record *record, uint32_t incarnation,
      const struct sink *sink, struct err *why)
{
    (void)state, (void)record, (void)incarnation, (void)sink;
    atomic_fetch_add(&diary.n_tried, 1);
    if (atomic_load(&diary.wait)) {
        err_set(why, "waits for what is not there yet");
        return RETRY;
    }
    note('a');
    atomic_fetch_add(&diary.n_applied, 1);
    return DONE;
}

static int64_t
watermark_ms(const void *state)
{
    (void)state;
    return atomic_load(&diary.n_applied) > 0 ? diary.watermark_ms : NO_TIME;
}

static void
use_clock(void *state, int64_t kafka_ms)
{
    (void)state, (void)kafka_ms;
}

static int64_t
lateness_ms(const void *state)
{
    (void)state;
    return 600000;
}

static void
announce(void *stage, const struct progress *at, size_t n,
         const struct sink *sink)
{
    (void)stage;
    for (size_t i = 0; i < n; i++)
        note(at[i].aside ? 's' : at[i].watermark_ms == NO_TIME ? 'j' : 'w');
    struct output output = {
        .topic = STR("out"), .no_key = true, .value = STR("progress")};
    sink->send(sink->context, &output, false);
}

static void
act(void *state, int64_t now_ms, const struct sink *sink)
{
    (void)state, (void)now_ms, (void)sink;
    note('x');
}

static void
status(const void *state, struct buf *json)
{
    (void)state;
    buf_add(json, STR("\"n\":0"));
}

static struct stage_ops ops = {
    .name = {"turns", 5},
    .tables = {{"nothing"}, 1},
    .state_new = new_state,
    .state_free = free,
    .state_load = load,
    .state_save = save,
    .apply = apply,
    .watermark_ms = watermark_ms,
    .clock = use_clock,
    .lateness_ms = lateness_ms,
    .status = status,
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
};

static bool
is_bound(void *context, struct str topic)
{
    (void)context;
    return str_equal(topic, STR("in")) || str_equal(topic, STR("other"));
}

static void
world_begin(struct world *w)
{
    *w = (struct world){0};
    pthread_mutex_init(&diary.lock, NULL);
    server_start(&w->server);
    w->address.address = w->server.socket;
    char text[200];
    w->rk =
        rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    w->cluster = rd_kafka_mock_cluster_new(w->rk, 1);
    rd_kafka_mock_topic_create(w->cluster, "in", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "other", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "out", 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "state", 2, 1);
    w->setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->cluster)};
    w->settings = (struct kafka_settings){w->setting, 1};
    w->topic = STR("in");
    w->plan = (struct stage_plan){
        .ops = &ops,
        .kafka = &w->settings,
        .redis = &w->address,
        .consumer = {.settings = &w->settings,
                     .group = STR("g"),
                     .session_ms = 6000,
                     .topic = &w->topic,
                     .n_topics = 1},
        .bound = is_bound,
        .state_topic = STR("state"),
        .state_partitions = 2,
        .batch_records = 7,
        .batch_ms = 5,
        .ahead_ms = 60000,
        .snapshot_ms = 3600000,
        .now_ms = now_ms,
        .wall_ms = now_ms,
        .random = draw,
        .stopping = &w->stopping,
    };
}

static void *
run(void *context)
{
    struct world *w = context;
    struct err why = {""};
    stage_run(w->stage, &why);
    return NULL;
}

static void
stage_begin(struct world *w)
{
    struct err why;
    w->stage = stage_new(&w->plan, &why);
    cr_assert(w->stage != NULL, "%s", why.text);
    pthread_create(&w->thread, NULL, run, w);
}

static void
world_end(struct world *w)
{
    atomic_store(&w->stopping, true);
    pthread_join(w->thread, NULL);
    stage_free(w->stage);
    rd_kafka_mock_cluster_destroy(w->cluster);
    rd_kafka_destroy(w->rk);
    server_stop(&w->server);
}

static void
put(struct world *w, const char *topic, int n)
{
    struct err why;
    struct delivery delivery = {0};
    struct producer *producer = producer_open(&w->settings, 1, &why);
    for (int i = 0; i < n; i++) {
        struct output output = {
            .topic = str_of(topic), .no_key = true, .value = STR("1")};
        cr_assert(producer_send(producer, &output, &delivery, &why));
    }
    while (delivery.waiting > 0)
        producer_poll(producer, 50);
    cr_assert_eq(delivery.failed, 0);
    producer_close(producer);
}

/* Until `status` says `words`, for half a minute. */
static void
expect_status(struct world *w, const char *words)
{
    struct buf text = {0};
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        buf_clear(&text);
        stage_status(w->stage, &text);
        if (str_contains(buf_str(&text), str_of(words)))
            break;
        poll(NULL, 0, 20);
    }
    cr_expect(str_contains(buf_str(&text), str_of(words)), "no '%s' in %.*s",
              words, STR_ARG(buf_str(&text)));
    buf_free(&text);
}

static void
redis_do(struct world *w, struct str a, struct str b, struct str c)
{
    struct redis *redis = redis_new(&w->address);
    struct str arg[] = {a, b, c, STR("1")};
    struct redis_reply *reply = NULL;
    struct err why;
    cr_assert_eq(redis_call(redis, arg, 4, &reply, &why), REDIS_FINE, "%s",
                 why.text);
    redis_reply_free(reply);
    redis_free(redis);
}

Test(stage_turns, stream_rule_15_joins_before_the_first_record, .timeout = 120)
{
    struct world w;
    ops.announce = announce;
    diary.watermark_ms = 1000;
    world_begin(&w);
    put(&w, "in", 20);
    stage_begin(&w);
    expect_status(&w, "\"committed\":20");
    cr_assert_gt(strspn(diary.text, "j"), 0, "%s", diary.text);
    cr_assert_eq(diary.text[strspn(diary.text, "j")], 'a', "%s", diary.text);
    world_end(&w);
}

Test(stage_turns,
     stream_rule_15_nobody_reads_while_one_with_messages_is_missing,
     .timeout = 120)
{
    struct world w;
    ops.announce = announce;
    diary.watermark_ms = 1000;
    world_begin(&w);
    put(&w, "in", 20);
    put(&w, "other", 1); /* bound, has a message, owned by nobody */
    stage_begin(&w);
    expect_status(&w, "\"awaits\":\"turns/other/0\"");
    cr_assert_not(noted('a'), "%s", diary.text);
    cr_assert_not(noted('w'), "%s", diary.text);
    redis_do(&w, STR("HSET"), STR("tc:joined"), STR("turns/other/0"));
    expect_status(&w, "\"committed\":20");
    world_end(&w);
}

Test(stage_turns, stream_rule_16_a_stopped_partition_is_set_aside,
     .timeout = 120)
{
    struct world w;
    ops.announce = announce;
    world_begin(&w);
    /* A marker of another cluster: STREAM 6 stops it. */
    struct redis *redis = redis_new(&w.address);
    struct claim claim = {.name = STR("turns/in/0"), .tables = &ops.tables};
    struct commit_args args = {0};
    struct buf marker = {0};
    struct err why;
    struct marker at = {.cluster = "elsewhere", .incarnation = 1, .offset = 5};
    cr_assert_eq(commit_claim(redis, &claim, 7, &marker, &why), COMMIT_DONE);
    buf_clear(&marker);
    marker_write(&marker, &at);
    buf_char(&marker, '\0');
    struct changes changes = {0};
    struct commit commit = {.marker = marker.at, .changes = &changes};
    cr_assert_eq(commit_now(redis, &claim, &commit, &args, &why), COMMIT_DONE);
    commit_args_free(&args);
    buf_free(&marker);
    redis_free(redis);
    stage_begin(&w);
    expect_status(&w, "\"aside\":\"stopped\"");
    for (int64_t until = now_ms() + 30000; now_ms() < until && !noted('s');)
        poll(NULL, 0, 20);
    cr_assert(noted('s'), "%s", diary.text);
    world_end(&w);
}

Test(stage_turns, a_record_that_must_wait_is_tried_again, .timeout = 120)
{
    struct world w;
    ops.announce = NULL;
    atomic_store(&diary.wait, true);
    world_begin(&w);
    put(&w, "in", 3);
    stage_begin(&w);
    expect_status(&w, "waits for what is not there yet");
    for (int64_t until = now_ms() + 30000;
         now_ms() < until && atomic_load(&diary.n_tried) < 3;)
        poll(NULL, 0, 20);
    cr_assert_geq(atomic_load(&diary.n_tried), 3);
    cr_assert_eq(atomic_load(&diary.n_applied), 0);
    atomic_store(&diary.wait, false);
    expect_status(&w, "\"committed\":3");
    cr_assert_eq(atomic_load(&diary.n_applied), 3);
    world_end(&w);
}

Test(stage_turns, stream_rule_25_acts_only_when_all_has_been_read,
     .timeout = 120)
{
    struct world w;
    ops.announce = NULL;
    ops.act = act;
    world_begin(&w);
    put(&w, "in", 50);
    stage_begin(&w);
    expect_status(&w, "\"committed\":50");
    for (int64_t until = now_ms() + 30000; now_ms() < until && !noted('x');)
        poll(NULL, 0, 20);
    pthread_mutex_lock(&diary.lock);
    const char *first = memchr(diary.text, 'x', diary.len);
    cr_assert(first != NULL);
    cr_assert_eq(first - diary.text, 50, "%s", diary.text);
    pthread_mutex_unlock(&diary.lock);
    world_end(&w);
}
