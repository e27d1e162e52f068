/* SPDX-License-Identifier: Apache-2.0
 *
 * What Sigma lacks, under the one key `thapcanh:`: whether a rule opens
 * incidents and how they are grouped, texts for the people who handle them,
 * examples. Unknown keys are mistakes here. */
#include "base/times.h"
#include "correlate/rule_priv.h"

#include <string.h>

#define DEFAULT_TIMESPAN_MS (INT64_C(15) * 60 * 1000)

/* --- YAML as JSON */

static void
scalar_json(struct buf *buf, const struct yaml *node)
{
    enum yaml_kind kind = yaml_kind(node);
    if (kind == YAML_NULL)
        buf_add(buf, STR("null"));
    else if (kind == YAML_BOOL)
        buf_add(buf, str_equal_nocase(node->text, STR("true")) ? STR("true")
                                                               : STR("false"));
    else if (kind == YAML_NUMBER && decimal_is_plain(node->text))
        buf_add(buf, node->text);
    else
        buf_json(buf, node->text);
}

void
buf_yaml(struct buf *buf, const struct yaml *node)
{
    if (node->type == YAML_SCALAR) {
        scalar_json(buf, node);
        return;
    }
    bool is_map = node->type == YAML_MAP;
    buf_char(buf, is_map ? '{' : '[');
    for (const struct yaml *at = node->first; at; at = at->next) {
        if (at != node->first)
            buf_char(buf, ',');
        if (is_map) {
            buf_json(buf, at->key);
            buf_char(buf, ':');
        }
        buf_yaml(buf, at);
    }
    buf_char(buf, is_map ? '}' : ']');
}

/* --- the keys */

/* `whole`: both languages must be there. */
static bool
both_load(struct rule_loader *loader, const struct yaml *node, bool whole,
          struct both *both)
{
    static const struct str keys[] = {{"vi", 2}, {"en", 2}};
    struct complaints *complaints = loader->complaints;
    size_t n_errors = complaints->n_errors;
    if (!node)
        return true;
    if (node->type != YAML_MAP) {
        complain(complaints, node->place,
                 "'%.*s' is a map of a text in each language: vi, en",
                 STR_ARG(node->key));
        return false;
    }
    yaml_only(node, keys, 2, complaints);
    struct str text;
    for (size_t i = 0; i < 2; i++) {
        const struct yaml *one = yaml_get(node, keys[i].at);
        if (!one && !whole)
            continue;
        if (!one) {
            complain(complaints, node->place,
                     "'%.*s' has no %s:", STR_ARG(node->key), keys[i].at);
            continue;
        }
        if (!yaml_str(one, &text, complaints))
            continue;
        text = str_trim(text);
        if (text.len == 0 || text.len > MAX_FIELD_BYTES)
            complain(complaints, one->place, "expected a text of 1 to %d bytes",
                     (int)MAX_FIELD_BYTES);
        *(i == 0 ? &both->vi : &both->en) = loader_keep(loader, text);
    }
    return complaints->n_errors == n_errors;
}

/* A list of field names, or one. */
bool
fields_list_load(struct rule_loader *loader, const struct yaml *node,
                 struct str *fields, size_t *n)
{
    bool is_list = node->type == YAML_LIST;
    bool good = true;
    const struct yaml *at = is_list ? node->first : node;
    if (is_list && node->n_children > MAX_GROUP_FIELDS) {
        complain(loader->complaints, node->place, "at most %d fields",
                 (int)MAX_GROUP_FIELDS);
        return false;
    }
    for (; at; at = is_list ? at->next : NULL) {
        struct str text = NO_STR;
        if (!yaml_str(at, &text, loader->complaints)) {
            good = false;
            continue;
        }
        if (text.len == 0 || text.len > MAX_KEY_BYTES) {
            complain(loader->complaints, at->place,
                     "expected the name of a field");
            good = false;
        }
        for (size_t i = 0; i < *n; i++)
            if (str_equal(fields[i], text)) {
                complain(loader->complaints, at->place,
                         "'%.*s' stands here twice", STR_ARG(text));
                good = false;
            }
        fields[(*n)++] = loader_keep(loader, text);
    }
    return good;
}

