/* SPDX-License-Identifier: Apache-2.0
 *
 * What a node of a YAML file means: text, number, boolean, duration, date.
 * Whoever asks says what is wanted; a node that is something else is named
 * with its place and with what stands there instead. */
#include <stdio.h>
#include <string.h>

#include "base/times.h"
#include "base/yaml.h"

const struct yaml *
yaml_get(const struct yaml *map, const char *key)
{
    if (!map || map->type != YAML_MAP)
        return NULL;
    struct str wanted = str_of(key);
    for (const struct yaml *child = map->first; child; child = child->next)
        if (str_equal(child->key, wanted))
            return child;
    return NULL;
}

struct place
yaml_place_in(const struct yaml *scalar, size_t offset)
{
    uint32_t before = 0, width = scalar->quote ? 2 : 0;
    for (size_t i = 0; i < scalar->text.len; i++) {
        char c = scalar->text.at[i];
        uint32_t columns = ((unsigned char)c & 0xc0) != 0x80;
        columns += c == '\'' && scalar->quote == '\''; /* written twice */
        width += columns;
        before += i < offset ? columns : 0;
    }
    struct place place = scalar->place;
    if (width == scalar->width)
        place.column += before + (scalar->quote != 0);
    return place;
}

/* Nothing, or one of YAML 1.2's words for it (core schema, 10.3.2). */
static bool
is_null(const struct yaml *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->type != YAML_SCALAR || node->quoted)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal(node->text, str_of(words[i])))
            return true;
    return false;
}

static size_t
skip_digits(struct str text, size_t at)
{
    while (at < text.len && text.at[at] >= '0' && text.at[at] <= '9')
        at++;
    return at;
}

