/* SPDX-License-Identifier: Apache-2.0
 *
 * A text for an expression: one of the alternatives, as many times as a
 * quantifier allows at least (or a few more), one character of a class. What
 * looks around or back is left out, so the text may be none: the solver of
 * rules tries again. */
#include "test_text.h"

#include <string.h>

enum { MAX_DEPTH = 40, MAX_TEXT = 8192, MAX_TIMES = 2000, MAX_STEPS = 100000 };

struct reading {
    struct str rest;
    struct chance *chance;
    struct buf *out;
    bool silent; /* what is read makes no text */
    int depth, n_steps;
};

static char
take(struct reading *r)
{
    char c = r->rest.len > 0 ? r->rest.at[0] : '\0';
    r->rest = str_cut(r->rest, 1, r->rest.len);
    return c;
}

static bool
next_is(const struct reading *r, char c)
{
    return r->rest.len > 0 && r->rest.at[0] == c;
}

static void
put(struct reading *r, char c)
{
    if (!r->silent && r->out->len < MAX_TEXT)
        buf_char(r->out, c);
}

static int
hex(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* After "\x". */
static char
take_hex(struct reading *r)
{
    int n = 0, digits = 0;
    bool braces = next_is(r, '{');
    if (braces)
        take(r);
    while (r->rest.len > 0 && hex(r->rest.at[0]) >= 0 && digits++ < 2)
        n = n * 16 + hex(take(r));
    if (braces && next_is(r, '}'))
        take(r);
    return (char)(n & 0x7f);
}

/* --- sets of characters, of ASCII alone */

struct set {
    bool has[128];
};

static void
set_range(struct set *set, int from, int to)
{
    for (int c = from; c <= to && c < 128; c++)
        if (c >= 0)
            set->has[c] = true;
}

static void
set_not(struct set *set)
{
    for (int c = 0; c < 128; c++)
        set->has[c] = !set->has[c] && c >= ' ' && c < 127;
}

/* The class that a letter after a backslash is. */
static bool
set_escape(struct set *set, char c)
{
    struct set of = {{false}};
    switch (c | 0x20) {
    case 'd':
        set_range(&of, '0', '9');
        break;
    case 'w':
        set_range(&of, '0', '9');
        set_range(&of, 'A', 'Z');
        set_range(&of, 'a', 'z');
        of.has['_'] = true;
        break;
    case 's':
        of.has[' '] = of.has['\t'] = true;
        break;
    default:
        return false;
    }
    if (!(c & 0x20))
        set_not(&of);
    for (int i = 0; i < 128; i++)
        set->has[i] |= of.has[i];
    return true;
}

static void
put_one_of(struct reading *r, const struct set *set)
{
    size_t n = 0, which;
    for (int c = 0; c < 128; c++)
        n += set->has[c];
    if (n == 0 || r->silent)
        return;
    which = roll(r->chance, n);
    for (int c = 0; c < 128; c++)
        if (set->has[c] && which-- == 0)
            put(r, (char)c);
}

static char
take_class_char(struct reading *r, struct set *set, bool *is_set)
{
    char c = take(r);
    *is_set = false;
    if (c != '\\')
        return c;
    c = take(r);
    if (c == 'x')
        return take_hex(r);
    *is_set = set_escape(set, c);
    return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
}

/* After '['. */
static void
take_class(struct reading *r)
{
    struct set set = {{false}};
    bool negated = next_is(r, '^'), first = true, is_set;
    if (negated)
        take(r);
    while (r->rest.len > 0 && (first || !next_is(r, ']'))) {
        first = false;
        char from = take_class_char(r, &set, &is_set), to = from;
        if (is_set)
            continue;
        if (next_is(r, '-') && r->rest.len > 1 && r->rest.at[1] != ']') {
            take(r);
            to = take_class_char(r, &set, &is_set);
        }
        if (from >= 0 && to >= 0)
            set_range(&set, from, to);
    }
    take(r);
    if (negated)
        set_not(&set);
    put_one_of(r, &set);
}

/* --- expressions */

static void take_alternatives(struct reading *r);

/* The end of the group, and how many alternatives it has; `r` stands after its
 * parenthesis. */
static size_t
count_alternatives(struct str s)
{
    size_t n = 1;
    int depth = 0;
    bool in_class = false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (c == '\\')
            i++;
        else if (in_class)
            in_class = c != ']' || s.at[i - 1] == '[';
        else if (c == '[')
            in_class = true;
        else if (c == '(')
            depth++;
        else if (c == ')' && depth-- == 0)
            break;
        else if (c == '|' && depth == 0)
            n++;
    }
    return n;
}

