/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules and the whole correlate stage against docs/correlation.md
 * (oracle_set.h): random rules as YAML, random alerts of several sources,
 * routed over several partitions of soc.windows, which read in any turn, in
 * batches of any size, and end and begin again at any moment. What must be
 * equal in the end: rule, key, first, last, fired and count of every
 * incident. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "correlate/route.h"
#include "model_bus.h"
#include "model_case.h"
#include "model_rule.h"
#include "model_set.h"

#include <sys/mman.h>

enum {
#ifdef __SANITIZE_THREAD__
    N_CASES = 100,
#elif defined __SANITIZE_ADDRESS__
    N_CASES = 300,
#else
    N_CASES = 3000,
#endif
    MAX_SOURCES_HERE = 3,
};

/* When all has been said. Time went on until then; at MAX_EVENT_MS a log would
 * be over, and nobody silent after its last event. */
#define END_MS (MAX_EVENT_MS - 1)

struct set_case {
    uint64_t seed;
    char yaml[8192];
    int n_sources, n_logs;
    int64_t unit_ms;   /* times are whole numbers of it, or nearly so */
    bool apart;        /* chained records in a topic of their own */
    int64_t report_ms; /* how often levels say how far they are */
    struct set_alert alert[SET_ALERTS]; /* in order of arrival */
    uint64_t luck[SET_ALERTS];          /* what happens around it */
    size_t n;
    bool restless;
};

struct world {
    const struct rules *rules;
    struct complaints complaints;
    struct arena arena, scratch;
    char *arena_start, *scratch_start;
    struct json_reader *reader;
    struct window_batch *batch;
    struct bus bus;
    struct set_oracle set;
    struct buf text;
    int64_t offset[MAX_SOURCES_HERE], told_ms[MAX_SOURCES_HERE];
    bool late[SET_ALERTS]; /* older than what its source had told */
    char why[1024];
};

static const char *const sources[MAX_SOURCES_HERE] = {"s0", "s1", "s2"};

/* --- the case of a seed */

struct arrival {
    int64_t ms;
    size_t alert;
};

static int
by_place(const void *left, const void *right)
{
    const struct arrival *a = left, *b = right;
    if (a->ms != b->ms)
        return a->ms < b->ms ? -1 : 1;
    return a->alert < b->alert ? -1 : 1;
}

/* Of each source shuffled within its lateness; the sources among each other
 * within 30 units of time. */
static void
shuffle(struct dice *dice, struct set_case *at)
{
    static struct set_alert alerts[SET_ALERTS];
    struct arrival place[SET_ALERTS];
    int64_t behind_ms[MAX_SOURCES_HERE], late_ms[MAX_SOURCES_HERE];
    for (int s = 0; s < MAX_SOURCES_HERE; s++) {
        behind_ms[s] = (int64_t)roll(dice, 30) * at->unit_ms;
        late_ms[s] = 1 + (int64_t)roll(dice, 20) * at->unit_ms;
    }
    for (size_t i = 0; i < at->n; i++) {
        const struct set_alert *alert = &at->alert[i];
        place[i] = (struct arrival){
            alert->ms + behind_ms[alert->source] +
                (int64_t)roll(dice, (uint64_t)late_ms[alert->source]) +
                (alert->straggles
                     ? (int64_t)roll(dice, 60 * (uint64_t)at->unit_ms)
                     : 0),
            i};
    }
    qsort(place, at->n, sizeof *place, by_place);
    for (size_t i = 0; i < at->n; i++)
        alerts[i] = at->alert[place[i].alert];
    memcpy(at->alert, alerts, at->n * sizeof *alerts);
}

static bool
load(struct world *w, const char *yaml)
{
    char path[64];
    const char *paths[] = {path};
    struct str text = str_of(yaml);
    int file = memfd_create("rules", MFD_CLOEXEC);
    if (file < 0 || write(file, text.at, text.len) != (ssize_t)text.len)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    w->arena.at = w->arena_start;
    complaints_free(&w->complaints);
    w->rules = rules_load(paths, 1, false, &w->arena, &w->complaints);
    close(file);
    if (!w->rules)
        abort();
    return w->complaints.n_errors == 0;
}

