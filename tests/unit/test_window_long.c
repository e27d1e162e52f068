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

/* 20,000 events that nothing decides, far more than a window keeps: few values,
 * some of them silent for longer than the memory again and again. In order and
 * decided as they come, or in any order and decided in the end. */
static size_t
storm_of_few(bool at_once, int64_t fired_ms[MAX_INCIDENTS_KEPT])
{
    enum { N = 20000 };
    static const int every[] = {1, 1, 1501, 999, 1001, 40};
    struct correlation rule = sight_rule(0, 300);
    for (int i = 0; i < N; i++) {
        int ms = at_once ? i * 7919 % N : i;
        saw(&rule, ms, ms % 2 == 0 ? "x" : "y");
        for (int v = 2; v < 6; v++)
            if (ms % every[v] == 0)
                saw(&rule, ms, (char[]){(char)('a' + v), 0});
        if (!at_once && i % 50 == 0)
            past(ms - 1);
    }
    past(N);
    size_t n = world.n_kept;
    for (size_t i = 0; i < n; i++) {
        fired_ms[i] = world.kept[i].fired_ms;
        cr_expect_not(world.kept[i].approximate);
    }
    return n;
}

Test(window_long, a_storm_of_few_values_is_exact_however_many_wait)
{
    static int64_t in_order[MAX_INCIDENTS_KEPT], at_once[MAX_INCIDENTS_KEPT];
    size_t n = storm_of_few(false, in_order);
    end();
    begin();
    cr_assert_eq(storm_of_few(true, at_once), n);
    cr_expect_gt(n, 20u);
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(at_once[i], in_order[i], "%zu", i);
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

/* --- silence */

static struct correlation
silence_rule(uint32_t least, int64_t learn_ms)
{
    struct correlation rule = long_rule(SILENCE);
    rule.least = least;
    rule.learn_ms = learn_ms;
    known(&rule);
    return rule;
}

Test(window_long, a_key_without_an_event_for_more_than_the_timespan_is_silent)
{
    struct correlation rule = silence_rule(0, 0);
    event(&world, &rule, 0);
    event(&world, &rule, 1000); /* T after: not more */
    past(2000);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert(fired_at(2000));
    cr_assert_eq(world.kept[0].first_ms, 1000);
    cr_assert_eq(world.kept[0].last_ms, 1000);
    cr_assert_eq(world.kept[0].count, 1u);
    cr_assert_eq(world.kept[0].state, INCIDENT_OPEN);
}

Test(window_long, it_must_have_spoken_for_learn_and_least_times)
{
    struct correlation rule = silence_rule(3, 500);
    event(&world, &rule, 0);
    event(&world, &rule, 600); /* long enough, but twice */
    past(1650);
    event(&world, &rule, 1700); /* the third */
    past(3000);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert(fired_at(2700));
}

Test(window_long, a_silence_is_over_when_the_key_speaks_again)
{
    struct correlation rule = silence_rule(0, 0);
    event(&world, &rule, 0);
    past(5000);
    cr_assert_eq(world.kept[0].state, INCIDENT_OPEN);
    event(&world, &rule, 6000);
    past(6000);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].state, INCIDENT_CLOSED);
    cr_assert_eq(world.kept[0].count, 1u);
}

Test(window_long, a_key_that_is_silent_for_30_days_more_is_forgotten)
{
    struct correlation rule = silence_rule(2, 0);
    const int64_t last_ms = 10, known_ms = last_ms + T + 30 * MS_PER_DAY;
    event(&world, &rule, 0);
    event(&world, &rule, last_ms);
    event(&world, &rule, known_ms); /* the last moment */
    past(known_ms + T);
    cr_assert(fired_at(known_ms + T));
    cr_assert_eq(status_of(&world, "counters", "swept"), 0);
    event(&world, &rule, 3 * known_ms);
    past(3 * known_ms + T);
    cr_assert_null(fired_at(3 * known_ms + T));
    cr_assert_eq(world.n_kept, 2u);
}

