/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows against the slow, obvious implementation of their meaning
 * (correlation_oracle.h): random rules of every type, random events in any
 * order within the lateness, what need not be kept folded away at any moment,
 * saved and loaded at any moment. What must be equal in the end: first, last,
 * count, fired and the evidence of every incident; of a rule that another
 * refers to also what each firing gave, once. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "correlate/window.h"
#include "model_case.h"
#include "model_rule.h"
#include "oracle_memory.h"

enum {
/* ThreadSanitizer's build is here for threads, and there are none. */
#ifdef __SANITIZE_THREAD__
    N_CASES = 6000,
    N_LONG = 20,
#elif defined __SANITIZE_ADDRESS__
    N_CASES = 20000,
    N_LONG = 100,
#else
    N_CASES = 120000,
    N_LONG = 1000,
#endif
    MAX_TOLD = 2048,
    POOL_BYTES = 64 << 20,
    FEW_VALUES = 8,
    N_TYPES = RISK + 1, /* of chance; TYPE=silence asks for one */
};

/* The end of time: no event lies so far. */
#define ALL_TIME (2 * MAX_EVENT_MS)

struct arrival {
    struct oracle_event event;
    int64_t place_ms; /* when it comes: its time and how late it is */
    uint64_t luck;    /* what happens around it */
};

struct model_case {
    uint64_t seed;
    struct model_rule model;
    int64_t lateness_ms, hold_ms; /* of the watermark, of the floor */
    bool small;                   /* fold at any moment */
    bool restless;                /* restart at every moment */
    struct arrival arrival[ORACLE_EVENTS];
    size_t n;
};

/* An incident as it was last told. */
struct told {
    char id[33], into[33];
    uint32_t revision;
    enum incident_state state;
    struct oracle_episode episode;
};

struct world {
    const struct model_case *at;
    struct pool *pool;
    struct finder *finder;
    struct arena arena;
    char *arena_start;
    struct teller teller;
    struct window *window;
    struct oracle oracle;
    struct told told[MAX_TOLD];
    size_t n_told;
    struct oracle_episode given[MAX_TOLD]; /* as it was when it fired */
    size_t n_given;
    struct buf saved, again;
    char why[512];
};

#define SAY(w, ...)                                                            \
    do {                                                                       \
        if (!(w)->why[0])                                                      \
            snprintf((w)->why, sizeof(w)->why, __VA_ARGS__);                   \
    } while (0)

/* --- the case of a seed */

static int64_t
random_time(struct dice *dice, const struct model_rule *model, uint64_t range)
{
    int64_t unit_ms = model->unit_ms, ms = model->base_ms;
    if (model->rule.type == SPIKE)
        ms += (int64_t)roll(dice, 24) * ORACLE_DAY_MS +
              (int64_t)roll(dice, 1 + range % 4) * unit_ms;
    else
        ms += (int64_t)roll(dice, range) * unit_ms;
    if (unit_ms > 1 && once_in(dice, 2))
        ms += once_in(dice, 2) ? unit_ms - 1
                               : (int64_t)roll(dice, (uint64_t)unit_ms);
    if (model->jump_ms > 0)
        ms += (int64_t)roll(dice, 3) * model->jump_ms;
    return ms;
}

static struct oracle_event
random_event(struct dice *dice, const struct model_rule *model, uint64_t range,
             uint64_t n_values)
{
    const struct correlation *rule = &model->rule;
    uint32_t every = (UINT32_C(1) << rule->n_steps) - 1;
    struct oracle_event event = {
        .ms = random_time(dice, model, range),
        .steps = once_in(dice, 6) ? 1 + (uint32_t)roll(dice, every)
                                  : UINT32_C(1) << roll(dice, rule->n_steps),
        .weight = once_in(dice, 4) ? 1 + (uint32_t)roll(dice, 3) : 1,
        .kind = (enum kind)roll(dice, ORACLE_KINDS),
    };
    struct str value = value_text(roll(dice, n_values));
    if ((rule->n_value_fields > 0 && !correlation_measures(rule)) ||
        rule->type == RISK)
        event.value = value_digest(value);
    if (correlation_measures(rule))
        event.number_of = random_number(dice, model);
    if (rule->type == RISK) {
        event.number_of = (amount)roll(dice, 8) * AMOUNT_ONE;
        event.tactics = random_bits(dice, 15);
    }
    return event;
}