/* Rules that are refused (`a and not a`, limits that nothing reaches, …) are
 * made again. */
static void
make_rules(struct world *w, struct set_case *at, struct dice *dice)
{
    struct buf yaml = {0}, all = {0};
    size_t n_rules = 1 + roll(dice, once_in(dice, 4) ? 6 : 3);
    bool chained = !getenv("ALONE") && once_in(dice, 2);
    yaml_detections(&all);
    for (size_t r = 0; r < n_rules; r++) {
        size_t before = all.len;
        for (int tries = 0; tries < 200; tries++) {
            buf_clear(&yaml);
            yaml_correlation(dice, &yaml, r, chained,
                             at->unit_ms > 1000 ? 'h' : 's');
            buf_add(&all, buf_str(&yaml));
            snprintf(at->yaml, sizeof at->yaml, "%.*s", STR_ARG(buf_str(&all)));
            if (load(w, at->yaml))
                break;
            all.len = before;
        }
    }
    snprintf(at->yaml, sizeof at->yaml, "%.*s", STR_ARG(buf_str(&all)));
    buf_free(&yaml);
    buf_free(&all);
}

static void
make_case(void *world, void *context, uint64_t seed)
{
    struct world *w = world;
    struct set_case *at = context;
    struct dice dice = dice_of(seed);
    at->seed = seed;
    at->unit_ms = once_in(&dice, 4) ? ORACLE_HOUR_MS : 1000;
    make_rules(w, at, &dice);
    at->n_sources = 1 + (int)roll(&dice, MAX_SOURCES_HERE);
    at->n_logs = 1 + (int)roll(&dice, BUS_PARTITIONS);
    at->apart = !once_in(&dice, 4);
    at->restless = once_in(&dice, 8);
    at->report_ms = once_in(&dice, 3) ? 5000 : 0;
    at->n = 1 + roll(&dice, SET_ALERTS);
    uint64_t range = 1 + roll(&dice, 2 * at->n);
    for (size_t i = 0; i < at->n; i++) {
        random_alert(&dice, &at->alert[i], range, at->unit_ms);
        at->alert[i].source = (int)roll(&dice, (uint64_t)at->n_sources);
        at->luck[i] = roll(&dice, UINT32_MAX);
    }
    shuffle(&dice, at);
}

/* --- alerts and progress on to soc.windows */

static void
tell(struct world *w, const struct set_case *at, int source,
     int64_t watermark_ms)
{
    struct progress progress = {.topic = str_of(sources[source]),
                                .incarnation = 1,
                                .offset = w->offset[source],
                                .watermark_ms = watermark_ms};
    buf_clear(&w->text);
    progress_write(&w->text, &progress, 1);
    for (int p = 0; p < at->n_logs; p++)
        bus_add(&w->bus, p, buf_str(&w->text));
}

/* One record of a source: as many alerts as it has in a row, up to three. */
static size_t
read_record(struct world *w, const struct set_case *at, size_t first,
            struct route *route)
{
    struct sink sink = {bus_take, &w->bus};
    int source = at->alert[first].source;
    size_t n = 0;
    struct window_cause cause = {.topic = str_of(sources[source]),
                                 .incarnation = 1,
                                 .offset = w->offset[source]};
    while (n < 1 + at->luck[first] % 3 && first + n < at->n &&
           at->alert[first + n].source == source) {
        const struct set_alert *from = &at->alert[first + n];
        struct arena scratch = w->scratch;
        struct matched out;
        char json[512];
        w->late[first + n] = from->ms < w->told_ms[source];
        alert_json(from, json, sizeof json);
        struct alert alert = {
            .position = {cause.topic, 0, 1, cause.offset, (uint32_t)n},
            .source = cause.topic,
            .alert_id = STR("id"),
            .event_ms = from->ms,
            .arrival_ms = from->ms + 1000,
            .severity = SEVERITY_LOW,
            .kind = from->kind,
        };
        if (json_read(w->reader, str_of(json), &scratch, &alert.event) !=
            JSON_FINE)
            abort();
        route_ops()->match(route, &alert, &scratch, w->batch, &out);
        n++;
    }
    window_batch_flush(w->batch, &cause, STR("soc.windows"), &sink);
    w->offset[source]++;
    return n;
}

