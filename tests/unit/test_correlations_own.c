/* SPDX-License-Identifier: Apache-2.0
 *
 * thapcanh: correlation:, the types that Sigma lacks, as they are loaded. */
#include "correlations_text.h"

#include "correlate/calendar.h"
#include "correlate/hours.h"

TestSuite(correlations_own, .init = setup, .fini = teardown);

static const struct rules *
load_own(const char *keys)
{
    struct buf text = {0};
    buf_format(&text, "%s%stitle: c\nid: c\nthapcanh:\n  correlation:\n%s\n",
               DETECTION("one"), DETECTION("two"), keys);
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    return rules;
}

Test(correlations_own, an_absence_is_of_rules_that_follow_the_first)
{
    const struct correlation *c =
        first(load_own("    type: absence\n    rules: [one, id-two]\n"
                       "    group-by: [host]\n    timespan: 10m"));
    cr_expect_eq(c->type, ABSENCE);
    cr_expect_eq(c->n_steps, 2);
    cr_expect(str_equal(c->step[1].rule, STR("id-two")));
    cr_expect_eq(c->timespan_ms, 600000);
    cr_expect_not(correlation_at_once(c));
}

Test(correlations_own, a_silence_learns_or_lists_its_members)
{
    const struct correlation *c =
        first(load_own("    type: silence\n    rules: any\n"
                       "    group-by: [host]\n    timespan: 1h\n"
                       "    learn: 7d\n    least: 20"));
    cr_expect(str_equal(c->step[0].rule, STR("*")));
    cr_expect_eq(c->step[0].meaning.half[0], 0);
    cr_expect(str_equal(c->step[0].field[0], STR("host")));
    cr_expect_eq(c->learn_ms, 7 * INT64_C(86400000));
    cr_expect_eq(c->least, 20);
    c = first(load_own("    type: silence\n    rules: any_alert\n"
                       "    group-by: [host, port]\n    timespan: 1h\n"
                       "    members: [[Máy A, 445], [b, '445']]"));
    cr_expect(str_equal(c->step[0].rule, STR("**")));
    cr_assert_eq(c->n_members, 2);
    cr_expect(str_equal(c->member[0], STR("[\"Máy A\",445]")), "%.*s",
              STR_ARG(c->member[0]));
    cr_expect(str_equal(c->member[1], STR("[\"b\",\"445\"]")));
}

Test(correlations_own, first_seen_and_rare_are_of_a_value_or_a_tuple)
{
    const struct correlation *c =
        first(load_own("    type: first_seen\n    rules: any_alert\n"
                       "    group-by: [host]\n    field: [rule_name, user]\n"
                       "    timespan: 30d\n    learn: 7d"));
    cr_expect_eq(c->n_value_fields, 2);
    cr_expect_eq(c->n_bounds, 0);
    c = first(load_own("    type: rare\n    rules: [one]\n"
                       "    group-by: [host]\n    timespan: 400d\n"
                       "    condition: {field: user, lte: 2}"));
    cr_expect_eq(c->n_value_fields, 1);
    cr_expect_eq(c->bound[0].op, BOUND_LTE);
    cr_expect(c->bound[0].limit == 2 * AMOUNT_ONE);
    cr_expect_eq(c->timespan_ms, MAX_TIMESPAN_MS);
}

Test(correlations_own, a_spike_compares_buckets_of_an_hour_unless_it_says)
{
    const struct correlation *c =
        first(load_own("    type: spike\n    rules: any\n    timespan: 28d\n"
                       "    least: 10\n    condition: {gte: 3.5}"));
    cr_expect_eq(c->bucket_ms, 3600000);
    cr_expect_eq(c->least, 10);
    cr_expect(c->bound[0].limit == 3500000);
    c = first(load_own("    type: spike\n    rules: any\n    timespan: 28d\n"
                       "    bucket: 15m\n    condition: {gte: 3}"));
    cr_expect_eq(c->bucket_ms, 900000);
}

Test(correlations_own, a_risk_has_points_kinds_rules_and_tactics)
{
    const struct correlation *c = first(
        load_own("    type: risk\n    rules: [one, two]\n    group-by: [host]\n"
                 "    timespan: 24h\n    condition: {gte: 120}\n"
                 "    score: {id-two: 70}\n    kinds: 2\n"
                 "    rules_distinct: 3\n    tactics: 4"));
    cr_expect_eq(c->bucket_ms, 3600000, "a 24th of the timespan");
    cr_expect_eq(c->step[0].score, 0);
    cr_expect_eq(c->step[1].score, 70);
    cr_expect_eq(c->n_kinds, 2);
    cr_expect_eq(c->n_rules, 3);
    cr_expect_eq(c->n_tactics, 4);
    cr_expect(correlation_at_once(c));
}