/* incident: none, or for a detection a map of group-by and timespan. */
static bool
incident_load(struct rule_loader *loader, const struct yaml *node,
              bool is_correlation, struct rule_options *options)
{
    static const struct str keys[] = {{"group-by", 8}, {"timespan", 8}};
    size_t n_errors = loader->complaints->n_errors;
    if (!node)
        return true;
    if (node->type == YAML_SCALAR && str_equal(node->text, STR("none"))) {
        options->ticket.incident = INCIDENT_NONE;
        return true;
    }
    if (node->type != YAML_MAP || is_correlation) {
        complain(loader->complaints, node->place,
                 is_correlation ? "incident is 'none' or not there"
                                : "incident is 'none', or a map with group-by "
                                  "and timespan");
        return false;
    }
    yaml_only(node, keys, 2, loader->complaints);
    const struct yaml *group_by = yaml_get(node, "group-by");
    if (group_by) {
        options->n_group_by = 0;
        fields_list_load(loader, group_by, options->group_by,
                         &options->n_group_by);
    }
    yaml_duration_ms(yaml_get(node, "timespan"), 1000, 400 * MS_PER_DAY,
                     &options->timespan_ms, loader->complaints);
    options->has_incident = true;
    return loader->complaints->n_errors == n_errors;
}

static bool
ticket_load(struct rule_loader *loader, const struct yaml *node,
            struct rule_options *options)
{
    static const struct str keys[] = {{"group", 5}};
    size_t n_errors = loader->complaints->n_errors;
    if (!node)
        return true;
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place, "ticket is a map");
        return false;
    }
    yaml_only(node, keys, 1, loader->complaints);
    yaml_duration_ms(yaml_get(node, "group"), 1000, 30 * MS_PER_DAY,
                     &options->ticket.group_ms, loader->complaints);
    return loader->complaints->n_errors == n_errors;
}

static bool
cases_load(struct rule_loader *loader, const struct yaml *node,
           struct str *cases)
{
    struct buf json = {0};
    bool good = true;
    if (!node)
        return true;
    if (node->type != YAML_LIST) {
        complain(loader->complaints, node->place, "'%.*s' is a list",
                 STR_ARG(node->key));
        return false;
    }
    for (const struct yaml *at = node->first; at; at = at->next)
        if (at->type == YAML_SCALAR) {
            complain(loader->complaints, at->place,
                     "an example is an alert (a map), or a list of them");
            good = false;
        }
    if (!good || !loader->keep_examples)
        return good;
    buf_yaml(&json, node);
    *cases = loader_keep(loader, buf_str(&json));
    loader->full |= json.full;
    buf_free(&json);
    return !loader->full;
}

static bool
examples_load(struct rule_loader *loader, const struct yaml *node,
              struct rule_options *options)
{
    static const struct str keys[] = {{"fire", 4}, {"quiet", 5}};
    size_t n_errors = loader->complaints->n_errors;
    if (!node)
        return true;
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "examples is a map of fire: and quiet:");
        return false;
    }
    yaml_only(node, keys, 2, loader->complaints);
    cases_load(loader, yaml_get(node, "fire"), &options->fire);
    cases_load(loader, yaml_get(node, "quiet"), &options->quiet);
    return loader->complaints->n_errors == n_errors;
}

struct both
options_title(const struct rule_options *options, struct str title)
{
    return (struct both){
        .vi = options->title.vi.len > 0 ? options->title.vi : title,
        .en = options->title.en.len > 0 ? options->title.en : title};
}

bool
options_load(struct rule_loader *loader, const struct yaml *node,
             bool is_correlation, struct rule_options *options)
{
    static const struct str keys[] = {
        {"incident", 8},
        {"title", 5},
        {"first_step", 10},
        {"harmless", 8},
        {"ticket", 6},
        {"examples", 8},
        /* of correlations; read beside them */
        {"counts", 6},
        {"until", 5},
        {"never_negative", 14},
        {"hours", 5},
        {"correlation", 11},
    };
    enum { N_COMMON = 6 };
    *options = (struct rule_options){
        .ticket = {.incident = is_correlation ? INCIDENT_CORRELATION
                                              : INCIDENT_DETECTION},
        .group_by = {{"host", 4}},
        .n_group_by = 1,
        .timespan_ms = DEFAULT_TIMESPAN_MS,
    };
    if (!node)
        return true;
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place, "thapcanh is a map");
        return false;
    }
    size_t n_errors = loader->complaints->n_errors;
    yaml_only(node, keys,
              is_correlation ? sizeof keys / sizeof *keys : N_COMMON,
              loader->complaints);
    bool good =
        both_load(loader, yaml_get(node, "title"), false, &options->title);
    good &= both_load(loader, yaml_get(node, "first_step"), true,
                      &options->ticket.first_step);
    good &= both_load(loader, yaml_get(node, "harmless"), true,
                      &options->ticket.harmless);
    good &= incident_load(loader, yaml_get(node, "incident"), is_correlation,
                          options);
    good &= ticket_load(loader, yaml_get(node, "ticket"), options);
    good &= examples_load(loader, yaml_get(node, "examples"), options);
    return good && loader->complaints->n_errors == n_errors && !loader->full;
}
