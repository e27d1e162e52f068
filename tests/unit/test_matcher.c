/* SPDX-License-Identifier: Apache-2.0
 *
 * What the matcher does besides agreeing with the obvious evaluator (which
 * every test of rules asks of it: rules_text.h): what it looks at, what it
 * shares, and that it takes no memory. */
#include "correlate/field_map.h"
#include "correlate/literal.h"
#include "rules_text.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include "tests/tools/count_allocations.h"
#endif

TestSuite(matcher, .init = setup, .fini = teardown);

/* --- several rules over one event after the other */

struct asking {
    const struct rules *rules;
    struct matching *matching;
    uint32_t held[64];
    size_t n_held;
};

static struct asking
asking_of(const struct rules *rules)
{
    struct asking asking = {.rules = rules};
    asking.matching = matching_new(rules_matcher(rules));
    cr_assert_not_null(asking.matching);
    return asking;
}

/* How many rules hold, and the same as one by one. */
static size_t
ask_alert(struct asking *asking, const struct alert *alert, bool any,
          struct arena rest)
{
    size_t n = rules_n_detections(asking->rules), n_held = 0;
    struct facts *facts = facts_new(asking->rules, alert, &rest);
    struct facts *again = facts_new(asking->rules, alert, &rest);
    asking->n_held =
        matcher_find(rules_matcher(asking->rules), asking->matching, facts,
                     alert, any, asking->held);
    for (size_t i = 0; i < n; i++) {
        const struct detection *rule = rules_detection(asking->rules, i);
        bool holds = (any || detection_routed(rule, alert)) &&
                     detection_match(rule, again);
        bool is_held =
            n_held < asking->n_held && asking->held[n_held] == (uint32_t)i;
        cr_expect_eq(is_held, holds, "rule %.*s", STR_ARG(rule->id));
        n_held += is_held;
    }
    cr_expect_eq(n_held, asking->n_held);
    return n_held;
}

static size_t
ask(struct asking *asking, const char *json)
{
    struct arena rest = scratch;
    struct alert alert;
    read_event(json, &rest, &alert);
    return ask_alert(asking, &alert, true, rest);
}

#define RULE(id, detection)                                                    \
    "title: t\nid: " id "\nlogsource: {product: any}\ndetection:\n" detection  \
    "---\n"

