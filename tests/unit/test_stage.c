/* SPDX-License-Identifier: Apache-2.0
 *
 * The stage loop against librdkafka's mock broker and a private Redis, with a
 * small stage that adds up numbers: what it holds must be the sum of the log,
 * whatever happens on the way. The mock broker is a test double; the same is
 * done on a real Kafka by tests/system. */
#include <criterion/criterion.h>

#include "base/pack.h"
#include "stage_world.h"

#include <dlfcn.h>

/* In place of the client's own: so many calls are lost, as the client loses
 * them when they race with what it does itself. */
static atomic_int n_lost_resumes;

rd_kafka_resp_err_t
rd_kafka_resume_partitions(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *all)
{
    static rd_kafka_resp_err_t (*resume)(rd_kafka_t * rk,
                                         rd_kafka_topic_partition_list_t * all);
    if (!resume)
        *(void **)&resume = dlsym(RTLD_NEXT, "rd_kafka_resume_partitions");
    if (atomic_fetch_sub(&n_lost_resumes, 1) > 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    return resume(rk, all);
}

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

static int64_t
sum_up(struct sum *sum, const struct record *record)
{
    int64_t n = 0;
    str_to_i64(record->value, &n);
    sum->sum += n;
    sum->n++;
    sum->changed = true;
    return n;
}

static enum fate
sum_apply(void *state, const struct record *record, uint32_t incarnation,
          const struct sink *sink, struct err *why)
{
    (void)why, (void)incarnation;
    int64_t n = sum_up(state, record);
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

/* The same, to three partitions, its outputs in packs. */
static enum fate
pack_apply(void *state, const struct record *record, uint32_t incarnation,
           const struct sink *sink, struct err *why)
{
    (void)why, (void)incarnation;
    int64_t n = sum_up(state, record);
    struct output output = {.topic = STR("packs"),
                            .partition = (int32_t)(n % 3),
                            .no_key = true,
                            .packed = true,
                            .value = record->value};
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

static void
expect_sum(struct world *w, int64_t sum, int64_t n)
{
    char want[64];
    snprintf(want, sizeof want, "%lld %lld", (long long)sum, (long long)n);
    expect_stored(w, "tc:{sum/in/0}:sum", "sum", want);
}

Test(stage, adds_up_the_log_and_goes_on_after_a_restart, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 1);
    feed(&w, 0, 0, 1000);
    stage_begin(&w, 0);
    expect_sum(&w, 499500, 1000);
    stage_end(&w, 0);
    feed(&w, 0, 1000, 1500);
    stage_begin(&w, 0);
    expect_sum(&w, 1124250, 1500);
    stage_end(&w, 0);
    world_end(&w);
}

Test(stage, stream_rule_05_and_22_an_emptied_redis_is_restored, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 1);
    feed(&w, 0, 0, 1000);
    stage_begin(&w, 0);
    expect_sum(&w, 499500, 1000);
    redis_do(&w, "FLUSHALL"); /* no snapshot yet: from offset 0 */
    expect_sum(&w, 499500, 1000);
    stage_end(&w, 0); /* writes a snapshot */
    redis_do(&w, "FLUSHALL");
    feed(&w, 0, 1000, 1100);
    stage_begin(&w, 0); /* from the snapshot */
    expect_sum(&w, 604450, 1100);
    stage_end(&w, 0);
    world_end(&w);
}

Test(stage, redis_may_be_away_for_a_while, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 1);
    feed(&w, 0, 0, 500);
    stage_begin(&w, 0);
    expect_sum(&w, 124750, 500);
    server_kill(&w.server);
    feed(&w, 0, 500, 600);
    server_start_again(&w.server); /* empty: nothing was written to disk */
    expect_sum(&w, 179700, 600);
    stage_end(&w, 0);
    world_end(&w);
}

Test(stage, stream_rule_02_of_two_owners_only_the_last_writes, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 1);
    feed(&w, 0, 0, 300);
    stage_begin(&w, 0);
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
    feed(&w, 0, 300, 310);
    expect_sum(&w, base + 3045, 310);
    commit_args_free(&args);
    changes_free(&changes);
    buf_free(&marker);
    redis_free(redis);
    stage_end(&w, 0);
    world_end(&w);
}

/* Waits until the stage says this of itself. */
static void
expect_status(struct world *w, struct str part)
{
    struct buf status = {0};
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        buf_clear(&status);
        stage_status(w->worker[0].stage, &status);
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
    world_begin(&w, &sum_ops, 1);
    feed(&w, 0, -1, 0);
    stage_begin(&w, 0);
    expect_status(&w, STR("too large"));
    stage_end(&w, 0); /* the thread is not stuck in it */
    world_end(&w);
}

