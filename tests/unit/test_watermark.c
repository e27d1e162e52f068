/* SPDX-License-Identifier: Apache-2.0
 *
 * STREAM 11 and 12, and that a watermark is the same however it is stored. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "ingest/watermark.h"

enum { LATENESS = 600000 };

static void
see(struct watermark *w, const char *host, int64_t arrival, int64_t event)
{
    watermark_see(w, str_of(host), arrival, event);
    watermark_raise(w, LATENESS);
}

Test(watermark, stream_rule_11_is_arrival_less_delay_less_lateness)
{
    struct watermark w;
    watermark_clear(&w);
    see(&w, "a", 10000000, 9990000);
    cr_assert_eq(w.now_ms, 10000000 - 10000 - LATENESS);
}

Test(watermark, stream_rule_11_one_host_with_a_wrong_clock_does_not_move_it)
{
    struct watermark w;
    watermark_clear(&w);
    see(&w, "a", 10000000, 9990000);
    see(&w, "b", 10000000, 9990000);
    see(&w, "c", 10000000, 9990000);
    int64_t before = w.now_ms;
    for (int i = 0; i < 100; i++)
        see(&w, "mad", 10000000, 10000000 + 299000);
    cr_assert_eq(w.now_ms, before, "a host ahead of its time moved W");
}

Test(watermark, stream_rule_11_two_hosts_cannot_move_it_either)
{
    struct watermark w;
    watermark_clear(&w);
    see(&w, "a", 10000000, 9000000);
    see(&w, "b", 10000000, 9000000);
    see(&w, "c", 10000000, 9000000);
    int64_t before = w.now_ms;
    see(&w, "mad", 10000000, 10000000);
    see(&w, "madder", 10000000, 10000000);
    cr_assert_eq(w.now_ms, before);
    see(&w, "third", 10000000, 10000000);
    cr_assert_eq(w.now_ms, 10000000 - LATENESS);
}

Test(watermark, stream_rule_11_a_host_that_fell_off_the_list_comes_back)
{
    struct watermark w;
    watermark_clear(&w);
    const char *hosts[] = {"a", "b", "c", "d", "e"};
    for (int64_t t = 1; t <= 50; t++)
        see(&w, hosts[t % 5], 1000000 + t * 1000, 1000000 + t * 1000);
    /* the third newest arrival over distinct hosts is that of t = 48 */
    cr_assert_eq(w.now_ms, 1000000 + 48 * 1000 - LATENESS);
}

Test(watermark, stream_rule_11_never_falls)
{
    struct watermark w;
    watermark_clear(&w);
    int64_t last = NO_TIME;
    for (uint64_t i = 0, x = 1; i < 10000; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        char host[] = {(char)('a' + (x >> 33) % 7), '\0'};
        int64_t arrival = (int64_t)(x >> 40);
        see(&w, host, arrival, arrival - (int64_t)(x >> 20 & 0xffff));
        cr_assert_geq(w.now_ms, last);
        last = w.now_ms;
    }
}

Test(watermark, stream_rule_12_kafka_clock_only_raises)
{
    struct watermark w;
    watermark_clear(&w);
    watermark_clock(&w, 99999999, LATENESS);
    cr_assert_eq(w.now_ms, NO_TIME, "nothing is known yet");
    see(&w, "a", 10000000, 9990000);
    watermark_clock(&w, 20000000, LATENESS);
    cr_assert_eq(w.now_ms, 20000000 - 10000 - LATENESS);
    watermark_clock(&w, 15000000, LATENESS);
    cr_assert_eq(w.now_ms, 20000000 - 10000 - LATENESS);
}

Test(watermark, is_the_same_after_writing_and_reading)
{
    struct watermark w, back;
    watermark_clear(&w);
    const char *hosts[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++) {
        struct buf text = {0}, again = {0};
        watermark_write(&text, &w);
        cr_assert(watermark_read(buf_str(&text), &back));
        watermark_write(&again, &back);
        cr_assert(str_equal(buf_str(&text), buf_str(&again)));
        buf_free(&text);
        buf_free(&again);
        see(&w, hosts[i], 1000 * i, 900 * i);
    }
    cr_assert_not(watermark_read(STR("2 0 0 0 0"), &back));
    cr_assert_not(watermark_read(STR("1 0 0 4 0"), &back));
    cr_assert_not(watermark_read(STR("1 0 0 0 0 x"), &back));
    cr_assert_not(watermark_read(STR(""), &back));
}
