/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of the stream for what windows say to windows: positions, level
 * watermarks, sweeping, one output however the log is cut. */
#include "chain_world.h"

TestSuite(chain_stream, .init = setup, .fini = teardown, .timeout = 120);

#define MINUTE INT64_C(60000)
#define BASE INT64_C(1700000000000)

static const char rules_text[] =
    "title: fail\nid: fail\nlogsource: {product: any}\n"
    "detection: {a: {T: fail}, condition: a}\nlevel: low\n---\n"
    "title: inner\nid: inner\ncorrelation: {type: event_count, "
    "rules: [fail], group-by: [Ip, User], timespan: 1m, "
    "condition: {gte: 2}}\nlevel: medium\n---\n"
    "title: outer\nid: outer\ncorrelation: {type: event_count, "
    "rules: [inner], group-by: [Ip], timespan: 1h, condition: {gte: 2}}\n"
    "level: high\n";

static struct world w;

static void
begin_with(const char *text, int n_partitions)
{
    const struct rules *rules = load_rules(str_of(text));
    cr_assert_eq(complaints.n_errors, 0u, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    world_begin(&w, rules, n_partitions);
    world_progress(&w, NO_TIME);
}

/* One topic for all levels. */
static void
begin(int n_partitions)
{
    world_is_one = true;
    begin_with(rules_text, n_partitions);
}

/* A topic for each, as in the service. */
static void
begin_apart(const char *text, int n_partitions)
{
    world_is_one = false;
    begin_with(text, n_partitions);
}

/* Two failures of a user: the inner one fires at the second. */
static void
inner_fires(int64_t ms, const char *user)
{
    char json[128];
    snprintf(json, sizeof json,
             "{\"T\":\"fail\",\"Ip\":\"10.0.0.1\",\"User\":\"%s\"}", user);
    world_alert(&w, ms - 1, w.offset, json);
    world_alert(&w, ms, w.offset, json);
}

/* A number under one member of what a partition says of itself. */
static int64_t
status_of(int p, const char *object, const char *member)
{
    struct arena rest = scratch;
    struct buf text = {0};
    const struct json *root;
    int64_t n = -1;
    buf_char(&text, '{');
    correlate_ops()->status(w.log[p].state, &text);
    buf_char(&text, '}');
    cr_assert_eq(json_read(reader, buf_str(&text), &rest, &root), JSON_FINE);
    const struct json *at = root;
    if (str_equal(str_of(object), STR("levels")))
        at = json_first(json_get(root, STR("levels")));
    else if (*object)
        at = json_get(root, str_of(object));
    cr_assert_not_null(at, "%s", object);
    at = json_get(at, str_of(member));
    if (at && at->type == JSON_NULL)
        n = NO_TIME;
    else
        cr_assert(at && str_to_i64(at->text, &n), "%s", member);
    buf_free(&text);
    return n;
}

/* How many records of each kind lie in a log. */
static size_t
records_in(const struct world_log *log, bool progress)
{
    size_t n = 0;
    for (size_t i = 0; i < log->n; i++)
        n += progress_is(log->at[i].value) == progress;
    return n;
}

Test(chain_stream, stream_rule_19_what_an_inner_one_fires_travels_as_it_says)
{
    struct window_record record;
    struct arena rest = scratch;
    struct err why = {""};
    begin(1);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + 1);
    size_t from = w.log[0].n;
    world_settle(&w);
    struct str value = w.log[0].at[from].value;
    cr_assert(window_record_read(value, &rest, &record, &why), "%s", why.text);
    cr_expect(str_equal(record.cause.topic, STR("soc.windows")));
    cr_expect_eq(record.cause.partition, 0);
    cr_expect_eq(record.cause.level, 1);
    cr_expect_eq(record.cause.incarnation, 1u);
    cr_expect_eq(record.cause.offset, 3, "the progress record's");
    cr_expect_eq(record.running, 0u);
    cr_assert_eq(record.n_entries, 1u);
    cr_expect(str_equal(record.entries[0].key, STR("[\"10.0.0.1\"]")));
    cr_expect_eq(record.entries[0].weight, 2u, "alerts of the episode");
    cr_expect_eq(record.briefs[0].event_ms, BASE, "when it fired");
    cr_expect_eq(record.briefs[0].severity, SEVERITY_MEDIUM, "the inner's own");
    cr_expect_eq(w.n_incidents, 0u, "it is silent");
    world_end(&w);
}

