/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading what placeholders stand for:
 *
 *   placeholders:
 *     Servers: ['srv*', db-01]
 *     DomainControllers: {file: dc.txt}
 *     Revoked: {watchlist: revoked, inventory: ../inventory/site.yml}
 *
 * Files are found beside the document that names them. A file has one value a
 * line; blank lines and those that begin with '#' are none. Of a watch-list all
 * of its entries are taken, whatever the days they are for: a rule set has no
 * date. */
#include "correlate/placeholder.h"

#include "base/file.h"
#include "base/table.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool
placeholders_open(struct rule_loader *loader)
{
    loader->placeholder = arena_take_raw(loader->arena, MAX_PLACEHOLDERS,
                                         sizeof *loader->placeholder);
    loader->placeholder_names = table_new(MAX_PLACEHOLDERS);
    return loader->placeholder && loader->placeholder_names;
}

void
placeholders_close(struct rule_loader *loader)
{
    table_free(loader->placeholder_names);
}

/* --- collecting values */

struct values {
    struct rule_loader *loader;
    struct str *at;
    size_t n, max;
};

static bool
values_open(struct values *values, struct rule_loader *loader, size_t max)
{
    *values = (struct values){.loader = loader, .max = max};
    values->at = loader_take(loader, max + 1, sizeof *values->at);
    return values->at != NULL;
}

static bool
values_add(struct values *values, const struct yaml *node)
{
    if (node->type != YAML_SCALAR || yaml_kind(node) == YAML_NULL) {
        complain(values->loader->complaints, node->place,
                 "a placeholder stands for texts and numbers");
        return false;
    }
    if (values->n < values->max)
        values->at[values->n++] = loader_keep(values->loader, node->text);
    return true;
}

static bool
from_list(struct values *values, const struct yaml *node)
{
    bool is_list = node->type == YAML_LIST, good = true;
    const struct yaml *at = is_list ? node->first : node;
    if (!values_open(values, values->loader, is_list ? node->n_children : 1))
        return false;
    for (; at; at = is_list ? at->next : NULL)
        good &= values_add(values, at);
    return good;
}

/* The path beside the file that is being loaded; NULL with complaints: no file
 * is there. What is no file (a pipe, a terminal) might never end. */
static const char *
path_beside(struct rule_loader *loader, const struct yaml *node,
            struct arena *arena)
{
    const char *slash = strrchr(loader->file, '/'), *path;
    struct stat about;
    struct str name;
    if (!yaml_str(node, &name, loader->complaints))
        return NULL;
    path =
        !slash || str_starts(name, STR("/"))
            ? arena_copy(arena, name).at
            : arena_format(arena, "%.*s%.*s", (int)(slash + 1 - loader->file),
                           loader->file, STR_ARG(name))
                  .at;
    if (!path || stat(path, &about) != 0) {
        complain(loader->complaints, node->place, "%.*s: %s", STR_ARG(name),
                 path ? strerror(errno) : "out of memory");
        return NULL;
    }
    if (!S_ISREG(about.st_mode)) {
        complain(loader->complaints, node->place, "%.*s is no file",
                 STR_ARG(name));
        return NULL;
    }
    return path;
}

static bool
from_file(struct values *values, const struct yaml *node)
{
    struct rule_loader *loader = values->loader;
    struct arena scratch = *loader->scratch;
    struct str text, rest, line;
    struct err why = {""};
    size_t n = 0;
    const char *path = path_beside(loader, node, &scratch);
    if (!path)
        return false;
    if (!file_read(path, YAML_MAX_BYTES, &scratch, &text, &why)) {
        complain(loader->complaints, node->place, "%s", why.text);
        return false;
    }
    for (rest = text; str_split(&rest, '\n', &line);)
        n++;
    if (!values_open(values, loader, n))
        return false;
    for (rest = text; str_split(&rest, '\n', &line);) {
        line = str_trim(line);
        if (line.len > 0 && line.at[0] != '#' && values->n < n)
            values->at[values->n++] = loader_keep(loader, line);
    }
    return true;
}