/* The highest W that is legal: no event older than it is still to come. */
static int64_t
legal_watermark(const struct set_case *at, size_t from, int source)
{
    int64_t ms = MAX_EVENT_MS;
    for (size_t i = from; i < at->n; i++)
        if (at->alert[i].source == source && !at->alert[i].straggles &&
            at->alert[i].ms < ms)
            ms = at->alert[i].ms;
    return ms;
}

/* --- the service: everybody reads in any turn */

static void
some_turns(struct world *w, const struct set_case *at, struct dice *dice)
{
    for (uint64_t i = roll(dice, 12); i > 0; i--) {
        int p = (int)roll(dice, (uint64_t)w->bus.n_logs);
        if (bus_apply(&w->bus, p) && (at->restless || once_in(dice, 8)))
            bus_commit(&w->bus, p);
        if (at->restless || once_in(dice, 16))
            bus_restart(&w->bus, p);
    }
}

static void
drain(struct world *w, const struct set_case *at, struct dice *dice)
{
    for (bool more = true; more && !w->bus.why[0];) {
        more = false;
        for (int p = 0; p < w->bus.n_logs; p++)
            more |= bus_has_more(&w->bus, p);
        if (more)
            some_turns(w, at, dice);
        for (int p = 0; p < w->bus.n_logs; p++)
            if (once_in(dice, 4))
                while (bus_apply(&w->bus, p))
                    continue;
    }
}

static void
play(struct world *w, const struct set_case *at, struct dice *dice)
{
    struct route *route = route_new(w->rules, NULL, NULL);
    if (!route)
        abort();
    for (int s = 0; s < at->n_sources; s++) {
        w->offset[s] = 1;
        w->told_ms[s] = NO_TIME;
        tell(w, at, s, NO_TIME);
    }
    for (size_t i = 0; i < at->n;) {
        uint64_t luck = at->luck[i] >> 8;
        size_t n = read_record(w, at, i, route);
        if ((luck >> 10) % 8 == 0) { /* ingest ended and read it again */
            w->offset[at->alert[i].source]--;
            read_record(w, at, i, route);
        }
        i += n;
        int s = (int)(luck % (uint64_t)at->n_sources);
        int64_t ms = legal_watermark(at, i, s) - (int64_t)(luck >> 4) % 3;
        if (ms < MAX_EVENT_MS - 10 && ms > w->told_ms[s] && (luck & 8)) {
            w->told_ms[s] = ms;
            tell(w, at, s, ms);
        }
        some_turns(w, at, dice);
    }
    /* the last word of each level comes when there is time to say it, and now
     * there is: who hears little has few records to tell time by */
    w->bus.plan.report_ms = 0;
    for (int times = at->report_ms > 0 ? 30 : 1; times > 0; times--) {
        for (int s = 0; s < at->n_sources; s++)
            tell(w, at, s, END_MS);
        drain(w, at, dice);
    }
    route_free(route);
}

/* --- the oracle's side */

static const struct correlation *
rule_by_id(const struct world *w, const char *id)
{
    for (size_t i = 0; i < rules_n_correlations(w->rules); i++)
        if (str_equal(rules_correlation(w->rules, i)->id, str_of(id)))
            return rules_correlation(w->rules, i);
    return NULL;
}

static int
by_position(const void *left, const void *right)
{
    const struct set_alert *const *a = left, *const *b = right;
    if ((*a)->source != (*b)->source)
        return (*a)->source < (*b)->source ? -1 : 1;
    return *a < *b ? -1 : *a > *b;
}

