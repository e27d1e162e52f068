/* SPDX-License-Identifier: Apache-2.0
 *
 * A document with `filter:`. Sigma's page has its selection say what goes
 * ("condition: selection"), the tools in use what stays ("condition: not
 * selection"). Both are read, by one rule: an event that none of the filter's
 * searches is true of is never filtered. So a condition that is true when no
 * search is says what stays, any other what goes; the other reading of either
 * would silence every alert that the filter's writer never thought of. */
#include "correlate/filter.h"

/* --- what the condition says */

/* Its value when no search is true. */
static bool
holds_of_nothing(const struct condition *condition)
{
    const struct condition *child = condition->first;
    switch (condition->type) {
    case CONDITION_SEARCH:
    case CONDITION_OF:
        return false;
    case CONDITION_NOT:
        return !holds_of_nothing(child);
    case CONDITION_AND:
        for (; child; child = child->next)
            if (!holds_of_nothing(child))
                return false;
        return true;
    case CONDITION_OR:
        for (; child; child = child->next)
            if (holds_of_nothing(child))
                return true;
        return false;
    }
    return false;
}

/* --- parts */

static bool
reference_load(struct rule_loader *loader, const struct yaml *node,
               struct reference *rule)
{
    struct str name;
    if (!yaml_str(node, &name, loader->complaints))
        return false;
    *rule = (struct reference){loader_keep(loader, name),
                               loader_place(loader, node->place)};
    return true;
}

static bool
rules_of_load(struct rule_loader *loader, const struct yaml *map,
              struct filter *filter)
{
    const struct yaml *node = yaml_get(map, "rules");
    bool is_list = node && node->type == YAML_LIST, good = true;
    size_t n = is_list ? node->n_children : 1;
    if (!node) {
        complain_missing(loader, map, "rules");
        return false;
    }
    filter->any =
        node->type == YAML_SCALAR && str_equal_nocase(node->text, STR("any"));
    if (filter->any)
        return true;
    if (n == 0 || n > MAX_FILTER_RULES) {
        complain(loader->complaints, node->place,
                 n == 0 ? "the list is empty: name rules, or write 'any'"
                        : "too many rules in one filter: write 'any'");
        return false;
    }
    filter->rule = loader_take(loader, n, sizeof *filter->rule);
    const struct yaml *at = is_list ? node->first : node;
    for (; filter->rule && at; at = is_list ? at->next : NULL)
        good &= reference_load(loader, at, &filter->rule[filter->n_rules++]);
    return good && filter->rule;
}

static void
warn_of_keys(struct rule_loader *loader, const struct yaml *document)
{
    static const char *const keys[] = {"level", "status"};
    for (size_t i = 0; i < 2; i++) {
        const struct yaml *node = yaml_get(document, keys[i]);
        if (node)
            complain_warning(loader->complaints, node->key_place,
                             "a filter has no '%s'", keys[i]);
    }
}

/* Searches are told apart from those of the rule by the filter's title. */
static bool
searches_name(struct rule_loader *loader, const struct filter *filter,
              struct logic *logic)
{
    struct arena scratch = *loader->scratch;
    struct search *searches =
        loader_take(loader, logic->n_searches, sizeof *searches);
    if (!searches)
        return false;
    for (size_t i = 0; i < logic->n_searches; i++) {
        struct arena here = scratch;
        searches[i] = logic->search[i];
        searches[i].name =
            loader_keep(loader, arena_format(&here, "filter '%.*s': %.*s",
                                             STR_ARG(filter->title),
                                             STR_ARG(logic->search[i].name)));
    }
    logic->search = searches;
    return true;
}

static bool
filter_logic(struct rule_loader *loader, const struct yaml *node,
             struct filter *filter)
{
    const struct yaml *condition = yaml_get(node, "condition");
    if (condition && condition->type == YAML_LIST) {
        complain(loader->complaints, condition->place,
                 "a filter has one condition, no list");
        return false;
    }
    const struct logic *read = logic_load(loader, node, "rules");
    struct logic *logic = read ? loader_take(loader, 1, sizeof *logic) : NULL;
    if (!logic || !condition)
        return false;
    *logic = *read;
    filter->logic = logic;
    filter->keeps = holds_of_nothing(logic->condition);
    if (!filter->keeps)
        complain_warning(loader->complaints, condition->place,
                         "what '%.*s' is true of is filtered, as Sigma's page "
                         "has it; other programs keep only that: 'not (%.*s)' "
                         "means the same everywhere",
                         STR_ARG(logic->written), STR_ARG(logic->written));
    return searches_name(loader, filter, logic);
}

/* --- the whole */

struct filter *
filter_load(struct rule_loader *loader, const struct yaml *document)
{
    const struct yaml *node = yaml_get(document, "filter");
    struct filter *filter = loader_take(loader, 1, sizeof *filter);
    struct rule_head head;
    if (!filter)
        return NULL;
    loader->n_values = 0;
    loader->has_expanded = false;
    bool good = head_load(loader, document, &head);
    good &= logsource_load(loader, document, &filter->logsource);
    warn_of_keys(loader, document);
    filter->title = head.title;
    filter->place = head.place;
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "filter is a map of rules, search identifiers and condition");
        return NULL;
    }
    if (yaml_get(document, "detection")) {
        complain(loader->complaints, document->place,
                 "a document is a rule or a filter, not both");
        return NULL;
    }
    good &= rules_of_load(loader, node, filter);
    good &= filter_logic(loader, node, filter);
    if (!good || loader->full)
        return NULL;
    filter->meaning = meaning_of(loader, &filter->logsource, node);
    return filter;
}
