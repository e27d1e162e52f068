/* SPDX-License-Identifier: Apache-2.0
 *
 * What windows mean (DESIGN 8), a sentence a test, through the stage. That all
 * of it holds together is what test_window_model.c is for. */
#include "window_world.h"

#include "correlate/window_priv.h"

enum { T = 1000, BASE = 1000000 };

static const int64_t END_MS = INT64_C(1) << 50;

static struct world w;

static void
begin(void)
{
    world_begin(&w);
    progress(&w, "t", 0, false);
}

static void
end(void)
{
    world_end(&w);
}

/* Events at these times, then the end of time; how many incidents. */
static size_t
play(const struct correlation *rule, const int64_t *ms, size_t n)
{
    learn(&w, rule);
    for (size_t i = 0; i < n; i++)
        event(&w, rule, BASE + ms[i]);
    progress(&w, "t", END_MS, false);
    return w.n_kept;
}
#define PLAY(rule, ...)                                                        \
    play(rule, (const int64_t[]){__VA_ARGS__},                                 \
         sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void
expect(size_t i, int64_t first, int64_t last, uint64_t count)
{
    cr_assert_lt(i, w.n_kept);
    cr_expect_eq(w.kept[i].first_ms, BASE + first);
    cr_expect_eq(w.kept[i].last_ms, BASE + last);
    cr_expect_eq(w.kept[i].count, count, "%llu",
                 (unsigned long long)w.kept[i].count);
    cr_expect_eq(w.kept[i].state, INCIDENT_CLOSED);
}

TestSuite(window, .init = begin, .fini = end);

Test(window, a_span_of_exactly_the_timespan_fires)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 500, T), 1u);
    expect(0, 0, T, 3);
}

Test(window, a_span_of_one_millisecond_more_does_not)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 500, T + 1), 0u);
}

Test(window, a_window_is_any_span_and_not_laid_end_to_end)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 900, 1100, 1300), 1u);
    expect(0, 900, 1300, 3);
}

Test(window, events_of_the_same_time_count_each)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 7, 7, 7), 1u);
    expect(0, 7, 7, 3);
}

Test(window, a_storm_is_one_incident)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 5, T, 1);
    learn(&w, &rule);
    for (int i = 0; i < 5000; i++)
        event(&w, &rule, BASE + i * 10);
    progress(&w, "t", END_MS, false);
    cr_assert_eq(w.n_kept, 1u);
    expect(0, 0, 49990, 5000);
    cr_expect_leq(w.kept[0].revision, 14u, "told when the count doubles");
}

Test(window, a_gap_of_exactly_the_timespan_is_the_same_episode)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 1, T + 1, T + 2), 1u);
    expect(0, 0, T + 2, 4);
}

Test(window, a_longer_gap_is_another_episode)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 1, T + 2, T + 3), 2u);
    expect(0, 0, 1, 2);
    expect(1, T + 2, T + 3, 2);
}

Test(window, a_cold_event_between_two_episodes_joins_nothing)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 0, 1, 2, T + 500, 3 * T, 3 * T + 1, 3 * T + 2),
                 2u);
    expect(0, 0, 2, 3);
}

Test(window, an_event_out_of_order_counts_where_it_happened)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 900, 0, 450), 1u);
    expect(0, 0, 900, 3);
}

Test(window, a_late_event_that_joins_two_episodes_merges_the_younger)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    learn(&w, &rule);
    event(&w, &rule, BASE + 1500); /* fires first, though later in time */
    event(&w, &rule, BASE + 1510);
    event(&w, &rule, BASE + 0);
    event(&w, &rule, BASE + 10);
    cr_assert_eq(w.n_kept, 2u);
    event(&w, &rule, BASE + 800);
    cr_expect_eq(w.kept[1].state, INCIDENT_MERGED);
    cr_expect_str_eq(w.kept[1].into, w.kept[0].id);
    progress(&w, "t", END_MS, false);
    expect(0, 0, 1510, 5);
    cr_expect_eq(w.n_kept, 2u);
}

Test(window, value_count_counts_each_value_once)
{
    struct correlation rule = make_rule(&w, "r", VALUE_COUNT, 3, T, 1);
    static const char *const values[] = {"a", "b", "a", "b", "a", "c"};
    learn(&w, &rule);
    for (int i = 0; i < 6; i++) {
        cr_expect_eq(w.n_kept, 0u, "after %d", i);
        event_of(&w, "t",
                 (struct what){.rule = &rule,
                               .ms = BASE + i,
                               .host = "h",
                               .value = values[i]});
    }
    progress(&w, "t", END_MS, false);
    expect(0, 0, 5, 6);
}

