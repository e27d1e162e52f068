/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule set costs: loading it, the memory it takes, and how many events
 * one core puts to it, from the bytes of a line to the rules that hold.
 *
 *   bench_rules MAPPING EVENTS N_ORACLE RULES…
 *
 * MAPPING: a source's file. EVENTS: NDJSON of that source, all in memory before
 * the clock starts. N_ORACLE: events for the obvious evaluator, 0 for none.
 * RULES: files or folders; "-" reads their names from stdin, one a line. Prints
 *
 *   load detections N refused N ms N cpu_ms N rss_kb N peak_kb N
 *   sizes predicates N written N fields N literals N regexes N
 *     unwitnessed N keyword_rules N matcher_bytes N
 *   rate MODE events N cpu_ns N wall_ns N candidates N tests N matches N
 *     allocations N limited N
 *
 * MODE: read (splitting and mapping alone), routed, any, oracle-routed,
 * oracle-any. rss_kb: what loading added to the resident size; peak_kb: to the
 * largest. Each has a fifth of the events as warm-up, which is not counted. */
#include "cpu.h"

#include "base/file.h"
#include "correlate/matcher.h"
#include "ingest/source_tools.h"
#include "tests/tools/count_allocations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_PATHS = 100000 };
#define EVENTS_BYTES ((size_t)4 << 30)
#define SCRATCH_BYTES ((size_t)64 << 20)

static void
fail(const char *text)
{
    fprintf(stderr, "bench_rules: %s\n", text);
    exit(1);
}

static int64_t
wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* "VmRSS", "VmHWM" of this process, in KiB. */
static int64_t
memory_kb(const char *name)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];
    int64_t kb = 0;
    size_t len = strlen(name);
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, name, len) == 0 && line[len] == ':')
            kb = strtoll(line + len + 1, NULL, 10);
    if (file)
        fclose(file);
    return kb;
}

/* --- loading */

static const struct rules *
load(const char *const *paths, size_t n, struct arena *arena)
{
    struct complaints complaints = {0};
    int64_t rss = memory_kb("VmRSS"), peak = memory_kb("VmHWM");
    int64_t cpu = thread_cpu_ns(), wall = wall_ns();
    const struct rules *rules = rules_load(paths, n, false, arena, &complaints);
    cpu = thread_cpu_ns() - cpu;
    wall = wall_ns() - wall;
    complaints_free(&complaints);
    if (!rules)
        fail("out of memory for rules");
    printf("load detections %zu refused %zu ms %.1f cpu_ms %.1f rss_kb "
           "%" PRId64 " peak_kb %" PRId64 "\n",
           rules_n_detections(rules), rules_n_refused(rules),
           (double)wall / 1e6, (double)cpu / 1e6, memory_kb("VmRSS") - rss,
           memory_kb("VmHWM") - peak);
    struct matcher_sizes sizes = matcher_sizes(rules_matcher(rules));
    printf("sizes predicates %zu written %zu fields %zu literals %zu regexes "
           "%zu unwitnessed %zu keyword_rules %zu matcher_bytes %zu\n",
           sizes.n_predicates, sizes.n_written, sizes.n_fields,
           sizes.n_literals, sizes.n_regexes, sizes.n_unwitnessed,
           sizes.n_keyword_rules, sizes.bytes);
    return rules;
}

/* --- events */

enum mode { READ, ROUTED, ANY, ORACLE_ROUTED, ORACLE_ANY, N_MODES };

struct bench {
    const struct rules *rules;
    const struct source *source;
    struct decoder *decoder;
    struct matching *matching;
    struct arena scratch;
    struct str events;
    uint32_t *held;
    uint64_t n_matches, n_limited;
};

static size_t
oracle(struct bench *b, struct facts *facts, const struct alert *alert,
       bool any)
{
    size_t n = 0;
    for (size_t i = 0; i < rules_n_detections(b->rules); i++) {
        const struct detection *detection = rules_detection(b->rules, i);
        n += (any || detection_routed(detection, alert)) &&
             detection_match(detection, facts);
    }
    return n;
}

/* As `rules eval` does it: the logsource first; it says what else is read. */
static void
map(struct bench *b, const struct element *element, bool any,
    struct arena *rest, struct alert *alert)
{
    const uint64_t logsource = ALERT_BIT(ALERT_PART_LOGSOURCE);
    uint64_t all =
        matcher_parts(rules_matcher(b->rules)) & source_parts(b->source);
    source_map_parts(b->source, element, 0, any ? all : logsource, rest, alert);
    if (any)
        return;
    uint64_t parts = matching_parts(b->matching, alert) & all;
    if (parts != 0)
        source_map_parts(b->source, element, 0, parts | logsource, rest, alert);
}

