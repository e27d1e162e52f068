/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay over the correlation cases of $SHARED/correlation: rules, events and
 * the incidents that must come, no others; in order, with the lines shuffled
 * as far as the lateness allows, and with every line moved. A mistake in the
 * rules of a case fails. Without $SHARED these are skipped, loudly. */
#include <criterion/criterion.h>

#include "base/file.h"
#include "base/table.h"
#include "base/times.h"
#include "daemon/replay.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_LINES = 20000,
    MAX_FOUND = 256,
    MAX_DOCS = 64,
    LATENESS_MS = 600000
};

/* An incident of a correlation: what is compared. */
struct found {
    char id[40], rule[64], key[512];
    uint64_t count;
    bool merged, detection;
};

struct line {
    struct str text;
    int64_t ms, place;
    bool tick;
};

struct run {
    struct arena arena;
    char *start;
    struct json_reader *reader;
    const struct source *source;
    struct registry *registry;
    struct found found[MAX_FOUND];
    size_t n_found;
    struct line line[MAX_LINES];
    size_t n_lines;
    char folder[1024], events[1200];
    uint64_t dice;
};

static struct run r;

static uint64_t
roll(uint64_t below)
{
    r.dice ^= r.dice >> 12;
    r.dice ^= r.dice << 25;
    r.dice ^= r.dice >> 27;
    return (r.dice * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

static const char *
shared(void)
{
    const char *shared = getenv("SHARED");
    static char path[1024];
    snprintf(path, sizeof path, "%s/correlation", shared ? shared : "");
    if (!shared || access(path, R_OK) != 0)
        cr_skip_test("no correlation cases: SHARED is not set or lacks them");
    return path;
}

/* --- what comes out */

static void
take(void *context, const struct incident *incident)
{
    (void)context;
    struct found *found = NULL;
    for (size_t i = 0; i < r.n_found; i++)
        if (str_equal(str_of(r.found[i].id), incident->id))
            found = &r.found[i];
    if (!found) {
        cr_assert_lt(r.n_found, (size_t)MAX_FOUND);
        found = &r.found[r.n_found++];
    }
    const struct correlation *rule =
        registry_find(r.registry, incident->fingerprint);
    struct buf key = {found->key, 0, sizeof found->key, sizeof found->key - 1,
                      false};
    memset(found->key, 0, sizeof found->key);
    for (size_t i = 0; i < incident->n_key; i++)
        buf_format(&key, "%.*s=%.*s;", STR_ARG(incident->key[i].name),
                   STR_ARG(incident->key[i].value));
    snprintf(found->id, sizeof found->id, "%.*s", STR_ARG(incident->id));
    snprintf(found->rule, sizeof found->rule, "%.*s", STR_ARG(incident->rule));
    found->count = incident->count;
    found->merged = incident->state == INCIDENT_MERGED;
    found->detection = rule->is_detection;
    cr_expect(incident->state != INCIDENT_OPEN || incident->revision < 64);
}

/* --- what is expected */

/* id of the rule called `name` in the loaded set, or the name itself */
static struct str
id_of(const struct rules *rules, struct str name)
{
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (str_equal(rules_correlation(rules, i)->name, name))
            return rules_correlation(rules, i)->id;
    for (size_t i = 0; i < rules_n_detections(rules); i++)
        if (str_equal(rules_detection(rules, i)->name, name))
            return rules_detection(rules, i)->id;
    return name;
}

/* Takes one found incident of (rule, key) with at least `count` alerts out. */
static bool
take_out(struct str rule, const char *key, uint64_t count)
{
    struct found *best = NULL;
    for (size_t i = 0; i < r.n_found; i++) {
        struct found *f = &r.found[i];
        if (!f->merged && !f->detection && str_equal(str_of(f->rule), rule) &&
            strcmp(f->key, key) == 0 && f->count >= count &&
            (!best || f->count < best->count))
            best = f;
    }
    if (best)
        best->merged = true; /* it is accounted for */
    return best != NULL;
}

static bool
detection_found(struct str rule)
{
    for (size_t i = 0; i < r.n_found; i++)
        if (r.found[i].detection && str_equal(str_of(r.found[i].rule), rule))
            return true;
    return false;
}

static void
check_detections(const struct rules *rules, const struct json *expected,
                 const char *kind, bool present)
{
    const struct json *list =
        json_get(json_get(expected, STR("detections")), str_of(kind));
    const struct json *node = list ? json_first(list) : NULL;
    for (uint32_t i = 0; list && i < list->n_children;
         i++, node = json_next(node))
        cr_expect_eq(detection_found(id_of(rules, node->text)), present,
                     "%s: detection %.*s", r.folder, STR_ARG(node->text));
}

static void
check_incidents(const struct rules *rules, const char *how)
{
    char path[1200];
    struct str text;
    struct err why = {""};
    const struct json *expected;
    snprintf(path, sizeof path, "%s/expected.json", r.folder);
    cr_assert(file_read(path, MAX_MESSAGE_BYTES, &r.arena, &text, &why));
    cr_assert_eq(json_read(r.reader, text, &r.arena, &expected), JSON_FINE);
    const struct json *list = json_get(expected, STR("incidents"));
    const struct json *node = json_first(list);
    for (uint32_t i = 0; i < list->n_children; i++, node = json_next(node)) {
        char text_of_key[512] = "";
        struct buf key = {text_of_key, 0, sizeof text_of_key,
                          sizeof text_of_key - 1, false};
        const struct json *keys = json_get(node, STR("key"));
        const struct json *value = json_first(keys);
        int64_t least = 0;
        for (uint32_t k = 0; k < keys->n_children;
             k++, value = json_next(value))
            buf_format(&key, "%.*s=%.*s;", STR_ARG(value->key),
                       STR_ARG(value->text));
        const struct json *count = json_get(node, STR("count_at_least"));
        if (count)
            str_to_i64(count->text, &least);
        struct str rule = id_of(rules, json_get(node, STR("rule"))->text);
        cr_expect(take_out(rule, text_of_key, (uint64_t)least),
                  "%s, %s: no incident of %.*s with %s and %lld alerts",
                  r.folder, how, STR_ARG(rule), text_of_key, (long long)least);
    }
    check_detections(rules, expected, "present", true);
    check_detections(rules, expected, "absent", false);
    for (size_t i = 0; i < r.n_found; i++)
        cr_expect(r.found[i].merged || r.found[i].detection,
                  "%s, %s: an incident that must not be: %s %s", r.folder, how,
                  r.found[i].rule, r.found[i].key);
}

/* --- the lines, moved about */

static void
read_lines(void)
{
    char path[1200];
    struct str text, line;
    struct err why = {""};
    snprintf(path, sizeof path, "%s/events.ndjson", r.folder);
    cr_assert(file_read(path, (size_t)64 << 20, &r.arena, &text, &why));
    r.n_lines = 0;
    while (str_split(&text, '\n', &line)) {
        const struct json *root;
        struct arena scratch = r.arena;
        if (line.len == 0)
            continue;
        cr_assert_lt(r.n_lines, (size_t)MAX_LINES);
        struct line *at = &r.line[r.n_lines++];
        cr_assert_eq(json_read(r.reader, line, &scratch, &root), JSON_FINE);
        *at = (struct line){.text = line};
        cr_assert(
            time_from_iso(json_get(root, STR("@timestamp"))->text, 0, &at->ms));
        const struct json *type = json_get(root, STR("EventType"));
        at->tick = type && str_equal(type->text, STR("tick"));
    }
}

static int
by_place(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    if (a->tick != b->tick)
        return a->tick ? 1 : -1;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return a->text.at < b->text.at ? -1 : 1;
}

/* seed 0: as it is. Each line moves by less than the lateness. */
static void
write_lines(uint64_t seed, bool everywhere)
{
    int64_t least = INT64_MAX, most = INT64_MIN;
    r.dice = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (size_t i = 0; i < r.n_lines; i++) {
        if (r.line[i].tick)
            continue;
        least = r.line[i].ms < least ? r.line[i].ms : least;
        most = r.line[i].ms > most ? r.line[i].ms : most;
    }
    bool together = most - least < LATENESS_MS;
    for (size_t i = 0; i < r.n_lines; i++)
        r.line[i].place = seed == 0  ? (int64_t)i
                          : together ? (int64_t)roll(1 << 30)
                          : everywhere
                              ? r.line[i].ms + (int64_t)roll(LATENESS_MS)
                              : (int64_t)i;
    if (seed != 0)
        qsort(r.line, r.n_lines, sizeof *r.line, by_place);
    FILE *file = fopen(r.events, "w");
    cr_assert(file != NULL);
    for (size_t i = 0; i < r.n_lines; i++)
        fprintf(file, "%.*s\n", STR_ARG(r.line[i].text));
    fclose(file);
}

/* --- a case */

static void
learn(const struct rules *rules)
{
    struct correlation floor;
    struct err why = {""};
    correlation_floor(&floor);
    cr_assert(correlation_seal(&floor, &r.arena, &why));
    cr_assert(registry_learn(r.registry, floor.text, &why));
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        cr_assert(
            registry_learn(r.registry, rules_correlation(rules, i)->text, &why),
            "%s", why.text);
}

static void
replay(const struct rules *rules, const char *how)
{
    struct replay_file file = {.source = r.source, .path = r.events};
    struct replay_counts counts;
    struct err why = {""};
    struct replay_plan plan = {
        .rules = rules,
        .registry = r.registry,
        .files = &file,
        .n_files = 1,
        .incident = take,
    };
    r.n_found = 0;
    cr_assert(replay_run(&plan, &counts, &why), "%s", why.text);
    cr_expect_eq(counts.n_lines, r.n_lines);
    cr_expect_eq(counts.n_unreadable, 0u, "%s", r.folder);
    check_incidents(rules, how);
}

static void
run_case(const char *name)
{
    char path[1200];
    const char *paths[] = {path};
    struct complaints complaints = {0};
    snprintf(r.folder, sizeof r.folder, "%s/%s", shared(), name);
    snprintf(path, sizeof path, "%s/rules.yml", r.folder);
    const struct rules *rules =
        rules_load(paths, 1, false, &r.arena, &complaints);
    cr_assert(rules != NULL);
    cr_assert_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    r.registry = registry_new();
    learn(rules);
    read_lines();
    write_lines(0, false);
    replay(rules, "in order");
    for (uint64_t seed = 1; seed <= 5; seed++) {
        char how[64];
        snprintf(how, sizeof how, "shuffled with seed %d", (int)seed);
        write_lines(seed, seed % 2 == 0);
        replay(rules, how);
    }
    registry_free(r.registry);
}

static void
begin(void)
{
    struct complaints complaints = {0};
    r.arena = arena_reserve((size_t)4 << 30);
    r.start = r.arena.at;
    r.reader = json_reader_new();
    r.source =
        source_load("deploy/sources/generic-json.yml", &r.arena, &complaints);
    cr_assert(r.source != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    snprintf(r.events, sizeof r.events, "/tmp/thapcanh-replay-%ld.ndjson",
             (long)getpid());
}

static void
end(void)
{
    unlink(r.events);
    json_reader_free(r.reader);
    arena_release(r.start, r.arena);
}

Test(replay, the_correlation_cases_end_as_they_must_in_any_order, .init = begin,
     .fini = end, .timeout = 300)
{
    DIR *folder = opendir(shared());
    struct dirent *entry;
    size_t n = 0;
    cr_assert(folder != NULL);
    while ((entry = readdir(folder))) {
        char path[2048];
        snprintf(path, sizeof path, "%s/%s/rules.yml", shared(), entry->d_name);
        if (entry->d_name[0] == '.' || access(path, R_OK) != 0)
            continue;
        run_case(entry->d_name);
        n++;
    }
    closedir(folder);
    fprintf(stderr, "%zu correlation cases\n", n);
    cr_expect_gt(n, 0);
}
