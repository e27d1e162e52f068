/* SPDX-License-Identifier: Apache-2.0
 *
 * The feed on a terminal: a cell is exactly as wide as it should be whatever
 * is in it, and nothing in it reaches the terminal that could move its cursor,
 * change its state or turn its text. */
#include "base/times.h"
#include "daemon/feed_screen.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

TestSuite(feed_screen, .init = screen_start);

/* How many cells a terminal would use; -1 if there is something in it that is
 * no plain sign. */
static int
cells_of(struct str text)
{
    int cells = 0;
    mbstate_t state = {0};
    while (text.len > 0) {
        wchar_t sign;
        size_t n = mbrtowc(&sign, text.at, text.len, &state);
        if (n == 0 || n > text.len)
            return -1;
        int width = wcwidth(sign);
        if (width < 0)
            return -1;
        cells += width;
        text = str_cut(text, n, text.len);
    }
    return cells;
}

Test(feed_screen, a_cell_is_cut_or_filled_to_its_width)
{
    static const struct {
        const char *text;
        int width;
        const char *cell;
    } rows[] = {
        {"abc", 5, "abc  "},
        {"abc", 3, "abc"},
        {"abcd", 3, "ab…"},
        {"", 3, "   "},
        {"abc", 1, "…"},
        {"abc", 0, ""},
        {"Sở Y tế", 7, "Sở Y tế"},
        {"Sở Y tế", 6, "Sở Y …"},
        /* decomposed: o + horn + hook above */
        {"So\xcc\x9b\xcc\x89 Y te\xcc\x82\xcc\x81", 7,
         "So\xcc\x9b\xcc\x89 Y te\xcc\x82\xcc\x81"},
        {"So\xcc\x9b\xcc\x89 Y", 3, "So\xcc\x9b\xcc\x89…"},
        {"漢字かな", 8, "漢字かな"},
        {"漢字かな", 7, "漢字か…"},
        {"漢字かな", 6, "漢字… "},
        {"漢", 1, "…"},
        {"🦠x", 3, "🦠x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf buf = {0};
        screen_cell(&buf, str_of(rows[i].text), rows[i].width);
        cr_assert(str_equal(buf_str(&buf), str_of(rows[i].cell)),
                  "row %zu: '%.*s'", i, STR_ARG(buf_str(&buf)));
        buf_free(&buf);
    }
}

Test(feed_screen, hostile_bytes_become_visible_signs)
{
    static const struct {
        struct str text;
        const char *shown;
    } rows[] = {
        {{"\033[2J", 4}, "␛[2J"},
        {{"a\rb\nc\td", 7}, "a␍b␊c␉d"},
        {{"a\0b", 3}, "a␀b"},
        {{"\x7f", 1}, "␡"},
        {{"\x9b"
          "31m",
          4},
         "�31m"}, /* CSI in one byte */
        {{"\xc2\x9b"
          "31m",
          5},
         "�31m"}, /* the same in UTF-8 */
        {{"\xe2\x80\xae"
          "gpj",
          6},
         "�gpj"},                     /* right-to-left override */
        {{"\xe2\x81\xa6x", 4}, "�x"}, /* isolate */
        {{"a\xe2\x80\x8b"
          "b",
          5},
         "a�b"},                           /* zero width space */
        {{"\xef\xbb\xbfx", 4}, "�x"},      /* byte order mark */
        {{"\xc0\xaf", 2}, "��"},           /* overlong */
        {{"\xed\xa0\x80", 3}, "���"},      /* surrogate */
        {{"\xf4\x90\x80\x80", 4}, "����"}, /* above the last */
        {{"\xe2\x82", 2}, "��"},           /* cut off */
        {{"\xf3\xa0\x81\x81", 4}, "�"},    /* invisible tag */
        {{"\xcc\x81x", 3}, "�x"},          /* a mark without a letter */
        {{"🇻🇳", 8}, "��"},                 /* a flag may be joined */
        {{"\xef\xbf\xbd", 3}, "�"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf buf = {0};
        screen_text(&buf, rows[i].text);
        cr_assert(str_equal(buf_str(&buf), str_of(rows[i].shown)),
                  "row %zu: '%.*s'", i, STR_ARG(buf_str(&buf)));
        buf_free(&buf);
    }
}

Test(feed_screen, a_heap_of_marks_does_not_climb_into_other_lines)
{
    struct buf text = {0}, cell = {0};
    buf_char(&text, 'e');
    for (int i = 0; i < 1000; i++)
        buf_add(&text, STR("\xcc\x81"));
    screen_cell(&cell, buf_str(&text), 10);
    cr_assert_leq(cell.len, 20);
    cr_assert_eq(cells_of(buf_str(&cell)), 10);
    buf_free(&text);
    buf_free(&cell);
}

/* A small generator of its own: the same bytes everywhere. */
static uint32_t
next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

Test(feed_screen, whatever_is_in_it_a_cell_has_its_width)
{
    uint32_t state = 2024;
    for (int round = 0; round < 20000; round++) {
        struct buf text = {0}, cell = {0};
        int n = (int)(next_random(&state) % 40);
        for (int i = 0; i < n; i++) {
            uint32_t kind = next_random(&state) % 4;
            uint32_t r = next_random(&state);
            if (kind == 0)
                buf_char(&text, (char)(r & 0xff));
            else if (kind == 1)
                buf_char(&text, (char)('a' + r % 26));
            else
                buf_format(&text, "%c%c%c", 0xe0 | (int)(r & 15),
                           0x80 | (int)(r >> 4 & 63),
                           0x80 | (int)(r >> 10 & 63));
        }
        int width = (int)(next_random(&state) % 30);
        screen_cell(&cell, buf_str(&text), width);
        cr_assert_eq(cells_of(buf_str(&cell)), width, "round %d", round);
        buf_free(&text);
        buf_free(&cell);
    }
}

#define RULE_NAME "Phát hiện \033]0;x\007 mã độc"

static const struct feed_line line_of_all = {
    .alert_id = {"ajiant:1", 8},
    .host = {"STTTT-0042", 10},
    .src_ip = {"203.113.128.7", 13},
    .rule_name = {RULE_NAME, sizeof RULE_NAME - 1},
    .unit = {"so-tttt", 7},
    .severity = SEVERITY_HIGH,
    .event_ms = INT64_C(1714526130000),
};

Test(feed_screen, every_line_is_as_wide_as_the_terminal)
{
    for (int i = 0; i < 4; i++)
        for (int cells = 72; cells <= 250; cells++) {
            struct screen screen = {.english = i % 2 > 0, .tickets = i > 1};
            struct buf line = {0}, head = {0};
            screen_layout(&screen, cells);
            screen_line(&line, &screen, &line_of_all, STR("Sở Thông tin"),
                        STR("T8SXCP2ZJ Mã độc tái diễn"));
            screen_head(&head, &screen);
            line.len--; /* the line ends */
            head.len--;
            cr_assert_eq(cells_of(buf_str(&line)), cells, "%d cells: %.*s",
                         cells, STR_ARG(buf_str(&line)));
            cr_assert_eq(cells_of(buf_str(&head)), cells, "%d cells", cells);
            buf_free(&line);
            buf_free(&head);
        }
}

Test(feed_screen, a_line_says_time_severity_host_unit_rule_and_source)
{
    struct screen screen = {.english = true};
    struct buf line = {0};
    screen_layout(&screen, 120);
    screen_line(&line, &screen, &line_of_all, STR("Sở TTTT"), NO_STR);
    cr_assert(str_equal(buf_str(&line),
                        STR("2024-05-01 08:15:30  high      STTTT-0042       "
                            "    Sở TTTT           Phát hiện ␛]0;x␇ mã độc"
                            "            203.113.128.7  \n")),
              "'%.*s'", STR_ARG(buf_str(&line)));
    buf_free(&line);
}

Test(feed_screen, the_ticket_that_took_it_is_said_where_there_is_room)
{
    static const struct {
        int cells;
        const char *said;
    } rows[] = {{79, NULL}, {80, "T8SXCP2ZJ\n"}, {160, "T8SXCP2ZJ Mã độc"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct screen screen = {.tickets = true};
        struct buf line = {0};
        screen_layout(&screen, rows[i].cells);
        screen_line(&line, &screen, &line_of_all, STR("u"),
                    STR("T8SXCP2ZJ Mã độc tái diễn"));
        struct str text = buf_str(&line);
        cr_expect_eq(str_contains(text, STR("T8SX")), rows[i].said != NULL);
        cr_expect(!rows[i].said || str_contains(text, str_of(rows[i].said)),
                  "%d: %.*s", rows[i].cells, STR_ARG(text));
        buf_free(&line);
    }
}

Test(feed_screen, an_alert_that_a_rule_did_not_get_says_so)
{
    static const char *const said[] = {"(quá giới hạn) ", "(over a limit) "};
    for (int english = 0; english < 2; english++) {
        struct screen screen = {.english = english > 0};
        struct feed_line one = line_of_all;
        struct buf line = {0};
        one.capped = true;
        screen_layout(&screen, 200);
        screen_line(&line, &screen, &one, STR("u"), NO_STR);
        cr_expect(str_contains(buf_str(&line), str_of(said[english])), "%.*s",
                  STR_ARG(buf_str(&line)));
        buf_free(&line);
    }
}

Test(feed_screen, color_is_around_the_severity_only_and_is_ended)
{
    struct screen screen = {.english = true, .color = true};
    for (int i = 0; i < N_SEVERITIES; i++) {
        struct feed_line one = line_of_all;
        struct buf line = {0};
        one.severity = (enum severity)i;
        screen_layout(&screen, 120);
        screen_line(&line, &screen, &one, STR("u"), NO_STR);
        struct str text = buf_str(&line);
        size_t escapes = 0;
        for (size_t k = 0; k < text.len; k++)
            escapes += text.at[k] == '\033';
        cr_assert_eq(escapes, 2, "severity %d", i);
        cr_assert(str_contains(text, STR("\033[0m")), "severity %d", i);
        buf_free(&line);
    }
}

Test(feed_screen, json_stays_equal_and_becomes_harmless)
{
    static const struct {
        const char *json, *shown;
    } rows[] = {
        {"{\"a\":\"Sở Y tế\"}", "{\"a\":\"Sở Y tế\"}"},
        {"{\"a\":\"\xe2\x80\xaex\"}", "{\"a\":\"\\u202ex\"}"},
        {"{\"a\":\"\xc2\x9bx\"}", "{\"a\":\"\\u009bx\"}"},
        {"{\"a\":\"\x7f\"}", "{\"a\":\"\\u007f\"}"},
        {"{\"a\":\"\xf3\xa0\x81\x81\"}", "{\"a\":\"\\udb40\\udc41\"}"},
        {"{\n\t\"a\": 1\r\n}", "{  \"a\": 1  }"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf buf = {0};
        screen_json(&buf, str_of(rows[i].json));
        cr_assert(str_equal(buf_str(&buf), str_of(rows[i].shown)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&buf)));
        buf_free(&buf);
    }
}
