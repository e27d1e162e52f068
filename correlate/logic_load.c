/* SPDX-License-Identifier: Apache-2.0
 *
 * detection: — search identifiers and the condition over them. An identifier
 * is a map (all its lines), a list of maps (any of them), a list of values or
 * a value (keywords), or a list of both. */
#include "correlate/rule_priv.h"

#include <string.h>

/* Keys without a field ("|all") look for keywords. */
static bool
map_load(struct rule_loader *loader, const struct yaml *map,
         struct group *group)
{
    struct item *items = loader_take(loader, map->n_children, sizeof *items);
    bool good = items != NULL;
    if (map->n_children == 0) {
        complain(loader->complaints, map->place, "the map is empty");
        return false;
    }
    for (const struct yaml *at = map->first; items && at; at = at->next)
        good &= item_load(loader, at->key, at->key_place, at,
                          &items[group->n_items++]);
    group->item = items;
    return good;
}

/* The scalars of a list, as one line of keywords. */
static bool
keywords_load(struct rule_loader *loader, const struct yaml *node, size_t n,
              struct group *group)
{
    struct arena scratch = *loader->scratch;
    struct item *item = loader_take(loader, 1, sizeof *item);
    struct yaml *copies = arena_take(&scratch, n, sizeof *copies);
    struct yaml list = {.type = YAML_LIST, .place = node->place};
    if (!item || !copies)
        return false;
    group->item = item;
    group->n_items = 1;
    if (node->type == YAML_SCALAR)
        return item_load(loader, STR(""), node->place, node, item);
    for (const struct yaml *at = node->first; at; at = at->next) {
        if (at->type != YAML_SCALAR)
            continue;
        struct yaml *copy = &copies[list.n_children++];
        *copy = *at;
        copy->next = NULL;
        if (list.n_children > 1)
            copy[-1].next = copy;
    }
    list.first = copies;
    return item_load(loader, STR(""), node->place, &list, item);
}

static bool
list_load(struct rule_loader *loader, const struct yaml *list,
          struct search *search)
{
    size_t n_maps = 0, n_values = 0;
    bool good = true;
    for (const struct yaml *at = list->first; at; at = at->next) {
        n_maps += at->type == YAML_MAP;
        n_values += at->type == YAML_SCALAR;
        if (at->type == YAML_LIST) {
            complain(loader->complaints, at->place,
                     "a list in a list: expected a map or a value");
            good = false;
        }
    }
    if (list->n_children == 0)
        complain(loader->complaints, list->place, "the list is empty");
    struct group *groups = loader_take(loader, n_maps + 1, sizeof *groups);
    if (!groups || !good || list->n_children == 0)
        return false;
    search->group = groups;
    for (const struct yaml *at = list->first; at; at = at->next)
        if (at->type == YAML_MAP)
            good &= map_load(loader, at, &groups[search->n_groups++]);
    if (n_values > 0)
        good &=
            keywords_load(loader, list, n_values, &groups[search->n_groups++]);
    return good;
}

static bool
search_load(struct rule_loader *loader, const struct yaml *node,
            struct search *search)
{
    *search = (struct search){
        .name = loader_keep(loader, node->key),
        .place = loader_place(loader, node->key_place),
    };
    if (node->type == YAML_LIST)
        return list_load(loader, node, search);
    struct group *group = loader_take(loader, 1, sizeof *group);
    search->group = group;
    search->n_groups = 1;
    if (!group)
        return false;
    if (node->type == YAML_MAP)
        return map_load(loader, node, group);
    if (yaml_kind(node) == YAML_NULL) {
        complain(loader->complaints, node->place, "'%.*s' is empty",
                 STR_ARG(node->key));
        return false;
    }
    return keywords_load(loader, node, 1, group);
}

/* A name that a condition can speak of. */
static bool
name_fits(struct rule_loader *loader, const struct yaml *node)
{
    static const char *const reserved[] = {"and", "or", "not", "of", "them"};
    bool good = node->key.len > 0;
    if (node->key.len > MAX_KEY_BYTES) {
        complain(loader->complaints, node->key_place,
                 "the name of a search has at most %d bytes",
                 (int)MAX_KEY_BYTES);
        return false;
    }
    for (size_t i = 0; i < node->key.len; i++)
        good = good && !strchr(" \t\n\r()*", node->key.at[i]) &&
               node->key.at[i] != '\0';
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        good = good && !str_equal_nocase(node->key, str_of(reserved[i]));
    if (!good)
        complain(loader->complaints, node->key_place,
                 "'%.*s' cannot name a search: no blanks, '(', ')', '*', "
                 "nor a word of conditions",
                 STR_ARG(node->key));
    else if (memchr(node->key.at, '|', node->key.len))
        complain_warning(loader->complaints, node->key_place,
                         "'%.*s' is the name of a search: modifiers stand "
                         "behind fields",
                         STR_ARG(node->key));
    return good;
}

/* The condition as people read it. */
static struct str
condition_text(struct rule_loader *loader, const struct yaml *node)
{
    if (node->type == YAML_SCALAR)
        return loader_keep(loader, node->text);
    struct str text = STR("");
    struct arena scratch = *loader->scratch;
    for (const struct yaml *at = node->first; at; at = at->next)
        text = arena_format(&scratch, "%.*s%s%.*s", STR_ARG(text),
                            text.len > 0 ? " or " : "", STR_ARG(at->text));
    return loader_keep(loader, text);
}

const struct logic *
logic_load(struct rule_loader *loader, const struct yaml *detection,
           const char *other)
{
    const struct yaml *condition = yaml_get(detection, "condition");
    if (detection->type != YAML_MAP) {
        complain(loader->complaints, detection->place,
                 "detection is a map of search identifiers and condition");
        return NULL;
    }
    struct logic *logic = loader_take(loader, 1, sizeof *logic);
    struct search *searches =
        loader_take(loader, detection->n_children, sizeof *searches);
    bool good = true;
    if (!logic || !searches)
        return NULL;
    logic->search = searches;
    if (detection->n_children > MAX_SEARCHES) {
        complain(loader->complaints, detection->place,
                 "more than %d search identifiers", (int)MAX_SEARCHES);
        return NULL;
    }
    for (const struct yaml *at = detection->first; at; at = at->next) {
        if (at == condition || str_equal(at->key, str_of(other)))
            continue;
        if (str_equal(at->key, STR("timeframe"))) {
            complain(loader->complaints, at->key_place,
                     "timeframe is of the old form: write a correlation");
            good = false;
            continue;
        }
        good &= name_fits(loader, at);
        good &= search_load(loader, at, &searches[logic->n_searches++]);
    }
    if (!condition) {
        complain_missing(loader, detection, "condition");
        return NULL;
    }
    if (logic->n_searches == 0) {
        complain(loader->complaints, detection->place,
                 "the detection has no search identifier");
        return NULL;
    }
    logic->written = condition_text(loader, condition);
    logic->condition = condition_load(loader, condition, logic);
    return good && logic->condition ? logic : NULL;
}