static void
ask_oracle(struct world *w, const struct set_case *at)
{
    const struct set_alert *sorted[SET_ALERTS];
    struct set_oracle *set = &w->set;
    set->n_rules = 0;
    for (int r = 0; r < SET_RULES; r++) {
        char id[8];
        snprintf(id, sizeof id, "r%d", r);
        if (rule_by_id(w, id))
            set->rule[set->n_rules++] = rule_by_id(w, id);
    }
    for (size_t i = 0; i < at->n; i++)
        sorted[i] = &at->alert[i];
    qsort(sorted, at->n, sizeof(*sorted), by_position);
    set->n = 0;
    for (size_t i = 0; i < at->n; i++)
        if (!w->late[sorted[i] - at->alert])
            set->item[set->n++] = item_of(sorted[i], (uint32_t)i + 1);
    set_run(set);
}

/* --- the comparison */

static int
by_all(const void *left, const void *right)
{
    const struct set_incident *a = left, *b = right;
    int order = strcmp(a->rule, b->rule);
    if (order == 0)
        order = strcmp(a->key, b->key);
    if (order == 0)
        order = a->first_ms < b->first_ms ? -1 : a->first_ms > b->first_ms;
    return order;
}

/* The silence of a member is over when it speaks. */
static bool
lasts(const struct world *w, const char *rule)
{
    return rule_by_id(w, rule)->n_members > 0;
}

static size_t
final_ones(struct world *w, struct set_incident *final)
{
    struct bus *bus = &w->bus;
    size_t n = 0;
    for (size_t i = 0; i < bus->n_incidents; i++) {
        const struct bus_incident *kept = &bus->incident[i];
        struct set_incident *one = &final[n];
        if (kept->state == INCIDENT_MERGED)
            continue;
        if (kept->approximate)
            BUS_SAY(bus, "an incident of %s is approximate", kept->rule);
        if (kept->state == INCIDENT_OPEN && !lasts(w, kept->rule))
            BUS_SAY(bus, "an incident of %s is open: [%s] first %lld last %lld",
                    kept->rule, kept->key, (long long)kept->first_ms,
                    (long long)kept->last_ms);
        memset(one, 0, sizeof *one);
        snprintf(one->rule, sizeof one->rule, "%s", kept->rule);
        for (size_t k = 0; kept->key[k]; k++)
            one->key[k] = (char)tolower((unsigned char)kept->key[k]);
        one->first_ms = kept->first_ms;
        one->last_ms = kept->last_ms;
        one->fired_ms = kept->fired_ms;
        one->count = kept->count;
        n++;
    }
    return n;
}

static void
say_incident(char *to, size_t size, const struct set_incident *is)
{
    int64_t base_ms = INT64_C(1704067200000);
    snprintf(to, size, "%s [%s] first %lld last %lld fired %lld count %llu",
             is->rule, is->key, (long long)(is->first_ms - base_ms),
             (long long)(is->last_ms - base_ms),
             (long long)(is->fired_ms - base_ms),
             (unsigned long long)is->count);
}

static void
compare(struct world *w)
{
    static struct set_incident is[BUS_INCIDENTS];
    struct set_incident *should = w->set.final;
    size_t n = final_ones(w, is), i = 0;
    char a[600] = "nothing", b[600] = "nothing";
    qsort(is, n, sizeof *is, by_all);
    qsort(should, w->set.n_final, sizeof *should, by_all);
    while (i < n && i < w->set.n_final &&
           memcmp(&is[i], &should[i], sizeof *is) == 0)
        i++;
    if (i == n && i == w->set.n_final)
        return;
    if (i < n)
        say_incident(a, sizeof a, &is[i]);
    if (i < w->set.n_final)
        say_incident(b, sizeof b, &should[i]);
    BUS_SAY(&w->bus, "%zu incidents, should be %zu: %s instead of %s", n,
            w->set.n_final, a, b);
}

