/* SPDX-License-Identifier: Apache-2.0
 *
 * How rules see the events of a source (docs/rules.md, "Fields"): names that
 * rules use and the paths they stand for, objects whose members are fields,
 * and fields that hold names. The event's values themselves are what rules
 * look at, as they stand in it: nothing is taken out, shaped or ignored. */
#include "ingest/source_priv.h"

#include <stdlib.h>
#include <string.h>

/* One path, dotted names only, into `*path`. */
static bool
dotted_load(struct loader *loader, const struct yaml *node, struct str text,
            struct str *path)
{
    struct str rest = text, name;
    size_t n = 0;
    bool good = text.len <= MAX_PATH_BYTES &&
                (text.len == 0 || text.at[text.len - 1] != '.');
    while (str_split(&rest, '.', &name)) {
        good = good && name.len > 0 && !memchr(name.at, '[', name.len);
        n++;
    }
    if (!good || n > MAX_PATH_NAMES)
        complain(loader->complaints, node->place,
                 "expected a path of 1 to %d names with dots between, without "
                 "brackets: lists are looked through as they come",
                 (int)MAX_PATH_NAMES);
    *path = text;
    return good && n <= MAX_PATH_NAMES;
}

/* A path, which a "$prefix" makes several. */
static void
paths_add(struct loader *loader, const struct yaml *node,
          struct rule_field *field)
{
    struct str text, rest, name;
    if (!yaml_str(node, &text, loader->complaints))
        return;
    const struct path_prefix *prefix = NULL;
    static const struct str nothing = {"", 0};
    const struct str *stem = &nothing;
    size_t n = 1;
    rest = text;
    if (text.len > 0 && text.at[0] == '$') {
        rest = str_cut(text, 1, text.len);
        str_split(&rest, '.', &name);
        prefix = value_prefix(loader, node, name);
        if (!prefix)
            return;
        stem = prefix->path;
        n = prefix->n_paths;
    }
    for (size_t i = 0; i < n; i++) {
        struct str path = rest;
        if (field->n_paths == MAX_RULE_PATHS) {
            complain(loader->complaints, node->place,
                     "a field has at most %d paths", (int)MAX_RULE_PATHS);
            return;
        }
        if (stem[i].len > 0)
            path = arena_format(loader->arena, "%.*s.%.*s", STR_ARG(stem[i]),
                                STR_ARG(rest));
        if (rest.len == 0 ||
            !dotted_load(loader, node, path, &field->path[field->n_paths++]))
            return;
    }
}

static int
by_name(const void *a, const void *b)
{
    return str_compare(((const struct rule_field *)a)->name,
                       ((const struct rule_field *)b)->name);
}

static void
fields_load(struct loader *loader, const struct yaml *node)
{
    struct rule_view *view = &loader->source->view;
    if (!node)
        return;
    if (node->type != YAML_MAP || node->n_children > MAX_RULE_FIELDS) {
        complain(loader->complaints, node->place,
                 "rule_fields is a map from names in rules to paths, at most "
                 "%d",
                 (int)MAX_RULE_FIELDS);
        return;
    }
    struct rule_field *fields =
        arena_take(loader->arena, node->n_children, sizeof *fields);
    if (!fields) {
        complain(loader->complaints, node->place, "out of memory");
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct rule_field *field = &fields[view->n_fields++];
        field->name = at->key;
        if (at->type == YAML_LIST)
            for (const struct yaml *one = at->first; one; one = one->next)
                paths_add(loader, one, field);
        else
            paths_add(loader, at, field);
        if (field->n_paths == 0)
            complain(loader->complaints, at->place,
                     "expected a path, or a list of paths");
    }
    qsort(fields, view->n_fields, sizeof *fields, by_name);
    view->field = fields;
}

static void
roots_load(struct loader *loader, const struct yaml *node)
{
    struct rule_view *view = &loader->source->view;
    if (!node)
        return;
    if (node->type != YAML_LIST || node->n_children > MAX_RULE_ROOTS) {
        complain(loader->complaints, node->place,
                 "rule_roots is a list of at most %d paths",
                 (int)MAX_RULE_ROOTS);
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct str text;
        if (yaml_str(at, &text, loader->complaints))
            dotted_load(loader, at, text, &view->root[view->n_roots++]);
    }
}

static void
view_names_load(struct loader *loader, const struct yaml *node)
{
    struct rule_view *view = &loader->source->view;
    if (!node)
        return;
    struct str *names =
        arena_take(loader->arena, node->n_children + 1, sizeof *names);
    if (node->type != YAML_LIST || node->n_children > MAX_RULE_FIELDS ||
        !names) {
        complain(loader->complaints, node->place,
                 "rule_names is a list of at most %d fields",
                 (int)MAX_RULE_FIELDS);
        return;
    }
    view->name = names;
    for (const struct yaml *at = node->first; at; at = at->next)
        if (yaml_str(at, &names[view->n_names], loader->complaints))
            view->n_names++;
}

void
view_load(struct loader *loader, const struct yaml *root)
{
    struct source *source = loader->source;
    fields_load(loader, yaml_get(root, "rule_fields"));
    roots_load(loader, yaml_get(root, "rule_roots"));
    view_names_load(loader, yaml_get(root, "rule_names"));
    source->view.says_product = source->product_log.type != VALUE_NONE;
    source->view.says_category = source->category_log.type != VALUE_NONE;
    source->view.says_service = source->service_log.type != VALUE_NONE;
}
