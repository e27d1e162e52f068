/* SPDX-License-Identifier: Apache-2.0
 *
 * The pen writes JSON fast, by several ways through a string. Whatever the
 * string, it must give what writing it character by character gives. */
#include <criterion/criterion.h>

#include "base/json.h"
#include "ingest/feed_pen.h"

#include <inttypes.h>
#include <stdio.h>

/* Each character by itself, and U+FFFD for each byte that belongs to none. */
static void
write_plain(struct buf *plain, struct str text)
{
    buf_char(plain, '"');
    while (text.len > 0) {
        struct buf one = {0};
        size_t len = 1;

        while (len <= 4 &&
               (len > text.len || !json_is_utf8(str_cut(text, 0, len))))
            len++;
        buf_json(&one, len <= 4 ? str_cut(text, 0, len) : STR("\xef\xbf\xbd"));
        buf_add(plain, str_cut(buf_str(&one), 1, one.len - 1));
        buf_free(&one);
        text = str_cut(text, len <= 4 ? len : 1, text.len);
    }
    buf_char(plain, '"');
}

static void
same_as_plain(struct str text)
{
    struct buf fast = {0}, plain = {0};
    struct pen pen;

    pen_start(&pen, &fast);
    pen_json(&pen, text);
    pen_flush(&pen);
    write_plain(&plain, text);
    cr_assert(str_equal(buf_str(&fast), buf_str(&plain)),
              "%zu bytes: '%.*s' is written '%.*s'", text.len, STR_ARG(text),
              STR_ARG(buf_str(&fast)));
    buf_free(&fast);
    buf_free(&plain);
}

/* Mostly whole characters, so that long texts are UTF-8 now and then; the last
 * row are pieces that are none. */
static struct str
draw(uint32_t *state, char *at, size_t len, bool broken)
{
    static const char *const alphabet[] = {
        "a",        "0",        "\"",           "\\",
        " ",        "\xc3\xa0", "\xe1\xbb\x99", "\xc2\x80",
        "\xc2\xa0", "\n",       "\x7f",         "\xf0\x9f\x98\x80",
        "\xc4\x91", "\x1f",     "abcdefgh",     "\xc2\x9f",
        "\xff",     "\xc2",     "\xed\xa0\x80", "\x80",
    };
    size_t n = sizeof alphabet / sizeof *alphabet - (broken ? 0 : 4), used = 0;

    while (used < len) {
        *state = *state * 1664525 + 1013904223;
        const char *piece = alphabet[(*state >> 16) % n];
        for (; *piece != '\0' && used < len; piece++)
            at[used++] = *piece;
    }
    return (struct str){at, len};
}

Test(feed_pen, writes_character_by_character)
{
    uint32_t state = 7;
    char text[400];

    for (int round = 0; round < 60; round++)
        for (size_t len = 0; len < 160; len++) {
            same_as_plain(draw(&state, text, len, round % 3 == 0));
            same_as_plain(draw(&state, text + len, 2 * len % 240, false));
        }
}

/* One byte of every kind at every place of a plain text, of ASCII and not. */
Test(feed_pen, sees_every_byte_at_every_place)
{
    static const char *const ground[] = {"aaaa", "\xe1\xba\xa1 ",
                                         "\xc3\xa1"
                                         "a\""};
    char text[72];

    for (size_t g = 0; g < 3; g++)
        for (size_t len = 1; len <= sizeof text; len++)
            for (int c = 0; c < 256; c += len == 40 || len == 17 ? 1 : 31) {
                size_t period = strlen(ground[g]);
                for (size_t i = 0; i < len; i++)
                    text[i] = ground[g][i % period];
                text[(size_t)c % len] = (char)c;
                same_as_plain((struct str){text, len});
            }
}

/* Pages end in the middle of strings. */
Test(feed_pen, goes_on_over_the_end_of_a_page)
{
    struct buf fast = {0}, plain = {0};
    struct pen pen;
    char text[300];
    uint32_t state = 11;

    pen_start(&pen, &fast);
    for (size_t i = 0; i < 2000; i++) {
        struct str s = draw(&state, text, i % sizeof text, i % 5 == 0);
        pen_json(&pen, s);
        write_plain(&plain, s);
    }
    pen_flush(&pen);
    cr_assert(str_equal(buf_str(&fast), buf_str(&plain)));
    buf_free(&fast);
    buf_free(&plain);
}

Test(feed_pen, writes_numbers_in_full)
{
    static const int64_t numbers[] = {
        0,     1,     9,      10,        99, 100, 101,  999,       1000,
        12345, 99999, 100000, INT64_MAX, -1, -10, -100, INT64_MIN,
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct buf buf = {0};
        struct pen pen;
        char expected[32];

        pen_start(&pen, &buf);
        pen_i64(&pen, numbers[i]);
        pen_flush(&pen);
        snprintf(expected, sizeof expected, "%" PRId64, numbers[i]);
        cr_expect(str_equal(buf_str(&buf), str_of(expected)), "row %zu", i);
        buf_free(&buf);
    }
}