/* The records of soc.windows are read to their end before any of soc.chained:
 * what is held for the next level is what has fired, not what was read. */
Test(chain_stream, stream_rule_19_what_windows_say_has_a_topic_of_its_own)
{
    struct window_record record;
    struct arena rest = scratch;
    struct err why = {""};
    begin_apart(rules_text, 2);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + 1);
    size_t n[] = {w.log[0].n, w.log[1].n};
    world_settle(&w);
    cr_expect_eq(w.log[0].n, n[0], "nothing comes back to soc.windows");
    cr_expect_eq(w.log[1].n, n[1]);
    cr_expect_eq(records_in(&w.log[2], true), 2u, "one of each partition");
    cr_expect_eq(records_in(&w.log[3], true), 2u);
    struct world_log *log =
        records_in(&w.log[2], false) ? &w.log[2] : &w.log[3];
    struct str value = NO_STR;
    for (size_t i = 0; i < log->n; i++)
        if (!progress_is(log->at[i].value))
            value = log->at[i].value;
    cr_assert(window_record_read(value, &rest, &record, &why), "%s", why.text);
    cr_expect(str_equal(record.cause.topic, STR("soc.windows")));
    cr_expect_eq(record.cause.level, 1);
    for (int p = 0; p < 4; p++)
        cr_expect_eq(correlate_ops()->watermark_ms(w.log[p].state), BASE + 1);
    inner_fires(BASE + 1000, "binh");
    world_progress(&w, BASE + 2000);
    world_settle(&w);
    cr_assert_eq(w.n_incidents, 1u);
    cr_expect(strstr(w.incident[0].text, "count 4"), "%s", w.incident[0].text);
    world_end(&w);
}

static const char mixed_text[] =
    "title: fail\nid: fail\nlogsource: {product: any}\n"
    "detection: {a: {T: fail}, condition: a}\nlevel: low\n---\n"
    "title: in\nid: in\nlogsource: {product: any}\n"
    "detection: {a: {T: in}, condition: a}\nlevel: low\n---\n"
    "title: inner\nid: inner\ncorrelation: {type: event_count, "
    "rules: [fail], group-by: [Ip, User], timespan: 1m, "
    "condition: {gte: 2}}\nlevel: medium\n---\n"
    "title: outer\nid: outer\ncorrelation: {type: temporal, "
    "rules: [inner, in], group-by: [Ip], timespan: 1h}\nlevel: high\n";

Test(chain_stream, stream_rule_19_an_event_for_a_higher_level_is_handed_on)
{
    char expected[1024] = "";
    for (int one = 1; one >= 0; one--) {
        world_is_one = one;
        begin_with(mixed_text, 3);
        inner_fires(BASE, "an");
        world_alert(&w, BASE + MINUTE, w.offset,
                    "{\"T\":\"in\",\"Ip\":\"10.0.0.1\",\"User\":\"chi\"}");
        world_progress(&w, BASE + 2 * MINUTE);
        world_settle(&w);
        cr_assert_eq(w.n_incidents, 1u);
        if (one)
            snprintf(expected, sizeof expected, "%s", w.incident[0].text);
        cr_expect_str_eq(w.incident[0].text, expected);
        cr_expect(strstr(w.incident[0].text, "first t/"),
                  "the alert's own topic, not soc.windows: %s",
                  w.incident[0].text);
        world_end(&w);
    }
}

/* However long soc.windows is read before soc.chained: the next level holds
 * what its timespan needs and no more. With one topic for both it would hold
 * all that was written before the first report. */
Test(chain_stream, stream_rule_19_a_backlog_does_not_pile_up_in_the_next_level)
{
    static const char *const users[] = {"an", "binh", "chi"};
    int64_t most = 0;
    begin_apart(rules_text, 1);
    for (int i = 0; i < 2000; i++) {
        inner_fires(BASE + i * MINUTE, users[i % 3]);
        world_progress(&w, BASE + i * MINUTE);
    }
    while (world_read(&w, 0)) { /* the lowest watermark first */
        while (world_read(&w, 1)) {
        }
        int64_t bytes = status_of(1, "", "bytes");
        if (bytes > most)
            most = bytes;
    }
    cr_expect_gt(w.n_incidents, 0u);
    cr_expect_gt(most, 0);
    cr_expect_lt(most, 60000, "%" PRId64, most);
    cr_expect_eq(status_of(1, "", "cut_windows"), 0);
    world_end(&w);
}

