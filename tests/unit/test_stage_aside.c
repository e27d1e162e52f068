/* SPDX-License-Identifier: Apache-2.0
 *
 * When a partition is set aside (STREAM 16), asked of the function alone. */
#include <criterion/criterion.h>

#include "base/stage_priv.h"
#include "base/times.h"

#define NOW_MS INT64_C(1709622751009)

Test(stage_aside, one_without_a_watermark_is_not_behind_but_has_sent_nothing)
{
    static struct stage stage;
    static struct part part;
    static const struct stage_ops ops;
    static const struct stage_plan plan = {.ops = &ops};
    stage.plan = &plan;
    stage.parts = &part;
    stage.kafka_ms = NOW_MS;
    stage.best_caught_up_ms = NOW_MS;
    part.phase = PART_RUNNING;
    part.done_watermark_ms = NO_TIME;
    part.level_kafka_ms = 1;
    stage_look_aside(&stage);
    cr_assert_eq(part.level_kafka_ms, NOW_MS, "the difference overflowed");
    cr_assert_str_eq(part.aside, "has sent nothing yet");
    cr_assert(part.unannounced);
}
