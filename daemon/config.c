/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the configuration: defaults, then the file, then the environment,
 * all by way of the rows of config_table.c. Nothing stops at the first
 * mistake: a setting that is wrong keeps its default, and the reader goes on,
 * so that one run names them all. */
#include "config.h"
#include "base/file.h"
#include "config_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ARENA_BYTES = 64 << 20,
    MAX_KAFKA_SETTINGS = 128,
    MAX_NAME_BYTES = 256,
};

/* --- sources */

static bool
is_pattern(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              (c >= '0' && c <= '9') || strchr("._-*?", c) != NULL))
            return false;
    }
    return text.len > 0 && text.len < 250;
}

static const char *
mapping_path(struct config *config, struct str name)
{
    if (str_contains(name, STR("/")) || str_ends(name, STR(".yml")) ||
        str_ends(name, STR(".yaml")))
        return NULL;
    struct str path = arena_format(&config->arena, "%s/%.*s.yml",
                                   config->sources_dir, STR_ARG(name));
    return path.at != NULL ? path.at : "";
}

static void
add_source(struct loading *loading, const struct yaml *node)
{
    static const char *const keys[] = {"topics", "mapping", "report"};
    struct complaints *complaints = loading->complaints;
    struct config *config = loading->config;
    struct config_source source = {.place = node->place};
    struct str text[3] = {{0}}, names[3];
    if (node->type != YAML_MAP) {
        complain(complaints, node->place,
                 "a source is a map of topics, mapping and report");
        return;
    }
    for (size_t i = 0; i < 3; i++)
        names[i] = str_of(keys[i]);
    yaml_only(node, names, 3, complaints);
    for (size_t i = 0; i < 3; i++) {
        const struct yaml *value = yaml_get(node, keys[i]);
        if (value == NULL && i < 2)
            complain(complaints, node->place, "a source needs '%s'", keys[i]);
        if (value == NULL)
            continue;
        if (!yaml_str(value, &text[i], complaints) ||
            !loading_plain(loading, value))
            text[i] = NO_STR;
        else if (i == 0 && !is_pattern(text[i]))
            complain(complaints, value->place,
                     "'%.*s' is no topic's name (a-z A-Z 0-9 . _ -) nor a "
                     "pattern with * and ?",
                     STR_ARG(text[i]));
        else if (i == 1)
            source.mapping_place = value->place;
    }
    if (text[0].len == 0 || text[1].len == 0)
        return;
    if (config->n_sources == MAX_SOURCES) {
        complain(complaints, node->place, "more than %d sources", MAX_SOURCES);
        return;
    }
    for (size_t i = 0; i < config->n_sources; i++)
        if (str_equal(config->source[i].topics, text[0]))
            complain(complaints, node->place,
                     "topics '%.*s' are bound twice (first in line %u)",
                     STR_ARG(text[0]), config->source[i].place.line);
    source.topics = loading_keep(loading, text[0]);
    source.report = loading_keep(loading, text[2]);
    /* A bare name waits for sources_dir, which may stand further down. */
    source.mapping = loading_keep(loading, text[1]).at;
    config->source[config->n_sources++] = source;
}

