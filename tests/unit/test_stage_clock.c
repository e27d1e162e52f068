/* SPDX-License-Identifier: Apache-2.0
 *
 * Time in the stage loop: Kafka's clock for a partition that is caught up, and
 * no watermark said before it is committed (STREAM 12); partitions read in
 * step, by one worker and by two (17). */
#include "stage_probe.h"

/* --- 12: announcements every half second, by a fast clock */

Test(stage_clock, stream_rule_12_kafkas_clock_only_while_caught_up,
     .timeout = 120)
{
    struct world w;
    struct stage_ops ops = announcing();
    world_begin(&w, &ops, 1);
    watch.world = &w;
    w.worker[0].plan.now_ms = fast_ms;
    feed(&w, 0, 0, 5);
    stage_begin(&w, 0);
    wait_for(&watch.n_clock, 2);
    /* the mock broker's append time: it comes from the acknowledgement */
    cr_assert_eq(atomic_load(&watch.clock_ms), 1234);
    expect_stored(&w, "tc:{probe/in/0}:sum", "sum", "10 5 1234");

    /* more than the worker can see: its fetches fail, the end has moved */
    rd_kafka_resp_err_t errors[1000];
    for (size_t i = 0; i < 1000; i++)
        errors[i] = RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE;
    rd_kafka_mock_push_request_errors_array(w.cluster, KAFKA_FETCH, 1000,
                                            errors);
    int64_t n_before = atomic_load(&watch.n_applied);
    int64_t n_clock = atomic_load(&watch.n_clock);
    /* half a second: what was being fetched is over, the next is as far off */
    wait_for(&watch.n_clock, n_clock + 2);
    feed(&w, 0, 5, 8);
    n_clock = atomic_load(&watch.n_clock);
    wait_for(&watch.n_announced, atomic_load(&watch.n_announced) + 4);
    cr_assert_eq(atomic_load(&watch.n_applied), n_before,
                 "the fetches did not fail: nothing was tested");
    cr_assert_eq(atomic_load(&watch.n_clock), n_clock);
    rd_kafka_mock_clear_request_errors(w.cluster, KAFKA_FETCH);
    wait_for(&watch.n_clock, n_clock + 1);
    expect_stored(&w, "tc:{probe/in/0}:sum", "sum", "28 8 1234");
    cr_assert_eq(atomic_load(&watch.n_wrong), 0);
    stage_end(&w, 0);
    world_end(&w);
}

Test(stage_clock, stream_rule_12_a_watermark_is_committed_before_it_is_said,
     .timeout = 120)
{
    struct world w;
    struct stage_ops ops = announcing();
    world_begin(&w, &ops, 1);
    watch.world = &w;
    w.worker[0].plan.now_ms = fast_ms;
    feed(&w, 0, 0, 20000);
    stage_begin(&w, 0);
    expect_numbers(&w, 0, 20000);
    stage_end(&w, 0);
    cr_assert_gt(atomic_load(&watch.n_announced), 10);
    cr_assert_eq(atomic_load(&watch.n_wrong), 0);
    world_end(&w);
}

/* --- 17 */

static void
feed_steps(struct world *w, int32_t partition, int n, int step_ms)
{
    struct err why;
    for (int i = 0; i < n; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i * step_ms);
        struct output output = {.topic = STR("in"),
                                .partition = partition,
                                .no_key = true,
                                .value = str_of(text)};
        cr_assert(producer_send(w->producer, &output, &w->delivery, &why));
        while (i % 50 == 49 && w->delivery.waiting > 0)
            producer_poll(w->producer, 50);
    }
    watch.total[partition] = n;
    atomic_store(&watch.watermark_ms[partition], NO_TIME);
}

static bool
is_input(void *context, struct str topic)
{
    (void)context;
    return str_equal(topic, STR("in"));
}

static void
read_in_step(int n_workers)
{
    struct world w;
    struct stage_ops ops = announcing();
    world_begin(&w, &ops, 2);
    /* one of the two partitions is always a little late */
    rd_kafka_mock_coordinator_set(w.cluster, "group", "g", 1);
    rd_kafka_mock_partition_set_leader(w.cluster, "in", 0, 1);
    rd_kafka_mock_partition_set_leader(w.cluster, "in", 1, 2);
    watch.world = &w;
    watch.ahead_ms = 5000;
    feed_steps(&w, 0, 500, 1000);
    feed_steps(&w, 1, 250, 2000);
    rd_kafka_mock_broker_set_rtt(w.cluster, 2, 300);
    for (int i = 0; i < n_workers; i++) {
        w.worker[i].plan.ahead_ms = watch.ahead_ms;
        w.worker[i].plan.bound = is_input;
        stage_begin(&w, i);
    }
    expect_stored(&w, "tc:{probe/in/0}:sum", "sum", "124750000 500 499000");
    expect_stored(&w, "tc:{probe/in/1}:sum", "sum", "62250000 250 498000");
    for (int i = 0; i < n_workers; i++)
        stage_end(&w, i);
    cr_assert_eq(atomic_load(&watch.n_wrong), 0, "%lld times too far ahead",
                 (long long)atomic_load(&watch.n_wrong));
    world_end(&w);
}

Test(stage_clock, stream_rule_17_partitions_advance_together, .timeout = 120)
{
    read_in_step(1);
}

Test(stage_clock, stream_rule_17_also_those_of_two_workers, .timeout = 120)
{
    read_in_step(2);
}
