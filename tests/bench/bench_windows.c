/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage alone, in memory: CPU per window event, window keys
 * written a second, heap allocations per event after warm-up, and bytes per
 * key. No Kafka, no Redis.
 *
 *   bench_windows [events=N] [keys=N] [rate=N] [order=in|shuffled]
 *     DETECTIONS FILE…
 *
 * Each FILE is a correlation (and those it refers to) over the rules of
 * DETECTIONS: tests/bench/windows. Without keys and order each goes through
 * 1, 1,000 and 100,000 keys, in order and shuffled within 30 s, and a storm:
 * one key, 10,000 events a second; with keys these alone, each once a second
 * unless `rate` says how many events a second of event time. One line a run:
 *
 *   windows NAME KEYS ORDER ns_event N saved_s N allocations N bytes_key N
 *     growth N cut N applied N outputs N
 *     events N
 *
 * Ten alerts make a record; a record of progress follows every hundred, 30 s
 * behind the newest; the state is saved every 4,096 events, as a batch under
 * load, into nothing. What a correlation says to another is read back at once.
 * Not counted is the warm-up: a fifth, and until each key has spoken. */
#include "correlate/correlate.h"
#include "cpu.h"
#include "model/progress.h"
#include "window_events.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SAVE_EVERY = 4096 / EVENTS_A_RECORD,
    TELL_EVERY = 100,
    MAX_CHAINED = 1024, /* records that one record may cause */
};

/* --- every allocation of the stage is counted */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);
static uint64_t n_allocations;
static bool counting; /* the stage is at work, not the benchmark */

void *
malloc(size_t size)
{
    n_allocations += counting;
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    n_allocations += counting;
    return __libc_calloc(n, size);
}

void *
realloc(void *at, size_t size)
{
    n_allocations += counting;
    return __libc_realloc(at, size);
}

struct bench {
    struct registry *registry;
    struct correlate *correlate;
    void *state;
    const struct rules *rules;
    struct window_events events;
    struct buf chained[MAX_CHAINED]; /* not read back yet */
    size_t n_chained;
    int64_t offset; /* of the next record of the windows topic */
    int64_t now_ms;
    uint64_t n_saved, n_bytes, n_outputs;
    int64_t save_ns;
};

static void
fail(const char *text)
{
    fprintf(stderr, "bench_windows: %s\n", text);
    exit(EXIT_CHECK);
}

static void
take_output(void *context, const struct output *output, bool bulk)
{
    struct bench *b = context;
    (void)bulk;
    counting = false;
    if (!str_equal(output->topic, STR("w"))) {
        b->n_outputs++;
        b->n_bytes += output->value.len;
    } else if (b->n_chained < MAX_CHAINED) {
        struct buf *buf = &b->chained[b->n_chained++];
        buf_clear(buf);
        buf_add(buf, output->value);
    } else {
        fail("one record causes too many");
    }
    counting = true;
}

static void
count_field(void *context, size_t table, struct str field, struct str value)
{
    struct bench *b = context;
    b->n_saved += table == 3 && value.at;
    b->n_bytes += field.len + value.len;
}

static void
put_one(struct bench *b, struct str value)
{
    struct sink sink = {take_output, b};
    struct err why = {""};
    struct record record = {
        .topic = STR("w"),
        .offset = b->offset++,
        .timestamp_ms = b->now_ms,
        .value = value,
    };
    counting = true;
    enum fate fate = correlate_ops()->apply(b->state, &record, 1, &sink, &why);
    counting = false;
    if (fate != DONE)
        fail(why.text);
}

/* And what it causes, and what that causes. */
static void
put(struct bench *b, struct str value)
{
    put_one(b, value);
    for (size_t i = 0; i < b->n_chained; i++)
        put_one(b, buf_str(&b->chained[i]));
    b->n_chained = 0;
}

static void
announce(struct bench *b)
{
    char bytes[256];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    struct progress at = {.topic = STR("in"),
                          .incarnation = 1,
                          .watermark_ms = b->now_ms - LATENESS_MS};
    progress_write(&text, &at, 1);
    put(b, buf_str(&text));
}

static void
save(struct bench *b)
{
    struct emit emit = {count_field, b};
    int64_t from_ns = thread_cpu_ns();
    counting = true;
    correlate_ops()->state_save(b->state, false, &emit);
    counting = false;
    b->save_ns += thread_cpu_ns() - from_ns;
}

static void
play(struct bench *b, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        b->now_ms = b->events.seen_ms[i];
        put(b, b->events.record[i]);
        if ((i + 1) % TELL_EVERY == 0)
            announce(b);
        if ((i + 1) % SAVE_EVERY == 0)
            save(b);
    }
}

/* What is measured: callgrind counts what is called from here
 * (instructions.sh). */
void measured(struct bench *b, size_t from, size_t to);

__attribute__((noinline)) void
measured(struct bench *b, size_t from, size_t to)
{
    play(b, from, to);
    save(b);
}

