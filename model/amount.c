/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal text to millionths and back. */
#include "model/amount.h"

#include <string.h>

enum { PLACES = 6, MAX_EXPONENT = 1000, MAX_DIGITS = 24 };

/* What is read: digits, and how many stand behind the point. */
struct digits {
    amount value;
    int n, places; /* digits taken; places behind the point */
    bool any, round_up, decided;
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Past the last place that is kept only the first digit rounds. False: too
 * large. */
static bool
scale(struct digits *digits, int places)
{
    for (; places > 0 && digits->value != 0; places--) {
        digits->value *= 10;
        if (digits->value > MAX_AMOUNT)
            return false;
    }
    int last = 0;
    for (; places < 0; places++) {
        last = (int)(digits->value % 10);
        digits->value /= 10;
    }
    digits->value += last >= 5;
    return digits->value <= MAX_AMOUNT;
}

static bool
exponent_from(struct str text, int64_t *exponent)
{
    struct str rest = str_cut(text, 1, text.len);
    if (rest.len > 1 && rest.at[0] == '+' && is_digit(rest.at[1]))
        rest = str_cut(rest, 1, rest.len);
    return str_to_i64(rest, exponent) && *exponent >= -MAX_EXPONENT &&
           *exponent <= MAX_EXPONENT;
}

/* Digits with at most one point; gives where they end. */
static size_t
digits_from(struct str text, size_t at, struct digits *digits)
{
    bool point = false;
    for (; at < text.len; at++) {
        char c = text.at[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c))
            break;
        digits->any = true;
        if (digits->n < MAX_DIGITS + PLACES) {
            digits->value = digits->value * 10 + (c - '0');
            digits->n += digits->value != 0;
            digits->places += point;
        } else if (!point) {
            digits->places--; /* it cannot fit, unless an exponent says so */
        }
    }
    return at;
}

bool
amount_from(struct str text, amount *value)
{
    struct digits digits = {.n = 0};
    int64_t exponent = 0;
    bool negative = text.len > 0 && text.at[0] == '-';
    size_t at = negative || (text.len > 0 && text.at[0] == '+');
    at = digits_from(text, at, &digits);
    if (!digits.any)
        return false;
    if (at < text.len &&
        ((text.at[at] | 0x20) != 'e' ||
         !exponent_from(str_cut(text, at, text.len), &exponent)))
        return false;
    if (!scale(&digits, (int)exponent + PLACES - digits.places))
        return false;
    *value = negative ? -digits.value : digits.value;
    return true;
}

void
amount_write(struct buf *buf, amount value)
{
    char text[48];
    size_t at = sizeof text;
    bool negative = value < 0;
    __extension__ unsigned __int128 rest =
        negative ? -(unsigned __int128)value : (unsigned __int128)value;
    bool behind = false;
    for (int place = 0; place <= PLACES || rest != 0; place++) {
        char c = (char)('0' + (int)(rest % 10));
        rest /= 10;
        if (place == PLACES && behind)
            text[--at] = '.';
        if (place < PLACES && !behind && c == '0')
            continue;
        behind |= place < PLACES;
        text[--at] = c;
    }
    if (negative)
        text[--at] = '-';
    buf_add(buf, (struct str){text + at, sizeof text - at});
}
