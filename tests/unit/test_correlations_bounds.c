/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions of numbers: what is a threshold, what is a bound, what measures
 * which field. */
#include "correlations_text.h"

TestSuite(correlations_bounds, .init = setup, .fini = teardown);

#define TYPE(type, condition)                                                  \
    "  type: " type "\n  rules: [one, two]\n  group-by: [u]\n"                 \
    "  timespan: 1h\n  condition: " condition

static const struct {
    const char *condition;
    uint32_t threshold;
} thresholds[] = {
    {"{gte: 3}", 3},        {"{gte: 2.5}", 3},       {"{gt: 2}", 3},
    {"{gt: 2.5}", 3},       {"{gte: 0}", 1},         {"{gte: -7.5}", 1},
    {"{gt: -1}", 1},        {"{gt: 0}", 1},          {"{gt: 0.5}", 1},
    {"{gte: 2048}", 2048},  {"{gt: 2047}", 2048},    {"{gte: 1e3}", 1000},
    {"{gte: 0.000001}", 1}, {"{gte: 2.0000001}", 2},
};

Test(correlations_bounds, one_lower_limit_of_a_count_is_a_threshold)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        struct buf text = {0};
        buf_format(&text, TYPE("event_count", "%s"), thresholds[i].condition);
        buf_char(&text, 0);
        const struct correlation *c = first(load_correlation(text.at));
        cr_expect_eq(c->threshold, thresholds[i].threshold, "row %zu: %u", i,
                     c->threshold);
        cr_expect_eq(c->n_bounds, 0, "row %zu", i);
        cr_expect_not(correlation_laid(c), "row %zu", i);
        buf_free(&text);
    }
}

static const struct {
    const char *type, *condition, *bounds;
} bounds[] = {
    {"event_count", "{lt: 3}", "lt 3"},
    {"event_count", "{lte: 3}", "lte 3"},
    {"event_count", "{eq: 3}", "eq 3"},
    {"event_count", "{neq: 3}", "neq 3"},
    {"event_count", "{gte: 3, lte: 4}", "gte 3 lte 4"},
    {"event_count", "{lte: 4, gte: 3}", "gte 3 lte 4"},
    {"event_count", "{gt: 1.5, neq: 4}", "gt 1.5 neq 4"},
    {"event_count", "{gte: 3, gt: 5}", "gt 5 gte 3"},
    {"value_count", "{field: f, eq: 0}", "eq 0"},
    {"value_sum", "{field: f, gte: 2.5}", "gte 2.5"},
    {"value_sum", "{field: f, gt: -2.5}", "gt -2.5"},
    {"value_avg", "{field: f, gt: 0.5}", "gt 0.5"},
    {"value_median", "{field: f, lt: -1e3}", "lt -1000"},
    {"value_percentile", "{field: f, percentile: 90, gt: 5}", "gt 5"},
    {"value_percentile", "{field: f, lte: 1}", "lte 1"},
    {"temporal", "{lt: 2}", "lt 2"},
    {"temporal", "{gte: 1, lte: 1}", "gte 1 lte 1"},
    {"temporal_ordered", "{eq: 1}", "eq 1"},
};

Test(correlations_bounds, every_other_limit_is_a_bound)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct buf text = {0}, said = {0};
        buf_format(&text, TYPE("%s", "%s"), bounds[i].type,
                   bounds[i].condition);
        buf_char(&text, 0);
        const struct correlation *c = first(load_correlation(text.at));
        for (size_t b = 0; b < c->n_bounds; b++) {
            buf_format(&said, b > 0 ? " %.*s " : "%.*s ",
                       STR_ARG(bound_op_id(c->bound[b].op)));
            amount_write(&said, c->bound[b].limit);
        }
        cr_expect_eq(c->threshold, 0, "row %zu", i);
        cr_expect(str_equal(buf_str(&said), str_of(bounds[i].bounds)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&said)));
        buf_free(&text);
        buf_free(&said);
    }
}

Test(correlations_bounds, a_percentile_is_kept_in_thousandths)
{
    const struct correlation *c = first(load_correlation(
        TYPE("value_percentile", "{field: f, percentile: 99.9, gt: 5}")));
    cr_expect_eq(c->type, VALUE_PERCENTILE);
    cr_expect_eq(c->percentile, 99900);
    c = first(load_correlation(
        TYPE("value_percentile", "{field: f, percentile: 0, gt: 5}")));
    cr_expect_eq(c->type, VALUE_PERCENTILE);
    cr_expect_eq(c->percentile, 0);
}

