/* SPDX-License-Identifier: Apache-2.0
 *
 * What the stage loop trusts when it begins: snapshots, whole and not, beside
 * Redis (STREAM 22); a state that was lost while it was read (2); and that a
 * changed configuration comes with a snapshot, between two batches (21). */
#include "stage_probe.h"

/* --- 21 */

Test(stage_restore, stream_rule_21_a_change_comes_between_two_batches,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 2);
    watch.world = &w;
    w.worker[0].plan.now_ms = fast_ms;
    feed(&w, 0, 0, 20000);
    feed(&w, 1, 0, 20000);
    stage_begin(&w, 0);
    wait_for(&watch.n_applied, 1000);
    atomic_store(&watch.change, true);
    for (int64_t until = now_ms() + 30000;
         !atomic_load(&watch.swapped) && now_ms() < until;)
        poll(NULL, 0, 5);
    cr_assert(atomic_load(&watch.swapped));
    cr_assert_lt(atomic_load(&watch.n_applied), 40000, "not under load");
    expect_numbers(&w, 0, 20000);
    expect_numbers(&w, 1, 20000);
    stage_end(&w, 0);
    cr_assert_eq(atomic_load(&watch.n_wrong), 0);
    world_end(&w);
}

/* --- 22 */

/* The last piece of a snapshot whose pieces are not there, at `offset`, in
 * the place of the older one. */
static void
forge_snapshot(struct world *w, int64_t offset)
{
    struct snapshot_place place = place_of(w, 0);
    struct snapshot found[2];
    size_t n;
    struct err why;
    cr_assert_eq(snapshot_find(&place, found, &n, &why), SNAPSHOT_FOUND);
    cr_assert_eq(n, 2);
    struct marker marker = found[0].marker;
    marker.offset = offset;
    marker.has_last = false;
    struct buf key = {0}, value = {0};
    buf_format(&key, "probe/in/0/%d", found[1].slot);
    buf_format(&value, "1 %d 4242 1 0 0 ", found[1].slot);
    marker_write(&value, &marker);
    put(w, &(struct output){.topic = STR("state"),
                            .key = buf_str(&key),
                            .value = buf_str(&value)});
    buf_free(&key);
    buf_free(&value);
}

Test(stage_restore, stream_rule_22_an_incomplete_snapshot_is_not_used,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    for (int i = 0; i < 2; i++) { /* a snapshot in each slot */
        feed(&w, 0, i * 100, i * 100 + 100);
        stage_begin(&w, 0);
        expect_numbers(&w, 0, i * 100 + 100);
        stage_end(&w, 0);
    }
    feed(&w, 0, 200, 260);
    forge_snapshot(&w, 250);
    redis_do(&w, "FLUSHALL");
    atomic_store(&watch.n_applied, 0);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 260);
    stage_end(&w, 0);
    cr_assert_eq(atomic_load(&watch.n_applied), 60,
                 "not from the complete one");
    world_end(&w);
}

Test(stage_restore, stream_rule_22_redis_goes_before_an_older_snapshot,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    for (int i = 0; i < 2; i++) {
        feed(&w, 0, i * 100, i * 100 + 100);
        stage_begin(&w, 0);
        expect_numbers(&w, 0, i * 100 + 100);
        stage_end(&w, 0);
    }
    feed(&w, 0, 200, 260);
    forge_snapshot(&w, 250); /* newer than Redis, and of no use */
    atomic_store(&watch.n_applied, 0);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 260);
    stage_end(&w, 0);
    cr_assert_eq(atomic_load(&watch.n_applied), 60, "Redis was passed over");
    world_end(&w);
}

static void
put_field(struct world *w, const char *key, const char *field,
          const struct buf *value)
{
    struct redis *redis = redis_new(&w->address);
    struct str arg[] = {STR("HSET"), str_of(key), str_of(field),
                        buf_str(value)};
    struct redis_reply *reply = NULL;
    struct err why;
    cr_assert_eq(redis_call(redis, arg, 4, &reply, &why), REDIS_FINE, "%s",
                 why.text);
    redis_reply_free(reply);
    redis_free(redis);
}

/* Redis has gone back to before a snapshot, as when its last second is lost
 * just after one. */