static const char *
case_fails(void *world, void *context, uint64_t *n_incidents)
{
    struct world *w = world;
    const struct set_case *at = context;
    struct dice dice = dice_of(at->seed * 31);
    struct err why = {""};
    load(w, at->yaml);
    bus_open(&w->bus, at->n_logs, at->apart, at->report_ms);
    w->bus.packing = at->seed % 4 > 0 ? dice_of(at->seed) : (struct dice){0};
    for (size_t i = 0; i < rules_n_correlations(w->rules); i++)
        if (!registry_learn(w->bus.registry,
                            rules_correlation(w->rules, i)->text, &why))
            BUS_SAY(&w->bus, "not learnt: %s", why.text);
    for (size_t i = 0; i < rules_n_correlations(w->rules) && model_aloud; i++)
        print_rule(rules_correlation(w->rules, i), stderr);
    w->batch = window_batch_new(at->n_logs);
    play(w, at, &dice);
    ask_oracle(w, at);
    if (!w->set.full && !w->bus.why[0])
        compare(w);
    *n_incidents += w->set.n_final;
    snprintf(w->why, sizeof w->why, "%s", w->bus.why);
    window_batch_free(w->batch);
    bus_close(&w->bus);
    return w->why[0] ? w->why : NULL;
}

/* --- made small, printed */

static bool
drop_rule(struct set_case *at, size_t number)
{
    char *from = at->yaml;
    for (size_t i = 0; i <= SET_DETECTIONS - 1 + number; i++) {
        from = strstr(from, "---\n");
        if (!from)
            return false;
        from += 4;
    }
    char *to = strstr(from, "---\n");
    if (!to)
        return false;
    memmove(from, to + 4, strlen(to + 4) + 1);
    return true;
}

static bool
drop_part(void *context, size_t part)
{
    struct set_case *at = context;
    if (part < at->n) {
        at->n--;
        memmove(&at->alert[part], &at->alert[part + 1],
                (at->n - part) * sizeof *at->alert);
        memmove(&at->luck[part], &at->luck[part + 1],
                (at->n - part) * sizeof *at->luck);
        return true;
    }
    return drop_rule(at, part - at->n);
}

static void
print_case(const void *context, FILE *to)
{
    const struct set_case *at = context;
    fprintf(to, "%d partitions%s%s\n%s", at->n_logs,
            at->apart ? ", chained apart" : "",
            at->restless ? ", restarts always" : "",
            strstr(at->yaml, "title: r") ? strstr(at->yaml, "title: r") : "");
    for (size_t i = 0; i < at->n; i++) {
        char json[512];
        alert_json(&at->alert[i], json, sizeof json);
        fprintf(to, "  %lld from s%d: %s%s\n",
                (long long)(at->alert[i].ms - INT64_C(1704067200000)),
                at->alert[i].source, json,
                at->alert[i].straggles ? " straggles" : "");
    }
}

static void *
world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_reserve(RULES_ARENA_BYTES);
    w->arena_start = w->arena.at;
    w->scratch = arena_reserve((size_t)64 << 20);
    w->scratch_start = w->scratch.at;
    w->reader = json_reader_new();
    w->bus.scratch = arena_reserve((size_t)64 << 20);
    w->bus.reader = json_reader_new();
    if (!w->arena_start || !w->scratch_start || !w->reader ||
        !w->bus.scratch.at || !w->bus.reader)
        abort();
    return w;
}

Test(correlate_model, rules_partitions_and_restarts_agree_with_the_meaning,
     .timeout = 36000)
{
    static const struct model_ops ops = {
        .name = "correlate_model",
        .cases = "CASES",
        .case_bytes = sizeof(struct set_case),
        .world_new = world_new,
        .make = make_case,
        .fails = case_fails,
        .drop = drop_part,
        .print = print_case,
    };
    model_run(&ops, N_CASES);
}
