/* SPDX-License-Identifier: Apache-2.0
 *
 * Putting filters on detections. First every pair of a detection and a filter
 * that is for it, then each detection's logic is made once: its own condition,
 * and what its filters let stay. A filter is put on a detection only if its
 * logsource has the detection's in it; else it would be a filter for events
 * that it does not speak of. */
#include "base/table.h"
#include "correlate/filter.h"

#include <stdlib.h>

enum {
    MAX_PAIRS = 1000000,
    MAX_COPIED = 2000000, /* searches and nodes of conditions, of a rule set */
};

struct pair {
    uint32_t detection, filter;
};

struct applying {
    struct rule_loader *loader;
    const struct rule_index *index;
    struct rules *rules;
    const struct filters *filters;
    struct pair *pair;
    size_t n_pairs;
    size_t n_copied;
    bool said; /* that it is too much */
};

/* --- which filter is for which detection */

static bool
part_covers(struct str filter, struct str rule)
{
    return filter.len == 0 || str_equal_nocase(filter, rule);
}

static bool
covers(const struct logsource *filter, const struct logsource *rule)
{
    bool is_registry =
        str_equal_nocase(filter->category, STR("registry_event")) &&
        str_starts(rule->category, STR("registry_"));
    return part_covers(filter->product, rule->product) &&
           (is_registry || part_covers(filter->category, rule->category)) &&
           part_covers(filter->service, rule->service);
}

static bool
add_pair(struct applying *all, uint32_t detection, uint32_t filter)
{
    if (all->n_pairs == MAX_PAIRS) {
        complain(all->loader->complaints, all->filters->filter[filter]->place,
                 "filters on more than %d rules, each counted for each filter",
                 (int)MAX_PAIRS);
        return false;
    }
    all->pair[all->n_pairs++] = (struct pair){detection, filter};
    return true;
}

static bool
pair_with_all(struct applying *all, uint32_t filter)
{
    const struct logsource *of = &all->filters->filter[filter]->logsource;
    for (uint32_t i = 0; i < all->rules->n_detections; i++)
        if (covers(of, &all->rules->detection[i]->logsource) &&
            !add_pair(all, i, filter))
            return false;
    return true;
}

static int
compare_id(const void *id, const void *detection)
{
    return str_compare(*(const struct str *)id,
                       (*(struct detection *const *)detection)->id);
}

enum named { NAMED_UNKNOWN, NAMED_REFUSED, NAMED_FOUND, NAMED_WRONG };

/* The rule that a filter names. */
static enum named
named_rule(struct applying *all, const struct reference *reference,
           uint32_t *number)
{
    struct rules *rules = all->rules;
    struct str id = rule_index_id(all->index, reference->name);
    if (id.len == 0)
        return table_find(all->index->refused, reference->name) == TABLE_NONE
                   ? NAMED_UNKNOWN
                   : NAMED_REFUSED;
    struct detection **found =
        rules->n_detections == 0
            ? NULL
            : bsearch(&id, rules->detection, rules->n_detections,
                      sizeof(struct detection *), compare_id);
    if (!found) {
        complain(all->loader->complaints, reference->place,
                 "'%.*s' is a correlation: a filter is put on detections",
                 STR_ARG(reference->name));
        return NAMED_WRONG;
    }
    *number = (uint32_t)(found - rules->detection);
    return NAMED_FOUND;
}

static bool
pair_with_named(struct applying *all, uint32_t number)
{
    const struct filter *filter = all->filters->filter[number];
    struct complaints *complaints = all->loader->complaints;
    size_t n_known = 0;
    bool good = true;
    for (size_t i = 0; i < filter->n_rules && good; i++) {
        const struct reference *rule = &filter->rule[i];
        uint32_t detection = 0;
        enum named named = named_rule(all, rule, &detection);
        n_known += named != NAMED_UNKNOWN;
        good = named != NAMED_WRONG;
        if (named == NAMED_UNKNOWN)
            complain_warning(complaints, rule->place,
                             "there is no rule '%.*s' to be filtered",
                             STR_ARG(rule->name));
        if (named != NAMED_FOUND)
            continue;
        if (covers(&filter->logsource,
                   &all->rules->detection[detection]->logsource))
            good = add_pair(all, detection, number);
        else
            complain_warning(complaints, rule->place,
                             "'%.*s' is not filtered: its logsource is not "
                             "within that of the filter",
                             STR_ARG(rule->name));
    }
    if (good && n_known == 0)
        complain(complaints, filter->place,
                 "none of the rules that it names is there");
    return good && n_known > 0;
}

static int
by_detection(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->detection != y->detection)
        return x->detection < y->detection ? -1 : 1;
    return (x->filter > y->filter) - (x->filter < y->filter);
}

/* --- the logic of both */

static bool
count_copied(struct applying *all, const struct detection *detection, size_t n)
{
    all->n_copied += n;
    if (all->n_copied <= MAX_COPIED)
        return true;
    if (!all->said)
        complain(all->loader->complaints, detection->place,
                 "the filters are too large for so many rules: this one and "
                 "those after it are not filtered");
    all->said = true;
    return false;
}

static struct condition *
node_new(struct applying *all, enum condition_type type)
{
    struct condition *node = loader_take(all->loader, 1, sizeof *node);
    if (node)
        node->type = type;
    return node;
}

/* A copy whose searches are numbered from `shift` on. As deep as conditions
 * may be. */
