/* SPDX-License-Identifier: Apache-2.0
 *
 * Case folding and composition. */
#include "base/unicode.h"

#include <criterion/criterion.h>

static struct str
folded(const char *text, struct arena *arena)
{
    return str_fold(str_of(text), arena);
}

Test(unicode, letters_fold_one_to_one_in_every_script)
{
    static const struct {
        const char *text, *folded;
    } rows[] = {
        {"", ""},
        {"abc-09", "abc-09"},
        {"ABCZ[", "abcz["},
        {"ĐđẾếỆệƠơƯư", "đđếếệệơơưư"},
        {"ÀÖØÞß", "àöøþß"},
        {"ΑΣς", "ασσ"},
        {"ДЯ", "дя"},
        {"\u212a\u017f", "ks"},           /* the Kelvin sign, long s */
        {"\u0130\u0131", "\u0130\u0131"}, /* no simple folding */
        {"\u1e9e", "ß"},
        {"\u023a", "\u2c65"}, /* grows from two bytes to three */
        {"😀\U00010400", "😀\U00010428"},
        {"\xff"
         "A\xc3",
         "\xff"
         "a\xc3"}, /* not UTF-8 */
    };
    struct arena arena = arena_reserve(1 << 20), rest;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rest = arena;
        struct str got = folded(rows[i].text, &rest);
        cr_expect(str_equal(got, str_of(rows[i].folded)), "row %zu: %.*s", i,
                  STR_ARG(got));
    }
    arena_release(arena.at, arena);
}

Test(unicode, what_needs_no_folding_is_not_copied)
{
    struct arena none = {NULL, NULL};
    struct str text = STR("c:\\windows\\system32");
    cr_expect_eq(str_fold(text, &none).at, text.at);
    cr_expect_eq(str_compose(text, &none).at, text.at);
    cr_expect_null(str_fold(STR("A"), &none).at);
}

Test(unicode, marks_join_their_letters_in_whatever_order)
{
    static const struct {
        const char *text, *composed;
    } rows[] = {
        {"e\u0302\u0301", "\u1ebf"},
        {"\u00ea\u0301", "\u1ebf"},
        {"e\u0323\u0302", "\u1ec7"},
        {"e\u0302\u0323", "\u1ec7"},
        {"\u1eb9\u0302", "\u1ec7"},
        {"o\u031b\u0309", "\u1edf"},
        {"xe\u0301y", "x\u00e9y"},
        {"e\u0301\u0301", "\u00e9\u0301"},
        {"\u0301e", "\u0301e"},
        {"q\u0323\u0307", "q\u0323\u0307"},
        {"q\u0307\u0323", "q\u0323\u0307"},
        {"\u212b", "\u00c5"},
        {"\u0958", "\u0915\u093c"}, /* not composed again */
        {"\u1100\u1161\u11a8", "\uac01"},
        {"\uac00\u11a8", "\uac01"},
        {"\u09c7\u09be", "\u09cb"},
        {"\xff\xcc", "\xff\xcc"},
    };
    struct arena arena = arena_reserve(1 << 20), rest;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rest = arena;
        struct str got = str_compose(str_of(rows[i].text), &rest);
        cr_expect(str_equal(got, str_of(rows[i].composed)), "row %zu: %.*s", i,
                  STR_ARG(got));
    }
    arena_release(arena.at, arena);
}

Test(unicode, a_thousand_marks_on_a_letter_end)
{
    static char text[2000];
    for (size_t i = 0; i < 1000; i++) {
        text[2 * i] = i == 0 ? 'e' : '\xcc';
        text[2 * i + 1] = i == 0 ? 'e' : '\x81';
    }
    struct arena arena = arena_reserve(1 << 20), rest = arena;
    struct str got = str_compose((struct str){text, 2000}, &rest);
    cr_expect_not_null(got.at);
    cr_expect_leq(got.len, 2000);
    cr_expect(str_starts(got, STR("e\u00e9")));
    arena_release(arena.at, arena);
}
