/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of predicates: what a test asks and of which field, written down
 * as bytes; equal bytes are one predicate, whatever rules they come from. */
#include "matcher_priv.h"

static void
key_number(struct buf *key, uint64_t n)
{
    buf_add(key, (struct str){(const char *)&n, sizeof n});
}

static void
key_text(struct buf *key, struct str text)
{
    key_number(key, text.len);
    buf_add(key, text);
}

static void
key_pattern(struct buf *key, const struct pattern *pattern)
{
    key_number(key, pattern->flags & ~(unsigned)PATTERN_LITERAL);
    key_number(key, pattern->n_segments);
    for (uint32_t i = 0; i < pattern->n_segments; i++)
        key_text(key, pattern->segment[i].text);
}

static void
key_decimal(struct buf *key, const struct decimal *number)
{
    key_number(key, number->negative);
    key_number(key, (uint64_t)number->top);
    key_text(key, number->digits);
}

static void
key_make(struct buf *key, uint32_t field, const struct test *test)
{
    char prefix[PREFIX_TEXT];
    buf_clear(key);
    key_number(key, field);
    key_number(key, test->type);
    switch (test->type) {
    case TEST_NULL:
        break;
    case TEST_PATTERN:
        key_pattern(key, &test->is.pattern.plain);
        key_pattern(key, &test->is.pattern.composed);
        break;
    case TEST_REGEX:
        key_number(key, regex_options(test->is.regex));
        key_text(key, regex_text(test->is.regex));
        break;
    case TEST_CIDR:
        prefix_text(&test->is.prefix, prefix);
        key_text(key, str_of(prefix));
        break;
    case TEST_TIME:
        key_number(key, test->part);
        key_number(key, test->compare);
        key_decimal(key, &test->is.number);
        break;
    case TEST_COMPARE:
        key_number(key, test->compare);
        key_decimal(key, &test->is.number);
        break;
    case TEST_EXISTS:
        key_number(key, test->is.exists);
        break;
    case TEST_FIELDREF:
        key_number(key, test->is.other.field);
        key_number(key, test->is.other.wrap);
        key_number(key, test->is.other.cased);
        break;
    }
}

/* Whether the literal is too short for a gram. One at an end has the frame's
 * byte in it, too; "" is one only between two of them. */
static bool
is_short(const struct literal *literal)
{
    size_t n_frames =
        (literal->ends & AT_START ? 1 : 0) + (literal->ends & AT_END ? 1 : 0);
    return literal->text.len + n_frames < SHORT_GRAM &&
           (literal->text.len > 0 || n_frames == 2);
}

static bool
is_ascii(struct str text)
{
    bool ascii = true;
    for (size_t i = 0; i < text.len; i++)
        ascii &= (unsigned char)text.at[i] < 0x80;
    return ascii;
}

/* A short literal that is no ASCII needs no room: most values are, and need
 * not be looked at. The others have room for a few of each field, and none
 * among keywords, which are looked for in every value. */
static enum predicate_kind
kind_of(const struct literal *literal, struct matcher_field *field)
{
    if (!literal->text.at || (literal->text.len == 0 && !is_short(literal)))
        return PREDICATE_ASKED;
    if (is_short(literal) && is_ascii(literal->text)) {
        if (field->number == KEYWORDS || field->n_short == MAX_SHORT_LITERALS)
            return PREDICATE_ASKED;
        field->n_short++;
    }
    return literal->decides ? PREDICATE_SEARCHED : PREDICATE_HINTED;
}

uint32_t
predicate_of(struct making *making, uint32_t field, const struct test *test)
{
    bool is_new;
    key_make(&making->key, field, test);
    uint32_t number = table_add(making->known, buf_str(&making->key), &is_new);
    if (number == TABLE_NONE || making->key.full ||
        number >= making->max_predicates) {
        making->full = true;
        return 0;
    }
    struct predicate *predicate = &making->predicate[number];
    if (is_new) {
        *predicate =
            (struct predicate){.test = test,
                               .literal = literal_of(test, making->arena),
                               .field = field};
        if (!predicate->literal.decides)
            predicate->literal.ends = 0;
        predicate->kind = kind_of(&predicate->literal, &making->field[field]);
    }
    predicate->n_uses++;
    if (test->type == TEST_FIELDREF)
        part_read(making, test->is.other.field);
    return number;
}
