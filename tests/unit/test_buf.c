/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing buffer: growth, its maximum, numbers, and text made safe for
 * JSON, HTML and CSV. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

struct row {
    struct str text;
    const char *want;
};
#define ROW(text, want)                                                        \
    {                                                                          \
        {text, sizeof(text) - 1}, want                                         \
    }

static void
expect_rows(void (*add)(struct buf *, struct str), const struct row *rows,
            size_t n)
{
    struct buf buf = {0};
    for (size_t i = 0; i < n; i++) {
        buf_clear(&buf);
        add(&buf, rows[i].text);
        cr_expect(str_equal(buf_str(&buf), str_of(rows[i].want)),
                  "row %zu: got '%.*s', want '%s'", i, STR_ARG(buf_str(&buf)),
                  rows[i].want);
    }
    buf_free(&buf);
}

static void
expect_buf(struct buf *buf, const char *want)
{
    cr_expect(str_equal(buf_str(buf), str_of(want)), "got '%.*s', want '%s'",
              STR_ARG(buf_str(buf)), want);
    buf_clear(buf);
}

Test(buf, it_grows_and_keeps_what_it_held)
{
    struct buf buf = {0};
    for (unsigned i = 0; i < 100000; i++) {
        buf_char(&buf, (char)i);
    }
    cr_expect_eq(buf.len, 100000);
    cr_expect_not(buf.full);
    for (unsigned i = 0; i < 100000; i++) {
        cr_assert_eq(buf.at[i], (char)i, "byte %u", i);
    }
    buf_free(&buf);
}

Test(buf, cleared_it_keeps_its_memory)
{
    struct buf buf = {0};
    buf_format(&buf, "%01000d", 1);
    const char *at = buf.at;
    buf_clear(&buf);
    buf_format(&buf, "%01000d", 1);
    cr_expect_eq(buf.at, at);
    cr_expect_eq(buf.len, 1000);
    buf_free(&buf);
}

Test(buf, what_does_not_fit_is_dropped_whole_and_full_is_set)
{
    struct buf buf = {.max_bytes = 10};
    buf_add(&buf, STR("1234567"));
    cr_expect_not(buf.full);
    buf_add(&buf, STR("8901"));
    cr_expect(buf.full);
    expect_buf(&buf, "1234567");
    cr_expect_not(buf.full);

    buf_add(&buf, STR("1234567"));
    buf_json(&buf, STR("ab"));
    cr_expect(buf.full);
    expect_buf(&buf, "1234567");
    buf_add(&buf, STR("123"));
    buf_json(&buf, STR("a\x01"));
    cr_expect(buf.full);
    expect_buf(&buf, "123");
    buf_add(&buf, STR("123"));
    buf_html(&buf, STR("ab<c>"));
    cr_expect(buf.full);
    expect_buf(&buf, "123");
    buf_add(&buf, STR("123"));
    buf_csv(&buf, STR("ab\"cd,"));
    cr_expect(buf.full);
    expect_buf(&buf, "123");
    buf_add(&buf, STR("123"));
    buf_format(&buf, "%d", 12345678);
    cr_expect(buf.full);
    expect_buf(&buf, "123");
    buf_add(&buf, STR("123"));
    buf_i64(&buf, -1234567);
    cr_expect(buf.full);
    expect_buf(&buf, "123");
    buf_free(&buf);
}

Test(buf, it_takes_exactly_its_maximum)
{
    struct buf buf = {.max_bytes = 10};
    buf_add(&buf, STR("1234567890"));
    cr_expect_not(buf.full);
    expect_buf(&buf, "1234567890");
    buf_json(&buf, STR("12345678"));
    cr_expect_not(buf.full);
    expect_buf(&buf, "\"12345678\"");
    buf_json(&buf, STR("ab\x01"));
    cr_expect_not(buf.full);
    expect_buf(&buf, "\"ab\\u0001\"");
    buf_format(&buf, "%s", "1234567890");
    cr_expect_not(buf.full);
    expect_buf(&buf, "1234567890");
    buf_free(&buf);
}

Test(buf, numbers_reach_both_ends)
{
    struct buf buf = {0};
    buf_i64(&buf, INT64_MIN);
    expect_buf(&buf, "-9223372036854775808");
    buf_i64(&buf, INT64_MAX);
    expect_buf(&buf, "9223372036854775807");
    buf_u64(&buf, UINT64_MAX);
    expect_buf(&buf, "18446744073709551615");
    buf_i64(&buf, 0);
    buf_u64(&buf, 0);
    buf_i64(&buf, -7);
    expect_buf(&buf, "00-7");
    buf_free(&buf);
}

