/* SPDX-License-Identifier: Apache-2.0
 *
 * Detections: the cases of tests/cases/sigma, every mistake with its place,
 * bounds, and what needs more than a rule and an event. */
#include "rules_text.h"

#include "daemon/commands.h"

TestSuite(rules, .init = setup, .fini = teardown);

/* --- the cases */

Test(rules, every_case_of_the_folder_holds)
{
    char *argv[] = {"rules", "test", "tests/cases/sigma", NULL};
    const char *paths[] = {"tests/cases/sigma"};
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    cr_assert_not_null(rules);
    cr_expect_eq(rules_n_refused(rules), 0);
    cr_expect_geq(rules_n_detections(rules), 70);
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct detection *detection = rules_detection(rules, i);
        cr_expect_gt(detection->options.fire.len, 2, "%.*s has no fire",
                     STR_ARG(detection->title));
        cr_expect_gt(detection->options.quiet.len, 2, "%.*s has no quiet",
                     STR_ARG(detection->title));
    }
    cr_expect_eq(cmd_rules(3, argv), EXIT_OK);
}

Test(rules, the_shipped_rules_load_and_their_examples_hold)
{
    char *argv[] = {"rules", "test", "rules", NULL};
    const char *paths[] = {"rules"};
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    size_t n = 0;
    cr_assert_not_null(rules);
    cr_expect_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    cr_expect_geq(rules_n_detections(rules), 25);
    for (size_t i = 0; i < rules_n_correlations(rules); i++) {
        const struct rule_options *options = rules_options(rules, i);
        struct str id = rules_correlation(rules, i)->id;
        if (!options)
            continue;
        n++;
        cr_expect_gt(options->fire.len, 2, "%.*s", STR_ARG(id));
        cr_expect_gt(options->quiet.len, 2, "%.*s", STR_ARG(id));
        if (rules_correlation(rules, i)->silent)
            continue; /* no ticket is of it */
        cr_expect_gt(options->ticket.first_step.vi.len, 0, "%.*s", STR_ARG(id));
        cr_expect_gt(options->ticket.harmless.en.len, 0, "%.*s", STR_ARG(id));
    }
    cr_expect_geq(n, 15);
    cr_expect_eq(cmd_rules(3, argv), EXIT_OK);
}

Test(rules, each_type_of_correlation_fires_as_its_examples_say)
{
    char *argv[] = {"rules", "test", "tests/cases/correlation", NULL};
    cr_expect_eq(cmd_rules(3, argv), EXIT_OK);
}

Test(rules, correlations_with_a_long_memory_load)
{
    char *argv[] = {"rules", "check", "tests/cases/correlation", NULL};
    cr_expect_eq(cmd_rules(3, argv), EXIT_OK);
}

