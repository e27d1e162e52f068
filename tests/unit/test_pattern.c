/* SPDX-License-Identifier: Apache-2.0
 *
 * Values with wildcards against another way to decide them: a walk over both
 * that tries everything. */
#include "correlate/pattern.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena arena;

/* Token by token: what Sigma's text says, nothing else. */
static bool
tries(struct str value, struct str text)
{
    if (value.len == 0)
        return text.len == 0;
    char c = value.at[0];
    struct str rest = str_cut(value, 1, value.len);
    if (c == '*') {
        for (size_t i = 0; i <= text.len; i++)
            if (tries(rest, str_cut(text, i, text.len)))
                return true;
        return false;
    }
    if (text.len == 0)
        return false;
    if (c == '?')
        return tries(rest, str_cut(text, 1, text.len));
    if (c == '\\' && rest.len > 0 &&
        (rest.at[0] == '*' || rest.at[0] == '?' || rest.at[0] == '\\')) {
        c = rest.at[0];
        rest = str_cut(rest, 1, rest.len);
    }
    return c == text.at[0] && tries(rest, str_cut(text, 1, text.len));
}

static bool
matches(struct str value, enum wrap wrap, unsigned flags, struct str text)
{
    struct arena rest = arena;
    struct pattern pattern;
    cr_assert(pattern_make(&pattern, value, wrap, flags, &rest));
    return pattern_match(&pattern, pattern_text(text, flags, &rest));
}

static struct str
random_text(char *at, const char *letters, size_t n_letters, unsigned *seed)
{
    size_t len = (size_t)rand_r(seed) % 9;
    for (size_t i = 0; i < len; i++)
        at[i] = letters[(size_t)rand_r(seed) % n_letters];
    return (struct str){at, len};
}

Test(pattern, agrees_with_trying_everything)
{
    static const char letters[] = "ab*?\\";
    unsigned seed = 20240917;
    size_t n_true = 0;
    printf("seed %u\n", seed);
    arena = arena_reserve(1 << 20);
    for (int i = 0; i < 300000; i++) {
        char a[16], b[16], wrapped[32];
        struct str value = random_text(a, letters, 5, &seed);
        struct str text = random_text(b, letters, i % 2 ? 5 : 2, &seed);
        enum wrap wrap = (enum wrap)(i % 4);
        bool front = wrap == WRAP_ENDS || wrap == WRAP_CONTAINS;
        bool back = wrap == WRAP_STARTS || wrap == WRAP_CONTAINS;
        /* a backslash at the end would escape the star put behind it */
        if (back && value.len > 0 && value.at[value.len - 1] == '\\')
            continue;
        int len = snprintf(wrapped, sizeof wrapped, "%s%.*s%s",
                           front ? "*" : "", STR_ARG(value), back ? "*" : "");
        bool want = tries((struct str){wrapped, (size_t)len}, text);
        n_true += want;
        cr_assert_eq(matches(value, wrap, PATTERN_CASED, text), want,
                     "'%.*s' wrap %d in '%.*s'", STR_ARG(value), (int)wrap,
                     STR_ARG(text));
    }
    cr_expect_gt(n_true, 20000);
    arena_release(arena.at, arena);
}

Test(pattern, a_question_mark_is_one_code_point)
{
    arena = arena_reserve(1 << 20);
    cr_expect(matches(STR("a?b"), WRAP_NONE, 0, STR("AếB")));
    cr_expect(matches(STR("??"), WRAP_ENDS, 0, STR("x😀ế")));
    cr_expect(matches(STR("*?ế"), WRAP_NONE, 0, STR("Ếế")));
    cr_expect_not(matches(STR("???"), WRAP_NONE, 0, STR("😀ế")));
    cr_expect_not(matches(STR("????"), WRAP_NONE, 0, STR("😀")));
    arena_release(arena.at, arena);
}

Test(pattern, a_literal_has_no_wildcards)
{
    arena = arena_reserve(1 << 20);
    cr_expect(matches(STR("a*"), WRAP_NONE, PATTERN_LITERAL, STR("A*")));
    cr_expect_not(matches(STR("a*"), WRAP_NONE, PATTERN_LITERAL, STR("ab")));
    cr_expect(pattern_has_wildcards(STR("a?")));
    cr_expect_not(pattern_has_wildcards(STR("a\\?\\*")));
    arena_release(arena.at, arena);
}

/* A value of many parts on a text that nearly has them all. */
Test(pattern, many_stars_cost_no_more_than_their_number)
{
    static char value[2000], text[1 << 20];
    arena = arena_reserve((size_t)64 << 20);
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = i % 2 ? '*' : 'a';
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'a';
    cr_expect(matches((struct str){value, sizeof value}, WRAP_NONE, 0,
                      (struct str){text, sizeof text}));
    value[sizeof value - 1] = 'b';
    cr_expect_not(matches((struct str){value, sizeof value}, WRAP_NONE, 0,
                          (struct str){text, sizeof text}));
    arena_release(arena.at, arena);
}
