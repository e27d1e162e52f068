/* SPDX-License-Identifier: Apache-2.0
 *
 * A document with `correlation:` becomes a draft; when all files are read, it
 * is linked (correlation_link.c). What is not there yet is refused by its name,
 * never half-applied. */
#include "base/times.h"
#include "correlate/rule_priv.h"

#include <string.h>

/* --- reading */

static bool
type_load(struct rule_loader *loader, const struct yaml *map,
          enum correlation_type *type)
{
    static const struct str known[] = {
#define X(name, id) {(id), sizeof(id) - 1},
        CORRELATION_TYPES(X)
#undef X
    };
    static const char *const later[] = {"value_sum", "value_avg",
                                        "value_percentile", "value_median"};
    const struct yaml *node = yaml_get(map, "type");
    struct str text;
    if (!node) {
        complain_missing(loader, map, "type");
        return false;
    }
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (str_equal(text, str_of(later[i]))) {
            complain(loader->complaints, node->place,
                     "correlations of type %s are not there yet", later[i]);
            return false;
        }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_equal(text, known[i])) {
            *type = (enum correlation_type)i;
            return true;
        }
    complain_unknown(loader->complaints, node->place, "type", text, known,
                     sizeof known / sizeof *known);
    return false;
}

static bool
references_load(struct rule_loader *loader, const struct yaml *map,
                struct draft *draft)
{
    const struct yaml *node = yaml_get(map, "rules");
    struct correlation *correlation = draft->correlation;
    if (!node) {
        complain_missing(loader, map, "rules");
        return false;
    }
    bool is_list = node->type == YAML_LIST, good = true;
    if (is_list &&
        (node->n_children == 0 || node->n_children > MAX_CORRELATION_STEPS)) {
        complain(loader->complaints, node->place,
                 "rules is a list of 1 to %d names or ids",
                 (int)MAX_CORRELATION_STEPS);
        return false;
    }
    const struct yaml *at = is_list ? node->first : node;
    for (; at; at = is_list ? at->next : NULL) {
        struct reference *rule = &draft->rule[correlation->n_steps];
        struct str text = NO_STR;
        if (!yaml_str(at, &text, loader->complaints)) {
            good = false;
            continue;
        }
        rule->name = loader_keep(loader, text);
        rule->place = loader_place(loader, at->place);
        correlation->n_steps++;
    }
    return good;
}

static bool
alias_load(struct rule_loader *loader, const struct yaml *node,
           struct alias *alias)
{
    bool good = true;
    alias->name = loader_keep(loader, node->key);
    alias->place = loader_place(loader, node->key_place);
    if (node->type != YAML_MAP || node->n_children == 0 ||
        node->n_children > MAX_CORRELATION_STEPS) {
        complain(loader->complaints, node->place,
                 "an alias is a map from names of rules to fields");
        return false;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct str text = NO_STR;
        good &= yaml_str(at, &text, loader->complaints);
        alias->rule[alias->n].name = loader_keep(loader, at->key);
        alias->rule[alias->n].place = loader_place(loader, at->key_place);
        alias->field[alias->n++] = loader_keep(loader, text);
    }
    return good;
}

static bool
aliases_load(struct rule_loader *loader, const struct yaml *node,
             struct draft *draft)
{
    bool good = true;
    if (!node)
        return true;
    if (node->type != YAML_MAP || node->n_children > MAX_GROUP_FIELDS) {
        complain(loader->complaints, node->place,
                 "aliases is a map of at most %d aliases",
                 (int)MAX_GROUP_FIELDS);
        return false;
    }
    draft->alias = loader_take(loader, node->n_children, sizeof *draft->alias);
    for (const struct yaml *at = node->first; draft->alias && at; at = at->next)
        good &= alias_load(loader, at, &draft->alias[draft->n_aliases++]);
    return good && draft->alias;
}

/* --- the condition */

static bool
bound_load(struct rule_loader *loader, const struct yaml *node,
           struct correlation *correlation)
{
    bool more = str_equal(node->key, STR("gt"));
    int64_t n;
    if (!yaml_i64(node, more ? 0 : 1, INT32_MAX - 1, &n, loader->complaints))
        return false;
    correlation->threshold = (uint32_t)(more ? n + 1 : n);
    return true;
}

static bool
bounds_load(struct rule_loader *loader, const struct yaml *map,
            struct correlation *correlation)
{
    static const struct str keys[] = {{"gt", 2},   {"gte", 3}, {"lt", 2},
                                      {"lte", 3},  {"eq", 2},  {"neq", 3},
                                      {"field", 5}};
    size_t n_bounds = 0;
    bool good = true;
    for (const struct yaml *at = map->first; at; at = at->next) {
        size_t i = 0;
        while (i < 7 && !str_equal(at->key, keys[i]))
            i++;
        if (i == 7) {
            complain_unknown(loader->complaints, at->key_place, "key", at->key,
                             keys, 7);
            good = false;
        } else if (i < 2) {
            good &= bound_load(loader, at, correlation);
            n_bounds++;
        } else if (i < 6) {
            complain(loader->complaints, at->key_place,
                     "the condition '%s' is not there yet: gt and gte are",
                     keys[i].at);
            good = false;
            n_bounds++;
        }
    }
    if (n_bounds > 1 && good)
        complain(loader->complaints, map->place,
                 "conditions with two bounds are not there yet");
    if (n_bounds == 0)
        complain(loader->complaints, map->place,
                 "the condition has neither gt nor gte");
    return good && n_bounds == 1;
}

