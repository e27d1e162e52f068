/* SPDX-License-Identifier: Apache-2.0
 *
 * What every match of a regular expression contains. Only what stands outside
 * all groups and classes is read, and whatever is not surely understood ends
 * the text that is being gathered or gives the whole up: too short a literal
 * costs time, a wrong one would cost a match. Letters of ASCII only: in any
 * case they fold to what the folded value has in their place. */
#include "correlate/literal.h"

#include <string.h>

struct reading {
    struct str rest;
    char *at; /* the text gathered, folded */
    size_t len;
    struct str longest;
    bool lost; /* not understood */
};

static void
end_run(struct reading *reading)
{
    if (reading->len > reading->longest.len)
        reading->longest = (struct str){reading->at, reading->len};
    reading->at += reading->len;
    reading->len = 0;
}

static char
next(struct reading *reading)
{
    char c = reading->rest.len > 0 ? reading->rest.at[0] : '\0';
    reading->rest = str_cut(reading->rest, 1, reading->rest.len);
    return c;
}

/* Past the `]` of a class whose `[` was taken. */
static void
skip_class(struct reading *reading)
{
    if (str_starts(reading->rest, STR("^")))
        next(reading);
    if (str_starts(reading->rest, STR("]")))
        next(reading);
    while (reading->rest.len > 0) {
        char c = next(reading);
        if (c == ']')
            return;
        if (c == '[' && reading->rest.len > 0 &&
            memchr(":.=", reading->rest.at[0], 3))
            reading->lost = true; /* [:alpha:] */
        if (c == '\\' && memchr("QE", reading->rest.at[0], 2))
            reading->lost = true;
        if (c == '\\')
            next(reading);
    }
    reading->lost = true;
}

/* Whether what stands behind a `(` changes nothing in how the rest is read. */
static bool
is_plain_group(struct str rest)
{
    if (str_starts(rest, STR("?")))
        return rest.len > 1 && memchr(":=!<", rest.at[1], 4);
    return !str_starts(rest, STR("*"));
}

/* Past the `)` of a group whose `(` was taken. */
static void
skip_group(struct reading *reading)
{
    for (size_t depth = 1; depth > 0 && !reading->lost;) {
        if (reading->rest.len == 0) {
            reading->lost = true;
            return;
        }
        char c = next(reading);
        if (c == '[')
            skip_class(reading);
        else if (c == '\\' && memchr("QE", next(reading), 2))
            reading->lost = true;
        else if (c == '(')
            reading->lost |= !is_plain_group(reading->rest);
        depth += c == '(';
        depth -= c == ')';
    }
}

/* "(?i)", "(?ims)": letter case, lines; else the group is skipped. */
static void
take_group(struct reading *reading)
{
    struct str rest = reading->rest;
    size_t n = 1;
    while (n < rest.len && memchr("ims", rest.at[n], 3))
        n++;
    if (str_starts(rest, STR("?")) && n < rest.len && rest.at[n] == ')')
        reading->rest = str_cut(rest, n + 1, rest.len);
    else if (is_plain_group(rest))
        skip_group(reading);
    else
        reading->lost = true; /* (?x), (?P>name), (*UCP) … */
}

/* What stands behind an atom. A character that may be left out is taken off
 * the text; one that may be repeated ends it. */
static void
take_quantifier(struct reading *reading, bool is_char)
{
    if (reading->rest.len == 0)
        return;
    char c = reading->rest.at[0];
    if (!memchr("?*+{", c, 4))
        return;
    if (c == '{') {
        const char *close = memchr(reading->rest.at, '}', reading->rest.len);
        size_t n = close ? (size_t)(close - reading->rest.at) : 0;
        for (size_t i = 1; i < n; i++)
            if (!memchr("0123456789,", reading->rest.at[i], 11))
                n = 0;
        if (n < 2) { /* a brace by itself */
            reading->lost = true;
            return;
        }
        reading->rest = str_cut(reading->rest, n, reading->rest.len);
    }
    next(reading);
    if (is_char && c != '+' && reading->len > 0)
        reading->len--;
    end_run(reading);
    if (reading->rest.len > 0 && memchr("?+", reading->rest.at[0], 2))
        next(reading);
}

static bool
is_letter_or_digit(char c)
{
    char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9');
}

static void
add(struct reading *reading, char c)
{
    reading->at[reading->len++] =
        (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    take_quantifier(reading, true);
}

static void
take_escape(struct reading *reading)
{
    char c = next(reading);
    if (c != '\0' && !is_letter_or_digit(c) && (unsigned char)c < 0x80) {
        add(reading, c);
        return;
    }
    end_run(reading);
    /* \s and its like, \b; what takes an argument is not read */
    if (!c || !memchr("sSdDwWbBAzZtnrhHvVNRX", c, 21))
        reading->lost = true;
    else
        take_quantifier(reading, false);
}

static void
take(struct reading *reading)
{
    char c = next(reading);
    switch (c) {
    case '|':
    case '\0':
        reading->lost = true;
        break;
    case '\\':
        take_escape(reading);
        break;
    case '[':
        end_run(reading);
        skip_class(reading);
        take_quantifier(reading, false);
        break;
    case '(':
        end_run(reading);
        take_group(reading);
        take_quantifier(reading, false);
        break;
    case '.':
    case '^':
    case '$':
        end_run(reading);
        take_quantifier(reading, false);
        break;
    case '?':
    case '*':
    case '+':
    case ')':
        reading->lost = true;
        break;
    default:
        if ((unsigned char)c < 0x80) {
            add(reading, c);
            break;
        }
        /* several bytes are one character, which may be left out */
        end_run(reading);
        while (reading->rest.len > 0 &&
               ((unsigned char)reading->rest.at[0] & 0xc0) == 0x80)
            next(reading);
        take_quantifier(reading, false);
    }
}

struct str
regex_literal(struct str regex, struct arena *arena)
{
    struct reading reading = {.rest = regex};
    reading.at = arena_take_raw(arena, regex.len + 1, 1);
    if (!reading.at)
        return NO_STR;
    while (reading.rest.len > 0 && !reading.lost)
        take(&reading);
    end_run(&reading);
    return reading.lost ? NO_STR : reading.longest;
}