static void
make_events(struct model_case *at, struct dice *dice, size_t most)
{
    uint64_t n_values =
        1 +
        roll(dice, at->model.rule.threshold > 16 ? MODEL_VALUES : FEW_VALUES);
    bool held = once_in(dice, 4);
    at->n = 1 + roll(dice, most);
    uint64_t range = 1 + roll(dice, 4 * at->n);
    int64_t unit_ms = at->model.unit_ms;
    at->lateness_ms = (int64_t)(1 + roll(dice, 40)) * unit_ms;
    at->hold_ms =
        at->lateness_ms + (held ? (int64_t)roll(dice, 40) * unit_ms : 0);
    for (size_t i = 0; i < at->n; i++) {
        struct arrival *arrival = &at->arrival[i];
        int64_t most_ms =
            held && once_in(dice, 4) ? at->hold_ms : at->lateness_ms;
        arrival->event = random_event(dice, &at->model, range, n_values);
        arrival->event.number = (uint32_t)i;
        arrival->place_ms =
            arrival->event.ms + (int64_t)roll(dice, (uint64_t)most_ms);
        arrival->luck = roll(dice, UINT32_MAX);
    }
}

static int
by_place(const void *left, const void *right)
{
    const struct arrival *a = left, *b = right;
    if (a->place_ms != b->place_ms)
        return a->place_ms < b->place_ms ? -1 : 1;
    return a->event.number < b->event.number ? -1 : 1;
}

static void
make_case(struct world *w, struct model_case *at, uint64_t seed, size_t most)
{
    struct dice dice = dice_of(seed);
    struct err why = {""};
    const char *only = getenv("TYPE");
    enum correlation_type type;
    if (!only || !correlation_type_from(str_of(only), &type))
        type = (enum correlation_type)roll(&dice, N_TYPES);
    w->arena.at = w->arena_start;
    at->seed = seed;
    random_rule(&dice, &at->model, type, &w->arena);
    if (once_in(&dice, 3)) {
        static const struct chain_feed feed;
        at->model.rule.feed = &feed;
        at->model.rule.n_feeds = 1;
    }
    if (!correlation_seal(&at->model.rule, &w->arena, &why)) {
        fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why.text);
        abort();
    }
    at->small = !once_in(&dice, 3);
    at->restless = once_in(&dice, 8);
    make_events(at, &dice, most);
    qsort(at->arrival, at->n, sizeof *at->arrival, by_place);
}

static void
make_short(void *world, void *at, uint64_t seed)
{
    make_case(world, at, seed, 24);
}

static void
make_long(void *world, void *at, uint64_t seed)
{
    make_case(world, at, seed, 160);
}

/* --- what the engine tells */

static struct told *
told_of(struct world *w, struct str id)
{
    for (size_t i = 0; i < w->n_told; i++)
        if (str_equal(str_of(w->told[i].id), id))
            return &w->told[i];
    if (w->n_told == MAX_TOLD)
        abort();
    struct told *told = &w->told[w->n_told++];
    memset(told, 0, sizeof *told);
    memcpy(told->id, id.at, id.len);
    return told;
}

static struct oracle_episode
read_episode(const struct world *w, const struct incident *incident)
{
    enum correlation_type type = w->at->model.rule.type;
    struct oracle_episode episode = {.first_ms = incident->first_ms,
                                     .last_ms = incident->last_ms,
                                     .fired_ms = incident->fired_ms,
                                     .count = incident->count};
    if ((type == FIRST_SEEN || type == RARE) && incident->n_key > 0)
        episode.value = value_digest(incident->key[incident->n_key - 1].value);
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *e = &incident->evidence[i];
        episode.proof[e->rule.at[0] - 'a'][e->kind] = (struct oracle_proof){
            e->count, (uint32_t)e->first.offset, (uint32_t)e->last.offset};
    }
    return episode;
}

