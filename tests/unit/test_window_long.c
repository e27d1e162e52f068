/* SPDX-License-Identifier: Apache-2.0
 *
 * The types with a long memory, sentence by sentence of docs/correlation.md
 * ("thapcanh: correlation:"), through the stage: events as records, incidents
 * as they come out. Whether the order of arrival or a restart shows is asked of
 * each type at the end. */
#include "window_world.h"

enum { T = 1000 };

static struct world world;
static struct fields fields;

/* --- rules */

static struct correlation
long_rule(enum correlation_type type)
{
    static struct correlation_step step[2] = {
        {.rule = {"a", 1}, .field = {{"host", 4}}, .count = 1},
        {.rule = {"b", 1}, .field = {{"host", 4}}, .count = 1},
    };
    return (struct correlation){
        .id = STR("long"),
        .name = STR("long"),
        .title = {STR("t"), STR("t")},
        .type = type,
        .step = step,
        .n_steps = 2,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = T,
        .severity = SEVERITY_HIGH,
        .options = {.incident = INCIDENT_CORRELATION},
    };
}

static void
known(struct correlation *rule)
{
    struct err why = {""};
    cr_assert(correlation_seal(rule, &world.arena, &why), "%s", why.text);
    learn(&world, rule);
}

static struct correlation
sight_rule(uint32_t most, int64_t learn_ms)
{
    struct correlation rule = long_rule(most > 0 ? RARE : FIRST_SEEN);
    rule.value_field[0] = STR("user");
    rule.n_value_fields = 1;
    rule.learn_ms = learn_ms;
    if (most > 0) {
        rule.bound[0] = (struct bound){BOUND_LTE, most * (amount)AMOUNT_ONE};
        rule.n_bounds = 1;
    }
    known(&rule);
    return rule;
}

static void
begin(void)
{
    world_begin(&world);
    progress(&world, "t", NO_TIME, false);
}

static void
end(void)
{
    world_end(&world);
    fields_free(&fields);
}

static void
saw(const struct correlation *rule, int64_t ms, const char *value)
{
    event_of(
        &world, "t",
        (struct what){.rule = rule, .ms = ms, .host = "h", .value = value});
}

/* The watermark is past `ms`. */
static void
past(int64_t ms)
{
    progress(&world, "t", ms + 1, false);
}

static const struct kept *
fired_at(int64_t ms)
{
    for (size_t i = 0; i < world.n_kept; i++)
        if (world.kept[i].fired_ms == ms)
            return &world.kept[i];
    return NULL;
}

TestSuite(window_long, .init = begin, .fini = end);

/* --- first_seen */

Test(window_long, a_value_not_seen_in_the_memory_before_is_new)
{
    struct correlation rule = sight_rule(0, 0);
    saw(&rule, 100, "x");
    saw(&rule, 600, "y");
    saw(&rule, 1100, "x"); /* T after it: still in memory */
    saw(&rule, 1700, "y"); /* more than T after it */
    past(1700);
    cr_assert_eq(world.n_kept, 3u);
    cr_assert(fired_at(100) && fired_at(600) && fired_at(1700));
}

Test(window_long, nothing_is_new_until_learn_after_the_first_event)
{
    struct correlation rule = sight_rule(0, 500);
    saw(&rule, 100, "x");
    saw(&rule, 599, "y");
    saw(&rule, 600, "z");
    past(600);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert(fired_at(600));
}

Test(window_long, a_key_that_is_silent_for_longer_than_the_memory_learns_anew)
{
    struct correlation rule = sight_rule(0, 500);
    saw(&rule, 0, "x");
    saw(&rule, 1000, "y"); /* T after: it still knows */
    saw(&rule, 2001, "z"); /* more: it begins again */
    saw(&rule, 2500, "q");
    saw(&rule, 2501, "r");
    past(2501);
    cr_assert_eq(world.n_kept, 2u);
    cr_assert(fired_at(1000) && fired_at(2501));
}