static void
one(struct bench *b, struct str line, enum mode mode)
{
    struct arena rest = b->scratch;
    const struct element *elements;
    bool any = mode == ANY || mode == ORACLE_ANY;
    size_t n = 0;
    if (source_split(b->source, b->decoder, line, &rest, &elements, &n) !=
        SPLIT_FINE)
        fail("a line of the events cannot be read");
    for (size_t i = 0; i < n; i++) {
        struct alert alert = {.source = NO_STR};
        map(b, &elements[i], any, &rest, &alert);
        if (mode == READ)
            continue;
        struct facts *facts = facts_new(b->rules, &alert, &rest);
        if (!facts)
            fail("out of memory");
        if (mode == ROUTED || mode == ANY)
            b->n_matches += matcher_find(rules_matcher(b->rules), b->matching,
                                         facts, &alert, any, b->held);
        else
            b->n_matches += oracle(b, facts, &alert, any);
        b->n_limited += facts_n_limited(facts) > 0;
    }
}

/* At most `most` events from the beginning; how many there were. */
static size_t
pass(struct bench *b, enum mode mode, size_t most)
{
    struct str rest = b->events, line;
    size_t n = 0;
    while (n < most && str_split(&rest, '\n', &line))
        if (line.len > 0) {
            one(b, line, mode);
            n++;
        }
    return n;
}

static void
measure(struct bench *b, enum mode mode, size_t n)
{
    static const char *const names[] = {"read", "routed", "any",
                                        "oracle-routed", "oracle-any"};
    pass(b, mode, n / 5);
    struct matching_counts before = matching_counts(b->matching);
    uint64_t allocations = n_allocations;
    b->n_matches = b->n_limited = 0;
    int64_t cpu = thread_cpu_ns(), wall = wall_ns();
    n = pass(b, mode, n);
    cpu = thread_cpu_ns() - cpu;
    wall = wall_ns() - wall;
    allocations = n_allocations - allocations;
    struct matching_counts after = matching_counts(b->matching);
    printf("rate %s events %zu cpu_ns %" PRId64 " wall_ns %" PRId64
           " candidates %" PRIu64 " tests %" PRIu64 " matches %" PRIu64
           " allocations %" PRIu64 " limited %" PRIu64 "\n",
           names[mode], n, cpu, wall, after.n_candidates - before.n_candidates,
           after.n_tests - before.n_tests, b->n_matches, allocations,
           b->n_limited);
    fflush(stdout);
}

static size_t
paths_from_stdin(const char **paths, struct arena *arena)
{
    char line[4096];
    size_t n = 0;
    while (n < MAX_PATHS && fgets(line, sizeof line, stdin)) {
        struct str path = arena_copy(arena, str_trim(str_of(line)));
        if (path.len > 0)
            paths[n++] = path.at;
    }
    return n;
}

int
main(int argc, char **argv)
{
    static const char *paths[MAX_PATHS];
    struct arena rules = arena_reserve(RULES_ARENA_BYTES);
    struct arena texts = arena_reserve(EVENTS_BYTES);
    struct complaints complaints = {0};
    struct bench b = {.scratch = arena_reserve(SCRATCH_BYTES)};
    struct err why = {""};
    int64_t n_oracle = 0;
    size_t n = 0;
    if (argc < 5 || !str_to_i64(str_of(argv[3]), &n_oracle) || n_oracle < 0) {
        fprintf(stderr,
                "usage: bench_rules MAPPING EVENTS N_ORACLE RULES…|-\n");
        return 2;
    }
    for (int i = 4; i < argc; i++)
        paths[n++] = argv[i];
    if (n == 1 && str_equal(str_of(paths[0]), STR("-")))
        n = paths_from_stdin(paths, &texts);
    b.source = source_load(argv[1], &texts, &complaints);
    b.decoder = decoder_new();
    if (!b.source || !b.decoder || !b.scratch.at)
        fail("the mapping does not load");
    b.rules = load(paths, n, &rules);
    b.matching = matching_new(rules_matcher(b.rules));
    b.held = calloc(rules_n_detections(b.rules) + 1, sizeof *b.held);
    if (!b.matching || !b.held)
        fail("out of memory");
    if (!file_read(argv[2], EVENTS_BYTES / 2, &texts, &b.events, &why))
        fail(why.text);
    for (int mode = READ; mode <= ANY; mode++)
        measure(&b, (enum mode)mode, SIZE_MAX);
    for (int mode = ORACLE_ROUTED; n_oracle > 0 && mode < N_MODES; mode++)
        measure(&b, (enum mode)mode, (size_t)n_oracle);
    matching_free(b.matching);
    decoder_free(b.decoder);
    free(b.held);
    return 0;
}