static bool
threshold_load(struct rule_loader *loader, const struct yaml *map,
               struct correlation *correlation)
{
    const struct yaml *node = yaml_get(map, "condition");
    enum correlation_type type = correlation->type;
    bool is_temporal = type == TEMPORAL || type == TEMPORAL_ORDERED;
    if (!node && is_temporal) {
        correlation->threshold = (uint32_t)correlation->n_steps;
        return true;
    }
    if (!node) {
        complain_missing(loader, map, "condition");
        return false;
    }
    if (node->type == YAML_SCALAR && is_temporal) {
        complain(loader->complaints, node->place,
                 "conditions of words are not there yet: leave it out for all "
                 "rules, or give gte");
        return false;
    }
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "condition is a map, such as gte: 10");
        return false;
    }
    bool good = bounds_load(loader, node, correlation);
    if (good && is_temporal && correlation->threshold > correlation->n_steps) {
        complain(loader->complaints, node->place,
                 "there are only %zu rules to come together",
                 correlation->n_steps);
        good = false;
    }
    const struct yaml *field = yaml_get(node, "field");
    if ((field != NULL) != (type == VALUE_COUNT)) {
        complain(loader->complaints, field ? field->key_place : node->place,
                 field ? "only value_count has a field"
                       : "value_count needs field:");
        return false;
    }
    if (field)
        good &= fields_list_load(loader, field, correlation->value_field,
                                 &correlation->n_value_fields);
    return good;
}

static bool
boolean_load(struct rule_loader *loader, const struct yaml *node, bool *value)
{
    if (!node)
        return true;
    if (node->type != YAML_SCALAR || yaml_kind(node) != YAML_BOOL) {
        complain(loader->complaints, node->place, "expected true or false");
        return false;
    }
    *value = str_equal_nocase(node->text, STR("true"));
    return true;
}

/* --- the document */

static bool
section_load(struct rule_loader *loader, const struct yaml *document,
             struct draft *draft)
{
    static const struct str keys[] = {
        {"type", 4},      {"rules", 5},   {"group-by", 8}, {"timespan", 8},
        {"condition", 9}, {"aliases", 7}, {"generate", 8}};
    struct correlation *correlation = draft->correlation;
    struct complaints *complaints = loader->complaints;
    const struct yaml *map = yaml_get(document, "correlation");
    size_t n_errors = complaints->n_errors;
    if (map->type != YAML_MAP) {
        complain(complaints, map->place, "correlation is a map");
        return false;
    }
    yaml_only(map, keys, sizeof keys / sizeof *keys, complaints);
    bool good = type_load(loader, map, &correlation->type);
    good &= references_load(loader, map, draft);
    good &= aliases_load(loader, yaml_get(map, "aliases"), draft);
    const struct yaml *group_by = yaml_get(map, "group-by");
    if (group_by)
        good &= fields_list_load(loader, group_by, correlation->group_by,
                                 &correlation->n_group_by);
    if (!yaml_get(map, "timespan"))
        complain_missing(loader, map, "timespan");
    yaml_duration_ms(yaml_get(map, "timespan"), 1, 400 * MS_PER_DAY,
                     &correlation->timespan_ms, complaints);
    if (good)
        good &= threshold_load(loader, map, correlation);
    good &= boolean_load(loader, yaml_get(document, "generate"),
                         &correlation->generate);
    good &=
        boolean_load(loader, yaml_get(map, "generate"), &correlation->generate);
    return good && complaints->n_errors == n_errors;
}

struct draft *
draft_load(struct rule_loader *loader, const struct yaml *document)
{
    struct draft *draft = loader_take(loader, 1, sizeof *draft);
    struct rule_head head;
    if (!draft)
        return NULL;
    draft->correlation = loader_take(loader, 1, sizeof *draft->correlation);
    draft->options = loader_take(loader, 1, sizeof *draft->options);
    if (!draft->correlation || !draft->options)
        return NULL;
    draft->correlation->step = loader_take(loader, MAX_CORRELATION_STEPS,
                                           sizeof *draft->correlation->step);
    if (!draft->correlation->step)
        return NULL;
    bool good = head_load(loader, document, &head);
    good &= section_load(loader, document, draft);
    good &= options_load(loader, yaml_get(document, "thapcanh"), true,
                         draft->options);
    struct correlation *correlation = draft->correlation;
    draft->place = draft->options->place = head.place;
    correlation->id = head.id;
    correlation->name = head.name;
    correlation->title = options_title(draft->options, head.title);
    correlation->severity = head.level;
    correlation->options = draft->options->ticket;
    return good && !loader->full ? draft : NULL;
}
