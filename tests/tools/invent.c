/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule is written as text, so that loading is part of what is tried. Values
 * are rows of atoms: parts of one another, letters that fold, dashes, escapes,
 * wildcards, numbers in several spellings. */
#include "invent.h"

#include <string.h>

/* The last two are decided by us, never from the event. */
static const char *const fields[] = {
    "f",     "f",           "f",       "g",        "g",    "h",
    "Image", "CommandLine", "a.b",     "a.c",      "user", "src_ip",
    "num",   "num",         "when",    "when",     "ip",   "ip",
    "a",     "list",        "EventID", "severity", "unit"};
static const char *const atoms[] = {
    "a",    "a",  "ab",   "abc",  "b",  "A",           "aB", "x",
    "é",    "Đ",  "đ",    "ß",    "ſ",  "K",           "k",  "1",
    "10",   "01", "-",    "/",    "–",  "—",           ".",  "cmd",
    ".exe", " ",  "0",    "1.0",  "漢", "\\\\",        "\\", "e\xcc\x81",
    "\n",   "ab", "abab", "true", "é",  "\xe2\x80\x95"};
static const char *const wild[] = {"*", "*", "?", "\\*", "\\?", "\\\\*", "**"};
static const char *const numbers[] = {"0",
                                      "1",
                                      "10",
                                      "-5",
                                      "1.0",
                                      "1e3",
                                      "007",
                                      "1000",
                                      "-0",
                                      "0.5",
                                      "9007199254740993",
                                      "4624",
                                      "2"};
static const char *const addresses[] = {
    "10.0.0.1",     "10.1.2.3",    "192.168.1.77",    "::1",
    "fe80::1",      "2001:db8::5", "::ffff:10.0.0.9", "8.8.8.8",
    "fe80::1%eth0", "10.0.0.256"};
static const char *const prefixes[] = {
    "10.0.0.0/8",    "10.0.0.0/31", "192.168.0.0/16", "::/0",       "fe80::/10",
    "2001:db8::/32", "8.8.8.8",     "0.0.0.0/0",      "10.0.0.1/24"};
static const char *const parts[] = {"minute", "hour",  "day",
                                    "week",   "month", "year"};
static const char *const compares[] = {"lt", "lte", "gt", "gte"};
static const char *const wraps[] = {"contains", "startswith", "endswith"};

static void
add(struct buf *out, const char *text)
{
    buf_add(out, str_of(text));
}

static void
value_text(struct chance *chance, bool may_be_wild, struct buf *out)
{
    for (size_t n = 1 + roll(chance, 4); n > 0; n--) {
        if (may_be_wild && once_in(chance, 6))
            add(out, ONE_OF(chance, wild));
        else
            add(out, ONE_OF(chance, atoms));
    }
}

/* In double quotes, which JSON and YAML read alike. */
static void
quoted(struct chance *chance, bool may_be_wild, struct buf *out)
{
    char bytes[256];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    if (!once_in(chance, 24))
        value_text(chance, may_be_wild, &text);
    buf_json(out, buf_str(&text));
}

/* --- values behind modifiers */

enum value_kind {
    VALUE_TEXT,
    VALUE_PLAIN, /* no wildcards */
    VALUE_REGEX,
    VALUE_PREFIX,
    VALUE_NUMBER,
    VALUE_PART,
    VALUE_FIELD,
    VALUE_BOOL,
    VALUE_NULL,
};

static void
regex_atom(struct chance *chance, struct buf *out)
{
    static const char *const pieces[] = {
        "a",        "ab",          "b",      ".",      "[ab]",  "[^a]",
        "\\d",      "\\w+",        "\\s",    "x*",     "a+",    "(?:ab|b)",
        "(a|abc)",  "a{2,3}",      "\\bcmd", "\\.exe", "$",     "^",
        "^a",       "b$",          "(?i)AB", "(?=a)",  "(?!b)", "(a)\\1",
        "(?<=a)b",  "(?<!a)b",     "[a-cK]", "\\\\",   ".*",    ".+?",
        "é",        "Đ",           "[à-ỹ]",  "\\x41",  "k",     "(?i)k",
        "(?s).",    "(?m)^b",      "\\Aa",   "b\\z",   "a?",    "(ab)*+",
        "(?>ab|a)", "[[:alpha:]]", "\\p{L}", "\\W",    "",      "(?#x)a"};
    add(out, ONE_OF(chance, pieces));
}