static void
finish_sources(struct loading *loading)
{
    struct config *config = loading->config;
    const struct str ours[] = {
        config->topics.alerts,     config->topics.windows,
        config->topics.deadletter, config->topics.state,
        config->topics.reports,    config->topics.rules,
        config->topics.incidents,  config->topics.journal,
        config->topics.tickets,    config->topics.evidence,
        config->topics.reviews,    config->topics.chained,
    };
    size_t n = sizeof ours / sizeof *ours;
    for (size_t i = 0; i < config->n_sources; i++) {
        struct config_source *source = &config->source[i];
        struct str name = str_of(source->mapping);
        const char *path = mapping_path(config, name);
        source->mapping = path != NULL ? path : loading_path(loading, name);
        for (size_t k = 0; k < n; k++)
            if (str_matches_glob(ours[k], source->topics))
                complain(loading->complaints, source->place,
                         "topics '%.*s' also fit our own topic %.*s",
                         STR_ARG(source->topics), STR_ARG(ours[k]));
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (str_equal(ours[i], ours[k]))
                complain(
                    loading->complaints, (struct place){.file = config->file},
                    "two of our topics are called '%.*s'", STR_ARG(ours[i]));
}

/* --- kafka.* */

static void
add_kafka(struct loading *loading, struct str name, const struct yaml *node)
{
    struct err why;
    struct str text;
    if (!yaml_str(node, &text, loading->complaints) ||
        !loading_plain(loading, node))
        return;
    const char *key = loading_keep(loading, name).at;
    /* Files are meant relative to ours; "probe" is a word of the library. */
    bool file =
        str_ends(name, STR(".location")) && !str_equal(text, STR("probe"));
    const char *value =
        file ? loading_path(loading, text) : loading_keep(loading, text).at;
    for (size_t i = 0; i < loading->n_kafka; i++)
        if (strcmp(loading->kafka[i].name, key) == 0) {
            complain(loading->complaints, node->key_place,
                     "'kafka.%s' is given twice", key);
            return;
        }
    if (!kafka_setting_check(key, value, &why)) {
        const struct str ours[] = {STR("brokers")};
        struct str near = str_nearest(name, ours, 1);
        complain(loading->complaints, node->key_place, "%s%s", why.text,
                 near.len > 0 ? " (did you mean 'kafka.brokers'?)" : "");
        return;
    }
    if (loading->n_kafka == MAX_KAFKA_SETTINGS) {
        complain(loading->complaints, node->key_place,
                 "more than %d settings of kafka", MAX_KAFKA_SETTINGS);
        return;
    }
    loading->kafka[loading->n_kafka++] = (struct kafka_setting){key, value};
}

static void
set_row_text(struct loading *loading, const struct config_row *row,
             const char *where, const char *text)
{
    const struct yaml node = {
        .type = YAML_SCALAR,
        .place = {.file = where},
        .text = str_of(text),
        .quoted = *text == '\0', /* empty, not missing */
    };
    config_set(loading, row, &node);
}

/* --- the tree */

static const struct config_row *
find_row(struct str name, size_t *number)
{
    for (size_t i = 0; i < config_n_rows; i++)
        if (str_equal(name, str_of(config_rows[i].name))) {
            *number = i;
            return &config_rows[i];
        }
    return NULL;
}

static bool
begins_row(struct str name)
{
    for (size_t i = 0; i < config_n_rows; i++) {
        struct str row = str_of(config_rows[i].name);
        if (row.len > name.len && str_starts(row, name) &&
            row.at[name.len] == '.')
            return true;
    }
    return false;
}

static void
complain_setting(struct loading *loading, const struct yaml *node,
                 struct str name)
{
    struct str names[MAX_CONFIG_ROWS];
    for (size_t i = 0; i < config_n_rows; i++)
        names[i] = str_of(config_rows[i].name);
    complain_unknown(loading->complaints, node->key_place, "setting", name,
                     names, config_n_rows);
}

static void
give_row(struct loading *loading, const struct config_row *row, size_t number,
         const struct yaml *node)
{
    struct place *given = &loading->given[number];
    if (given->line != 0) {
        complain(loading->complaints, node->key_place,
                 "'%s' is given twice (first in line %u)", row->name,
                 given->line);
        return;
    }
    *given = node->key_place;
    if (row->type != CONFIG_SOURCES) {
        config_set(loading, row, node);
        return;
    }
    if (node->type != YAML_LIST) {
        complain(loading->complaints, node->place,
                 "sources must be a list (- topics: …)");
        return;
    }
    for (const struct yaml *one = node->first; one != NULL; one = one->next)
        add_source(loading, one);
}

/* Every key of `map`; `prefix` is "" or ends with a dot. Depth is bounded by
 * MAX_NAME_BYTES and by the YAML reader. */
static void
walk(struct loading *loading, const struct yaml *map, struct str prefix)
{
    for (const struct yaml *node = map->first; node; node = node->next) {
        size_t number;
        if (prefix.len + node->key.len + 1 >= MAX_NAME_BYTES) {
            complain_setting(loading, node, node->key);
            continue;
        }
        char name_bytes[MAX_NAME_BYTES];
        if (prefix.len > 0)
            memcpy(name_bytes, prefix.at, prefix.len);
        if (node->key.len > 0)
            memcpy(name_bytes + prefix.len, node->key.at, node->key.len);
        struct str name = {name_bytes, prefix.len + node->key.len};
        const struct config_row *row = find_row(name, &number);
        bool kafka = str_starts(name, STR("kafka."));
        if (row != NULL) {
            give_row(loading, row, number, node);
        } else if (node->type == YAML_MAP && (kafka || begins_row(name) ||
                                              str_equal(name, STR("kafka")))) {
            name_bytes[name.len++] = '.';
            walk(loading, node, name);
        } else if (kafka) {
            add_kafka(loading, str_cut(name, 6, name.len), node);
        } else if (begins_row(name)) {
            complain(loading->complaints, node->place,
                     "'%.*s' must be a map of settings", STR_ARG(name));
        } else {
            complain_setting(loading, node, name);
        }
    }
}

static const char *
default_file(void)
{
    static const char here[] = "deploy/thapcanh.yml";
    return access(here, R_OK) == 0 ? here : "/etc/thapcanh/thapcanh.yml";
}

static void
read_file(struct loading *loading)
{
    struct config *config = loading->config;
    const struct yaml *root =
        yaml_load(config->file, &config->arena, loading->complaints);
    if (root == NULL)
        return;
    if (root->next != NULL)
        complain(loading->complaints, root->next->place,
                 "a configuration is one document");
    if (root->type == YAML_MAP)
        walk(loading, root, STR(""));
    else
        complain(loading->complaints, root->place,
                 "a configuration is a map of settings");
}

static void
read_environment(struct loading *loading)
{
    static const char *const names[][2] = {{"KAFKA", "kafka.brokers"},
                                           {"REDIS", "redis.address"}};
    struct str folder = loading->folder;
    loading->folder = STR(""); /* whoever types it means the present folder */
    for (size_t i = 0; i < 2; i++) {
        const char *value = getenv(names[i][0]);
        size_t number;
        if (value == NULL || *value == '\0')
            continue;
        const struct config_row *row = find_row(str_of(names[i][1]), &number);
        set_row_text(loading, row,
                     i == 0 ? "environment KAFKA" : "environment REDIS", value);
    }
    loading->folder = folder;
}

static void
set_presets(struct loading *loading)
{
    for (size_t i = 0; i < config_n_rows; i++)
        if (config_rows[i].preset != NULL)
            set_row_text(loading, &config_rows[i], "default",
                         config_rows[i].preset);
}

static struct place
given_at(const struct loading *loading, const char *name)
{
    size_t number = 0;
    return find_row(str_of(name), &number) != NULL ? loading->given[number]
                                                   : (struct place){0};
}

static void
finish(struct loading *loading)
{
    struct config *config = loading->config;
    config->inventory_place = given_at(loading, "inventory");
    config->calendar_place = given_at(loading, "calendar");
    config->geo_place = given_at(loading, "geo.database");
    config->password_place = given_at(loading, "redis.password_file");
    struct str run = arena_format(&config->arena, "%s/run", config->data_dir);
    config->run_dir = run.at != NULL ? run.at : "";
    loading->kafka[0].value = config->kafka_brokers;
    config->kafka = (struct kafka_settings){loading->kafka, loading->n_kafka};
    finish_sources(loading);
}

bool
config_load(const char *path, struct config *config,
            struct complaints *complaints)
{
    memset(config, 0, sizeof *config);
    config->arena = arena_reserve(ARENA_BYTES);
    config->arena_start = config->arena.at;
    config->file = path != NULL ? path : default_file();
    struct loading loading = {.config = config, .complaints = complaints};
    size_t errors = complaints->n_errors;
    struct str file = str_of(config->file);
    size_t slash = file.len;
    while (slash > 0 && file.at[slash - 1] != '/')
        slash--;
    loading.folder = str_cut(file, 0, slash > 1 ? slash - 1 : slash);
    loading.kafka = config->arena.at == NULL
                        ? NULL
                        : arena_take(&config->arena, MAX_KAFKA_SETTINGS,
                                     sizeof *loading.kafka);
    if (loading.kafka == NULL) {
        complain(complaints, (struct place){.file = config->file},
                 "out of memory");
        return false;
    }
    loading.kafka[0].name = "bootstrap.servers";
    loading.n_kafka = 1;
    set_presets(&loading);
    read_file(&loading);
    read_environment(&loading);
    finish(&loading);
    return complaints->n_errors == errors;
}

void
config_free(struct config *config)
{
    if (config->arena_start != NULL)
        arena_release(config->arena_start, config->arena);
    memset(config, 0, sizeof *config);
}

bool
config_password(struct config *config, struct str *password, struct err *why)
{
    struct str text;
    *password = STR("");
    if (config->redis_password_file == NULL)
        return true;
    if (!file_read(config->redis_password_file, 4096, &config->arena, &text,
                   why))
        return false;
    if (str_split(&text, '\n', password))
        *password = str_trim(*password);
    return true;
}

const struct config_source *
config_source_of(const struct config *config, struct str topic)
{
    for (size_t i = 0; i < config->n_sources; i++)
        if (str_equal(config->source[i].topics, topic))
            return &config->source[i];
    for (size_t i = 0; i < config->n_sources; i++)
        if (str_matches_glob(topic, config->source[i].topics))
            return &config->source[i];
    return NULL;
}
