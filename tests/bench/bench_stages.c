/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU per alert by step of the ingest stage, and heap allocations per alert
 * after warm-up, over a file of messages held in memory: no Kafka, no Redis.
 *
 *   bench_stages [--once] MAPPING INVENTORY GEO FILE
 *
 * GEO is a MaxMind DB, or '-'. Each variant runs one step more than the one
 * before it; a step's cost is the difference within one round, and what is
 * printed the median of the rounds. --once runs everything once and prints
 * nothing but the number of alerts: for callgrind. */
#include "base/file.h"
#include "cpu.h"
#include "ingest/ingest.h"
#include "tests/tools/count_allocations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS = 7,
    MAX_LINES = 200000,
    FILE_BYTES = 1 << 30,
    SAVE_EVERY = 4096, /* messages, as a batch under load */
};

#define ARRIVAL_MS INT64_C(1790000000000)
#define NEXT_PASS_MS INT64_C(2592000000) /* past any time of duplicates */

/* --- what is run */

enum stage_step { PARSE, NORMALISE, ENRICH, COUNT, WRITE_FEED, N_STEPS };

struct bench {
    const struct source *source;
    struct site site;
    struct ingest_plan plan[2]; /* without and with the feed */
    struct ingest *ingest[2];
    struct geo_db *geo;
    struct decoder *decoder;
    struct arena scratch;
    struct str *line;
    size_t n;
    int64_t save_ns; /* within the variant under way */
    uint64_t sink;   /* keeps results from being thrown away */
};

static void
enrich(struct bench *b, struct arena *scratch, struct alert *alert)
{
    inventory_apply(b->site.inventory, alert);
    if (alert->field[ALERT_SRC_IP].len > 0)
        geo_find(b->geo, alert->field[ALERT_SRC_IP], scratch, &alert->src_geo);
    if (alert->field[ALERT_DST_IP].len > 0)
        geo_find(b->geo, alert->field[ALERT_DST_IP], scratch, &alert->dst_geo);
}

/* The first steps, called one by one; what follows is all of ingest_apply. */
static void
run_line(struct bench *b, struct str line, enum stage_step last)
{
    struct arena scratch = b->scratch;
    const struct element *elements;
    size_t n;
    if (source_split(b->source, b->decoder, line, &scratch, &elements, &n) !=
            SPLIT_FINE ||
        last == PARSE)
        return;
    for (size_t i = 0; i < n; i++) {
        struct alert alert = {.raw = elements[i].raw,
                              .event = elements[i].event,
                              .position = {STR("t"), 0, 1, 0, 0}};
        if (elements[i].fault != SPLIT_FINE ||
            source_map(b->source, &elements[i], ARRIVAL_MS, &scratch, &alert) !=
                SPLIT_FINE)
            continue;
        if (last == ENRICH)
            enrich(b, &scratch, &alert);
        b->sink += alert.unit.len + alert.src_geo.country.len;
    }
}

static void
drop_output(void *context, const struct output *output, bool bulk)
{
    struct bench *b = context;
    (void)bulk;
    b->sink += output->value.len;
}

static void
drop_field(void *context, size_t table, struct str field, struct str value)
{
    struct bench *b = context;
    (void)table;
    b->sink += field.len + value.len;
}

/* One pass of ingest_apply over all lines, saved now and then as batches are.
 */
static void
run_apply(struct bench *b, void *state, int64_t arrival_ms)
{
    const struct stage_ops *ops = ingest_ops();
    struct sink sink = {drop_output, b};
    struct emit emit = {drop_field, b};
    for (size_t i = 0; i < b->n; i++) {
        struct err why;
        struct record record = {.topic = STR("t"),
                                .offset = (int64_t)i,
                                .timestamp_ms = arrival_ms,
                                .value = b->line[i]};
        ops->apply(state, &record, 1, &sink, &why);
        if (i % SAVE_EVERY < SAVE_EVERY - 1 && i + 1 < b->n)
            continue;
        int64_t from = thread_cpu_ns();
        ops->state_save(state, false, &emit);
        b->save_ns += thread_cpu_ns() - from;
    }
}