Test(correlations_bounds, without_a_percentile_it_is_the_rarity_of_values)
{
    const struct correlation *c = first(
        load_correlation(TYPE("value_percentile", "{field: [f, g], lte: 1}")));
    cr_expect_eq(c->type, VALUE_RARITY);
    cr_expect_eq(c->n_value_fields, 2);
    cr_expect(correlation_laid(c));
}

Test(correlations_bounds, temporal_counts_rules_that_are_there)
{
    const struct correlation *c =
        first(load_correlation(TYPE("temporal", "{gt: 0.5}")));
    cr_expect_eq(c->threshold, 1);
    cr_expect_eq(c->n_conjuncts, 0);
    c = first(load_correlation(TYPE("temporal_ordered", "{gte: 2}")));
    cr_expect_eq(c->threshold, 2);
    cr_expect_eq(c->n_conjuncts, 0);
}

Test(correlations_bounds, some_of_a_row_are_all_choices_in_its_order)
{
    const struct correlation *c = first(load_correlation(
        "  type: temporal_ordered\n  rules: [one, two, one, two]\n"
        "  timespan: 1h\n  condition: {gte: 2}"));
    static const uint32_t all[] = {3, 5, 9, 6, 10, 12};
    cr_expect_eq(c->threshold, 0);
    cr_assert_eq(c->n_conjuncts, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(c->conjunct[i].all, all[i], "row %zu", i);
        cr_expect_eq(c->conjunct[i].none, 0, "row %zu", i);
    }
}

Test(correlations_bounds, without_group_by_all_events_meet)
{
    const struct correlation *c =
        first(load_correlation("  type: event_count\n  rules: [one]\n"
                               "  timespan: 1h\n  condition: {gte: 2}"));
    cr_expect_eq(c->n_group_by, 0);
}

Test(correlations_bounds, never_negative_is_for_sums)
{
    const struct correlation *c = first(load_correlation(TYPE(
        "value_sum", "{field: f, gte: 2}\nthapcanh: {never_negative: true}")));
    cr_expect(c->never_negative);
    cr_expect(correlation_at_once(c));
}

static const struct {
    const char *correlation, *complaint;
} mistakes[] = {
    {TYPE("event_count", "{gte: '3'}"),
     "22:20: expected a decimal number within 10^18 of 0, found '3'"},
    {TYPE("event_count", "{gte: 1e400}"), "22:20: expected a decimal number"},
    {TYPE("event_count", "{gte: 0x10}"), "22:20: expected a decimal number"},
    {TYPE("event_count", "{gte: .nan}"), "22:20: expected a decimal number"},
    {TYPE("event_count", "{gte: [1]}"), "22:20: expected a decimal number"},
    {TYPE("event_count", "{gt: 2048}"),
     "22:19: at most 2048 can be counted in one window"},
    {TYPE("event_count", "{gte: 1e18}"),
     "22:20: at most 2048 can be counted in one window"},
    {TYPE("event_count", "{gt: 1, lt: 5, neq: 3}"),
     "22:14: the condition has 3 limits: two make a range"},
    {TYPE("event_count", "{gte: 3, percentil: 3}"),
     "22:23: unknown field 'percentil' (did you mean 'percentile'?)"},
    {TYPE("event_count", "{gte: 3, percentile: 3}"),
     "22:23: only value_percentile has a percentile"},
    {TYPE("event_count", "{gt: 1, field: f}"), "22:22: only value_count"},
    {TYPE("event_count", "[gte]"), "22:14: condition is a map"},
    {TYPE("value_avg", "{gt: 1}"), "22:14: value_avg needs field:"},
    {TYPE("value_percentile", "{gt: 1}"),
     "22:14: value_percentile needs field:"},
    {TYPE("value_avg", "{gt: 1, field: [a, b]}"),
     "22:29: what is measured is one field"},
    {TYPE("value_percentile", "{gt: 1, percentile: 3, field: [a, b]}"),
     "what is measured is one field"},
    {TYPE("value_count", "{gt: 1, field: []}"),
     "22:29: the list of fields is empty"},
    {TYPE("value_percentile", "{field: f, percentile: 100.5, gt: 5}"),
     "22:37: a percentile lies between 0 and 100"},
    {TYPE("value_percentile", "{field: f, percentile: -1, gt: 5}"),
     "22:37: a percentile lies between 0 and 100"},
    {TYPE("value_percentile", "{field: f, percentile: 1.0005, gt: 5}"),
     "22:37: a percentile lies between 0 and 100, with three decimals"},
    {TYPE("temporal", "{gt: 2}"), "22:19: there are only 2 rules"},
    {TYPE("temporal_ordered", "{gte: 2.5}"), "22:20: there are only 2 rules"},
    {"  type: temporal_ordered\n"
     "  rules: [one, two, one, two, one, two, one, two, one]\n"
     "  timespan: 1h\n  condition: {gte: 4}",
     "21:14: 4 of 9 rules in order can be chosen in more than 64 ways"},
    {TYPE("event_count", "{gte: 2}\nthapcanh: {never_negative: true}"),
     "23:12: only value_sum has never_negative"},
    {TYPE("value_sum", "{field: f, gte: 2}\nthapcanh: {never_negative: 1}"),
     "23:28: expected true or false"},
};

