/* SPDX-License-Identifier: Apache-2.0
 *
 * The events go through the engine of `replay`; of each incident the last
 * revision counts. What is detections' own, and the built-in rule's, is not
 * looked at: that is what `fire:` is for. Of several that are expected of one
 * correlation each takes the first incident that it fits. */
#include "rules_expect_incidents.h"

#include "base/table.h"
#include "base/visible.h"
#include "replay.h"
#include "rules_learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FOUND = 100000, MAX_SAID = 20 };

/* --- reading */

static const struct correlation *
correlation_named(const struct rules *rules, struct str name,
                  struct arena scratch, struct str *near)
{
    size_t n = rules_n_correlations(rules), n_known = 0;
    struct str *known = arena_take(&scratch, 3 * n + 1, sizeof *known);
    for (size_t i = 0; i < n; i++) {
        const struct correlation *at = rules_correlation(rules, i);
        const struct str names[] = {at->id, at->name, at->title.en};
        for (size_t k = 0; k < 3 && !at->is_detection; k++) {
            if (names[k].len > 0 && str_equal(names[k], name))
                return at;
            if (known && names[k].len > 0)
                known[n_known++] = names[k];
        }
    }
    *near = str_nearest(name, known, n_known);
    return NULL;
}

static bool
key_load(const struct yaml *node, struct expect_incident *incident,
         struct arena *arena, struct complaints *complaints)
{
    if (node && node->type != YAML_MAP) {
        complain(complaints, node->place, "'key' is a map of names and values");
        return false;
    }
    for (const struct yaml *at = node ? node->first : NULL; at; at = at->next) {
        struct str value;
        if (!yaml_str(at, &value, complaints))
            return false;
        if (incident->n_key == MAX_GROUP_FIELDS) {
            complain(complaints, at->key_place, "more than %d fields",
                     (int)MAX_GROUP_FIELDS);
            return false;
        }
        incident->key[incident->n_key++] = (struct incident_key){
            arena_copy(arena, at->key), arena_copy(arena, value)};
    }
    return true;
}

static bool
incident_load(const struct yaml *node, struct expect_incident *incident,
              struct arena *arena, struct complaints *complaints)
{
    static const struct str keys[] = {
        {"first", 5}, {"last", 4}, {"count", 5}, {"key", 3}};
    size_t before = complaints->n_errors;
    *incident = (struct expect_incident){
        .place = node->place, .first = -1, .last = -1, .count = -1};
    if (node->type != YAML_MAP) {
        complain(complaints, node->place,
                 "an incident is a map, such as {first: 3, last: 9, count: 4, "
                 "key: {host: a}}");
        return false;
    }
    yaml_only(node, keys, sizeof keys / sizeof *keys, complaints);
    yaml_i64(yaml_get(node, "first"), 1, INT32_MAX, &incident->first,
             complaints);
    yaml_i64(yaml_get(node, "last"), 1, INT32_MAX, &incident->last, complaints);
    yaml_i64(yaml_get(node, "count"), 1, INT32_MAX, &incident->count,
             complaints);
    return key_load(yaml_get(node, "key"), incident, arena, complaints) &&
           complaints->n_errors == before;
}

/* none, how many, or a list of them. */
static bool
wanted_load(const struct yaml *node, struct expect_correlation *wanted,
            struct arena *arena, struct complaints *complaints)
{
    int64_t n = 0;
    if (node->type == YAML_SCALAR && str_equal(node->text, STR("none")))
        return true;
    if (node->type == YAML_SCALAR && str_to_i64(node->text, &n) && n >= 1 &&
        n <= MAX_FOUND) {
        wanted->n_wanted = (size_t)n;
        return true;
    }
    if (node->type != YAML_LIST || node->n_children == 0) {
        complain(complaints, node->place,
                 "expected none, how many, or a list of incidents");
        return false;
    }
    struct expect_incident *incidents =
        arena_take(arena, node->n_children, sizeof *incidents);
    bool good = incidents != NULL;
    if (!good)
        complain(complaints, node->place, "too many incidents");
    for (const struct yaml *at = node->first; incidents && at; at = at->next)
        good &= incident_load(at, &incidents[wanted->n_wanted++], arena,
                              complaints);
    wanted->incident = incidents;
    return good;
}

