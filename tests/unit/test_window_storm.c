/* SPDX-License-Identifier: Apache-2.0
 *
 * A storm on one key of what the watermark decides: 20,000 events, all within
 * the lateness, in any order. It must end as if each had been decided at once,
 * as it came, and meanwhile take no more memory than a few of them. */
#include <criterion/criterion.h>

#include "correlate/window.h"

#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400000)

enum {
    N = 20000,
    T = 1000,
    POOL_BYTES = 64 << 20,
    MOST_BYTES = 400000, /* 20,000 events are some 5 MB */
    MAX_ENDS = 2048,
};

/* How an incident ended, or what a firing gave. */
struct ending {
    char id[40];
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
    bool merged;
};

struct storm {
    struct pool *pool;
    struct finder *finder;
    struct arena arena;
    char *start;
    struct teller teller;
    struct window *window;
    struct ending incident[MAX_ENDS], firing[MAX_ENDS];
    size_t n_incidents, n_firings, most_bytes;
    bool approximate;
};

static struct ending
ending_of(const struct incident *incident)
{
    struct ending ending = {.first_ms = incident->first_ms,
                            .last_ms = incident->last_ms,
                            .fired_ms = incident->fired_ms,
                            .count = incident->count,
                            .merged = incident->state == INCIDENT_MERGED};
    snprintf(ending.id, sizeof ending.id, "%.*s", STR_ARG(incident->id));
    return ending;
}

static void
tell(void *context, const struct incident *incident)
{
    struct storm *s = context;
    struct ending ending = ending_of(incident);
    size_t i = 0;
    while (i < s->n_incidents && strcmp(s->incident[i].id, ending.id) != 0)
        i++;
    cr_assert_lt(i, (size_t)MAX_ENDS);
    s->n_incidents += i == s->n_incidents;
    s->incident[i] = ending;
    s->approximate |= incident->approximate;
}

static void
give(void *context, const struct window *window, const struct episode *episode)
{
    struct storm *s = context;
    struct teller teller = s->teller;
    struct incident incident;
    cr_assert_lt(s->n_firings, (size_t)MAX_ENDS);
    window_incident(window, episode, &teller, &incident);
    s->firing[s->n_firings++] = ending_of(&incident);
}

static void
storm_begin(struct storm *s)
{
    memset(s, 0, sizeof *s);
    s->pool = pool_new(POOL_BYTES);
    s->finder = finder_new(7);
    s->arena = arena_reserve(1 << 20);
    s->start = s->arena.at;
    s->teller = (struct teller){.tell = tell,
                                .chain = give,
                                .context = s,
                                .reader = json_reader_new(),
                                .scratch = s->arena};
    cr_assert(s->pool && s->finder && s->start && s->teller.reader);
}

static void
storm_end(struct storm *s)
{
    window_free(s->pool, s->window);
    cr_expect_eq(pool_used(s->pool), 0u);
    pool_free(s->pool);
    finder_free(s->finder);
    json_reader_free(s->teller.reader);
    arena_release(s->start, s->arena);
}

/* --- rules: of each type, one that another refers to where that decides when
 * it is told */

struct row {
    const char *name;
    enum correlation_type type;
    uint32_t threshold;
    int64_t bound; /* gte; rare: lte */
    bool chained;
    int64_t unit_ms; /* between events */
    int64_t timespan_ms;
    bool second; /* times are whole seconds: many are equal */
};