Test(correlations_own, tactics_come_from_the_tags_of_a_rule)
{
    const struct rules *rules = load_rules(
        STR("title: t\nid: r\nlogsource: {}\ndetection: {a: {f: x}, "
            "condition: a}\nlevel: low\ntags: [attack.t1059, "
            "attack.Defense-Evasion, attack.command_and_control, "
            "cve.2024.1, attack.impactful]\n---\n"
            "title: c\nid: c\nthapcanh:\n  correlation: {type: risk, rules: "
            "[r], group-by: [host], timespan: 1h, condition: {gte: 5}}\n"));
    cr_expect_eq(rules_detection(rules, 0)->tactics, 1u << 6 | 1u << 11);
    cr_expect_eq(first(rules)->step[0].tactics, 1u << 6 | 1u << 11);
}

Test(correlations_own, hours_are_of_any_correlation)
{
    const struct correlation *c = first(load_correlation(
        "  type: event_count\n  rules: [one]\n  timespan: 1h\n"
        "  condition: {gte: 2}\nthapcanh:\n"
        "  hours: {days: [mon, FRI], from: '07:30', to: '17:00', "
        "holidays: false, outside: true}"));
    cr_expect(c->hours.given && c->hours.outside);
    cr_expect_eq(c->hours.days, 0x11);
    cr_expect_eq(c->hours.from_min, 450);
    cr_expect_eq(c->hours.to_min, 1020);
    c = first(load_own("    type: first_seen\n    rules: any\n"
                       "    field: user\n    timespan: 30d\n"
                       "    hours: {from: 22:00, to: 06:00}"));
    cr_expect(c->hours.given && !c->hours.outside);
    cr_expect_eq(c->hours.days, 0xff);
    cr_expect_eq(c->hours.from_min, 1320);
    cr_expect_eq(c->hours.to_min, 360);
}

static const struct {
    const char *correlation, *complaint;
} mistakes[] = {
    {"    type: absense\n    rules: [one, two]\n    timespan: 1h",
     "19:11: unknown type 'absense' (did you mean 'absence'?)"},
    {"    type: event_count\n    rules: [one]\n    timespan: 1h",
     "19:11: 'event_count' is a type of Sigma"},
    {"    type: absence\n    rules: [one]\n    timespan: 1h",
     "absence has a rule, and at least one that follows"},
    {"    type: absence\n    rules: any\n    timespan: 1h",
     "20:12: unknown rule 'any'"},
    {"    type: absence\n    rules: [one, two]\n    timespan: 1h\n"
     "    condition: {gte: 2}",
     "22:5: correlations of type absence have no 'condition'"},
    {"    type: absence\n    rules: [one, two]\n    timespan: 1h\n"
     "    lern: 2d",
     "22:5: unknown field 'lern' (did you mean 'learn'?)"},
    {"    type: absence\n    rules: [one, two]\n    timespan: 401d", "21:15: "},
    {"    type: first_seen\n    rules: any\n    timespan: 1h",
     "first_seen needs field:"},
    {"    type: rare\n    rules: any\n    timespan: 1h\n    field: f",
     "no 'condition'"},
    {"    type: rare\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    condition: {gte: 2}",
     "23:16: the condition of rare has one limit: lte"},
    {"    type: rare\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    condition: {field: f, lte: 2}",
     "22:5: the field stands in the condition already"},
    {"    type: spike\n    rules: any\n    timespan: 28d\n"
     "    condition: {gte: 2, lte: 3}",
     "22:16: the condition of spike has one limit: gte"},
    {"    type: spike\n    rules: any\n    timespan: 28d\n    bucket: 7h\n"
     "    condition: {gte: 2}",
     "22:13: a day is no whole number of such buckets"},
    {"    type: spike\n    rules: any\n    timespan: 30m\n"
     "    condition: {gte: 2}",
     "a bucket is longer than the timespan"},
    {"    type: risk\n    rules: any\n    timespan: 1h", "no 'condition'"},
    {"    type: risk\n    rules: any_alert\n    timespan: 1h\n"
     "    condition: {gte: 2}",
     "20:12: risk adds up detections"},
    {"    type: risk\n    rules: any\n    timespan: 1h\n"
     "    condition: {gte: 2}\n    score: {one: 2}",
     "23:5: score is of rules in a list"},
    {"    type: risk\n    rules: [one]\n    timespan: 1h\n"
     "    condition: {gte: 2}\n    score: {two: 2}",
     "23:13: unknown rule 'two'"},
    {"    type: risk\n    rules: [one]\n    timespan: 1h\n"
     "    condition: {gte: 2}\n    tactics: 15",
     "23:14: 15 is out of range: from 1 to 14"},
    {"    type: silence\n    rules: any\n    timespan: 1h\n"
     "    members: [a]",
     "22:14: members are keys: there must be a group-by"},
    {"    type: silence\n    rules: any\n    timespan: 1h\n"
     "    group-by: [a, b]\n    members: [[a, b], [c]]",
     "23:23: a member is a value for each field of group-by (2)"},
    {"    type: silence\n    rules: any\n    timespan: 1h\n"
     "    group-by: [ip]\n    aliases: {ip: {one: a}}",
     "23:5: aliases are of rules in a list"},
    {"    type: first_seen\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    hours: {from: 25:00}",
     "23:19: expected a time of day such as 07:30, found '25:00'"},
    {"    type: first_seen\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    hours: {days: [mo]}",
     "23:20: unknown day 'mo' (did you mean 'mon'?)"},
    {"    type: first_seen\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    hours: {from: 07:00, to: 07:00}",
     "23:12: hours that end as they begin"},
    {"    type: first_seen\n    rules: any\n    timespan: 1h\n    field: f\n"
     "    hours: {day: [mon]}",
     "23:13: unknown field 'day' (did you mean 'days'?)"},
};

