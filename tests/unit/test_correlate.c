/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage against the rules of the stream, by number, and against
 * its limits. No Kafka, no Redis: records in, incidents and fields out. */
#include "window_record.h"
#include "window_world.h"

enum { T = 1000, BASE = 1000000 };

static const int64_t END_MS = INT64_C(1) << 50;
static struct world w;

static void
begin(void)
{
    world_begin(&w);
}

static void
end(void)
{
    world_end(&w);
}

TestSuite(correlate, .init = begin, .fini = end);

/* --- rule 1 */

static uint64_t
roll(uint64_t *x, uint64_t below)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return (*x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

static int
by_name(const void *left, const void *right)
{
    const struct field *a = left, *b = right;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return str_compare(field_name_of(a), field_name_of(b));
}

static void
fields_text(struct fields *fields, struct buf *text)
{
    qsort(fields->at, fields->n, sizeof *fields->at, by_name);
    for (size_t i = 0; i < fields->n; i++) {
        buf_format(text, "%zu ", fields->at[i].table);
        buf_add(text, field_name_of(&fields->at[i]));
        buf_add(text, field_value_of(&fields->at[i]));
    }
}

/* One and the same log of two sources and four rules, every time. */
static void
random_record(struct world *world, const struct correlation *rules,
              uint64_t *dice, int64_t *now)
{
    static const char *const topics[] = {"t", "u"};
    static const char *const hosts[] = {"a", "b", "c", "d", "e"};
    static const char *const values[] = {"1", "2", "3", "4"};
    const char *topic = topics[roll(dice, 2)];
    *now += (int64_t)roll(dice, 90);
    if (roll(dice, 5) == 0) {
        progress(world, topic, *now - 500, roll(dice, 9) == 0);
        return;
    }
    for (uint64_t n = 1 + roll(dice, 3); n > 0; n--) {
        const struct correlation *rule = &rules[roll(dice, 4)];
        add(world,
            &(struct what){
                .rule = rule,
                .ms = *now - (int64_t)roll(dice, 700),
                .steps = 1 + (uint32_t)roll(dice, (1u << rule->n_steps) - 1),
                .host = hosts[roll(dice, 5)],
                .value = values[roll(dice, 4)]});
    }
    seal(world, topic);
    cr_assert_eq(put(world, buf_str(&world->record)), DONE);
}

static void
run_log(struct world *world, int batch, bool restart, struct buf *stored)
{
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    uint64_t dice = 88172645463325252u;
    int64_t now = BASE;
    struct correlation rules[] = {
        make_rule(world, "count", EVENT_COUNT, 4, T, 1),
        make_rule(world, "values", VALUE_COUNT, 3, T, 1),
        make_rule(world, "all", TEMPORAL, 3, T, 3),
        make_rule(world, "order", TEMPORAL_ORDERED, 3, T, 3),
    };
    for (int i = 0; i < 4; i++)
        learn(world, &rules[i]);
    for (int i = 0; i < 4000; i++) {
        random_record(world, rules, &dice, &now);
        if ((i + 1) % batch != 0)
            continue;
        if (restart)
            world_restart(world, &fields);
        else
            correlate_ops()->state_save(world->state, false, &emit);
    }
    correlate_ops()->state_save(world->state, false, &emit);
    fields_text(&fields, stored);
    fields_free(&fields);
}

Test(correlate, stream_rule_01_batches_and_restarts_change_nothing,
     .timeout = 120)
{
    static const struct {
        int batch;
        bool restart;
    } rows[] = {{7, false}, {4096, false}, {1, true}, {97, true}};
    static struct world other;
    struct buf stored = {0};
    run_log(&w, 1, false, &stored);
    cr_assert_gt(w.n_kept, 100u, "%zu incidents say little", w.n_kept);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf again = {0};
        world_begin(&other);
        run_log(&other, rows[i].batch, rows[i].restart, &again);
        cr_assert(str_equal(buf_str(&w.out), buf_str(&other.out)),
                  "row %zu: other outputs", i);
        cr_assert(str_equal(buf_str(&stored), buf_str(&again)),
                  "row %zu: other state", i);
        world_end(&other);
        buf_free(&again);
    }
    buf_free(&stored);
}

/* --- rules 9 to 19 */