Test(window_long, nobody_is_silent_after_the_last_event_of_a_replay)
{
    struct correlation rule = silence_rule(0, 0);
    event_of(&world, "t", (struct what){.rule = &rule, .ms = 0, .host = "h"});
    event_of(&world, "t", (struct what){.rule = &rule, .ms = 500, .host = "g"});
    event_of(&world, "t",
             (struct what){.rule = &rule, .ms = 1400, .host = "i"});
    past(MAX_EVENT_MS - 1);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert(fired_at(1000));
    cr_assert_eq(world.kept[0].state, INCIDENT_OPEN);
}

static struct correlation
members_rule(void)
{
    static const struct str members[] = {
        {"[\"Gate\"]", 8}, {"[\"wall\"]", 8}, {"[\"dns\"]", 7}};
    struct correlation rule = long_rule(SILENCE);
    rule.member = members;
    rule.n_members = 3;
    known(&rule);
    return rule;
}

/* One of the members, in the window that they share. */
static void
member_spoke(const struct correlation *rule, int64_t ms, const char *member)
{
    struct alert alert = {.position = {STR("t"), 0, 1, world.offset, 0},
                          .source = STR("s"),
                          .alert_id = STR("id"),
                          .event_ms = ms,
                          .arrival_ms = ms};
    struct window_entry entry = {.fingerprint = rule->fingerprint,
                                 .key_id = hash_digest(STR("")),
                                 .steps = 1,
                                 .weight = 1,
                                 .brief =
                                     window_batch_brief(world.batch, &alert),
                                 .key = str_of(member),
                                 .value = str_of(member)};
    cr_assert(window_batch_add(world.batch, &entry));
    seal(&world, "t");
    cr_assert_eq(put(&world, buf_str(&world.record)), DONE);
}

Test(window_long, members_must_speak_from_the_first_event_of_any_of_them)
{
    struct correlation rule = members_rule();
    member_spoke(&rule, 0, "[\"nobody\"]"); /* no others take part */
    member_spoke(&rule, 50, "[\"GATE\"]");
    member_spoke(&rule, 100, "[\"wall\"]");
    member_spoke(&rule, 1050, "[\"gate\"]");
    world_restart(&world, &fields);
    past(1100);
    cr_assert_eq(world.n_kept, 2u);
    const struct kept *dns = fired_at(1050), *wall = fired_at(1100);
    cr_assert(dns && wall);
    cr_assert_str_eq(dns->key, "dns");
    cr_assert_eq(dns->count, 0u);
    cr_assert_eq(dns->first_ms, 50);
    cr_assert_eq(dns->last_ms, 50);
    cr_assert_str_eq(wall->key, "wall");
    cr_assert_eq(wall->count, 1u);
    world_restart(&world, &fields);
    member_spoke(&rule, 1500, "[\"dns\"]");
    past(1500);
    cr_assert_eq(fired_at(1050)->state, INCIDENT_CLOSED);
    cr_assert_eq(fired_at(1100)->state, INCIDENT_OPEN);
}

/* --- spike */

#define HOUR_MS INT64_C(3600000)
/* 2024-01-01 00:00 in UTC+7, a Monday. */
#define MONDAY_MS (INT64_C(1704067200000) - 7 * HOUR_MS)

static struct correlation
spike_rule(uint32_t least, int64_t learn_ms)
{
    static const int32_t holidays[] = {19724}; /* Tuesday, 2024-01-02 */
    struct correlation rule = long_rule(SPIKE);
    rule.timespan_ms = 7 * MS_PER_DAY;
    rule.bucket_ms = HOUR_MS;
    rule.learn_ms = learn_ms;
    rule.least = least;
    rule.bound[0] = (struct bound){BOUND_GTE, 3 * (amount)AMOUNT_ONE};
    rule.n_bounds = 1;
    rule.holiday = holidays;
    rule.n_holidays = 1;
    known(&rule);
    return rule;
}

/* So many events from the beginning of an hour on. */
static void
burst(const struct correlation *rule, int day, int hour, int n)
{
    for (int i = 0; i < n; i++)
        event(&world, rule, MONDAY_MS + day * MS_PER_DAY + hour * HOUR_MS + i);
}

