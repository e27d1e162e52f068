/* SPDX-License-Identifier: Apache-2.0
 *
 * An expectation is a small YAML file. It does not end in .yml, so that it can
 * lie among rules without being taken for one. */
#include "rules_expect.h"

#include "base/yaml.h"
#include "correlate/rule_files.h"
#include "map.h"

#include <string.h>

enum { MAX_RANGES = 100000 };

#define ENDING ".expect"

/* --- finding */

size_t
expect_files(const char *const *paths, size_t n_paths, struct arena *arena,
             const char ***files, struct complaints *complaints)
{
    static const struct str ending = {ENDING, sizeof ENDING - 1};
    const struct files_wanted wanted = {paths, n_paths, &ending, 1, false};
    return files_find(&wanted, arena, files, complaints);
}

/* --- reading */

struct reading {
    const struct rules *rules;
    struct arena *arena;
    struct complaints *complaints;
    size_t n_ranges;
};

/* "7" or "3-9". */
static bool
range_from(struct str text, struct expect_lines *lines)
{
    struct str rest = str_trim(text), part;
    int64_t from = 0, to = 0;
    if (!str_split(&rest, '-', &part) || !str_to_i64(str_trim(part), &from))
        return false;
    to = from;
    if (rest.len > 0 && !str_to_i64(str_trim(rest), &to))
        return false;
    *lines = (struct expect_lines){(uint64_t)from, (uint64_t)to};
    return from >= 1 && to >= from && to <= INT32_MAX;
}

/* all, none, a line, "1, 4-6", or a list of these. */
static bool
lines_load(struct reading *reading, const struct yaml *node,
           struct expect_rule *rule)
{
    bool is_list = node->type == YAML_LIST;
    size_t n = is_list ? node->n_children : 1, max = 0;
    const struct yaml *first = is_list ? node->first : node, *at = first;
    for (size_t i = 0; i < n; i++, at = at->next)
        max += 1 + (at->type == YAML_SCALAR ? at->text.len / 2 : 0);
    struct expect_lines *lines =
        max <= MAX_RANGES ? arena_take(reading->arena, max + 1, sizeof *lines)
                          : NULL;
    at = first;
    rule->lines = lines;
    for (size_t i = 0; lines && i < n; i++, at = at->next) {
        struct str rest = at->text, part;
        if (str_equal(rest, STR("all")) || str_equal(rest, STR("none"))) {
            rule->all |= rest.len == 3;
            continue;
        }
        bool fine = at->type == YAML_SCALAR && rest.len > 0;
        while (fine && str_split(&rest, ',', &part))
            fine = range_from(part, &lines[rule->n_lines++]);
        if (!fine) {
            complain(reading->complaints, at->place,
                     "expected lines, such as 7 or \"1, 3-5\", all or none");
            return false;
        }
    }
    if (!lines)
        complain(reading->complaints, node->place, "too many lines");
    return lines != NULL;
}

static bool
fire_load(struct reading *reading, const struct yaml *fire,
          struct expect *expect)
{
    struct expect_rule *rules = arena_take(
        reading->arena, (fire ? fire->n_children : 0) + 1, sizeof *rules);
    bool good = rules != NULL;
    expect->rule = rules;
    if (fire && fire->type != YAML_MAP) {
        complain(reading->complaints, fire->place,
                 "'fire' is a map of rules and the lines that they match");
        return false;
    }
    for (const struct yaml *at = fire ? fire->first : NULL; good && at;
         at = at->next) {
        struct err why = {""};
        struct expect_rule *rule = &rules[expect->n_rules];
        const char *name = arena_copy(reading->arena, at->key).at;
        rule->place = at->key_place;
        rule->detection =
            name ? rules_named(reading->rules, name, *reading->arena, &why)
                 : NULL;
        if (!rule->detection) {
            complain(reading->complaints, at->key_place, "%s", why.text);
            good = false;
            continue;
        }
        expect->n_rules++;
        good = lines_load(reading, at, rule);
    }
    return good;
}

static bool
source_load_named(struct reading *reading, const struct yaml *document,
                  const struct rules_wish *wish, struct expect *expect)
{
    const struct yaml *node = yaml_get(document, "source");
    struct str text = NO_STR;
    if (!node)
        text = str_of(wish->source);
    else if (!yaml_str(node, &text, reading->complaints))
        return false;
    const char *name =
        text.len > 0 ? arena_copy(reading->arena, text).at : NULL;
    if (!name) {
        complain(reading->complaints, document->place,
                 "no 'source': which mapping are the events read by?");
        return false;
    }
    expect->source = rules_source(wish, name, reading->arena);
    if (!expect->source)
        complain(reading->complaints, (node ? node : document)->place,
                 "the mapping '%s' cannot be used", name);
    return expect->source != NULL;
}

/* A word of two. */
static bool
word_load(struct reading *reading, const struct yaml *node, const char *on,
          const char *off, bool *is)
{
    struct str text;
    if (!node)
        return true;
    if (!yaml_str(node, &text, reading->complaints))
        return false;
    *is = str_equal(text, str_of(on));
    if (*is || str_equal(text, str_of(off)))
        return true;
    complain(reading->complaints, node->place, "expected %s or %s", on, off);
    return false;
}

/* The file of events: as named, from the folder of the expectation on; else
 * the one of the same name. */
static bool
events_path(struct reading *reading, const struct yaml *node,
            struct expect *expect)
{
    struct str path = str_of(expect->path), name = NO_STR;
    size_t dir = path.len;
    if (node && !yaml_str(node, &name, reading->complaints))
        return false;
    while (dir > 0 && path.at[dir - 1] != '/')
        dir--;
    if (name.len == 0)
        expect->events = arena_format(reading->arena, "%.*s.ndjson",
                                      (int)(path.len - strlen(ENDING)), path.at)
                             .at;
    else
        expect->events = arena_format(reading->arena, "%.*s%.*s",
                                      name.at[0] == '/' ? 0 : (int)dir, path.at,
                                      STR_ARG(name))
                             .at;
    return expect->events != NULL;
}

bool
expect_load(const char *path, const struct rules *rules,
            const struct rules_wish *wish, struct arena *arena,
            struct expect *expect, struct complaints *complaints)
{
    static const struct str keys[] = {{"source", 6},         {"events", 6},
                                      {"any_logsource", 13}, {"fire", 4},
                                      {"incidents", 9},      {"others", 6}};
    struct reading reading = {rules, arena, complaints, 0};
    size_t before = complaints->n_errors;
    *expect =
        (struct expect){.path = path, .any_logsource = wish->any_logsource};
    const struct yaml *document = yaml_load(path, arena, complaints);
    if (!document)
        return false;
    if (document->type != YAML_MAP || document->next) {
        complain(complaints, document->place,
                 "an expectation is one map: source, fire, others …");
        return false;
    }
    yaml_only(document, keys, sizeof keys / sizeof *keys, complaints);
    return source_load_named(&reading, document, wish, expect) &&
           word_load(&reading, yaml_get(document, "any_logsource"), "true",
                     "false", &expect->any_logsource) &&
           word_load(&reading, yaml_get(document, "others"), "any", "none",
                     &expect->others) &&
           events_path(&reading, yaml_get(document, "events"), expect) &&
           fire_load(&reading, yaml_get(document, "fire"), expect) &&
           expect_incidents_load(yaml_get(document, "incidents"), rules, arena,
                                 &expect->incidents, complaints) &&
           complaints->n_errors == before;
}