Test(correlate,
     stream_rule_09_what_is_not_above_the_highest_position_is_a_repeat)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    learn(&w, &rule);
    add(&w, &(struct what){.rule = &rule, .ms = BASE, .host = "h"});
    add(&w, &(struct what){.rule = &rule, .ms = BASE + 1, .host = "h"});
    seal(&w, "t");
    cr_assert_eq(put(&w, buf_str(&w.record)), DONE);
    cr_assert_eq(put(&w, buf_str(&w.record)), DONE);
    cr_expect_eq(status_of(&w, "counters", "applied"), 2);
    cr_expect_eq(status_of(&w, "counters", "repeats"), 1);
    cr_expect_eq(w.n_kept, 0u, "a record read twice counts once");
    w.offset = 0; /* an offset below */
    event(&w, &rule, BASE + 2);
    cr_expect_eq(w.n_kept, 0u);
    w.offset = 5;
    event(&w, &rule, BASE + 2);
    cr_expect_eq(w.n_kept, 1u);
}

Test(correlate, stream_rule_07_a_higher_incarnation_starts_again)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1);
    struct sink sink = {take_record, &w};
    learn(&w, &rule);
    w.offset = 100;
    event(&w, &rule, BASE);
    struct window_cause cause = {STR("t"), 0, 2, 3, 0};
    add(&w, &(struct what){.rule = &rule, .ms = BASE + 1, .host = "h"});
    window_batch_flush(w.batch, &cause, STR("soc.windows"), &sink);
    put(&w, buf_str(&w.record));
    cr_expect_eq(status_of(&w, "counters", "applied"), 2);
    event(&w, &rule, BASE + 2); /* the old one again: a zombie's */
    cr_expect_eq(status_of(&w, "counters", "applied"), 2);
}

Test(correlate, stream_rule_10_progress_raises_position_and_watermark)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1);
    learn(&w, &rule);
    w.offset = 10;
    progress(&w, "t", BASE, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE);
    progress(&w, "t", BASE - 1, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE, "never falls");
    w.offset = 9;
    event(&w, &rule, BASE);
    cr_expect_eq(w.n_kept, 0u, "below what is complete");
    event(&w, &rule, BASE);
    cr_expect_eq(w.n_kept, 1u);
    cr_assert_eq(put(&w, STR("progress 2\n0 t 0 1 x 5\n")), DONE);
    cr_expect_eq(status_of(&w, "counters", "unreadable"), 1);
}

Test(correlate, stream_rule_13_late_events_feed_only_floor)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1), floor;
    struct err why = {""};
    correlation_floor(&floor);
    cr_assert(correlation_seal(&floor, &w.arena, &why));
    learn(&w, &rule);
    learn(&w, &floor);
    progress(&w, "t", BASE, false);
    event(&w, &rule, BASE - 1);
    cr_expect_eq(w.n_kept, 0u);
    cr_expect_eq(status_of(&w, "counters", "late"), 1);
    event(&w, &rule, BASE);
    cr_expect_eq(w.n_kept, 1u, "as old as the watermark is in time");
    event_of(&w, "t",
             (struct what){.rule = &floor, .ms = BASE - 5, .host = "h"});
    cr_expect_eq(w.n_kept, 2u);
    event_of(
        &w, "t",
        (struct what){
            .rule = &rule, .ms = BASE + 5, .host = "h", .flags = ALERT_LATE});
    cr_expect_eq(status_of(&w, "counters", "late"), 2, "late at its ingest");
}

Test(correlate, late_alerts_of_one_day_feed_one_incident_of_floor)
{
    struct correlation floor;
    struct err why = {""};
    correlation_floor(&floor);
    cr_assert(correlation_seal(&floor, &w.arena, &why));
    learn(&w, &floor);
    const int64_t hour_ms = 3600000;
    progress(&w, "t", BASE + 20 * hour_ms, false);
    for (int i = 0; i < 10; i++)
        event_of(&w, "t",
                 (struct what){.rule = &floor,
                               .ms = BASE + i * hour_ms,
                               .host = "h",
                               .flags = ALERT_LATE});
    cr_expect_eq(w.n_kept, 1u, "%zu incidents", w.n_kept);
    cr_expect_eq(w.kept[0].count, 10u);
    cr_expect_eq(w.kept[0].state, INCIDENT_CLOSED);
}