static const struct row rows[] = {
    {"event_count", EVENT_COUNT, 10, 0, true, 1, T, false},
    {"event_count, whole seconds", EVENT_COUNT, 10, 0, true, 1, T, true},
    {"value_count", VALUE_COUNT, 4, 0, true, 1, T, false},
    {"temporal", TEMPORAL, 2, 0, true, 1, T, false},
    {"value_sum", VALUE_SUM, 0, 20, true, 1, T, false},
    {"first_seen", FIRST_SEEN, 0, 0, false, 1, T, false},
    {"rare", RARE, 0, 3, false, 1, T, false},
    {"rare, chained", RARE, 0, 3, true, 1, T, false},
    {"silence", SILENCE, 0, 0, false, 1, T, false},
    {"event_count, laid", EVENT_COUNT, 0, 3, true, 1, 12 * T, false},
    {"value_median, laid", VALUE_MEDIAN, 0, 3, true, 1, 12 * T, false},
    {"spike", SPIKE, 0, 1, true, 30000, 5 * DAY, false},
};

/* Its windows begin at events, so the lateness must be less than the timespan
 * (docs/rules.md): here half of the events at a time. */
static bool
is_laid(const struct row *row)
{
    return row->type == VALUE_MEDIAN ||
           (row->type == EVENT_COUNT && row->threshold == 0);
}

static void
make_rule(struct storm *s, const struct row *row, struct correlation *rule)
{
    static struct correlation_step step[2] = {
        {.rule = {"a", 1}, .field = {{"host", 4}}, .count = 1},
        {.rule = {"b", 1}, .field = {{"host", 4}}, .count = 1},
    };
    static const struct chain_feed feed;
    struct err why = {""};
    *rule = (struct correlation){
        .id = STR("storm"),
        .name = STR("storm"),
        .title = {STR("t"), STR("t")},
        .type = row->type,
        .step = step,
        .n_steps = 2,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = row->timespan_ms,
        .threshold = row->threshold,
        .never_negative = row->type == VALUE_SUM,
        .least = row->type == SILENCE ? 600 : row->type == SPIKE,
        .bucket_ms = row->type == SPIKE ? DAY / 24 : 0,
        .severity = SEVERITY_HIGH,
        .feed = &feed,
        .n_feeds = row->chained,
        .options = {.incident = INCIDENT_CORRELATION},
    };
    if (row->type == VALUE_COUNT || row->type == VALUE_SUM ||
        row->type == VALUE_MEDIAN || row->type == FIRST_SEEN ||
        row->type == RARE) {
        rule->value_field[0] = STR("user");
        rule->n_value_fields = 1;
    }
    if (row->bound > 0) {
        rule->n_bounds = 1;
        rule->bound[0] = (struct bound){row->type == RARE ? BOUND_LTE
                                        : is_laid(row)    ? BOUND_NEQ
                                                          : BOUND_GTE,
                                        row->bound * (amount)AMOUNT_ONE};
    }
    cr_assert(correlation_seal(rule, &s->arena, &why), "%s", why.text);
    s->teller.scratch = s->arena;
}

/* --- events */

/* The i-th: few values, some of them seen again only after long; now and then
 * a pause longer than the timespan. */
static struct event
event_of(const struct row *row, int i, char value[16])
{
    int64_t ms =
        1000000 + i * row->unit_ms +
        (row->type == SPIKE || is_laid(row) ? 0
                                            : i / 5000 * 3 * row->timespan_ms);
    static const int every[] = {1501, 999, 1001, 40};
    bool measures = row->type == VALUE_SUM || row->type == VALUE_MEDIAN;
    int v = i % 2;
    for (int k = 0; k < 4; k++)
        if (i % every[k] == 0)
            v = 2 + k;
    if (row->second)
        ms -= ms % 1000;
    snprintf(value, 16, "%d", v);
    return (struct event){
        .steps = 1u << (i % 3 == 0),
        .weight = 1,
        .value = measures ? 0 : (uint64_t)v + 1,
        .number = measures ? v * (amount)AMOUNT_ONE : 0,
        .sighting = {.brief = {.event_ms = ms,
                               .arrival_ms = ms,
                               .offset = i,
                               .host = STR("h"),
                               .kind = (enum kind)(i % 3)},
                     .topic = STR("t"),
                     .key = STR("[\"h\"]"),
                     .value = str_of(value)},
    };
}

