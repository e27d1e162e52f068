/* SPDX-License-Identifier: Apache-2.0
 *
 * Correlations as they are loaded: references, aliases, conditions, what is
 * refused and why; and which detections open incidents by themselves. */
#include "correlations_text.h"

TestSuite(correlations, .init = setup, .fini = teardown);

Test(correlations, an_event_count_has_all_it_needs)
{
    const struct correlation *c =
        first(load_correlation("  type: event_count\n  rules: [one, id-two]\n"
                               "  group-by: [user, host]\n  timespan: 90m\n"
                               "  condition: {gte: 10}"));
    cr_expect_eq(c->type, EVENT_COUNT);
    cr_expect_eq(c->n_steps, 2);
    cr_expect(str_equal(c->step[0].rule, STR("id-one")));
    cr_expect(str_equal(c->step[1].rule, STR("id-two")));
    cr_expect_eq(c->n_group_by, 2);
    cr_expect(str_equal(c->step[1].field[1], STR("host")));
    cr_expect_eq(c->timespan_ms, 90 * 60000);
    cr_expect_eq(c->threshold, 10);
    cr_expect_neq(c->fingerprint.half[0], 0);
    cr_expect_gt(c->text.len, 0);
}

Test(correlations, gt_is_one_more_than_gte)
{
    const struct rules *rules = load_correlation(
        "  type: event_count\n  rules: one\n  group-by: [user]\n"
        "  timespan: 1h\n  condition: {gt: 9}");
    cr_expect_eq(first(rules)->threshold, 10);
}

Test(correlations, temporal_means_all_rules_unless_it_says_less)
{
    cr_expect_eq(first(load_correlation("  type: temporal\n"
                                        "  rules: [one, two]\n"
                                        "  group-by: [u]\n  timespan: 1h"))
                     ->threshold,
                 2);
    cr_expect_eq(first(load_correlation("  type: temporal\n"
                                        "  rules: [one, two]\n"
                                        "  group-by: [u]\n  timespan: 1h\n"
                                        "  condition: {gte: 1}"))
                     ->threshold,
                 1);
}

Test(correlations, value_count_counts_a_field_or_several)
{
    const struct correlation *c =
        first(load_correlation("  type: value_count\n  rules: [one]\n"
                               "  group-by: [u]\n  timespan: 1h\n"
                               "  condition: {field: [a, b], gte: 3}"));
    cr_expect_eq(c->n_value_fields, 2);
    cr_expect(str_equal(c->value_field[1], STR("b")));
}

Test(correlations, aliases_give_each_step_its_field)
{
    const struct correlation *c = first(load_correlation(
        "  type: temporal\n  rules: [one, two]\n  group-by: [ip, u]\n"
        "  timespan: 1h\n"
        "  aliases: {ip: {one: src_ip, id-two: dst_ip}}"));
    cr_expect(str_equal(c->group_by[0], STR("ip")));
    cr_expect(str_equal(c->step[0].field[0], STR("src_ip")));
    cr_expect(str_equal(c->step[1].field[0], STR("dst_ip")));
    cr_expect(str_equal(c->step[1].field[1], STR("u")));
}

Test(correlations, the_order_of_files_does_not_matter)
{
    const struct rules *rules = load_rules(STR(
        "title: c\nid: c\ncorrelation: {type: event_count, rules: [one], "
        "group-by: [u], timespan: 1m, condition: {gte: 2}}\n---\n" DETECTION(
            "one") DETECTION("two")));
    cr_expect_eq(rules_n_refused(rules), 0);
    cr_expect_eq(rules_n_correlations(rules), 1);
}

/* --- what is refused */

#define COUNT "  type: event_count\n  rules: [one]\n  group-by: [u]\n"
#define BASE COUNT "  timespan: 1h\n"

static const struct {
    const char *correlation, *complaint;
} mistakes[] = {
    {"  rules: [one]\n  timespan: 1h", "no 'type'"},
    {"  type: event_cont\n  rules: [one]\n  timespan: 1h",
     "18:9: unknown type 'event_cont' (did you mean 'event_count'?)"},
    {"  type: absence\n  rules: [one, two]\n  timespan: 1h",
     "18:9: 'absence' stands under thapcanh: correlation:"},
    {"  type: value_rarity\n  rules: [one]\n  timespan: 1h",
     "18:9: unknown type 'value_rarity'"},
    {"  type: event_count\n  timespan: 1h\n  condition: {gte: 1}",
     "no 'rules'"},
    {COUNT "  condition: {gte: 1}", "no 'timespan'"},
    {COUNT "  timespan: 1x\n  condition: {gte: 1}", "21:13: "},
    {BASE, "no 'condition'"},
    {BASE "  condition: {gte: x}",
     "22:20: expected a decimal number within 10^18 of 0, found 'x'"},
    {BASE "  condition: {gtee: 3}",
     "unknown field 'gtee' (did you mean 'gte'?)"},
    {BASE "  condition: {}", "22:14: the condition has no limit"},
    {BASE "  condition: {field: f, gte: 3}",
     "22:15: only value_count and what measures have a field"},
    {BASE "  condition: one and two", "condition is a map"},
    {BASE "  condition: {gte: 3}\n  group_by: [x]",
     "(did you mean 'group-by'?)"},
    {"  type: value_count\n  rules: [one]\n  group-by: [u]\n  timespan: 1h\n"
     "  condition: {gte: 3}",
     "value_count needs field:"},
    {"  type: temporal\n  rules: [one, two]\n  group-by: [u]\n"
     "  timespan: 1h\n  condition: {gte: 3}",
     "there are only 2 rules"},
    {"  type: temporal\n  rules: [one, tow]\n  group-by: [u]\n"
     "  timespan: 1h",
     "19:16: unknown rule 'tow' (did you mean 'two'?)"},
    {"  type: temporal\n  rules: [one, id-one]\n  group-by: [u]\n"
     "  timespan: 1h",
     "19:16: 'id-one' stands here twice"},
    {"  type: temporal\n  rules: [c, one]\n  group-by: [u]\n  timespan: 1h",
     "19:11: correlations refer to one another: c ("},
    {"  type: temporal\n  rules: [one, two]\n  group-by: [ip]\n"
     "  timespan: 1h\n  aliases: {ip: {one: a}}",
     "alias 'ip' has no field for rule 'two'"},
    {"  type: temporal\n  rules: [one, two]\n  group-by: [ip]\n"
     "  timespan: 1h\n  aliases: {ip: {one: a, two: b, three: c}}",
     "'three' is none of the correlation's rules"},
    {BASE "  condition: {gte: 3}\n  generate: maybe", "expected true or false"},
    {"  type: event_count\n  rules: [one]\n  group-by: [u, u]\n"
     "  timespan: 1h\n  condition: {gte: 3}",
     "20:17: 'u' stands here twice"},
    {BASE "  condition: {gte: 3}\nthapcanh: {incident: {timespan: 5m}}",
     "incident is 'none' or not there"},
};

