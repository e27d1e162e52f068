/* SPDX-License-Identifier: Apache-2.0
 *
 * Values as written in a mapping (docs/sources.md, "Values"): a path, a list
 * of alternatives, or a map with one of path, const, join, first and what is
 * to be done with the text. Every mistake is named where it stands. */
#include "ingest/source_priv.h"

#include <string.h>

static const struct str value_keys[] = {
    {"path", 4},  {"const", 5}, {"join", 4},  {"first", 5},   {"after", 5},
    {"until", 5}, {"as", 2},    {"table", 5}, {"default", 7},
};

static const struct str shape_ids[] = {
    [AS_TEXT] = {"text", 4},         [AS_IP] = {"ip", 2},
    [AS_PORT] = {"port", 4},         [AS_LOWER] = {"lower", 5},
    [AS_FILENAME] = {"filename", 8}, [AS_MD5] = {"md5", 3},
    [AS_SHA1] = {"sha1", 4},         [AS_SHA256] = {"sha256", 6},
};

static bool value_load_at(struct loader *loader, const struct yaml *node,
                          struct value *value, int depth);

/* --- paths ---------------------------------------------------------------- */

const struct path_prefix *
value_prefix(struct loader *loader, const struct yaml *node, struct str name)
{
    const struct source *source = loader->source;
    struct str names[MAX_PREFIXES];
    for (size_t i = 0; i < source->n_prefixes; i++) {
        if (str_equal(source->prefix[i].name, name))
            return &source->prefix[i];
        names[i] = source->prefix[i].name;
    }
    complain_unknown(loader->complaints, node->place, "prefix", name, names,
                     source->n_prefixes);
    return NULL;
}

static bool
prefixed_paths(struct loader *loader, const struct yaml *node,
               struct path *paths, size_t *n)
{
    struct str rest = str_cut(node->text, 1, node->text.len), name;
    if (!str_split(&rest, '.', &name) || rest.len == 0) {
        complain(loader->complaints, node->place,
                 "after a prefix comes '.' and a path");
        return false;
    }
    const struct path_prefix *prefix = value_prefix(loader, node, name);
    for (size_t i = 0; prefix && i < prefix->n_paths; i++) {
        struct str text = rest;
        if (prefix->path[i].len > 0)
            text = arena_format(loader->arena, "%.*s.%.*s",
                                STR_ARG(prefix->path[i]), STR_ARG(rest));
        if (!path_load(&loader->source->trie, text, node->place, &paths[(*n)++],
                       loader->arena, loader->complaints))
            return false;
    }
    return prefix != NULL;
}

struct path *
value_paths(struct loader *loader, const struct yaml *node, size_t *n)
{
    struct path *paths =
        arena_take(loader->arena, MAX_VALUE_PARTS, sizeof *paths);
    struct str text;
    *n = 0;
    if (!paths || !yaml_str(node, &text, loader->complaints))
        return NULL;
    if (text.len > 0 && text.at[0] == '$')
        return prefixed_paths(loader, node, paths, n) ? paths : NULL;
    *n = 1;
    return path_load(&loader->source->trie, text, node->place, paths,
                     loader->arena, loader->complaints)
               ? paths
               : NULL;
}

static bool
path_value_load(struct loader *loader, const struct yaml *node,
                struct value *value)
{
    size_t n;
    struct path *paths = value_paths(loader, node, &n);
    if (!paths)
        return false;
    if (n == 1) {
        value->type = VALUE_PATH;
        value->path = paths[0];
        return true;
    }
    value->type = VALUE_FIRST;
    value->part = arena_take(loader->arena, n, sizeof *value->part);
    for (size_t i = 0; value->part && i < n; i++) {
        value->part[i].type = VALUE_PATH;
        value->part[i].path = paths[i];
        value->part[i].plain = paths[i].n_tail == 0;
    }
    value->n_parts = n;
    return value->part != NULL;
}

/* --- lists, joins --------------------------------------------------------- */

static bool
parts_load(struct loader *loader, const struct yaml *list, struct value *value,
           int depth)
{
    if (list->type != YAML_LIST || list->n_children == 0 ||
        list->n_children > MAX_VALUE_PARTS) {
        complain(loader->complaints, list->place,
                 "expected a list of 1 to %d values", (int)MAX_VALUE_PARTS);
        return false;
    }
    value->part =
        arena_take(loader->arena, list->n_children, sizeof *value->part);
    bool good = value->part != NULL;
    for (const struct yaml *node = list->first; value->part && node;
         node = node->next)
        good &= value_load_at(loader, node, &value->part[value->n_parts++],
                              depth + 1);
    return good;
}

/* --- tables -----------------------------------------------------------------
 */

static bool
has_wildcard(struct str text)
{
    return text.len > 0 &&
           (memchr(text.at, '*', text.len) || memchr(text.at, '?', text.len));
}

static bool
table_take(struct value_table *table, size_t n, struct arena *arena)
{
    table->to = arena_take(arena, n + 1, sizeof *table->to);
    table->folded = arena_take(arena, n, sizeof *table->folded);
    table->glob = arena_take(arena, n, sizeof *table->glob);
    return word_set_take(&table->from, n, arena) && table->to &&
           table->folded && table->glob;
}

