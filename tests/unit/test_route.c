/* SPDX-License-Identifier: Apache-2.0
 *
 * From alerts to window entries: routing by log source, steps, keys. */
#include "route_world.h"

TestSuite(route, .init = setup, .fini = teardown);

/* --- routing */

static const struct {
    struct logsource rule, alert;
    bool says_category, routed;
} routes[] = {
#define S(text)                                                                \
    {                                                                          \
        "" text, sizeof text - 1                                               \
    }
    {{S("windows"), S(""), S("")}, {S("windows"), S("a"), S("b")}, true, true},
    {{S("windows"), S(""), S("")}, {S("linux"), S("a"), S("")}, true, false},
    {{S(""), S("a"), S("")}, {S("windows"), S("A"), S("")}, true, true},
    {{S(""), S("a"), S("")}, {S("windows"), S("b"), S("")}, true, false},
    /* a category the mapping would have known, and one it never knows */
    {{S("windows"), S("a"), S("")}, {S("windows"), S(""), S("")}, true, false},
    {{S("windows"), S("a"), S("")}, {S("windows"), S(""), S("")}, false, true},
    /* a source without a log source takes every rule */
    {{S("windows"), S("a"), S("b")}, {S(""), S(""), S("")}, true, true},
    /* registry_event is all of registry_* */
    {{S(""), S("registry_event"), S("")},
     {S("windows"), S("registry_set"), S("")},
     true,
     true},
    {{S(""), S("registry_set"), S("")},
     {S("windows"), S("registry_event"), S("")},
     true,
     false},
    /* rules of ours speak of every source */
    {{S("thapcanh"), S(""), S("")}, {S("linux"), S("a"), S("b")}, true, true},
    {{S(""), S(""), S("")}, {S("linux"), S("a"), S("b")}, true, true},
};

Test(route, the_log_source_decides_which_detections_are_asked)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        struct rule_view view = {.says_product = true,
                                 .says_category = routes[i].says_category,
                                 .says_service = true};
        struct alert alert = {.logsource = routes[i].alert, .view = &view};
        struct detection detection = {.logsource = routes[i].rule};
        cr_expect_eq(detection_routed(&detection, &alert), routes[i].routed,
                     "row %zu", i);
    }
}

/* --- entries */

#define DETECTION(name, field)                                                 \
    "title: " name "\nid: " name                                               \
    "\nlogsource: {product: any}\ndetection: {a: {" field                      \
    "}, condition: a}\nlevel: low\n---\n"

static const char two_rules[] = DETECTION("one", "f: x") DETECTION(
    "two", "g: y") "title: c\nid: c\ncorrelation: {type: temporal_ordered, "
                   "rules: [one, two, one], group-by: [user, Port], "
                   "timespan: 1h}\n---\n"
                   "title: d\nid: d\ncorrelation: {type: value_count, "
                   "rules: [one], group-by: [user], timespan: 1h, "
                   "condition: {field: v, gte: 2}}\n";

Test(route, an_alert_that_is_several_steps_is_one_entry)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct alert alert;
    struct matched out;
    struct seen seen;
    read_event("{\"f\":\"x\",\"g\":\"y\",\"user\":\"Đạt\",\"Port\":445,"
               "\"v\":\"A\"}",
               &scratch, &alert);
    match(rules, &alert, &out, &seen);
    cr_assert_eq(out.n_rules, 2);
    cr_expect(str_equal(out.rules[0], STR("one")));
    cr_expect_eq(out.n_windows, 2);
    cr_expect_lt(str_compare(out.windows[0], out.windows[1]), 0);
    cr_expect_eq(seen.n, 2);
    const struct window_entry *c = entry_of(&seen, rules, "c", "[\"Đạt\",445]");
    const struct window_entry *d = entry_of(&seen, rules, "d", "[\"Đạt\"]");
    cr_assert(c && d);
    cr_expect_eq(c->steps, 7);
    cr_expect_eq(d->steps, 1);
    cr_expect(str_equal(d->value, STR("a")));
}

Test(route, keys_are_equal_whatever_case_and_type_they_are_written_in)
{
    static const char *const events[] = {
        "{\"f\":\"x\",\"user\":\"Đạt\",\"Port\":445}",
        "{\"f\":\"x\",\"user\":\"ĐẠT\",\"Port\":\"445\"}",
        "{\"f\":\"x\",\"user\":\"đạt\",\"Port\":4.45e2}",
        "{\"f\":\"x\",\"user\":\"đat\",\"Port\":445}",
    };
    const struct rules *rules = load_rules(str_of(two_rules));
    struct digest key_id[4];
    for (size_t i = 0; i < 4; i++) {
        struct alert alert;
        struct matched out;
        struct seen seen;
        read_event(events[i], &scratch, &alert);
        match(rules, &alert, &out, &seen);
        cr_assert_eq(seen.n, 1, "row %zu", i);
        key_id[i] = seen.entry[0].key_id;
    }
    cr_expect_eq(key_id[0].half[0], key_id[1].half[0]);
    cr_expect_eq(key_id[0].half[0], key_id[2].half[0]);
    cr_expect_neq(key_id[0].half[0], key_id[3].half[0]);
}