/* After '(': what kind of group it is. True: it makes text. */
static bool
take_group_head(struct reading *r, bool *is_option)
{
    static const char *const silent[] = {"?=", "?!", "?<=", "?<!"};
    *is_option = false;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (str_starts(r->rest, str_of(silent[i])))
            return false;
    if (!next_is(r, '?'))
        return true;
    take(r);
    while (r->rest.len > 0 && !next_is(r, ':') && !next_is(r, '>') &&
           !next_is(r, ')'))
        take(r);
    *is_option = next_is(r, ')'); /* (?i) */
    if (!*is_option)
        take(r);
    return true;
}

static void
take_group(struct reading *r)
{
    bool is_option, silent = r->silent;
    if (!take_group_head(r, &is_option)) {
        r->silent = true;
        while (next_is(r, '?') || next_is(r, '=') || next_is(r, '!') ||
               next_is(r, '<'))
            take(r);
    }
    if (!is_option)
        take_alternatives(r);
    r->silent = silent;
    take(r); /* ')' */
}

static void
take_escape(struct reading *r)
{
    struct set set = {{false}};
    char c = take(r);
    if (set_escape(&set, c))
        put_one_of(r, &set);
    else if (c == 'x')
        put(r, take_hex(r));
    else if (c == 'n' || c == 't' || c == 'r')
        put(r, c == 'n' ? '\n' : c == 't' ? '\t' : '\r');
    else if (!strchr("bBAzZG", c))
        put(r, c);
}

static void
take_atom(struct reading *r)
{
    static const char *const any[] = {"a", "0", " ", "Z", "\\", "-"};
    if (++r->n_steps > MAX_STEPS)
        r->rest = NO_STR;
    char c = take(r);
    if (c == '(')
        take_group(r);
    else if (c == '[')
        take_class(r);
    else if (c == '\\')
        take_escape(r);
    else if (c == '.')
        put(r, ONE_OF(r->chance, any)[0]);
    else if (c != '^' && c != '$')
        put(r, c);
}

/* After an atom: how many times it is to stand. */
static size_t
take_times(struct reading *r)
{
    size_t few = roll(r->chance, 3), least = 0;
    char c = r->rest.len > 0 ? r->rest.at[0] : '\0';
    if (c == '*' || c == '?' || c == '+') {
        take(r);
        least = c == '+';
        few = c == '?' ? few % 2 : few;
    } else if (c == '{' && r->rest.len > 1 && r->rest.at[1] >= '0' &&
               r->rest.at[1] <= '9') {
        take(r);
        while (r->rest.len > 0 && r->rest.at[0] >= '0' && r->rest.at[0] <= '9')
            least = least * 10 + (size_t)(take(r) - '0');
        few = next_is(r, ',') && r->rest.len > 1 && r->rest.at[1] == '}' ? few
                                                                         : 0;
        while (r->rest.len > 0 && take(r) != '}')
            ;
    } else {
        return 1;
    }
    if (next_is(r, '?') || next_is(r, '+'))
        take(r);
    least = least > MAX_TIMES ? MAX_TIMES : least;
    return least + few;
}

/* A row of atoms, up to '|', ')' or the end. */
static void
take_row(struct reading *r)
{
    while (r->rest.len > 0 && !next_is(r, '|') && !next_is(r, ')')) {
        struct reading before = *r;
        bool silent = r->silent;
        r->silent = true;
        take_atom(r);
        r->silent = silent;
        size_t times = take_times(r);
        struct str after = r->rest;
        while (!silent && times-- > 0 && r->out->len < MAX_TEXT) {
            r->rest = before.rest;
            take_atom(r);
        }
        r->rest = after;
    }
}

static void
take_alternatives(struct reading *r)
{
    bool silent = r->silent;
    size_t wanted = roll(r->chance, count_alternatives(r->rest)), i = 0;
    if (++r->depth > MAX_DEPTH) {
        r->rest = NO_STR;
        return;
    }
    for (;; i++) {
        r->silent = silent || i != wanted;
        take_row(r);
        if (!next_is(r, '|'))
            break;
        take(r);
    }
    r->silent = silent;
    r->depth--;
}

void
expression_text(struct str expression, struct chance *chance, struct buf *out)
{
    struct reading r = {.rest = expression, .chance = chance, .out = out};
    bool anchored = expression.len > 0 && expression.at[0] == '^';
    if (!anchored && once_in(chance, 3))
        filler_text(chance, out);
    take_alternatives(&r);
    if (!str_ends(expression, STR("$")) && once_in(chance, 3))
        filler_text(chance, out);
}