static void
give(void *context, const struct window *window, const struct episode *episode)
{
    struct world *w = context;
    struct teller teller = w->teller; /* its scratch is given back */
    struct incident incident;
    if (w->n_given == MAX_TOLD)
        abort();
    window_incident(window, episode, &teller, &incident);
    w->given[w->n_given++] = read_episode(w, &incident);
}

static void
tell(void *context, const struct incident *incident)
{
    struct world *w = context;
    struct told *told = told_of(w, incident->id);
    if (incident->revision != told->revision + 1)
        SAY(w, "revision %u after %u", incident->revision, told->revision);
    if (told->state == INCIDENT_MERGED)
        SAY(w, "told after it was merged");
    if (incident->approximate)
        SAY(w, "approximate");
    told->revision = incident->revision;
    told->state = incident->state;
    memset(told->into, 0, sizeof told->into);
    memcpy(told->into, incident->into.at, incident->into.len);
    told->episode = read_episode(w, incident);
}

/* --- events in, time passing */

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    struct world *w = context;
    const struct correlation *rule = &w->at->model.rule;
    return memcmp(&fingerprint, &rule->fingerprint, sizeof fingerprint) == 0
               ? rule
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
    if (!w->window) {
        SAY(w, "not loaded: %s", why.text);
        return;
    }
    if (bytes != window_bytes(w->window))
        SAY(w, "%zu bytes, after a load %zu", bytes, window_bytes(w->window));
    window_save(&w->again, w->window);
    if (!str_equal(buf_str(&w->saved), buf_str(&w->again)))
        SAY(w, "loaded and saved, it is another text");
}

/* The event as the stage gives it. */
static struct event
event_of(const struct model_case *at, const struct oracle_event *event,
         char text[64])
{
    const struct correlation *rule = &at->model.rule;
    struct buf number = {0};
    struct event e = {
        .steps = event->steps,
        .weight = event->weight,
        .value = event->value,
        .number = event->number_of,
        .sighting = {.brief = {.event_ms = event->ms,
                               .arrival_ms = event->ms,
                               .offset = event->number,
                               .kind = event->kind},
                     .topic = STR("t"),
                     .key = STR("[\"h\"]")},
    };
    if (correlation_measures(rule)) {
        amount_write(&number, event->number_of);
        snprintf(text, 64, "%.*s", STR_ARG(buf_str(&number)));
        e.sighting.value = str_of(text);
    }
    for (uint64_t v = 0; v < MODEL_VALUES && event->value; v++)
        if (value_digest(value_text(v)) == event->value)
            e.sighting.value = value_text(v);
    if (rule->type == RISK) {
        snprintf(text, 64, "%d %u %.*s", (int)(event->number_of / AMOUNT_ONE),
                 event->tactics, STR_ARG(e.sighting.value));
        e.sighting.value = str_of(text);
    }
    buf_free(&number);
    return e;
}

/* One event; what took part goes into the oracle. */
static void
apply(struct world *w, const struct arrival *arrival, const struct moment *now)
{
    const struct oracle_event *event = &arrival->event;
    const struct correlation *rule = &w->at->model.rule;
    char text[64];
    struct event e = event_of(w->at, event, text);
    if (!w->window)
        w->window =
            window_new(w->pool, rule, (struct digest){{1, 2}}, STR("[\"h\"]"));
    if (w->at->small)
        w->window->fold_at = (uint32_t)(1 + (arrival->luck >> 16) % 16);
    bool taken = window_apply(w->pool, w->window, &e, now, w->finder);
    if (taken)
        w->oracle.event[w->oracle.n++] = *event;
    else if (event->ms >= now->watermark_ms || correlation_at_once(rule))
        SAY(w, "event %u is refused as too old", event->number);
}