bool
expect_incidents_load(const struct yaml *node, const struct rules *rules,
                      struct arena *arena, struct expect_incidents *expected,
                      struct complaints *complaints)
{
    *expected = (struct expect_incidents){.said = node != NULL};
    if (!node)
        return true;
    struct expect_correlation *list =
        arena_take(arena, node->n_children + 1, sizeof *list);
    if (node->type != YAML_MAP || !list) {
        complain(complaints, node->place,
                 "'incidents' is a map of correlations and their incidents");
        return false;
    }
    bool good = true;
    expected->correlation = list;
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct str near = NO_STR;
        struct expect_correlation *wanted = &list[expected->n];
        *wanted = (struct expect_correlation){.place = at->key_place};
        wanted->correlation = correlation_named(rules, at->key, *arena, &near);
        if (!wanted->correlation && near.len > 0)
            complain(complaints, at->key_place,
                     "no correlation is called '%.*s' (did you mean '%.*s'?)",
                     STR_ARG(str_cut(at->key, 0, 80)), STR_ARG(near));
        else if (!wanted->correlation)
            complain(complaints, at->key_place,
                     "no correlation is called '%.*s'",
                     STR_ARG(str_cut(at->key, 0, 80)));
        good &= wanted->correlation != NULL;
        good &= wanted_load(at, wanted, arena, complaints);
        expected->n++;
    }
    return good;
}

/* --- what comes */

struct found {
    struct str rule, title;
    int64_t first, last, count;
    struct incident_key key[MAX_GROUP_FIELDS];
    size_t n_key;
    bool gone, taken;
};

struct running {
    const struct expect_incidents_run *run;
    struct registry *registry;
    struct table *ids;
    struct found *found; /* by number in `ids` */
    struct arena *arena;
    uint64_t n_wrong;
    bool full;
};

static bool
is_later(const struct incident_alert *a, const struct incident_alert *b)
{
    return a->event_ms != b->event_ms ? a->event_ms > b->event_ms
                                      : a->offset > b->offset;
}

static void
set_lines(const struct incident *incident, struct found *found)
{
    const struct incident_alert *first = NULL, *last = NULL;
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *at = &incident->evidence[i];
        if (!first || is_later(first, &at->first))
            first = &at->first;
        if (!last || is_later(&at->last, last))
            last = &at->last;
    }
    found->first = first ? first->offset : 0;
    found->last = last ? last->offset : 0;
}

static void
take(void *context, const struct incident *incident)
{
    struct running *running = context;
    bool is_new;
    const struct correlation *rule =
        registry_find(running->registry, incident->fingerprint);
    if (!rule || rule->is_detection || incident->floor)
        return;
    uint32_t number = table_add(running->ids, incident->id, &is_new);
    if (number == TABLE_NONE) {
        running->full = true;
        return;
    }
    struct found *found = &running->found[number];
    if (is_new) {
        found->rule = arena_copy(running->arena, incident->rule);
        found->title = arena_copy(running->arena, incident->title.en);
        found->n_key = incident->n_key;
        for (size_t i = 0; i < incident->n_key; i++) {
            found->key[i].name =
                arena_copy(running->arena, incident->key[i].name);
            found->key[i].value =
                arena_copy(running->arena, incident->key[i].value);
        }
    }
    found->gone = incident->state == INCIDENT_MERGED;
    found->count = (int64_t)incident->count;
    set_lines(incident, found);
}

/* --- against what was expected */

