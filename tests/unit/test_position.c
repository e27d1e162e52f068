/* SPDX-License-Identifier: Apache-2.0
 *
 * Positions: their one spelling. */
#include <criterion/criterion.h>

#include "model/position.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

Test(position, what_is_written_reads_back)
{
    static const struct {
        struct position position;
        const char *text;
    } rows[] = {
        {{{"server-alerts", 13}, 7, 1, 4711, 2}, "server-alerts/7/1/4711/2"},
        {{{"t", 1}, 0, 0, 0, 0}, "t/0/0/0/0"},
        {{{"a/b", 3}, INT32_MAX, UINT32_MAX, INT64_MAX, UINT32_MAX},
         "a/b/2147483647/4294967295/9223372036854775807/4294967295"},
    };
    struct buf buf = {0};
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        const struct position *want = &rows[i].position;
        struct position got;
        buf_clear(&buf);
        buf_position(&buf, want);
        cr_expect(str_equal(buf_str(&buf), str_of(rows[i].text)), "row %zu", i);
        cr_assert(position_from(buf_str(&buf), &got), "row %zu", i);
        cr_expect(str_equal(got.topic, want->topic), "row %zu", i);
        cr_expect_eq(got.partition, want->partition, "row %zu", i);
        cr_expect_eq(got.incarnation, want->incarnation, "row %zu", i);
        cr_expect_eq(got.offset, want->offset, "row %zu", i);
        cr_expect_eq(got.index, want->index, "row %zu", i);
    }
    buf_free(&buf);
}

Test(position, another_spelling_is_no_position)
{
    static const char *const rows[] = {
        "",
        "/",
        "////",
        "t",
        "t/0/0/0",
        "/0/0/0/0",
        "0/0/0/0",
        "t/0/0/0/",
        "t/0/0/0/0/",
        "t/0/0/0/0 ",
        "t/0/0/0/00",
        "t/0/0/007/0",
        "t/-1/0/0/0",
        "t/-0/0/0/0",
        "t/0/0/+1/0",
        "t/0/0/-1/0",
        "t/0/0/1.0/0",
        "t//0/0/0",
        "t/2147483648/0/0/0",
        "t/0/4294967296/0/0",
        "t/0/0/9223372036854775808/0",
        "t/0/0/0/4294967296",
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct position position = {.offset = 4711};
        cr_expect_not(position_from(str_of(rows[i]), &position),
                      "row %zu: '%s'", i, rows[i]);
        cr_expect_eq(position.offset, 4711, "row %zu", i);
    }
}

Test(position, one_that_does_not_fit_is_dropped_whole)
{
    struct buf buf = {.max_bytes = 8};
    struct position position = {.topic = STR("t")};
    buf_position(&buf, &position);
    cr_expect(buf.full);
    cr_expect_eq(buf.len, 0);
    buf_free(&buf);
}