Test(matcher, a_rule_is_looked_at_only_when_a_witness_holds)
{
    struct asking asking = asking_of(
        load_rules(STR(RULE("a", "  s: {f|contains: [needle, thread], g: x}\n"
                                 "  condition: s\n")
                           RULE("b", "  s: {f|endswith: tail}\n  n: {g: y}\n"
                                     "  condition: s and not n\n"))));
    static const struct {
        const char *event;
        size_t n_held;
        uint64_t n_looked_at;
    } row[] = {
        {"{\"f\":\"hay\",\"g\":\"x\"}", 0, 0},
        {"{\"f\":\"a NEEDLE in it\",\"g\":\"x\"}", 1, 1},
        {"{\"f\":\"a needle in it\",\"g\":\"z\"}", 0, 1},
        {"{\"f\":\"tail of it\"}", 0, 0},
        {"{\"f\":\"its Tail\"}", 1, 1},
        {"{\"f\":\"its tail\",\"g\":\"Y\"}", 0, 1},
        {"{\"f\":[\"hay\",\"thread\",\"tail\"],\"g\":[\"x\"]}", 2, 2},
        {"{\"g\":\"needle\"}", 0, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        uint64_t before = matching_counts(asking.matching).n_candidates;
        cr_expect_eq(ask(&asking, row[i].event), row[i].n_held, "row %zu", i);
        cr_expect_leq(matching_counts(asking.matching).n_candidates - before,
                      row[i].n_looked_at, "row %zu", i);
    }
    matching_free(asking.matching);
}

/* One and two bytes, in words of 64: the first 64 rules, and with them more. */
static void
short_literals(size_t n_others)
{
    static const char *const row[] = {
        "a-f", "-f", "-",  "f-", "`", "x`y", "\\\\", "c:\\\\",
        "q",   "qa", "aq", "",   "z", "zz",  "~~",   "a",
    };
    static char json[64], yaml[65536];
    struct buf buf = {yaml, 0, sizeof yaml - 1, sizeof yaml - 1, false};
    buf_add(&buf, STR(RULE("0a", "  s: {f|contains: '-f'}\n  condition: s\n")
                          RULE("0b", "  s: {f|contains: '`'}\n"
                                     "  condition: s\n")
                              RULE("0c", "  s: {f|startswith: q}\n"
                                         "  condition: s\n")));
    buf_add(&buf, STR(RULE("0d", "  s: {f|endswith: '\\'}\n  condition: s\n")
                          RULE("0e", "  s: {f: ''}\n  condition: s\n")
                              RULE("0f", "  s: {f|contains: '~~'}\n"
                                         "  condition: s\n")));
    buf_add(&buf, STR(RULE("0g", "  s: {f|re: '`+$'}\n  condition: s\n")
                          RULE("0h", "  s: {f: z}\n  condition: s\n")));
    for (size_t i = 0; i < n_others; i++)
        buf_format(&buf,
                   "title: t\nid: 1%03zu\nlogsource: {product: any}\n"
                   "detection:\n  s: {f|contains: '%c%c'}\n  condition: s\n"
                   "---\n",
                   i, (char)('a' + i / 26 % 26), (char)('a' + i % 26));
    yaml[buf.len] = '\0';
    cr_assert_not(buf.full);
    struct asking asking = asking_of(load_rules(str_of(yaml)));
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        snprintf(json, sizeof json, "{\"f\":\"%s\"}", row[i]);
        ask(&asking, json); /* compares with the evaluator */
    }
    cr_expect_eq(ask(&asking, "{\"f\":\"a-f\"}"), 1);
    cr_expect_eq(ask(&asking, "{\"f\":\"\"}"), 1);
    uint64_t before = matching_counts(asking.matching).n_candidates;
    cr_expect_eq(ask(&asking, "{\"f\":\"0123456789\"}"), 0);
    if (n_others < 200) /* more have no room, and are asked for */
        cr_expect_eq(matching_counts(asking.matching).n_candidates, before);
    matching_free(asking.matching);
}

Test(matcher, literals_of_one_and_two_bytes_are_witnesses)
{
    short_literals(0);
    short_literals(40);
    short_literals(150);
    short_literals(400);
}

Test(matcher, equal_tests_are_one_predicate)
{
    const struct rules *rules = load_rules(STR(
        RULE("a", "  s: {f|contains: [one, two]}\n"
                  "  condition: s\n")
            RULE("b", "  s: {f|contains: [TWO, three]}\n"
                      "  condition: s\n") RULE("c", "  s: {g|contains: two}\n"
                                                    "  condition: s\n")));
    struct matcher_sizes sizes = matcher_sizes(rules_matcher(rules));
    cr_expect_eq(sizes.n_written, 5);
    cr_expect_eq(sizes.n_predicates, 4); /* two of f is two of f */
    cr_expect_eq(sizes.n_fields, 2);
}

Test(matcher, rules_of_what_is_not_there_are_always_looked_at_and_counted)
{
    const struct rules *rules =
        load_rules(STR(RULE("a", "  s: {f: x}\n  condition: not s\n")
                           RULE("b", "  s: {f: null}\n  condition: s\n")
                               RULE("c", "  s: {f: null}\n"
                                         "  condition: not s\n")));
    struct asking asking = asking_of(rules);
    cr_expect_eq(matcher_sizes(rules_matcher(rules)).n_unwitnessed, 2);
    cr_expect_eq(ask(&asking, "{}"), 2);
    cr_expect_eq(ask(&asking, "{\"f\":null}"), 2);
    cr_expect_eq(ask(&asking, "{\"f\":\"x\"}"), 1);
    cr_expect_eq(ask(&asking, "{\"f\":\"y\"}"), 2);
    matching_free(asking.matching);
}