Test(chain_stream, stream_rule_09_10_a_firing_sent_again_is_dropped)
{
    begin(1);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + 1);
    world_settle(&w);
    size_t n = w.log[0].n;
    cr_assert_eq(status_of(0, "counters", "applied"), 3);
    /* all that the partition said of itself, again, and progress first */
    for (size_t i = n; i-- > 4;)
        world_append(&w, 0, w.log[0].at[i].value);
    world_settle(&w);
    cr_expect_eq(status_of(0, "counters", "applied"), 3);
    cr_expect_eq(status_of(0, "counters", "repeats"), 1);
    inner_fires(BASE + 1000, "binh");
    world_progress(&w, BASE + 2000);
    world_settle(&w);
    cr_assert_eq(w.n_incidents, 1u);
    cr_expect(strstr(w.incident[0].text, "count 4"), "%s", w.incident[0].text);
    world_end(&w);
}

Test(chain_stream, stream_rule_10_a_progress_record_raises_the_position_too)
{
    begin(1);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + 1);
    while (w.log[0].next < 4)
        world_read(&w, 0);
    /* the firing and the progress behind it, the other way round */
    cr_assert_eq(w.log[0].n, 6u);
    struct world_record firing = w.log[0].at[4];
    w.log[0].at[4] = w.log[0].at[5];
    w.log[0].at[5] = firing;
    world_settle(&w);
    cr_expect_eq(status_of(0, "counters", "repeats"), 1);
    cr_expect_eq(status_of(0, "counters", "applied"), 2);
    world_end(&w);
}

Test(chain_stream, stream_rule_19_a_level_waits_for_every_partition)
{
    begin(3);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + MINUTE);
    for (int round = 0; round < 20; round++) {
        world_read(&w, 0);
        world_read(&w, 1);
    }
    cr_expect_eq(status_of(0, "levels", "watermark_ms"), NO_TIME,
                 "partition 2 has said nothing");
    cr_expect_eq(correlate_ops()->watermark_ms(w.log[0].state), BASE + MINUTE);
    world_settle(&w);
    for (int p = 0; p < 3; p++)
        cr_expect_eq(status_of(p, "levels", "watermark_ms"), BASE + MINUTE);
    world_progress(&w, BASE + 3 * MINUTE);
    for (int round = 0; round < 20; round++) {
        world_read(&w, 0);
        world_read(&w, 1);
    }
    cr_expect_eq(status_of(1, "levels", "watermark_ms"), BASE + MINUTE,
                 "the least of them");
    world_settle(&w);
    cr_expect_eq(status_of(1, "levels", "watermark_ms"), BASE + 3 * MINUTE);
    world_end(&w);
}

Test(chain_stream, stream_rule_19_nothing_is_said_of_levels_that_no_rule_uses)
{
    const struct rules *rules = load_rules(
        STR("title: fail\nid: fail\nlogsource: {product: any}\n"
            "detection: {a: {T: fail}, condition: a}\nlevel: high\n"));
    world_is_one = true;
    world_begin(&w, rules, 2);
    world_progress(&w, NO_TIME);
    world_progress(&w, BASE);
    world_settle(&w);
    cr_expect_eq(w.log[0].n, 2u);
    world_end(&w);
    begin(2);
    world_progress(&w, BASE);
    world_settle(&w);
    cr_expect_eq(records_in(&w.log[1], true), 2u + 2u, "one of each partition");
    world_progress(&w, BASE);
    world_settle(&w);
    cr_expect_eq(records_in(&w.log[1], true), 3u + 2u, "it has not risen");
    world_end(&w);
}

Test(chain_stream, what_is_said_of_levels_is_bounded_and_said_in_the_end)
{
    begin(2);
    w.plan.report_ms = 100;
    for (int i = 1; i <= 200; i++) {
        w.now_ms += 10;
        world_progress(&w, BASE + i);
        world_settle(&w);
    }
    size_t n = records_in(&w.log[0], true) - 201;
    cr_expect_leq(n, (size_t)2 * (16 + 20 + 1), "%zu", n);
    cr_expect_geq(n, (size_t)2 * 20, "%zu", n);
    w.now_ms += 10000;
    world_progress(&w, BASE + 200);
    world_settle(&w);
    cr_expect_eq(status_of(0, "levels", "watermark_ms"), BASE + 200);
    world_end(&w);
}

