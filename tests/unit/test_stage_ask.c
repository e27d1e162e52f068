/* SPDX-License-Identifier: Apache-2.0
 *
 * Kafka's clock in place of arrivals (STREAM 12): when exactly it is believed.
 * The end of the partition moves between an acknowledgement and the question
 * for it; no broker does that when told to, so the file that asks is taken in
 * whole, with the asking replaced. */
#include <criterion/criterion.h>

#include "base/stage_priv.h"

#include <string.h>

static struct {
    bool answers, empty;
    int64_t high;
    int64_t clock_ms;
    int n_asked, n_clock, n_opened, n_closed;
} fake;

static bool
fake_ask_ends(struct lane *lane, int timeout_ms, int64_t *low, int64_t *high,
              struct err *why)
{
    (void)lane, (void)timeout_ms, (void)why;
    fake.n_asked++;
    *low = 0;
    *high = fake.high;
    return fake.answers;
}

static bool
fake_open(struct stage *stage, struct part *part)
{
    (void)stage, (void)part;
    fake.n_opened++;
    return true;
}

static void
fake_close(struct stage *stage, struct part *part)
{
    (void)stage, (void)part;
    cr_assert_eq(fake.n_clock, fake.n_closed + 1, "closed before the change");
    fake.n_closed++;
}

static bool
fake_is_empty_to(const struct lane *lane, int64_t end)
{
    (void)lane;
    cr_assert_eq(end, fake.high);
    return fake.empty;
}

#define lane_ask_ends fake_ask_ends
#define lane_is_empty_to fake_is_empty_to
#define batch_open fake_open
#define batch_close fake_close
#include "base/stage_idle.c" /* NOLINT: the head says why */

static void
note_clock(void *state, int64_t kafka_ms)
{
    (void)state;
    cr_assert_eq(fake.n_opened, 1, "the change belongs to no batch");
    fake.n_clock++;
    fake.clock_ms = kafka_ms;
}

static int64_t
watermark(const void *state)
{
    (void)state;
    return 900;
}

Test(stage_ask, stream_rule_12_the_clock_counts_if_all_is_read)
{
    static const struct {
        const char *what;
        enum part_phase phase;
        struct part part;
        struct delivery announcement;
        bool wanted, silent;
        int64_t high;
        bool believed;
    } rows[] = {
        {"caught up",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000},
         true,
         false,
         5,
         true},
        {"one more",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000},
         true,
         false,
         6,
         false},
        {"one more, which is a transaction's marker",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000},
         true,
         false,
         6,
         true},
        {"no answer",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000},
         true,
         true,
         5,
         false},
        {"not seen",
         PART_RUNNING,
         {.end = 4},
         {.append_ms = 1000},
         true,
         false,
         5,
         true},
        {"unread",
         PART_RUNNING,
         {.end = 7},
         {.append_ms = 1000},
         true,
         false,
         5,
         false},
        {"a commit on its way",
         PART_RUNNING,
         {.end = 5, .n_in_flight = 1},
         {.append_ms = 1000},
         true,
         false,
         5,
         true},
        {"as many as may be",
         PART_RUNNING,
         {.end = 5, .n_in_flight = MAX_IN_FLIGHT},
         {.append_ms = 1000},
         true,
         false,
         5,
         false},
        {"another log, perhaps",
         PART_RUNNING,
         {.end = 5, .verify = true},
         {.append_ms = 1000},
         true,
         false,
         5,
         false},
        {"waiting",
         PART_WAITING,
         {.end = 5},
         {.append_ms = 1000},
         true,
         false,
         5,
         false},
        {"working",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000},
         false,
         false,
         5,
         false},
        {"no append time",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 0},
         true,
         false,
         5,
         false},
        {"not acknowledged",
         PART_RUNNING,
         {.end = 5},
         {.append_ms = 1000, .failed = 1},
         true,
         false,
         5,
         false},
    };
    static const struct stage_ops ops = {.clock = note_clock,
                                         .watermark_ms = watermark};
    static const struct stage_plan plan = {.ops = &ops};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct part part = rows[i].part;
        struct delivery announcement = rows[i].announcement;
        part.phase = rows[i].phase;
        part.read.offset = 5;
        part.watermark_ms = part.done_watermark_ms = 100;
        struct stage stage = {.plan = &plan,
                              .parts = &part,
                              .announcement = &announcement,
                              .clock_wanted = rows[i].wanted};
        memset(&fake, 0, sizeof fake);
        fake.answers = !rows[i].silent;
        fake.high = rows[i].high;
        fake.empty = rows[i].believed;
        use_kafka_clock(&stage);
        cr_assert_eq(fake.n_clock, rows[i].believed, "%s", rows[i].what);
        cr_assert_eq(fake.n_closed, rows[i].believed, "%s", rows[i].what);
        cr_assert_eq(fake.clock_ms, rows[i].believed ? 1000 : 0);
        cr_assert_eq(part.watermark_ms, rows[i].believed ? 900 : 100);
        cr_assert_eq(part.done_watermark_ms, 100,
                     "said before it is committed");
    }
}
