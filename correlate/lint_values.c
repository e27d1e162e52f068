/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of one line against one another. One covers another when it holds
 * wherever the other does: in a list of which any will do the other is
 * useless, in one of which all must hold the one itself is. */
#include "correlate/lint_priv.h"

#include "base/table.h"

#include <string.h>

/* A wildcard inside the text of a covered pattern: any run, any character.
 * Neither byte is in UTF-8. */
#define ANY_RUN '\xfe'
#define ANY_CHAR '\xff'

enum { MAX_PAIRED = 1024, MAX_BYTES_PAIRED = 1 << 25 };

/* --- patterns */

static size_t
char_bytes(struct str text)
{
    size_t n = 1;
    while (n < text.len && ((unsigned char)text.at[n] & 0xc0) == 0x80)
        n++;
    return n;
}

/* Whether the segment stands at the front of `text`, `*n` bytes of it. What is
 * any character of the segment may be any character of the text, no run. */
static bool
stands(struct str segment, struct str text, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < segment.len; i++) {
        if (*n >= text.len || text.at[*n] == ANY_RUN)
            return false;
        if (segment.at[i] == ANY_CHAR)
            *n += char_bytes(str_cut(text, *n, text.len));
        else if (segment.at[i] == text.at[*n])
            *n += 1;
        else
            return false;
    }
    return true;
}

static bool
stands_somewhere(struct str segment, struct str *text)
{
    size_t n;
    if (segment.len == 0)
        return true;
    for (size_t at = 0; at < text->len; at++) {
        struct str rest = str_cut(*text, at, text->len);
        if (((unsigned char)rest.at[0] & 0xc0) != 0x80 &&
            stands(segment, rest, &n)) {
            *text = str_cut(rest, n, rest.len);
            return true;
        }
    }
    return false;
}

static bool
stands_at_end(const struct segment *segment, struct str text)
{
    size_t at = text.len, n;
    for (uint32_t i = 0; i < segment->n_chars; i++) {
        if (at == 0)
            return false;
        do
            at--;
        while (at > 0 && ((unsigned char)text.at[at] & 0xc0) == 0x80);
    }
    text = str_cut(text, at, text.len);
    return stands(segment->text, text, &n) && n == text.len;
}

/* The pattern as a text with its wildcards in it; cut off where `room` ends,
 * which NO_STR says. */
static struct str
pattern_as_text(const struct pattern *pattern, char *room, size_t size)
{
    size_t len = 0;
    for (uint32_t i = 0; i < pattern->n_segments; i++) {
        struct str text = pattern->segment[i].text;
        if (len + text.len + 1 > size)
            return NO_STR;
        if (i > 0)
            room[len++] = ANY_RUN;
        if (text.len > 0)
            memcpy(room + len, text.at, text.len);
        len += text.len;
    }
    return (struct str){room, len};
}

static bool
pattern_covers(const struct pattern *pattern, const struct pattern *other)
{
    char room[4096];
    unsigned of = ~(unsigned)PATTERN_LITERAL;
    struct str text = pattern_as_text(other, room, sizeof room);
    size_t n;
    if (!text.at || (pattern->flags & of) != (other->flags & of) ||
        !stands(pattern->segment[0].text, text, &n))
        return false;
    if (pattern->n_segments == 1)
        return n == text.len;
    text = str_cut(text, n, text.len);
    for (uint32_t i = 1; i + 1 < pattern->n_segments; i++)
        if (!stands_somewhere(pattern->segment[i].text, &text))
            return false;
    return stands_at_end(&pattern->segment[pattern->n_segments - 1], text);
}

/* --- tests */

static bool
number_covers(const struct test *test, const struct test *other)
{
    int order = decimal_compare(&other->is.number, &test->is.number);
    if (test->compare != other->compare || test->part != other->part)
        return false;
    switch (test->compare) {
    case COMPARE_LT:
    case COMPARE_LTE:
        return order <= 0;
    case COMPARE_GT:
    case COMPARE_GTE:
        return order >= 0;
    case COMPARE_EQ:
        break;
    }
    return order == 0;
}

