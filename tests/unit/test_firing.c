/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with a firing: the earliest names that fit, one spelling. */
#include <criterion/criterion.h>

#include "base/buf.h"
#include "model/firing.h"

#include <stdio.h>
#include <string.h>

static struct firing firing, again;

static void
begin(void)
{
    firing = (struct firing){
        .topic = STR("endpoint-alerts"), .partition = 3, .kinds = 5};
}

static void
name(int64_t first_ms, uint8_t set, const char *text)
{
    firing.name[firing.n_names++] =
        (struct firing_name){first_ms, set, str_of(text)};
}

Test(firing, what_is_written_is_read_in_order_of_time)
{
    struct buf buf = {0}, twice = {0};
    begin();
    name(20, FIRING_users, "an");
    name(10, FIRING_addresses, "10.0.0.1");
    name(10, FIRING_hosts, "pc-2");
    name(10, FIRING_hosts, "pc-1");
    firing_write(&buf, &firing);
    cr_assert(firing_read(buf_str(&buf), &again));
    cr_expect(str_equal(again.topic, STR("endpoint-alerts")));
    cr_expect_eq(again.partition, 3);
    cr_expect_eq(again.kinds, 5u);
    cr_assert_eq(again.n_names, 4u);
    cr_expect(str_equal(again.name[0].text, STR("pc-1")));
    cr_expect(str_equal(again.name[1].text, STR("pc-2")));
    cr_expect_eq(again.name[2].set, FIRING_addresses);
    cr_expect_eq(again.name[3].first_ms, 20);
    firing_write(&twice, &again);
    cr_expect(str_equal(buf_str(&buf), buf_str(&twice)));
    buf_free(&buf);
    buf_free(&twice);
}

Test(firing, of_too_many_names_the_earliest_are_kept)
{
    static char text[MAX_FIRING_NAMES][64];
    struct buf buf = {0};
    begin();
    for (int i = 0; i < MAX_FIRING_NAMES; i++) {
        snprintf(text[i], sizeof text[i], "%050d", i);
        name(MAX_FIRING_NAMES - i, FIRING_hosts, text[i]);
    }
    firing_write(&buf, &firing);
    cr_expect_leq(buf.len, (size_t)MAX_FIRING_NAMES_BYTES);
    cr_expect_gt(buf.len, (size_t)MAX_FIRING_NAMES_BYTES - 64);
    cr_assert(firing_read(buf_str(&buf), &again));
    cr_expect_lt(again.n_names, (size_t)MAX_FIRING_NAMES);
    for (size_t i = 0; i < again.n_names; i++)
        cr_expect_eq(again.name[i].first_ms, (int64_t)i + 1);
    buf_free(&buf);
}

Test(firing, anything_else_is_refused)
{
    struct buf buf = {0};
    begin();
    name(10, FIRING_hosts, "a");
    name(20, FIRING_hosts, "b");
    firing_write(&buf, &firing);
    for (size_t len = 0; len < buf.len; len++)
        cr_expect_not(firing_read((struct str){buf.at, len}, &again), "%zu",
                      len);
    /* times out of order: the first name's becomes the later one */
    size_t at = 1 + 4 + 2 + firing.topic.len + 4 + 2 + 1;
    buf.at[at] = 30;
    cr_expect_not(firing_read(buf_str(&buf), &again));
    buf.at[at] = 10;
    cr_expect(firing_read(buf_str(&buf), &again));
    buf.at[at - 1] = N_FIRING_SETS;
    cr_expect_not(firing_read(buf_str(&buf), &again));
    buf.at[at - 1] = FIRING_hosts;
    buf.at[0] = 2;
    cr_expect_not(firing_read(buf_str(&buf), &again), "another version");
    buf_free(&buf);
}
