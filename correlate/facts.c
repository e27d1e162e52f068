/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking a field up, in this order: decided names, never from the event; the
 * normalised fields, unless empty; the mapping's rule_fields; the event's own
 * members, under the mapping's roots one after the other. A dotted name is the
 * flat key first, then nested; a list stands for each of its elements. The
 * first place where the name is found is the field, be it null. */
#include "correlate/facts.h"

#include "base/unicode.h"
#include "correlate/literal.h"

#include <stdlib.h>
#include <string.h>

/* --- what a name means */

static const struct {
    struct str name;
    enum field_kind kind;
} own_names[] = {
    {{"technique", 9}, FIELD_TECHNIQUE},
    {{"src_country", 11}, FIELD_SRC_COUNTRY},
    {{"dst_country", 11}, FIELD_DST_COUNTRY},
    {{"kind", 4}, FIELD_KIND},
    {{"severity", 8}, FIELD_SEVERITY},
    {{"source", 6}, FIELD_SOURCE},
    {{"unit", 4}, FIELD_UNIT},
    {{"system", 6}, FIELD_SYSTEM},
    {{"level", 5}, FIELD_LEVEL},
    {{"watchlist", 9}, FIELD_WATCHLIST},
    {{"late", 4}, FIELD_LATE},
};

struct field
field_of(struct str name)
{
    struct field field = {.name = name, .kind = FIELD_EVENT};
    for (size_t i = 0; i < sizeof own_names / sizeof *own_names; i++)
        if (str_equal(own_names[i].name, name))
            field.kind = own_names[i].kind;
    if (field.kind == FIELD_EVENT && alert_field_from(name, &field.alert))
        field.kind = FIELD_ALERT;
    return field;
}

struct facts *
facts_new(const struct rules *rules, const struct alert *alert,
          struct arena *scratch)
{
    struct facts *facts = arena_take_raw(scratch, 1, sizeof *facts);
    struct fact_list *list =
        arena_take_raw(scratch, rules->n_fields + 1, sizeof *list);
    uint64_t *looked =
        arena_take(scratch, rules->n_fields / 64 + 1, sizeof *looked);
    if (!facts || !list || !looked)
        return NULL;
    *facts = (struct facts){.rules = rules,
                            .alert = alert,
                            .scratch = scratch,
                            .list = list,
                            .looked = looked};
    return facts;
}

void
facts_place(struct facts *facts, const struct field_places *places)
{
    facts->places = places;
}

uint64_t
facts_n_limited(const struct facts *facts)
{
    return facts->n_limited;
}

/* --- texts */

struct str
fact_text(struct fact *fact, int form, unsigned flags, struct arena *scratch)
{
    struct str text = form == 0 ? fact->text : fact->plain;
    if (flags & (PATTERN_CASED | PATTERN_DASHES))
        return pattern_text(text, flags, scratch);
    if (!fact->folded[form].at)
        fact->folded[form] = pattern_text(text, flags, scratch);
    return fact->folded[form];
}

struct str
text_framed(struct str text, struct arena *scratch)
{
    char *start =
        arena_take_raw(scratch, text.len * FOLD_GROWTH + 2 + FRAME_SLACK, 1);
    if (!start)
        return NO_STR;
    char *end = str_fold_to(text, start + 1);
    start[0] = *end = FRAME;
    memset(end + 1, 0, FRAME_SLACK);
    return (struct str){start, (size_t)(end - start) + 1};
}

/* --- collecting */

static struct fact *
add(struct facts *facts, struct fact_list *list, enum json_type type,
    struct str text)
{
    struct fact *fact = arena_take_raw(facts->scratch, 1, sizeof *fact);
    if (fact && list->is_name)
        text = str_compose(text, facts->scratch);
    if (!fact || !text.at) {
        facts->n_limited++;
        return NULL;
    }
    *fact = (struct fact){.type = type, .text = text};
    if (type == JSON_NUMBER) {
        struct str plain = decimal_plain(text, facts->scratch);
        if (!str_equal(plain, text))
            fact->plain = plain;
    }
    if (list->last)
        list->last->next = fact;
    else
        list->first = fact;
    list->last = fact;
    return fact;
}

