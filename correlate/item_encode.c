/* SPDX-License-Identifier: Apache-2.0
 *
 * What values of every kind are made with, and values that are encoded before
 * they are compared. What is encoded is the plain text: `\\` is a backslash
 * and `\*` a star. With windash every dash stands for five, so a text with n
 * of them is 5^n texts. */
#include "correlate/encode.h"
#include "correlate/item_priv.h"

#include "base/unicode.h"

#include <string.h>

enum { N_DASHES = 5, MAX_DASHES = 5 };

#define HAS(mods, name) (((mods)->set & BIT(name)) != 0)

bool
item_refuse(struct rule_loader *loader, const struct yaml *node,
            const char *why)
{
    struct str text = str_cut(node->text, 0, 80);
    complain(loader->complaints, node->place, "'%.*s': %s", STR_ARG(text), why);
    return false;
}

struct test *
item_tests(struct rule_loader *loader, struct value *value, size_t n,
           enum test_type type)
{
    struct test *tests = loader_take(loader, n, sizeof *tests);
    if (!tests)
        return NULL;
    for (size_t i = 0; i < n; i++)
        tests[i].type = type;
    value->test = tests;
    value->n_tests = n;
    return tests;
}

enum wrap
item_wrap(const struct modifiers *mods)
{
    if (HAS(mods, MOD_STARTSWITH))
        return WRAP_STARTS;
    if (HAS(mods, MOD_ENDSWITH))
        return WRAP_ENDS;
    return HAS(mods, MOD_CONTAINS) || HAS(mods, MOD_BASE64OFFSET) ||
                   mods->keywords
               ? WRAP_CONTAINS
               : WRAP_NONE;
}

bool
item_patterns(struct rule_loader *loader, struct test *test, struct str text,
              enum wrap wrap, unsigned flags)
{
    struct arena scratch = *loader->scratch;
    struct str composed = str_compose(text, &scratch);
    bool good = composed.at && pattern_make(&test->is.pattern.plain, text, wrap,
                                            flags, loader->arena);
    test->is.pattern.composed = test->is.pattern.plain;
    if (good && !str_equal(text, composed))
        good = pattern_make(&test->is.pattern.composed, composed, wrap, flags,
                            loader->arena);
    loader->full |= !good;
    return good;
}

/* --- plain texts */

/* Which of the five dashes stands here; N_DASHES: none. */
static size_t
dash_at(struct str text, size_t *len)
{
    static const struct str dashes[N_DASHES] = {
        {"-", 1}, {"/", 1}, {"–", 3}, {"—", 3}, {"―", 3}};
    for (size_t i = 0; i < N_DASHES; i++)
        if (str_starts(text, dashes[i])) {
            *len = dashes[i].len;
            return i;
        }
    *len = 1;
    return N_DASHES;
}

static size_t
count_dashes(struct str text)
{
    size_t n = 0, len;
    for (; text.len > 0; text = str_cut(text, len, text.len))
        n += dash_at(text, &len) < N_DASHES;
    return n;
}

static struct str
without_escapes(struct str value, struct arena *arena)
{
    char *start = arena_take_raw(arena, value.len + 1, 1), *at = start;
    if (!start)
        return NO_STR;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '\\' && i + 1 < value.len &&
            memchr("*?\\", value.at[i + 1], 3))
            i++;
        *at++ = value.at[i];
    }
    return (struct str){start, (size_t)(at - start)};
}

/* `text` with its dashes replaced as the digits of `number` say, to the base
 * of five; the first dash is the lowest digit. */
static struct str
with_dashes(struct str text, size_t number, struct arena *arena)
{
    static const char *const dashes[N_DASHES] = {"-", "/", "–", "—", "―"};
    char *start = arena_take_raw(arena, text.len + 1, 3), *at = start;
    if (!start)
        return NO_STR;
    for (size_t len; text.len > 0; text = str_cut(text, len, text.len)) {
        struct str put = str_cut(text, 0, 1);
        if (dash_at(text, &len) < N_DASHES) {
            put = str_of(dashes[number % N_DASHES]);
            number /= N_DASHES;
        }
        memcpy(at, put.at, put.len);
        at += put.len;
    }
    return (struct str){start, (size_t)(at - start)};
}

/* --- encoding */

static struct str
as_utf16(const struct modifiers *mods, struct str text, struct arena *arena)
{
    if (HAS(mods, MOD_UTF16LE) || HAS(mods, MOD_WIDE))
        return encode_utf16(text, UTF16_LE, arena);
    if (HAS(mods, MOD_UTF16BE))
        return encode_utf16(text, UTF16_BE, arena);
    return HAS(mods, MOD_UTF16) ? encode_utf16(text, UTF16_BOM, arena) : text;
}

/* One text into its test, or its three. */
static bool
encode_one(struct rule_loader *loader, const struct modifiers *mods,
           struct str text, struct test *tests)
{
    struct arena scratch = *loader->scratch, *outer = loader->scratch;
    struct str bytes = as_utf16(mods, text, &scratch);
    unsigned n = HAS(mods, MOD_BASE64OFFSET) ? 3 : 1, flags = PATTERN_LITERAL;
    bool good = bytes.at != NULL;
    flags |= HAS(mods, MOD_CASED) ? (unsigned)PATTERN_CASED : 0;
    loader->scratch = &scratch;
    for (unsigned i = 0; good && i < n; i++) {
        struct str coded = n == 3 ? encode_base64_at(bytes, i, &scratch)
                                  : encode_base64(bytes, &scratch);
        good = coded.at &&
               item_patterns(loader, &tests[i], coded, item_wrap(mods), flags);
    }
    loader->scratch = outer;
    loader->full |= !good;
    return good;
}

bool
item_encode(struct rule_loader *loader, const struct modifiers *mods,
            const struct yaml *node, struct value *value)
{
    struct arena *outer = loader->scratch, scratch = *outer;
    struct str text = without_escapes(node->text, &scratch);
    size_t n_each = HAS(mods, MOD_BASE64OFFSET) ? 3 : 1, n = 1;
    size_t n_dashes = HAS(mods, MOD_WINDASH) ? count_dashes(text) : 0;
    if (text.len == 0)
        return item_refuse(loader, node, "nothing to encode");
    if (pattern_has_wildcards(node->text))
        return item_refuse(loader, node,
                           "a value with wildcards cannot be encoded");
    if (n_each == 3 && as_utf16(mods, text, &scratch).len < 2)
        return item_refuse(loader, node, "too short for base64offset");
    if (n_dashes > MAX_DASHES)
        return item_refuse(loader, node,
                           "more than 5 dashes: windash would make thousands "
                           "of encoded texts of it");
    for (size_t i = 0; i < n_dashes; i++)
        n *= N_DASHES;
    struct test *tests = item_tests(loader, value, n * n_each, TEST_PATTERN);
    bool good = tests != NULL;
    for (size_t i = 0; i < n && good; i++) {
        struct arena here = scratch;
        struct str one = n > 1 ? with_dashes(text, i, &here) : text;
        loader->scratch = &here;
        good = one.at && encode_one(loader, mods, one, &tests[i * n_each]);
    }
    loader->scratch = outer;
    return good;
}