/* --- watch-lists */

static const char *const watched[] = {"users", "hosts", "addresses", "domains",
                                      "hashes"};
enum { N_WATCHED = sizeof watched / sizeof *watched };

static const struct yaml *
find_watchlist(struct rule_loader *loader, const struct yaml *lists,
               const struct yaml *wanted, struct arena scratch)
{
    size_t n = lists && lists->type == YAML_LIST ? lists->n_children : 0;
    struct str *names = arena_take(&scratch, n + 1, sizeof *names);
    size_t n_names = 0;
    const struct yaml *at = n > 0 ? lists->first : NULL;
    for (; at && names; at = at->next) {
        const struct yaml *name = yaml_get(at, "name");
        if (!name || name->type != YAML_SCALAR)
            continue;
        if (str_equal(name->text, wanted->text))
            return at;
        names[n_names++] = name->text;
    }
    complain_unknown(loader->complaints, wanted->place, "watch-list",
                     wanted->text, names, n_names);
    return NULL;
}

static bool
from_watchlist(struct values *values, const struct yaml *map)
{
    struct rule_loader *loader = values->loader;
    struct arena scratch = *loader->scratch;
    const struct yaml *wanted = yaml_get(map, "watchlist");
    const struct yaml *inventory = yaml_get(map, "inventory");
    struct str name;
    size_t n = 0;
    bool good = true;
    if (!inventory) {
        complain_missing(loader, map, "inventory");
        return false;
    }
    if (!yaml_str(wanted, &name, loader->complaints))
        return false;
    const char *path = path_beside(loader, inventory, &scratch);
    if (!path)
        return false;
    const struct place before = loader->complaints->from;
    loader->complaints->from = inventory->place;
    const struct yaml *root = yaml_load(path, &scratch, loader->complaints);
    loader->complaints->from = before;
    const struct yaml *list =
        root ? find_watchlist(loader, yaml_get(root, "watchlists"), wanted,
                              scratch)
             : NULL;
    for (size_t i = 0; list && i < N_WATCHED; i++) {
        const struct yaml *of = yaml_get(list, watched[i]);
        n += of ? of->n_children + 1 : 0;
    }
    if (!list || !values_open(values, loader, n))
        return false;
    for (size_t i = 0; i < N_WATCHED; i++) {
        const struct yaml *of = yaml_get(list, watched[i]);
        const struct yaml *at = of && of->type == YAML_LIST ? of->first : NULL;
        for (; at; at = at->next)
            good &= values_add(values, at);
    }
    return good;
}

static bool
from_map(struct values *values, const struct yaml *map)
{
    static const struct str keys[] = {
        {"file", 4}, {"watchlist", 9}, {"inventory", 9}};
    struct complaints *complaints = values->loader->complaints;
    size_t n_errors = complaints->n_errors;
    const struct yaml *file = yaml_get(map, "file");
    bool is_watchlist = yaml_get(map, "watchlist") != NULL;
    yaml_only(map, keys, 3, complaints);
    if (complaints->n_errors > n_errors)
        return false;
    if ((file != NULL) == is_watchlist) {
        complain(complaints, map->place,
                 "expected 'file', or 'watchlist' and 'inventory'");
        return false;
    }
    return is_watchlist ? from_watchlist(values, map) : from_file(values, file);
}

/* --- the document */

static bool
name_fits(struct rule_loader *loader, const struct yaml *node)
{
    struct str name = node->key;
    bool good = name.len > 0 && name.len <= MAX_KEY_BYTES;
    for (size_t i = 0; i < name.len; i++)
        good = good && (unsigned char)name.at[i] > 0x20 && name.at[i] != '%' &&
               name.at[i] != '\\';
    if (!good)
        complain(loader->complaints, node->key_place,
                 "'%.*s' cannot name a placeholder: 1 to %d bytes without "
                 "blanks, '%%' and '\\'",
                 STR_ARG(name), (int)MAX_KEY_BYTES);
    return good;
}

