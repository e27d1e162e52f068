/* SPDX-License-Identifier: Apache-2.0
 *
 * Events for measuring and trying rules, on stdout, the same for the same
 * seed.
 *
 *   sigma_events multiply RULES EVENTS N SEED   N new ones, shaped as those
 *   sigma_events solve RULES N SEED             N for each rule that must fire
 *                                               it, each in the Windows shape
 *   sigma_events flat MAPPING EVENTS            the same, as flat objects, with
 *                                               product, category, service
 *                                               and line, their number
 *
 * RULES: a file or a folder, "-" for none. EVENTS: NDJSON; of {"event": {…}}
 * the event is taken. What could not be done is said on stderr. */
#include "base/file.h"
#include "base/hash.h"
#include "ingest/source_tools.h"
#include "tests/tools/multiply.h"
#include "tests/tools/solve.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* --- Windows events as flat objects */

static void
print_scalar(struct buf *out, const char *name, struct str key,
             const struct json *node)
{
    if (!node || node->type == JSON_OBJECT)
        return;
    if (out->len > 1)
        buf_char(out, ',');
    buf_json(out, name ? str_of(name) : key);
    buf_char(out, ':');
    if (node->type == JSON_STRING)
        buf_json(out, node->text);
    else if (node->type == JSON_ARRAY)
        buf_add(out, STR("null"));
    else
        buf_add(out, node->text);
}

/* The first that is there below System. */
static void
print_system(struct buf *out, const char *name, const struct json *system,
             const struct json *data)
{
    const struct json *node = json_get(system, str_of(name));
    if (json_get(data, str_of(name)) || !node)
        return;
    if (node->type == JSON_OBJECT && json_get(node, STR("#text")))
        node = json_get(node, STR("#text"));
    print_scalar(out, name, NO_STR, node);
}

static void
print_flat(struct buf *out, const struct alert *alert, size_t line)
{
    static const char *const names[] = {"EventID", "Channel",  "Computer",
                                        "Level",   "Version",  "Task",
                                        "Opcode",  "Keywords", "EventRecordID"};
    static const struct json nothing = {.type = JSON_OBJECT, .skip = 1};
    const struct json *event = json_get(alert->event, STR("Event")), *at;
    const struct json *system = event ? json_get(event, STR("System")) : NULL;
    const struct json *data = event ? json_get(event, STR("EventData")) : NULL;
    data = data && data->type == JSON_OBJECT ? data : &nothing;
    system = system && system->type == JSON_OBJECT ? system : &nothing;
    buf_char(out, '{');
    at = json_first(data);
    for (uint32_t i = 0; i < data->n_children; i++, at = json_next(at))
        print_scalar(out, NULL, at->key, at);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        print_system(out, names[i], system, data);
    at = json_get(system, STR("Provider"));
    at = at ? json_get(at, STR("#attributes")) : NULL;
    if (at && !json_get(data, STR("Provider_Name")))
        print_scalar(out, "Provider_Name", NO_STR, json_get(at, STR("Name")));
    const struct str parts[][2] = {{STR("product"), alert->logsource.product},
                                   {STR("category"), alert->logsource.category},
                                   {STR("service"), alert->logsource.service}};
    for (size_t i = 0; i < 3; i++) {
        const struct json text = {.text = parts[i][1], .type = JSON_STRING};
        if (parts[i][1].len > 0 && !json_get(data, parts[i][0]))
            print_scalar(out, NULL, parts[i][0], &text);
    }
    buf_format(out, "%s\"line\":%zu}\n", out->len > 1 ? "," : "", line);
}

static void
flatten(const char *mapping, struct str events, struct arena rest)
{
    struct complaints complaints = {0};
    const struct source *source = source_load(mapping, &rest, &complaints);
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    struct str line;
    size_t n_lines = 0;
    if (!source || !decoder)
        fail("the mapping does not load");
    while (str_split(&events, '\n', &line)) {
        struct arena here = rest;
        const struct element *elements;
        size_t n = 0;
        if (source_split(source, decoder, line, &here, &elements, &n) !=
            SPLIT_FINE)
            continue;
        for (size_t i = 0; i < n; i++) {
            struct alert alert = {.source = NO_STR};
            source_map_any(source, &elements[i], 0, &here, &alert);
            buf_clear(&out);
            print_flat(&out, &alert, ++n_lines);
            fwrite(out.at, 1, out.len, stdout);
        }
    }
    buf_free(&out);
    decoder_free(decoder);
    complaints_free(&complaints);
}

static int
usage(void)
{
    fprintf(stderr, "usage: sigma_events multiply RULES EVENTS N SEED | "
                    "solve RULES N SEED | flat MAPPING EVENTS\n");
    return 2;
}

int
main(int argc, char **argv)
{
    struct arena arena = arena_reserve(WORK_BYTES);
    struct arena texts = arena_reserve(EVENTS_BYTES);
    struct str events = STR(""), mode = str_of(argc > 1 ? argv[1] : "");
    struct err why = {""};
    bool multiplies = str_equal(mode, STR("multiply"));
    bool flattens = str_equal(mode, STR("flat"));
    int64_t n = 0, seed = 0;
    if (argc != (multiplies ? 6
                 : flattens ? 4
                            : 5) ||
        (!multiplies && !flattens && !str_equal(mode, STR("solve"))))
        return usage();
    if (!flattens &&
        (!str_to_i64(str_of(argv[argc - 2]), &n) || n < 0 || n > 100000000 ||
         !str_to_i64(str_of(argv[argc - 1]), &seed)))
        return usage();
    if (!arena.at || !texts.at)
        fail("out of memory");
    if ((multiplies || flattens) &&
        !file_read(argv[3], EVENTS_BYTES / 2, &texts, &events, &why))
        fail(why.text);
    struct chance chance = chance_of((uint64_t)seed);
    const struct rules *rules = flattens || strcmp(argv[2], "-") == 0
                                    ? NULL
                                    : rules_from(argv[2], &arena);
    if (flattens)
        flatten(argv[2], events, arena);
    else if (multiplies)
        multiply(events, rules, (size_t)n, &chance, &arena);
    else if (rules)
        solve_all(rules, (size_t)n, &chance, arena);
    return 0;
}
