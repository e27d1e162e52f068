/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows against the slow, obvious implementation of their meaning
 * (window_oracle.h): random rules, random events in any order within the
 * lateness, records of any size, what need not be kept folded away at any
 * moment, saved and loaded at any moment. What must be equal in the end: first,
 * last, count, fired and the evidence of every incident. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "window_oracle.h"

#include <stdio.h>

enum {
/* ThreadSanitizer's build is here for threads, and there are none. */
#ifdef __SANITIZE_THREAD__
    CASES = 6000,
    LONG_CASES = 20,
#else
    CASES = 120000,
    LONG_CASES = 300,
#endif
    MAX_TOLD = 2048,
    POOL_BYTES = 64 << 20,
};

/* xorshift64* (Vigna) */
struct dice {
    uint64_t x;
};

static uint64_t
roll(struct dice *dice, uint64_t below)
{
    dice->x ^= dice->x >> 12;
    dice->x ^= dice->x << 25;
    dice->x ^= dice->x >> 27;
    return (dice->x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

/* An incident as it was last told. */
struct told {
    char id[33], into[33];
    uint32_t revision;
    enum incident_state state;
    struct oracle_episode episode;
};

struct world {
    struct dice dice;
    struct pool *pool;
    struct finder *finder;
    struct arena arena;
    char *arena_start;
    struct teller teller;
    struct correlation rule;
    struct window *window;
    struct oracle oracle;
    struct told told[MAX_TOLD];
    size_t n_told;
    struct buf saved, again;
    uint64_t seed;
    uint32_t number; /* of the last event */
    bool small;      /* fold at any moment */
};

static struct told *
told_of(struct world *w, struct str id)
{
    for (size_t i = 0; i < w->n_told; i++)
        if (str_equal(str_of(w->told[i].id), id))
            return &w->told[i];
    cr_assert_lt(w->n_told, (size_t)MAX_TOLD);
    struct told *told = &w->told[w->n_told++];
    *told = (struct told){.revision = 0};
    memcpy(told->id, id.at, id.len);
    return told;
}

static void
tell(void *context, const struct incident *incident)
{
    struct world *w = context;
    struct told *told = told_of(w, incident->id);
    cr_assert_eq(incident->revision, told->revision + 1, "seed %llu: a gap",
                 (unsigned long long)w->seed);
    cr_assert_neq(told->state, INCIDENT_MERGED,
                  "seed %llu: told after it was "
                  "merged",
                  (unsigned long long)w->seed);
    told->revision = incident->revision;
    told->state = incident->state;
    memset(told->into, 0, sizeof told->into);
    memcpy(told->into, incident->into.at, incident->into.len);
    struct oracle_episode *episode = &told->episode;
    *episode = (struct oracle_episode){incident->first_ms,
                                       incident->last_ms,
                                       incident->fired_ms,
                                       incident->count,
                                       {{{0}}}};
    cr_assert(!incident->approximate);
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *e = &incident->evidence[i];
        uint32_t step = (uint32_t)(e->rule.at[0] - 'a');
        episode->proof[step][e->kind] = (struct oracle_proof){
            e->count, (uint32_t)e->first.offset, (uint32_t)e->last.offset};
    }
}

static void
random_rule(struct world *w)
{
    static const char *const names[ORACLE_STEPS] = {"a", "b", "c", "d"};
    struct correlation *rule = &w->rule;
    struct arena arena = w->arena;
    struct err why = {""};
    *rule = (struct correlation){
        .id = STR("rule"),
        .type = (enum correlation_type)roll(&w->dice, TEMPORAL_ORDERED + 1),
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = (int64_t)(1 + roll(&w->dice, 12)),
        .severity = SEVERITY_HIGH,
    };
    rule->n_steps = 1 + roll(&w->dice, ORACLE_STEPS);
    rule->threshold = (uint32_t)(1 + roll(&w->dice, 5));
    if (rule->type == VALUE_COUNT) {
        rule->n_value_fields = 1;
        rule->value_field[0] = STR("user");
    }
    if (rule->type == TEMPORAL)
        rule->threshold = (uint32_t)(1 + roll(&w->dice, rule->n_steps));
    if (rule->type == TEMPORAL_ORDERED)
        rule->threshold = (uint32_t)rule->n_steps;
    rule->step = arena_take(&arena, rule->n_steps, sizeof *rule->step);
    for (size_t s = 0; s < rule->n_steps; s++)
        rule->step[s] = (struct correlation_step){
            .rule = str_of(names[s]), .field = {STR("host")}, .count = 1};
    cr_assert(correlation_seal(rule, &arena, &why), "%s", why.text);
    w->arena = arena;
}

static void
random_events(struct world *w, size_t n)
{
    uint64_t range = 1 + roll(&w->dice, 4 * n);
    uint32_t steps = (1u << w->rule.n_steps) - 1;
    uint64_t n_values = 1 + roll(&w->dice, 8);
    w->oracle.rule = &w->rule;
    w->oracle.n = n;
    for (size_t i = 0; i < n; i++)
        w->oracle.event[i] = (struct oracle_event){
            .ms = 1000000 + (int64_t)roll(&w->dice, range),
            .number = (uint32_t)i,
            .steps = roll(&w->dice, 6) == 0
                         ? 1 + (uint32_t)roll(&w->dice, steps)
                         : 1u << roll(&w->dice, w->rule.n_steps),
            .value = w->rule.type == VALUE_COUNT ? roll(&w->dice, n_values) : 0,
            .kind = (enum kind)roll(&w->dice, ORACLE_KINDS),
        };
}

/* The order of arrival: by event time plus less than the lateness. */
struct arrival {
    int64_t place_ms;
    const struct oracle_event *event;
};

static int
by_place(const void *left, const void *right)
{
    const struct arrival *a = left, *b = right;
    if (a->place_ms != b->place_ms)
        return a->place_ms < b->place_ms ? -1 : 1;
    return a->event->number < b->event->number ? -1 : 1;
}

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    struct world *w = context;
    return memcmp(&fingerprint, &w->rule.fingerprint, sizeof fingerprint) == 0
               ? &w->rule
               : NULL;
}

