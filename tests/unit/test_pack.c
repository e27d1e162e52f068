/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs: several records as one Kafka message. */
#include <criterion/criterion.h>

#include "base/pack.h"
#include "base/wire.h"

#include <string.h>

static struct str
packed(struct buf *buf, size_t n, const char *const text[])
{
    buf_clear(buf);
    for (size_t i = 0; i < n; i++)
        pack_add(buf, str_of(text[i]));
    return buf_str(buf);
}

Test(pack, gives_back_what_was_put_in_in_its_order)
{
    const char *const text[] = {"window 2\nabc", "", "progress 2\n"};
    struct buf buf = {0};
    struct str pack = packed(&buf, 3, text), record;
    cr_assert(pack_is(pack));
    cr_assert(pack_check(pack));
    struct str rest = pack_records(pack);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(pack_next(&rest, &record), "record %zu", i);
        cr_expect(str_equal(record, str_of(text[i])));
    }
    cr_expect_not(pack_next(&rest, &record));
    buf_free(&buf);
}

Test(pack, a_record_that_begins_otherwise_is_none)
{
    cr_expect_not(pack_is(STR("window 2\n")));
    cr_expect_not(pack_is(STR("pack 2\n")));
    cr_expect_not(pack_is(STR("")));
}

Test(pack, one_that_is_cut_anywhere_is_refused)
{
    const char *const text[] = {"first", "second record"};
    struct buf buf = {0};
    struct str pack = packed(&buf, 2, text);
    size_t whole_first = sizeof "pack 1\n" - 1 + 4 + strlen("first");
    for (size_t len = 0; len < pack.len; len++)
        cr_expect_eq(pack_check(str_cut(pack, 0, len)), len == whole_first,
                     "cut after %zu bytes", len);
    buf_free(&buf);
}

Test(pack, lengths_past_the_end_are_refused)
{
    struct buf buf = {0};
    buf_add(&buf, STR("pack 1\n"));
    wire_put(&buf, UINT32_MAX, 4);
    buf_add(&buf, STR("abc"));
    cr_expect_not(pack_check(buf_str(&buf)));
    buf_free(&buf);
}

Test(pack, holds_no_pack)
{
    const char *const inside[] = {"a"};
    struct buf inner = {0}, outer = {0};
    pack_add(&outer, packed(&inner, 1, inside));
    cr_expect_not(pack_check(buf_str(&outer)));
    buf_free(&inner);
    buf_free(&outer);
}
