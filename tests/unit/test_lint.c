/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rules check` warns of: each kind of warning with a rule that has it and
 * its place, and rules beside it that are meant so and say nothing. */
#include "rules_text.h"

#include "correlate/lint.h"

TestSuite(lint, .init = setup, .fini = teardown);

/* All that is said of the rule set, of loading and of linting. */
static struct str
said(const struct rules *rules)
{
    struct lint *lint = lint_new(rules, &arena);
    cr_assert_not_null(lint);
    for (size_t i = 0; i < rules_n_detections(rules); i++)
        lint_detection(lint, i, scratch, &complaints);
    lint_free(lint);
    return buf_str(&complaints.text);
}

static void
check(const char *detection, const char *product, const char *want, size_t row)
{
    struct buf text = {0};
    buf_format(&text,
               "title: t\nid: r\nlogsource: {product: %s}\ndetection:\n%s\n",
               product, detection);
    struct str have = said(load_rules(buf_str(&text)));
    cr_expect_eq(complaints.n_errors, 0, "row %zu: %.*s", row, STR_ARG(have));
    if (want)
        cr_expect(str_contains(have, str_of(want)),
                  "row %zu: want '%s' in '%.*s'", row, want, STR_ARG(have));
    else
        cr_expect_eq(have.len, 0, "row %zu: %s\nsays %.*s", row, detection,
                     STR_ARG(have));
    buf_free(&text);
}

struct row {
    const char *detection;
    const char *want; /* NULL: nothing is said */
};

static void
check_rows(const struct row *rows, size_t n, const char *product)
{
    for (size_t i = 0; i < n; i++)
        check(rows[i].detection, product, rows[i].want, i);
}

#define ROWS(rows, product)                                                    \
    check_rows(rows, sizeof rows / sizeof *rows, product)

#define LINE(line) "  a: {" line "}\n  condition: a"

Test(lint, modifiers_that_say_nothing)
{
    static const struct row rows[] = {
        {LINE("f|cased: '123-'"), ":5:7: warning: 'f|cased': 'cased' says"},
        {LINE("f|cased: [1, a]"), NULL},
        {LINE("f|cased: 'đ'"), NULL},
        {LINE("f|contains|windash: [abc, de]"), "'windash' says nothing"},
        {LINE("f|contains|windash: [abc, ' -de']"), NULL},
        {LINE("f|contains|windash: [abc, ' /de']"), NULL},
        {LINE("f|contains|windash: 'a–b'"), NULL},
        {LINE("f|contains: 'ab*'"), "5:19: warning: the '*' at the end of"},
        {LINE("f|contains: '*ab'"), "the '*' at the beginning of '*ab'"},
        {LINE("f|contains: 'a*b'"), NULL},
        {LINE("f|contains: 'ab\\*'"), NULL},
        {LINE("f|startswith: 'ab*'"), "'startswith' says it"},
        {LINE("f|startswith: '*ab'"), NULL},
        {LINE("f|endswith: '*ab'"), "'endswith' says it"},
        {LINE("f|endswith: 'ab*'"), NULL},
        {LINE("f: '*ab*'"), NULL},
        {LINE("f|re: abc"), "'abc' is no expression but a text"},
        {LINE("f|re: 'ab.'"), NULL},
        {LINE("f|re|i: '1.2'"), "'i' says nothing"},
        {LINE("f|re|i: 'a.2'"), NULL},
        {LINE("f|re|m: 'a.b'"), "'m' says nothing"},
        {LINE("f|re|m: '^a.b'"), NULL},
        {LINE("f|re|m: 'a\\$b+'"), "'m' says nothing"},
        {LINE("f|re|s: 'a\\.b+'"), "'s' says nothing"},
        {LINE("f|re|s: 'a.b'"), NULL},
        {LINE("f|fieldref: f"), "compares the field with itself"},
        {LINE("f|fieldref: g"), NULL},
        {LINE("f|base64offset: abcd"), "base64offset means contains; write"},
        {LINE("f|base64offset|contains: abcd"), NULL},
    };
    ROWS(rows, "any");
}

Test(lint, values_that_say_nothing_beside_others)
{
    static const struct row rows[] = {
        {LINE("f: [a, b, a]"), "5:17: warning: 'a' stands there twice"},
        {LINE("f: [a, b, A]"), "'A' is the same as 'a' (line 5)"},
        {LINE("f|cased: [a, b, A]"), NULL},
        {LINE("f|contains: [a, bab]"), "'bab' says nothing beside 'a'"},
        {LINE("f|contains: [bab, a]"), "'bab' says nothing beside 'a'"},
        {LINE("f|contains|all: [a, bab]"), "'a' says nothing beside 'bab'"},
        {LINE("f|contains: [ab, ba]"), NULL},
        {LINE("f|startswith: [ab, abc]"), "'abc' says nothing beside 'ab'"},
        {LINE("f|startswith: [ab, cab]"), NULL},
        {LINE("f|endswith: [ab, cab]"), "'cab' says nothing beside 'ab'"},
        {LINE("f|endswith: [ab, abc]"), NULL},
        {LINE("f: ['a*', abc]"), "'abc' says nothing beside 'a*'"},
        {LINE("f: ['a?', ab]"), "'ab' says nothing beside 'a?'"},
        {LINE("f: ['a?', 'a*']"), "'a?' says nothing beside 'a*'"},
        {LINE("f: ['a?', abc]"), NULL},
        {LINE("f: ['a?c', 'a*c', x]"), "'a?c' says nothing beside 'a*c'"},
        {LINE("f: ['a*c', 'a*b*']"), NULL},
        {LINE("f: ['*b*', 'a*b*c']"), "'a*b*c' says nothing beside '*b*'"},
        {LINE("f: ['a*b*c', 'a*c']"), "'a*b*c' says nothing beside 'a*c'"},
        {LINE("f|contains|windash: [' -a', ' /a']"), "is the same as ' -a'"},
        {LINE("f|contains: [' -a', ' /a']"), NULL},
        {LINE("f|neq: [a, A]"), "'A' is the same as 'a'"},
        {LINE("f|gt: [5, 7]"), "'7' says nothing beside '5'"},
        {LINE("f|lte: [5, 7]"), "'5' says nothing beside '7'"},
        {LINE("f|cidr: [10.0.0.0/8, 10.1.0.0/16]"), "beside '10.0.0.0/8'"},
        {LINE("f|cidr: [10.0.0.0/8, 11.1.0.0/16]"), NULL},
        {LINE("f|cidr: ['::/0', 10.0.0.0/8]"), NULL},
        {LINE("f|re: [a+, a+]"), "stands there twice"},
        {LINE("f|base64: [abc, abc]"), "stands there twice"},
        {LINE("f|fieldref: [g, g]"), "stands there twice"},
        {"  a: [kw, Kw]\n  condition: a", "'Kw' is the same as 'kw'"},
        {"  a: [kw, key]\n  condition: a", NULL},
    };
    ROWS(rows, "any");
}

Test(lint, values_that_never_match)
{
    static const struct row rows[] = {
        {LINE("kind: malwre"), "never 'malwre' (did you mean 'malware'?)"},
        {LINE("kind: [malware, Scan]"), NULL},
        {LINE("kind: 'mal*'"), NULL},
        {LINE("kind|re: '^x'"), "'kind' is never '^x'"},
        {LINE("severity: hgh"), "did you mean 'high'?"},
        {LINE("severity: [high, critical]"), NULL},
        {LINE("level: 6"), "'level' is never '6'"},
        {LINE("level|gt: 5"), "'level' is never '5'"},
        {LINE("level|gte: 3"), NULL},
        {LINE("late: maybe"), "'late' is never 'maybe'"},
        {LINE("late: true"), NULL},
        {LINE("sha256: abc"), "'sha256' is never 'abc': it has 64"},
        {LINE("md5: d41d8cd98f00b204e9800998ecf8427e"), NULL},
        {LINE("md5: 'd41d8*'"), NULL},
        {LINE("src_country: VNM"), "it has 2 characters"},
        {LINE("host|gt: 5"), "'host|gt' is text"},
        {LINE("dst_port|gt: 5"), NULL},
        {LINE("f|cidr: 10.0.0.1/8"), "has bits behind its prefix"},
        {LINE("f: 0x1F"), "is compared as it is written"},
        {LINE("f|gt: 1e3"), "better written as a plain decimal number"},
        {LINE("f|all: [a, b]"), "no single value is all of these"},
        {LINE("f|contains|all: [a, b]"), NULL},
        {LINE("f: [ab, cd], f|startswith: a"), "'cd' never holds beside 'f|st"},
        {LINE("f: [ab, ac], f|startswith: a"), NULL},
        {LINE("f: ab, f|contains|all: [a, c]"), "'ab' never holds beside"},
        {LINE("f: ab, f|cased: AB"), NULL},
        {LINE("f: ab, f|startswith|neq: x"), NULL},
        {LINE("f: ab, g: cd"), NULL},
        {LINE("f|startswith: a, f|startswith|cased: b"), NULL},
        {LINE("f|startswith: [ab, cd], f: 'a*c'"), "'cd' never holds beside"},
        {LINE("f|endswith: '.exe', f: 'a*.dll'"), "'a*.dll' never holds"},
        {LINE("f|endswith: '.exe', f: '*b.exe'"), NULL},
        {LINE("f|startswith: a, f|endswith: b"), NULL},
        {LINE("f|startswith: 'a?', f: 'abc*'"), NULL},
        {LINE("f|startswith|all: [a, b]"), "no single value is all of"},
        {LINE("f|startswith|all: [a, ab]"), "'a' says nothing beside 'ab'"},
    };
    ROWS(rows, "any");
}

Test(lint, names_that_are_nearly_those_of_every_source)
{
    static const struct row rows[] = {
        {LINE("src_pi: 10.0.0.1"), "(did you mean 'src_ip'?)"},
        {LINE("action: x"), NULL},
    };
    ROWS(rows, "thapcanh");
    check(LINE("src_pi: 10.0.0.1"), "windows", NULL, 9);
}

Test(lint, names_that_other_rules_write_otherwise)
{
    struct buf text = {0};
    for (int i = 0; i < 7; i++)
        buf_format(&text,
                   "---\ntitle: t\nid: r%d\nlogsource: {product: %s}\n"
                   "detection: {a: {%s: x%d}, condition: a}\n",
                   i, i == 6 ? "other" : "p",
                   i >= 5 ? "commandline" : "CommandLine", i);
    struct str have = said(load_rules(buf_str(&text)));
    cr_expect_eq(complaints.n_warnings, 1, "%.*s", STR_ARG(have));
    cr_expect(str_contains(have, STR(":30:17: warning: 'commandline' is "
                                     "'CommandLine' in 5 other rules")),
              "%.*s", STR_ARG(have));
    buf_free(&text);
}

Test(lint, rules_that_nothing_finds)
{
    static const struct row rows[] = {
        {"  a: {f|neq: x}\n  condition: a",
         ":1:1: warning: it can hold of an event that has none of its values, "
         "so nothing finds it: it is asked of every event of its log source, 1 "
         "value each time"},
        {"  a: {f: x}\n  condition: not a", "nothing finds it"},
        {"  a: {f: null}\n  condition: a", "nothing finds it"},
        {"  a: {f|exists: false}\n  condition: a", "nothing finds it"},
        {"  a: {f: null}\n  condition: not a", NULL},
        {"  a: {f|neq: null}\n  condition: a", NULL},
        {"  a: {f|exists: true}\n  condition: not a", "nothing finds it"},
        {"  a: {f: x}\n  b: {g: y}\n  condition: a or not b", "2 values each"},
        {"  a: {f: x}\n  b: {g: y}\n  condition: a and not b", NULL},
        {"  a: {f: x, g|neq: y}\n  condition: a", NULL},
        {"  a: {f|exists: true}\n  condition: a", NULL},
        {"  a1: {f: x}\n  a2: {g|neq: y}\n  condition: all of a*", NULL},
        {"  a1: {f: x}\n  a2: {g|neq: y}\n  condition: 1 of a*", "nothing"},
        {"  a: {f: x}\n  condition: not (not a)", NULL},
        {"  a:\n    - {f: x}\n    - {g: null}\n  condition: a", "nothing"},
    };
    ROWS(rows, "any");
}

Test(lint, searches_that_no_condition_uses)
{
    check("  a: {f: x}\n  b: {g: y}\n  condition: a", "any",
          ":6:3: warning: no condition uses 'b'", 0);
}

Test(lint, conditions_that_make_no_difference)
{
#define TWO "  a: {f: x}\n  b: {g: y}\n  condition: "
    static const struct row rows[] = {
        {TWO "a and b and not a", ":1:1: warning: the condition never holds"},
        {TWO "a or b or not a", "the condition always holds"},
        {TWO "a or (a and b)", ":6:3: warning: 'b' makes no difference"},
        {TWO "a and 1 of them", "'b' makes no difference"},
        {TWO "a and b", NULL},
        {TWO "(a or b) and not (a and b)", NULL},
        {TWO "1 of them", NULL},
    };
    ROWS(rows, "any");
}

Test(lint, rules_that_are_equal)
{
    struct str have = said(load_rules(STR(
        "title: a\nid: a\nlogsource: {product: p}\ndetection: {s: {f: x}, "
        "condition: s}\n---\ntitle: b\nid: b\nlogsource: {product: p}\n"
        "detection: {s: {f: x}, condition: s}\n---\ntitle: c\nid: c\n"
        "logsource: {product: q}\ndetection: {s: {f: x}, condition: s}\n")));
    cr_expect_eq(complaints.n_warnings, 1, "%.*s", STR_ARG(have));
    cr_expect(str_contains(have, STR(":6:1: warning: the same log source and "
                                     "detection as 'a' (/proc/")),
              "%.*s", STR_ARG(have));
}

/* Filters are put on many rules, and are said something of once. */
Test(lint, a_filter_is_looked_at_once)
{
    char path[] = "/tmp/test_lint_XXXXXX";
    const char *paths[2] = {path};
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    static const char filter[] =
        "title: f\nlogsource: {product: p}\nfilter: {rules: any, s: {g: [x, "
        "x]}, condition: not s}\n";
    cr_assert_eq(write(file, filter, sizeof filter - 1),
                 (ssize_t)sizeof filter - 1);
    close(file);
    char other[] = "/tmp/test_lint_XXXXXX";
    paths[1] = other;
    file = mkstemp(other);
    static const char two[] =
        "title: a\nid: a\nlogsource: {product: p}\ndetection: {s: {f: x}, "
        "condition: s}\n---\ntitle: b\nid: b\nlogsource: {product: p}\n"
        "detection: {s: {f: y}, condition: s}\n";
    cr_assert_eq(write(file, two, sizeof two - 1), (ssize_t)sizeof two - 1);
    close(file);
    const struct rules *rules =
        rules_load(paths, 2, false, &arena, &complaints);
    cr_assert_not_null(rules);
    struct str have = said(rules);
    cr_expect_eq(complaints.n_warnings, 1, "%.*s", STR_ARG(have));
    unlink(path);
    unlink(other);
}

Test(lint, of_one_rule_twenty_warnings_are_said_and_the_rest_counted)
{
    struct buf text = {0};
    buf_add(&text, STR("  a:\n    f|contains:\n      - a\n"));
    for (int i = 0; i < 30; i++)
        buf_format(&text, "      - a%d\n", i);
    buf_add(&text, STR("  condition: a"));
    buf_char(&text, '\0');
    struct str have = said(load_detection(text.at));
    cr_expect_eq(complaints.n_warnings, 21);
    cr_expect(str_contains(have, STR("… and 10 more in this rule")), "%.*s",
              STR_ARG(have));
    buf_free(&text);
}

/* What a value has in it that is not to be seen does not reach a terminal. */
Test(lint, hostile_values_are_harmless)
{
    struct str have = said(load_detection(
        LINE("f: [\"\\x1b[31m\\u202ex\", \"\\x1b[31m\\u202ex\"]")));
    cr_expect_gt(have.len, 0);
    cr_expect(!str_contains(have, STR("\x1b")));
    cr_expect(!str_contains(have, STR("\xe2\x80\xae")));
}
