/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions of words, and what else is said of single rules: counts, and what
 * ends a row. */
#include "correlations_text.h"

TestSuite(correlations_words, .init = setup, .fini = teardown);

#define MORE                                                                   \
    DETECTION("three")                                                         \
    DETECTION("four")

static const struct rules *
load_words(const char *type, const char *rules, const char *rest)
{
    struct buf text = {0};
    buf_format(&text,
               "%s%stitle: c\nid: c\ncorrelation:\n  type: %s\n  rules: %s\n"
               "  group-by: [u]\n  timespan: 1h\n%s\n",
               DETECTION("one") DETECTION("two"), MORE, type, rules, rest);
    const struct rules *loaded = load_rules(buf_str(&text));
    buf_free(&text);
    return loaded;
}

static void
say(struct buf *buf, const struct correlation *c)
{
    for (size_t i = 0; i < c->n_conjuncts; i++)
        buf_format(buf, "%s%x-%x", i > 0 ? " " : "", c->conjunct[i].all,
                   c->conjunct[i].none);
}

static const struct {
    const char *condition, *alternatives; /* all-none, bits in hexadecimal */
} good[] = {
    {"one", "1-0"},
    {"one and two", "3-0"},
    {"one or two", "1-0 2-0"},
    {"one and not two", "1-2"},
    {"not two and one", "1-2"},
    {"one AND two Or not three aNd four", "3-0 8-4"},
    {"one and two or three", "3-0 4-0"},
    {"one and (two or three)", "3-0 5-0"},
    {"(one or two) and (one or three)", "1-0 5-0 3-0 6-0"},
    {"one and not (two or three)", "1-6"},
    {"one and not (two and three)", "1-2 1-4"},
    {"one and not (two and not three)", "1-2 5-0"},
    {"not not one", "1-0"},
    {"not (not one or not two)", "3-0"},
    {"id-one and not id-two", "1-2"},
    {"one or one and one", "1-0"},
    {"one or one and not one", "1-0"},
    {"(((one)))and(two)", "3-0"},
    {"one and (two or not two)", "3-0 1-2"},
    {">\n    one\n    and two", "3-0"},
    {"'one and two'", "3-0"},
};

Test(correlations_words, a_condition_is_multiplied_out_into_alternatives)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct buf text = {0}, said = {0};
        buf_format(&text, "  condition: %s", good[i].condition);
        buf_char(&text, 0);
        const struct correlation *c =
            first(load_words("temporal", "[one, two, three, four]", text.at));
        say(&said, c);
        cr_expect(str_equal(buf_str(&said), str_of(good[i].alternatives)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&said)));
        cr_expect_eq(c->threshold, 0, "row %zu", i);
        buf_free(&text);
        buf_free(&said);
    }
}

Test(correlations_words, a_rule_that_the_condition_never_uses_is_a_warning)
{
    load_words("temporal", "[one, two, three]", "  condition: one and two");
    cr_expect_eq(complaints.n_errors, 0);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("33:21: warning: the condition never uses "
                               "'three'")),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
}

Test(correlations_words, counts_are_of_single_rules)
{
    const struct correlation *c = first(load_words(
        "temporal_ordered", "[one, two]", "thapcanh: {counts: {id-one: 5}}"));
    cr_expect_eq(c->step[0].count, 5);
    cr_expect_eq(c->step[1].count, 1);
    cr_expect_eq(c->threshold, 2);
    c = first(load_words("temporal", "[one, two]",
                         "  condition: one and not two\n"
                         "thapcanh: {counts: {two: 255}}"));
    cr_expect_eq(c->step[1].count, 255);
}

Test(correlations_words, until_adds_steps_that_end_a_row)
{
    struct buf said = {0};
    const struct correlation *c = first(load_words(
        "temporal_ordered", "[one, two]", "thapcanh: {until: [three, four]}"));
    cr_expect_eq(c->n_steps, 4);
    cr_expect(str_equal(c->step[2].rule, STR("id-three")));
    cr_expect_eq(c->until, 0xc);
    cr_expect_eq(c->threshold, 0);
    say(&said, c);
    cr_expect(str_equal(buf_str(&said), STR("3-0")), "%.*s",
              STR_ARG(buf_str(&said)));
    buf_free(&said);
}

Test(correlations_words, a_rule_of_the_list_may_end_the_row_it_is_no_part_of)
{
    struct buf said = {0};
    const struct correlation *c =
        first(load_words("temporal_ordered", "[one, three, two]",
                         "thapcanh: {until: id-three}"));
    cr_expect_eq(c->until, 0xa);
    say(&said, c);
    cr_expect(str_equal(buf_str(&said), STR("5-0")), "%.*s",
              STR_ARG(buf_str(&said)));
    buf_free(&said);
}

Test(correlations_words, until_goes_with_words_and_with_numbers)
{
    struct buf said = {0};
    say(&said, first(load_words("temporal_ordered", "[one, two, four]",
                                "  condition: one and (two or four)\n"
                                "thapcanh: {until: three}")));
    buf_add(&said, STR(", "));
    say(&said, first(load_words("temporal_ordered", "[one, two, four]",
                                "  condition: {gte: 2}\n"
                                "thapcanh: {until: three}")));
    cr_expect(str_equal(buf_str(&said), STR("3-0 5-0, 3-0 5-0 6-0")), "%.*s",
              STR_ARG(buf_str(&said)));
    buf_free(&said);
}

