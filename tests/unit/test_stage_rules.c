/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of the stage loop on the mock broker and a private Redis: commits only
 * of what Kafka has (STREAM 4), another log under the same name (6), an
 * operator's incarnation (7), outputs that no topic takes (8). */
#include "stage_probe.h"

/* --- 4 */

Test(stage_rules, stream_rule_04_nothing_is_committed_before_kafka_has_it,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    feed(&w, 0, 0, 200);
    rd_kafka_resp_err_t errors[30];
    for (size_t i = 0; i < 30; i++)
        errors[i] = RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
    rd_kafka_mock_push_request_errors_array(w.cluster, KAFKA_PRODUCE, 30,
                                            errors);
    stage_begin(&w, 0);
    int64_t before = 0;
    for (int64_t until = now_ms() + 60000; before < 200 && now_ms() < until;) {
        struct buf text = {0};
        stored(&w, "tc:{probe/in/0}:sum", "sum", &text);
        struct str rest = buf_str(&text), part;
        int64_t n = 0;
        str_split(&rest, ' ', &part); /* the sum */
        if (str_split(&rest, ' ', &part))
            str_to_i64(part, &n);
        buf_free(&text);
        cr_assert_leq(n, end_of(&w, STR("out")));
        cr_assert_geq(n, before, "commits go back");
        before = n;
    }
    expect_numbers(&w, 0, 200);
    stage_end(&w, 0);
    world_end(&w);
}

/* --- 6 */

static void
other_record(struct marker *marker)
{
    marker->last_crc ^= 1;
}

static void
other_time(struct marker *marker)
{
    marker->last_ms++;
}

static void
other_cluster(struct marker *marker)
{
    snprintf(marker->cluster, sizeof marker->cluster, "another");
}

static void
beyond_the_end(struct marker *marker)
{
    marker->offset += 1000;
}

Test(stage_rules, stream_rule_06_another_log_stops_that_partition_alone,
     .timeout = 120)
{
    static const struct {
        void (*change)(struct marker *marker);
        const char *says;
    } rows[] = {
        {other_record, "the record at offset 99 is not the one that was read"},
        {other_time, "the record at offset 98 is not the one that was read"},
        {other_cluster, "the marker is of another"},
        {beyond_the_end, "the log ends at 150, before the marker at 1097"},
    };
    enum { N_ROWS = sizeof rows / sizeof *rows };
    struct world w;
    world_begin(&w, &probe_ops, N_ROWS + 1);
    for (int i = 0; i <= N_ROWS; i++)
        feed(&w, i, 0, 100 - i);
    stage_begin(&w, 0);
    for (int i = 0; i <= N_ROWS; i++)
        expect_numbers(&w, i, 100 - i);
    stage_end(&w, 0);
    for (int i = 0; i < N_ROWS; i++)
        edit_marker(&w, i, rows[i].change);
    for (int i = 0; i <= N_ROWS; i++)
        feed(&w, i, 100 - i, 150);
    stage_begin(&w, 0);
    expect_numbers(&w, N_ROWS, 150);
    for (int i = 0; i < N_ROWS; i++) {
        expect_status(&w, rows[i].says);
        expect_numbers(&w, i, 100 - i);
    }
    stage_end(&w, 0);
    world_end(&w);
}

/* librdkafka 2.0.2 refuses every seek of a partition once the broker has said
 * that the offset is out of range. */
Test(stage_rules, stream_rule_06_an_offset_out_of_range_is_looked_into,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    feed(&w, 0, 0, 100);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 100);
    rd_kafka_mock_push_request_errors(w.cluster, KAFKA_FETCH, 1,
                                      RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    feed(&w, 0, 100, 200);
    expect_numbers(&w, 0, 200);
    stage_end(&w, 0);
    world_end(&w);
}

/* --- 7 */

static void
from_the_beginning(struct marker *marker)
{
    struct marker at = {.incarnation = marker->incarnation + 1};
    memcpy(at.cluster, marker->cluster, sizeof at.cluster);
    *marker = at;
}

static void
expect_snapshot_of_incarnation(struct world *w, uint32_t incarnation)
{
    struct snapshot_place place = place_of(w, 0);
    struct snapshot found[2];
    size_t n = 0;
    struct err why;
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        if (snapshot_find(&place, found, &n, &why) == SNAPSHOT_FOUND &&
            found[0].marker.incarnation == incarnation)
            return;
        poll(NULL, 0, 20);
    }
    cr_assert_fail("no snapshot of incarnation %u", incarnation);
}

