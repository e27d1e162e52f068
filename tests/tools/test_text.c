/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns are put together: the longest beginning, then what may stand
 * anywhere, then the longest end, with fillers between. Letters change case and
 * dashes their kind where a pattern does not mind. */
#include "test_text.h"

#include "base/times.h"
#include "correlate/facts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ANY_CHAR '\xff'

void
filler_text(struct chance *chance, struct buf *out)
{
    static const char *const words[] = {
        " ",    "x",    "run",      "-q", " /v ",        "C:\\Data\\",
        "2024", "Đà",   "\\tmp\\",  "~",  "report.docx", " and ",
        "0",    "\"",   "漢字",     ", ", "zz9",         "\n",
        "a",    "ＡＢ", "\xc5\xbf", "ß",  "--",          "\\\\",
    };
    for (size_t n = roll(chance, 4); n > 0; n--)
        buf_add(out, str_of(ONE_OF(chance, words)));
}

/* --- patterns */

static void
dash(struct chance *chance, struct buf *out)
{
    static const char *const dashes[] = {"-", "/", "–", "—", "―"};
    buf_add(out, str_of(ONE_OF(chance, dashes)));
}

/* `style`: 0 as it is, 1 upper, 2 by chance. */
static void
letter(char c, size_t style, struct chance *chance, struct buf *out)
{
    bool is_lower = 'a' <= c && c <= 'z';
    if (style == 2 && c == 'k' && once_in(chance, 64))
        buf_add(out, STR("\u212a")); /* the Kelvin sign */
    else if (style == 2 && c == 's' && once_in(chance, 64))
        buf_add(out, STR("ſ"));
    else if (is_lower && (style == 1 || (style == 2 && once_in(chance, 2))))
        buf_char(out, (char)(c - 'a' + 'A'));
    else
        buf_char(out, c);
}

static void
segment_text(const struct segment *segment, unsigned flags,
             struct chance *chance, struct buf *out)
{
    static const char *const any[] = {"x", "0", " ", "Đ", "漢", "\\", "\n"};
    size_t style = flags & PATTERN_CASED ? 0 : roll(chance, 3);
    for (size_t i = 0; i < segment->text.len; i++) {
        char c = segment->text.at[i];
        if (c == ANY_CHAR)
            buf_add(out, str_of(ONE_OF(chance, any)));
        else if (c == '-' && (flags & PATTERN_DASHES))
            dash(chance, out);
        else
            letter(c, style, chance, out);
    }
}

static bool
is_exact(const struct pattern *pattern)
{
    return pattern->n_segments == 1;
}

/* The pattern with the longest first (or last) segment; NULL: none has one. */
static const struct pattern *
longest(const struct pattern *const *pattern, size_t n, bool last)
{
    const struct pattern *found = NULL;
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at = last ? pattern[i]->n_segments - 1 : 0;
        if (pattern[i]->segment[at].text.len > most) {
            most = pattern[i]->segment[at].text.len;
            found = pattern[i];
        }
    }
    return found;
}

static void
between(const struct pattern *pattern, bool first_too, bool last_too,
        struct chance *chance, struct buf *out)
{
    uint32_t from = first_too ? 0 : 1;
    uint32_t to = pattern->n_segments - (last_too ? 0 : 1);
    for (uint32_t i = from; i < to; i++) {
        if (pattern->segment[i].text.len == 0)
            continue;
        segment_text(&pattern->segment[i], pattern->flags, chance, out);
        if (!once_in(chance, 3))
            filler_text(chance, out);
    }
}