Test(window, a_value_that_left_the_window_no_longer_counts)
{
    struct correlation rule = make_rule(&w, "r", VALUE_COUNT, 3, T, 1);
    static const char *const values[] = {"a", "b", "c"};
    learn(&w, &rule);
    for (int i = 0; i < 3; i++)
        event_of(&w, "t",
                 (struct what){.rule = &rule,
                               .ms = BASE + i * 501,
                               .host = "h",
                               .value = values[i]});
    progress(&w, "t", END_MS, false);
    cr_assert_eq(w.n_kept, 0u);
}

static void
step(const struct correlation *rule, int64_t ms, uint32_t steps)
{
    event_of(&w, "t",
             (struct what){
                 .rule = rule, .ms = BASE + ms, .steps = steps, .host = "h"});
}

Test(window, temporal_needs_all_its_rules_in_any_order)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL, 3, T, 3);
    learn(&w, &rule);
    step(&rule, 0, 4);
    step(&rule, 100, 1);
    step(&rule, 200, 1);
    cr_assert_eq(w.n_kept, 0u);
    step(&rule, T, 2);
    progress(&w, "t", END_MS, false);
    cr_assert_eq(w.n_kept, 1u);
    expect(0, 0, T, 4);
}

Test(window, temporal_ordered_needs_them_in_order)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL_ORDERED, 2, T, 2);
    learn(&w, &rule);
    step(&rule, 0, 2);
    step(&rule, 100, 1);
    cr_assert_eq(w.n_kept, 0u);
    step(&rule, 200, 2);
    progress(&w, "t", END_MS, false);
    expect(0, 0, 200, 3);
}

Test(window, equal_times_satisfy_either_order)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL_ORDERED, 3, T, 3);
    learn(&w, &rule);
    step(&rule, 5, 4);
    step(&rule, 5, 2);
    step(&rule, 5, 1);
    cr_assert_eq(w.n_kept, 1u);
}

Test(window, one_event_may_be_two_steps)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL_ORDERED, 3, T, 3);
    learn(&w, &rule);
    step(&rule, 0, 3);
    step(&rule, 9, 4);
    cr_assert_eq(w.n_kept, 1u);
    cr_expect_eq(w.kept[0].count, 2u);
}

Test(window, a_newer_first_step_replaces_one_that_is_too_old)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL_ORDERED, 2, T, 2);
    learn(&w, &rule);
    step(&rule, 0, 1);
    step(&rule, 900, 1);
    step(&rule, 1500, 2);
    progress(&w, "t", END_MS, false);
    cr_assert_eq(w.n_kept, 1u);
    expect(0, 900, 1500, 2);
    cr_expect_eq(w.kept[0].fired_ms, BASE + 1500);
}

Test(window, keys_do_not_mix)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    learn(&w, &rule);
    static const char *const hosts[] = {"x", "y", "x", "z"};
    for (int i = 0; i < 4; i++)
        event_of(
            &w, "t",
            (struct what){.rule = &rule, .ms = BASE + i, .host = hosts[i]});
    cr_assert_eq(w.n_kept, 1u);
    cr_expect_str_eq(w.kept[0].key, "x");
}

Test(window, an_incident_fires_at_the_event_that_made_the_condition_true)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    cr_assert_eq(PLAY(&rule, 900, 0, 450, 950), 1u);
    cr_expect_eq(w.kept[0].fired_ms, BASE + 900, "whatever came in first");
}

Test(window, the_severity_of_floor_is_that_of_its_gravest_alert)
{
    struct correlation rule;
    struct err why = {""};
    correlation_floor(&rule);
    cr_assert(correlation_seal(&rule, &w.arena, &why), "%s", why.text);
    learn(&w, &rule);
    event_of(
        &w, "t",
        (struct what){
            .rule = &rule, .ms = BASE, .host = "h", .severity = SEVERITY_HIGH});
    cr_assert_eq(w.n_kept, 1u, "one alert is enough");
    cr_expect_eq(w.kept[0].severity, SEVERITY_HIGH);
    event_of(&w, "t",
             (struct what){.rule = &rule,
                           .ms = BASE + 1,
                           .host = "h",
                           .severity = SEVERITY_CRITICAL});
    cr_expect_eq(w.kept[0].severity, SEVERITY_CRITICAL);
    cr_expect_eq(w.kept[0].revision, 2u, "a severity that rises is told");
}

Test(window, of_events_of_one_place_the_later_is_not_the_one_that_came_later)
{
    const struct sighting alert = {.topic = STR("t"), .carry = STR("[1]")};
    struct sighting others[] = {alert, alert, alert};
    others[0].names = STR("n");
    others[1].carry = STR("[2]");
    others[2].value = STR("v");
    cr_expect_eq(sighting_compare(&alert, &alert), 0);
    for (size_t i = 0; i < 3; i++) {
        int order = sighting_compare(&alert, &others[i]);
        cr_expect_neq(order, 0, "row %zu", i);
        cr_expect_eq(sighting_compare(&others[i], &alert) < 0, order > 0,
                     "row %zu", i);
    }
}
