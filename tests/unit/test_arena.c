/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena: what it hands out, and that it never hands out too much. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/arena.h"

Test(arena, what_is_taken_is_aligned_and_zeroed_though_used_before)
{
    struct arena arena = arena_reserve(4096);
    char *start = arena.at;
    struct arena scratch = arena;
    memset(arena_take_raw(&scratch, 1, 4096), 0xff, 4096);
    for (size_t size = 1; size < 40; size++) {
        unsigned char *at = arena_take(&arena, 1, size);
        cr_assert_not_null(at);
        cr_expect_eq((uintptr_t)at % 16, 0, "size %zu", size);
        for (size_t i = 0; i < size; i++) {
            cr_expect_eq(at[i], 0, "size %zu byte %zu", size, i);
        }
    }
    arena_release(start, arena);
}

Test(arena, it_is_full_at_the_last_byte_and_not_before)
{
    struct arena arena = arena_reserve(64);
    char *start = arena.at;
    cr_expect_not_null(arena_take(&arena, 3, 16));
    cr_expect_null(arena_take(&arena, 1, 17));
    cr_expect_not_null(arena_take(&arena, 1, 16));
    cr_expect_null(arena_take(&arena, 1, 1));
    arena_release(start, arena);
}

Test(arena, a_product_that_overflows_is_refused)
{
    struct arena arena = arena_reserve(64);
    char *start = arena.at;
    cr_expect_null(arena_take(&arena, SIZE_MAX / 2 + 1, 2));
    cr_expect_null(arena_take(&arena, SIZE_MAX, 1));
    cr_expect_eq(arena.at, start);
    arena_release(start, arena);
}

Test(arena, one_that_the_kernel_refused_gives_nothing)
{
    struct arena arena = arena_reserve(SIZE_MAX / 2);
    cr_expect_null(arena.at);
    cr_expect_null(arena_take(&arena, 1, 1));
    cr_expect_null(arena_take(&arena, 0, 0));
    cr_expect_null(arena_copy(&arena, STR("")).at);
    cr_expect_null(arena_format(&arena, "%d", 1).at);
    arena_release(NULL, arena);
}

Test(arena, a_copy_ends_in_a_nul_and_does_not_fit_without_it)
{
    struct arena arena = arena_reserve(8);
    char *start = arena.at;
    struct arena scratch = arena;
    cr_expect_null(arena_copy(&scratch, STR("12345678")).at);
    struct str copy = arena_copy(&scratch, STR("1234567"));
    cr_expect_str_eq(copy.at, "1234567");
    cr_expect_eq(copy.len, 7);
    cr_expect_null(arena_copy(&scratch, NO_STR).at);
    copy = arena_copy(&arena, NO_STR);
    cr_expect_not_null(copy.at);
    cr_expect_eq(copy.len, 0);
    arena_release(start, arena);
}

Test(arena, a_formatted_text_that_does_not_fit_is_not_cut)
{
    struct arena arena = arena_reserve(8);
    char *start = arena.at;
    cr_expect_null(arena_format(&arena, "%d", 12345678).at);
    cr_expect_eq(arena.at, start);
    cr_expect_str_eq(arena_format(&arena, "%d", 1234567).at, "1234567");
    arena_release(start, arena);
}

Test(arena, what_a_callee_takes_from_a_copy_is_given_back)
{
    struct arena arena = arena_reserve(4096);
    char *start = arena.at;
    struct arena scratch = arena;
    arena_take(&scratch, 1, 100);
    cr_expect_eq(arena.at, start);
    arena_release(start, arena);
}