Test(stage, a_partition_that_stays_paused_is_taken_anew, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 2);
    feed(&w, 0, 0, 10);
    feed(&w, 1, 10, 20);
    atomic_store(&n_lost_resumes, 1);
    stage_begin(&w, 0);
    expect_stored(&w, "tc:{sum/in/0}:sum", "sum", "45 10");
    expect_stored(&w, "tc:{sum/in/1}:sum", "sum", "145 10");
    cr_assert_lt(atomic_load(&n_lost_resumes), 0, "one was lost");
    stage_end(&w, 0);
    world_end(&w);
}

static void
expect_no_status(struct world *w, struct str part)
{
    struct buf status = {0};
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        buf_clear(&status);
        stage_status(w->worker[0].stage, &status);
        if (!str_contains(buf_str(&status), part))
            break;
        poll(NULL, 0, 20);
    }
    cr_assert_not(str_contains(buf_str(&status), part), "%.*s",
                  STR_ARG(buf_str(&status)));
    buf_free(&status);
}

static atomic_llong measured_us;

static int64_t
measure_us(void)
{
    return atomic_fetch_add(&measured_us, 3000);
}

Test(stage, how_long_commits_and_acknowledgements_took_is_said, .timeout = 120)
{
    struct world w;
    world_begin(&w, &sum_ops, 1);
    w.worker[0].plan.now_us = measure_us;
    feed(&w, 0, 1, 10);
    stage_begin(&w, 0);
    expect_stored(&w, "tc:{sum/in/0}:sum", "sum", "45 9");
    /* each look at the clock is 3 ms later, so none of them takes nothing */
    expect_no_status(&w, STR("\"commit_times\":{\"sum_us\":0,"));
    expect_no_status(&w, STR("\"acknowledge_times\":{\"sum_us\":0,"));
    stage_end(&w, 0);
    world_end(&w);
}

/* --- packs */

static const struct stage_ops pack_ops = {
    .name = {"sum", 3},
    .tables = {{"sum"}, 1},
    .state_new = sum_new,
    .state_free = free,
    .state_load = sum_load,
    .state_save = sum_save,
    .apply = pack_apply,
    .watermark_ms = sum_watermark,
    .clock = sum_clock,
    .status = sum_status,
};

/* Each number's place must be behind that of the one before, at its first
 * coming; what was computed twice may come again. */
struct unpacked {
    int64_t next;
    int n_messages;
};

static void
take_number(struct unpacked *seen, struct str value)
{
    int64_t n;
    cr_assert(str_to_i64(value, &n));
    cr_assert_leq(n, seen->next, "%lld is missing", (long long)seen->next);
    seen->next = n == seen->next ? n + 3 : seen->next;
}

static struct unpacked
read_packs(struct world *w, int32_t partition)
{
    struct unpacked seen = {partition, 0};
    struct err why;
    struct reader *reader = reader_open(&w->settings, STR("packs"), partition,
                                        READER_BEGINNING, 5000, &why);
    cr_assert(reader != NULL, "%s", why.text);
    for (enum reader_got got = READER_NOTHING; got != READER_DONE;) {
        struct record record;
        got = reader_next(reader, 1000, &record, &why);
        if (got != READER_RECORD)
            continue;
        seen.n_messages++;
        if (!pack_is(record.value)) {
            take_number(&seen, record.value);
            continue;
        }
        cr_assert(pack_check(record.value));
        struct str rest = pack_records(record.value), one;
        while (pack_next(&rest, &one))
            take_number(&seen, one);
    }
    reader_close(reader);
    return seen;
}

Test(stage, outputs_of_a_batch_travel_in_packs_in_their_order, .timeout = 120)
{
    struct world w;
    world_begin(&w, &pack_ops, 1);
    rd_kafka_mock_topic_create(w.cluster, "packs", 3, 1);
    for (int i = 0; i < 2; i++)
        w.worker[i].plan.batch_records = 100;
    feed(&w, 0, 0, 900);
    stage_begin(&w, 0);
    expect_sum(&w, 404550, 900);
    redis_do(&w, "FLUSHALL"); /* all of it once more */
    expect_sum(&w, 404550, 900);
    stage_end(&w, 0);
    for (int32_t i = 0; i < 3; i++) {
        struct unpacked seen = read_packs(&w, i);
        cr_expect_eq(seen.next, 900 + i, "partition %d", (int)i);
        cr_expect_lt(seen.n_messages, 300, "a message for several records");
    }
    world_end(&w);
}
