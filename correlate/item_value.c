/* SPDX-License-Identifier: Apache-2.0
 *
 * One value of a selection becomes its tests: usually one; three for
 * base64offset. What a value may be, depends on the modifiers before it. */
#include "correlate/item_priv.h"

#include <string.h>

#define HAS(mods, name) (((mods)->set & BIT(name)) != 0)

/* --- texts */

static bool
text_load(struct rule_loader *loader, const struct modifiers *mods,
          const struct yaml *node, struct value *value)
{
    enum yaml_kind kind = yaml_kind(node);
    unsigned flags = 0;
    if (HAS(mods, MOD_CASED) && kind != YAML_BOOL)
        flags |= PATTERN_CASED;
    if (HAS(mods, MOD_WINDASH))
        flags |= PATTERN_DASHES;
    if (kind == YAML_NUMBER && !decimal_is_plain(node->text))
        complain_warning(loader->complaints, node->place,
                         "'%.*s' is compared as it is written; quote it, or "
                         "write a plain decimal number",
                         STR_ARG(node->text));
    if (node->text.len == 0 && (item_wrap(mods) != WRAP_NONE))
        complain_warning(loader->complaints, node->place,
                         "an empty text stands in every text");
    struct test *test = item_tests(loader, value, 1, TEST_PATTERN);
    return test &&
           item_patterns(loader, test, node->text, item_wrap(mods), flags);
}

/* --- everything else */

static bool
null_load(struct rule_loader *loader, const struct modifiers *mods,
          const struct yaml *node, struct value *value)
{
    if (mods->keywords)
        return item_refuse(loader, node, "null is no keyword");
    if (mods->set & ~BIT(MOD_NEQ))
        return item_refuse(loader, node, "null takes no modifier but neq");
    return item_tests(loader, value, 1, TEST_NULL) != NULL;
}

static bool
regex_load(struct rule_loader *loader, const struct modifiers *mods,
           const struct yaml *node, struct value *value)
{
    struct err why = {""};
    size_t where = 0;
    unsigned flags = 0;
    flags |= HAS(mods, MOD_I) ? (unsigned)REGEX_NOCASE : 0;
    flags |= HAS(mods, MOD_M) ? (unsigned)REGEX_LINES : 0;
    flags |= HAS(mods, MOD_S) ? (unsigned)REGEX_DOT_LINES : 0;
    struct test *test = item_tests(loader, value, 1, TEST_REGEX);
    if (!test)
        return false;
    test->is.regex = regex_make(node->text, flags, loader->arena, &where, &why);
    if (!test->is.regex)
        complain(loader->complaints, node->place,
                 "the regular expression is wrong at its byte %zu: %s",
                 where + 1, why.text);
    return test->is.regex != NULL;
}

static bool
cidr_load(struct rule_loader *loader, const struct yaml *node,
          struct value *value)
{
    struct str rest = node->text, text, bits_text;
    struct prefix prefix;
    int64_t bits = -1, most;
    if (!str_split(&rest, '/', &text) || !address_from(text, &prefix.address))
        return item_refuse(
            loader, node, "expected an address or a prefix such as 10.0.0.0/8");
    bool is_v4 =
        address_is_v4(prefix.address) && !memchr(text.at, ':', text.len);
    most = is_v4 ? 32 : 128;
    bits_text = str_cut(node->text, text.len + 1, node->text.len);
    if (text.len == node->text.len)
        bits = most;
    else if (!str_to_i64(bits_text, &bits) || bits < 0 || bits > most)
        return item_refuse(loader, node,
                           is_v4 ? "the bits after '/' are 0 to 32"
                                 : "the bits after '/' are 0 to 128");
    prefix.bits = (unsigned)(is_v4 ? bits + 96 : bits);
    struct address cut = address_cut(prefix.address, prefix.bits);
    if (!address_equal(cut, prefix.address)) {
        char meant[PREFIX_TEXT];
        prefix.address = cut;
        prefix_text(&prefix, meant);
        complain_warning(loader->complaints, node->place,
                         "'%.*s' has bits behind its prefix and is taken as %s",
                         STR_ARG(node->text), meant);
    }
    struct test *test = item_tests(loader, value, 1, TEST_CIDR);
    if (test)
        test->is.prefix = prefix;
    return test != NULL;
}

