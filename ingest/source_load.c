/* SPDX-License-Identifier: Apache-2.0
 *
 * A mapping file becomes a compiled source. Everything is read even after a
 * mistake, so that one run names them all; a source is given out only when
 * there was none. docs/sources.md has every key in a table. */
#include "ingest/source_priv.h"

#include "base/times.h"

#include <string.h>

#define MINUTE_MS INT64_C(60000)

static const struct str source_keys[] = {
    {"source", 6},      {"product", 7},     {"lateness", 8},
    {"dedup", 5},       {"changes", 7},     {"ahead", 5},
    {"too_old", 7},     {"zone", 4},        {"prefixes", 8},
    {"ignore", 6},      {"requires", 8},    {"time", 4},
    {"fields", 6},      {"techniques", 10}, {"logsource", 9},
    {"severity", 8},    {"kinds", 5},       {"rule_fields", 11},
    {"rule_roots", 10}, {"rule_names", 10},
};

/* --- names, texts ------------------------------------------------------------
 */

static bool
is_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            !(c == '-' && i > 0) && !(c == '_' && i > 0))
            return false;
    }
    return text.len > 0 && text.len <= 64;
}

static void
names_load(struct loader *loader, const struct yaml *root)
{
    struct source *source = loader->source;
    const struct yaml *name = yaml_get(root, "source");
    const struct yaml *product = yaml_get(root, "product");
    if (!name)
        complain(loader->complaints, root->place, "the mapping has no source:");
    else if (yaml_str(name, &source->name, loader->complaints) &&
             !is_name(source->name))
        complain(loader->complaints, name->place,
                 "a source's name is of a-z, 0-9, '-' and '_', at most 64");
    if (!product)
        complain(loader->complaints, root->place,
                 "the mapping has no product: (its name for people)");
    else if (yaml_str(product, &source->product, loader->complaints) &&
             (source->product.len == 0 || source->product.len > 255))
        complain(loader->complaints, product->place, "expected 1 to 255 bytes");
}

static void
spans_load(struct loader *loader, const struct yaml *root)
{
    struct source *source = loader->source;
    struct complaints *complaints = loader->complaints;
    source->lateness_ms = 10 * MINUTE_MS;
    source->ahead_ms = 5 * MINUTE_MS;
    yaml_duration_ms(yaml_get(root, "lateness"), 0, 7 * MS_PER_DAY,
                     &source->lateness_ms, complaints);
    yaml_duration_ms(yaml_get(root, "dedup"), 0, 30 * MS_PER_DAY,
                     &source->dedup_ms, complaints);
    yaml_duration_ms(yaml_get(root, "ahead"), 0, MS_PER_DAY, &source->ahead_ms,
                     complaints);
    yaml_duration_ms(yaml_get(root, "too_old"), 0, 3650 * MS_PER_DAY,
                     &source->too_old_ms, complaints);
}

/* The scalars of a list of at most `max`, or one scalar. */
static size_t
texts_load(struct loader *loader, const struct yaml *node, struct str *texts,
           size_t max)
{
    size_t n = 0;
    if (node->type == YAML_SCALAR)
        return yaml_str(node, &texts[0], loader->complaints) ? 1 : 0;
    if (node->type != YAML_LIST || node->n_children == 0 ||
        node->n_children > max) {
        complain(loader->complaints, node->place,
                 "expected a text, or a list of 1 to %zu", max);
        return 0;
    }
    for (const struct yaml *at = node->first; at; at = at->next)
        if (yaml_str(at, &texts[n], loader->complaints))
            n++;
    return n;
}

static void
ignore_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (!node)
        return;
    source->n_ignored = texts_load(loader, node, source->ignored, MAX_IGNORED);
    for (size_t i = 0; i < source->n_ignored; i++)
        if (source->ignored[i].len > source->max_ignored_len)
            source->max_ignored_len = source->ignored[i].len;
}

static void
prefixes_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (!node)
        return;
    if (node->type != YAML_MAP || node->n_children > MAX_PREFIXES) {
        complain(loader->complaints, node->place,
                 "prefixes is a map from names to lists of paths, at most %d",
                 (int)MAX_PREFIXES);
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct path_prefix *prefix = &source->prefix[source->n_prefixes++];
        prefix->name = at->key;
        prefix->path =
            arena_take(loader->arena, MAX_VALUE_PARTS, sizeof *prefix->path);
        if (!is_name(at->key))
            complain(loader->complaints, at->key_place,
                     "a prefix's name is of a-z, 0-9, '-' and '_'");
        if (prefix->path)
            prefix->n_paths =
                texts_load(loader, at, prefix->path, MAX_VALUE_PARTS);
    }
}

/* --- requires
 * -------------------------------------------------------------------- */