Test(correlations_bounds, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        expect_refused(mistakes[i].correlation, mistakes[i].complaint, i);
}

/* --- when it is decided */

#define NUMBER(type, condition, more)                                          \
    "correlation: {type: " type ", rules: [one, two], timespan: 1h, "          \
    "condition: " condition "}\n" more
#define OURS(type, more)                                                       \
    "thapcanh: {correlation: {type: " type ", rules: [one, two], timespan: "   \
    "30d, " more "}}\n"

static const struct {
    const char *correlation;
    bool at_once;
} decided[] = {
    {NUMBER("event_count", "{gte: 3}", ""), true},
    {NUMBER("event_count", "{lt: 3}", ""), false},
    {NUMBER("value_count", "{field: f, gt: 3}", ""), true},
    {NUMBER("value_count", "{field: f, neq: 3}", ""), false},
    {NUMBER("temporal", "{gte: 2}", ""), true},
    {NUMBER("temporal", "one or two", ""), true},
    {NUMBER("temporal", "one and not two", ""), false},
    {NUMBER("temporal_ordered", "{gte: 2}", "thapcanh: {counts: {one: 2}}\n"),
     true},
    {NUMBER("temporal_ordered", "{gte: 2}", "thapcanh: {until: three}\n"),
     false},
    {NUMBER("value_sum", "{field: f, gt: 3}", ""), false},
    {NUMBER("value_sum", "{field: f, gt: 3}",
            "thapcanh: {never_negative: true}\n"),
     true},
    {NUMBER("value_avg", "{field: f, gt: 3}", ""), false},
    {NUMBER("value_percentile", "{field: f, lte: 3}", ""), false},
    {OURS("absence", "group-by: [u]"), false},
    {OURS("silence", "group-by: [u]"), false},
    {OURS("first_seen", "field: u"), false},
    {OURS("rare", "condition: {field: u, lte: 1}"), false},
    {OURS("spike", "condition: {gte: 2}"), false},
    {OURS("risk", "condition: {gte: 2}"), true},
};

/* "c", the only correlation but for one that may refer to it. */
static const struct correlation *
load_decided(const char *correlation, const char *outer)
{
    struct buf text = {0};
    buf_format(&text,
               "title: one\nid: one\nname: one\nlogsource: {}\ndetection: {a: "
               "{f: x}, condition: a}\n---\ntitle: two\nid: two\nname: two\n"
               "logsource: {}\ndetection: {a: {f: y}, condition: a}\n---\n"
               "title: three\nid: three\nname: three\nlogsource: {}\n"
               "detection: {a: {f: z}, condition: a}\n---\n"
               "title: c\nid: c\n%s---\n%s",
               correlation, outer);
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    cr_assert_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (str_equal(rules_correlation(rules, i)->id, STR("c")))
            return rules_correlation(rules, i);
    cr_assert_fail("no c");
    return NULL;
}

Test(correlations_bounds, what_further_events_cannot_undo_fires_at_once)
{
    static const char outer[] =
        "title: o\nid: o\ncorrelation: {type: event_count, rules: [c], "
        "timespan: 1h, condition: {gte: 2}}\n";
    for (size_t i = 0; i < sizeof decided / sizeof *decided; i++) {
        cr_expect_eq(
            correlation_at_once(load_decided(decided[i].correlation, "")),
            decided[i].at_once, "row %zu", i);
        cr_expect_not(
            correlation_at_once(load_decided(decided[i].correlation, outer)),
            "row %zu, with another that refers to it", i);
    }
}