Test(matcher, k_of_n_needs_any_of_the_others)
{
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s1: {f|contains: alpha}\n  s2: {g|contains: beta}\n"
                      "  s3: {h|contains: gamma}\n  condition: 2 of s*\n")
                RULE("b", "  s1: {f|contains: alpha}\n"
                          "  s2: {g|contains: beta}\n"
                          "  condition: not (not s1 or not 1 of s*)\n"))));
    cr_expect_eq(ask(&asking, "{\"f\":\"alpha\"}"), 1);
    cr_expect_eq(ask(&asking, "{\"f\":\"alpha\",\"h\":\"gamma\"}"), 2);
    cr_expect_eq(ask(&asking, "{\"g\":\"beta\",\"h\":\"gamma\"}"), 1);
    cr_expect_eq(ask(&asking, "{\"f\":\"alpha\",\"g\":\"beta\"}"), 2);
    cr_expect_eq(ask(&asking, "{\"h\":\"gamma\"}"), 0);
    matching_free(asking.matching);
}

Test(matcher, literals_stand_where_they_must)
{
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s: {f: '1'}\n  condition: s\n")
                RULE("b", "  s: {f|startswith: ab}\n  condition: s\n")
                    RULE("c", "  s: {f|endswith: b}\n  condition: s\n")
                        RULE("d", "  s: {f|contains: é}\n  condition: s\n")
                            RULE("e", "  s: {f: 'ab*ab'}\n"
                                      "  condition: s\n"))));
    static const struct {
        const char *event;
        size_t n_held;
    } row[] = {
        {"{\"f\":1}", 1},         {"{\"f\":\"11\"}", 0},
        {"{\"f\":1.0}", 1},       {"{\"f\":\"ab\"}", 2},
        {"{\"f\":\"cab\"}", 1},   {"{\"f\":\"abab\"}", 3},
        {"{\"f\":\"ABxAB\"}", 3}, {"{\"f\":\"xÉx\"}", 1},
        {"{\"f\":\"\"}", 0},      {"{\"f\":[\"ab\",\"1\"]}", 3},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        cr_expect_eq(ask(&asking, row[i].event), row[i].n_held, "row %zu", i);
    matching_free(asking.matching);
}

/* A sender's bytes are not ours: CEF may hold any. */
Test(matcher, the_byte_of_the_frame_in_a_value_is_no_end_of_it)
{
    struct asking asking = asking_of(load_rules(STR(
        RULE("a", "  s: {f|endswith: tail}\n  condition: s\n")
            RULE("b", "  s: {f: '1'}\n  condition: s\n")
                RULE("c", "  s: {f|startswith: q}\n"
                          "  condition: s\n") RULE("d", "  s: {f|endswith: w}\n"
                                                        "  condition: s\n")
                    RULE("e", "  s: {f: ''}\n"
                              "  condition: s\n"))));
    static const struct str row[] = {STR("tail\xfe"),
                                     STR("x\xfe"
                                         "1\xfe"),
                                     STR("x\xfeq"),
                                     STR("w\xfe"),
                                     STR("\xfe"),
                                     STR("\xfe\xfe")};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct json event[] = {
            {.type = JSON_OBJECT, .n_children = 1, .skip = 2},
            {.key = STR("f"), .text = row[i], .type = JSON_STRING, .skip = 1}};
        struct alert alert = {.event = event};
        cr_expect_eq(ask_alert(&asking, &alert, true, scratch), 0, "row %zu",
                     i);
    }
    matching_free(asking.matching);
}

Test(matcher, keywords_are_searched_for_in_every_value)
{
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s: [needle, 77]\n  condition: s\n")
                RULE("b", "  s: {f|contains: needle}\n  condition: s\n")
                    RULE("c", "  s: {'|all': [needle, other]}\n"
                              "  condition: s\n"))));
    cr_expect_eq(ask(&asking, "{\"f\":\"a needle\"}"), 2);
    cr_expect_eq(ask(&asking, "{\"x\":{\"y\":[1,\"a needle\"]}}"), 1);
    cr_expect_eq(ask(&asking, "{\"f\":\"a needle\",\"x\":[\"other\"]}"), 3);
    cr_expect_eq(ask(&asking, "{\"x\":7.7e1}"), 1);
    cr_expect_eq(ask(&asking, "{\"needle\":null,\"x\":{\"needle\":1}}"), 0);
    matching_free(asking.matching);
}