Test(route, without_a_group_by_field_an_alert_takes_no_part_and_is_counted)
{
    static const char *const events[] = {
        "{\"f\":\"x\",\"Port\":1}",
        "{\"f\":\"x\",\"user\":null,\"Port\":1,\"v\":1}",
        "{\"f\":\"x\",\"user\":\"\",\"Port\":1,\"v\":1}",
        "{\"f\":\"x\",\"user\":{},\"Port\":1,\"v\":1}",
    };
    const struct rules *rules = load_rules(str_of(two_rules));
    struct route *route = route_new(rules, NULL, NULL);
    struct window_batch *batch = window_batch_new(N_PARTITIONS);
    struct buf json = {0};
    for (size_t i = 0; i < 4; i++) {
        struct alert alert;
        struct matched out;
        read_event(events[i], &scratch, &alert);
        route_ops()->match(route, &alert, &scratch, batch, &out);
        cr_expect_eq(out.n_rules, 1, "row %zu", i);
        cr_expect_eq(out.n_windows, 0, "row %zu", i);
    }
    route_ops()->status(route, &json);
    cr_expect(str_contains(buf_str(&json), STR("\"no_key\":12,")), "%.*s",
              STR_ARG(buf_str(&json)));
    buf_free(&json);
    window_batch_free(batch);
    route_free(route);
}

Test(route, a_field_with_several_values_makes_an_entry_for_each)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct alert alert;
    struct matched out;
    struct seen seen;
    read_event("{\"f\":\"x\",\"user\":[\"a\",\"B\",\"A\"],\"v\":[1,2]}",
               &scratch, &alert);
    match(rules, &alert, &out, &seen);
    cr_expect_eq(seen.n, 4); /* two users, two values */
    cr_expect_eq(out.n_windows, 2);
    cr_expect_not_null(entry_of(&seen, rules, "d", "[\"a\"]"));
    cr_expect_not_null(entry_of(&seen, rules, "d", "[\"B\"]"));
}

Test(route, a_long_value_is_cut_in_the_key_but_counts_whole)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct digest key_id[2];
    for (int i = 0; i < 2; i++) {
        struct buf text = {0};
        struct alert alert;
        struct matched out;
        struct seen seen;
        buf_add(&text, STR("{\"f\":\"x\",\"v\":1,\"user\":\""));
        for (int j = 0; j < 5000; j++)
            buf_add(&text, STR("ế"));
        buf_format(&text, "%d\"}", i);
        buf_char(&text, '\0');
        read_event(text.at, &scratch, &alert);
        match(rules, &alert, &out, &seen);
        cr_assert_eq(seen.n, 1);
        cr_expect_leq(seen.entry[0].key.len, MAX_KEY_TEXT_BYTES);
        cr_expect(str_ends(seen.entry[0].key, STR("ế\"]")));
        key_id[i] = seen.entry[0].key_id;
        buf_free(&text);
    }
    cr_expect_neq(key_id[0].half[0], key_id[1].half[0]);
}

/* --- limits */

Test(route, of_an_alert_with_too_many_keys_the_first_ones_count_and_it_says_so)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct alert alert;
    struct matched out;
    struct seen seen;
    read_event("{\"f\":\"x\",\"v\":1,\"user\":[1,2,3,4,5,6,7,8,9,10,11,12,13,"
               "14,15,16]}",
               &scratch, &alert);
    match(rules, &alert, &out, &seen);
    cr_expect_eq(out.n_windows, 16);
    cr_expect_eq(out.n_capped, 0, "sixteen are not too many");
    read_event("{\"f\":\"x\",\"v\":1,\"user\":[1,2,3,4,5,6,7,8,9,10,11,12,13,"
               "14,15,16,17]}",
               &scratch, &alert);
    match(rules, &alert, &out, &seen);
    cr_expect_eq(out.n_windows, 16);
    cr_assert_eq(out.n_capped, 1);
    cr_expect_eq(out.capped[0].cap, CAP_KEYS);
    cr_expect(str_equal(out.capped[0].rule, STR("d")), "%.*s",
              STR_ARG(out.capped[0].rule));
    cr_expect(str_equal(out.capped[0].key, STR("[1]")), "%.*s",
              STR_ARG(out.capped[0].key));
}

