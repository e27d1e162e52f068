/* SPDX-License-Identifier: Apache-2.0
 *
 * From alerts to window entries: what is measured, scored and counted, steps
 * that are any detection or alert, members, active hours. */
#include "route_world.h"

TestSuite(route_values, .init = setup, .fini = teardown);

#define DETECTION(name, field, tags)                                           \
    "title: " name "\nid: " name                                               \
    "\nlogsource: {product: any}\ndetection: {a: {" field                      \
    "}, condition: a}\nlevel: low\n" tags "---\n"
#define ONE DETECTION("one", "f: x", "tags: [attack.discovery]\n")
#define TWO DETECTION("two", "g: y", "tags: [attack.impact, attack.t1000]\n")

struct outcome {
    const struct rules *rules;
    struct seen seen;
    struct matched matched;
};

/* One alert at a Monday noon in Vietnam. */
static void
run_of(enum severity severity, struct outcome *outcome, const char *text,
       const char *event)
{
    struct alert alert;
    scratch.at = scratch_start;
    outcome->rules = load_rules(str_of(text));
    cr_assert_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    read_event(event, &scratch, &alert);
    alert.severity = severity;
    alert.event_ms = INT64_C(1707714000000);
    match(outcome->rules, &alert, &outcome->matched, &outcome->seen);
}

static void
run(struct outcome *outcome, const char *text, const char *event)
{
    run_of(SEVERITY_HIGH, outcome, text, event);
}

/* "STEPS VALUE" of each entry of c, in order. */
static void
expect_values(const struct outcome *outcome, const char *wanted)
{
    struct buf said = {0};
    for (size_t i = 0; i < outcome->seen.n; i++) {
        const struct window_entry *entry = &outcome->seen.entry[i];
        buf_format(&said, "%s%x %.*s", said.len > 0 ? "; " : "", entry->steps,
                   STR_ARG(entry->value));
    }
    cr_expect(str_equal(buf_str(&said), str_of(wanted)), "want %s, got %.*s",
              wanted, STR_ARG(buf_str(&said)));
    buf_free(&said);
}

#define MEASURE(type, more)                                                    \
    ONE TWO "title: c\nid: c\ncorrelation: {type: " type                       \
            ", rules: [one, two], timespan: 1h, condition: {field: n, gte: "   \
            "2}}\n" more

static const struct {
    const char *event, *wanted;
} measured[] = {
    {"{\"f\":\"x\",\"n\":12}", "1 12"},
    {"{\"f\":\"x\",\"n\":\"12.50\"}", "1 12.5"},
    {"{\"f\":\"x\",\"n\":-1e3}", "1 -1000"},
    {"{\"f\":\"x\",\"n\":[1,2,\"z\"]}", "1 1; 1 2"},
    {"{\"f\":\"x\",\"n\":[5,\"5.0\"]}", "1 5"},
    {"{\"f\":\"x\",\"g\":\"y\",\"n\":7}", "3 7"},
    {"{\"f\":\"x\",\"n\":\"many\"}", ""},
    {"{\"f\":\"x\",\"n\":1e19}", ""},
    {"{\"f\":\"x\",\"n\":null}", ""},
    {"{\"f\":\"x\"}", ""},
};

Test(route_values, what_is_measured_is_decimal_text_or_takes_no_part)
{
    struct outcome outcome;
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++) {
        run(&outcome, MEASURE("value_sum", ""), measured[i].event);
        expect_values(&outcome, measured[i].wanted);
    }
}

Test(route_values, a_sum_that_is_never_negative_takes_no_negative_values)
{
    static const char text[] =
        MEASURE("value_sum", "thapcanh: {never_negative: true}\n");
    struct outcome outcome;
    run(&outcome, text, "{\"f\":\"x\",\"n\":-1}");
    expect_values(&outcome, "");
    run(&outcome, text, "{\"f\":\"x\",\"n\":0}");
    expect_values(&outcome, "1 0");
}

#define OWN(keys)                                                              \
    ONE TWO "title: c\nid: c\nthapcanh: {correlation: {" keys "}}\n"

Test(route_values, a_risk_gets_points_tactics_and_rule_of_each_detection)
{
    struct outcome outcome;
    run(&outcome,
        OWN("type: risk, rules: [one, two], timespan: 1h, condition: {gte: "
            "100}, score: {two: 7}"),
        "{\"f\":\"x\",\"g\":\"y\"}");
    expect_values(&outcome, "1 50 256 one; 2 7 8192 two");
    run(&outcome,
        OWN("type: risk, rules: any, timespan: 1h, condition: {gte: 100}"),
        "{\"f\":\"x\",\"g\":\"y\"}");
    expect_values(&outcome, "1 50 256 one; 1 50 8192 two");
    run(&outcome,
        OWN("type: risk, rules: any, timespan: 1h, condition: {gte: 100}"),
        "{\"f\":\"z\"}");
    expect_values(&outcome, "");
}

Test(route_values, the_level_of_the_rule_scores_where_the_sensor_says_nothing)
{
    struct outcome outcome;
    run_of(SEVERITY_UNKNOWN, &outcome,
           OWN("type: risk, rules: [one, two], timespan: 1h, condition: {gte: "
               "100}, score: {two: 7}"),
           "{\"f\":\"x\",\"g\":\"y\"}");
    expect_values(&outcome, "1 5 256 one; 2 7 8192 two");
    run_of(SEVERITY_UNKNOWN, &outcome,
           OWN("type: risk, rules: any, timespan: 1h, condition: {gte: 100}"),
           "{\"f\":\"x\",\"g\":\"y\"}");
    expect_values(&outcome, "1 5 256 one; 1 5 8192 two");
}