static void
put(struct storm *s, const struct row *row, int i, const struct moment *now)
{
    char value[16];
    struct event event = event_of(row, i, value);
    cr_assert(window_apply(s->pool, s->window, &event, now, s->finder),
              "%s: %d", row->name, i);
    window_report(s->pool, s->window, &s->teller);
    size_t bytes = window_bytes(s->window);
    s->most_bytes = bytes > s->most_bytes ? bytes : s->most_bytes;
}

static void
pass(struct storm *s, int64_t ms)
{
    struct moment now = {ms, ms};
    window_pass(s->pool, s->window, &now, s->finder, &s->teller);
}

/* Everything waits, in any order; or each is decided before the next comes. */
static void
play(struct storm *s, const struct row *row, struct correlation *rule,
     bool waits)
{
    storm_begin(s);
    make_rule(s, row, rule);
    s->window =
        window_new(s->pool, rule, (struct digest){{1, 2}}, STR("[\"h\"]"));
    int at_once = !waits ? 1 : is_laid(row) ? N / 2 : N;
    for (int i = 0; i < N; i++) {
        char value[16];
        int part = i - i % at_once;
        int which = part + (int)(i % at_once * INT64_C(7919) % at_once);
        int64_t ms = event_of(row, part, value).sighting.brief.event_ms;
        if (i == part)
            pass(s, ms);
        put(s, row, which, &(struct moment){ms, ms});
    }
    pass(s, INT64_C(1) << 50);
}

static int
by_first(const void *left, const void *right)
{
    const struct ending *a = left, *b = right;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    return strcmp(a->id, b->id);
}

static size_t
sort_ends(struct ending *at, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!at[i].merged)
            at[kept++] = at[i];
    qsort(at, kept, sizeof *at, by_first);
    return kept;
}

static void
compare(const char *name, struct ending *are, size_t n, struct ending *should,
        size_t n_should)
{
    n = sort_ends(are, n);
    n_should = sort_ends(should, n_should);
    cr_assert_eq(n, n_should, "%s: %zu, not %zu", name, n, n_should);
    for (size_t i = 0; i < n; i++) {
        const struct ending *is = &are[i], *as = &should[i];
        cr_assert(is->first_ms == as->first_ms && is->last_ms == as->last_ms &&
                      is->fired_ms == as->fired_ms && is->count == as->count,
                  "%s, %zu of %zu: %lld to %lld, fired %lld, of %llu; not "
                  "%lld to %lld, fired %lld, of %llu",
                  name, i, n, (long long)is->first_ms, (long long)is->last_ms,
                  (long long)is->fired_ms, (unsigned long long)is->count,
                  (long long)as->first_ms, (long long)as->last_ms,
                  (long long)as->fired_ms, (unsigned long long)as->count);
    }
}

Test(window_storm, what_waits_is_exact_and_flat, .timeout = 600)
{
    static struct storm storm, calm;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct correlation rule, same;
        play(&storm, &rows[i], &rule, true);
        play(&calm, &rows[i], &same, false);
        fprintf(stderr, "%s: %zu incidents, at most %zu bytes, %zu in order\n",
                rows[i].name, calm.n_incidents, storm.most_bytes,
                calm.most_bytes);
        cr_expect_gt(calm.n_incidents, 0u, "%s", rows[i].name);
        cr_expect_eq(calm.n_firings > 0, rows[i].chained);
        cr_expect_not(storm.approximate, "%s", rows[i].name);
        cr_expect_not(calm.approximate, "%s", rows[i].name);
        cr_expect_lt(storm.most_bytes, (size_t)MOST_BYTES, "%s: %zu",
                     rows[i].name, storm.most_bytes);
        compare(rows[i].name, storm.incident, storm.n_incidents, calm.incident,
                calm.n_incidents);
        compare(rows[i].name, storm.firing, storm.n_firings, calm.firing,
                calm.n_firings);
        storm_end(&storm);
        storm_end(&calm);
    }
}
