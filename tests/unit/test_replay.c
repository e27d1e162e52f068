/* SPDX-License-Identifier: Apache-2.0
 *
 * Replay over the correlation cases of tests/cases/incidents and those of
 * $SHARED/correlation: rules, events and the incidents that must come, no
 * others; in order, with the lines shuffled as far as the lateness allows, and
 * with every line moved. A mistake in the rules of a case fails. Without
 * $SHARED its cases are skipped, loudly.
 *
 * A case is a folder: rules.yml, events.ndjson, expected.json (`why`; of each
 * incident rule, key, `count_at_least`, and if it is given the exact `count`,
 * `first` and `last`; `as_it_stands`: the order of its lines is what it is
 * about), and calendar.yml, if it has holidays. */
#include <criterion/criterion.h>

#include "base/file.h"
#include "base/table.h"
#include "base/times.h"
#include "correlate/calendar.h"
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
    LATENESS_MS = 600000,
    N_SHUFFLES = 5,
};

/* An incident of a correlation: what is compared. */
struct found {
    char id[40], rule[64], key[512];
    uint64_t count;
    int64_t first_ms, last_ms;
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
    found->first_ms = incident->first_ms;
    found->last_ms = incident->last_ms;
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

/* What an incident must be; -1, NO_TIME: it is not said. */
struct wanted {
    struct str rule;
    char key[512];
    int64_t least, count, first_ms, last_ms;
};

static bool
is_wanted(const struct found *found, const struct wanted *wanted)
{
    int64_t count = (int64_t)found->count;
    return str_equal(str_of(found->rule), wanted->rule) &&
           strcmp(found->key, wanted->key) == 0 && count >= wanted->least &&
           (wanted->count < 0 || count == wanted->count) &&
           (wanted->first_ms == NO_TIME ||
            found->first_ms == wanted->first_ms) &&
           (wanted->last_ms == NO_TIME || found->last_ms == wanted->last_ms);
}

/* Takes one found incident that is wanted out. */
static bool
take_out(const struct wanted *wanted)
{
    struct found *best = NULL;
    for (size_t i = 0; i < r.n_found; i++) {
        struct found *f = &r.found[i];
        if (!f->merged && !f->detection && is_wanted(f, wanted) &&
            (!best || f->count < best->count))
            best = f;
    }
    if (best)
        best->merged = true; /* it is accounted for */
    return best != NULL;
}

static void
read_number(const struct json *incident, const char *name, int64_t *n)
{
    const struct json *node = json_get(incident, str_of(name));
    if (node && node->type == JSON_NUMBER)
        cr_assert(str_to_i64(node->text, n));
}

static void
read_time(const struct json *incident, const char *name, int64_t *ms)
{
    const struct json *node = json_get(incident, str_of(name));
    if (node)
        cr_assert(time_from_iso(node->text, 0, ms));
}

static void
read_wanted(const struct rules *rules, const struct json *incident,
            struct wanted *wanted)
{
    *wanted = (struct wanted){
        .rule = id_of(rules, json_get(incident, STR("rule"))->text),
        .count = -1,
        .first_ms = NO_TIME,
        .last_ms = NO_TIME};
    struct buf key = {wanted->key, 0, sizeof wanted->key,
                      sizeof wanted->key - 1, false};
    const struct json *keys = json_get(incident, STR("key"));
    const struct json *value = json_first(keys);
    for (uint32_t k = 0; k < keys->n_children; k++, value = json_next(value))
        buf_format(&key, "%.*s=%.*s;", STR_ARG(value->key),
                   STR_ARG(value->text));
    read_number(incident, "count_at_least", &wanted->least);
    read_number(incident, "count", &wanted->count);
    read_time(incident, "first", &wanted->first_ms);
    read_time(incident, "last", &wanted->last_ms);
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

static const struct json *
read_expected(void)
{
    char path[1200];
    struct str text;
    struct err why = {""};
    const struct json *expected;
    snprintf(path, sizeof path, "%s/expected.json", r.folder);
    cr_assert(file_read(path, MAX_MESSAGE_BYTES, &r.arena, &text, &why));
    cr_assert_eq(json_read(r.reader, text, &r.arena, &expected), JSON_FINE);
    return expected;
}

static void
check_incidents(const struct rules *rules, const char *how)
{
    const struct json *expected = read_expected();
    const struct json *list = json_get(expected, STR("incidents"));
    const struct json *node = json_first(list);
    for (uint32_t i = 0; i < list->n_children; i++, node = json_next(node)) {
        struct wanted wanted;
        read_wanted(rules, node, &wanted);
        cr_expect(take_out(&wanted), "%s, %s: no such incident: %.*s", r.folder,
                  how, STR_ARG(node->text));
    }
    check_detections(rules, expected, "present", true);
    check_detections(rules, expected, "absent", false);
    for (size_t i = 0; i < r.n_found; i++)
        cr_expect(r.found[i].merged || r.found[i].detection,
                  "%s, %s: an incident that must not be: %s %s, %llu alerts",
                  r.folder, how, r.found[i].rule, r.found[i].key,
                  (unsigned long long)r.found[i].count);
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

static const struct rules *
read_rules(void)
{
    char path[1200], dates[1200];
    const char *paths[] = {path};
    struct complaints complaints = {0};
    struct calendar calendar = {NULL, 0};
    snprintf(path, sizeof path, "%s/rules.yml", r.folder);
    snprintf(dates, sizeof dates, "%s/calendar.yml", r.folder);
    if (access(dates, R_OK) == 0)
        cr_assert(calendar_load(dates, &r.arena, &calendar, &complaints));
    const struct rules *rules =
        rules_load_dated(paths, 1, false, &calendar, &r.arena, &complaints);
    cr_assert(rules != NULL);
    cr_assert_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    return rules;
}

static void
run_case(const char *parent, const char *name)
{
    struct arena before = r.arena;
    snprintf(r.folder, sizeof r.folder, "%s/%s", parent, name);
    const struct rules *rules = read_rules();
    bool moved = !json_get(read_expected(), STR("as_it_stands"));
    r.registry = registry_new();
    learn(rules);
    read_lines();
    write_lines(0, false);
    replay(rules, "in order");
    for (uint64_t seed = 1; moved && seed <= N_SHUFFLES; seed++) {
        char how[64];
        snprintf(how, sizeof how, "shuffled with seed %d", (int)seed);
        write_lines(seed, seed % 2 == 0);
        replay(rules, how);
    }
    registry_free(r.registry);
    r.arena = before;
}

static void
run_all(const char *parent, size_t least)
{
    DIR *folder = opendir(parent);
    struct dirent *entry;
    size_t n = 0;
    cr_assert(folder != NULL);
    while ((entry = readdir(folder))) {
        char path[2048];
        snprintf(path, sizeof path, "%s/%s/rules.yml", parent, entry->d_name);
        if (entry->d_name[0] == '.' || access(path, R_OK) != 0)
            continue;
        run_case(parent, entry->d_name);
        n++;
    }
    closedir(folder);
    fprintf(stderr, "%zu correlation cases of %s\n", n, parent);
    cr_expect_geq(n, least);
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

TestSuite(replay, .init = begin, .fini = end, .timeout = 300);

Test(replay, the_correlation_cases_end_as_they_must_in_any_order)
{
    run_all(shared(), 1);
}

Test(replay, our_own_cases_end_as_they_must_in_any_order)
{
    run_all("tests/cases/incidents", 240);
}