Test(window_long, a_bucket_of_factor_times_the_mean_of_its_hour_spikes)
{
    struct correlation rule = spike_rule(1, 0);
    burst(&rule, 0, 9, 2); /* Monday; Tuesday is a holiday */
    burst(&rule, 1, 9, 50);
    burst(&rule, 2, 9, 2); /* mean of Monday and Wednesday: 2 */
    burst(&rule, 3, 9, 5); /* mean 2: 6 are asked for */
    burst(&rule, 4, 9, 9); /* mean 3: just so many */
    past(MONDAY_MS + 6 * MS_PER_DAY);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].fired_ms,
                 MONDAY_MS + 4 * MS_PER_DAY + 10 * HOUR_MS);
    cr_assert_eq(world.kept[0].count, 9u);
}

Test(window_long, fewer_than_least_or_within_learn_is_no_spike)
{
    struct correlation rule = spike_rule(4, 3 * MS_PER_DAY);
    burst(&rule, 0, 0, 1);
    burst(&rule, 2, 9, 40); /* it learns */
    burst(&rule, 3, 8, 3);  /* too few */
    burst(&rule, 3, 10, 4);
    past(MONDAY_MS + 6 * MS_PER_DAY);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].count, 4u);
}

Test(window_long, if_all_buckets_are_empty_it_is_one_event_among_them)
{
    struct correlation rule = spike_rule(1, 0);
    burst(&rule, 0, 0, 1);
    burst(&rule, 2, 9, 2); /* Monday alone: a mean of 1 */
    burst(&rule, 4, 9, 2); /* 2 and 0 before: mean 2/3 */
    past(MONDAY_MS + 6 * MS_PER_DAY);
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].first_ms,
                 MONDAY_MS + 4 * MS_PER_DAY + 9 * HOUR_MS);
}

Test(window_long, adjoining_buckets_are_one_episode)
{
    struct correlation rule = spike_rule(3, 0);
    burst(&rule, 0, 0, 1);
    burst(&rule, 2, 9, 3);
    burst(&rule, 2, 10, 3);
    burst(&rule, 2, 12, 3);
    past(MONDAY_MS + 6 * MS_PER_DAY);
    cr_assert_eq(world.n_kept, 2u);
    cr_assert_eq(world.kept[0].count, 6u);
    cr_assert_eq(world.kept[1].count, 3u);
}

/* --- risk */

static struct correlation
risk_rule(uint32_t n_rules, uint32_t n_tactics)
{
    struct correlation rule = long_rule(RISK);
    rule.bucket_ms = 100;
    rule.n_rules = n_rules;
    rule.n_tactics = n_tactics;
    rule.bound[0] = (struct bound){BOUND_GTE, 100 * (amount)AMOUNT_ONE};
    rule.n_bounds = 1;
    known(&rule);
    return rule;
}

Test(window_long, points_of_a_run_of_buckets_fire_at_once)
{
    struct correlation rule = risk_rule(0, 0);
    saw(&rule, 50, "60 0 a");
    saw(&rule, 1050, "40 0 b"); /* the eleventh bucket from there */
    cr_assert_eq(world.n_kept, 0u);
    saw(&rule, 990, "10 0 c");
    cr_assert_eq(world.n_kept, 0u);
    saw(&rule, 960, "30 0 c"); /* the tenth: with the first 100 */
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].fired_ms, 960);
    cr_assert_eq(world.kept[0].first_ms, 50);
    cr_assert_eq(world.kept[0].last_ms, 990);
    cr_assert_eq(world.kept[0].count, 3u);
}

Test(window_long, different_rules_and_tactics_are_asked_for)
{
    struct correlation rule = risk_rule(2, 2);
    saw(&rule, 0, "100 1 a");
    saw(&rule, 10, "100 2 a"); /* two tactics, one rule */
    cr_assert_eq(world.n_kept, 0u);
    saw(&rule, 20, "0 0 b");
    cr_assert_eq(world.n_kept, 1u);
    cr_assert_eq(world.kept[0].count, 3u);
}

Test(window_long, what_is_no_score_takes_no_part)
{
    static const char *const wrong[] = {"",       "100",     "100 0",
                                        "x 0 a",  "-1 0 a",  "100 -1 a",
                                        "100 0 ", "100 x a", "9999999999 0 a"};
    struct correlation rule = risk_rule(0, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        saw(&rule, 10, wrong[i]);
    cr_assert_eq(world.n_kept, 0u);
    saw(&rule, 10, "100 0 a");
    cr_assert_eq(world.n_kept, 1u);
}
