/* SPDX-License-Identifier: Apache-2.0
 *
 * SplitMix64 (Steele, Lea, Flood 2014) and a dozen ways to spoil a text. Each
 * works on the text as it stands, so that several add up. */
#include "mutate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { MOST_CHANGES = 8, MOST_BYTES = 1 << 17 };

uint64_t
dice_next(struct dice *dice)
{
    uint64_t x = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

size_t
dice_below(struct dice *dice, size_t n)
{
    return n > 0 ? (size_t)(dice_next(dice) % n) : 0;
}

uint64_t
dice_seed(const char *name)
{
    const char *given = getenv(name);
    uint64_t seed = 0;
    if (given)
        seed = strtoull(given, NULL, 10);
    else if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        abort();
    seed &= UINT64_C(0xffffffff); /* short enough to be typed again */
    fprintf(stderr, "seed %" PRIu64 " (again: %s=%" PRIu64 ")\n", seed, name,
            seed);
    return seed;
}

/* What parsers stumble over. */
static const struct str tokens[] = {
#define TOKEN(text)                                                            \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }
    TOKEN("\0"),
    TOKEN("\n"),
    TOKEN("\r\n"),
    TOKEN("\t"),
    TOKEN("\xef\xbb\xbf"),
    TOKEN("\xff"),
    TOKEN("\xed\xa0\x80"),
    TOKEN("\xe1\xba\xad"),
    TOKEN("\\"),
    TOKEN("\\u0000"),
    TOKEN("\\ud800"),
    TOKEN("\\ud83d\\ude00"),
    TOKEN("\""),
    TOKEN("'"),
    TOKEN("{}"),
    TOKEN("[]"),
    TOKEN("{\"a\":"),
    TOKEN("["),
    TOKEN("]"),
    TOKEN("}"),
    TOKEN(","),
    TOKEN(":"),
    TOKEN(": "),
    TOKEN("- "),
    TOKEN("&a "),
    TOKEN("*a"),
    TOKEN("!!int "),
    TOKEN("|\n"),
    TOKEN("---\n"),
    TOKEN("null"),
    TOKEN("true"),
    TOKEN("1e999"),
    TOKEN("-0"),
    TOKEN("0x7f"),
    TOKEN("18446744073709551616"),
    TOKEN("-9223372036854775808"),
    TOKEN("9999999999999"),
    TOKEN("%s%n"),
    TOKEN("%00"),
    TOKEN("|"),
    TOKEN(";"),
    TOKEN("="),
    TOKEN("CEF:0|"),
    TOKEN("<134>"),
    TOKEN("2024-02-30"),
    TOKEN("::ffff:1.2.3.4/33"),
#undef TOKEN
};

static void
put(struct buf *out, size_t at, size_t drop, struct str part)
{
    struct str whole = buf_str(out);
    struct buf next = {0};
    buf_add(&next, str_cut(whole, 0, at));
    buf_add(&next, part);
    buf_add(&next, str_cut(whole, at + drop, whole.len));
    buf_free(out);
    *out = next;
}

static struct str
piece(struct dice *dice, struct str text)
{
    size_t from = dice_below(dice, text.len + 1);
    return str_cut(text, from, from + dice_below(dice, text.len - from + 1));
}

static void
change_byte(struct dice *dice, struct buf *out)
{
    size_t at = dice_below(dice, out->len);
    if (out->len == 0)
        return;
    if (dice_below(dice, 2))
        out->at[at] = (char)(out->at[at] ^ (1 << dice_below(dice, 8)));
    else
        out->at[at] = (char)dice_below(dice, 256);
}

/* A piece of the text doubled, or many times over. */
static void
repeat(struct dice *dice, struct buf *out)
{
    struct buf part = {0};
    struct str from = piece(dice, buf_str(out));
    size_t times = dice_below(dice, 8) ? 1 : dice_below(dice, 200);
    for (size_t i = 0; i < times && part.len + out->len < MOST_BYTES; i++)
        buf_add(&part, from);
    put(out, dice_below(dice, out->len + 1), 0, buf_str(&part));
    buf_free(&part);
}

static void
change(struct dice *dice, const struct seeds *seeds, struct buf *out)
{
    size_t at = dice_below(dice, out->len + 1);
    struct str token = tokens[dice_below(dice, sizeof tokens / sizeof *tokens)];
    switch (dice_below(dice, 8)) {
    case 0:
    case 1:
        change_byte(dice, out);
        break;
    case 2:
        put(out, at, 0, token);
        break;
    case 3:
        put(out, at, token.len, token);
        break;
    case 4:
        put(out, at, dice_below(dice, out->len - at + 1), NO_STR);
        break;
    case 5:
        repeat(dice, out);
        break;
    case 6:
        if (seeds->n > 0)
            put(out, at, dice_below(dice, out->len - at + 1),
                piece(dice, seeds->at[dice_below(dice, seeds->n)]));
        break;
    default:
        out->len = at;
        break;
    }
}

void
mutate(struct dice *dice, const struct seeds *seeds, struct buf *out)
{
    buf_clear(out);
    if (seeds->n > 0)
        buf_add(out, seeds->at[dice_below(dice, seeds->n)]);
    for (size_t i = 1 + dice_below(dice, MOST_CHANGES); i > 0; i--)
        change(dice, seeds, out);
    if (out->len > MOST_BYTES)
        out->len = MOST_BYTES;
}
