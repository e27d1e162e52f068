/* SPDX-License-Identifier: Apache-2.0
 *
 * Modifiers that say nothing about the values they stand before. */
#include "correlate/lint_priv.h"

#include <string.h>

/* --- what values have */

/* A letter whose case can count: every one beyond ASCII may be one. */
static bool
has_letter(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c >= 0x80 || (c | 0x20u) - 'a' < 26u)
            return true;
    }
    return false;
}

static bool
has_any_of(struct str text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++)
        if (strchr(bytes, text.at[i]) && text.at[i] != '\0')
            return true;
    return false;
}

static bool
has_dash(struct str text)
{
    return has_any_of(text, "-/") || str_contains(text, STR("\xe2\x80\x93")) ||
           str_contains(text, STR("\xe2\x80\x94")) ||
           str_contains(text, STR("\xe2\x80\x95"));
}

/* Whether the last byte is a `*` that is a wildcard. */
static bool
ends_with_star(struct str text)
{
    size_t n = 0;
    if (text.len < 2 || text.at[text.len - 1] != '*')
        return false;
    while (n + 1 < text.len && text.at[text.len - 2 - n] == '\\')
        n++;
    return n % 2 == 0;
}

/* --- texts */

static void
wildcards(struct linting *linting, const struct item *item)
{
    bool anywhere = item_has(item, "contains");
    bool front = anywhere || item_has(item, "endswith");
    bool back = anywhere || item_has(item, "startswith");
    for (size_t i = 0; i < item->n_values; i++) {
        const struct value *value = &item->value[i];
        struct str text = value->written;
        bool first = front && text.len > 1 && text.at[0] == '*';
        bool last = back && ends_with_star(text);
        if (first || last)
            lint_warn(linting, value->place,
                      "the '*' at the %s of '%.*s' says nothing: '%s' says it",
                      first ? "beginning" : "end",
                      STR_ARG(lint_shown(linting, text)),
                      anywhere ? "contains"
                      : front  ? "endswith"
                               : "startswith");
    }
}

static void
text_modifiers(struct linting *linting, const struct item *item)
{
    struct str written = lint_shown(linting, item->written);
    bool letters = false, dashes = false;
    for (size_t i = 0; i < item->n_values; i++) {
        letters |= has_letter(item->value[i].written);
        dashes |= has_dash(item->value[i].written);
    }
    if (item_has(item, "cased") && !letters)
        lint_warn(linting, item->place,
                  "'%.*s': 'cased' says nothing: no value has a letter",
                  STR_ARG(written));
    if (item_has(item, "windash") && !dashes)
        lint_warn(linting, item->place,
                  "'%.*s': 'windash' says nothing: no value has a dash or '/'",
                  STR_ARG(written));
    wildcards(linting, item);
}

/* --- regular expressions */

/* An escaped point is no point: pairs of a backslash and what follows are
 * left out. */
static bool
has_plain(struct str text, char wanted)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\')
            i++;
        else if (text.at[i] == wanted)
            return true;
    }
    return false;
}

static void
regex_parts(struct linting *linting, const struct item *item)
{
    bool letters = false, lines = false, points = false, flags = false;
    for (size_t i = 0; i < item->n_values; i++) {
        struct str text = item->value[i].written;
        letters |= has_letter(text);
        lines |= has_plain(text, '^') || has_plain(text, '$');
        points |= has_plain(text, '.');
        flags |=
            str_contains(text, STR("(?")) || str_contains(text, STR("\\N"));
    }
    const struct {
        const char *modifier;
        bool useless;
        const char *lacks;
    } rows[] = {{"i", !letters, "a letter"},
                {"m", !lines, "'^' or '$'"},
                {"s", !points && !flags, "'.'"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].useless && item_has(item, rows[i].modifier))
            lint_warn(linting, item->place,
                      "'%.*s': '%s' says nothing: no expression has %s",
                      STR_ARG(lint_shown(linting, item->written)),
                      rows[i].modifier, rows[i].lacks);
}

static void
regexes(struct linting *linting, const struct item *item)
{
    regex_parts(linting, item);
    for (size_t i = 0; i < item->n_values; i++) {
        const struct value *value = &item->value[i];
        struct str text = value->written;
        if (text.len > 0 && !has_any_of(text, "\\^$.|?*+()[]{}"))
            lint_warn(linting, value->place,
                      "'%.*s' is no expression but a text: '%s' says the "
                      "same, faster",
                      STR_ARG(lint_shown(linting, text)),
                      item_has(item, "i") ? "contains" : "contains|cased");
    }
}

void
lint_modifiers(struct linting *linting, const struct item *item)
{
    if (lint_is_text(item))
        text_modifiers(linting, item);
    else if (item_has(item, "re"))
        regexes(linting, item);
    if (item->n_values == 1 && item->value->n_tests == 1 &&
        item->value->test->type == TEST_FIELDREF &&
        item->value->test->is.other.field == item->field)
        lint_warn(linting, item->place, "'%.*s' compares the field with itself",
                  STR_ARG(lint_shown(linting, item->written)));
}
