/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons and lists of mistakes. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"

Test(err, a_reason_may_quote_the_one_it_replaces)
{
    struct err why = {"no such file"};
    err_set(&why, "rules: %s", why.text);
    cr_expect_str_eq(why.text, "rules: no such file");
    err_set(NULL, "%d", 1);
}

Test(err, a_reason_that_is_too_long_is_cut_between_characters)
{
    struct err why;
    char text[300];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe1\xba\xa3", 4);
        }
        err_set(&why, "%s", text);
        size_t len = strlen(why.text);
        cr_expect_eq((len - shift) % 3, 0, "shift %zu: %zu bytes", shift, len);
        cr_expect_geq(len, sizeof why.text - 3);
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&why, "%s", text);
    cr_expect_eq(strlen(why.text), sizeof why.text - 1);
}

static void
expect_text(const struct complaints *complaints, const char *want)
{
    struct str text = buf_str(&complaints->text);
    cr_expect(str_equal(text, str_of(want)), "got '%.*s', want '%s'",
              STR_ARG(text), want);
}

Test(complaints, a_line_names_file_line_and_column)
{
    struct complaints all = {0};
    complain(&all, (struct place){"a.yml", 12, 7}, "bad %s", "thing");
    complain_warning(&all, (struct place){"a.yml", 3, 0}, "odd");
    complain(&all, (struct place){"b.yml", 0, 0}, "missing");
    complain(&all, (struct place){NULL, 0, 0}, "nowhere");
    expect_text(&all, "a.yml:12:7: bad thing\n"
                      "a.yml:3: warning: odd\n"
                      "b.yml: missing\n"
                      "nowhere\n");
    cr_expect_eq(all.n_errors, 3);
    cr_expect_eq(all.n_warnings, 1);
    complaints_free(&all);
    cr_expect_eq(all.n_errors, 0);
}

Test(complaints, an_unknown_word_gets_a_suggestion_when_one_is_near)
{
    static const struct str names[] = {{"src_ip", 6}, {"host", 4}};
    struct complaints all = {0};
    struct place place = {"r.yml", 1, 2};
    complain_unknown(&all, place, "field", STR("src_pi"), names, 2);
    complain_unknown(&all, place, "field", STR("weather"), names, 2);
    expect_text(&all,
                "r.yml:1:2: unknown field 'src_pi' (did you mean 'src_ip'?)\n"
                "r.yml:1:2: unknown field 'weather' (known: src_ip, host)\n");
    complaints_free(&all);
}

Test(complaints, a_hostile_word_cannot_make_lines_of_its_own)
{
    struct complaints all = {0};
    complain_unknown(&all, (struct place){"r.yml", 1, 2}, "field",
                     STR("x\n\x1b[2Jy\x7f"), NULL, 0);
    expect_text(&all, "r.yml:1:2: unknown field 'x??[2Jy?'\n");
    complaints_free(&all);
}

Test(complaints, past_a_thousand_one_line_says_how_many_more)
{
    struct complaints all = {0};
    struct buf want = {0};
    for (int i = 0; i < 1000; i++) {
        complain(&all, (struct place){"f", 1, 1}, "number %d", i);
        buf_format(&want, "f:1:1: number %d\n", i);
    }
    cr_expect(str_equal(buf_str(&all.text), buf_str(&want)));
    for (int i = 0; i < 150; i++) {
        complain_warning(&all, (struct place){"f", 1, 1}, "late");
    }
    buf_format(&want, "… and 150 more\n");
    cr_expect(str_equal(buf_str(&all.text), buf_str(&want)));
    cr_expect_eq(all.n_errors + all.n_warnings, 1150);
    buf_free(&want);
    complaints_free(&all);
}