Test(route_values, a_tuple_that_an_incident_names_is_an_array_of_its_values)
{
    static const char text[] =
        OWN("type: first_seen, rules: any, field: [u, p], timespan: 30d");
    struct outcome outcome;
    struct buf event = {0};
    run(&outcome, text, "{\"f\":\"x\",\"u\":\"A\\\"n\",\"p\":445.0}");
    expect_values(&outcome, "1 [\"a\\\"n\",\"445\"]");
    buf_add(&event, STR("{\"f\":\"x\",\"p\":1,\"u\":\""));
    for (int i = 0; i < MAX_KEY_BYTES; i++)
        buf_char(&event, 'u');
    buf_add(&event, STR("\"}"));
    buf_char(&event, '\0');
    run(&outcome, text, event.at);
    cr_assert_eq(outcome.seen.n, 1);
    cr_expect_eq(outcome.seen.entry[0].value.len, 33); /* # and a digest */
    buf_free(&event);
}

Test(route_values, what_opens_incidents_by_itself_does_so_without_a_host)
{
    static const char text[] = "title: t\nid: t\nlogsource: {product: any}\n"
                               "detection: {a: {f: x}, condition: a}\n"
                               "level: high\n";
    struct outcome outcome;
    run(&outcome, text, "{\"f\":\"x\"}");
    cr_assert_eq(outcome.seen.n, 1);
    cr_expect(str_equal(outcome.seen.entry[0].key, STR("[\"\"]")), "%.*s",
              STR_ARG(outcome.seen.entry[0].key));
    run(&outcome, text, "{\"f\":\"x\",\"host\":[null,\"a\"]}");
    cr_assert_eq(outcome.seen.n, 1);
    cr_expect(str_equal(outcome.seen.entry[0].key, STR("[\"a\"]")));
}

Test(route_values, any_detection_is_one_event_an_alert)
{
    static const char text[] =
        OWN("type: first_seen, rules: any, field: u, timespan: 30d");
    struct outcome outcome;
    run(&outcome, text, "{\"f\":\"x\",\"g\":\"y\",\"u\":\"An\"}");
    expect_values(&outcome, "1 an");
    run(&outcome, text, "{\"f\":\"z\",\"u\":\"An\"}");
    expect_values(&outcome, "");
}

Test(route_values, any_alert_needs_no_detection)
{
    static const char text[] =
        OWN("type: first_seen, rules: any_alert, field: u, timespan: 30d");
    struct outcome outcome;
    run(&outcome, text, "{\"f\":\"z\",\"u\":\"An\"}");
    expect_values(&outcome, "1 an");
    run(&outcome, text, "{\"f\":\"z\"}");
    expect_values(&outcome, "");
}

Test(route_values, detections_that_any_speaks_of_still_open_their_incidents)
{
    const struct rules *rules = load_rules(
        STR("title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, "
            "condition: a}\nlevel: high\n---\n"
            "title: c\nid: c\nthapcanh: {correlation: {type: risk, rules: "
            "any, timespan: 1h, condition: {gte: 100}}}\n"));
    cr_expect_eq(rules_n_correlations(rules), 2);
}

Test(route_values, members_share_one_window_and_others_take_no_part)
{
    static const char text[] =
        OWN("type: silence, rules: any_alert, group-by: [h, p], timespan: 1h, "
            "members: [[Máy A, 445], [b, '5']]");
    struct outcome outcome;
    struct digest nothing = hash_digest_of(NULL, 0);
    run(&outcome, text, "{\"h\":\"MÁY A\",\"p\":\"445\"}");
    expect_values(&outcome, "1 [\"Máy A\",445]");
    cr_expect_eq(outcome.seen.entry[0].key_id.half[0], nothing.half[0]);
    cr_expect_eq(outcome.seen.entry[0].key_id.half[1], nothing.half[1]);
    cr_expect(str_equal(outcome.seen.entry[0].key, STR("[\"MÁY A\",\"445\"]")));
    run(&outcome, text, "{\"h\":\"B\",\"p\":5}");
    expect_values(&outcome, "1 [\"b\",\"5\"]");
    run(&outcome, text, "{\"h\":\"c\",\"p\":5}");
    expect_values(&outcome, "");
}

Test(route_values, outside_its_hours_an_event_takes_no_part)
{
    static const struct {
        const char *hours, *wanted;
    } rows[] = {
        {"{from: '07:30', to: '17:00'}", "1 "},
        {"{from: '07:30', to: '17:00', outside: true}", ""},
        {"{days: [tue]}", ""},
        {"{days: [mon], from: '12:00', to: '12:01'}", "1 "},
        {"{days: [mon], from: '12:01'}", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct outcome outcome;
        struct buf text = {0};
        buf_format(&text,
                   "%stitle: c\nid: c\ncorrelation: {type: event_count, rules: "
                   "[one], timespan: 1h, condition: {gte: 2}}\n"
                   "thapcanh: {hours: %s}\n",
                   ONE, rows[i].hours);
        buf_char(&text, 0);
        run(&outcome, text.at, "{\"f\":\"x\"}");
        expect_values(&outcome, rows[i].wanted);
        buf_free(&text);
    }
}
