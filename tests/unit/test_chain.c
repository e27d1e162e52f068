/* SPDX-License-Identifier: Apache-2.0
 *
 * Correlations of correlations over windows partitions: what comes out depends
 * on nothing but the events (STREAM 1, 9, 10, 19, 23). */
#include "chain_world.h"

TestSuite(chain, .init = setup, .fini = teardown, .timeout = 300);

#define MINUTE INT64_C(60000)
#define BASE INT64_C(1700000000000)

/* Failures per (Ip, User), 3 in 10 minutes; of those, two users per Ip in an
 * hour; after that, within a day, a macro on the Host of the newest failure:
 * three levels, an alias through two of them, a carried field. */
static const char rules_text[] =
    "title: fail\nid: fail\nlogsource: {product: any}\n"
    "detection: {a: {T: fail}, condition: a}\nlevel: low\n---\n"
    "title: macro\nid: macro\nlogsource: {product: any}\n"
    "detection: {a: {T: macro}, condition: a}\nlevel: low\n---\n"
    "title: brute\nid: brute\ncorrelation: {type: event_count, "
    "rules: [fail], group-by: [Ip, User], timespan: 10m, "
    "condition: {gte: 3}}\nlevel: medium\n---\n"
    "title: spray\nid: spray\ncorrelation: {type: value_count, "
    "rules: [brute], group-by: [Ip], timespan: 1h, "
    "condition: {field: User, gte: 2}}\nlevel: high\n---\n"
    "title: taken\nid: taken\ncorrelation: {type: temporal_ordered, "
    "rules: [spray, macro], group-by: [machine], timespan: 1d, "
    "aliases: {machine: {spray: Host, macro: Computer}}}\nlevel: critical\n"
    "---\n"
    "title: all\nid: all\ncorrelation: {type: event_count, "
    "rules: [brute, macro], group-by: [Zone], timespan: 1d, "
    "condition: {gte: 4}}\ngenerate: true\nlevel: low\n";

static const struct rules *
chained_rules(void)
{
    const struct rules *rules = load_rules(str_of(rules_text));
    cr_assert_eq(complaints.n_errors, 0u, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    cr_assert_eq(rules_n_correlations(rules), 4u);
    return rules;
}

static uint32_t
dice(uint32_t *seed, uint32_t n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % n;
}

struct event {
    int64_t ms, number;
    char json[160];
};
enum { N_EVENTS = 900 };

/* Failures of few users from few addresses, and a macro now and then. */
static void
make_events(struct event *events, uint32_t seed)
{
    int64_t ms = BASE;
    for (int i = 0; i < N_EVENTS; i++) {
        ms += dice(&seed, 2) ? (int64_t)dice(&seed, 40000)
                             : (int64_t)dice(&seed, 120000);
        events[i].ms = ms;
        events[i].number = i;
        int host = (int)dice(&seed, 3);
        if (dice(&seed, 30) == 0)
            snprintf(events[i].json, sizeof events[i].json,
                     "{\"T\":\"macro\",\"Computer\":\"PC-%d\",\"Zone\":%d}",
                     host, (int)dice(&seed, 2));
        else
            snprintf(events[i].json, sizeof events[i].json,
                     "{\"T\":\"fail\",\"Ip\":\"10.0.0.%d\",\"User\":\"u%d\","
                     "\"Host\":\"pc-%d\",\"Zone\":\"%d\"}",
                     (int)dice(&seed, 3), (int)dice(&seed, 4), host,
                     (int)dice(&seed, 2));
    }
}

/* How a run is disturbed. */
struct manner {
    int n_partitions;
    bool shuffled; /* within the lateness */
    bool torn;     /* partitions run apart, die and read again */
    int64_t report_ms;
};

static void
run(const struct rules *rules, struct manner manner, uint32_t seed,
    struct buf *incidents)
{
    static struct world w;
    static struct event events[N_EVENTS];
    int64_t newest_ms = BASE;
    make_events(events, 7);
    world_begin(&w, rules, manner.n_partitions);
    w.plan.report_ms = manner.report_ms;
    world_progress(&w, NO_TIME);
    for (int i = 0; manner.shuffled && i + 8 < N_EVENTS; i++) {
        int j = i + (int)dice(&seed, 8);
        struct event event = events[i];
        if (events[j].ms - events[i].ms < 4 * MINUTE) {
            events[i] = events[j];
            events[j] = event;
        }
    }
    for (int i = 0; i < N_EVENTS; i++) {
        if (events[i].ms > newest_ms)
            newest_ms = events[i].ms;
        w.now_ms += 50;
        world_alert(&w, events[i].ms, events[i].number, events[i].json);
        if (i % 5 == 4)
            world_progress(&w, newest_ms - 60 * MINUTE);
        if (!manner.torn) {
            world_settle(&w);
            continue;
        }
        for (int k = 0; k < 12; k++) {
            int p = (int)dice(&seed, (uint32_t)manner.n_partitions);
            world_read(&w, p);
            if (dice(&seed, 6) == 0)
                world_save(&w, p);
            if (dice(&seed, 25) == 0)
                world_kill(&w, p);
        }
    }
    /* the sources are idle: they only say so now and then (STREAM 18) */
    for (int i = 0; i < 4; i++) {
        w.now_ms += 10000;
        world_progress(&w, MAX_EVENT_MS);
        world_settle(&w);
    }
    world_incidents(&w, incidents);
    world_end(&w);
}

static size_t
count_of(struct str text, const char *what)
{
    size_t n = 0, len = strlen(what);
    for (size_t i = 0; i + len <= text.len; i++)
        n += memcmp(text.at + i, what, len) == 0;
    return n;
}

Test(chain, the_incidents_are_the_same_however_many_partitions)
{
    const struct rules *rules = chained_rules();
    struct buf one = {0}, other = {0};
    run(rules, (struct manner){1, false, false, 0}, 1, &one);
    cr_assert_gt(count_of(buf_str(&one), "taken machine="), 0u, "%.*s",
                 STR_ARG(buf_str(&one)));
    cr_assert_gt(count_of(buf_str(&one), "all Zone="), 0u);
    cr_assert_eq(count_of(buf_str(&one), "spray Ip="), 0u, "it is silent");
    cr_assert_eq(count_of(buf_str(&one), "brute Ip="), 0u,
                 "only one of the two that refer to it says generate");
    static const struct manner manners[] = {
        {4, false, false, 0},  {16, false, false, 100}, {1, true, false, 0},
        {4, true, false, 100}, {1, false, true, 0},     {3, true, true, 100},
        {16, true, true, 160}, {7, true, true, 0},
    };
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        for (uint32_t seed = 1; seed <= 3; seed++) {
            buf_clear(&other);
            run(rules, manners[i], seed, &other);
            cr_expect(str_equal(buf_str(&one), buf_str(&other)),
                      "row %zu, seed %u:\n%.*s\nnot\n%.*s", i, seed,
                      STR_ARG(buf_str(&other)), STR_ARG(buf_str(&one)));
        }
    buf_free(&one);
    buf_free(&other);
}