static const struct {
    const char *type, *rules, *rest, *complaint;
} mistakes[] = {
    {"temporal", "[one, two]", "  condition: one and towo",
     "36:22: unknown rule 'towo' (did you mean 'two'?)"},
    {"temporal", "[one, two]", "  condition: one and three",
     "36:22: unknown rule 'three'"},
    {"temporal", "[one, two]", "  condition: not one",
     "36:14: the condition would hold without any event"},
    {"temporal", "[one, two]", "  condition: one or not two",
     "36:14: the condition would hold without any event"},
    {"temporal", "[one, two]", "  condition: one and not one",
     "36:14: the condition can never hold"},
    {"temporal", "[one, two]", "  condition: one two",
     "36:18: condition: expected and, or, or the end, found 'two'"},
    {"temporal", "[one, two]", "  condition: one and",
     "36:14: condition: expected the name of a rule, found its end"},
    {"temporal", "[one, two]", "  condition: and one",
     "36:14: condition: expected the name of a rule, found 'and'"},
    {"temporal", "[one, two]", "  condition: (one and two",
     "36:14: condition: expected ')', found its end"},
    {"temporal", "[one, two]", "  condition: one and two)",
     "36:25: condition: expected and, or, or the end, found ')'"},
    {"temporal", "[one, two]", "  condition: '   '", "36:14: condition is a"},
    {"temporal", "[one, two]", "  condition: [one]", "36:14: condition is a"},
    {"temporal_ordered", "[one, two, one]", "  condition: one and two",
     "36:14: condition: words cannot tell which"},
    {"event_count", "[one, two]", "  condition: one and two",
     "36:14: condition is a map"},
    {"temporal_ordered", "[one, two]",
     "  condition: one and two\nthapcanh: {until: two}",
     "36:22: condition: a rule that ends a row (until) is no part of it"},
    {"temporal_ordered", "[one]", "thapcanh: {until: one}",
     "every rule of the row ends it"},
    {"temporal_ordered", "[one, two]", "thapcanh: {until: tree}",
     "36:19: unknown rule 'tree' (did you mean 'three'?)"},
    {"temporal_ordered", "[one, two]",
     "  condition: {eq: 2}\nthapcanh: {until: three}",
     "until goes with a condition of words"},
    {"temporal_ordered", "[one, two]", "thapcanh: {until: []}",
     "36:19: until is a name or id, or a list of them"},
    {"temporal", "[one, two]", "thapcanh: {until: three}",
     "36:12: only temporal_ordered has until"},
    {"event_count", "[one, two]",
     "  condition: {gte: 2}\nthapcanh: {counts: {one: 2}}",
     "37:12: only temporal and temporal_ordered have counts"},
    {"temporal", "[one, two]", "thapcanh: {counts: {thre: 2}}",
     "36:21: unknown rule 'thre'"},
    {"temporal", "[one, two]", "thapcanh: {counts: {three: 2}}",
     "36:21: unknown rule 'three'"},
    {"temporal", "[one, two]", "thapcanh: {counts: {one: 0}}",
     "36:26: 0 is out of range: from 1 to 256"},
    {"temporal", "[one, two]", "thapcanh: {counts: {one: 256}}",
     "36:12: the counts are 257 together: 256 at most"},
    {"temporal", "[one, two]", "thapcanh: {counts: [one]}",
     "36:20: 'counts' is a map"},
    {"temporal", "[one, two]",
     "  condition: {lt: 2}\nthapcanh: {counts: {one: 2}}",
     "counts go with a condition of words"},
    {"temporal", "[one, two]", "thapcanh: {untill: three}",
     "(did you mean 'until'?)"},
};

Test(correlations_words, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct rules *rules =
            load_words(mistakes[i].type, mistakes[i].rules, mistakes[i].rest);
        cr_expect_eq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

/* Refused, and bounded in time and memory. */
static void
expect_hostile(const char *begin, const char *repeated, size_t n,
               const char *end, const char *complaint)
{
    struct buf text = {0};
    buf_format(&text, "  condition: %s", begin);
    for (size_t i = 0; i < n; i++)
        buf_add(&text, str_of(repeated));
    buf_format(&text, "%s", end);
    buf_char(&text, 0);
    const struct rules *rules =
        load_words("temporal", "[one, two, three, four]", text.at);
    cr_expect_eq(rules_n_refused(rules), 1, "%s", complaint);
    cr_expect(str_contains(buf_str(&complaints.text), str_of(complaint)),
              "want %s, got %.*s", complaint,
              STR_ARG(buf_str(&complaints.text)));
    buf_free(&text);
}

Test(correlations_words, hostile_conditions_are_refused)
{
    expect_hostile("", "(", 1000, "one", "nested too deep");
    expect_hostile("", "not ", 1001, "one", "nested too deep");
    expect_hostile("one", " and two", 100000, "", "too long");
    expect_hostile("one", " or x", 100000, "", "unknown rule 'x'");
}

Test(correlations_words, alternatives_are_bounded)
{
    struct buf rules = {0}, text = {0}, condition = {0};
    buf_add(&condition, STR("  condition: (r0 or r1)"));
    for (int i = 0; i < 32; i++) {
        buf_format(&text,
                   "title: r\nid: r%d\nlogsource: {}\ndetection: {a: {f: x}, "
                   "condition: a}\nlevel: low\n---\n",
                   i);
        buf_format(&rules, i > 0 ? ", r%d" : "r%d", i);
        if (i % 2 == 0 && i > 0)
            buf_format(&condition, " and (r%d or r%d)", i, i + 1);
    }
    buf_format(&text,
               "title: c\nid: c\ncorrelation:\n  type: temporal\n"
               "  rules: [%.*s]\n  timespan: 1h\n%.*s\n",
               STR_ARG(buf_str(&rules)), STR_ARG(buf_str(&condition)));
    const struct rules *loaded = load_rules(buf_str(&text));
    cr_expect_eq(rules_n_refused(loaded), 1);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("too many alternatives: multiplied out, 64 at "
                               "most")),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
    buf_free(&rules);
    buf_free(&text);
    buf_free(&condition);
}