Test(buf, json_escapes_what_must_be_and_nothing_else)
{
    static const struct row rows[] = {
        ROW("", "\"\""),
        ROW("plain", "\"plain\""),
        ROW("a\"b\\c/", "\"a\\\"b\\\\c/\""),
        ROW("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""),
        ROW("\0\x1f\x7f", "\"\\u0000\\u001f\\u007f\""),
        ROW("\xc2\x85", "\"\\u0085\""), /* C1: next line */
        ROW("C\xe1\xba\xa3nh b\xc3\xa1o", "\"C\xe1\xba\xa3nh b\xc3\xa1o\""),
        ROW("\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\""),
    };
    expect_rows(buf_json, rows, N_ROWS(rows));
}

#define BAD "\xef\xbf\xbd"

Test(buf, json_replaces_what_is_not_utf8)
{
    static const struct row rows[] = {
        ROW("a\x80z", "\"a" BAD "z\""),
        ROW("\xff\xfe", "\"" BAD BAD "\""),
        ROW("\xc3", "\"" BAD "\""),
        ROW("\xc0\xaf", "\"" BAD BAD "\""),         /* overlong '/' */
        ROW("\xe0\x80\xaf", "\"" BAD BAD BAD "\""), /* overlong */
        ROW("\xed\xa0\x80", "\"" BAD BAD BAD "\""), /* surrogate */
        ROW("\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""),
        ROW("\xe1\xba"
            "z",
            "\"" BAD "z\""), /* maximal subpart */
        ROW("\xf0\x9f\x98", "\"" BAD "\""),
        ROW("\xf0\x9f\"", "\"" BAD "\\\"\""),
        ROW("\xf5\x80", "\"" BAD BAD "\""),
    };
    expect_rows(buf_json, rows, N_ROWS(rows));
}

/* Slow and plain: the rules once more, a byte at a time, for ASCII. */
static void
json_plainly(struct buf *buf, struct str s)
{
    buf_char(buf, '"');
    for (size_t i = 0; i < s.len; i++) {
        const char *letters = "\bb\ff\nn\rr\tt\"\"\\\\";
        const char *letter = NULL;
        for (size_t j = 0; letters[j]; j += 2) {
            letter = letters[j] == s.at[i] ? letters + j + 1 : letter;
        }
        if (letter) {
            buf_format(buf, "\\%c", *letter);
        } else if ((unsigned char)s.at[i] < 0x20 || s.at[i] == 0x7f) {
            buf_format(buf, "\\u%04x", (unsigned)s.at[i]);
        } else {
            buf_char(buf, s.at[i]);
        }
    }
    buf_char(buf, '"');
}

Test(buf, json_is_the_same_wherever_the_odd_byte_stands)
{
    static const char odd[] = "\"\\\n\x01\x7f";
    struct buf fast = {0}, plain = {0};
    for (size_t len = 0; len < 50; len++) {
        for (size_t at = 0; at < len; at++) {
            for (size_t which = 0; which < sizeof odd; which++) {
                char text[64];
                memset(text, 'a', sizeof text);
                text[at] = odd[which];
                text[at / 2] = odd[which];
                buf_clear(&fast);
                buf_clear(&plain);
                buf_json(&fast, (struct str){text, len});
                json_plainly(&plain, (struct str){text, len});
                cr_assert(str_equal(buf_str(&fast), buf_str(&plain)),
                          "length %zu, byte %zu, kind %zu", len, at, which);
            }
        }
    }
    buf_free(&fast);
    buf_free(&plain);
}

Test(buf, json_of_only_odd_bytes_grows_enough)
{
    static char text[10000];
    struct buf buf = {0};
    buf_json(&buf, (struct str){text, sizeof text});
    cr_expect_not(buf.full);
    cr_expect_eq(buf.len, 6 * sizeof text + 2);
    buf_free(&buf);
}

Test(buf, html_lets_no_markup_and_no_control_character_through)
{
    static const struct row rows[] = {
        ROW("", ""),
        ROW("<a href=\"x\" b='y'>&amp;",
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;"),
        ROW("a\tb\nc", "a\tb\nc"),
        ROW("a\x1b[31m\r", "a" BAD "[31m" BAD),
        ROW("\0\x7f\xc2\x9b", BAD BAD BAD),
        ROW("\xc3", BAD),
        ROW("C\xe1\xba\xa3nh b\xc3\xa1o", "C\xe1\xba\xa3nh b\xc3\xa1o"),
    };
    expect_rows(buf_html, rows, N_ROWS(rows));
}

Test(buf, csv_quotes_what_needs_it_and_disarms_formulas)
{
    static const struct row rows[] = {
        ROW("", ""),
        ROW("plain text", "plain text"),
        ROW("a,b", "\"a,b\""),
        ROW("a\"b", "\"a\"\"b\""),
        ROW("a\r\nb", "\"a\r\nb\""),
        ROW("=1+1", "'=1+1"),
        ROW("@SUM(A1)", "'@SUM(A1)"),
        ROW("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ROW("-2+3", "'-2+3"),
        ROW("-", "'-"),
        ROW("\tx", "\"'\tx\""),
        ROW("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ROW("-11.8%", "-11.8%"),
        ROW("+3", "+3"),
        ROW("-1\0002", "'-1\0002"),
        ROW("15.035", "15.035"),
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct buf buf = {0};
        buf_csv(&buf, rows[i].text);
        size_t len = i == 14 ? 5 : strlen(rows[i].want); /* holds a NUL */
        cr_expect(str_equal(buf_str(&buf), (struct str){rows[i].want, len}),
                  "row %zu: got '%.*s'", i, STR_ARG(buf_str(&buf)));
        buf_free(&buf);
    }
}

Test(buf, over_memory_of_the_caller_it_stops_at_its_end)
{
    char text[9] = "--------#";
    struct buf buf = {.at = text, .cap = 8, .max_bytes = 8};
    buf_format(&buf, "%d", 12345678);
    cr_expect_eq(text[8], '#');
    cr_expect_not(buf.full);
    expect_buf(&buf, "12345678");
    buf_json(&buf, STR("abcdef"));
    cr_expect_eq(text[8], '#');
    expect_buf(&buf, "\"abcdef\"");
    buf_json(&buf, STR("\x01\x02"));
    cr_expect(buf.full);
    cr_expect_eq(text[8], '#');
}

Test(buf, a_long_format_is_not_cut)
{
    struct buf buf = {0};
    for (int len = 500; len < 1200; len += 1) {
        buf_clear(&buf);
        buf_format(&buf, "%0*d", len, 7);
        cr_assert_eq(buf.len, (size_t)len);
        cr_assert_eq(buf.at[len - 1], '7');
    }
    buf_free(&buf);
}