Test(rules, an_example_that_does_not_hold_fails_the_test)
{
    static const char wrong[] =
        "title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, condition: "
        "a}\nthapcanh: {examples: {fire: [{f: %s}], quiet: [{f: %s}]}}\n---\n"
        "title: c\nid: c\ncorrelation: {type: event_count, rules: [r], "
        "group-by: [u], timespan: 1m, condition: {gte: 3}}\nthapcanh: "
        "{examples: {fire: [[{f: x, u: a, repeat: 3, every: %s}]], quiet: "
        "[[{f: x, u: a, repeat: %d}]]}}\n";
    static const struct {
        const char *fire, *quiet, *every;
        int repeat, code;
    } rows[] = {
        {"x", "y", "30s", 2, EXIT_OK},    {"y", "y", "30s", 2, EXIT_CHECK},
        {"x", "x", "30s", 2, EXIT_CHECK}, {"x", "y", "31s", 2, EXIT_CHECK},
        {"x", "y", "30s", 3, EXIT_CHECK}, {"x", "y", "30x", 2, EXIT_CHECK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[] = "/tmp/test_rules_XXXXXX";
        char *argv[] = {"rules", "test", path, NULL};
        int file = mkstemp(path);
        cr_assert_geq(file, 0);
        dprintf(file, wrong, rows[i].fire, rows[i].quiet, rows[i].every,
                rows[i].repeat);
        close(file);
        cr_expect_eq(cmd_rules(3, argv), rows[i].code, "row %zu", i);
        unlink(path);
    }
}

/* What `tick` is given, in an example that otherwise fires. */
Test(rules, a_tick_ends_an_example_and_stands_alone)
{
    static const char text[] =
        "title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, condition: "
        "a}\nlevel: low\n---\n"
        "title: c\nid: c\ncorrelation: {type: event_count, rules: [r], "
        "timespan: 1m, condition: {gte: 2}}\nthapcanh: "
        "{examples: {fire: [[{f: y}], [%s]]}}\n";
    static const struct {
        const char *example, *says; /* NULL: it fires */
    } rows[] = {
        {"{f: x, repeat: 2}, {tick: 2h}", NULL},
        {"{f: x, repeat: 2}", NULL},
        {"{tick: 2h}, {f: x, repeat: 2}", "behind the alerts"},
        {"{f: x, repeat: 2}, {tick: 2h, f: x}", "stands alone"},
        {"{f: x, repeat: 2}, {tick: 2h}, {f: x}", "at the end"},
        {"{f: x, repeat: 2}, {tick: 0s}", "some time, not none"},
        {"{f: x, repeat: 2}, {tick: soon}", "tick: expected a time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[] = "/tmp/test_rules_XXXXXX", out[4096] = "";
        char *argv[] = {"rules", "test", path, NULL};
        int file = mkstemp(path);
        cr_assert_geq(file, 0);
        dprintf(file, text, rows[i].example);
        close(file);
        FILE *said = tmpfile();
        int kept = dup(STDOUT_FILENO);
        fflush(stdout);
        dup2(fileno(said), STDOUT_FILENO);
        cmd_rules(3, argv);
        fflush(stdout);
        dup2(kept, STDOUT_FILENO);
        close(kept);
        rewind(said);
        out[fread(out, 1, sizeof out - 1, said)] = '\0';
        fclose(said);
        unlink(path);
        cr_expect(strstr(out, "example 1 under fire: does not fire"), "%s",
                  out);
        const char *second = strstr(out, "example 2 under fire");
        cr_expect_eq(second == NULL, rows[i].says == NULL, "row %zu: %s", i,
                     out);
        cr_expect(!rows[i].says || (second && strstr(second, rows[i].says)),
                  "row %zu: %s", i, out);
    }
}

/* --- mistakes */

static const struct {
    const char *detection, *complaint;
} mistakes[] = {
    {"  a: {f: x}", "5:3: no 'condition'"},
    {"  a: {f: x}\n  conditon: a",
     "no 'condition' (is it meant by 'conditon'?)"},
    {"  condition: a", "the detection has no search identifier"},
    {"  a: {f: x}\n  condition: b", "6:14: unknown search identifier 'b'"},
    {"  a: {f: x}\n  condition: 'a and b'",
     "6:21: unknown search identifier 'b'"},
    {"  a: {f: x}\n  condition: \"a or (b)\"",
     "6:21: unknown search identifier 'b'"},
    {"  a: {f: x}\n  condition: ['a', 'a or c']",
     "6:26: unknown search identifier 'c'"},
    {"  sel: {f: x}\n  condition: not sell",
     "6:18: unknown search identifier 'sell' (did you mean 'sel'?)"},
    {"  a: {f: x}\n  condition: a and", "found its end"},
    {"  a: {f: x}\n  condition: (a", "expected ')'"},
    {"  a: {f: x}\n  condition: a)", "expected and, or, or the end, found ')'"},
    {"  a: {f: x}\n  condition: a a",
     "expected and, or, or the end, found 'a'"},
    {"  a: {f: x}\n  condition: 1 of b*",
     "no search identifier is meant by the pattern, found 'b*'"},
    {"  _a: {f: x}\n  condition: 1 of them",
     "no search identifier is meant by the pattern, found 'them'"},
    {"  a: {f: x}\n  condition: 0 of a*", "a number from 1"},
    {"  a: {f: x}\n  condition: 2 of a*", "not so many"},
    {"  a: {f: x}\n  condition: 1 of", "after 'of' comes"},
    {"  a: {f: x}\n  condition: a | count() > 5", "write a correlation"},
    {"  a: {f: x}\n  condition: {a: b}", "a condition is a text"},
    {"  a: {f: x}\n  condition: []", "the list is empty"},
    {"  a: {f: x}\n  timeframe: 5m\n  condition: a", "6:3: timeframe is of"},
    {"  a b: {f: x}\n  condition: 1 of them", "cannot name a search"},
    {"  a:\n  condition: a", "'a' is empty"},
    {"  a: {}\n  condition: a", "the map is empty"},
    {"  a: []\n  condition: a", "the list is empty"},
    {"  a: [[x]]\n  condition: a", "a list in a list"},
    {"  a: {f: {g: x}}\n  condition: a", "5:10: the value of 'f' is a map"},
    {"  a: {f: []}\n  condition: a", "5:10: the list is empty"},
    {"  a: {f: [x, null]}\n  condition: a",
     "5:14: null cannot stand in a list"},
    {"  a: {f: [x, [y]]}\n  condition: a", "5:14: a value is a text"},
    {"  a: {f|all: x}\n  condition: a", "'all' needs a list"},
    {"  a: {f|all: [x]}\n  condition: a", "'all' needs a list"},
    {"  a: {f|contain: x}\n  condition: a",
     "5:7: unknown modifier 'contain' (did you mean 'contains'?)"},
    {"  a: {f|: x}\n  condition: a", "a modifier is missing"},
    {"  a: {f|contains|startswith: x}\n  condition: a", "only one of contains"},
    {"  a: {f|contains|contains: x}\n  condition: a",
     "the same modifier twice"},
    {"  a: {f|re|contains: x}\n  condition: a", "re goes with"},
    {"  a: {f|i: x}\n  condition: a", "i, m and s come after re"},
    {"  a: {f|re: '('}\n  condition: a", "wrong at its byte"},
    {"  a: {f|re: 'a\\Cb'}\n  condition: a", "wrong at its byte"},
    {"  a: {f|expand: '%x%'}\n  condition: a", "unknown placeholder"},
    {"  a: {f|utf16: x}\n  condition: a", "only before base64"},
    {"  a: {f|base64|wide: x}\n  condition: a", "before base64"},
    {"  a: {f|contains|base64: x}\n  condition: a", "come after base64"},
    {"  a: {f|base64|base64offset: x}\n  condition: a", "only one of base64"},
    {"  a: {f|base64: 'a*'}\n  condition: a", "5:17: 'a*': a value with wild"},
    {"  a: {f|base64: ''}\n  condition: a", "nothing to encode"},
    {"  a: {f|base64offset|contains: x}\n  condition: a", "too short"},
    {"  a: {f|base64offset|endswith: xxx}\n  condition: a", "contains, not"},
    {"  a: {f|cidr: 10.0.0}\n  condition: a", "expected an address"},
    {"  a: {f|cidr: 10.0.0.0/33}\n  condition: a", "0 to 32"},
    {"  a: {f|cidr: '::/129'}\n  condition: a", "0 to 128"},
    {"  a: {f|cidr|contains: 10.0.0.0/8}\n  condition: a", "no other modifier"},
    {"  a: {f|exists: maybe}\n  condition: a", "'exists' is true or false"},
    {"  a: {f|exists: [true, false]}\n  condition: a", "takes one value"},
    {"  a: {f|gt: x}\n  condition: a", "expected a number"},
    {"  a: {f|gt: 0x10}\n  condition: a", "expected a number"},
    {"  a: {f|gt|lt: 1}\n  condition: a", "only one of lt"},
    {"  a: {f|hour: 24}\n  condition: a", "a whole number from 0 to 23"},
    {"  a: {f|day: 0}\n  condition: a", "from 1 to 31"},
    {"  a: {f|week: 54}\n  condition: a", "from 1 to 53"},
    {"  a: {f|gt|hour: 5}\n  condition: a", "after the part of the time"},
    {"  a: {f|hour|day: 5}\n  condition: a", "only one of minute"},
    {"  a: {f|hour|re: 5}\n  condition: a", "exclude one another"},
    {"  a: {f|fieldref: ''}\n  condition: a", "the name of a field"},
    {"  a: {f|fieldref: 5}\n  condition: a", "the name of a field"},
    {"  a: {f|contains: null}\n  condition: a", "null takes no modifier"},
    {"  a: {'|cidr': 10.0.0.0/8}\n  condition: a", "keywords take text"},
    {"  a: {'': null}\n  condition: a", "null is no keyword"},
};

Test(rules, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct rules *rules = load_detection(mistakes[i].detection);
        cr_expect_eq(rules_n_detections(rules), 0, "row %zu: %s", i,
                     mistakes[i].detection);
        cr_expect_eq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect_gt(complaints.n_errors, 0, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

static const struct {
    const char *detection, *warning;
} warnings[] = {
    {"  a: {f: 010}\n  condition: a", "5:10: warning: '010' is compared as"},
    {"  a: {f: 0x1F}\n  condition: a", "warning: '0x1F' is compared as"},
    {"  a: {f: 1e3}\n  condition: a", "warning: '1e3' is compared as"},
    {"  a: {f|base64offset: cmd}\n  condition: a", "means contains; write it"},
    {"  a: {f|cidr: 10.1.2.3/8}\n  condition: a", "taken as 10.0.0.0/8"},
    {"  a: {f: x}\n  b: {f: y}\n  condition: a", "no condition uses 'b'"},
    {"  a: {f|contains: ''}\n  condition: a", "stands in every text"},
    {"  a|b: {f: x}\n  condition: 1 of a*", "is the name of a search"},
};

Test(rules, what_is_doubtful_loads_with_a_warning)
{
    for (size_t i = 0; i < sizeof warnings / sizeof *warnings; i++) {
        const struct rules *rules = load_detection(warnings[i].detection);
        cr_expect_eq(rules_n_detections(rules), 1, "row %zu: %.*s", i,
                     STR_ARG(buf_str(&complaints.text)));
        cr_expect_eq(complaints.n_errors, 0, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(warnings[i].warning)),
                  "row %zu: want %s, got %.*s", i, warnings[i].warning,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

static const struct {
    const char *text, *complaint;
} documents[] = {
    {"[1]", "1:1: a rule is a map"},
    {"title: t", "1:1: no 'detection'"},
    {"title: t\ndetecton: {}", "(is it meant by 'detecton'?)"},
    {"id: r\nlogsource: {}\ndetection: {a: {f: x}, condition: a}",
     "no 'title'"},
    {"title: t\ndetection: {a: {f: x}, condition: a}", "no 'logsource'"},
    {"title: t\nlogsource: {prodct: x}\ndetection: {a: {f: x}, condition: a}",
     "2:13: unknown part 'prodct' of the logsource (did you mean 'product'?)"},
    {"title: t\nlevel: hgh\nlogsource: {}\n"
     "detection: {a: {f: x}, condition: a}",
     "2:8: unknown level 'hgh' (did you mean 'high'?)"},
    {"title: t\nstatus: tested\nlogsource: {}\n"
     "detection: {a: {f: x}, condition: a}",
     "2:9: unknown status 'tested' (did you mean 'test'?)"},
    {"title: t\nid: ''\nlogsource: {}\ndetection: {a: {f: x}, condition: a}",
     "2:5: expected 1 to 255 bytes"},
    {"title: t\nlogsource: {}\ndetection: 7", "3:12: detection is a map"},
    {"title: t\nfilter: {}", "2:9: no 'rules'"},
    {"action: globl\ntitle: t", "1:9: unknown action 'globl' (did you"},
    {"title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, condition: a}\n"
     "---\ntitle: u\nid: r\nlogsource: {}\n"
     "detection: {a: {f: x}, condition: a}",
     "7:5: the id 'r' is that of a rule in"},
    {"title: t\nlogsource: {}\ndetection: {a: {f: x}, condition: a}\n"
     "thapcanh: {incidnt: none}",
     "4:12: unknown field 'incidnt' (did you mean 'incident'?)"},
    {"title: t\nlogsource: {}\ndetection: {a: {f: x}, condition: a}\n"
     "thapcanh: {incident: {group-by: [host], timespn: 5m}}",
     "(did you mean 'timespan'?)"},
    {"title: t\nlogsource: {}\ndetection: {a: {f: x}, condition: a}\n"
     "thapcanh: {first_step: {vi: a}}",
     "'first_step' has no en:"},
    {"title: t\nlogsource: {}\ndetection: {a: {f: x}, condition: a}\n"
     "thapcanh: {examples: {fire: [x]}}",
     "an example is an alert"},
};

Test(rules, each_mistake_of_a_document_is_named)
{
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        const struct rules *rules = load_rules(str_of(documents[i].text));
        cr_expect_eq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(documents[i].complaint)),
                  "row %zu: want %s, got %.*s", i, documents[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

Test(rules, all_mistakes_are_found_in_one_run_and_the_others_load)
{
    const struct rules *rules = load_rules(
        STR("title: t\nid: one\nlevel: hgh\nlogsource: {product: any}\n"
            "detection:\n  a: {f|contain: x, g|all: y}\n  condition: b\n"
            "---\ntitle: u\nid: two\nlogsource: {product: any}\n"
            "detection: {a: {f: x}, condition: a}\n"
            "---\ntitle: v\nid: three\ncorrelation: {type: temporl}\n"));
    cr_expect_eq(rules_n_detections(rules), 1);
    cr_expect_eq(rules_n_refused(rules), 2);
    cr_expect_geq(complaints.n_errors, 7, "%.*s",
                  STR_ARG(buf_str(&complaints.text)));
    cr_expect(str_equal(rules_detection(rules, 0)->id, STR("two")));
}

/* --- fields */

Test(rules, composed_and_decomposed_are_equal_in_fields_of_names)
{
    static const struct str names[] = {{"f", 1}};
    static const struct rule_view view = {.name = names, .n_names = 1};
    const struct rules *rules =
        load_detection("  a: {f: \"Lê Thị Hu\\u1ec7\"}\n  condition: a");
    struct arena rest = scratch;
    struct alert alert;
    read_event("{\"f\":\"Lê Thị Hue\\u0323\\u0302\"}", &rest, &alert);
    cr_expect_not(matches(rules, &alert, rest));
    alert.view = &view;
    cr_expect(matches(rules, &alert, rest));
    rules = load_detection("  a: {f|endswith: \"u\\u0065\\u0302\\u0323\"}\n"
                           "  condition: a");
    read_event("{\"f\":\"Lê Thị HU\\u1ec6\"}", &rest, &alert);
    cr_expect_not(matches(rules, &alert, rest));
    alert.view = &view;
    cr_expect(matches(rules, &alert, rest));
}

Test(rules, a_view_leads_to_fields_by_paths_then_by_roots)
{
    static const struct rule_field fields[] = {
        {.name = {"Image", 5},
         .path = {{"Event.EventData.Image", 21}, {"Event.EventData.New", 19}},
         .n_paths = 2}};
    static const struct rule_view view = {
        .root = {{"Event.EventData", 15}, {"Event.UserData.*", 16}, {"", 0}},
        .n_roots = 3,
        .field = fields,
        .n_fields = 1};
    static const struct {
        const char *event;
        bool match;
    } rows[] = {
        {"{\"Event\":{\"EventData\":{\"Image\":\"x\"}}}", true},
        {"{\"Event\":{\"EventData\":{\"New\":\"x\"}}}", true},
        {"{\"Event\":{\"EventData\":{\"Image\":null,\"New\":\"x\"}}}", false},
        {"{\"Event\":{\"EventData\":{\"User\":\"x\"}}}", true},
        {"{\"Event\":{\"UserData\":{\"Any\":{\"User\":\"x\"}}}}", true},
        {"{\"User\":\"x\"}", true},
        {"{\"Event\":{\"EventData\":{\"User\":\"y\"}},\"User\":\"x\"}", false},
        {"{\"Event\":{\"User\":\"x\"}}", false},
    };
    const struct rules *rules = load_detection(
        "  a: {Image: x}\n  b: {User: x}\n  condition: 1 of them");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena rest = scratch;
        struct alert alert;
        read_event(rows[i].event, &rest, &alert);
        alert.view = &view;
        cr_expect_eq(matches(rules, &alert, rest), rows[i].match, "row %zu", i);
    }
}

Test(rules, a_normalised_field_comes_before_the_event_unless_it_is_empty)
{
    const struct rules *rules =
        load_detection("  a: {user: x}\n  condition: a");
    struct arena rest = scratch;
    struct alert alert;
    read_event("{\"user\":\"x\"}", &rest, &alert);
    cr_expect(matches(rules, &alert, rest));
    alert.field[ALERT_USER] = STR("y");
    cr_expect_not(matches(rules, &alert, rest));
}

Test(rules, decided_names_are_never_taken_from_the_event)
{
    const struct rules *rules =
        load_detection("  a: {kind: malware}\n  b: {unit: u}\n  "
                       "c: {level: 5}\n  d: {watchlist|exists: true}\n  "
                       "condition: 1 of them");
    cr_expect_not(matches_event(rules, "{\"kind\":\"malware\",\"unit\":\"u\","
                                       "\"level\":5,\"watchlist\":1}"));
}

/* --- bounds */

static struct buf text;

static const struct rules *
load_text(void)
{
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    text = (struct buf){0};
    return rules;
}

Test(rules, a_hundred_thousand_values_are_refused)
{
    buf_add(&text, STR("title: t\nlogsource: {}\ndetection:\n  a:\n    f:\n"));
    for (int i = 0; i < 100000; i++)
        buf_format(&text, "    - v%d\n", i);
    buf_add(&text, STR("  condition: a\n"));
    const struct rules *rules = load_text();
    cr_expect_eq(rules_n_detections(rules), 0);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("more than 50000 values in one rule")));
}

Test(rules, a_condition_a_thousand_deep_is_refused)
{
    static const char *const openers[] = {"(", "not "};
    for (size_t i = 0; i < 2; i++) {
        buf_add(&text, STR("title: t\nlogsource: {}\ndetection:\n"
                           "  a: {f: x}\n  condition: "));
        for (int j = 0; j < 1000; j++)
            buf_add(&text, str_of(openers[i]));
        buf_add(&text, STR("a\n"));
        const struct rules *rules = load_text();
        cr_expect_eq(rules_n_detections(rules), 0);
        cr_expect(
            str_contains(buf_str(&complaints.text), STR("nested too deep")));
    }
}

Test(rules, a_condition_of_a_thousand_words_is_fine)
{
    buf_add(&text, STR("title: t\nlogsource: {}\ndetection:\n"
                       "  a: {f: x}\n  condition: a"));
    for (int j = 0; j < 1000; j++)
        buf_add(&text, STR(" or not a and a"));
    const struct rules *rules = load_text();
    cr_expect_eq(rules_n_detections(rules), 1);
    cr_expect(matches_event(rules, "{\"f\":\"x\"}"));
    cr_expect_not(matches_event(rules, "{\"f\":\"y\"}"));
}

Test(rules, an_exploding_regular_expression_gives_up_and_is_counted)
{
    const struct rules *rules =
        load_detection("  a: {f|re: '^(a+)+$'}\n  condition: a");
    struct arena rest = scratch;
    struct alert alert;
    buf_add(&text, STR("{\"f\":\""));
    for (int i = 0; i < 40; i++)
        buf_add(&text, STR("a"));
    buf_add(&text, STR("!\"}"));
    buf_char(&text, '\0');
    read_event(text.at, &rest, &alert);
    struct facts *facts = facts_new(rules, &alert, &rest);
    cr_expect_not(detection_match(rules_detection(rules, 0), facts));
    cr_expect_eq(facts_n_limited(facts), 1);
    buf_free(&text);
}

Test(rules, a_regular_expression_too_large_is_refused)
{
    load_detection("  a: {f|re: '((((a{1000}){1000}){1000}){1000})'}\n"
                   "  condition: a");
    cr_expect(str_contains(buf_str(&complaints.text), STR("is wrong at")));
}

Test(rules, anchors_that_stand_for_millions_of_values_are_refused)
{
    buf_add(&text, STR("title: t\nlogsource: {}\nx0: &x0 [a, b]\n"));
    for (int i = 1; i < 30; i++)
        buf_format(&text, "x%d: &x%d [*x%d, *x%d]\n", i, i, i - 1, i - 1);
    buf_add(&text, STR("detection: {a: {f: *x0}, condition: a}\n"));
    const struct rules *rules = load_text();
    cr_expect_eq(rules_n_detections(rules), 0);
    cr_expect(str_contains(buf_str(&complaints.text), STR("expands to more")));
}

Test(rules, many_pairs_of_fieldref_are_given_up_on)
{
    const struct rules *rules =
        load_detection("  a: {f|fieldref: g}\n  condition: a");
    struct arena rest = scratch;
    struct alert alert;
    for (int k = 0; k < 2; k++) {
        buf_add(&text, k == 0 ? STR("{\"f\":[") : STR("],\"g\":["));
        for (int i = 0; i < 3000; i++)
            buf_format(&text, "%s%d", i > 0 ? "," : "", i + 5000 * k);
    }
    buf_add(&text, STR("]}"));
    buf_char(&text, '\0');
    read_event(text.at, &rest, &alert);
    struct facts *facts = facts_new(rules, &alert, &rest);
    cr_expect_not(detection_match(rules_detection(rules, 0), facts));
    cr_expect_gt(facts_n_limited(facts), 0);
    buf_free(&text);
}

/* --- explaining */

Test(rules, explain_says_which_value_matched_what)
{
    const struct rules *rules =
        load_detection("  sel: {f|contains: [abc, xyz], g|neq: 1}\n"
                       "  kw: [secret]\n  condition: sel and not kw");
    struct arena rest = scratch;
    struct alert alert;
    struct buf out = {0};
    read_event("{\"f\":\"--XYZ--\",\"h\":{\"i\":\"a secret\"}}", &rest, &alert);
    struct facts *facts = facts_new(rules, &alert, &rest);
    detection_explain(rules_detection(rules, 0), facts, &out);
    static const char *const want[] = {
        "yes sel\n",
        "yes f|contains (line 5): \"--XYZ--\"",
        "- \"abc\"\n",
        "+ \"xyz\"\n",
        "yes g|neq (line 5): none of absent",
        "yes kw\n",
        "+ \"secret\"  in \"a secret\"",
        "no  condition: sel and not kw",
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect(str_contains(buf_str(&out), str_of(want[i])),
                  "want %s in\n%.*s", want[i], STR_ARG(buf_str(&out)));
    buf_free(&out);
}

/* --- meaning */

Test(rules, the_meaning_is_that_of_logsource_and_detection)
{
    static const char *const texts[] = {
        "title: t\nid: r\nlogsource: {product: a}\n"
        "detection: {a: {f: x}, condition: a}\nlevel: low",
        "title: another # comment\nid: r\nlogsource:\n    product: a\n"
        "detection:\n    a:\n        f: 'x'\n    condition: a\nlevel: high\n"
        "thapcanh: {incident: none}",
        "title: t\nid: r\nlogsource: {product: b}\n"
        "detection: {a: {f: x}, condition: a}",
        "title: t\nid: r\nlogsource: {product: a}\n"
        "detection: {a: {f: y}, condition: a}",
    };
    struct digest meaning[4];
    for (size_t i = 0; i < 4; i++)
        meaning[i] = rules_detection(load_rules(str_of(texts[i])), 0)->meaning;
    cr_expect_eq(meaning[0].half[0], meaning[1].half[0]);
    cr_expect_neq(meaning[0].half[0], meaning[2].half[0]);
    cr_expect_neq(meaning[0].half[0], meaning[3].half[0]);
}