Test(stage_restore, stream_rule_22_a_newer_snapshot_goes_before_redis,
     .timeout = 120)
{
    static const char marker_key[] = "tc:{probe/in/0}:marker";
    static const char sum_key[] = "tc:{probe/in/0}:sum";
    struct world w;
    struct buf marker = {0}, sum = {0};
    world_begin(&w, &probe_ops, 1);
    for (int i = 0; i < 2; i++) {
        feed(&w, 0, i * 100, i * 100 + 100);
        stage_begin(&w, 0);
        expect_numbers(&w, 0, i * 100 + 100);
        stage_end(&w, 0);
        if (i == 0) {
            stored(&w, marker_key, "marker", &marker);
            stored(&w, sum_key, "sum", &sum);
        }
    }
    put_field(&w, marker_key, "marker", &marker);
    put_field(&w, sum_key, "sum", &sum);
    feed(&w, 0, 200, 260);
    atomic_store(&watch.n_applied, 0);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 260);
    stage_end(&w, 0);
    cr_assert_eq(atomic_load(&watch.n_applied), 60);
    buf_free(&marker);
    buf_free(&sum);
    world_end(&w);
}

/* What lies in Redis is no state of ours: the marker there speaks of nothing
 * that can be had. */
Test(stage_restore, stream_rule_22_a_state_nobody_can_read_is_restored,
     .timeout = 120)
{
    struct world w;
    struct buf junk = {0};
    world_begin(&w, &probe_ops, 1);
    feed(&w, 0, 0, 100);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 100);
    stage_end(&w, 0);
    buf_add(&junk, STR("of a later version"));
    put_field(&w, "tc:{probe/in/0}:sum", "sum", &junk);
    feed(&w, 0, 100, 160);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 160);
    stage_end(&w, 0);
    buf_free(&junk);
    world_end(&w);
}

/* --- 2: a state of many fields, in many pages of Redis */

struct many {
    int64_t n, saved;
};

static void *
many_new(void *stage, struct str topic, int32_t partition)
{
    (void)stage, (void)topic, (void)partition;
    watch.n_loaded = 0;
    return calloc(1, sizeof(struct many));
}

/* In the middle of it Redis is emptied and the service told to stop. */
static bool
many_load(void *state, size_t table, struct str field, struct str value,
          struct err *why)
{
    struct many *many = state;
    (void)table, (void)field, (void)value, (void)why;
    many->n++;
    many->saved++;
    if (watch.empty_at > 0 && ++watch.n_loaded == watch.empty_at) {
        redis_do(watch.world, "FLUSHALL");
        atomic_store(&watch.world->worker[0].stopping, true);
    }
    return true;
}

static void
many_save(void *state, bool whole, const struct emit *emit)
{
    struct many *many = state;
    for (int64_t i = whole ? 0 : many->saved; i < many->n; i++) {
        struct buf field = {0};
        buf_i64(&field, i);
        emit->field(emit->context, 0, buf_str(&field), STR("x"));
        buf_free(&field);
    }
    if (!whole)
        many->saved = many->n;
}

static enum fate
many_apply(void *state, const struct record *record, uint32_t incarnation,
           const struct sink *sink, struct err *why)
{
    struct many *many = state;
    (void)record, (void)incarnation, (void)sink, (void)why;
    many->n++;
    return DONE;
}

static int64_t
many_watermark(const void *state)
{
    (void)state;
    return NO_TIME;
}

static void
many_status(const void *state, struct buf *json)
{
    const struct many *many = state;
    buf_format(json, "\"n\":%lld", (long long)many->n);
}

static const struct stage_ops many_ops = {
    .name = {"many", 4},
    .tables = {{"all"}, 1},
    .state_new = many_new,
    .state_free = free,
    .state_load = many_load,
    .state_save = many_save,
    .apply = many_apply,
    .watermark_ms = many_watermark,
    .status = many_status,
};

Test(stage_restore, stream_rule_02_redis_emptied_while_a_state_is_read,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &many_ops, 1);
    watch.world = &w;
    rd_kafka_mock_topic_create(w.cluster, "elsewhere", 2, 1);
    feed(&w, 0, 0, 5000);
    w.worker[0].plan.state_topic = STR("elsewhere");
    stage_begin(&w, 0);
    expect_stored(&w, "tc:{many/in/0}:all", "4999", "x");
    stage_end(&w, 0);

    w.worker[0].plan.state_topic = STR("state"); /* no snapshots here */
    watch.empty_at = 100;
    stage_begin(&w, 0);
    pthread_join(w.worker[0].thread, NULL);
    stage_free(w.worker[0].stage);
    cr_assert_geq(watch.n_loaded, 100, "nothing was read");

    watch.empty_at = 0;
    stage_begin(&w, 0);
    expect_stored(&w, "tc:{many/in/0}:all", "4999", "x");
    expect_status(&w, "\"n\":5000");
    stage_end(&w, 0);
    world_end(&w);
}
