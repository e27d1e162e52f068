/* SPDX-License-Identifier: Apache-2.0
 *
 * Slices of text. Nothing here allocates or writes, and an empty slice may
 * have a NULL pointer: no function hands NULL to the memory functions of C. */
#include "base/str.h"

#include <string.h>

/* Longer words are nobody's typing mistake; bounds the table of distances. */
enum { MAX_WORD = 64 };

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_of(const char *text)
{
    return text ? (struct str){text, strlen(text)} : NO_STR;
}

struct str
str_cut(struct str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from > to) {
        from = to;
    }
    return s.at ? (struct str){s.at + from, to - from} : NO_STR;
}

struct str
str_trim(struct str s)
{
    while (s.len > 0 && blank(s.at[0])) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && blank(s.at[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool
str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
str_equal_nocase(struct str a, struct str b)
{
    if (a.len != b.len) {
        return false;
    }
    if (a.len == 0 || memcmp(a.at, b.at, a.len) == 0) {
        return true; /* most that are equal are spelt alike */
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.at[i]) != lower(b.at[i])) {
            return false;
        }
    }
    return true;
}

bool
str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_equal(str_cut(s, 0, prefix.len), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           str_equal(str_cut(s, s.len - suffix.len, s.len), suffix);
}

bool
str_contains(struct str s, struct str part)
{
    return part.len == 0 ||
           (s.len >= part.len && memmem(s.at, s.len, part.at, part.len));
}

int
str_compare(struct str a, struct str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;
    if (order != 0) {
        return order < 0 ? -1 : 1;
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* An empty rest is spent, so "a," gives "a" alone: as lines are counted. */
bool
str_split(struct str *rest, char separator, struct str *part)
{
    if (rest->len == 0) {
        return false;
    }
    const char *stop = memchr(rest->at, separator, rest->len);
    size_t len = stop ? (size_t)(stop - rest->at) : rest->len;
    *part = str_cut(*rest, 0, len);
    *rest = str_cut(*rest, len + 1, rest->len);
    return true;
}

bool
str_to_i64(struct str s, int64_t *n)
{
    bool negative = s.len > 0 && s.at[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.len) {
        return false;
    }
    int64_t sum = 0; /* kept negative: that side reaches one further */
    for (; i < s.len; i++) {
        int digit = s.at[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digit, &sum)) {
            return false;
        }
    }
    if (!negative && sum == INT64_MIN) {
        return false;
    }
    *n = negative ? sum : -sum;
    return true;
}

/* Goes back only to the last star: what an earlier one took need never be
 * tried again, so the cost is at most the product of both lengths. */
bool
str_matches_glob(struct str s, struct str pattern)
{
    size_t i = 0, p = 0, star = SIZE_MAX, mark = 0;
    while (i < s.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++;
            mark = i;
        } else if (p < pattern.len &&
                   (pattern.at[p] == '?' ||
                    lower(pattern.at[p]) == lower(s.at[i]))) {
            p++;
            i++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, changes, and swaps of neighbours (optimal string
 * alignment): 'pi' for 'ip' is one mistake. Both at most MAX_WORD long. */
static unsigned
distance(struct str a, struct str b)
{
    unsigned row[3][MAX_WORD + 1];
    unsigned *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.len; j++) {
        last[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned change = a.at[i - 1] != b.at[j - 1];
            now[j] =
                least(least(last[j], now[j - 1]) + 1, last[j - 1] + change);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
                a.at[i - 2] == b.at[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[b.len];
}

struct str
str_nearest(struct str word, const struct str *names, size_t n)
{
    struct str nearest = NO_STR;
    if (word.len == 0 || word.len > MAX_WORD) {
        return nearest;
    }
    unsigned allowed = word.len < 6 ? 1 : (unsigned)word.len / 3;
    for (size_t i = 0; i < n; i++) {
        if (names[i].len == 0 || names[i].len > MAX_WORD) {
            continue;
        }
        unsigned far = distance(word, names[i]);
        if (far <= allowed) {
            nearest = names[i];
            if (far == 0) {
                break;
            }
            allowed = far - 1;
        }
    }
    return nearest;
}