static bool
placeholder_add(struct rule_loader *loader, const struct yaml *node,
                const struct values *values)
{
    bool is_new;
    if (loader->full)
        return false;
    if (values->n == 0) {
        complain(loader->complaints, node->place,
                 "the placeholder '%.*s' stands for nothing",
                 STR_ARG(node->key));
        return false;
    }
    uint32_t number = table_add(loader->placeholder_names, node->key, &is_new);
    if (number == TABLE_NONE) {
        complain(loader->complaints, node->key_place,
                 "more than %d placeholders", (int)MAX_PLACEHOLDERS);
        return false;
    }
    struct placeholder *placeholder = &loader->placeholder[number];
    if (!is_new) {
        complain(loader->complaints, node->key_place,
                 "the placeholder '%.*s' is defined in %s:%u:%u",
                 STR_ARG(node->key), placeholder->place.file,
                 placeholder->place.line, placeholder->place.column);
        return false;
    }
    struct digest all = hash_digest_of(values->at, values->n);
    const struct str parts[] = {node->key, {(const char *)&all, sizeof all}};
    *placeholder = (struct placeholder){
        .place = loader_place(loader, node->key_place),
        .value = values->at,
        .n_values = values->n,
        .digest = hash_digest_of(parts, 2),
    };
    return true;
}

bool
placeholders_load(struct rule_loader *loader, const struct yaml *document)
{
    static const struct str keys[] = {
        {"placeholders", 12}, {"title", 5},    {"id", 2},
        {"description", 11},  {"author", 6},   {"references", 10},
        {"date", 4},          {"modified", 8}, {"license", 7}};
    size_t n_errors = loader->complaints->n_errors;
    const struct yaml *map = yaml_get(document, "placeholders");
    yaml_only(document, keys, sizeof keys / sizeof *keys, loader->complaints);
    if (map->type != YAML_MAP) {
        complain(loader->complaints, map->place,
                 "placeholders is a map of names and what they stand for");
        return false;
    }
    for (const struct yaml *at = map->first; at; at = at->next) {
        struct values values = {.loader = loader};
        if (name_fits(loader, at) &&
            (at->type == YAML_MAP ? from_map(&values, at)
                                  : from_list(&values, at)))
            placeholder_add(loader, at, &values);
    }
    return loader->complaints->n_errors == n_errors;
}

/* --- using them */

static bool
has_expand(const struct yaml *map)
{
    for (const struct yaml *at = map->first; at; at = at->next)
        if (str_contains(at->key, STR("|expand")))
            return true;
    return false;
}

bool
placeholders_wanted(const struct yaml *detection)
{
    if (!detection || detection->type != YAML_MAP)
        return false;
    for (const struct yaml *search = detection->first; search;
         search = search->next) {
        if (search->type == YAML_MAP && has_expand(search))
            return true;
        const struct yaml *at =
            search->type == YAML_LIST ? search->first : NULL;
        for (; at; at = at->next)
            if (at->type == YAML_MAP && has_expand(at))
                return true;
    }
    return false;
}

const struct placeholder *
placeholder_find(struct rule_loader *loader, struct str name,
                 struct place place)
{
    struct table *table = loader->placeholder_names;
    uint32_t number = table_find(table, name);
    if (number == TABLE_NONE) {
        struct arena scratch = *loader->scratch;
        uint32_t n = table_len(table);
        struct str *names = arena_take(&scratch, n + 1, sizeof *names);
        for (uint32_t i = 0; names && i < n; i++)
            names[i] = table_key(table, i);
        complain_unknown(loader->complaints, place, "placeholder", name, names,
                         names ? n : 0);
        return NULL;
    }
    const struct placeholder *placeholder = &loader->placeholder[number];
    struct digest before =
        loader->has_expanded ? loader->expanded : (struct digest){{0, 0}};
    const struct str parts[] = {
        {(const char *)&before, sizeof before},
        {(const char *)&placeholder->digest, sizeof placeholder->digest}};
    loader->expanded = hash_digest_of(parts, 2);
    loader->has_expanded = true;
    return placeholder;
}