Test(correlate, stream_rule_14_the_watermark_is_the_least_of_those_that_count)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    learn(&w, &rule);
    progress(&w, "u", BASE, false);
    progress(&w, "t", BASE + T, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE);
    progress(&w, "u", BASE, true);
    progress(&w, "t", BASE + 9 * T, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 9 * T);
    progress(&w, "v", BASE + T, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 9 * T,
                 "one that joins late does not lower it");
    /* above its own W, below the watermark: feeds what fires at once */
    event_of(&w, "u",
             (struct what){.rule = &rule, .ms = BASE + 10, .host = "h"});
    event_of(&w, "u",
             (struct what){.rule = &rule, .ms = BASE + 20, .host = "h"});
    cr_assert_eq(w.n_kept, 1u);
    cr_expect_eq(w.kept[0].count, 2u);
    cr_expect_eq(w.kept[0].state, INCIDENT_CLOSED,
                 "what the watermark decided stays so");
    event_of(&w, "u",
             (struct what){.rule = &rule, .ms = BASE + 30, .host = "h"});
    cr_expect_eq(w.n_kept, 1u, "it feeds the incident that is closed");
    cr_expect_eq(w.kept[0].count, 3u);
}

Test(correlate, stream_rule_15_who_has_joined_without_a_watermark_holds_it)
{
    progress(&w, "u", NO_TIME, false);
    progress(&w, "t", BASE, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), NO_TIME);
    progress(&w, "u", BASE - 7, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE - 7);
}

Test(correlate, stream_rule_16_who_is_set_aside_holds_nobody_until_it_caught_up)
{
    progress(&w, "u", BASE, false);
    progress(&w, "t", BASE + 100, false);
    progress(&w, "u", BASE, true);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 100);
    progress(&w, "t", BASE + 200, false);
    progress(&w, "u", BASE + 150, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 200,
                 "not there yet");
    progress(&w, "t", BASE + 300, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 300);
    progress(&w, "u", BASE + 300, false);
    progress(&w, "t", BASE + 400, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE + 300,
                 "it counts again");
}

Test(correlate, stream_rule_19_records_of_one_cause_carry_level_and_index)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    struct err why = {""};
    rule.level = 1;
    cr_assert(correlation_seal(&rule, &w.arena, &why));
    learn(&w, &rule);
    struct arena scratch = w.scratch;
    struct window_record record;
    add(&w, &(struct what){.rule = &rule, .ms = BASE, .host = "h"});
    seal(&w, "soc.windows");
    cr_assert(window_record_read(buf_str(&w.record), &scratch, &record, &why));
    struct buf above = {0};
    record.cause.level = 2;
    window_record_write(&above, &record);
    record.cause.level = 1;
    for (record.running = 0; record.running < 3; record.running++) {
        struct buf again = {0};
        window_record_write(&again, &record);
        cr_assert_eq(put(&w, buf_str(&again)), DONE);
        cr_assert_eq(put(&w, buf_str(&again)), DONE);
        buf_free(&again);
    }
    cr_expect_eq(w.n_kept, 1u, "three records of one position, each once");
    cr_expect_eq(w.kept[0].count, 3u);
    cr_assert_eq(put(&w, buf_str(&above)), DONE);
    cr_expect_eq(status_of(&w, "counters", "unreadable"), 1,
                 "nothing is fed from above its level");
    buf_free(&above);
    progress(&w, "t", BASE, false);
    cr_expect_eq(correlate_ops()->watermark_ms(w.state), BASE,
                 "a chained source has no part in it");
}

/* --- rules 20, 23, 28 */

Test(correlate, stream_rule_20_an_unknown_rule_is_waited_for)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1);
    struct correlation known = make_rule(&w, "k", EVENT_COUNT, 1, T, 1);
    learn(&w, &known);
    add(&w, &(struct what){.rule = &known, .ms = BASE, .host = "h"});
    add(&w, &(struct what){.rule = &rule, .ms = BASE, .host = "h"});
    seal(&w, "t");
    cr_assert_eq(put(&w, buf_str(&w.record)), RETRY);
    cr_expect_eq(w.n_told, 0u, "nothing has happened");
    cr_expect_eq(status_of(&w, NULL, "windows"), 0);
    cr_expect_eq(status_of(&w, "counters", "applied"), 0);
    learn(&w, &rule);
    cr_assert_eq(put(&w, buf_str(&w.record)), DONE);
    cr_expect_eq(w.n_kept, 2u);
}