static void
restart(struct world *w)
{
    struct err why = {""};
    buf_clear(&w->saved);
    buf_clear(&w->again);
    window_save(&w->saved, w->window);
    size_t bytes = window_bytes(w->window);
    window_free(w->pool, w->window);
    w->window = window_load(w->pool, buf_str(&w->saved), rule_of, w, &why);
    cr_assert(w->window != NULL, "%s", why.text);
    cr_assert_eq(bytes, window_bytes(w->window), "other bytes after a load");
    window_save(&w->again, w->window);
    cr_assert(str_equal(buf_str(&w->saved), buf_str(&w->again)));
}

static void
apply(struct world *w, const struct oracle_event *event, int64_t floor_ms)
{
    struct event e = {
        .steps = event->steps,
        .weight = 1,
        .value = event->value,
        .sighting = {.brief = {.event_ms = event->ms,
                               .arrival_ms = event->ms,
                               .offset = event->number,
                               .kind = event->kind},
                     .topic = STR("t"),
                     .key = STR("[\"h\"]")},
    };
    if (!w->window)
        w->window = window_new(w->pool, &w->rule, (struct digest){{1, 2}},
                               STR("[\"h\"]"));
    if (w->small)
        w->window->fold_at = (uint32_t)(1 + roll(&w->dice, 16));
    struct moment now = {NO_TIME, floor_ms};
    window_apply(w->pool, w->window, &e, &now, w->finder);
}

static void
pass_time(struct world *w, int64_t watermark_ms)
{
    if (!w->window)
        return;
    window_report(w->pool, w->window, &w->teller);
    int64_t due_ms = window_due(w->window);
    struct moment now = {watermark_ms, watermark_ms};
    if (due_ms != NO_TIME && due_ms < watermark_ms)
        window_pass(w->pool, w->window, &now, w->finder, &w->teller);
    if (window_sweep_due(w->window) < watermark_ms) {
        window_free(w->pool, w->window);
        w->window = NULL;
    } else if (roll(&w->dice, 8) == 0) {
        restart(w);
    }
}

static void
play(struct world *w, size_t n)
{
    static struct arrival arrivals[ORACLE_EVENTS];
    int64_t lateness_ms = (int64_t)(1 + roll(&w->dice, 40));
    int64_t watermark_ms = NO_TIME;
    w->n_told = 0;
    for (size_t i = 0; i < n; i++)
        arrivals[i] =
            (struct arrival){w->oracle.event[i].ms +
                                 (int64_t)roll(&w->dice, (uint64_t)lateness_ms),
                             &w->oracle.event[i]};
    qsort(arrivals, n, sizeof *arrivals, by_place);
    for (size_t i = 0; i < n; i++) {
        if (roll(&w->dice, 4) > 0)
            watermark_ms = arrivals[i].place_ms - lateness_ms + 1;
        apply(w, arrivals[i].event, watermark_ms);
        if (roll(&w->dice, 3) > 0)
            pass_time(w, watermark_ms);
    }
    pass_time(w, INT64_MAX);
    cr_assert(w->window == NULL, "something stays when all time has passed");
    cr_assert_eq(pool_used(w->pool), 0u, "%zu bytes lost", pool_used(w->pool));
}