bool
patterns_text(const struct pattern *const *pattern, size_t n,
              struct chance *chance, struct buf *out)
{
    for (size_t i = 0; i < n; i++)
        if (is_exact(pattern[i])) { /* the others hold too, or never */
            segment_text(&pattern[i]->segment[0], pattern[i]->flags, chance,
                         out);
            return true;
        }
    const struct pattern *front = longest(pattern, n, false);
    const struct pattern *back = longest(pattern, n, true);
    if (front)
        segment_text(&front->segment[0], front->flags, chance, out);
    if (!front || once_in(chance, 2))
        filler_text(chance, out);
    size_t from = roll(chance, n);
    for (size_t i = 0; i < n; i++) {
        const struct pattern *one = pattern[(from + i) % n];
        between(one, false, false, chance, out);
    }
    if (!back || once_in(chance, 2))
        filler_text(chance, out);
    if (back)
        segment_text(&back->segment[back->n_segments - 1], back->flags, chance,
                     out);
    return true;
}

/* --- numbers, addresses, times */

static int
step_of(enum compare compare, struct chance *chance)
{
    switch (compare) {
    case COMPARE_LT:
        return -1 - (int)roll(chance, 3);
    case COMPARE_LTE:
        return -(int)roll(chance, 3);
    case COMPARE_GT:
        return 1 + (int)roll(chance, 3);
    case COMPARE_GTE:
        return (int)roll(chance, 3);
    case COMPARE_EQ:
        break;
    }
    return 0;
}

void
number_text(const struct test *test, struct str written, struct chance *chance,
            struct buf *out)
{
    int step = step_of(test->compare, chance);
    int64_t whole;
    if (step == 0)
        buf_add(out, written);
    else if (once_in(chance, 8))
        buf_add(out, step < 0 ? STR("-9e99999") : STR("9e99999"));
    else if (str_to_i64(written, &whole) && whole > INT64_MIN / 2 &&
             whole < INT64_MAX / 2)
        buf_i64(out, whole + step);
    else {
        char text[64] = "";
        memcpy(text, written.at, written.len < 63 ? written.len : 63);
        buf_format(out, "%.3f", strtod(text, NULL) + step);
    }
    if (once_in(chance, 4) && out->len > 0 && !memchr(out->at, '.', out->len) &&
        !memchr(out->at, 'e', out->len))
        buf_add(out, STR(".0"));
}

void
cidr_text(const struct prefix *prefix, struct chance *chance, struct buf *out)
{
    struct prefix one = {prefix->address, 128};
    char text[PREFIX_TEXT];
    uint64_t low = (uint64_t)roll(chance, 65536) << 48 |
                   (uint64_t)roll(chance, 65536) << 32 |
                   (uint64_t)roll(chance, 65536) << 16 | roll(chance, 65536);
    unsigned bits = prefix->bits;
    if (bits < 64)
        one.address.high |= bits == 0 ? low : low >> bits;
    if (bits <= 64)
        one.address.low = low;
    else if (bits < 128)
        one.address.low |= low & ((UINT64_C(1) << (128 - bits)) - 1);
    struct str rest = {text, prefix_text(&one, text)}, address;
    if (str_split(&rest, '/', &address))
        buf_add(out, address);
}

void
time_text(const struct test *test, struct str written, struct chance *chance,
          struct buf *out)
{
    static const char *const tails[] = {"",     ":17",   ":59.123+07:00",
                                        ":00Z", ":01,5", ":30-0330"};
    int64_t want = 0, got;
    size_t from = out->len;
    bool is_year = test->part == TIME_YEAR;
    str_to_i64(written, &want);
    want += step_of(test->compare, chance);
    for (int tries = 0; tries < 500; tries++) {
        int year = is_year ? (int)want : 1990 + (int)roll(chance, 60);
        out->len = from;
        buf_format(out, "%04d-%02d-%02d%c%02d:%02d%s", year % 10000,
                   1 + (int)roll(chance, 12), 1 + (int)roll(chance, 28),
                   once_in(chance, 2) ? 'T' : ' ', (int)roll(chance, 24),
                   test->part == TIME_MINUTE && want >= 0 && want < 60
                       ? (int)want
                       : (int)roll(chance, 60),
                   ONE_OF(chance, tails));
        if (time_part_of(str_cut(buf_str(out), from, out->len), test->part,
                         &got) &&
            got == want)
            return;
    }
}