/* 0x1F, 0o17 */
static bool
is_prefixed_number(struct str text)
{
    bool hex = str_starts(text, STR("0x"));
    if ((!hex && !str_starts(text, STR("0o"))) || text.len < 3)
        return false;
    for (size_t i = 2; i < text.len; i++) {
        char c = text.at[i], small = (char)(c | 0x20);
        bool digit = c >= '0' && c <= (hex ? '9' : '7');
        if (!digit && !(hex && small >= 'a' && small <= 'f'))
            return false;
    }
    return true;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool
is_number(struct str text)
{
    size_t at = text.len > 0 && (text.at[0] == '-' || text.at[0] == '+');
    size_t whole = skip_digits(text, at), end = whole;
    if (end < text.len && text.at[end] == '.')
        end = skip_digits(text, end + 1);
    size_t n_digits = end - at - (end > whole);
    if (n_digits == 0)
        return false;
    if (end < text.len && (text.at[end] | 0x20) == 'e') {
        size_t exponent = end + 1;
        if (exponent < text.len &&
            (text.at[exponent] == '-' || text.at[exponent] == '+'))
            exponent++;
        end = skip_digits(text, exponent);
        if (end == exponent)
            return false;
    }
    return end == text.len;
}

enum yaml_kind
yaml_kind(const struct yaml *scalar)
{
    static const char *const booleans[] = {"true",  "True",  "TRUE",
                                           "false", "False", "FALSE"};
    if (scalar->quoted)
        return YAML_TEXT;
    if (is_null(scalar))
        return YAML_NULL;
    for (size_t i = 0; i < sizeof booleans / sizeof *booleans; i++)
        if (str_equal(scalar->text, str_of(booleans[i])))
            return YAML_BOOL;
    return is_number(scalar->text) || is_prefixed_number(scalar->text)
               ? YAML_NUMBER
               : YAML_TEXT;
}

/* "expected <wanted>, found …"; always false. */
static bool
complain_other(const struct yaml *node, const char *wanted,
               struct complaints *complaints)
{
    struct str text = str_cut(node->text, 0, 80);
    if (node->type == YAML_LIST)
        complain(complaints, node->place, "expected %s, found a list", wanted);
    else if (node->type == YAML_MAP)
        complain(complaints, node->place, "expected %s, found a map", wanted);
    else if (is_null(node))
        complain(complaints, node->place, "expected %s, found nothing", wanted);
    else if (node->quoted)
        complain(complaints, node->place,
                 "expected %s, found the text \"%.*s\" in quotes", wanted,
                 STR_ARG(text));
    else
        complain(complaints, node->place, "expected %s, found '%.*s'", wanted,
                 STR_ARG(text));
    return false;
}

bool
yaml_str(const struct yaml *node, struct str *value,
         struct complaints *complaints)
{
    if (!node)
        return false;
    if (node->type != YAML_SCALAR || is_null(node))
        return complain_other(node, "text", complaints);
    *value = node->text;
    return true;
}

bool
yaml_i64(const struct yaml *node, int64_t min, int64_t max, int64_t *value,
         struct complaints *complaints)
{
    int64_t n;
    if (!node)
        return false;
    if (node->type != YAML_SCALAR || node->quoted ||
        !str_to_i64(node->text, &n))
        return complain_other(node, "a whole number", complaints);
    if (n < min || n > max) {
        complain(complaints, node->place,
                 "%lld is out of range: from %lld to %lld", (long long)n,
                 (long long)min, (long long)max);
        return false;
    }
    *value = n;
    return true;
}

struct unit {
    const char *name;
    int64_t ms;
};

static const struct unit units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

enum { N_UNITS = sizeof units / sizeof *units };

/* In the largest unit that leaves no rest. */
static void
format_duration(char *text, size_t size, int64_t ms)
{
    size_t i = 0;
    while (i + 1 < N_UNITS && (ms == 0 ? i < 3 : ms % units[i].ms != 0))
        i++;
    snprintf(text, size, "%lld%s", (long long)(ms / units[i].ms),
             units[i].name);
}

static bool
parse_duration(struct str text, int64_t *ms)
{
    size_t n_digits = 0;
    while (n_digits < text.len && text.at[n_digits] >= '0' &&
           text.at[n_digits] <= '9')
        n_digits++;
    int64_t n;
    if (!str_to_i64(str_cut(text, 0, n_digits), &n))
        return false;
    struct str unit = str_cut(text, n_digits, text.len);
    for (size_t i = 0; i < N_UNITS; i++)
        if (str_equal(unit, str_of(units[i].name)))
            return !__builtin_mul_overflow(n, units[i].ms, ms);
    return false;
}

bool
yaml_duration_ms(const struct yaml *node, int64_t min_ms, int64_t max_ms,
                 int64_t *value, struct complaints *complaints)
{
    int64_t ms;
    if (!node)
        return false;
    if (node->type != YAML_SCALAR || !parse_duration(node->text, &ms))
        return complain_other(
            node, "a duration such as 250ms, 90s, 10m, 24h or 7d", complaints);
    if (ms < min_ms || ms > max_ms) {
        char min[32], max[32];
        format_duration(min, sizeof min, min_ms);
        format_duration(max, sizeof max, max_ms);
        complain(complaints, node->place, "%.*s is out of range: from %s to %s",
                 STR_ARG(node->text), min, max);
        return false;
    }
    *value = ms;
    return true;
}

static bool
is_date_shape(struct str text)
{
    if (text.len != 10)
        return false;
    for (size_t i = 0; i < 10; i++) {
        bool is_digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (i == 4 || i == 7 ? text.at[i] != '-' : !is_digit)
            return false;
    }
    return true;
}

static int
two_digits(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

bool
yaml_date(const struct yaml *node, int32_t *day, struct complaints *complaints)
{
    if (!node)
        return false;
    if (node->type != YAML_SCALAR || !is_date_shape(node->text))
        return complain_other(node, "a date such as 2024-01-31", complaints);
    const char *at = node->text.at;
    struct civil civil = {.year = two_digits(at) * 100 + two_digits(at + 2),
                          .month = two_digits(at + 5),
                          .day = two_digits(at + 8)};
    if (!civil_valid(civil)) {
        complain(complaints, node->place, "there is no day %.*s",
                 STR_ARG(node->text));
        return false;
    }
    *day = day_from_civil(civil.year, civil.month, civil.day);
    return true;
}

void
yaml_only(const struct yaml *map, const struct str *names, size_t n,
          struct complaints *complaints)
{
    if (!map || map->type != YAML_MAP)
        return;
    for (const struct yaml *child = map->first; child; child = child->next) {
        bool found = false;
        for (size_t i = 0; i < n && !found; i++)
            found = str_equal(child->key, names[i]);
        if (!found)
            complain_unknown(complaints, child->key_place, "field",
                             str_cut(child->key, 0, 80), names, n);
    }
}
