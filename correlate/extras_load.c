/* SPDX-License-Identifier: Apache-2.0
 *
 * What Sigma's correlations lack and stands beside them under `thapcanh:`:
 * counts of single rules, what ends a row, sums that only grow. */
#include "correlate/correlation_draft.h"

#include <string.h>

/* A list of rules, or one, behind those that are there. */
static bool
until_load(struct rule_loader *loader, const struct yaml *node,
           struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    bool is_list = node->type == YAML_LIST, good = true;
    size_t n = is_list ? node->n_children : 1;
    if (n == 0 || correlation->n_steps + n > MAX_CORRELATION_STEPS) {
        complain(loader->complaints, node->place,
                 "until is a name or id, or a list of them: with the rules %d "
                 "at most",
                 (int)MAX_CORRELATION_STEPS);
        return false;
    }
    const struct yaml *at = is_list ? node->first : node;
    for (; at; at = is_list ? at->next : NULL) {
        struct str text = NO_STR;
        good &= yaml_str(at, &text, loader->complaints);
        draft->rule[correlation->n_steps++] = (struct reference){
            loader_keep(loader, text), loader_place(loader, at->place)};
        draft->n_until++;
    }
    return good;
}

bool
numbers_load(struct rule_loader *loader, const struct yaml *node, int64_t most,
             struct rule_numbers *numbers)
{
    bool good = true;
    numbers->place = loader_place(loader, node->key_place);
    if (node->type != YAML_MAP || node->n_children > MAX_CORRELATION_STEPS) {
        complain(loader->complaints, node->place,
                 "'%.*s' is a map from names of rules to numbers, of %d at "
                 "most",
                 STR_ARG(node->key), (int)MAX_CORRELATION_STEPS);
        return false;
    }
    for (const struct yaml *at = node->first; at; at = at->next) {
        int64_t n = 0;
        good &= yaml_i64(at, 1, most, &n, loader->complaints);
        numbers->rule[numbers->n] = (struct reference){
            loader_keep(loader, at->key), loader_place(loader, at->key_place)};
        numbers->number[numbers->n++] = (uint32_t)n;
    }
    return good;
}

/* A key that only some types have. */
static const struct yaml *
key_of_type(struct rule_loader *loader, const struct yaml *map, const char *key,
            bool fits, const char *whose)
{
    const struct yaml *node = yaml_get(map, key);
    if (!node || fits)
        return node;
    complain(loader->complaints, node->key_place, "only %s %s %s", whose,
             strchr(whose, ' ') ? "have" : "has", key);
    return NULL;
}

bool
extras_load(struct rule_loader *loader, const struct yaml *thapcanh,
            struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    enum correlation_type type = correlation->type;
    bool is_temporal = type == TEMPORAL || type == TEMPORAL_ORDERED;
    size_t n_errors = loader->complaints->n_errors;
    const struct yaml *counts =
        key_of_type(loader, thapcanh, "counts", is_temporal,
                    "temporal and temporal_ordered");
    const struct yaml *until =
        key_of_type(loader, thapcanh, "until", type == TEMPORAL_ORDERED,
                    "temporal_ordered");
    const struct yaml *never_negative = key_of_type(
        loader, thapcanh, "never_negative", type == VALUE_SUM, "value_sum");
    if (counts)
        numbers_load(loader, counts, MAX_STEP_COUNTS, &draft->counts);
    if (until)
        until_load(loader, until, draft);
    boolean_load(loader, never_negative, &correlation->never_negative);
    return loader->complaints->n_errors == n_errors;
}