Test(correlate, stream_rule_20_a_partition_runs_from_its_own_state)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    struct fields fields = {NULL, 0};
    learn(&w, &rule);
    event(&w, &rule, BASE);
    world_restart(&w, &fields); /* saves */
    world_shut(&w);
    registry_free(w.registry);
    w.registry = w.plan.registry = registry_new(); /* that knows nothing */
    world_open(&w);
    world_restart(&w, &fields); /* loads */
    event(&w, &rule, BASE + 1);
    cr_expect_eq(w.n_kept, 1u);
    fields_free(&fields);
}

Test(correlate, stream_rule_23_what_is_past_is_swept)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    struct fields fields = {NULL, 0};
    learn(&w, &rule);
    progress(&w, "t", BASE - T, false);
    event(&w, &rule, BASE);
    progress(&w, "t", BASE + T, false);
    cr_expect_eq(status_of(&w, NULL, "windows"), 1, "it can still fire");
    world_restart(&w, &fields);
    progress(&w, "t", BASE + T + 1, false);
    cr_expect_eq(status_of(&w, NULL, "windows"), 0);
    cr_expect_eq(status_of(&w, NULL, "bytes"), 0);
    world_restart(&w, &fields);
    for (size_t i = 0; i < fields.n; i++)
        cr_expect_neq(fields.at[i].table, 3u, "its field is still there");
    fields_free(&fields);
}

Test(correlate, stream_rule_23_a_window_waits_for_who_is_set_aside)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    learn(&w, &rule);
    progress(&w, "u", BASE, false);
    progress(&w, "t", BASE, false);
    event(&w, &rule, BASE + 10);
    progress(&w, "u", BASE, true);
    progress(&w, "t", BASE + 3600000, false);
    cr_expect_eq(status_of(&w, NULL, "windows"), 1);
    event_of(&w, "u",
             (struct what){.rule = &rule, .ms = BASE + 20, .host = "h"});
    cr_expect_eq(w.n_kept, 1u, "it came back, and its event fires");
    progress(&w, "t", BASE + 2 * INT64_C(86400000), false);
    cr_expect_eq(status_of(&w, NULL, "windows"), 0, "but not for ever");
}

Test(correlate, stream_rule_28_an_incident_is_told_when_it_changes_enough)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 2, T, 1);
    static const struct {
        int64_t ms;
        uint32_t revision;
        uint64_t told; /* count as last told */
    } rows[] = {
        {100, 0, 0}, {110, 1, 2}, {120, 1, 2}, {130, 2, 4}, {140, 2, 4},
        {150, 2, 4}, {160, 2, 4}, {170, 3, 8}, {50, 4, 9},  {60, 4, 9},
    };
    learn(&w, &rule);
    progress(&w, "t", 0, false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        event(&w, &rule, BASE + rows[i].ms);
        if (rows[i].revision == 0)
            continue;
        cr_assert_eq(w.n_kept, 1u);
        cr_expect_eq(w.kept[0].revision, rows[i].revision, "row %zu", i);
        cr_expect_eq(w.kept[0].count, rows[i].told, "row %zu", i);
    }
    progress(&w, "t", BASE + 170 + T, false);
    cr_expect_eq(w.kept[0].state, INCIDENT_OPEN, "an event may still come");
    progress(&w, "t", BASE + 170 + T + 1, false);
    cr_expect_eq(w.kept[0].state, INCIDENT_CLOSED);
    cr_expect_eq(w.kept[0].count, 10u);
    cr_expect_eq(w.kept[0].revision, 5u);
}

Test(correlate, an_episode_waits_for_cold_events_that_may_still_join_it)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, T, 1);
    learn(&w, &rule);
    progress(&w, "t", 0, false);
    event(&w, &rule, BASE);
    event(&w, &rule, BASE + 1);
    event(&w, &rule, BASE + 2);
    event(&w, &rule, BASE + 900);
    event(&w, &rule, BASE + 1001);
    cr_assert_eq(w.n_kept, 1u);
    progress(&w, "t", BASE + 1500, false);
    cr_expect_eq(w.kept[0].state, INCIDENT_OPEN);
    event(&w, &rule, BASE + 1900); /* heats 900 and 1001, which join */
    progress(&w, "t", END_MS, false);
    cr_expect_eq(w.n_kept, 1u);
    cr_expect_eq(w.kept[0].count, 6u);
    cr_expect_eq(w.kept[0].last_ms, BASE + 1900);
}