Test(window_long, each_new_value_is_an_incident_that_is_over_and_names_it)
{
    struct correlation rule = sight_rule(0, 0);
    saw(&rule, 100, "x");
    saw(&rule, 100, "y");
    past(100);
    cr_assert_eq(world.n_kept, 2u);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(world.kept[i].state, INCIDENT_CLOSED);
        cr_assert_eq(world.kept[i].revision, 1u);
        cr_assert_eq(world.kept[i].count, 1u);
        cr_assert_eq(world.kept[i].first_ms, 100);
        cr_assert_eq(world.kept[i].last_ms, 100);
    }
    cr_assert(strstr(world.out.at, "\"key\":{\"host\":\"h\",\"user\":\"x\"}"));
    cr_assert(strstr(world.out.at, "\"key\":{\"host\":\"h\",\"user\":\"y\"}"));
}

Test(window_long, several_values_of_one_alert_are_several_incidents)
{
    struct correlation rule = sight_rule(0, 0);
    static const char *const values[] = {"x", "y", "x"};
    for (int i = 0; i < 3; i++)
        add(&world,
            &(struct what){
                .rule = &rule, .ms = 100, .host = "h", .value = values[i]});
    seal(&world, "t");
    cr_assert_eq(put(&world, buf_str(&world.record)), DONE);
    past(100);
    cr_assert_eq(world.n_kept, 2u);
}

Test(window_long, more_new_values_at_once_than_episodes_are_all_told)
{
    struct correlation rule = sight_rule(0, 0);
    char value[16];
    for (int i = 0; i < MAX_EPISODES + 44; i++) {
        snprintf(value, sizeof value, "%d", i);
        saw(&rule, 100, value);
    }
    past(100);
    cr_assert_eq(world.n_kept, (size_t)MAX_EPISODES + 44);
    cr_assert(!world.kept[0].approximate);
}

Test(window_long, past_the_bound_the_value_seen_longest_ago_is_forgotten)
{
    struct correlation rule = sight_rule(0, 3);
    char value[16];
    saw(&rule, 0, "old");
    saw(&rule, 1, "kept");
    for (int i = 0; i < 4095; i++) {
        snprintf(value, sizeof value, "%d", i);
        saw(&rule, 2, value);
        past(2 - (i < 4094));
    }
    saw(&rule, 3, "kept");
    past(3);
    cr_assert_null(fired_at(3));
    saw(&rule, 4, "old");
    past(4);
    cr_assert_not_null(fired_at(4));
    cr_assert(fired_at(4)->approximate);
}

/* --- rare */

Test(window_long, a_value_seen_at_most_n_times_itself_included_is_rare)
{
    struct correlation rule = sight_rule(2, 0);
    saw(&rule, 0, "x");
    saw(&rule, 100, "x");
    saw(&rule, 200, "x");  /* the third */
    saw(&rule, 1100, "x"); /* 100 and 200 are still there */
    saw(&rule, 1201, "x"); /* 1100 alone */
    past(1201);
    cr_assert_eq(world.n_kept, 3u);
    cr_assert(fired_at(0) && fired_at(100) && fired_at(1201));
}

Test(window_long, rare_learns_as_first_seen_does)
{
    struct correlation rule = sight_rule(1, 300);
    saw(&rule, 0, "x");
    saw(&rule, 299, "y");
    saw(&rule, 300, "z");
    past(300);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert(fired_at(300));
}

Test(window_long, rare_asks_for_one_to_sixty_four_times)
{
    struct err why;
    struct correlation rule = long_rule(RARE);
    rule.value_field[0] = STR("user");
    rule.n_value_fields = rule.n_bounds = 1;
    static const struct {
        enum bound_op op;
        int64_t limit;
        bool fine;
    } rows[] = {
        {BOUND_LTE, 0, false},  {BOUND_LTE, 1, true},  {BOUND_LTE, 64, true},
        {BOUND_LTE, 65, false}, {BOUND_GTE, 2, false}, {BOUND_LTE, -1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rule.bound[0] =
            (struct bound){rows[i].op, rows[i].limit * (amount)AMOUNT_ONE};
        cr_assert_eq(correlation_seal(&rule, &world.arena, &why), rows[i].fine,
                     "row %zu", i);
    }
}