static void
pass_time(struct world *w, const struct moment *now, uint64_t luck)
{
    if (!w->window)
        return;
    window_report(w->pool, w->window, &w->teller);
    for (int tries = 0;; tries++) {
        int64_t due_ms = window_due(w->window);
        if (due_ms == NO_TIME || due_ms >= now->watermark_ms)
            break;
        if (tries == 1000) {
            SAY(w, "due at %lld for ever", (long long)due_ms);
            return;
        }
        /* the stage goes from due time to due time */
        struct moment step = {due_ms + 1, now->floor_ms};
        window_pass(w->pool, w->window, luck & 16 ? &step : now, w->finder,
                    &w->teller);
    }
    if (window_sweep_due(w->window) < now->floor_ms) {
        window_free(w->pool, w->window);
        w->window = NULL;
    } else if (w->at->restless || luck % 8 == 0) {
        restart(w);
    }
}

static void
play(struct world *w)
{
    const struct model_case *at = w->at;
    struct moment now = {NO_TIME, NO_TIME};
    for (size_t i = 0; i < at->n && !w->why[0]; i++) {
        const struct arrival *arrival = &at->arrival[i];
        if (arrival->luck % 4 > 0)
            now = (struct moment){arrival->place_ms - at->lateness_ms + 1,
                                  arrival->place_ms - at->hold_ms + 1};
        if ((arrival->luck >> 24) % 2 > 0)
            pass_time(w, &now, arrival->luck >> 12);
        if (!w->why[0])
            apply(w, arrival, &now);
        if (!w->why[0] && (at->restless || (arrival->luck >> 4) % 3 > 0))
            pass_time(w, &now, arrival->luck >> 8);
    }
    now = (struct moment){ALL_TIME, ALL_TIME};
    if (!w->why[0])
        pass_time(w, &now, at->seed % 2 ? 1 : 17);
    if (w->window)
        SAY(w, "something stays when all time has passed");
    if (!w->window && pool_used(w->pool) != 0)
        SAY(w, "%zu bytes lost", pool_used(w->pool));
}

/* --- the comparison */

static int
by_episode(const void *left, const void *right)
{
    const struct oracle_episode *a = left, *b = right;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    return memcmp(a, b, sizeof *a);
}

static size_t
final_ones(struct world *w, struct oracle_episode *final)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n_told; i++) {
        const struct told *told = &w->told[i];
        size_t j = 0;
        while (j < w->n_told && strcmp(w->told[j].id, told->into) != 0)
            j++;
        if (told->state == INCIDENT_MERGED && j == w->n_told)
            SAY(w, "merged into nothing");
        if (told->state == INCIDENT_OPEN)
            SAY(w, "open when all time has passed");
        if (told->state != INCIDENT_MERGED)
            final[n++] = told->episode;
    }
    return n;
}

static void
compare_all(struct world *w, const char *what, struct oracle_episode *are,
            size_t n, struct oracle_episode *should_be, size_t n_should)
{
    qsort(are, n, sizeof *are, by_episode);
    qsort(should_be, n_should, sizeof *should_be, by_episode);
    for (size_t i = 0; i < n && i < n_should; i++) {
        const struct oracle_episode *is = &are[i], *should = &should_be[i];
        int64_t base_ms = w->at->model.base_ms;
        if (memcmp(is, should, sizeof *is) != 0)
            SAY(w,
                "%s %zu of %zu: first %lld last %lld fired %lld count "
                "%llu instead of %lld %lld %lld %llu of %zu, or other evidence",
                what, i, n, (long long)(is->first_ms - base_ms),
                (long long)(is->last_ms - base_ms),
                (long long)(is->fired_ms - base_ms),
                (unsigned long long)is->count,
                (long long)(should->first_ms - base_ms),
                (long long)(should->last_ms - base_ms),
                (long long)(should->fired_ms - base_ms),
                (unsigned long long)should->count, n_should);
    }
    if (n != n_should)
        SAY(w, "%zu %ss instead of %zu", n, what, n_should);
}

static void
compare(struct world *w)
{
    static struct oracle_episode final[MAX_TOLD], given[ORACLE_EVENTS];
    struct oracle *o = &w->oracle;
    const struct correlation *rule = o->rule;
    size_t n_given = oracle_given(o, given), n = final_ones(w, final);
    bool falls = rule->type == VALUE_SUM && !correlation_laid(rule) &&
                 !rule->never_negative; /* each firing as it happens */
    if (rule->n_feeds > 0 && !falls)
        compare_all(w, "firing", w->given, w->n_given, given, n_given);
    else if (rule->n_feeds == 0 && w->n_given > 0)
        SAY(w, "it gives what nobody asked for");
    compare_all(w, "incident", final, n, o->episode, o->n_episodes);
}

