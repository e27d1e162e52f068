/* SPDX-License-Identifier: Apache-2.0
 *
 * A document with `correlation:` becomes a draft; when all files are read, its
 * references are resolved and it is a correlation. */
#include "base/times.h"
#include "correlate/correlation_draft.h"

/* --- reading */

/* Whether the type stands under `correlation:`, or under `thapcanh:`. */
static bool
stands_there(enum correlation_type type, bool own)
{
    return own ? type > VALUE_RARITY : type < VALUE_RARITY;
}

static bool
type_load(struct rule_loader *loader, const struct yaml *map, bool own,
          enum correlation_type *type)
{
    const struct yaml *node = yaml_get(map, "type");
    struct str text, known[N_CORRELATION_TYPES];
    size_t n = 0;
    if (!node) {
        complain_missing(loader, map, "type");
        return false;
    }
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    for (int i = 0; i < N_CORRELATION_TYPES; i++)
        if (stands_there((enum correlation_type)i, own))
            known[n++] = correlation_type_id((enum correlation_type)i);
    bool known_type = correlation_type_from(text, type);
    if (known_type && stands_there(*type, own))
        return true;
    if (known_type && *type != VALUE_RARITY)
        complain(loader->complaints, node->place,
                 own ? "'%.*s' is a type of Sigma: it stands under "
                       "correlation:, not thapcanh:"
                     : "'%.*s' stands under thapcanh: correlation:",
                 STR_ARG(text));
    else
        complain_unknown(loader->complaints, node->place, "type", text, known,
                         n);
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
    if (any_load(loader, node, draft))
        return true;
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

static void
words_keep(struct rule_loader *loader, const struct yaml *node,
           struct written *words)
{
    words->place = loader_place(loader, node->place);
    if (node->type == YAML_SCALAR)
        words->text = loader_keep(loader, node->text);
    words->node = *node;
    words->node.text = words->text;
    words->node.place = words->place;
}

static bool
condition_load_any(struct rule_loader *loader, const struct yaml *map,
                   struct draft *draft)
{
    const struct yaml *node = yaml_get(map, "condition");
    struct correlation *correlation = draft->correlation;
    enum correlation_type type = correlation->type;
    bool is_temporal = type == TEMPORAL || type == TEMPORAL_ORDERED;
    draft->words.place = loader_place(loader, node ? node->place : map->place);
    if (!node && is_temporal) {
        correlation->threshold = (uint32_t)correlation->n_steps;
        draft->wants_all = true;
        return true;
    }
    if (!node && (type == ABSENCE || type == SILENCE || type == FIRST_SEEN))
        return true;
    if (!node) {
        complain_missing(loader, map, "condition");
        return false;
    }
    if (node->type == YAML_MAP)
        return bounds_load(loader, node, correlation);
    if (node->type == YAML_SCALAR && is_temporal &&
        str_trim(node->text).len > 0) {
        words_keep(loader, node, &draft->words);
        return true;
    }
    complain(loader->complaints, node->place,
             is_temporal ? "condition is a map, such as gte: 2, or words, such "
                           "as a and not b"
                         : "condition is a map, such as gte: 10");
    return false;
}

bool
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

/* The type, and that all keys are of it. */
static bool
type_and_keys_load(struct rule_loader *loader, const struct yaml *map, bool own,
                   struct correlation *correlation)
{
    static const struct str keys[] = {
        {"type", 4},      {"rules", 5},   {"group-by", 8}, {"timespan", 8},
        {"condition", 9}, {"aliases", 7}, {"generate", 8}};
    if (map->type != YAML_MAP) {
        complain(loader->complaints, map->place, "correlation is a map");
        return false;
    }
    if (!own)
        yaml_only(map, keys, sizeof keys / sizeof *keys, loader->complaints);
    if (!type_load(loader, map, own, &correlation->type))
        return false;
    return !own || own_keys_check(loader, map, correlation->type);
}

static bool
section_load(struct rule_loader *loader, const struct yaml *map, bool own,
             struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    struct complaints *complaints = loader->complaints;
    size_t n_errors = complaints->n_errors;
    bool typed = type_and_keys_load(loader, map, own, correlation);
    bool good = typed;
    if (map->type != YAML_MAP)
        return false;
    good &= references_load(loader, map, draft);
    good &= aliases_load(loader, yaml_get(map, "aliases"), draft);
    const struct yaml *group_by = yaml_get(map, "group-by");
    if (group_by)
        good &= fields_list_load(loader, group_by, correlation->group_by,
                                 &correlation->n_group_by);
    if (!yaml_get(map, "timespan"))
        complain_missing(loader, map, "timespan");
    good &= yaml_duration_ms(yaml_get(map, "timespan"), 1, MAX_TIMESPAN_MS,
                             &correlation->timespan_ms, complaints);
    if (typed)
        good &= condition_load_any(loader, map, draft);
    if (good && own)
        good &= own_load(loader, map, draft);
    good &=
        boolean_load(loader, yaml_get(map, "generate"), &correlation->generate);
    return good && complaints->n_errors == n_errors;
}

/* When its events count, here or beside it, and the holidays it knows. */
static bool
times_load(struct rule_loader *loader, const struct yaml *thapcanh,
           const struct yaml *own, struct correlation *correlation)
{
    const struct calendar *calendar = loader->calendar;
    const struct yaml *inner = yaml_get(own, "hours");
    const struct yaml *beside = yaml_get(thapcanh, "hours");
    if (inner && beside)
        complain(loader->complaints, beside->key_place,
                 "hours stand in the correlation already");
    bool good = hours_load(loader, inner ? inner : beside, &correlation->hours);
    if (!calendar || (!correlation->hours.given && correlation->type != SPIKE))
        return good && !(inner && beside);
    int32_t *days = loader_take(loader, calendar->n + 1, sizeof *days);
    if (!days)
        return false;
    for (size_t i = 0; i < calendar->n; i++)
        days[i] = calendar->day[i];
    correlation->holiday = days;
    correlation->n_holidays = calendar->n;
    return good && !(inner && beside);
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
    const struct yaml *thapcanh = yaml_get(document, "thapcanh");
    const struct yaml *sigma = yaml_get(document, "correlation");
    const struct yaml *own = yaml_get(thapcanh, "correlation");
    bool good = head_load(loader, document, &head);
    if (sigma && own) {
        complain(loader->complaints, own->key_place,
                 "a rule has one correlation: this, or the one of Sigma");
        good = false;
    }
    good &= section_load(loader, sigma ? sigma : own, !sigma, draft);
    good &= boolean_load(loader, yaml_get(document, "generate"),
                         &draft->correlation->generate);
    good = good && extras_load(loader, thapcanh, draft);
    good = good && times_load(loader, thapcanh, own, draft->correlation);
    good &= options_load(loader, thapcanh, true, draft->options);
    tags_load(loader, yaml_get(document, "tags"), draft->options);
    struct correlation *correlation = draft->correlation;
    draft->place = draft->options->place = head.place;
    correlation->id = head.id;
    correlation->name = head.name;
    correlation->title = options_title(draft->options, head.title);
    correlation->severity = head.level;
    correlation->options = draft->options->ticket;
    return good && !loader->full ? draft : NULL;
}
