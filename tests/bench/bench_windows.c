/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage alone, in memory: CPU per window event, events a second
 * on one key and over many, window keys written a second, heap allocations per
 * event after warm-up, and bytes per key. No Kafka, no Redis.
 *
 *   bench_windows [EVENTS]   of each kind, 1,000,000 unless given
 *
 * Each line: windows TYPE KEYS ns_event N events_s N saved_s N allocations N
 * bytes_key N. Events come in order, ten to a record; the state is saved every
 * 4,096 events, as a batch under load, into nothing; `saved_s` is window
 * records made a second of saving alone. The first tenth is the warm-up. */
#include "correlate/correlate.h"
#include "cpu.h"
#include "model/progress.h"
#include "model/window_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_RECORD = 10, SAVE_EVERY = 4096, N_VALUES = 64, TEXT = 64 };

#define FIRST_MS INT64_C(1718000000000)

/* --- every allocation is counted */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);
static uint64_t n_allocations;

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
    struct registry *registry;
    struct correlate_plan plan;
    struct correlate *correlate;
    void *state;
    struct correlation rule;
    struct arena arena;
    struct window_batch *batch;
    struct buf *records; /* made before the clock starts */
    size_t n_records;
    uint64_t n_saved, n_bytes, n_incidents;
    int64_t save_ns;
};

static void
nothing(void *context, const struct output *output, bool bulk)
{
    struct bench *b = context;
    (void)bulk;
    b->n_incidents++;
    b->n_bytes += output->value.len;
}

static void
count_field(void *context, size_t table, struct str field, struct str value)
{
    struct bench *b = context;
    b->n_saved += table == 3 && value.at;
    b->n_bytes += field.len + value.len;
}

static void
keep_record(void *context, const struct output *output, bool bulk)
{
    struct bench *b = context;
    (void)bulk;
    buf_add(&b->records[b->n_records++], output->value);
}

static void
make_rule(struct bench *b, enum correlation_type type)
{
    static const char *const names[] = {"a", "b", "c"};
    struct err why = {""};
    struct correlation *rule = &b->rule;
    bool steps = type == TEMPORAL || type == TEMPORAL_ORDERED;
    *rule = (struct correlation){
        .id = STR("rule"),
        .type = type,
        .n_steps = steps ? 3 : 1,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .value_field = {STR("user")},
        .n_value_fields = type == VALUE_COUNT,
        .timespan_ms = 60000,
        .threshold = steps ? 3 : 10,
        .severity = SEVERITY_HIGH,
        .options = {.incident = INCIDENT_CORRELATION},
    };
    rule->step = arena_take(&b->arena, rule->n_steps, sizeof *rule->step);
    for (size_t s = 0; rule->step && s < rule->n_steps; s++)
        rule->step[s] =
            (struct correlation_step){.rule = str_of(names[s]), .count = 1};
    if (!correlation_seal(rule, &b->arena, &why) ||
        !registry_learn(b->registry, rule->text, &why)) {
        fprintf(stderr, "bench_windows: %s\n", why.text);
        exit(EXIT_CHECK);
    }
}

/* Event number `i` of `keys`: ten a millisecond. */
static void
add_event(struct bench *b, size_t i, size_t keys)
{
    char host[TEXT], key[TEXT], value[TEXT];
    snprintf(host, sizeof host, "host-%zu", i % keys);
    snprintf(key, sizeof key, "[\"host-%zu\"]", i % keys);
    snprintf(value, sizeof value, "user-%zu", i * 7 % N_VALUES);
    struct alert alert = {
        .source = STR("ajiant"),
        .alert_id = STR("ajiant:0123456789"),
        .event_ms = FIRST_MS + (int64_t)i / 10,
        .arrival_ms = FIRST_MS + (int64_t)i / 10,
        .kind = KIND_BRUTEFORCE,
        .severity = SEVERITY_MEDIUM,
    };
    alert.position.offset = (int64_t)i;
    alert.field[ALERT_HOST] = str_of(host);
    alert.field[ALERT_USER] = str_of(value);
    alert.field[ALERT_RULE_NAME] = STR("Failed sign-in");
    alert.field[ALERT_SRC_IP] = STR("203.0.113.7");
    struct window_entry entry = {
        .fingerprint = b->rule.fingerprint,
        .key_id = hash_digest(str_of(host)),
        .steps = UINT32_C(1) << (i / keys) % b->rule.n_steps,
        .brief = window_batch_brief(b->batch, &alert),
        .key = str_of(key),
        .value = b->rule.type == VALUE_COUNT ? str_of(value) : STR(""),
    };
    window_batch_add(b->batch, &entry);
}

