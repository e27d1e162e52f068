/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers by their digits. A number is its sign, the power of ten of its first
 * digit and the digits; two are compared in this order. */
#include "correlate/decimal.h"

#include <string.h>

enum { MAX_EXPONENT = 1000000, MAX_PLAIN = 400 };

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "e+12" from `at` to the end. */
static bool
exponent_from(struct str text, int64_t *exponent)
{
    struct str rest = str_cut(text, 1, text.len);
    if (rest.len > 1 && rest.at[0] == '+' && is_digit(rest.at[1]))
        rest = str_cut(rest, 1, rest.len);
    return str_to_i64(rest, exponent) && *exponent >= -MAX_EXPONENT &&
           *exponent <= MAX_EXPONENT;
}

bool
decimal_from(struct str text, struct decimal *decimal)
{
    size_t at = 0, first = SIZE_MAX, last = 0, n_digits = 0;
    size_t point = SIZE_MAX;
    int64_t exponent = 0;
    *decimal = (struct decimal){.negative = false};
    if (text.len > 0 && (text.at[0] == '-' || text.at[0] == '+')) {
        decimal->negative = text.at[0] == '-';
        at = 1;
    }
    size_t end = at;
    for (; end < text.len; end++) {
        char c = text.at[end];
        if (c == '.' && point == SIZE_MAX) {
            point = end;
            continue;
        }
        if (!is_digit(c))
            break;
        n_digits++;
        if (c == '0')
            continue;
        first = first == SIZE_MAX ? end : first;
        last = end;
    }
    if (n_digits == 0)
        return false;
    if (end < text.len &&
        ((text.at[end] | 0x20) != 'e' ||
         !exponent_from(str_cut(text, end, text.len), &exponent)))
        return false;
    if (first == SIZE_MAX) {
        decimal->negative = false;
        return true;
    }
    point = point == SIZE_MAX ? end : point;
    decimal->top = exponent + (first < point ? (int64_t)(point - first) - 1
                                             : -(int64_t)(first - point));
    decimal->digits = str_cut(text, first, last + 1);
    return true;
}

/* The next digit, over a point; '0' past the end. */
static char
next_digit(struct str *digits)
{
    if (digits->len > 0 && digits->at[0] == '.')
        *digits = str_cut(*digits, 1, digits->len);
    if (digits->len == 0)
        return '0';
    char c = digits->at[0];
    *digits = str_cut(*digits, 1, digits->len);
    return c;
}

/* By size alone. */
static int
compare_size(const struct decimal *a, const struct decimal *b)
{
    struct str x = a->digits, y = b->digits;
    if (x.len == 0 || y.len == 0)
        return (x.len > 0) - (y.len > 0);
    if (a->top != b->top)
        return a->top < b->top ? -1 : 1;
    while (x.len > 0 || y.len > 0) {
        char c = next_digit(&x), d = next_digit(&y);
        if (c != d)
            return c < d ? -1 : 1;
    }
    return 0;
}

int
decimal_compare(const struct decimal *a, const struct decimal *b)
{
    if (a->negative != b->negative)
        return a->negative ? -1 : 1;
    return a->negative ? compare_size(b, a) : compare_size(a, b);
}

bool
decimal_is_plain(struct str text)
{
    size_t at = text.len > 0 && text.at[0] == '-', whole = at;
    while (at < text.len && is_digit(text.at[at]))
        at++;
    if (at == whole || (at - whole > 1 && text.at[whole] == '0'))
        return false;
    if (at == text.len)
        return true;
    size_t fraction = at + 1;
    if (text.at[at] != '.')
        return false;
    for (at = fraction; at < text.len && is_digit(text.at[at]);)
        at++;
    return at == text.len && at > fraction;
}

struct str
decimal_plain(struct str text, struct arena *arena)
{
    struct decimal decimal;
    if (decimal_is_plain(text) &&
        !(text.len > 0 && memchr(text.at, '.', text.len)) &&
        !str_equal(text, STR("-0")))
        return text;
    if (!decimal_from(text, &decimal))
        return text;
    struct str rest = decimal.digits;
    if (rest.len == 0)
        return STR("0");
    int64_t low = decimal.top; /* power of ten of the last digit */
    for (size_t i = 1; i < rest.len; i++)
        low -= rest.at[i] != '.';
    int64_t from = decimal.top < 0 ? 0 : decimal.top, to = low > 0 ? 0 : low;
    if (from - to > MAX_PLAIN)
        return text;
    char *start = arena_take_raw(arena, (size_t)(from - to) + 4, 1);
    if (!start)
        return text;
    char *at = start;
    if (decimal.negative)
        *at++ = '-';
    for (int64_t power = from; power >= to; power--) {
        if (power == -1)
            *at++ = '.';
        *at++ = power > decimal.top ? '0' : next_digit(&rest);
    }
    return (struct str){start, (size_t)(at - start)};
}