Test(route, a_window_that_a_full_batch_kept_an_alert_from_is_not_named)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct window_batch *batch = window_batch_new(N_PARTITIONS);
    struct route *route = route_new(rules, NULL, NULL);
    struct buf json = {0};
    struct alert alert;
    struct matched out = {.n_capped = 0};
    size_t n = 0;
    read_event("{\"f\":\"x\",\"v\":1,\"user\":\"u\"}", &scratch, &alert);
    for (; n < 4000000 && out.n_capped == 0; n++) {
        struct arena again = scratch;
        route_ops()->match(route, &alert, &again, batch, &out);
        cr_assert_eq(out.n_windows + out.n_capped, 1, "one or the other");
    }
    cr_assert_eq(out.n_capped, 1, "the batch is bounded");
    cr_expect_eq(out.n_windows, 0, "no window has it");
    cr_expect_eq(out.capped[0].cap, CAP_BATCH);
    cr_expect_eq(window_batch_refused(batch), 1u);
    route_ops()->status(route, &json);
    cr_expect(str_contains(buf_str(&json),
                           STR("\"caps\":[{\"cap\":\"batch\",\"rule\":\"d\","
                               "\"key\":\"[\\\"u\\\"]\",\"n\":1,")),
              "%.*s", STR_ARG(buf_str(&json)));
    buf_free(&json);
    window_batch_free(batch);
    route_free(route);
}

/* --- late alerts and the floor */

static const struct {
    enum severity severity;
    int level;
    unsigned flags;
    size_t n_entries;
} floors[] = {
    {SEVERITY_HIGH, 2, 0, 1},           {SEVERITY_HIGH, 3, 0, 2},
    {SEVERITY_HIGH, 3, ALERT_LATE, 1},  {SEVERITY_CRITICAL, 0, 0, 2},
    {SEVERITY_FATAL, 0, ALERT_LATE, 1}, {SEVERITY_MEDIUM, 5, ALERT_LATE, 0},
};

Test(route, grave_alerts_feed_the_floor_also_late_ones_which_feed_nothing_else)
{
    const struct rules *rules =
        load_rules(STR("title: t\nid: r\nlogsource: {}\ndetection: {a: {host: "
                       "h}, condition: a}\nlevel: high\n"));
    for (size_t i = 0; i < sizeof floors / sizeof *floors; i++) {
        struct alert alert = {.severity = floors[i].severity,
                              .level = floors[i].level,
                              .flags = floors[i].flags};
        struct matched out;
        struct seen seen;
        alert.field[ALERT_HOST] = STR("h");
        alert.field[ALERT_RULE_NAME] = STR("Rule");
        match(rules, &alert, &out, &seen);
        cr_expect_eq(out.n_rules, 1, "row %zu", i);
        cr_expect_eq(seen.n, floors[i].n_entries, "row %zu", i);
    }
}

Test(route, a_grave_alert_without_host_and_name_is_not_lost)
{
    const struct rules *rules =
        load_rules(STR("title: t\nid: r\nlogsource: {}\ndetection: {a: {f: "
                       "h}, condition: a}\n"));
    struct alert alert = {.severity = SEVERITY_CRITICAL};
    struct matched out;
    struct seen seen;
    match(rules, &alert, &out, &seen);
    cr_assert_eq(seen.n, 1);
    cr_expect(str_equal(seen.entry[0].key, STR("[\"\",\"\"]")));
}

/* --- a changed rule set */

static const struct rules *newest_rules;

static const struct rules *
newest(void *context)
{
    (void)context;
    return newest_rules;
}

Test(route, another_rule_set_is_in_force_after_the_swap)
{
    const struct rules *rules = load_rules(str_of(two_rules));
    struct route *route = route_new(rules, newest, NULL);
    const struct matcher_ops *ops = route_ops();
    struct window_batch *batch = window_batch_new(N_PARTITIONS);
    struct alert alert;
    struct matched out;
    newest_rules = rules;
    cr_expect_not(ops->changed(route));
    arena_start = arena.at; /* the first set stays */
    newest_rules = load_rules(STR("title: t\nid: r\nlogsource: {}\n"
                                  "detection: {a: {f: x}, condition: a}\n"));
    cr_expect(ops->changed(route));
    read_event("{\"f\":\"x\"}", &scratch, &alert);
    ops->match(route, &alert, &scratch, batch, &out);
    cr_expect(str_equal(out.rules[0], STR("one")));
    ops->swap(route);
    cr_expect_not(ops->changed(route));
    ops->match(route, &alert, &scratch, batch, &out);
    cr_assert_eq(out.n_rules, 1);
    cr_expect(str_equal(out.rules[0], STR("r")));
    window_batch_free(batch);
    route_free(route);
}
