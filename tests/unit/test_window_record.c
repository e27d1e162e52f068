/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of windows as they were written when what another correlation refers
 * to, and spike, waited event by event: they are read, and end as they would
 * have. */
#include <criterion/criterion.h>

#include "correlate/window_priv.h"

#include <string.h>

enum { T = 1000, HOUR = 3600000, POOL_BYTES = 16 << 20 };

struct at_work {
    struct pool *pool;
    struct finder *finder;
    struct arena arena;
    char *start;
    struct correlation rule;
    struct teller teller;
    struct buf record;
    uint64_t n_told, n_given;
    struct incident last, given;
};

static struct at_work w;

static void
tell(void *context, const struct incident *incident)
{
    (void)context;
    w.n_told++;
    w.last = *incident; /* its numbers: the texts are gone after this */
}

static void
give(void *context, const struct window *window, const struct episode *episode)
{
    struct teller teller = w.teller;
    (void)context;
    window_incident(window, episode, &teller, &w.given);
    w.n_given++;
}

static void
begin(void)
{
    memset(&w, 0, sizeof w);
    w.pool = pool_new(POOL_BYTES);
    w.finder = finder_new(7);
    w.arena = arena_reserve(1 << 20);
    w.start = w.arena.at;
    w.teller = (struct teller){
        .tell = tell, .chain = give, .reader = json_reader_new()};
    cr_assert(w.pool && w.finder && w.start && w.teller.reader);
}

static void
end(void)
{
    pool_free(w.pool);
    finder_free(w.finder);
    json_reader_free(w.teller.reader);
    arena_release(w.start, w.arena);
    buf_free(&w.record);
}

TestSuite(window_record, .init = begin, .fini = end);

static void
make_rule(enum correlation_type type)
{
    static struct correlation_step step = {
        .rule = {"a", 1}, .field = {{"host", 4}}, .count = 1};
    static const struct chain_feed feed;
    struct err why = {""};
    w.rule = (struct correlation){
        .id = STR("r"),
        .name = STR("r"),
        .title = {STR("t"), STR("t")},
        .type = type,
        .step = &step,
        .n_steps = 1,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = T,
        .threshold = type == EVENT_COUNT ? 3 : 0,
        .severity = SEVERITY_HIGH,
        .feed = &feed,
        .n_feeds = 1,
        .options = {.incident = INCIDENT_CORRELATION},
    };
    if (type == SPIKE) {
        w.rule.timespan_ms = 24 * HOUR;
        w.rule.bucket_ms = HOUR;
        w.rule.least = 1;
        w.rule.n_bounds = 1;
        w.rule.bound[0] = (struct bound){BOUND_GTE, 2 * (amount)AMOUNT_ONE};
    }
    cr_assert(correlation_seal(&w.rule, &w.arena, &why), "%s", why.text);
    w.teller.scratch = w.arena;
}

static struct sighting
sighting_at(int64_t ms)
{
    return (struct sighting){
        .brief = {.event_ms = ms, .arrival_ms = ms, .offset = ms},
        .topic = STR("t")};
}

/* What all records begin with. */
static void
put_head(void)
{
    wire_put(&w.record, 2, 1);
    wire_put_digest(&w.record, w.rule.fingerprint);
    wire_put_digest(&w.record, (struct digest){{1, 2}});
    wire_put_text(&w.record, STR("[\"h\"]"), 2);
    wire_put(&w.record, 0, 1);  /* exact */
    wire_put(&w.record, 0, 4);  /* no episode yet */
    wire_put(&w.record, 64, 4); /* folds at */
    wire_put_i64(&w.record, NO_TIME);
    wire_put(&w.record, 0, 4); /* entries */
}

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    (void)context;
    (void)fingerprint;
    return &w.rule;
}

static struct window *
load(void)
{
    struct err why = {""};
    struct window *window =
        window_load(w.pool, buf_str(&w.record), rule_of, NULL, &why);
    cr_assert(window != NULL, "%s", why.text);
    return window;
}