static struct condition *
copy_condition(struct applying *all, const struct condition *from,
               uint32_t shift)
{
    struct condition *node = node_new(all, from->type);
    struct condition *last = NULL;
    uint32_t *search =
        loader_take(all->loader, from->n_searches + 1, sizeof *search);
    all->n_copied += from->n_searches + 1;
    if (!node || !search)
        return NULL;
    node->need = from->need;
    node->n_searches = from->n_searches;
    node->search = search;
    for (uint32_t i = 0; i < from->n_searches; i++)
        search[i] = from->search[i] + shift;
    for (const struct condition *at = from->first; at; at = at->next) {
        struct condition *child = copy_condition(all, at, shift);
        if (!child)
            return NULL;
        if (last)
            last->next = child;
        else
            node->first = child;
        last = child;
    }
    return node;
}

static void
put_written(struct buf *text, const struct filter *filter)
{
    buf_format(text, " and %s(%.*s [filter '%.*s'])",
               filter->keeps ? "" : "not ", STR_ARG(filter->logic->written),
               STR_ARG(filter->title));
}

/* What one filter lets stay, behind `last`. */
static struct condition *
add_filter(struct applying *all, const struct filter *filter,
           struct logic *logic, struct search *searches, struct condition *last)
{
    struct condition *stays = copy_condition(all, filter->logic->condition,
                                             (uint32_t)logic->n_searches);
    if (stays && !filter->keeps) {
        struct condition *negation = node_new(all, CONDITION_NOT);
        if (negation)
            negation->first = stays;
        stays = negation;
    }
    for (size_t i = 0; i < filter->logic->n_searches; i++)
        searches[logic->n_searches++] = filter->logic->search[i];
    last->next = stays;
    return stays;
}

static const struct logic *
filtered(struct applying *all, const struct detection *detection,
         const struct pair *pair, size_t n)
{
    const struct logic *own = detection->logic;
    size_t n_searches = own->n_searches;
    for (size_t i = 0; i < n; i++)
        n_searches += all->filters->filter[pair[i].filter]->logic->n_searches;
    struct logic *logic = loader_take(all->loader, 1, sizeof *logic);
    struct search *searches =
        loader_take(all->loader, n_searches, sizeof *searches);
    struct condition *both = node_new(all, CONDITION_AND);
    struct condition *last = node_new(all, own->condition->type);
    struct buf text = {0};
    if (!logic || !searches || !both || !last)
        return NULL;
    *last = *own->condition;
    both->first = last;
    *logic = (struct logic){.search = searches, .condition = both};
    for (size_t i = 0; i < own->n_searches; i++)
        searches[logic->n_searches++] = own->search[i];
    buf_format(&text, "(%.*s)", STR_ARG(own->written));
    for (size_t i = 0; i < n && last; i++) {
        const struct filter *filter = all->filters->filter[pair[i].filter];
        last = add_filter(all, filter, logic, searches, last);
        put_written(&text, filter);
    }
    logic->written = loader_keep(all->loader, buf_str(&text));
    buf_free(&text);
    return last ? logic : NULL;
}

static bool
apply(struct applying *all, const struct pair *pair, size_t n)
{
    struct detection *detection = all->rules->detection[pair->detection];
    size_t n_searches = detection->logic->n_searches;
    for (size_t i = 0; i < n; i++)
        n_searches += all->filters->filter[pair[i].filter]->logic->n_searches;
    if (n_searches > MAX_SEARCHES) {
        complain(all->loader->complaints, detection->place,
                 "with its filters the rule has more than %d search "
                 "identifiers: it is not filtered",
                 (int)MAX_SEARCHES);
        return false;
    }
    if (!count_copied(all, detection, n_searches))
        return false;
    const struct logic *logic = filtered(all, detection, pair, n);
    if (!logic)
        return false;
    detection->logic = logic;
    for (size_t i = 0; i < n; i++) {
        const struct digest *of =
            &all->filters->filter[pair[i].filter]->meaning;
        const struct str parts[] = {
            {(const char *)&detection->meaning, sizeof detection->meaning},
            {(const char *)of, sizeof *of}};
        detection->meaning = hash_digest_of(parts, 2);
    }
    return true;
}

size_t
filters_apply(struct rule_loader *loader, const struct rule_index *index,
              struct rules *rules, const struct filters *filters)
{
    struct arena scratch = *loader->scratch;
    struct applying all = {
        .loader = loader, .index = index, .rules = rules, .filters = filters};
    size_t n_refused = 0, n;
    if (filters->n == 0)
        return 0;
    all.pair = arena_take_raw(&scratch, MAX_PAIRS, sizeof *all.pair);
    if (!all.pair) {
        loader->full = true;
        return 0;
    }
    for (uint32_t i = 0; i < filters->n; i++) {
        size_t before = all.n_pairs;
        if (filters->filter[i]->any ? pair_with_all(&all, i)
                                    : pair_with_named(&all, i))
            continue;
        all.n_pairs = before; /* whole or not at all */
        n_refused++;
    }
    if (all.n_pairs > 1)
        qsort(all.pair, all.n_pairs, sizeof *all.pair, by_detection);
    for (size_t i = 0; i < all.n_pairs && !loader->full; i += n) {
        for (n = 1; i + n < all.n_pairs &&
                    all.pair[i + n].detection == all.pair[i].detection;)
            n++;
        apply(&all, &all.pair[i], n);
    }
    return n_refused;
}