static void
one_value(struct chance *chance, enum value_kind kind, struct buf *out)
{
    char bytes[256];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    switch (kind) {
    case VALUE_TEXT:
        if (once_in(chance, 6))
            add(out, ONE_OF(chance, numbers));
        else if (once_in(chance, 30))
            add(out, once_in(chance, 2) ? "true" : "false");
        else
            quoted(chance, true, out);
        break;
    case VALUE_PLAIN:
        quoted(chance, false, out);
        break;
    case VALUE_REGEX:
        for (size_t n = 1 + roll(chance, 4); n > 0; n--)
            regex_atom(chance, &text);
        buf_json(out, buf_str(&text));
        break;
    case VALUE_PREFIX:
        buf_json(out, str_of(ONE_OF(chance, prefixes)));
        break;
    case VALUE_NUMBER:
        add(out, ONE_OF(chance, numbers));
        break;
    case VALUE_PART:
        buf_u64(out, roll(chance, 13));
        break;
    case VALUE_FIELD:
        add(out, ONE_OF(chance, fields));
        break;
    case VALUE_BOOL:
        add(out, once_in(chance, 2) ? "true" : "false");
        break;
    case VALUE_NULL:
        add(out, "null");
        break;
    }
}

/* --- items */

/* "|modifier" and so on; what values go with them. */
static enum value_kind
text_modifiers(struct chance *chance, struct buf *out)
{
    if (!once_in(chance, 3)) {
        add(out, "|");
        add(out, ONE_OF(chance, wraps));
    }
    if (once_in(chance, 5))
        add(out, "|cased");
    if (once_in(chance, 6))
        add(out, "|windash");
    return VALUE_TEXT;
}

static enum value_kind
encoded_modifiers(struct chance *chance, struct buf *out)
{
    static const char *const before[] = {"",         "",       "|utf16le",
                                         "|utf16be", "|utf16", "|wide"};
    static const char *const after[] = {
        "|base64",       "|base64offset|contains", "|base64|contains",
        "|base64offset", "|base64|cased",          "|base64|startswith"};
    add(out, ONE_OF(chance, before));
    add(out, ONE_OF(chance, after));
    return VALUE_PLAIN;
}

static enum value_kind
regex_modifiers(struct chance *chance, struct buf *out)
{
    static const char *const flags[] = {"", "", "|i", "|m", "|s", "|i|s|m"};
    add(out, "|re");
    add(out, ONE_OF(chance, flags));
    return VALUE_REGEX;
}

static enum value_kind
time_modifiers(struct chance *chance, struct buf *out)
{
    add(out, "|");
    add(out, ONE_OF(chance, parts));
    if (once_in(chance, 2)) {
        add(out, "|");
        add(out, ONE_OF(chance, compares));
    }
    return VALUE_PART;
}

static enum value_kind
modifiers(struct chance *chance, struct buf *out)
{
    size_t way = roll(chance, 20);
    if (way < 9)
        return text_modifiers(chance, out);
    if (way < 11)
        return regex_modifiers(chance, out);
    if (way == 11)
        return encoded_modifiers(chance, out);
    if (way == 12)
        return time_modifiers(chance, out);
    if (way == 13 || way == 14) {
        add(out, "|");
        add(out, ONE_OF(chance, compares));
        return VALUE_NUMBER;
    }
    if (way == 15)
        add(out, "|exists");
    else if (way == 16)
        add(out, "|cidr");
    else if (way == 17) {
        add(out, "|fieldref");
        if (once_in(chance, 2)) {
            add(out, "|");
            add(out, ONE_OF(chance, wraps));
        }
        if (once_in(chance, 3))
            add(out, "|cased");
    }
    return way == 15   ? VALUE_BOOL
           : way == 16 ? VALUE_PREFIX
           : way == 17 ? VALUE_FIELD
           : way == 18 ? VALUE_NULL
                       : VALUE_TEXT;
}