Test(stage_rules, stream_rule_07_an_incarnation_outlives_redis, .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    feed(&w, 0, 0, 100);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 100);
    cr_assert_eq(atomic_load(&watch.incarnation), 1);
    stage_end(&w, 0);
    edit_marker(&w, 0, from_the_beginning); /* as `rebuild` does */
    stage_begin(&w, 0);
    expect_stored(&w, "tc:{probe/in/0}:sum", "sum", "9900 200 99");
    cr_assert_eq(atomic_load(&watch.incarnation), 2);
    expect_snapshot_of_incarnation(&w, 2);
    redis_do(&w, "FLUSHALL");
    feed(&w, 0, 100, 101);
    expect_stored(&w, "tc:{probe/in/0}:sum", "sum", "10000 201 100");
    cr_assert_eq(atomic_load(&watch.incarnation), 2);
    stage_end(&w, 0);
    world_end(&w);
}

/* --- 8 */

struct letters {
    int n, n_empty, n_plain;
    char position[64];
};

static struct letters
read_out(struct world *w)
{
    struct letters letters = {0};
    struct err why;
    struct reader *reader =
        reader_open(&w->settings, STR("out"), 0, READER_BEGINNING, 5000, &why);
    cr_assert(reader != NULL, "%s", why.text);
    for (enum reader_got got = READER_NOTHING; got != READER_DONE;) {
        struct record record;
        got = reader_next(reader, 1000, &record, &why);
        if (got != READER_RECORD)
            continue;
        struct str position = record_header(&record, STR("position"));
        letters.n += position.at != NULL;
        letters.n_empty += position.at && record.value.len == 0;
        letters.n_plain += !position.at;
        if (position.at)
            snprintf(letters.position, sizeof letters.position, "%.*s",
                     STR_ARG(position));
    }
    reader_close(reader);
    return letters;
}

Test(stage_rules, stream_rule_08_an_output_too_large_is_a_dead_letter,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    watch.huge = 50;
    feed(&w, 0, 0, 100);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 100);
    expect_status(&w, "\"refused_outputs\":1");
    stage_end(&w, 0);
    struct letters letters = read_out(&w);
    cr_assert_eq(letters.n, 1);
    cr_assert_eq(letters.n_empty, 0);
    cr_assert_str_eq(letters.position, "1/50");
    cr_assert_geq(letters.n_plain, 99);
    world_end(&w);
}

Test(stage_rules, stream_rule_08_kafka_may_refuse_the_dead_letter_too,
     .timeout = 120)
{
    struct world w;
    world_begin(&w, &probe_ops, 1);
    feed(&w, 0, 0, 100);
    /* the first batch, then its first record alone, then its letter */
    rd_kafka_mock_push_request_errors(w.cluster, KAFKA_PRODUCE, 3,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                      RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 100);
    stage_end(&w, 0);
    struct letters letters = read_out(&w);
    cr_assert_eq(letters.n, 1);
    cr_assert_eq(letters.n_empty, 1);
    cr_assert_str_eq(letters.position, "1/0");
    cr_assert_geq(letters.n_plain, 99);
    world_end(&w);
}

/* --- what a stage says of its own accord, and waits for */

static struct {
    atomic_bool waits;
    _Atomic int64_t n_sent;
} acting;

static void *
acting_new(void *stage, struct str topic, int32_t partition)
{
    atomic_store(&acting.waits, false);
    return probe_new(stage, topic, partition);
}

static void
acting_act(void *state, int64_t wall_ms, const struct sink *sink)
{
    static char huge[HUGE_BYTES];
    (void)state, (void)wall_ms;
    if (atomic_exchange(&acting.waits, true))
        return;
    struct output output = {
        .topic = STR("out"), .no_key = true, .value = STR("said")};
    if (atomic_fetch_add(&acting.n_sent, 1) == 0)
        output.value = (struct str){huge, sizeof huge};
    sink->send(sink->context, &output, false);
}

Test(stage_rules, stream_rule_25_what_kafka_refuses_is_not_waited_for,
     .timeout = 120)
{
    struct world w;
    struct stage_ops ops = probe_ops;
    ops.state_new = acting_new;
    ops.act = acting_act;
    world_begin(&w, &ops, 1);
    w.worker[0].plan.wall_ms = now_ms;
    feed(&w, 0, 0, 10);
    stage_begin(&w, 0);
    wait_for(&acting.n_sent, 2);
    expect_numbers(&w, 0, 10);
    stage_end(&w, 0);
    world_end(&w);
}
