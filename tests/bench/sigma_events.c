/* SPDX-License-Identifier: Apache-2.0
 *
 * Events for measuring and trying rules, on stdout, the same for the same
 * seed.
 *
 *   sigma_events multiply RULES EVENTS N SEED   N new ones, shaped as those
 *   sigma_events solve RULES N SEED             N for each rule that must fire
 *                                               it, each in the Windows shape
 *
 * RULES: a file or a folder, "-" for none. EVENTS: NDJSON; of {"event": {…}}
 * the event is taken. What could not be done is said on stderr. */
#include "base/file.h"
#include "base/hash.h"
#include "tests/tools/multiply.h"
#include "tests/tools/solve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENTS_BYTES ((size_t)1 << 30)
#define WORK_BYTES ((size_t)8 << 30) /* reserved; touched when used */

static void
fail(const char *text)
{
    fprintf(stderr, "sigma_events: %s\n", text);
    exit(1);
}

static const struct rules *
rules_from(const char *path, struct arena *arena)
{
    const char *const paths[] = {path};
    struct complaints complaints = {0};
    const struct rules *rules = rules_load(paths, 1, false, arena, &complaints);
    if (!rules)
        fail("out of memory for rules");
    complaints_free(&complaints);
    return rules;
}

static int
compare_half(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void
multiply(struct str events, const struct rules *rules, size_t n,
         struct chance *chance, struct arena *arena)
{
    struct multiplier *m = multiplier_new(events, rules, arena);
    uint64_t *seen = calloc(n + 1, sizeof *seen);
    size_t n_distinct = 0, n_bytes = 0;
    struct buf line = {0};
    if (!m || !seen)
        fail("no events to start from");
    for (size_t i = 0; i < n; i++) {
        buf_clear(&line);
        multiplier_next(m, chance, &line);
        seen[i] = hash_digest(buf_str(&line)).half[0];
        n_bytes += line.len;
        buf_char(&line, '\n');
        if (line.full || fwrite(line.at, 1, line.len, stdout) != line.len)
            fail("cannot write");
    }
    qsort(seen, n, sizeof *seen, compare_half);
    for (size_t i = 0; i < n; i++)
        n_distinct += i == 0 || seen[i] != seen[i - 1];
    fprintf(stderr, "%zu events of %zu, %zu distinct, %zu bytes each\n", n,
            multiplier_n(m), n_distinct, n_bytes / (n ? n : 1));
    buf_free(&line);
    free(seen);
}

static void
solve_all(const struct rules *rules, size_t n, struct chance *chance,
          struct arena arena)
{
    struct solver solver = {.rules = rules,
                            .reader = json_reader_new(),
                            .chance = chance,
                            .scratch = arena_reserve((size_t)256 << 20)};
    struct made_event *made = malloc(sizeof *made);
    size_t count[N_UNSOLVED] = {0}, n_rules = rules_n_detections(rules);
    struct buf line = {0};
    if (!solver.reader || !solver.scratch.at || !made)
        fail("out of memory");
    for (size_t i = 0; i < n_rules; i++) {
        const struct detection *detection = rules_detection(rules, i);
        enum unsolved unsolved = UNSOLVED_NOT;
        for (size_t j = 0; j < n && unsolved == UNSOLVED_NOT; j++) {
            struct arena rest = arena;
            unsolved = solve(&solver, detection, &rest, made);
            buf_clear(&line);
            made_print(made, MADE_WINDOWS, &detection->logsource, &line);
            buf_char(&line, '\n');
            if (unsolved == UNSOLVED_NOT)
                fwrite(line.at, 1, line.len, stdout);
        }
        count[unsolved]++;
        if (unsolved != UNSOLVED_NOT)
            fprintf(stderr, "%.*s: %s\n", STR_ARG(detection->id),
                    unsolved_words(unsolved));
    }
    for (size_t i = 0; i < N_UNSOLVED; i++)
        if (count[i] > 0)
            fprintf(stderr, "%zu of %zu: %s\n", count[i], n_rules,
                    unsolved_words((enum unsolved)i));
}

int
main(int argc, char **argv)
{
    struct arena arena = arena_reserve(WORK_BYTES);
    struct arena texts = arena_reserve(EVENTS_BYTES);
    struct str events, mode = str_of(argc > 1 ? argv[1] : "");
    struct err why = {""};
    bool multiplies = str_equal(mode, STR("multiply"));
    int64_t n, seed;
    if ((!multiplies && !str_equal(mode, STR("solve"))) ||
        argc != (multiplies ? 6 : 5) ||
        !str_to_i64(str_of(argv[argc - 2]), &n) || n < 0 || n > 100000000 ||
        !str_to_i64(str_of(argv[argc - 1]), &seed)) {
        fprintf(stderr, "usage: sigma_events multiply RULES EVENTS N SEED | "
                        "solve RULES N SEED\n");
        return 2;
    }
    if (!arena.at || !texts.at)
        fail("out of memory");
    struct chance chance = chance_of((uint64_t)seed);
    const struct rules *rules = str_equal(str_of(argv[2]), STR("-"))
                                    ? NULL
                                    : rules_from(argv[2], &arena);
    if (!multiplies) {
        if (!rules)
            fail("no rules to solve");
        solve_all(rules, (size_t)n, &chance, arena);
        return 0;
    }
    if (!file_read(argv[3], EVENTS_BYTES / 2, &texts, &events, &why))
        fail(why.text);
    multiply(events, rules, (size_t)n, &chance, &arena);
    return 0;
}