static void
add_text(struct facts *facts, struct fact_list *list, struct str text)
{
    if (text.len == 0)
        return;
    list->there = true;
    add(facts, list, JSON_STRING, text);
}

/* The scalars of a node, lists opened; objects too when `deep`. Nodes stand in
 * document order, so there is nothing to recurse for. */
static void
collect(struct facts *facts, struct fact_list *list, const struct json *node,
        bool deep)
{
    const struct json *end = node + node->skip;
    while (node < end) {
        if (node->type == JSON_OBJECT && !deep) {
            node += node->skip;
            continue;
        }
        if (node->type != JSON_OBJECT && node->type != JSON_ARRAY) {
            struct str text = node->text.at ? node->text : STR("");
            struct fact *fact = add(facts, list, node->type, text);
            if (fact && fact->text.at == text.at)
                fact->node = node;
        }
        node++;
    }
}

/* --- the event */

struct search_path {
    struct str path; /* of the object whose members are meant; may be empty */
    struct str name; /* below it */
};

static bool find(struct facts *facts, struct fact_list *list,
                 const struct json *node, struct search_path way);

/* "*" in the path of a root: whatever the member is called. */
static bool
find_below_any(struct facts *facts, struct fact_list *list,
               const struct json *object, struct search_path way)
{
    const struct json *child = json_first(object);
    bool found = false;
    way.path = str_cut(way.path, 2, way.path.len);
    for (uint32_t i = 0; i < object->n_children && !found;
         i++, child = json_next(child))
        if (child->type == JSON_OBJECT || child->type == JSON_ARRAY)
            found = find(facts, list, child, way);
    return found;
}

/* Every way to split a dotted name into keys, the longest first key first. */
static bool
find_in_object(struct facts *facts, struct fact_list *list,
               const struct json *object, struct search_path way)
{
    struct str names = way.path.len > 0 ? way.path : way.name;
    if (way.path.len > 0 && way.path.at[0] == '*')
        return find_below_any(facts, list, object, way);
    for (size_t end = names.len; end > 0; end--) {
        if (end < names.len && names.at[end] != '.')
            continue;
        const struct json *child = json_get(object, str_cut(names, 0, end));
        if (!child)
            continue;
        struct str rest = str_cut(names, end + 1, names.len);
        struct search_path further = way;
        if (way.path.len > 0)
            further.path = rest;
        else
            further.name = rest;
        if (find(facts, list, child, further))
            return true;
    }
    return false;
}

static bool
find(struct facts *facts, struct fact_list *list, const struct json *node,
     struct search_path way)
{
    bool found = false;
    if (way.path.len == 0 && way.name.len == 0) {
        list->there = true;
        collect(facts, list, node, false);
        return true;
    }
    if (node->type == JSON_OBJECT)
        return find_in_object(facts, list, node, way);
    if (node->type != JSON_ARRAY)
        return false;
    const struct json *child = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child))
        if (child->type == JSON_OBJECT || child->type == JSON_ARRAY)
            found |= find(facts, list, child, way);
    return found;
}

static int
compare_name(const void *name, const void *field)
{
    return str_compare(*(const struct str *)name,
                       ((const struct rule_field *)field)->name);
}

static void
look_in_event(struct facts *facts, struct fact_list *list, struct str name)
{
    static const struct rule_view as_it_is = {.n_roots = 0};
    const struct json *event = facts->alert->event;
    const struct rule_view *view = facts->alert->view;
    view = view ? view : &as_it_is;
    if (!event)
        return;
    const struct rule_field *field =
        view->n_fields == 0 ? NULL
                            : bsearch(&name, view->field, view->n_fields,
                                      sizeof *view->field, compare_name);
    for (size_t i = 0; field && i < field->n_paths; i++)
        if (find(facts, list, event,
                 (struct search_path){.name = field->path[i]}))
            return;
    if (view->n_roots == 0)
        find(facts, list, event, (struct search_path){.name = name});
    for (size_t i = 0; i < view->n_roots; i++)
        if (find(facts, list, event,
                 (struct search_path){.path = view->root[i], .name = name}))
            return;
}