static const char *
case_fails(void *world, void *at, uint64_t *n_incidents)
{
    struct world *w = world;
    w->at = at;
    w->n_told = w->n_given = 0;
    w->oracle.rule = &w->at->model.rule;
    w->oracle.n = 0;
    play(w);
    if (!w->why[0]) {
        oracle_run(&w->oracle);
        compare(w);
    }
    *n_incidents += w->oracle.n_episodes;
    return w->why[0] ? w->why : NULL;
}

/* --- made small, printed */

/* First events are left out, then steps of events and weights. */
static bool
drop_part(void *context, size_t part)
{
    struct model_case *at = context;
    if (part < at->n) {
        at->n--;
        memmove(&at->arrival[part], &at->arrival[part + 1],
                (at->n - part) * sizeof *at->arrival);
        return true;
    }
    part -= at->n;
    if (part < at->n) {
        at->arrival[part].event.weight = 1;
        at->arrival[part].event.kind = KIND_NONE;
        at->arrival[part].event.steps &= at->arrival[part].event.steps - 1;
        return at->arrival[part].event.steps != 0 || drop_part(at, part);
    }
    return false;
}

static void
print_case(const void *context, FILE *to)
{
    const struct model_case *at = context;
    print_rule(&at->model.rule, to);
    if (at->model.rule.n_feeds > 0)
        fprintf(to, "another refers to it\n");
    fprintf(to, "lateness %lld, floor %lld%s%s\n", (long long)at->lateness_ms,
            (long long)at->hold_ms, at->small ? ", folds" : "",
            at->restless ? ", restarts always" : "");
    for (size_t i = 0; i < at->n; i++) {
        const struct arrival *arrival = &at->arrival[i];
        struct buf number = {0};
        fprintf(to, "  %lld event %u, comes at %lld: rules",
                (long long)(arrival->event.ms - at->model.base_ms),
                arrival->event.number,
                (long long)(arrival->place_ms - at->model.base_ms));
        for (size_t s = 0; s < at->model.rule.n_steps; s++)
            if (arrival->event.steps >> s & 1)
                fprintf(to, " %c", (char)('a' + s));
        amount_write(&number, arrival->event.number_of);
        fprintf(to, ", number %.*s, value %04x, tactics %u, alerts %u%s%s\n",
                STR_ARG(buf_str(&number)),
                (unsigned)(arrival->event.value & 0xffff),
                arrival->event.tactics, arrival->event.weight,
                arrival->luck % 4 > 0 ? ", watermark" : "",
                (arrival->luck >> 4) % 3 > 0 ? ", time passes" : "");
        buf_free(&number);
    }
}

static void *
world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_reserve(64 << 20);
    w->arena_start = w->arena.at;
    w->pool = pool_new(POOL_BYTES);
    w->finder = finder_new(7);
    w->teller = (struct teller){.tell = tell,
                                .chain = give,
                                .context = w,
                                .reader = json_reader_new(),
                                .scratch = arena_reserve(1 << 20)};
    if (!w->arena_start || !w->pool || !w->finder || !w->teller.reader ||
        !w->teller.scratch.at)
        abort();
    return w;
}

static const struct model_ops short_ones = {
    .name = "window_model",
    .cases = "CASES",
    .case_bytes = sizeof(struct model_case),
    .world_new = world_new,
    .make = make_short,
    .fails = case_fails,
    .drop = drop_part,
    .print = print_case,
};

Test(window_model, random_rules_and_events_agree_with_the_written_meaning,
     .timeout = 36000)
{
    model_run(&short_ones, N_CASES);
}

Test(window_model, long_histories_agree_too, .timeout = 36000)
{
    struct model_ops long_ones = short_ones;
    long_ones.cases = "LONG_CASES";
    long_ones.make = make_long;
    model_run(&long_ones, N_LONG);
}
