/* SPDX-License-Identifier: Apache-2.0
 *
 * What a draft of a correlation refers to: its rules become steps, its aliases
 * the fields of each step's events. */
#include "base/table.h"
#include "correlate/rule_priv.h"

#include <string.h>

static struct detection *
detection_of(const struct rule_index *index, struct str name, bool *is_other)
{
    uint32_t number = table_find(index->ids, name);
    *is_other = false;
    if (number != TABLE_NONE) {
        *is_other = index->by_id[number] == NULL;
        return index->by_id[number];
    }
    number = table_find(index->names, name);
    if (number == TABLE_NONE)
        return NULL;
    *is_other = index->by_name[number] == NULL;
    return index->by_name[number];
}

/* The name nearest to the one that is not there. */
static void
complain_no_rule(struct rule_loader *loader, const struct rule_index *index,
                 const struct reference *rule)
{
    struct arena scratch = *loader->scratch;
    uint32_t n = table_len(index->names);
    struct str *names = arena_take(&scratch, n + 1, sizeof *names);
    for (uint32_t i = 0; names && i < n; i++)
        names[i] = table_key(index->names, i);
    complain_unknown(loader->complaints, rule->place, "rule", rule->name, names,
                     names ? n : 0);
}

static bool
steps_link(struct rule_loader *loader, const struct rule_index *index,
           struct draft *draft, struct detection **detections)
{
    struct correlation *correlation = draft->correlation;
    bool good = true;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        const struct reference *rule = &draft->rule[i];
        bool is_other;
        detections[i] = detection_of(index, rule->name, &is_other);
        if (is_other) {
            complain(loader->complaints, rule->place,
                     "'%.*s' is a correlation, or was refused: correlations of "
                     "correlations are not there yet",
                     STR_ARG(rule->name));
        } else if (!detections[i]) {
            complain_no_rule(loader, index, rule);
        } else {
            correlation->step[i].rule = detections[i]->id;
            correlation->step[i].meaning = detections[i]->meaning;
            correlation->step[i].count = 1;
        }
        good &= detections[i] != NULL;
        for (size_t j = 0; j < i && detections[i]; j++)
            if (detections[j] == detections[i] &&
                correlation->type != TEMPORAL_ORDERED) {
                complain(loader->complaints, rule->place,
                         "'%.*s' stands here twice", STR_ARG(rule->name));
                good = false;
            }
    }
    return good;
}

/* The field that an alias means in the events of one detection. */
static struct str
alias_field(const struct rule_index *index, const struct alias *alias,
            const struct detection *detection)
{
    bool unused;
    for (size_t i = 0; i < alias->n; i++)
        if (detection_of(index, alias->rule[i].name, &unused) == detection)
            return alias->field[i];
    return NO_STR;
}

static bool
fields_link(struct rule_loader *loader, const struct rule_index *index,
            struct draft *draft, struct detection *const *detections)
{
    struct correlation *correlation = draft->correlation;
    bool good = true;
    for (size_t g = 0; g < correlation->n_group_by; g++) {
        struct alias *alias = NULL;
        for (size_t a = 0; a < draft->n_aliases; a++)
            if (str_equal(draft->alias[a].name, correlation->group_by[g]))
                alias = &draft->alias[a];
        for (size_t i = 0; i < correlation->n_steps; i++) {
            struct str field = correlation->group_by[g];
            if (alias)
                field = alias_field(index, alias, detections[i]);
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
    return good;
}

static bool
aliases_check(struct rule_loader *loader, const struct rule_index *index,
              const struct draft *draft, struct detection *const *detections)
{
    bool good = true, unused;
    for (size_t a = 0; a < draft->n_aliases; a++) {
        const struct alias *alias = &draft->alias[a];
        if (!alias->used)
            complain_warning(loader->complaints, alias->place,
                             "no group-by uses the alias '%.*s'",
                             STR_ARG(alias->name));
        for (size_t i = 0; i < alias->n; i++) {
            const struct detection *detection =
                detection_of(index, alias->rule[i].name, &unused);
            bool known = false;
            for (size_t j = 0; j < draft->correlation->n_steps; j++)
                known |= detection && detections[j] == detection;
            if (known)
                continue;
            complain(loader->complaints, alias->rule[i].place,
                     "'%.*s' is none of the correlation's rules",
                     STR_ARG(alias->rule[i].name));
            good = false;
        }
    }
    return good;
}

bool
draft_link(struct rule_loader *loader, const struct rule_index *index,
           struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    struct detection *detections[MAX_CORRELATION_STEPS] = {NULL};
    if (!steps_link(loader, index, draft, detections))
        return false;
    bool good = fields_link(loader, index, draft, detections);
    good &= aliases_check(loader, index, draft, detections);
    good = good && draft_conditions_link(loader, index, draft);
    struct err why = {""};
    if (good && !correlation_seal(correlation, loader->arena, &why)) {
        complain(loader->complaints, draft->place, "%s", why.text);
        good = false;
    }
    for (size_t i = 0; good && i < correlation->n_steps; i++)
        if (detections[i])
            detections[i]->referred |= !correlation->generate;
    return good;
}