Test(correlations_own, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct rules *rules = load_own(mistakes[i].correlation);
        cr_expect_eq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

Test(correlations_own, a_rule_has_one_correlation)
{
    const struct rules *rules = load_correlation(
        "  type: event_count\n  rules: [one]\n  timespan: 1h\n"
        "  condition: {gte: 2}\nthapcanh:\n  correlation: {type: absence}");
    cr_expect_eq(rules_n_refused(rules), 1);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("23:3: a rule has one correlation")));
}

Test(correlations_own, nobody_is_called_any)
{
    const struct rules *rules =
        load_rules(STR("title: t\nid: '*'\nlogsource: {}\n"
                       "detection: {a: {f: x}, condition: a}\n"));
    cr_expect_eq(rules_n_refused(rules), 1);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("2:5: '*' stands for any rule")));
}

/* What is sealed can be read back: the record on soc.rules. */
Test(correlations_own, the_text_of_each_type_is_read_back)
{
    static const char *const texts[] = {
        "    type: absence\n    rules: [one, two]\n    timespan: 10m",
        "    type: silence\n    rules: any\n    group-by: [h]\n"
        "    timespan: 1h\n    members: [a, b]",
        "    type: first_seen\n    rules: any\n    field: u\n"
        "    timespan: 30d\n    hours: {from: 22:00, to: 06:00}",
        "    type: rare\n    rules: any\n    condition: {field: u, lte: 1.5}\n"
        "    timespan: 30d",
        "    type: spike\n    rules: any_alert\n    condition: {gte: 1.5}\n"
        "    timespan: 30d",
        "    type: risk\n    rules: [one, two]\n    condition: {gte: 100}\n"
        "    timespan: 1d\n    score: {one: 7}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct correlation *c = first(load_own(texts[i]));
        struct correlation back;
        struct err why = {""};
        cr_expect(correlation_parse(reader, c->text, &arena, &back, &why),
                  "row %zu: %s", i, why.text);
    }
}

/* --- hours */

/* 2024-02-10, a Saturday and mùng 1 Tết; 2024-02-12 a Monday. */
static const struct {
    struct active_hours hours;
    const char *when;
    int64_t ms; /* UTC */
    bool holds;
} times[] = {
    {{.given = false}, "always", 0, true},
    {{true, false, 0x1f, 450, 1020}, "Mon 07:30", 1707697800000, true},
    {{true, false, 0x1f, 450, 1020}, "Mon 07:29:59.999", 1707697799999, false},
    {{true, false, 0x1f, 450, 1020}, "Mon 16:59:59.999", 1707731999999, true},
    {{true, false, 0x1f, 450, 1020}, "Mon 17:00", 1707732000000, false},
    {{true, true, 0x1f, 450, 1020}, "Mon 17:00", 1707732000000, true},
    {{true, false, 0x1f, 450, 1020}, "Sat 08:00", 1707526800000, false},
    {{true, false, 0x7f, 450, 1020},
     "Sat 08:00, holiday",
     1707526800000,
     false},
    {{true, false, 0xff, 450, 1020}, "Sat 08:00, holiday", 1707526800000, true},
    {{true, true, 0x7f, 450, 1020}, "Sat 08:00, holiday", 1707526800000, true},
    {{true, false, 0x01, 1320, 360}, "Mon 23:00", 1707753600000, true},
    {{true, false, 0x01, 1320, 360}, "Tue 05:59", 1707778740000, true},
    {{true, false, 0x01, 1320, 360}, "Tue 06:00", 1707778800000, false},
    {{true, false, 0x01, 1320, 360}, "Mon 05:59", 1707692340000, false},
    {{true, false, 0x08, 0, 1440},
     "before 1970, a Wednesday",
     -25200001,
     false},
    {{true, false, 0x04, 0, 1440}, "before 1970, a Wednesday", -25200001, true},
};

Test(correlations_own, hours_are_in_the_time_of_vietnam)
{
    static const int32_t holiday[] = {19763}; /* 2024-02-10 */
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        const struct correlation c = {
            .hours = times[i].hours, .holiday = holiday, .n_holidays = 1};
        cr_expect_eq(hours_hold(&c, times[i].ms), times[i].holds, "row %zu: %s",
                     i, times[i].when);
    }
}
