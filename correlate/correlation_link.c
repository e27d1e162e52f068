/* SPDX-License-Identifier: Apache-2.0
 *
 * What a draft of a correlation refers to: its rules become steps, its aliases
 * the fields of each step's events. A rule is a detection or a correlation, by
 * id or name, wherever it stands; what follows from correlations among them
 * comes afterwards (chain_link.c). */
#include "base/table.h"
#include "correlate/rule_priv.h"

/* A detection or the draft of a correlation; neither: there is no such rule. */
struct target {
    struct detection *detection;
    struct draft *draft;
};

static bool
is_there(struct target target)
{
    return target.detection || target.draft;
}

static struct target
target_of(const struct rule_index *index, struct str name)
{
    uint32_t number = table_find(index->ids, name);
    if (number != TABLE_NONE)
        return (struct target){index->by_id[number],
                               index->draft_by_id[number]};
    number = table_find(index->names, name);
    if (number != TABLE_NONE)
        return (struct target){index->by_name[number],
                               index->draft_by_name[number]};
    return (struct target){NULL, NULL};
}

/* The step that a target is, from 0; n_steps: none. */
static size_t
step_of(const struct draft *draft, struct target target)
{
    size_t n = draft->correlation->n_steps, i = 0;
    while (i < n && is_there(target) &&
           (draft->detection[i] != target.detection ||
            draft->inner[i] != target.draft))
        i++;
    return is_there(target) ? i : n;
}

/* It was refused, or the name nearest to the one that is not there. */
static void
complain_no_rule(struct rule_loader *loader, const struct rule_index *index,
                 const struct reference *rule)
{
    struct arena scratch = *loader->scratch;
    uint32_t refused = table_find(index->refused, rule->name);
    if (refused != TABLE_NONE) {
        struct place place = index->refused_place[refused];
        complain(loader->complaints, rule->place,
                 "'%.*s' was refused (%s:%u:%u)", STR_ARG(rule->name),
                 place.file, place.line, place.column);
        return;
    }
    uint32_t n = table_len(index->names);
    struct str *names = arena_take(&scratch, n + 1, sizeof *names);
    for (uint32_t i = 0; names && i < n; i++)
        names[i] = table_key(index->names, i);
    complain_unknown(loader->complaints, rule->place, "rule", rule->name, names,
                     names ? n : 0);
}

static bool
steps_link(struct rule_loader *loader, const struct rule_index *index,
           struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    bool good = true;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        const struct reference *rule = &draft->rule[i];
        struct target target = target_of(index, rule->name);
        struct correlation_step *step = &correlation->step[i];
        if (!is_there(target)) {
            complain_no_rule(loader, index, rule);
            good = false;
            continue;
        }
        if (step_of(draft, target) < i &&
            correlation->type != TEMPORAL_ORDERED) {
            complain(loader->complaints, rule->place,
                     "'%.*s' stands here twice", STR_ARG(rule->name));
            good = false;
        }
        draft->detection[i] = target.detection;
        draft->inner[i] = target.draft;
        step->count = 1;
        step->rule =
            target.draft ? target.draft->correlation->id : target.detection->id;
        if (target.detection)
            step->meaning = target.detection->meaning;
        if (target.detection && correlation->type == RISK)
            step->tactics = target.detection->tactics;
    }
    return good;
}

struct str
draft_field(const struct draft *draft, struct str name, size_t step)
{
    for (size_t a = 0; a < draft->n_aliases; a++) {
        const struct alias *alias = &draft->alias[a];
        if (!str_equal(alias->name, name))
            continue;
        for (size_t i = 0; i < alias->n; i++)
            if (draft->detection[alias->step[i]] == draft->detection[step] &&
                draft->inner[alias->step[i]] == draft->inner[step])
                return alias->field[i];
        return NO_STR;
    }
    return name;
}

/* Which steps the rules of each alias are. */
static bool
aliases_link(struct rule_loader *loader, const struct rule_index *index,
             struct draft *draft)
{
    size_t n_steps = draft->correlation->n_steps;
    bool good = true;
    for (size_t a = 0; a < draft->n_aliases; a++) {
        struct alias *alias = &draft->alias[a];
        size_t n = alias->n;
        for (size_t i = 0; i < n; i++) {
            struct target target = target_of(index, alias->rule[i].name);
            alias->step[i] = step_of(draft, target);
            if (alias->step[i] == n_steps) {
                complain(loader->complaints, alias->rule[i].place,
                         "'%.*s' is none of the correlation's rules",
                         STR_ARG(alias->rule[i].name));
                good = false;
            }
        }
    }
    return good;
}

static bool
fields_link(struct rule_loader *loader, struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    bool good = true;
    for (size_t g = 0; g < correlation->n_group_by; g++) {
        struct str name = correlation->group_by[g];
        struct alias *alias = NULL;
        for (size_t a = 0; a < draft->n_aliases; a++)
            if (str_equal(draft->alias[a].name, name))
                alias = &draft->alias[a];
        for (size_t i = 0; i < correlation->n_steps; i++) {
            struct str field = draft_field(draft, name, i);
            if (alias && field.len == 0) {
                complain(loader->complaints, alias->place,
                         "alias '%.*s' has no field for rule '%.*s'",
                         STR_ARG(alias->name), STR_ARG(draft->rule[i].name));
                good = false;
            }
            correlation->step[i].field[g] = field;
        }
        if (alias)
            alias->used = true;
    }
    for (size_t a = 0; a < draft->n_aliases; a++)
        if (!draft->alias[a].used)
            complain_warning(loader->complaints, draft->alias[a].place,
                             "no group-by uses the alias '%.*s'",
                             STR_ARG(draft->alias[a].name));
    return good;
}

bool
draft_link(struct rule_loader *loader, const struct rule_index *index,
           struct draft *draft)
{
    if (!draft->any && !steps_link(loader, index, draft))
        return false;
    bool good = aliases_link(loader, index, draft);
    good &= fields_link(loader, draft);
    return good && draft_conditions_link(loader, index, draft);
}
