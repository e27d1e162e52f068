/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU per alert by step of the ingest stage, and heap allocations per alert
 * after warm-up, over a file of messages held in memory: no Kafka, no Redis.
 * Each row runs one step more than the row above; a step's cost is the
 * difference. Times are medians of rounds in one process.
 *
 *   bench_stages MAPPING INVENTORY FILE… */
#include "base/file.h"
#include "base/times.h"
#include "ingest/feed.h"
#include "ingest/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7, MAX_LINES = 200000, FILE_BYTES = 512 << 20 };

/* --- every allocation is counted */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);
static _Thread_local uint64_t n_allocations;

void *
malloc(size_t size)
{
    n_allocations++;
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    n_allocations++;
    return __libc_calloc(n, size);
}

void *
realloc(void *at, size_t size)
{
    n_allocations++;
    return __libc_realloc(at, size);
}

struct bench {
    const struct source *source;
    struct site site;
    struct ingest *ingest;
    struct decoder *decoder;
    struct arena scratch;
    struct str *line;
    size_t n;
    uint64_t sink;
    struct buf out;
};

enum step { PARSE, NORMALISE, ENRICH, WRITE_FEED, N_STEPS };

static double
cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
run_line(struct bench *b, struct str line, enum step last)
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
            source_map(b->source, &elements[i], 0, &scratch, &alert) !=
                SPLIT_FINE ||
            last == NORMALISE)
            continue;
        if (b->site.inventory)
            inventory_apply(b->site.inventory, &alert);
        if (last == ENRICH)
            continue;
        buf_clear(&b->out);
        feed_write(&b->out, &alert);
        b->sink += b->out.len;
    }
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double
median_us(double *round)
{
    qsort(round, ROUNDS, sizeof *round, by_value);
    return round[ROUNDS / 2];
}

static void
bench_steps(struct bench *b)
{
    static const char *const name[N_STEPS] = {"parse", "normalise", "enrich",
                                              "write feed"};
    double before = 0;
    for (int step = 0; step < N_STEPS; step++) {
        double round[ROUNDS];
        for (int r = 0; r < ROUNDS; r++) {
            double from = cpu_us();
            for (size_t i = 0; i < b->n; i++)
                run_line(b, b->line[i], (enum step)step);
            round[r] = (cpu_us() - from) / (double)b->n;
        }
        double now = median_us(round);
        printf("%-12s %6.2f us/alert\n", name[step], now - before);
        before = now;
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

/* The whole of apply, and saving every 4,096 records, on a new state each
 * round. Allocations are counted in the second half of each round but the
 * first: what is left there is the doubling of tables. */
static void
bench_apply(struct bench *b)
{
    const struct stage_ops *ops = ingest_ops();
    struct sink sink = {drop_output, b};
    struct emit emit = {drop_field, b};
    double round[ROUNDS], save = 0;
    uint64_t allocations = 0;
    int64_t offset = 0;
    for (int r = 0; r < ROUNDS; r++) {
        void *state = ops->state_new(b->ingest, STR("t"), 0);
        double from = cpu_us();
        uint64_t before = 0;
        for (size_t i = 0; i < b->n; i++) {
            struct err why;
            if (i == b->n / 2)
                before = n_allocations;
            struct record record = {.topic = STR("t"),
                                    .offset = offset++,
                                    .timestamp_ms = INT64_C(1790000000000),
                                    .value = b->line[i]};
            ops->apply(state, &record, 1, &sink, &why);
            if (i % 4096 == 4095) {
                double at = cpu_us();
                ops->state_save(state, false, &emit);
                save += cpu_us() - at;
            }
        }
        round[r] = (cpu_us() - from) / (double)b->n;
        if (r > 0)
            allocations += n_allocations - before;
        ops->state_free(state);
    }
    printf("%-12s %6.2f us/alert (all of the above and counting)\n", "apply",
           median_us(round));
    printf("%-12s %6.2f us/alert of it\n", "save",
           save / (double)b->n / ROUNDS);
    printf("allocations  %6.4f per alert after warm-up\n",
           (double)allocations / ((double)b->n / 2) / (ROUNDS - 1));
}

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
    b->source = source_load(argv[1], arena, &complaints);
    b->site.inventory = inventory_load(argv[2], 0, arena, &complaints);
    struct str text, line;
    struct err why = {""};
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

int
main(int argc, char **argv)
{
    static struct bench b;
    struct arena arena = arena_reserve((size_t)2 << 30);
    if (argc != 4 || !arena.at || !load(&b, argv, &arena)) {
        fprintf(stderr, "usage: bench_stages MAPPING INVENTORY FILE\n");
        return 2;
    }
    b.site.source_of = source_of;
    b.site.owner = &b;
    struct ingest_plan plan = {.site = &b.site,
                               .geo_database = "",
                               .alerts_topic = STR("a"),
                               .deadletter_topic = STR("d"),
                               .feed = true,
                               .version = STR("bench")};
    b.ingest = ingest_new(&plan);
    b.decoder = decoder_new();
    b.scratch = arena_reserve(SCRATCH_BYTES);
    printf("%zu alerts\n", b.n);
    bench_steps(&b);
    bench_apply(&b);
    return 0;
}
