/* SPDX-License-Identifier: Apache-2.0
 *
 * Binary records, and the pool that windows live in. */
#include <criterion/criterion.h>

#include "base/pool.h"
#include "base/wire.h"

#include <string.h>

Test(wire, what_is_put_is_got_in_little_endian)
{
    struct buf buf = {0};
    wire_put(&buf, 0x0102, 2);
    wire_put(&buf, UINT64_C(0x1122334455667788), 8);
    wire_put_i64(&buf, -5);
    wire_put_text(&buf, STR("abc"), 2);
    wire_put_digest(&buf, (struct digest){{7, 9}});
    cr_assert_eq(buf.at[0], 2);
    cr_assert_eq(buf.at[1], 1);
    struct wire wire = {buf_str(&buf), false};
    cr_expect_eq(wire_get(&wire, 2), 0x0102u);
    cr_expect_eq(wire_get(&wire, 8), UINT64_C(0x1122334455667788));
    cr_expect_eq(wire_get_i64(&wire), -5);
    cr_expect(str_equal(wire_get_text(&wire, 2), STR("abc")));
    struct digest digest = wire_get_digest(&wire);
    cr_expect(digest.half[0] == 7 && digest.half[1] == 9);
    cr_expect(wire_end(&wire));
    buf_free(&buf);
}

Test(wire, reading_past_the_end_is_wrong_and_stays_wrong)
{
    struct wire wire = {STR("\5\0abc"), false};
    cr_expect(!wire_get_text(&wire, 2).at);
    cr_expect(wire.wrong);
    cr_expect_eq(wire_get(&wire, 1), 0u, "nothing more is read");
    cr_expect_not(wire_end(&wire));
    wire = (struct wire){STR("\7"), false};
    cr_expect_eq(wire_get_max(&wire, 1, 6), 0u);
    cr_expect(wire.wrong);
    wire = (struct wire){STR("ab"), false};
    wire_get(&wire, 1);
    cr_expect_not(wire_end(&wire), "something is left");
}

Test(wire, a_text_too_long_for_its_length_marks_the_buffer_full)
{
    struct buf buf = {0};
    static char text[300];
    wire_put_text(&buf, (struct str){text, sizeof text}, 1);
    cr_expect(buf.full);
    cr_expect_eq(buf.len, 0u);
    buf_free(&buf);
}

Test(pool, blocks_given_back_are_used_again)
{
    struct pool *pool = pool_new(1 << 20);
    char *block[100];
    size_t held = 0;
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < 100; i++) {
            size_t bytes = 1 + i * 13;
            block[i] = pool_take(pool, &bytes);
            cr_assert(block[i] && bytes >= 1 + i * 13);
            cr_assert_eq((uintptr_t)block[i] % 16, 0u);
            memset(block[i], (int)i, bytes);
        }
        for (size_t i = 0; i < 100; i++) {
            cr_assert_eq(block[i][i * 13], (char)i, "blocks overlap");
            pool_give(pool, block[i], 1 + i * 13);
        }
        cr_assert_eq(pool_used(pool), 0u);
        if (round == 0)
            held = pool_held(pool);
        cr_assert_eq(pool_held(pool), held, "round %d asked for more", round);
    }
    cr_expect_eq(pool_held(pool) + pool_left(pool), (size_t)1 << 20);
    pool_free(pool);
}

Test(pool, what_is_taken_is_at_most_half_as_much_again)
{
    struct pool *pool = pool_new((size_t)64 << 20);
    for (size_t want = 32; want < (size_t)1 << 20; want += want / 7 + 1) {
        size_t bytes = want;
        void *block = pool_take(pool, &bytes);
        cr_assert(block && bytes <= want + want / 2 + 16, "%zu: %zu", want,
                  bytes);
        pool_give(pool, block, want);
    }
    pool_free(pool);
}

Test(pool, a_pool_that_is_spent_says_so)
{
    struct pool *pool = pool_new(4096);
    size_t bytes = 4096, more = 1, huge = (size_t)5 << 20;
    void *block = pool_take(pool, &bytes);
    cr_assert(block);
    cr_expect_null(pool_take(pool, &more));
    pool_give(pool, block, bytes);
    bytes = 4000;
    cr_expect(pool_take(pool, &bytes) == block);
    cr_expect_null(pool_take(pool, &huge));
    pool_give(pool, NULL, 32);
    pool_free(pool);
}