static void
require_paths(struct loader *loader, const struct yaml *node,
              struct require *require)
{
    const struct yaml *first = node->type == YAML_LIST ? node->first : node;
    size_t n = node->type == YAML_LIST ? node->n_children : 1;
    require->path =
        arena_take(loader->arena, n * MAX_VALUE_PARTS, sizeof *require->path);
    if (n == 0 || n > MAX_VALUE_PARTS || !require->path) {
        complain(loader->complaints, node->place,
                 "expected a path or a list of 1 to %d paths",
                 (int)MAX_VALUE_PARTS);
        return;
    }
    for (; first && n > 0; first = first->next, n--) {
        size_t n_more = 0;
        struct path *more = value_paths(loader, first, &n_more);
        for (size_t i = 0; more && i < n_more; i++)
            require->path[require->n_paths++] = more[i];
    }
}

static void
require_load(struct loader *loader, const struct yaml *node,
             struct require *require)
{
    static const struct str keys[] = {{"path", 4}, {"is", 2}};
    if (node->type == YAML_SCALAR) {
        require_paths(loader, node, require);
        return;
    }
    const struct yaml *path = yaml_get(node, "path");
    const struct yaml *is = yaml_get(node, "is");
    if (!path) {
        complain(loader->complaints, node->place,
                 "expected a path, or a map with path: and is:");
        return;
    }
    yaml_only(node, keys, sizeof keys / sizeof keys[0], loader->complaints);
    require_paths(loader, path, require);
    if (!is)
        return;
    require->is =
        arena_take(loader->arena, MAX_VALUE_PARTS, sizeof *require->is);
    if (require->is)
        require->n_is = texts_load(loader, is, require->is, MAX_VALUE_PARTS);
}

static void
requires_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (!node)
        return;
    if (node->type != YAML_LIST || node->n_children > MAX_REQUIRES) {
        complain(loader->complaints, node->place,
                 "requires is a list of at most %d conditions",
                 (int)MAX_REQUIRES);
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next)
        require_load(loader, at, &source->require[source->n_requires++]);
}

/* --- time, fields, techniques, logsource
 * ------------------------------------------- */

static void
times_load(struct loader *loader, const struct yaml *root)
{
    struct source *source = loader->source;
    const struct yaml *node = yaml_get(root, "time");
    int zone_minutes = 0;
    time_zone_load(yaml_get(root, "zone"), &zone_minutes, loader->complaints);
    if (!node) {
        complain(loader->complaints, root->place, "the mapping has no time:");
        return;
    }
    if (node->type == YAML_MAP) {
        time_rule_load(loader, node, zone_minutes, &source->time[0]);
        source->n_times = 1;
        return;
    }
    if (node->type != YAML_LIST || node->n_children == 0 ||
        node->n_children > MAX_TIMES) {
        complain(loader->complaints, node->place,
                 "time is a map, or a list of 1 to %d", (int)MAX_TIMES);
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next)
        time_rule_load(loader, at, zone_minutes,
                       &source->time[source->n_times++]);
}

static void
unknown_field(struct loader *loader, struct place place, struct str word)
{
    struct str keys[N_ALERT_FIELDS];
    for (size_t i = 0; i < N_ALERT_FIELDS; i++)
        keys[i] = alert_field_key((enum alert_field)i);
    complain_unknown(loader->complaints, place, "field", word, keys,
                     N_ALERT_FIELDS);
}

static void
fields_load(struct loader *loader, const struct yaml *root)
{
    struct source *source = loader->source;
    const struct yaml *node = yaml_get(root, "fields");
    if (!node || node->type != YAML_MAP) {
        complain(loader->complaints, node ? node->place : root->place,
                 "fields: is a map from field names to values");
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        enum alert_field field;
        struct value unused;
        if (!alert_field_from(at->key, &field)) {
            unknown_field(loader, at->key_place, at->key);
            value_load(loader, at, &unused);
        } else if (source->n_fields < N_ALERT_FIELDS) {
            struct field_rule *rule = &source->field[source->n_fields++];
            rule->field = field;
            value_load(loader, at, &rule->value);
        }
    }
}

/* All of them are looked through, so a list is not of alternatives here. */
static void
techniques_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (!node)
        return;
    const struct yaml *first = node->type == YAML_LIST ? node->first : node;
    size_t n = node->type == YAML_LIST ? node->n_children : 1;
    source->technique = arena_take(loader->arena, n, sizeof *source->technique);
    if (!source->technique || n > MAX_VALUE_PARTS) {
        complain(loader->complaints, node->place, "at most %d values",
                 (int)MAX_VALUE_PARTS);
        return;
    }
    for (; first && source->n_techniques < n; first = first->next)
        value_load(loader, first, &source->technique[source->n_techniques++]);
}

static void
logsource_load(struct loader *loader, const struct yaml *node)
{
    static const struct str keys[] = {
        {"product", 7}, {"category", 8}, {"service", 7}};
    struct source *source = loader->source;
    if (!node)
        return;
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "logsource is a map with product, category, service");
        return;
    }
    yaml_only(node, keys, sizeof keys / sizeof keys[0], loader->complaints);
    value_load(loader, yaml_get(node, "product"), &source->product_log);
    value_load(loader, yaml_get(node, "category"), &source->category_log);
    value_load(loader, yaml_get(node, "service"), &source->service_log);
}