/* A number of the partition's status. */
static double
status_number(struct bench *b, struct str mark)
{
    struct buf json = {0};
    correlate_ops()->status(b->state, &json);
    struct str text = buf_str(&json);
    size_t i = 0;
    while (i + mark.len < text.len &&
           !str_starts(str_cut(text, i, text.len), mark))
        i++;
    double n = i + mark.len < text.len
                   ? (double)strtoll(text.at + i + mark.len, NULL, 10)
                   : 0;
    buf_free(&json);
    return n;
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Plays it all, and says what it took. */
static void
play_all(struct bench *b, const struct load *load)
{
    size_t n = b->events.n_records, warm = n / 5;
    size_t all_keys = load->n_keys * 3 / 2 / EVENTS_A_RECORD;
    if (warm < all_keys)
        warm = least(all_keys, n / 2);
    play(b, 0, warm);
    save(b);
    uint64_t before = b->n_outputs;
    double bytes = status_number(b, STR("\"bytes\":"));
    double applied = status_number(b, STR("\"applied\":"));
    b->n_saved = n_allocations = 0;
    b->save_ns = 0;
    int64_t from_ns = thread_cpu_ns();
    measured(b, warm, n);
    int64_t ns = thread_cpu_ns() - from_ns - b->save_ns;
    double events = (double)((n - warm) * EVENTS_A_RECORD);
    double held = status_number(b, STR("\"bytes\":"));
    printf(
        " ns_event %.0f saved_s %.0f allocations %.6f bytes_key %.0f "
        "growth %.3f cut %.0f applied %.3f outputs %" PRIu64 " events %.0f\n",
        (double)ns / events, (double)b->n_saved / ((double)b->save_ns / 1e9),
        (double)n_allocations / events, held / (double)load->n_keys,
        bytes > 0 ? held / bytes : 0, status_number(b, STR("\"cut_windows\":")),
        (status_number(b, STR("\"applied\":")) - applied) / events,
        b->n_outputs - before, events);
    fflush(stdout);
}

static void
run(struct bench *b, const char *path, const char *keys,
    const struct load *load)
{
    struct correlate_plan plan = {.registry = b->registry,
                                  .incidents_topic = STR("i"),
                                  .windows_topic = STR("w"),
                                  .windows_partitions = 1};
    struct str name =
        str_of(strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    if (name.len > 4)
        name.len -= 4; /* .yml */
    if (!window_events_make(b->rules, load, &b->events))
        fail("out of memory");
    b->correlate = correlate_new(&plan);
    b->state = b->correlate
                   ? correlate_ops()->state_new(b->correlate, STR("w"), 0)
                   : NULL;
    if (!b->state)
        fail("out of memory");
    b->offset = 0;
    b->n_outputs = 0;
    printf("windows %.*s %s %s", STR_ARG(name), keys,
           load->shuffled ? "shuffled" : "in");
    play_all(b, load);
    correlate_ops()->state_free(b->state);
    correlate_free(b->correlate);
    window_events_free(&b->events);
}

struct wish {
    int64_t events, keys, rate; /* 0: as it is usual */
    bool in, shuffled;
};

/* The rates leave a key's windows of a minute below the most that one may
 * hold, but in the storm. */
static void
run_file(struct bench *b, const char *path, const struct wish *wish)
{
    static const struct {
        const char *name;
        size_t keys;
        int64_t events, events_s;
    } row[] = {{"1", 1, 100000, 50},
               {"1000", 1000, 100000, 1000},
               {"100000", 100000, 300000, 5000},
               {"storm", 1, 300000, 10000}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        for (int shuffled = 0; shuffled < 2; shuffled++) {
            char keys[32];
            struct load load = {
                .n_events =
                    (size_t)(wish->events ? wish->events : row[i].events),
                .n_keys = wish->keys ? (size_t)wish->keys : row[i].keys,
                .events_s = wish->rate   ? wish->rate
                            : wish->keys ? wish->keys
                                         : row[i].events_s,
                .shuffled = shuffled,
            };
            snprintf(keys, sizeof keys, "%zu", load.n_keys);
            if (shuffled ? wish->shuffled && (wish->keys || i < 3) : wish->in)
                run(b, path, wish->keys ? keys : row[i].name, &load);
            if (wish->keys && shuffled)
                return;
        }
}

static bool
wish_read(struct wish *wish, struct str text)
{
    struct str rest = text, name;
    if (!str_split(&rest, '=', &name))
        return false;
    if (str_equal(name, STR("events")))
        return str_to_i64(rest, &wish->events) && wish->events >= 1000 &&
               wish->events <= 100000000;
    if (str_equal(name, STR("keys")))
        return str_to_i64(rest, &wish->keys) && wish->keys >= 1;
    if (str_equal(name, STR("rate")))
        return str_to_i64(rest, &wish->rate) && wish->rate >= 1;
    wish->in = str_equal(rest, STR("in"));
    wish->shuffled = str_equal(rest, STR("shuffled"));
    return str_equal(name, STR("order")) && (wish->in || wish->shuffled);
}

int
main(int argc, char **argv)
{
    static struct bench b;
    struct wish wish = {.in = true, .shuffled = true};
    int i = 1;
    while (i < argc && strchr(argv[i], '=')) {
        if (!wish_read(&wish, str_of(argv[i++])))
            i = argc;
    }
    if (i + 1 >= argc) {
        fprintf(stderr, "usage: bench_windows [events=N] [keys=N] "
                        "[rate=N] [order=in|shuffled] DETECTIONS "
                        "FILE…\n");
        return EXIT_USAGE;
    }
    for (int file = i + 1; file < argc; file++) {
        const char *const paths[] = {argv[i], argv[file]};
        struct arena arena = arena_reserve((size_t)64 << 20);
        char *start = arena.at;
        b.registry = registry_new();
        if (!start || !b.registry)
            fail("out of memory");
        if (!window_rules(paths, 2, b.registry, &arena, &b.rules))
            return EXIT_CHECK;
        run_file(&b, argv[file], &wish);
        registry_free(b.registry);
        arena_release(start, arena);
    }
    for (i = 0; i < MAX_CHAINED; i++)
        buf_free(&b.chained[i]);
    return EXIT_OK;
}