Test(chain_stream, stream_rule_23_an_outer_window_waits_for_its_own_level)
{
    begin(2);
    inner_fires(BASE, "an");
    world_progress(&w, BASE + 1);
    world_settle(&w);
    int64_t held = status_of(0, "", "windows") + status_of(1, "", "windows");
    cr_assert_eq(held, 2);
    /* one partition stands still: what it may still fire is unknown */
    world_progress(&w, BASE + 600 * MINUTE);
    for (int round = 0; round < 20; round++)
        world_read(&w, 0);
    cr_expect_leq(status_of(0, "levels", "floor_ms"), BASE + 1);
    world_settle(&w);
    cr_expect_eq(status_of(0, "levels", "floor_ms"), BASE + 600 * MINUTE);
    cr_expect_eq(status_of(0, "", "windows") + status_of(1, "", "windows"), 0,
                 "all is swept");
    world_end(&w);
}

/* Every output of three partitions; with restarts after every record or not. */
static void
outputs_of(bool restarts, int64_t report_ms, struct buf *out)
{
    static const char *const users[] = {"an", "binh", "chi"};
    if (world_is_one)
        begin(3);
    else
        begin_apart(rules_text, 3);
    w.plan.report_ms = report_ms;
    for (int i = 0; i < 120; i++) {
        w.now_ms += 30;
        inner_fires(BASE + i * 7000, users[i % 3]);
        world_progress(&w, BASE + i * 7000 - 20000);
        for (int p = 0; p < w.n_logs; p++)
            while (world_read(&w, p))
                if (restarts) {
                    world_save(&w, p);
                    world_kill(&w, p);
                }
    }
    buf_add(out, buf_str(&w.outputs));
    cr_assert_gt(w.n_outputs, 300u);
    world_end(&w);
}

Test(chain_stream, stream_rule_01_outputs_do_not_depend_on_batches)
{
    for (int i = 0; i < 4; i++) {
        int64_t report_ms = i % 2 == 0 ? 0 : 100;
        world_is_one = i < 2;
        struct buf whole = {.max_bytes = 1 << 30};
        struct buf cut = {.max_bytes = 1 << 30};
        outputs_of(false, report_ms, &whole);
        outputs_of(true, report_ms, &cut);
        cr_expect(str_equal(buf_str(&whole), buf_str(&cut)));
        buf_free(&whole);
        buf_free(&cut);
    }
}

Test(chain_stream, stream_rule_20_a_firing_waits_for_the_rule_it_feeds)
{
    const struct rules *rules = load_rules(str_of(rules_text));
    struct err why = {""};
    world_is_one = true;
    world_begin(&w, rules, 1);
    registry_free(w.registry); /* one that has not read so far */
    w.registry = w.plan.registry = registry_new();
    const struct correlation *inner = rules_correlation(rules, 0);
    cr_assert(str_equal(inner->id, STR("inner")));
    cr_assert(registry_learn(w.registry, inner->text, &why));
    inner_fires(BASE, "an");
    struct sink sink = {world_take, &w};
    struct record record = {.topic = STR("soc.windows"),
                            .value = w.log[0].at[0].value};
    cr_expect_eq(
        correlate_ops()->apply(w.log[0].state, &record, 1, &sink, &why), RETRY);
    cr_expect(strstr(why.text, "waiting for the correlation"), "%s", why.text);
    cr_assert(
        registry_learn(w.registry, rules_correlation(rules, 1)->text, &why));
    world_progress(&w, NO_TIME);
    world_settle(&w);
    cr_expect_eq(status_of(0, "counters", "applied"), 2);
    /* its state needs nobody to be loaded */
    world_save(&w, 0);
    registry_free(w.registry);
    w.registry = w.plan.registry = registry_new();
    world_kill(&w, 0);
    world_progress(&w, BASE + 1);
    world_settle(&w);
    cr_expect_eq(status_of(0, "counters", "applied"), 3);
    world_end(&w);
}