/* --- dedup
 * ---------------------------------------------------------------------------
 */

static bool
has_field(const struct source *source, enum alert_field field)
{
    for (size_t i = 0; i < source->n_fields; i++)
        if (source->field[i].field == field)
            return true;
    return false;
}

static void
changes_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (!node)
        return;
    if (node->type != YAML_LIST || node->n_children > N_ALERT_FIELDS) {
        complain(loader->complaints, node->place,
                 "changes is a list of field names");
        return;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct str key;
        enum alert_field field = ALERT_VENDOR_SEVERITY;
        if (!yaml_str(at, &key, loader->complaints))
            continue;
        if (!str_equal(key, STR("severity")) && !alert_field_from(key, &field))
            unknown_field(loader, at->place, key);
        else if (!has_field(source, field))
            complain_warning(loader->complaints, at->place,
                             "the mapping does not fill '%.*s'", STR_ARG(key));
        source->change[source->n_changes++] = field;
    }
}

static void
dedup_check(struct loader *loader, const struct yaml *root)
{
    const struct source *source = loader->source;
    const struct yaml *dedup = yaml_get(root, "dedup");
    const struct yaml *changes = yaml_get(root, "changes");
    if (source->dedup_ms > 0 && !has_field(source, ALERT_VENDOR_ID))
        complain(loader->complaints, dedup->place,
                 "dedup needs fields: vendor_id");
    if (!dedup && changes)
        complain_warning(loader->complaints, changes->key_place,
                         "changes has no effect without dedup");
}

/* --- severity, kinds
 * ------------------------------------------------------------------ */

static void
severity_load(struct loader *loader, const struct yaml *root)
{
    const struct source *source = loader->source;
    const struct yaml *node = yaml_get(root, "severity");
    if (!node) {
        complain(loader->complaints, root->place,
                 "the mapping has no severity:");
        return;
    }
    if (!severity_tables_load(loader, node))
        return;
    for (size_t i = 0; i < source->n_severities; i++) {
        const struct severity_table *table = &source->severity[i];
        if (table->n_words + table->n_ranges > 0 &&
            table->value.type == VALUE_NONE &&
            !has_field(source, ALERT_VENDOR_SEVERITY))
            complain(loader->complaints, table->place,
                     "nothing to look up: give fields: vendor_severity, or "
                     "value: here");
    }
}

static void
kinds_file_load(struct loader *loader, const char *path,
                const struct yaml *node)
{
    struct str name;
    if (!node || !yaml_str(node, &name, loader->complaints))
        return;
    const char *slash = strrchr(path, '/');
    int len = slash ? (int)(slash - path) + 1 : 0;
    if (name.len > 0 && name.at[0] == '/')
        len = 0;
    struct str full =
        arena_format(loader->arena, "%.*s%.*s", len, path, STR_ARG(name));
    if (!full.at || name.len == 0) {
        complain(loader->complaints, node->place, "expected a file's name");
        return;
    }
    struct place from = loader->complaints->from;
    loader->complaints->from = node->place;
    loader->source->kinds =
        kinds_load(full.at, loader->arena, loader->complaints);
    loader->complaints->from = from;
}

const struct source *
source_load(const char *path, struct arena *arena,
            struct complaints *complaints)
{
    size_t n_errors = complaints->n_errors;
    const struct yaml *root = yaml_load(path, arena, complaints);
    struct loader loader = {.arena = arena, .complaints = complaints};
    if (!root)
        return NULL;
    loader.source = arena_take(arena, 1, sizeof *loader.source);
    if (!loader.source || root->type != YAML_MAP) {
        complain(complaints, root->place,
                 loader.source ? "a mapping is a map" : "out of memory");
        return NULL;
    }
    yaml_only(root, source_keys, sizeof source_keys / sizeof source_keys[0],
              complaints);
    names_load(&loader, root);
    spans_load(&loader, root);
    ignore_load(&loader, yaml_get(root, "ignore"));
    prefixes_load(&loader, yaml_get(root, "prefixes"));
    requires_load(&loader, yaml_get(root, "requires"));
    times_load(&loader, root);
    fields_load(&loader, root);
    techniques_load(&loader, yaml_get(root, "techniques"));
    logsource_load(&loader, yaml_get(root, "logsource"));
    severity_load(&loader, root);
    changes_load(&loader, yaml_get(root, "changes"));
    dedup_check(&loader, root);
    kinds_file_load(&loader, path, yaml_get(root, "kinds"));
    view_load(&loader, root);
    if (!path_compile(&loader.source->trie, arena))
        complain(complaints, root->place, "out of memory");
    return complaints->n_errors == n_errors ? loader.source : NULL;
}
