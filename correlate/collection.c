/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule collections (`action:`, Sigma 1.0; rule sets still have them). `global`
 * is a template: every rule behind it in the file is put over it, map by map,
 * so that what the rule says itself counts. `repeat` is the rule before it with
 * its own keys over that. `reset` forgets the template. Correlations, filters
 * and placeholders are not put over anything.
 *
 * A rule that has its id from the template or the rule before it shares it
 * with others; from the second on "/2", "/3" … is put behind, so that each can
 * be told. Merged nodes and compared keys are counted: a file of a few lines
 * cannot stand for more than a million of them. */
#include "correlate/collection.h"

enum { MAX_MERGED = 1000000 };

static bool
refuse(struct collection *collection, struct place place, const char *why)
{
    complain(collection->complaints, place, "%s", why);
    return false;
}

static bool
count(struct collection *collection, struct place place, size_t n)
{
    collection->n_merged += n;
    return collection->n_merged <= MAX_MERGED ||
           refuse(collection, place,
                  "the collection expands to more than 1000000 values");
}

/* --- merging */

static struct yaml *
append_copy(struct collection *collection, struct yaml *map, struct yaml *last,
            const struct yaml *child)
{
    struct yaml *copy = arena_take(collection->arena, 1, sizeof *copy);
    if (!copy) {
        refuse(collection, child->place, "too large: no memory for it");
        return NULL;
    }
    *copy = *child;
    copy->next = NULL;
    if (last)
        last->next = copy;
    else
        map->first = copy;
    map->n_children++;
    return copy;
}

/* A map in place of `like`, without its children; `n` more are counted. NULL
 * with complaints. */
static struct yaml *
empty_map(struct collection *collection, const struct yaml *like, size_t n)
{
    struct yaml *map = arena_take(collection->arena, 1, sizeof *map);
    if (!map)
        refuse(collection, like->place, "too large: no memory for it");
    if (!map || !count(collection, like->place, n))
        return NULL;
    *map = *like;
    map->next = map->first = NULL;
    map->n_children = 0;
    return map;
}

static const struct yaml *
child_called(const struct yaml *map, struct str key)
{
    const struct yaml *at = map->first;
    while (at && !str_equal(at->key, key))
        at = at->next;
    return at;
}

/* `over` put over `base`, both maps; in place of `over` in its file. Depth is
 * that of the YAML, at most 64. NULL with complaints. */
static struct yaml *
merge(struct collection *collection, const struct yaml *base,
      const struct yaml *over)
{
    struct yaml *map = empty_map(
        collection, over, (base->n_children + 1) * (over->n_children + 1));
    struct yaml *last = NULL;
    if (!map)
        return NULL;
    for (const struct yaml *at = base->first; at; at = at->next) {
        const struct yaml *own = child_called(over, at->key);
        const struct yaml *take = own ? own : at;
        if (own && own->type == YAML_MAP && at->type == YAML_MAP)
            take = merge(collection, at, own);
        last = take ? append_copy(collection, map, last, take) : NULL;
        if (!last)
            return NULL;
    }
    for (const struct yaml *at = over->first; at; at = at->next) {
        if (child_called(base, at->key))
            continue;
        last = append_copy(collection, map, last, at);
        if (!last)
            return NULL;
    }
    return map;
}

/* --- ids that several rules would have */

static bool
number_id(struct collection *collection, struct yaml *rule,
          const struct yaml *own, const char *key)
{
    const struct yaml *said = yaml_get(rule, key);
    if (!said || said->type != YAML_SCALAR || yaml_get(own, key))
        return true;
    struct yaml *last = NULL, again = {.type = YAML_MAP};
    struct yaml id = *said;
    id.key = str_equal(said->key, STR("title")) ? STR("id") : said->key;
    id.quoted = true;
    id.text = arena_format(collection->arena, "%.*s/%zu", STR_ARG(said->text),
                           collection->n_rules);
    last = id.text.at ? append_copy(collection, &again, NULL, &id) : NULL;
    struct yaml *numbered = last ? merge(collection, rule, &again) : NULL;
    if (!numbered)
        return false;
    rule->first = numbered->first;
    rule->n_children = numbered->n_children;
    return true;
}

/* What it has of others' id and name, numbered from the second on. */
static bool
number_names(struct collection *collection, struct yaml *rule,
             const struct yaml *own)
{
    if (collection->n_rules < 2)
        return true;
    bool has_id = yaml_get(rule, "id") || yaml_get(rule, "name");
    if (!has_id)
        return number_id(collection, rule, own, "title");
    return number_id(collection, rule, own, "id") &&
           number_id(collection, rule, own, "name");
}

/* --- documents */

static struct yaml *
without_action(struct collection *collection, const struct yaml *document)
{
    struct yaml *map = empty_map(collection, document, document->n_children);
    struct yaml *last = NULL;
    if (!map)
        return NULL;
    for (const struct yaml *at = document->first; at; at = at->next) {
        if (str_equal(at->key, STR("action")))
            continue;
        last = append_copy(collection, map, last, at);
        if (!last)
            return NULL;
    }
    return map;
}

static bool
is_detection(const struct yaml *document)
{
    return document->type == YAML_MAP && !yaml_get(document, "correlation") &&
           !yaml_get(document, "filter") &&
           !yaml_get(document, "placeholders") &&
           !yaml_get(yaml_get(document, "thapcanh"), "correlation");
}

/* A rule over what it shares: the template, or the rule before it. */
static bool
put_over(struct collection *collection, const struct yaml *base,
         const struct yaml *own, const struct yaml **document)
{
    collection->n_rules++;
    struct yaml *rule = merge(collection, base, own);
    if (!rule)
        return false;
    collection->previous = rule;
    *document = rule;
    struct yaml *numbered = arena_take(collection->arena, 1, sizeof *numbered);
    if (!numbered)
        return refuse(collection, own->place, "too large: no memory for it");
    *numbered = *rule;
    *document = numbered;
    return number_names(collection, numbered, own);
}

static bool
act(struct collection *collection, const struct yaml *action,
    const struct yaml **document)
{
    static const struct str ids[] = {
        {"global", 6}, {"reset", 5}, {"repeat", 6}};
    const struct yaml *given = *document, *own;
    struct str what;
    *document = NULL;
    if (!yaml_str(action, &what, collection->complaints))
        return false;
    if (str_equal(what, STR("reset"))) {
        if (given->n_children > 1)
            return refuse(collection, action->place,
                          "'reset' stands alone in its document");
        collection->global = NULL;
        collection->n_rules = 0;
        return true;
    }
    bool is_global = str_equal(what, STR("global"));
    if (!is_global && !str_equal(what, STR("repeat"))) {
        complain_unknown(collection->complaints, action->place, "action", what,
                         ids, 3);
        return false;
    }
    own = without_action(collection, given);
    if (!own)
        return false;
    if (is_global) {
        collection->global = own;
        collection->n_rules = 0;
        return true;
    }
    if (!collection->previous)
        return refuse(collection, action->place,
                      "no rule stands before it in this file: nothing to "
                      "repeat");
    return put_over(collection, collection->previous, own, document);
}

bool
collection_next(struct collection *collection, const struct yaml **document)
{
    const struct yaml *action = yaml_get(*document, "action");
    if (action)
        return act(collection, action, document);
    if (!is_detection(*document))
        return true;
    if (collection->global)
        return put_over(collection, collection->global, *document, document);
    collection->n_rules++;
    collection->previous = *document;
    return true;
}
