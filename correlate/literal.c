/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are searched folded, as they are for tests that do not look at letter
 * case. A pattern of one segment, which is most of them, is decided by its
 * text and where it stands. Of any other the longest stretch is taken that
 * every value it matches contains, folded: no wildcard in it, no dash where
 * five of them are one. Folding goes letter by letter, so a text that stands
 * in a value stands folded in the folded value. */
#include "correlate/literal.h"

#include "base/unicode.h"

#include <string.h>

#define ANY_CHAR '\xff'

static bool
same_segments(const struct pattern *a, const struct pattern *b)
{
    bool same = a->n_segments == b->n_segments;
    for (uint32_t i = 0; same && i < a->n_segments; i++)
        same = str_equal(a->segment[i].text, b->segment[i].text);
    return same;
}

/* The longest part of `text` without the bytes that stand for several. */
static struct str
longest_part(struct str text, bool dashes)
{
    struct str longest = {text.at, 0};
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.at[i] != ANY_CHAR &&
            !(dashes && text.at[i] == '-'))
            continue;
        if (i - from > longest.len)
            longest = str_cut(text, from, i);
        from = i + 1;
    }
    return longest;
}

/* How much finding it tells: its length, but for what ends most names of
 * programs. */
static size_t
worth(struct str part)
{
    static const struct str endings[] = {{".exe", 4}, {".dll", 4}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_equal(part, endings[i]))
            return 1;
    return part.len;
}

static struct str
longest_of_all(const struct pattern *pattern)
{
    struct str longest = NO_STR;
    for (uint32_t i = 0; i < pattern->n_segments; i++) {
        struct str part = longest_part(pattern->segment[i].text,
                                       pattern->flags & PATTERN_DASHES);
        if (worth(part) > worth(longest))
            longest = part;
    }
    return longest;
}

/* Whether the pattern is one text, at an end or anywhere. */
static bool
is_one_text(const struct pattern *pattern, struct literal *literal)
{
    uint32_t n = pattern->n_segments;
    const struct segment *first = &pattern->segment[0],
                         *last = &pattern->segment[n - 1];
    if (n > 3 || (n == 3 && (first->text.len > 0 || last->text.len > 0)) ||
        (n == 2 && first->text.len > 0 && last->text.len > 0))
        return false;
    const struct segment *one = n == 3                ? first + 1
                                : first->text.len > 0 ? first
                                                      : last;
    literal->text = one->text;
    literal->ends = (first->text.len > 0 || n == 1 ? AT_START : 0u) |
                    (last->text.len > 0 || n == 1 ? AT_END : 0u);
    return !one->has_any;
}

static struct literal
literal_of_pattern(const struct test *test, struct arena *arena)
{
    const struct pattern *pattern = &test->is.pattern.plain;
    unsigned flags = pattern->flags & ~(unsigned)PATTERN_LITERAL;
    struct literal literal = {.ends = 0};
    /* of a value that people write in two ways, each field wants its own */
    if (!same_segments(pattern, &test->is.pattern.composed))
        return literal;
    if (flags == 0 && is_one_text(pattern, &literal)) {
        literal.decides = true;
        return literal;
    }
    struct str part = longest_of_all(pattern);
    literal = (struct literal){.text = part};
    if (part.at && (flags & PATTERN_CASED))
        literal.text = str_fold(part, arena);
    return literal;
}

struct literal
literal_of(const struct test *test, struct arena *arena)
{
    struct literal literal = {.ends = 0};
    if (test->type == TEST_PATTERN)
        literal = literal_of_pattern(test, arena);
    else if (test->type == TEST_REGEX)
        literal.text = regex_literal(regex_text(test->is.regex), arena);
    return literal;
}

struct str
literal_framed(const struct literal *literal, struct arena *arena)
{
    size_t at_start = literal->ends & AT_START ? 1 : 0;
    size_t at_end = literal->ends & AT_END ? 1 : 0;
    struct str text = literal->text;
    char *at = arena_take_raw(arena, text.len + 2 + FRAME_SLACK, 1);
    if (!at)
        return NO_STR;
    at[0] = FRAME;
    memcpy(at + at_start, text.at, text.len);
    memset(at + at_start + text.len, 0, FRAME_SLACK);
    at[at_start + text.len] = at_end ? FRAME : '\0';
    return (struct str){at, at_start + text.len + at_end};
}