static enum compare
compare_of(const struct modifiers *mods)
{
    if (HAS(mods, MOD_LT))
        return COMPARE_LT;
    if (HAS(mods, MOD_LTE))
        return COMPARE_LTE;
    if (HAS(mods, MOD_GT))
        return COMPARE_GT;
    return HAS(mods, MOD_GTE) ? COMPARE_GTE : COMPARE_EQ;
}

/* The value of lt, lte, gt, gte and of the parts of a time. */
static bool
number_load(struct rule_loader *loader, const struct modifiers *mods,
            const struct yaml *node, struct value *value)
{
    static const struct {
        int64_t min, max;
    } range[] = {[TIME_MINUTE] = {0, 59}, [TIME_HOUR] = {0, 23},
                 [TIME_DAY] = {1, 31},    [TIME_WEEK] = {1, 53},
                 [TIME_MONTH] = {1, 12},  [TIME_YEAR] = {0, 9999}};
    bool is_time = (mods->set & TIMES) != 0;
    struct str text = loader_keep(loader, node->text);
    struct test *test =
        item_tests(loader, value, 1, is_time ? TEST_TIME : TEST_COMPARE);
    int64_t n;
    if (!test || !text.at)
        return false;
    if (!decimal_from(text, &test->is.number) || (yaml_kind(node) == YAML_BOOL))
        return item_refuse(loader, node, "expected a number");
    if (!decimal_is_plain(text))
        complain_warning(loader->complaints, node->place,
                         "'%.*s' is better written as a plain decimal number",
                         STR_ARG(text));
    test->compare = compare_of(mods);
    if (!is_time)
        return true;
    for (unsigned i = TIME_MINUTE; i <= TIME_YEAR; i++)
        if (mods->set & BIT(MOD_MINUTE + i))
            test->part = (enum time_part)i;
    if (!str_to_i64(text, &n) || n < range[test->part].min ||
        n > range[test->part].max) {
        complain(loader->complaints, node->place,
                 "'%.*s': expected a whole number from %lld to %lld",
                 STR_ARG(text), (long long)range[test->part].min,
                 (long long)range[test->part].max);
        return false;
    }
    return true;
}

static bool
exists_load(struct rule_loader *loader, const struct yaml *node,
            struct value *value)
{
    struct test *test = item_tests(loader, value, 1, TEST_EXISTS);
    if (!test)
        return false;
    if (yaml_kind(node) != YAML_BOOL)
        return item_refuse(loader, node, "'exists' is true or false");
    test->is.exists = str_equal_nocase(node->text, STR("true"));
    return true;
}

static bool
fieldref_load(struct rule_loader *loader, const struct modifiers *mods,
              const struct yaml *node, struct value *value)
{
    struct test *test = item_tests(loader, value, 1, TEST_FIELDREF);
    if (!test)
        return false;
    if (node->text.len == 0 || yaml_kind(node) != YAML_TEXT)
        return item_refuse(loader, node, "expected the name of a field");
    if (node->text.len > MAX_FIELD_KEY_BYTES)
        return item_refuse(loader, node, "the name of a field is too long");
    test->is.other.field = loader_field(loader, node->text);
    test->is.other.wrap = item_wrap(mods);
    test->is.other.cased = HAS(mods, MOD_CASED);
    return true;
}

bool
item_value_load(struct rule_loader *loader, const struct modifiers *mods,
                const struct yaml *node, struct value *value)
{
    value->written = loader_keep(loader, node->text);
    value->place = loader_place(loader, node->place);
    if (node->text.len > MAX_VALUE_BYTES)
        return item_refuse(loader, node, "longer than 64 KiB");
    if (yaml_kind(node) == YAML_NULL)
        return null_load(loader, mods, node, value);
    if (HAS(mods, MOD_EXPAND))
        return item_expand(loader, mods, node, value);
    if (HAS(mods, MOD_RE))
        return regex_load(loader, mods, node, value);
    if (HAS(mods, MOD_CIDR))
        return cidr_load(loader, node, value);
    if (HAS(mods, MOD_EXISTS))
        return exists_load(loader, node, value);
    if (HAS(mods, MOD_FIELDREF))
        return fieldref_load(loader, mods, node, value);
    if (mods->set & (COMPARES | TIMES))
        return number_load(loader, mods, node, value);
    if (mods->set & BASE64S)
        return item_encode(loader, mods, node, value);
    return text_load(loader, mods, node, value);
}