static void
values(struct chance *chance, enum value_kind kind, size_t n, struct buf *out)
{
    if (n > 1)
        buf_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            add(out, ", ");
        one_value(chance, kind, out);
    }
    if (n > 1)
        buf_char(out, ']');
}

/* A field that such values are likely in. */
static const char *
field_for(struct chance *chance, const char *modifiers)
{
    if (strstr(modifiers, "|cidr") && !once_in(chance, 8))
        return once_in(chance, 2) ? "ip" : "src_ip";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(modifiers, parts[i]) && !once_in(chance, 8))
            return "when";
    if ((strstr(modifiers, "|lt") || strstr(modifiers, "|gt")) &&
        !once_in(chance, 4))
        return "num";
    return ONE_OF(chance, fields);
}

/* "field|modifiers: values", for a flow map. */
static void
item(struct chance *chance, struct buf *out)
{
    char bytes[128];
    struct buf mods = {bytes, 0, sizeof bytes, sizeof bytes, false};
    enum value_kind kind = modifiers(chance, &mods);
    size_t n = 1 + (once_in(chance, 2) ? roll(chance, 5) : 0);
    if (once_in(chance, 16))
        n = 10 + roll(chance, 40);
    if (kind == VALUE_BOOL || kind == VALUE_NULL)
        n = 1;
    if (n > 1 && once_in(chance, 4))
        add(&mods, "|all");
    if (once_in(chance, 8))
        add(&mods, "|neq");
    buf_char(&mods, '\0');
    buf_char(out, '"');
    add(out, field_for(chance, bytes));
    add(out, bytes);
    add(out, "\": ");
    values(chance, kind, n, out);
}

static void
map(struct chance *chance, struct buf *out)
{
    buf_char(out, '{');
    for (size_t n = 1 + roll(chance, 3), i = 0; i < n; i++) {
        if (i > 0)
            add(out, ", ");
        item(chance, out);
    }
    buf_char(out, '}');
}

static void
keywords(struct chance *chance, struct buf *out)
{
    size_t n = 2 + roll(chance, 3);
    if (once_in(chance, 3)) {
        add(out, once_in(chance, 2) ? "{\"|all\": " : "{\"|re\": ");
        values(chance,
               str_ends(buf_str(out), STR("|re\": ")) ? VALUE_REGEX
                                                      : VALUE_TEXT,
               n, out);
        buf_char(out, '}');
        return;
    }
    values(chance, VALUE_TEXT, n, out);
}

static void
search(struct chance *chance, struct buf *out)
{
    size_t way = roll(chance, 10);
    if (way < 7) {
        map(chance, out);
        return;
    }
    if (way == 7) {
        keywords(chance, out);
        return;
    }
    buf_char(out, '[');
    for (size_t n = 1 + roll(chance, 3), i = 0; i < n; i++) {
        if (i > 0)
            add(out, ", ");
        if (way == 9 && i + 1 == n)
            quoted(chance, true, out);
        else
            map(chance, out);
    }
    buf_char(out, ']');
}

/* --- conditions */

static const char *const names[] = {"sel", "sel_b", "filter", "other",
                                    "_hidden"};

static void
condition(struct chance *chance, size_t n, int depth, struct buf *out)
{
    static const char *const some[] = {"1 of sel*", "all of them", "1 of them",
                                       "any of s*", "2 of them",   "all of *e*",
                                       "1 of _h*"};
    size_t way = roll(chance, depth > 3 ? 4 : 10);
    if (way < 3) {
        add(out, names[roll(chance, n)]);
    } else if (way == 3) {
        add(out, ONE_OF(chance, some));
    } else if (way == 4) {
        add(out, "not ");
        condition(chance, n, depth + 1, out);
    } else {
        if (way != 5)
            buf_char(out, '(');
        condition(chance, n, depth + 1, out);
        add(out, once_in(chance, 2) ? " and " : " or ");
        condition(chance, n, depth + 1, out);
        if (way != 5)
            buf_char(out, ')');
    }
}