static void
say(struct running *running, const struct found *found, const char *what)
{
    struct buf out = {0};
    if (++running->n_wrong > MAX_SAID)
        return;
    buf_format(&out, "%s:%lld: '", running->run->events,
               (long long)found->first);
    buf_visible(&out, found->title, 80);
    buf_add(&out, STR("' ("));
    buf_visible(&out, found->rule, 80);
    buf_format(&out, ") %s: lines %lld to %lld, count %lld", what,
               (long long)found->first, (long long)found->last,
               (long long)found->count);
    for (size_t i = 0; i < found->n_key; i++) {
        buf_add(&out, i == 0 ? STR(", key ") : STR(" "));
        buf_visible(&out, found->key[i].name, 80);
        buf_char(&out, '=');
        buf_visible(&out, found->key[i].value, 80);
    }
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

static void
say_missing(struct running *running, const struct expect_correlation *wanted,
            struct place place, size_t n_found)
{
    struct buf out = {0};
    if (++running->n_wrong > MAX_SAID)
        return;
    buf_visible(&out, wanted->correlation->title.en, 80);
    if (wanted->incident)
        printf("%s:%u:%u: no such incident of '%.*s'\n", place.file, place.line,
               place.column, STR_ARG(buf_str(&out)));
    else
        printf("%s:%u:%u: %zu incidents of '%.*s', and not %zu\n", place.file,
               place.line, place.column, n_found, STR_ARG(buf_str(&out)),
               wanted->n_wanted);
    buf_free(&out);
}

static bool
fits(const struct expect_incident *wanted, const struct found *found)
{
    if ((wanted->first >= 0 && wanted->first != found->first) ||
        (wanted->last >= 0 && wanted->last != found->last) ||
        (wanted->count >= 0 && wanted->count != found->count))
        return false;
    for (size_t i = 0; i < wanted->n_key; i++) {
        bool same = false;
        for (size_t k = 0; k < found->n_key; k++)
            same |= str_equal(wanted->key[i].name, found->key[k].name) &&
                    str_equal_nocase(wanted->key[i].value, found->key[k].value);
        if (!same)
            return false;
    }
    return true;
}

static void
compare(struct running *running, const struct expect_correlation *wanted)
{
    size_t n_found = 0, n = table_len(running->ids);
    for (size_t i = 0; i < n; i++)
        n_found += !running->found[i].gone &&
                   str_equal(running->found[i].rule, wanted->correlation->id);
    if (!wanted->incident && wanted->n_wanted > 0 &&
        n_found != wanted->n_wanted)
        say_missing(running, wanted, wanted->place, n_found);
    for (size_t k = 0; wanted->incident && k < wanted->n_wanted; k++) {
        size_t i = 0;
        while (i < n &&
               (running->found[i].gone || running->found[i].taken ||
                !str_equal(running->found[i].rule, wanted->correlation->id) ||
                !fits(&wanted->incident[k], &running->found[i])))
            i++;
        if (i < n)
            running->found[i].taken = true;
        else
            say_missing(running, wanted, wanted->incident[k].place, n_found);
    }
    for (size_t i = 0; i < n; i++) {
        struct found *found = &running->found[i];
        if (found->gone || found->taken ||
            !str_equal(found->rule, wanted->correlation->id))
            continue;
        found->taken = true;
        if (wanted->incident || wanted->n_wanted == 0)
            say(running, found, "opens an incident that is not expected");
    }
}

static void
compare_all(struct running *running)
{
    const struct expect_incidents *expected = running->run->expected;
    for (size_t i = 0; i < expected->n; i++)
        compare(running, &expected->correlation[i]);
    for (size_t i = 0; i < table_len(running->ids); i++)
        if (!running->found[i].gone && !running->found[i].taken &&
            !running->run->others)
            say(running, &running->found[i],
                "opens an incident, and is not expected at all");
    if (running->n_wrong > MAX_SAID)
        printf("%s: … and %llu more\n", running->run->events,
               (unsigned long long)(running->n_wrong - MAX_SAID));
}

bool
expect_incidents_run(const struct expect_incidents_run *run,
                     struct arena *arena, uint64_t *n_wrong, struct err *why)
{
    const struct replay_file file = {.source = run->source,
                                     .path = run->events};
    struct replay_counts counts;
    struct running running = {.run = run, .arena = arena};
    if (!run->expected->said)
        return true;
    running.registry = registry_new();
    running.ids = table_new(MAX_FOUND);
    running.found = calloc(MAX_FOUND, sizeof *running.found);
    const struct replay_plan plan = {.rules = run->rules,
                                     .registry = running.registry,
                                     .files = &file,
                                     .n_files = 1,
                                     .incident = take,
                                     .context = &running};
    err_set(why, "out of memory");
    bool fine = running.registry && running.ids && running.found &&
                rules_learn(running.registry, run->rules, *arena, why) &&
                replay_run(&plan, &counts, why);
    if (fine && running.full)
        err_set(why, "%s: more than %d incidents", run->events, (int)MAX_FOUND);
    else if (fine)
        *why = (struct err){""};
    fine = fine && !running.full;
    if (fine)
        compare_all(&running);
    *n_wrong += running.n_wrong;
    free(running.found);
    table_free(running.ids);
    registry_free(running.registry);
    return fine;
}
