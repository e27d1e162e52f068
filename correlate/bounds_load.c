/* SPDX-License-Identifier: Apache-2.0
 *
 * `condition:` of a correlation where it is a map of numbers. One lower limit
 * of what is counted is a threshold, which windows that slide reach and cannot
 * lose again; every other limit, and two of them, are bounds that are compared
 * when a window is decided. */
#include "correlate/correlation_draft.h"

#include <inttypes.h>

enum { PERCENTILE_STEP = AMOUNT_ONE / 1000 }; /* thousandths are kept */

static bool
is_counted(const struct correlation *correlation)
{
    return correlation->type <= TEMPORAL_ORDERED;
}

static bool
is_temporal(const struct correlation *correlation)
{
    return correlation->type == TEMPORAL ||
           correlation->type == TEMPORAL_ORDERED;
}

static bool
amount_load(struct rule_loader *loader, const struct yaml *node, amount *value)
{
    if (node->type == YAML_SCALAR && !node->quoted &&
        amount_from(node->text, value))
        return true;
    struct str text =
        node->type == YAML_SCALAR ? str_cut(node->text, 0, 40) : STR("a list");
    complain(loader->complaints, node->place,
             "expected a decimal number within 10^18 of 0, found '%.*s'",
             STR_ARG(text));
    return false;
}

/* In the order of the operators, so that the order in the file says nothing. */
static bool
limits_load(struct rule_loader *loader, const struct yaml *map,
            struct correlation *correlation)
{
    bool good = true;
    size_t n = 0;
    for (int i = 0; i < N_BOUND_OPS; i++) {
        enum bound_op op = (enum bound_op)i;
        const struct yaml *node = yaml_get(map, bound_op_id(op).at);
        if (!node)
            continue;
        if (n++ < 2)
            good &= amount_load(
                loader, node, &correlation->bound[correlation->n_bounds].limit);
        if (n <= 2)
            correlation->bound[correlation->n_bounds++].op = op;
    }
    if (n > 2)
        complain(loader->complaints, map->place,
                 "the condition has %zu limits: two make a range, more say "
                 "nothing",
                 n);
    if (n == 0)
        complain(loader->complaints, map->place,
                 "the condition has no limit: gt, gte, lt, lte, eq or neq");
    return good && n > 0 && n <= 2;
}

static bool
percentile_load(struct rule_loader *loader, const struct yaml *node,
                struct correlation *correlation)
{
    amount value;
    if (!node) {
        if (correlation->type == VALUE_PERCENTILE)
            correlation->type = VALUE_RARITY;
        return true;
    }
    if (!amount_load(loader, node, &value))
        return false;
    if (value < 0 || value > 100 * (amount)AMOUNT_ONE ||
        value % PERCENTILE_STEP != 0) {
        complain(loader->complaints, node->place,
                 "a percentile lies between 0 and 100, with three decimals at "
                 "most");
        return false;
    }
    correlation->percentile = (int32_t)(value / PERCENTILE_STEP);
    return true;
}

/* One lower limit of a count: so many at least. */
static bool
threshold_settle(struct rule_loader *loader, const struct yaml *map,
                 struct correlation *correlation)
{
    const struct bound *bound = &correlation->bound[0];
    amount limit = bound->limit, least = 1;
    bool more = bound->op == BOUND_GT;
    if (!is_counted(correlation) || correlation->n_bounds != 1 ||
        bound->op > BOUND_GTE)
        return true;
    if (limit > 0) /* 0 or less is met by any event */
        least = more ? limit / AMOUNT_ONE + 1
                     : (limit + AMOUNT_ONE - 1) / AMOUNT_ONE;
    const struct yaml *node = yaml_get(map, bound_op_id(bound->op).at);
    if (is_temporal(correlation) && least > (amount)correlation->n_steps) {
        complain(loader->complaints, node->place,
                 "there are only %zu rules to come together",
                 correlation->n_steps);
        return false;
    }
    if (least > MAX_THRESHOLD) {
        complain(loader->complaints, node->place,
                 "at most %d can be counted in one window", (int)MAX_THRESHOLD);
        return false;
    }
    correlation->threshold = (uint32_t)least;
    correlation->n_bounds = 0;
    correlation->bound[0] = (struct bound){0};
    return true;
}

/* What a type compares under `thapcanh:` is one number, one way. */
static bool
own_limit_check(struct rule_loader *loader, const struct yaml *map,
                const struct correlation *correlation)
{
    enum bound_op only = correlation->type == RARE ? BOUND_LTE : BOUND_GTE;
    if (correlation->type < ABSENCE)
        return true;
    if (correlation->n_bounds == 1 && correlation->bound[0].op == only)
        return true;
    complain(loader->complaints, map->place,
             "the condition of %s has one limit: %s",
             correlation_type_id(correlation->type).at, bound_op_id(only).at);
    return false;
}

bool
field_load(struct rule_loader *loader, const struct yaml *node,
           struct correlation *correlation)
{
    if (!fields_list_load(loader, node, correlation->value_field,
                          &correlation->n_value_fields))
        return false;
    if (correlation->n_value_fields == 1 ||
        (correlation->n_value_fields > 1 && !correlation_measures(correlation)))
        return true;
    complain(loader->complaints, node->place,
             correlation->n_value_fields == 0
                 ? "the list of fields is empty"
                 : "what is measured is one field, not a list of them");
    return false;
}

bool
bounds_load(struct rule_loader *loader, const struct yaml *map,
            struct correlation *correlation)
{
    static const struct str keys[] = {
        {"gt", 2}, {"gte", 3}, {"lt", 2},    {"lte", 3},
        {"eq", 2}, {"neq", 3}, {"field", 5}, {"percentile", 10}};
    struct complaints *complaints = loader->complaints;
    size_t n_errors = complaints->n_errors;
    yaml_only(map, keys, sizeof keys / sizeof *keys, complaints);
    const struct yaml *field = yaml_get(map, "field");
    const struct yaml *percentile = yaml_get(map, "percentile");
    enum correlation_type type = correlation->type;
    bool wants_field =
        type == VALUE_COUNT || (type >= VALUE_SUM && type <= VALUE_RARITY);
    if (percentile && type != VALUE_PERCENTILE)
        complain(complaints, percentile->key_place,
                 "only value_percentile has a percentile");
    else
        percentile_load(loader, percentile, correlation);
    if (field && !wants_field && type != RARE)
        complain(complaints, field->key_place,
                 "only value_count and what measures have a field");
    else if (field)
        field_load(loader, field, correlation);
    else if (wants_field)
        complain(complaints, map->place,
                 "%s needs field:", correlation_type_id(type).at);
    if (complaints->n_errors > n_errors ||
        !limits_load(loader, map, correlation))
        return false;
    return threshold_settle(loader, map, correlation) &&
           own_limit_check(loader, map, correlation) &&
           complaints->n_errors == n_errors;
}