static void
one_rule(struct chance *chance, size_t i, struct buf *out)
{
    static const char *const sources[] = {
        "{product: windows}",
        "{product: windows, category: process_creation}",
        "{category: process_creation}",
        "{product: linux, service: sshd}",
        "{category: registry_event}",
        "{product: thapcanh}"};
    size_t n = 1 + roll(chance, 5);
    buf_format(out, "%stitle: r\nid: r%zu\nlogsource: %s\ndetection:\n",
               i > 0 ? "---\n" : "", i, ONE_OF(chance, sources));
    for (size_t s = 0; s < n; s++) {
        buf_format(out, "  %s: ", names[s]);
        search(chance, out);
        buf_char(out, '\n');
    }
    add(out, "  condition: ");
    if (once_in(chance, 8)) {
        add(out, "['");
        condition(chance, n, 0, out);
        add(out, "', '");
        condition(chance, n, 0, out);
        add(out, "']\n");
    } else {
        condition(chance, n, 0, out);
        buf_char(out, '\n');
    }
    add(out, "level: low\n");
}

void
invent_rules(struct chance *chance, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        one_rule(chance, i, out);
}

/* --- events */

static void
scalar(struct chance *chance, struct buf *out)
{
    static const char *const times[] = {
        "2024-05-01T08:15:30+07:00", "2024-12-30 23:59", "2026-01-01",
        "2020-02-29T10:05:00.5Z", "2024-07-01T00:01"};
    static const char *const encoded[] = {
        "YWI=", "xYWJj", "YQBiAA==", "//5hAA==", "AGEAYg==", "eWFiYw", "Y21k"};
    static const char *const json_numbers[] = {
        "0",   "1",   "10",   "-5",   "1.0",
        "1e3", "0.5", "4624", "1000", "9007199254740993",
        "-0",  "2"};
    size_t way = roll(chance, 16);
    if (way < 8)
        quoted(chance, false, out);
    else if (way < 10)
        add(out, ONE_OF(chance, json_numbers));
    else if (way == 10)
        add(out, once_in(chance, 2) ? "true" : "false");
    else if (way == 11)
        add(out, "null");
    else if (way == 12)
        buf_json(out, str_of(ONE_OF(chance, addresses)));
    else if (way == 13)
        buf_json(out, str_of(ONE_OF(chance, times)));
    else if (way == 14)
        buf_json(out, str_of(ONE_OF(chance, encoded)));
    else
        buf_json(out, str_of(ONE_OF(chance, numbers)));
}

static void
any_value(struct chance *chance, int depth, struct buf *out)
{
    size_t way = depth > 2 ? 0 : roll(chance, 10);
    if (way < 7) {
        scalar(chance, out);
        return;
    }
    size_t n = roll(chance, 4);
    buf_char(out, way == 9 ? '{' : '[');
    for (size_t i = 0; i < n; i++) {
        static const char *const keys[] = {"b", "c", "f", "x"};
        if (i > 0)
            buf_char(out, ',');
        if (way == 9)
            buf_format(out, "\"%s\":", keys[i]);
        any_value(chance, depth + 1, out);
    }
    buf_char(out, way == 9 ? '}' : ']');
}

void
invent_event(struct chance *chance, struct buf *out)
{
    size_t n = sizeof fields / sizeof *fields, n_printed = 0;
    buf_char(out, '{');
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 && strcmp(fields[i], fields[i - 1]) == 0) ||
            once_in(chance, 3))
            continue;
        if (n_printed++ > 0)
            buf_char(out, ',');
        buf_json(out, str_of(fields[i]));
        buf_char(out, ':');
        any_value(chance, 0, out);
    }
    buf_char(out, '}');
}