static bool
prefix_covers(const struct prefix *prefix, const struct prefix *other)
{
    bool v4 = prefix->bits >= 96 && address_is_v4(prefix->address);
    bool other_v4 = other->bits >= 96 && address_is_v4(other->address);
    return v4 == other_v4 && prefix->bits <= other->bits &&
           address_equal(address_cut(other->address, prefix->bits),
                         prefix->address);
}

bool
lint_covers(const struct test *test, const struct test *other)
{
    if (test->type != other->type)
        return false;
    switch (test->type) {
    case TEST_PATTERN:
        return pattern_covers(&test->is.pattern.plain,
                              &other->is.pattern.plain);
    case TEST_COMPARE:
    case TEST_TIME:
        return number_covers(test, other);
    case TEST_CIDR:
        return prefix_covers(&test->is.prefix, &other->is.prefix);
    case TEST_FIELDREF:
        return test->is.other.field == other->is.other.field;
    case TEST_REGEX:
    case TEST_NULL:
    case TEST_EXISTS:
        break;
    }
    return false;
}

static bool
value_covers(const struct value *value, const struct value *other)
{
    if (value->n_tests != 1 || other->n_tests != 1 ||
        value->test->type == TEST_REGEX)
        return str_equal(value->written, other->written);
    return lint_covers(value->test, other->test);
}

/* --- lines */

static void
twice(struct linting *linting, const struct value *first,
      const struct value *second)
{
    bool same = str_equal(first->written, second->written);
    struct str shown = lint_shown(linting, second->written);
    if (same)
        lint_warn(linting, second->place,
                  "'%.*s' stands there twice (before in line %u)",
                  STR_ARG(shown), first->place.line);
    else
        lint_warn(linting, second->place,
                  "'%.*s' is the same as '%.*s' (line %u)", STR_ARG(shown),
                  STR_ARG(lint_shown(linting, first->written)),
                  first->place.line);
}

/* Whether something was said about this pair. */
static bool
pair(struct linting *linting, const struct item *item,
     const struct value *first, const struct value *second)
{
    bool down = value_covers(first, second), up = value_covers(second, first);
    if (down && up) {
        twice(linting, first, second);
        return true;
    }
    if (!down && !up)
        return false;
    const struct value *wide = down ? first : second;
    const struct value *narrow = down ? second : first;
    const struct value *useless = item->all ? wide : narrow;
    const struct value *beside = item->all ? narrow : wide;
    lint_warn(
        linting, useless->place, "'%.*s' says nothing beside '%.*s' (line %u)",
        STR_ARG(lint_shown(linting, useless->written)),
        STR_ARG(lint_shown(linting, beside->written)), beside->place.line);
    return true;
}

/* Long lists: only what is written twice. */
static void
written_twice(struct linting *linting, const struct item *item)
{
    struct table *seen = table_new(MAX_RULE_VALUES);
    uint32_t *first =
        arena_take_raw(linting->scratch, item->n_values, sizeof *first);
    for (size_t i = 0; seen && first && i < item->n_values; i++) {
        bool is_new = false;
        uint32_t n = table_add(seen, item->value[i].written, &is_new);
        if (is_new)
            first[n] = (uint32_t)i;
        else if (n != TABLE_NONE)
            twice(linting, &item->value[first[n]], &item->value[i]);
    }
    table_free(seen);
}

void
lint_values(struct linting *linting, const struct item *item)
{
    size_t n_bytes = 0, n = item->n_values;
    for (size_t i = 0; i < n; i++)
        n_bytes += item->value[i].written.len;
    if (n < 2)
        return;
    if (n > MAX_PAIRED || n_bytes * n > MAX_BYTES_PAIRED) {
        written_twice(linting, item);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        struct arena kept = *linting->scratch;
        for (size_t j = 0; j < i; j++)
            if (pair(linting, item, &item->value[j], &item->value[i]))
                break;
        *linting->scratch = kept;
    }
}