/* --- all of it */

static void
look_up_level(struct facts *facts, struct fact_list *list)
{
    static const struct str digits[] = {{"0", 1}, {"1", 1}, {"2", 1},
                                        {"3", 1}, {"4", 1}, {"5", 1}};
    int level = facts->alert->level;
    if (level > 0 && level <= 5) {
        list->there = true;
        add(facts, list, JSON_NUMBER, digits[level]);
    }
}

static void
look_up_decided(struct facts *facts, struct fact_list *list,
                enum field_kind kind)
{
    const struct alert *alert = facts->alert;
    switch (kind) {
    case FIELD_KIND:
        add_text(facts, list, kind_id(alert->kind));
        break;
    case FIELD_SEVERITY:
        add_text(facts, list, severity_id(alert->severity));
        break;
    case FIELD_SOURCE:
        add_text(facts, list, alert->source);
        break;
    case FIELD_UNIT:
        add_text(facts, list, alert->unit);
        break;
    case FIELD_SYSTEM:
        add_text(facts, list, alert->system);
        break;
    case FIELD_LEVEL:
        look_up_level(facts, list);
        break;
    case FIELD_WATCHLIST:
        add_text(facts, list, alert->watchlist);
        break;
    case FIELD_LATE:
        add_text(facts, list,
                 alert->flags & ALERT_LATE ? STR("true") : STR("false"));
        break;
    case FIELD_TECHNIQUE:
        for (size_t i = 0; i < alert->n_techniques; i++)
            add_text(facts, list, alert->technique[i]);
        break;
    case FIELD_SRC_COUNTRY:
        add_text(facts, list, alert->src_geo.country);
        break;
    case FIELD_DST_COUNTRY:
        add_text(facts, list, alert->dst_geo.country);
        break;
    case FIELD_ALERT:
    case FIELD_EVENT:
        break;
    }
}

/* The field of the event, where it is known where that is. */
static bool
take_placed(struct facts *facts, struct fact_list *list, uint32_t field)
{
    const struct json *node;
    if (!facts->places)
        return false;
    if (!field_place_of(facts->places, field, &node))
        return true;
    if (!node)
        return false;
    list->there = true;
    collect(facts, list, node, false);
    return true;
}

static bool
holds_names(const struct facts *facts, uint32_t number)
{
    const struct rule_view *view = facts->alert->view;
    bool is_name = false;
    if (facts->places)
        return field_map_is_name(facts->places->map, number);
    for (size_t i = 0; view && i < view->n_names && !is_name; i++)
        is_name = str_equal(view->name[i], facts->rules->field[number].name);
    return is_name;
}

static void
look_up(struct facts *facts, struct fact_list *list, uint32_t number)
{
    const struct field *field = &facts->rules->field[number];
    *list = (struct fact_list){.is_name = holds_names(facts, number)};
    if (field->kind == FIELD_ALERT)
        add_text(facts, list, facts->alert->field[field->alert]);
    else
        look_up_decided(facts, list, field->kind);
    if (!list->there && field->kind < FIELD_KIND &&
        !take_placed(facts, list, number))
        look_in_event(facts, list, field->name);
}

const struct fact_list *
fact_list_of(struct facts *facts, uint32_t field)
{
    if (field != KEYWORDS) {
        struct fact_list *list = &facts->list[field];
        uint64_t bit = UINT64_C(1) << field % 64;
        if (!(facts->looked[field / 64] & bit))
            look_up(facts, list, field);
        facts->looked[field / 64] |= bit;
        return list;
    }
    if (!facts->looked_all) {
        facts->looked_all = facts->all.there = true;
        if (facts->alert->event)
            collect(facts, &facts->all, facts->alert->event, true);
    }
    return &facts->all;
}