static bool
table_load(struct loader *loader, const struct yaml *node,
           const struct value_table **loaded)
{
    if (node->type != YAML_MAP || node->n_children == 0 ||
        node->n_children > MAX_TABLE_ENTRIES) {
        complain(loader->complaints, node->place,
                 "a table maps texts to texts, at most %d",
                 (int)MAX_TABLE_ENTRIES);
        return false;
    }
    struct value_table *table = arena_take(loader->arena, 1, sizeof *table);
    bool good = table && table_take(table, node->n_children, loader->arena);
    for (const struct yaml *entry = node->first; good && entry;
         entry = entry->next) {
        uint32_t number = word_set_add(&table->from, entry->key, loader->arena);
        if (number == 0) {
            complain(loader->complaints, entry->key_place,
                     "'%.*s' stands in the table twice", STR_ARG(entry->key));
            good = false;
            break;
        }
        good = yaml_str(entry, &table->to[number], loader->complaints);
        if (has_wildcard(entry->key)) {
            table->folded[table->n_globs] = table->from.word[number];
            table->glob[table->n_globs++] = number;
        }
    }
    *loaded = table;
    return good;
}

/* --- values -----------------------------------------------------------------
 */

static bool
shape_load(struct loader *loader, const struct yaml *node,
           enum value_shape *shape)
{
    struct str id;
    if (!node)
        return true;
    if (!yaml_str(node, &id, loader->complaints))
        return false;
    for (size_t i = 0; i < N_SHAPES; i++)
        if (str_equal(shape_ids[i], id)) {
            *shape = (enum value_shape)i;
            return true;
        }
    complain_unknown(loader->complaints, node->place, "shape", id, shape_ids,
                     N_SHAPES);
    return false;
}

/* An optional text that must not be empty. */
static bool
text_load(struct loader *loader, const struct yaml *node, struct str *text)
{
    if (!node)
        return true;
    if (!yaml_str(node, text, loader->complaints))
        return false;
    if (text->len == 0)
        complain(loader->complaints, node->place, "the text is empty");
    return text->len > 0;
}

static bool
origin_load(struct loader *loader, const struct yaml *node, struct value *value,
            int depth)
{
    const struct yaml *path = yaml_get(node, "path");
    const struct yaml *constant = yaml_get(node, "const");
    const struct yaml *join = yaml_get(node, "join");
    const struct yaml *first = yaml_get(node, "first");
    int n =
        (path != NULL) + (constant != NULL) + (join != NULL) + (first != NULL);
    if (n != 1) {
        complain(loader->complaints, node->place,
                 "a value has exactly one of path, const, join, first");
        return false;
    }
    if (constant) {
        value->type = VALUE_CONST;
        return text_load(loader, constant, &value->text);
    }
    if (join || first || path->type == YAML_LIST) {
        value->type = join ? VALUE_JOIN : VALUE_FIRST;
        return parts_load(loader,
                          join    ? join
                          : first ? first
                                  : path,
                          value, depth);
    }
    return path_value_load(loader, path, value);
}

static bool
map_load(struct loader *loader, const struct yaml *node, struct value *value,
         int depth)
{
    size_t n_errors = loader->complaints->n_errors;
    yaml_only(node, value_keys, sizeof value_keys / sizeof value_keys[0],
              loader->complaints);
    bool good = origin_load(loader, node, value, depth);
    good &= text_load(loader, yaml_get(node, "after"), &value->after);
    good &= text_load(loader, yaml_get(node, "until"), &value->until);
    good &= text_load(loader, yaml_get(node, "default"), &value->otherwise);
    good &= shape_load(loader, yaml_get(node, "as"), &value->shape);
    const struct yaml *table = yaml_get(node, "table");
    if (table)
        good &= table_load(loader, table, &value->table);
    return good && loader->complaints->n_errors == n_errors;
}

static bool
value_load_at(struct loader *loader, const struct yaml *node,
              struct value *value, int depth)
{
    bool good = false;
    *value = (struct value){0};
    if (depth > MAX_VALUE_DEPTH) {
        complain(loader->complaints, node->place,
                 "values nested deeper than %d", (int)MAX_VALUE_DEPTH);
        return false;
    }
    switch (node->type) {
    case YAML_SCALAR:
        good = path_value_load(loader, node, value);
        break;
    case YAML_LIST:
        value->type = VALUE_FIRST;
        good = parts_load(loader, node, value, depth);
        break;
    case YAML_MAP:
        good = map_load(loader, node, value, depth);
        break;
    }
    value->plain = value->type == VALUE_PATH && value->path.n_tail == 0 &&
                   value->shape == AS_TEXT && value->after.len == 0 &&
                   value->until.len == 0 && !value->table &&
                   value->otherwise.len == 0;
    return good;
}

bool
value_load(struct loader *loader, const struct yaml *node, struct value *value)
{
    *value = (struct value){0};
    return node && value_load_at(loader, node, value, 1);
}