Test(correlations, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct rules *rules = load_correlation(mistakes[i].correlation);
        cr_expect_eq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect_eq(rules_n_detections(rules), 2, "row %zu", i);
        cr_expect_eq(rules_n_correlations(rules), 0, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

/* --- incidents of detections by themselves */

static const struct {
    const char *level, *options;
    const char *generate; /* NULL: no correlation refers to it */
    size_t n_implicit;
} own[] = {
    {"high", "", NULL, 1},
    {"critical", "", NULL, 1},
    {"medium", "", NULL, 0},
    {"high", "thapcanh: {incident: none}\n", NULL, 0},
    {"low", "thapcanh: {incident: {group-by: [user], timespan: 5m}}\n", NULL,
     1},
    {"high", "", "false", 0},
    {"high", "", "true", 1},
    {"high", "thapcanh: {incident: {}}\n", "false", 1},
};

Test(correlations, a_high_detection_that_nobody_refers_to_opens_incidents)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        struct buf text = {0};
        buf_format(&text,
                   "title: t\nid: r\nlogsource: {product: any}\n"
                   "detection: {a: {f: x}, condition: a}\nlevel: %s\n%s",
                   own[i].level, own[i].options);
        if (own[i].generate)
            buf_format(&text,
                       "---\ntitle: c\nid: c\ngenerate: %s\ncorrelation: "
                       "{type: event_count, rules: [r], group-by: [u], "
                       "timespan: 1m, condition: {gte: 2}}\n",
                       own[i].generate);
        const struct rules *rules = load_rules(buf_str(&text));
        size_t n = 0;
        cr_expect_eq(complaints.n_errors, 0, "row %zu", i);
        for (size_t j = 0; j < rules_n_correlations(rules); j++)
            n += rules_correlation(rules, j)->is_detection;
        cr_expect_eq(n, own[i].n_implicit, "row %zu", i);
        buf_free(&text);
    }
}

Test(correlations, the_implicit_one_is_by_host_for_15_minutes_unless_it_says)
{
    const struct rules *rules = load_rules(
        STR("title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, "
            "condition: a}\nlevel: high\n---\n"
            "title: u\nid: s\nlogsource: {}\ndetection: {a: {f: x}, "
            "condition: a}\nlevel: low\nthapcanh:\n"
            "  title: {vi: 'Tựa đề'}\n  ticket: {group: 2h}\n"
            "  first_step: {vi: a, en: b}\n"
            "  incident: {group-by: [user, src_ip], timespan: 5m}\n"));
    const struct correlation *r = rules_correlation(rules, 0);
    const struct correlation *s = rules_correlation(rules, 1);
    cr_expect_eq(complaints.n_errors, 0);
    cr_expect(r->is_detection && str_equal(r->id, STR("r")));
    cr_expect_eq(r->threshold, 1);
    cr_expect_eq(r->n_group_by, 1);
    cr_expect(str_equal(r->group_by[0], STR("host")));
    cr_expect_eq(r->timespan_ms, 15 * 60000);
    cr_expect_eq(r->severity, SEVERITY_HIGH);
    cr_expect_eq(r->options.incident, INCIDENT_DETECTION);
    cr_expect_eq(s->n_group_by, 2);
    cr_expect(str_equal(s->group_by[1], STR("src_ip")));
    cr_expect_eq(s->timespan_ms, 5 * 60000);
    cr_expect(str_equal(s->title.vi, STR("Tựa đề")));
    cr_expect(str_equal(s->title.en, STR("u")));
    cr_expect(str_equal(s->options.first_step.en, STR("b")));
    cr_expect_eq(s->options.group_ms, 2 * 3600000);
}

Test(correlations, a_changed_detection_changes_the_fingerprint)
{
    static const char text[] =
        "title: c\nid: c\ncorrelation: {type: event_count, rules: [r], "
        "group-by: [u], timespan: 1m, condition: {gte: 2}}\n---\n"
        "title: t\nid: r\nlogsource: {}\ndetection: {a: {f: %s}, condition: "
        "a}\nlevel: %s\n";
    struct digest digest[3];
    for (int i = 0; i < 3; i++) {
        struct buf buf = {0};
        buf_format(&buf, text, i == 1 ? "y" : "x", i == 2 ? "low" : "medium");
        digest[i] = first(load_rules(buf_str(&buf)))->fingerprint;
        buf_free(&buf);
    }
    cr_expect_neq(digest[0].half[0], digest[1].half[0]);
    cr_expect_eq(digest[0].half[0], digest[2].half[0]);
}
