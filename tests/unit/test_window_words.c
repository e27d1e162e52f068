/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a window is open and when it is decided, as `windows show` says it. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "daemon/window_words.h"

/* 2024-03-01 02:00:00 at UTC+7 */
static const int64_t T = INT64_C(1709233200000);
enum { MINUTE = 60000 };

static const struct correlation count = {
    .type = EVENT_COUNT, .threshold = 20, .timespan_ms = 10 * MINUTE};
static const struct correlation values = {
    .type = VALUE_COUNT,
    .threshold = 3,
    .timespan_ms = 90 * MINUTE,
    .value_field = {{"user", 4}, {"port", 4}},
    .n_value_fields = 2};
static const struct correlation ordered = {
    .type = TEMPORAL_ORDERED, .threshold = 2, .timespan_ms = 500};

static const struct incident open_one = {
    .state = INCIDENT_OPEN, .fired_ms = INT64_C(1709233200000) + 5 * MINUTE};
static const struct incident closed = {.state = INCIDENT_CLOSED};

#define AT(minutes) (INT64_C(1709233200000) + (minutes)*MINUTE)

static const struct {
    struct window_view view;
    int64_t watermark_ms;
    const char *words;
} rows[] = {
    {{.rule = &count,
      .have = 7,
      .last_ms = AT(31),
      .close_ms = NO_TIME,
      .sweep_ms = AT(41)},
     AT(32) + 12000,
     "have 7 of 20 events in the 10m up to 02:31:00; without more it is let go "
     "when the watermark passes 02:41:00; the watermark is 02:32:12, 8m48s "
     "before that"},
    {{.rule = &values,
      .have = 3,
      .last_ms = AT(6),
      .close_ms = AT(96),
      .sweep_ms = AT(97),
      .n_open = 1,
      .incidents = &open_one,
      .n_incidents = 1},
     AT(0),
     "have 3 of 3 different user + port in the 1h30m up to 02:06:00; 1 "
     "incident "
     "open since 02:05:00, closes when the watermark passes 03:36:00; the "
     "watermark is 02:00:00, 1h36m before that"},
    {{.rule = &count,
      .have = 1,
      .last_ms = AT(6),
      .close_ms = NO_TIME,
      .sweep_ms = AT(16),
      .incidents = &closed,
      .n_incidents = 1},
     AT(15),
     "have 1 of 20 events in the 10m up to 02:06:00; decided, its incidents "
     "are "
     "closed; let go when the watermark passes 02:16:00; the watermark is "
     "02:15:00, 1m before that"},
    {{.rule = &ordered,
      .have = 1,
      .last_ms = AT(6),
      .close_ms = NO_TIME,
      .sweep_ms = AT(6) + 500,
      .approximate = true},
     AT(7),
     "have 1 of 2 rules in order in the 500ms up to 02:06:00 (it was cut: "
     "there "
     "may have been more); without more it is let go when the watermark passes "
     "02:06:00; the watermark is 02:07:00, past it: with the next record"},
    {{.rule = &count,
      .have = 1,
      .last_ms = AT(6),
      .close_ms = NO_TIME,
      .sweep_ms = AT(16)},
     NO_TIME,
     "have 1 of 20 events in the 10m up to 2024-03-01 02:06:00; without more "
     "it "
     "is let go when the watermark passes 2024-03-01 02:16:00; there is no "
     "watermark yet: some source has not spoken"},
    {{.rule = &count,
      .have = 1,
      .last_ms = AT(6),
      .close_ms = NO_TIME,
      .sweep_ms = AT(16)},
     AT(-24 * 60),
     "have 1 of 20 events in the 10m up to 2024-03-01 02:06:00; without more "
     "it "
     "is let go when the watermark passes 2024-03-01 02:16:00; the watermark "
     "is "
     "02:00:00, 1d before that"},
    {{.rule = &count,
      .last_ms = NO_TIME,
      .close_ms = NO_TIME,
      .sweep_ms = NO_TIME},
     AT(0),
     "holds no event any more; without more it is let go when the watermark "
     "passes its events; the watermark is 02:00:00"},
};

Test(window_words, say_what_it_has_and_when_it_is_decided)
{
    cr_assert_eq(AT(0), T);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf words = {0};
        window_words(&words, &rows[i].view, rows[i].watermark_ms);
        cr_expect(str_equal(buf_str(&words), str_of(rows[i].words)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&words)));
        buf_free(&words);
    }
}
