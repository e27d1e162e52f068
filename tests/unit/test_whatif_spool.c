/* SPDX-License-Identifier: Apache-2.0
 *
 * Recorded alerts out of the spool: by time, each once, with every byte. */
#include "daemon/whatif_spool.h"

#include "base/times.h"
#include "model/window_event.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct recorded
alert_of(int64_t event_ms, int64_t offset)
{
    return (struct recorded){
        .event_ms = event_ms,
        .arrival_ms = event_ms + 7,
        .position = {STR("endpoint-alerts"), 3, 2, offset, 5},
        .alert_id = STR("ajiant:1"),
        .raw = STR("{\"a\":\"\xc4\x91\"}"),
        .windows = STR("0123456789abcdeffedcba9876543210"),
    };
}

static struct whatif_spool *
spool_open(void)
{
    struct err why = {""};
    struct whatif_spool *spool = whatif_spool_new("/tmp", &why);
    cr_assert(spool, "%s", why.text);
    return spool;
}

Test(whatif_spool, gives_what_it_was_given)
{
    struct err why;
    struct whatif_spool *spool = spool_open();
    struct recorded in = alert_of(-5, 9), out;
    char *large = malloc(3 << 20);
    memset(large, 'x', 3 << 20);
    in.late = true;
    cr_assert(whatif_spool_add(spool, &in, &why));
    in = alert_of(7, 10);
    in.raw = (struct str){large, 3 << 20};
    in.from_arrival = true;
    cr_assert(whatif_spool_add(spool, &in, &why));
    cr_assert(whatif_spool_sort(spool, &why));
    cr_assert_eq(whatif_spool_next(spool, &out, &why), SPOOL_ONE);
    cr_expect_eq(out.event_ms, -5);
    cr_expect_eq(out.arrival_ms, 2);
    cr_expect(out.late && !out.from_arrival);
    in = alert_of(-5, 9);
    cr_expect_eq(position_compare(&out.position, &in.position), 0);
    cr_expect(str_equal(out.alert_id, in.alert_id));
    cr_expect(str_equal(out.raw, in.raw));
    cr_expect(str_equal(out.windows, in.windows));
    cr_assert_eq(whatif_spool_next(spool, &out, &why), SPOOL_ONE);
    cr_expect(!out.late && out.from_arrival);
    cr_expect_eq(out.raw.len, (size_t)3 << 20);
    cr_expect_eq(memcmp(out.raw.at, large, out.raw.len), 0);
    cr_expect_eq(whatif_spool_next(spool, &out, &why), SPOOL_END);
    whatif_spool_free(spool);
    free(large);
}

Test(whatif_spool, is_by_time_in_whatever_order_alerts_came)
{
    enum { N = 5000 };
    struct err why;
    struct whatif_spool *spool = spool_open();
    struct recorded out;
    int64_t before = INT64_MIN;
    for (int i = 0; i < N; i++) {
        struct recorded in = alert_of((int64_t)i * 7919 % N, i);
        cr_assert(whatif_spool_add(spool, &in, &why));
    }
    cr_assert(whatif_spool_sort(spool, &why));
    for (int i = 0; i < N; i++) {
        cr_assert_eq(whatif_spool_next(spool, &out, &why), SPOOL_ONE);
        cr_assert_gt(out.event_ms, before);
        cr_assert_eq(out.position.offset * 7919 % N, out.event_ms);
        before = out.event_ms;
    }
    cr_expect_eq(whatif_spool_next(spool, &out, &why), SPOOL_END);
    cr_expect_eq(whatif_spool_repeats(spool), 0);
    whatif_spool_free(spool);
}

/* What the service writes again after a crash has the same position; another
 * alert of the same time has another. */
Test(whatif_spool, gives_each_position_once)
{
    struct err why;
    struct whatif_spool *spool = spool_open();
    struct recorded out;
    for (int i = 0; i < 12; i++) {
        struct recorded in = alert_of(1000, i % 4);
        cr_assert(whatif_spool_add(spool, &in, &why));
    }
    cr_assert(whatif_spool_sort(spool, &why));
    unsigned seen = 0;
    while (whatif_spool_next(spool, &out, &why) == SPOOL_ONE)
        seen = seen << 4 | (unsigned)out.position.offset;
    unsigned offsets = 0;
    for (unsigned rest = seen; rest > 0; rest >>= 4)
        offsets |= 1u << (rest & 15);
    cr_expect_eq(offsets, 0xfu);
    cr_expect_lt(seen, 1u << 16, "four alerts");
    cr_expect_eq(whatif_spool_repeats(spool), 8);
    whatif_spool_free(spool);
}

Test(whatif_spool, is_empty_when_nothing_was_added)
{
    struct err why;
    struct whatif_spool *spool = spool_open();
    struct recorded out;
    cr_assert(whatif_spool_sort(spool, &why));
    cr_expect_eq(whatif_spool_next(spool, &out, &why), SPOOL_END);
    whatif_spool_free(spool);
}

Test(whatif_spool, says_where_there_is_no_room)
{
    struct err why;
    cr_expect_null(whatif_spool_new("/nowhere/at/all", &why));
    cr_expect(strstr(why.text, "/nowhere/at/all"), "%s", why.text);
    cr_expect(strstr(why.text, "TMPDIR"));
}