static void
put(struct window *window, int64_t ms)
{
    struct event event = {.steps = 1, .weight = 1, .sighting = sighting_at(ms)};
    struct moment now = {0, 0};
    event.sighting.key = STR("[\"h\"]");
    cr_assert(window_apply(w.pool, window, &event, &now, w.finder));
    window_report(w.pool, window, &w.teller);
}

static void
finish(struct window *window)
{
    struct moment now = {INT64_C(1) << 50, INT64_C(1) << 50};
    window_pass(w.pool, window, &now, w.finder, &w.teller);
    window_free(w.pool, window);
    cr_expect_eq(pool_used(w.pool), 0u);
}

Test(window_record, events_that_waited_are_found_with_those_that_come)
{
    make_rule(EVENT_COUNT);
    put_head();
    wire_put(&w.record, 3, 4); /* that wait */
    for (int64_t ms = 5000; ms < 5300; ms += 100) {
        struct sighting sighting = sighting_at(ms);
        struct buf bytes = {0};
        sighting_write(&bytes, &sighting);
        wire_put_i64(&w.record, ms);
        amount_put(&w.record, 0);
        wire_put(&w.record, 0, 8); /* value */
        wire_put(&w.record, 1, 4); /* steps */
        wire_put(&w.record, 1, 4); /* weight */
        wire_put_text(&w.record, buf_str(&bytes), 2);
        buf_free(&bytes);
    }
    wire_put(&w.record, 0, 4); /* runs */
    wire_put(&w.record, 0, 4); /* spoilers */
    wire_put(&w.record, 0, 4); /* episodes */
    struct window *window = load();
    put(window, 5900);
    put(window, 4900);
    finish(window);
    cr_expect_eq(w.n_given, 1u);
    cr_expect_eq(w.given.fired_ms, 5100);
    cr_expect_eq(w.given.count, 3u);
    cr_expect_eq(w.last.first_ms, 4900);
    cr_expect_eq(w.last.last_ms, 5900);
    cr_expect_eq(w.last.count, 5u);
}

Test(window_record, a_bucket_that_was_not_over_goes_on)
{
    make_rule(SPIKE);
    /* midnight in UTC+7, of a Monday */
    int64_t day_ms = INT64_C(19723) * 24 * HOUR - 7 * HOUR;
    int64_t ms = day_ms + 30 * HOUR;
    struct window *maker =
        window_new(w.pool, &w.rule, (struct digest){{1, 2}}, STR("[\"h\"]"));
    struct episode *draft = episode_new(w.pool);
    struct sighting sighting = sighting_at(ms);
    struct buf bytes = {0};
    sighting_write(&bytes, &sighting);
    draft->fired_ms = ms + HOUR;
    episode_add(w.pool, maker, draft,
                &(struct hot_event){&sighting, buf_str(&bytes), 1, 1});
    put_head();
    wire_put(&w.record, 0, 4); /* that wait */
    wire_put(&w.record, 0, 4); /* runs */
    wire_put(&w.record, 1, 1); /* it has begun */
    wire_put_i64(&w.record, day_ms + 6 * HOUR);
    wire_put_i64(&w.record, ms);
    wire_put(&w.record, 1, 4); /* bucket before: the day before, one event */
    wire_put_i64(&w.record, (day_ms + 13 * HOUR) / HOUR);
    wire_put(&w.record, 1, 8);
    wire_put(&w.record, 1, 8); /* event in the bucket that is not over */
    episode_put(&w.record, maker, draft);
    wire_put(&w.record, 0, 4); /* episodes */
    episode_free(w.pool, maker, draft);
    window_free(w.pool, maker);
    buf_free(&bytes);
    struct window *window = load();
    put(window, ms + 1000);
    finish(window);
    cr_expect_eq(w.n_given, 1u);
    cr_expect_eq(w.given.fired_ms, ms + HOUR);
    cr_expect_eq(w.last.count, 2u);
    cr_expect_eq(w.last.first_ms, ms);
}