/* --- where fields are */

Test(matcher, fields_stand_where_the_view_says)
{
    static const struct rule_field fields[] = {
        {STR("f"), {STR("p.f"), STR("q")}, 2}};
    static const struct str names[] = {STR("g")};
    static const struct rule_view view = {
        .root = {STR("a.b"), STR("u.*"), STR("")},
        .n_roots = 3,
        .field = fields,
        .n_fields = 1,
        .name = names,
        .n_names = 1,
    };
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s: {f: first}\n  condition: s\n")
                RULE("b", "  s: {g: first}\n  condition: s\n")
                    RULE("c", "  s: {h.i: first}\n  condition: s\n"))));
    static const struct {
        const char *event;
        size_t n_held;
    } row[] = {
        {"{\"f\":\"first\",\"g\":\"first\",\"h.i\":\"first\"}", 3},
        {"{\"f\":\"first\",\"q\":\"second\"}", 0},
        {"{\"p\":{\"f\":\"first\"},\"q\":\"second\"}", 1},
        {"{\"p.f\":null,\"q\":\"first\"}", 0},
        {"{\"a\":{\"b\":{\"g\":\"first\"}},\"g\":\"second\"}", 1},
        {"{\"a.b\":{\"g\":\"second\"},\"a\":{\"b\":{\"g\":\"first\"}}}", 0},
        {"{\"u\":{\"x\":{\"g\":\"first\"},\"y\":{\"g\":\"second\"}}}", 1},
        {"{\"u\":{\"x\":{\"k\":1},\"y\":{\"g\":\"first\"}}}", 1},
        {"{\"u\":{\"x\":1,\"y\":{\"g\":\"first\"}},\"g\":\"second\"}", 1},
        {"{\"a\":[{\"b\":{\"g\":\"second\"}},{\"b\":{\"g\":\"first\"}}]}", 1},
        {"{\"h\":{\"i\":\"second\"},\"h.i\":\"first\"}", 1},
        {"{\"h\":[{\"i\":\"second\"},{\"i\":\"first\"}]}", 1},
        {"{\"a\":{\"b\":{\"h\":1}},\"h\":{\"i\":\"first\"}}", 1},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena rest = scratch;
        struct alert alert;
        read_event(row[i].event, &rest, &alert);
        alert.view = &view;
        cr_expect_eq(ask_alert(&asking, &alert, true, rest), row[i].n_held,
                     "row %zu", i);
    }
    matching_free(asking.matching);
}

Test(matcher, only_rules_of_the_logsource_are_looked_at)
{
    struct asking asking = asking_of(load_rules(
        STR("title: t\nid: a\nlogsource: {product: windows}\ndetection:\n"
            "  s: {f|contains: needle}\n  condition: s\n---\n"
            "title: t\nid: b\nlogsource: {product: linux}\ndetection:\n"
            "  s: {f|contains: needle}\n  condition: s\n")));
    struct arena rest = scratch;
    struct alert alert;
    read_event("{\"f\":\"needle\"}", &rest, &alert);
    for (int i = 0; i < 3; i++) {
        alert.logsource.product = i == 1 ? STR("linux") : STR("windows");
        cr_expect_eq(ask_alert(&asking, &alert, false, rest), 1);
        cr_expect_eq(asking.held[0], i == 1 ? 1 : 0);
    }
    cr_expect_eq(matching_counts(asking.matching).n_candidates, 3);
    cr_expect_eq(ask_alert(&asking, &alert, true, rest), 2);
    matching_free(asking.matching);
}

/* --- what is remembered */

Test(matcher, what_was_found_in_one_value_is_not_said_of_another)
{
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s: {f|contains: needle}\n  condition: s\n"))));
    char event[64];
    for (int i = 0; i < 20000; i++) {
        cr_assert_eq(ask(&asking, "{\"f\":\"a needle 00000\"}"), 1);
        snprintf(event, sizeof event, "{\"f\":\"a noodle %05d\"}", i);
        cr_assert_eq(ask(&asking, event), 0, "%s", event);
    }
    matching_free(asking.matching);
}