static int
by_first(const void *left, const void *right)
{
    const struct told *a = left, *b = right;
    return a->episode.first_ms < b->episode.first_ms ? -1 : 1;
}

static void
compare(struct world *w)
{
    struct oracle *o = &w->oracle;
    size_t n = 0;
    for (size_t i = 0; i < w->n_told; i++) {
        struct told told = w->told[i];
        if (told.state == INCIDENT_MERGED) {
            size_t j = 0;
            while (j < w->n_told && strcmp(w->told[j].id, told.into) != 0)
                j++;
            cr_assert_lt(j, w->n_told, "merged into nothing");
        }
    }
    for (size_t i = 0; i < w->n_told; i++)
        if (w->told[i].state != INCIDENT_MERGED)
            w->told[n++] = w->told[i];
    qsort(w->told, n, sizeof *w->told, by_first);
    cr_assert_eq(n, o->n_episodes, "seed %llu: %zu incidents instead of %zu",
                 (unsigned long long)w->seed, n, o->n_episodes);
    for (size_t i = 0; i < n; i++) {
        cr_assert_eq(w->told[i].state, INCIDENT_CLOSED);
        cr_assert_eq(
            memcmp(&w->told[i].episode, &o->episode[i], sizeof *o->episode), 0,
            "seed %llu, type %d: incident %zu: first %lld last %lld fired %lld "
            "count %llu instead of %lld %lld %lld %llu, or other evidence",
            (unsigned long long)w->seed, (int)w->rule.type, i,
            (long long)w->told[i].episode.first_ms,
            (long long)w->told[i].episode.last_ms,
            (long long)w->told[i].episode.fired_ms,
            (unsigned long long)w->told[i].episode.count,
            (long long)o->episode[i].first_ms, (long long)o->episode[i].last_ms,
            (long long)o->episode[i].fired_ms,
            (unsigned long long)o->episode[i].count);
    }
}

static void
world_begin(struct world *w)
{
    w->arena = arena_reserve(64 << 20);
    w->arena_start = w->arena.at;
    w->pool = pool_new(POOL_BYTES);
    w->finder = finder_new(7);
    struct arena scratch = arena_reserve(1 << 20);
    w->teller = (struct teller){.tell = tell,
                               .context = w,
                               .reader = json_reader_new(),
                               .scratch = scratch};
    cr_assert(w->pool && w->finder && w->teller.reader && scratch.at);
}

static void
world_end(struct world *w)
{
    arena_release(w->teller.scratch.at, w->teller.scratch);
    json_reader_free(w->teller.reader);
    finder_free(w->finder);
    pool_free(w->pool);
    arena_release(w->arena_start, w->arena);
    buf_free(&w->saved);
    buf_free(&w->again);
    free(w);
}

static uint64_t
first_seed(void)
{
    const char *given = getenv("SEED");
    int64_t seed = 1;
    if (given)
        cr_assert(str_to_i64(str_of(given), &seed));
    return (uint64_t)seed;
}

static void
run_cases(uint64_t seed, size_t n_cases, size_t max_events, bool small)
{
    struct world *w = calloc(1, sizeof *w);
    size_t n_incidents = 0;
    world_begin(w);
    w->small = small;
    for (size_t i = 0; i < n_cases; i++) {
        struct arena mark = w->arena;
        w->seed = seed + i;
        w->dice.x = w->seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
        random_rule(w);
        size_t n = 1 + roll(&w->dice, max_events);
        random_events(w, n);
        play(w, n);
        oracle_run(&w->oracle);
        compare(w);
        n_incidents += w->oracle.n_episodes;
        w->arena = mark;
    }
    fprintf(stderr, "model: %zu cases from seed %llu, %zu incidents\n", n_cases,
            (unsigned long long)seed, n_incidents);
    cr_assert_gt(n_incidents, n_cases / 4, "the cases say little");
    world_end(w);
}

Test(window_model, random_rules_and_events_agree_with_the_written_meaning,
     .timeout = 300)
{
    run_cases(first_seed(), CASES, 24, true);
}

Test(window_model, long_histories_agree_too, .timeout = 300)
{
    run_cases(first_seed() + 1000000, LONG_CASES, ORACLE_EVENTS, false);
    run_cases(first_seed() + 2000000, LONG_CASES, ORACLE_EVENTS, true);
}
