/* SPDX-License-Identifier: Apache-2.0
 *
 * A value with wildcards is a row of segments with any run between them: the
 * first must stand at the beginning, the last at the end, those between are
 * searched from left to right, each at its first place (which is as good as
 * any later one). An unescaped backslash that stands before neither a wildcard
 * nor a backslash is itself (Sigma 2.1, "Escape Character"). */
#include "correlate/pattern.h"

#include "base/unicode.h"

#include <string.h>

#define ANY_CHAR '\xff'

/* --- reading a value */

/* The next character of a value: `*wild` is '*', '?' or 0 for itself. */
static struct str
value_next(struct str *rest, bool literal, char *wild)
{
    char c = rest->at[0];
    size_t skip = 0, n = 1;
    *wild = 0;
    if (!literal && (c == '*' || c == '?')) {
        *wild = c;
    } else if (!literal && c == '\\' && rest->len > 1 &&
               (rest->at[1] == '*' || rest->at[1] == '?' ||
                rest->at[1] == '\\')) {
        skip = 1;
    } else {
        unicode_at(*rest, &n);
    }
    struct str one = str_cut(*rest, skip, skip + n);
    *rest = str_cut(*rest, skip + n, rest->len);
    return one;
}

bool
pattern_has_wildcards(struct str value)
{
    char wild = 0;
    while (value.len > 0 && !wild)
        value_next(&value, false, &wild);
    return wild != 0;
}

/* The segment up to the next `*`, prepared. */
static bool
segment_make(struct segment *segment, struct str *rest, unsigned flags,
             bool *star, struct arena *arena)
{
    char *start = arena_take_raw(arena, rest->len + 1, FOLD_GROWTH);
    size_t len = 0;
    *star = false;
    *segment = (struct segment){.n_chars = 0};
    if (!start)
        return false;
    while (rest->len > 0 && !*star) {
        char wild, small[64];
        struct str one =
            value_next(rest, (flags & PATTERN_LITERAL) != 0, &wild);
        struct arena scratch = {small, small + sizeof small};
        if (wild == '*') {
            *star = true;
        } else if (wild == '?') {
            start[len++] = ANY_CHAR;
            segment->n_chars++;
            segment->has_any = true;
        } else {
            one = pattern_text(one, flags, &scratch);
            if (!one.at)
                return false;
            memcpy(start + len, one.at, one.len);
            len += one.len;
            segment->n_chars++;
        }
    }
    segment->text = (struct str){start, len};
    arena->at = start + ((len + 15) & ~(size_t)15);
    return true;
}

bool
pattern_make(struct pattern *pattern, struct str value, enum wrap wrap,
             unsigned flags, struct arena *arena)
{
    static const struct segment nothing = {{"", 0}, 0, false};
    size_t max = 3;
    for (size_t i = 0; i < value.len; i++)
        max += value.at[i] == '*';
    struct segment *segments = arena_take(arena, max, sizeof *segments);
    uint32_t n = 0;
    bool star = true;
    if (!segments)
        return false;
    if (wrap == WRAP_ENDS || wrap == WRAP_CONTAINS)
        segments[n++] = nothing;
    while (star)
        if (!segment_make(&segments[n++], &value, flags, &star, arena))
            return false;
    if (wrap == WRAP_STARTS || wrap == WRAP_CONTAINS)
        segments[n++] = nothing;
    *pattern = (struct pattern){flags, n, segments};
    return true;
}

/* --- texts */

/* Bytes of a dash of any kind at the beginning of `s`; 0: none. */
static size_t
dash_len(struct str s)
{
    if (s.at[0] == '-' || s.at[0] == '/')
        return 1;
    if (s.len < 3 || s.at[0] != '\xe2' || s.at[1] != '\x80')
        return 0;
    /* U+2013, U+2014, U+2015 */
    return s.at[2] >= '\x93' && s.at[2] <= '\x95' ? 3 : 0;
}

static struct str
dashes_made_one(struct str text, struct arena *arena)
{
    char *start = arena_take_raw(arena, text.len + 1, 1), *at = start;
    if (!start)
        return NO_STR;
    while (text.len > 0) {
        size_t n = dash_len(text);
        *at++ = n > 0 ? '-' : text.at[0];
        text = str_cut(text, n > 0 ? n : 1, text.len);
    }
    return (struct str){start, (size_t)(at - start)};
}

struct str
pattern_text(struct str text, unsigned flags, struct arena *arena)
{
    if (!(flags & PATTERN_CASED))
        text = str_fold(text, arena);
    if ((flags & PATTERN_DASHES) && text.at)
        text = dashes_made_one(text, arena);
    return text;
}

/* --- matching */

static size_t
char_len(struct str s)
{
    size_t n;
    unicode_at(s, &n);
    return n;
}

/* Whether the segment stands at the beginning of `text`; `*n` bytes of it. */
static bool
stands_at_front(const struct segment *segment, struct str text, size_t *n)
{
    struct str want = segment->text;
    if (!segment->has_any) {
        *n = want.len;
        return str_starts(text, want);
    }
    *n = 0;
    for (size_t i = 0; i < want.len; i++) {
        if (*n >= text.len)
            return false;
        if (want.at[i] == ANY_CHAR)
            *n += char_len(str_cut(text, *n, text.len));
        else if (want.at[i] == text.at[*n])
            *n += 1;
        else
            return false;
    }
    return true;
}

/* The first place at or after `from`; `*end` is where it ends there. */
static bool
find_segment(const struct segment *segment, struct str text, size_t from,
             size_t *end)
{
    struct str rest = str_cut(text, from, text.len);
    if (segment->text.len == 0) {
        *end = from;
        return true;
    }
    if (!segment->has_any) {
        const char *found =
            memmem(rest.at, rest.len, segment->text.at, segment->text.len);
        *end = found ? (size_t)(found - text.at) + segment->text.len : 0;
        return found != NULL;
    }
    for (size_t n; rest.len >= segment->n_chars && rest.len > 0;
         rest = str_cut(rest, char_len(rest), rest.len)) {
        if (stands_at_front(segment, rest, &n)) {
            *end = (size_t)(rest.at - text.at) + n;
            return true;
        }
    }
    return false;
}

/* Whether the segment is the end of `text`, from `from` on. */
static bool
stands_at_back(const struct segment *segment, struct str text, size_t from)
{
    struct str rest = str_cut(text, from, text.len);
    if (!segment->has_any)
        return str_ends(rest, segment->text);
    size_t at = rest.len, n;
    for (uint32_t i = 0; i < segment->n_chars; i++) {
        if (at == 0)
            return false;
        do
            at--;
        while (at > 0 && ((unsigned char)rest.at[at] & 0xc0) == 0x80);
    }
    rest = str_cut(rest, at, rest.len);
    return stands_at_front(segment, rest, &n) && n == rest.len;
}

bool
pattern_match(const struct pattern *pattern, struct str text)
{
    size_t at;
    const struct segment *segment = pattern->segment;
    uint32_t n = pattern->n_segments;
    if (!stands_at_front(&segment[0], text, &at))
        return false;
    if (n == 1)
        return at == text.len;
    for (uint32_t i = 1; i + 1 < n; i++)
        if (!find_segment(&segment[i], text, at, &at))
            return false;
    return stands_at_back(&segment[n - 1], text, at);
}