/* Microseconds per alert of everything up to `last`, but for saving. */
static double
run_variant(struct bench *b, enum stage_step last)
{
    struct ingest *ingest = b->ingest[last == WRITE_FEED];
    void *state =
        last >= COUNT ? ingest_ops()->state_new(ingest, STR("t"), 0) : NULL;
    b->save_ns = 0;
    int64_t from = thread_cpu_ns();
    if (state)
        run_apply(b, state, ARRIVAL_MS);
    for (size_t i = 0; !state && i < b->n; i++)
        run_line(b, b->line[i], last);
    int64_t ns = thread_cpu_ns() - from - b->save_ns;
    if (state)
        ingest_ops()->state_free(state);
    return (double)ns / 1e3 / (double)b->n;
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void
tell_median(const char *name, double *round)
{
    qsort(round, ROUNDS, sizeof *round, by_value);
    printf("%s_us %.2f\n", name, round[ROUNDS / 2]);
}

static void
bench_steps(struct bench *b)
{
    static const char *const name[N_STEPS] = {"parse", "normalise", "enrich",
                                              "count", "write_feed"};
    double cost[N_STEPS][ROUNDS], save[ROUNDS], whole[ROUNDS];
    for (int r = 0; r < ROUNDS; r++) {
        double before = 0;
        for (int step = 0; step < N_STEPS; step++) {
            double now = run_variant(b, (enum stage_step)step);
            cost[step][r] = now - before;
            before = now;
        }
        save[r] = (double)b->save_ns / 1e3 / (double)b->n;
        whole[r] = before + save[r];
    }
    for (int step = 0; step < N_STEPS; step++)
        tell_median(name[step], cost[step]);
    tell_median("save", save);
    tell_median("whole", whole);
}

/* The first pass fills the tables; the second, so much later that nothing is a
 * duplicate any more, finds them as large as they will be. */
static void
bench_allocations(struct bench *b)
{
    void *state = ingest_ops()->state_new(b->ingest[1], STR("t"), 0);
    run_apply(b, state, ARRIVAL_MS);
    uint64_t before = n_allocations;
    run_apply(b, state, ARRIVAL_MS + NEXT_PASS_MS);
    printf("allocations %" PRIu64 "\n", n_allocations - before);
    ingest_ops()->state_free(state);
}

/* --- what it is run over */

static const struct source *
source_of(const struct site *site, struct str topic)
{
    (void)topic;
    return ((const struct bench *)site->owner)->source;
}

static bool
load(struct bench *b, char **argv, struct arena *arena)
{
    struct complaints complaints = {0};
    struct str text, line;
    struct err why = {""};
    b->source = source_load(argv[0], arena, &complaints);
    b->site.inventory = inventory_load(argv[1], 0, arena, &complaints);
    if (!b->source || !b->site.inventory ||
        !file_read(argv[3], FILE_BYTES, arena, &text, &why)) {
        fprintf(stderr, "%.*s%s\n", STR_ARG(buf_str(&complaints.text)),
                why.text);
        return false;
    }
    b->line = arena_take(arena, MAX_LINES, sizeof *b->line);
    while (b->line && b->n < MAX_LINES && str_split(&text, '\n', &line))
        if (line.len > 0)
            b->line[b->n++] = line;
    return b->n > 0;
}

static bool
make(struct bench *b, const char *geo)
{
    b->site.source_of = source_of;
    b->site.owner = b;
    bool fine = true;
    for (int feed = 0; feed < 2; feed++) {
        b->plan[feed] = (struct ingest_plan){.site = &b->site,
                                             .geo_database = geo,
                                             .alerts_topic = STR("a"),
                                             .deadletter_topic = STR("d"),
                                             .feed = feed == 1,
                                             .version = STR("bench")};
        b->ingest[feed] = ingest_new(&b->plan[feed]);
        fine = fine && b->ingest[feed];
    }
    b->geo = geo_open(geo);
    b->decoder = decoder_new();
    b->scratch = arena_reserve(SCRATCH_BYTES);
    return fine && b->geo && b->decoder && b->scratch.at;
}

int
main(int argc, char **argv)
{
    static struct bench b;
    bool once = argc == 6 && strcmp(argv[1], "--once") == 0;
    struct arena arena = arena_reserve((size_t)2 << 30);
    if (argc != 5 + once) {
        fprintf(stderr, "usage: bench_stages [--once] MAPPING INVENTORY GEO "
                        "FILE\n");
        return 2;
    }
    argv += 1 + once;
    if (!arena.at || !load(&b, argv, &arena) ||
        !make(&b, strcmp(argv[2], "-") == 0 ? "" : argv[2]))
        return 1;
    printf("alerts %zu\n", b.n);
    if (once) {
        run_variant(&b, WRITE_FEED);
        return 0;
    }
    bench_steps(&b);
    bench_allocations(&b);
    return 0;
}