static void
make_records(struct bench *b, size_t n, size_t keys)
{
    struct sink sink = {keep_record, b};
    b->records = calloc(n / PER_RECORD + 1, sizeof *b->records);
    b->n_records = 0;
    for (size_t i = 0; i < n; i += PER_RECORD) {
        struct window_cause cause = {
            .topic = STR("in"), .incarnation = 1, .offset = (int64_t)i};
        for (size_t k = 0; k < PER_RECORD; k++)
            add_event(b, i + k, keys);
        window_batch_flush(b->batch, &cause, STR("w"), &sink);
    }
}

static void
put(struct bench *b, struct str value)
{
    struct sink sink = {nothing, b};
    struct err why = {""};
    struct record record = {.value = value};
    if (correlate_ops()->apply(b->state, &record, 1, &sink, &why) != DONE) {
        fprintf(stderr, "bench_windows: %s\n", why.text);
        exit(EXIT_CHECK);
    }
}

static void
announce(struct bench *b, int64_t watermark_ms)
{
    char bytes[256];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    struct progress at = {
        .topic = STR("in"), .incarnation = 1, .watermark_ms = watermark_ms};
    progress_write(&text, &at, 1);
    put(b, buf_str(&text));
}

static void
save(struct bench *b)
{
    struct emit emit = {count_field, b};
    int64_t from_ns = thread_cpu_ns();
    correlate_ops()->state_save(b->state, false, &emit);
    b->save_ns += thread_cpu_ns() - from_ns;
}

static void
play(struct bench *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        put(b, buf_str(&b->records[i]));
        size_t n = (i + 1) * PER_RECORD;
        if (n % 1000 == 0)
            announce(b, FIRST_MS + (int64_t)n / 10 - 30000);
        if (n % SAVE_EVERY < PER_RECORD)
            save(b);
    }
}

static int64_t
bytes_held(struct bench *b)
{
    struct buf json = {0};
    correlate_ops()->status(b->state, &json);
    struct str text = buf_str(&json), mark = STR("\"bytes\":");
    int64_t n = 0;
    for (size_t i = 0; i + mark.len < text.len; i++)
        if (str_starts(str_cut(text, i, text.len), mark)) {
            n = strtoll(text.at + i + mark.len, NULL, 10);
            break;
        }
    buf_free(&json);
    return n;
}

static void
run(struct bench *b, enum correlation_type type, size_t keys, size_t n)
{
    make_rule(b, type);
    make_records(b, n, keys);
    b->state = correlate_ops()->state_new(b->correlate, STR("w"), 0);
    size_t warm = b->n_records / 10;
    play(b, 0, warm);
    save(b);
    b->n_saved = 0;
    b->save_ns = 0;
    uint64_t allocations = n_allocations;
    int64_t from_ns = thread_cpu_ns();
    play(b, warm, b->n_records);
    save(b);
    int64_t ns = thread_cpu_ns() - from_ns - b->save_ns;
    allocations = n_allocations - allocations;
    double events = (double)((b->n_records - warm) * PER_RECORD);
    printf("windows %.*s %zu ns_event %.0f events_s %.0f saved_s %.0f "
           "allocations %.6f bytes_key %.0f\n",
           STR_ARG(correlation_type_id(type)), keys, (double)ns / events,
           events / ((double)ns / 1e9),
           (double)b->n_saved / ((double)b->save_ns / 1e9),
           (double)allocations / events, (double)bytes_held(b) / (double)keys);
    fflush(stdout);
    correlate_ops()->state_free(b->state);
    for (size_t i = 0; i < b->n_records; i++)
        buf_free(&b->records[i]);
    free(b->records);
}

int
main(int argc, char **argv)
{
    static const size_t keys[] = {1, 1000, 100000};
    int64_t n = 1000000;
    struct bench b = {.registry = registry_new(),
                      .arena = arena_reserve((size_t)16 << 20),
                      .batch = window_batch_new(1)};
    if (argc > 1 && (!str_to_i64(str_of(argv[1]), &n) || n < 1000)) {
        fprintf(stderr, "usage: bench_windows [EVENTS]\n");
        return EXIT_USAGE;
    }
    b.plan = (struct correlate_plan){.registry = b.registry,
                                     .incidents_topic = STR("i")};
    b.correlate = correlate_new(&b.plan);
    for (int type = 0; type < N_CORRELATION_TYPES; type++)
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            run(&b, (enum correlation_type)type, keys[k], (size_t)n);
    correlate_free(b.correlate);
    registry_free(b.registry);
    window_batch_free(b.batch);
    return EXIT_OK;
}