Test(matcher, one_logsource_is_not_taken_for_another)
{
    struct asking asking = asking_of(load_rules(
        STR("title: t\nid: a\nlogsource: {product: windows}\ndetection:\n"
            "  s: {f|contains: needle}\n  condition: s\n")));
    static const struct rule_view view = {.says_product = true};
    struct arena rest = scratch;
    struct alert alert;
    char product[32];
    read_event("{\"f\":\"needle\"}", &rest, &alert);
    alert.view = &view;
    for (int i = 0; i < 1000; i++) {
        alert.logsource.product = STR("windows");
        cr_assert_eq(ask_alert(&asking, &alert, false, rest), 1);
        snprintf(product, sizeof product, "w%d%s", i, i % 2 ? "s" : "indows");
        alert.logsource.product = str_of(product);
        cr_assert_eq(ask_alert(&asking, &alert, false, rest), 0, "%s", product);
    }
    matching_free(asking.matching);
}

/* --- what every match of a regular expression contains */

Test(matcher, literals_of_regular_expressions)
{
    static const struct {
        const char *regex, *literal; /* NULL: none */
    } row[] = {
        {"needle", "needle"},
        {"NEEDLE", "needle"},
        {"ab?cde", "cde"},
        {"abc?", "ab"},
        {"ab+cdef*", "cde"},
        {"abcd{0,2}", "abc"},
        {"(abcdef)?gh", "gh"},
        {"ab|cd", NULL},
        {"(ab|cd)efg", "efg"},
        {"a.bcd", "bcd"},
        {"[abc]def[^]]ghij", "ghij"},
        {"net\\s+user", "user"},
        {"\\\\wkssvc_?[0-9a-f]{2}", "\\wkssvc"},
        {"(?i)need\\.le", "need.le"},
        {"(?x)need le", NULL},
        {"(?:a(?x)b # )\n)cde", NULL},
        {"\\Qab\\Ecd", NULL},
        {"\\x41bcd", NULL},
        {"a{2}bcd", "bcd"},
        {"a{bcd", NULL},
        {"\xc3\xa9?bcd", "bcd"},
        {"[[:alpha:]]bcd", NULL},
        {"(?=abcdef)xy", "xy"},
        {"(*UCP)abc", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena rest = scratch;
        struct str literal = regex_literal(str_of(row[i].regex), &rest);
        if (row[i].literal)
            cr_expect(str_equal(literal, str_of(row[i].literal)),
                      "row %zu: %.*s", i, STR_ARG(literal));
        else
            cr_expect_eq(literal.len, 0, "row %zu: %.*s", i, STR_ARG(literal));
    }
}

Test(matcher, matching_again_allocates_nothing)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    cr_skip_test("the sanitizer replaces malloc");
#else
    static const char *const row[] = {
        "{\"f\":\"a NEEDLE \xc3\x89\",\"g\":[1.50,null,{\"h\":true}]}",
        "{\"f\":{\"g\":\"10.1.2.3\"},\"h\":\"x77y\"}",
        "{}",
    };
    struct asking asking = asking_of(load_rules(
        STR(RULE("a", "  s: {f|contains: needle}\n  condition: s\n")
                RULE("b", "  s: {h|re: 'x[0-9]+y'}\n  condition: s\n")
                    RULE("c", "  s: [needle, '77']\n  condition: s\n")
                        RULE("d", "  s: {f.g|cidr: 10.0.0.0/8}\n"
                                  "  condition: s\n"))));
    uint64_t before = 0, n_held = 0;
    for (size_t i = 0; i < 3000; i++) {
        struct arena rest = scratch;
        struct alert alert;
        if (i == 3)
            before = n_allocations;
        read_event(row[i % 3], &rest, &alert);
        struct facts *facts = facts_new(asking.rules, &alert, &rest);
        n_held += matcher_find(rules_matcher(asking.rules), asking.matching,
                               facts, &alert, true, asking.held);
    }
    cr_expect_eq(n_allocations, before);
    cr_expect_eq(n_held, 5000);
    matching_free(asking.matching);
#endif
}
