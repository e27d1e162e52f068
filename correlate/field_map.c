/* SPDX-License-Identifier: Apache-2.0
 *
 * A field can stand in several places of an event: the mapping's paths for it,
 * then its name below one root after the other, and of a dotted name every way
 * to split it, the longest first key first. Each such row of keys is entered
 * in a trie with its rank in that order; the walk takes, of the places that
 * are in the event, the one of least rank, which is the first that a search
 * would come to. A list on the way (not at the end) makes several places out
 * of one: the fields behind it are left to the search. */
#include "field_map.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_NODES = 1 << 20,
    MAX_DOTS = 6, /* of a path or name; one with more is searched for */
    FIRST_NODES = 1 << 10, /* doubles as needed */
};

/* A row of keys from the event. Node 0 is the event. */
struct map_node {
    struct str key; /* borrowed from rules and mapping */
    uint32_t parent;
    uint32_t child, next; /* first child, sibling; 0: none */
    uint32_t any;         /* child for members of any name; 0: none */
    uint32_t end;         /* first field that ends here + 1; 0: none */
};

struct map_end {
    uint32_t field, rank, next; /* + 1; 0: none */
};

struct field_map {
    struct map_node *node;
    struct map_end *end;
    uint32_t n_nodes, max_nodes, n_ends, max_ends;
    uint32_t *slot; /* node by hash of parent and key; 0: free */
    uint32_t mask;
    uint32_t *unsure; /* fields that are not in the trie as a whole */
    uint32_t n_unsure;
    bool *is_name;
    bool full;
};

/* --- making */

static inline uint32_t
step_hash(uint32_t parent, struct str key)
{
    uint64_t a = 0, b = 0;
    if (key.len >= 8) {
        memcpy(&a, key.at, 8);
        memcpy(&b, key.at + key.len - 8, 8);
    } else if (key.len >= 4) {
        memcpy(&a, key.at, 4);
        memcpy(&b, key.at + key.len - 4, 4);
    } else if (key.len > 0) {
        a = (unsigned char)key.at[0];
        b = (unsigned char)key.at[key.len - 1];
    }
    uint64_t hash = (a + key.len) * UINT64_C(0x9e3779b97f4a7c15) ^
                    (b + parent) * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (uint32_t)((hash ^ hash >> 29) * UINT64_C(0xbf58476d1ce4e5b9) >> 32);
}

static inline uint32_t
step(const struct field_map *map, uint32_t parent, struct str key)
{
    uint32_t at = step_hash(parent, key) & map->mask;
    for (; map->slot[at] != 0; at = (at + 1) & map->mask) {
        const struct map_node *node = &map->node[map->slot[at]];
        if (node->parent == parent && node->key.len == key.len &&
            memcmp(node->key.at, key.at, key.len) == 0)
            return map->slot[at];
    }
    return 0;
}

static void
slot_put(struct field_map *map, uint32_t number)
{
    const struct map_node *node = &map->node[number];
    uint32_t at = step_hash(node->parent, node->key) & map->mask;
    while (map->slot[at] != 0)
        at = (at + 1) & map->mask;
    map->slot[at] = number;
}

/* Twice as many nodes, four slots for each. */
static bool
grow(struct field_map *map)
{
    uint32_t max = map->max_nodes > 0 ? map->max_nodes * 2 : FIRST_NODES;
    struct map_node *node = realloc(map->node, max * sizeof *node);
    map->node = node ? node : map->node;
    uint32_t *slot = calloc((size_t)max * 4, sizeof *slot);
    if (!node || !slot || max > MAX_NODES) {
        free(slot);
        map->full = true;
        return false;
    }
    free(map->slot);
    map->slot = slot;
    map->mask = max * 4 - 1;
    map->max_nodes = max;
    for (uint32_t i = 1; i < map->n_nodes; i++)
        if (map->node[i].key.at)
            slot_put(map, i);
    return true;
}

static uint32_t
node_new(struct field_map *map, uint32_t parent, struct str key)
{
    if (map->n_nodes == map->max_nodes && !grow(map))
        return 0;
    uint32_t number = map->n_nodes++;
    map->node[number] = (struct map_node){.key = key, .parent = parent};
    return number;
}

/* The child for a key; NO_STR: for any. */
static uint32_t
child_of(struct field_map *map, uint32_t parent, struct str key)
{
    uint32_t known = key.at ? step(map, parent, key) : map->node[parent].any;
    if (known != 0)
        return known;
    uint32_t number = node_new(map, parent, key);
    if (number == 0)
        return 0;
    if (!key.at) {
        map->node[parent].any = number;
        return number;
    }
    map->node[number].next = map->node[parent].child;
    map->node[parent].child = number;
    slot_put(map, number);
    return number;
}

static void
end_add(struct field_map *map, uint32_t number, uint32_t field, uint32_t rank)
{
    if (map->n_ends == map->max_ends) {
        uint32_t max = map->max_ends > 0 ? map->max_ends * 2 : FIRST_NODES;
        struct map_end *end = realloc(map->end, max * sizeof *end);
        map->full |= !end;
        if (!end)
            return;
        map->end = end;
        map->max_ends = max;
    }
    map->end[map->n_ends] = (struct map_end){
        .field = field, .rank = rank, .next = map->node[number].end};
    map->node[number].end = ++map->n_ends;
}

/* A field on its way into the trie. */
struct entering {
    struct field_map *map;
    uint32_t field, rank;
};

/* The rows of keys that lead along `path`, then `name`, in the order of
 * find_in_object (facts.c). */
static void
enter(struct entering *entering, uint32_t number, struct str path,
      struct str name)
{
    struct field_map *map = entering->map;
    struct str names = path.len > 0 ? path : name;
    if (map->full)
        return;
    if (names.len == 0) {
        end_add(map, number, entering->field, entering->rank++);
        return;
    }
    if (path.len > 0 && path.at[0] == '*') {
        enter(entering, child_of(map, number, NO_STR),
              str_cut(path, 2, path.len), name);
        return;
    }
    for (size_t end = names.len; end > 0; end--) {
        if (end < names.len && names.at[end] != '.')
            continue;
        struct str rest = str_cut(names, end + 1, names.len);
        uint32_t child = child_of(map, number, str_cut(names, 0, end));
        enter(entering, child, path.len > 0 ? rest : path,
              path.len > 0 ? name : rest);
    }
}

static size_t
n_dots(struct str name)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++)
        n += name.at[i] == '.';
    return n;
}

static int
compare_name(const void *name, const void *field)
{
    return str_compare(*(const struct str *)name,
                       ((const struct rule_field *)field)->name);
}

static void
field_enter(struct field_map *map, const struct rule_view *view,
            uint32_t number, struct str name)
{
    struct entering entering = {.map = map, .field = number};
    const struct rule_field *field =
        view->n_fields == 0 ? NULL
                            : bsearch(&name, view->field, view->n_fields,
                                      sizeof *view->field, compare_name);
    bool sure = n_dots(name) <= MAX_DOTS && name.len > 0;
    for (size_t i = 0; field && i < field->n_paths; i++)
        sure = sure && n_dots(field->path[i]) <= MAX_DOTS;
    for (size_t i = 0; i < view->n_roots; i++)
        sure = sure && n_dots(view->root[i]) <= MAX_DOTS;
    if (!sure) {
        map->unsure[map->n_unsure++] = number;
        return;
    }
    for (size_t i = 0; field && i < field->n_paths; i++)
        enter(&entering, 0, NO_STR, field->path[i]);
    if (view->n_roots == 0)
        enter(&entering, 0, NO_STR, name);
    for (size_t i = 0; i < view->n_roots; i++)
        enter(&entering, 0, view->root[i], name);
}

struct field_map *
field_map_new(const struct rules *rules, const struct rule_view *view)
{
    static const struct rule_view as_it_is = {.n_roots = 0};
    struct field_map *map = calloc(1, sizeof *map);
    view = view ? view : &as_it_is;
    if (!map)
        return NULL;
    map->is_name = calloc(rules->n_fields + 1, sizeof *map->is_name);
    map->unsure = calloc(rules->n_fields + 1, sizeof *map->unsure);
    map->full = !map->is_name || !map->unsure || !grow(map);
    if (!map->full)
        node_new(map, 0, NO_STR);
    for (uint32_t i = 0; i < rules->n_fields && !map->full; i++) {
        const struct field *field = &rules->field[i];
        for (size_t j = 0; j < view->n_names; j++)
            map->is_name[i] |= str_equal(view->name[j], field->name);
        if (field->kind < FIELD_KIND)
            field_enter(map, view, i, field->name);
    }
    if (!map->full)
        return map;
    field_map_free(map);
    return NULL;
}

void
field_map_free(struct field_map *map)
{
    if (!map)
        return;
    free(map->node);
    free(map->end);
    free(map->slot);
    free(map->unsure);
    free(map->is_name);
    free(map);
}

bool
field_map_is_name(const struct field_map *map, uint32_t field)
{
    return map->is_name[field];
}

/* --- walking */

bool
field_places_open(struct field_places *places, size_t n_fields)
{
    *places = (struct field_places){.n_fields = n_fields};
    places->place = calloc(n_fields + 1, sizeof *places->place);
    places->found = calloc(n_fields + 1, sizeof *places->found);
    return places->place && places->found;
}

void
field_places_close(struct field_places *places)
{
    free(places->place);
    free(places->found);
}

static inline void
put(struct field_places *places, uint32_t field, const struct json *node,
    uint32_t rank)
{
    struct field_place *place = &places->place[field];
    if (place->pass != places->pass) {
        places->found[places->n_found++] = field;
        *place = (struct field_place){node, rank, places->pass};
    } else if (place->node && (!node || rank < place->rank)) {
        place->node = node;
        place->rank = rank;
    }
}

static void
put_ends(const struct field_map *map, uint32_t number, const struct json *node,
         struct field_places *places)
{
    for (uint32_t at = map->node[number].end; at != 0;) {
        const struct map_end *end = &map->end[at - 1];
        put(places, end->field, node, end->rank);
        at = end->next;
    }
}

/* What lies below a node of the trie is to be searched for. */
static void
put_unsure(const struct field_map *map, uint32_t number,
           struct field_places *places)
{
    uint32_t any = map->node[number].any;
    if (any != 0) {
        put_ends(map, any, NULL, places);
        put_unsure(map, any, places);
    }
    for (uint32_t child = map->node[number].child; child != 0;
         child = map->node[child].next) {
        put_ends(map, child, NULL, places);
        put_unsure(map, child, places);
    }
}

static void walk(const struct field_map *map, uint32_t number,
                 const struct json *object, struct field_places *places);

static void
walk_member(const struct field_map *map, uint32_t child,
            const struct json *member, struct field_places *places)
{
    const struct map_node *node = &map->node[child];
    if (node->end != 0)
        put_ends(map, child, member, places);
    if (node->child == 0 && node->any == 0)
        return;
    if (member->type == JSON_OBJECT)
        walk(map, child, member, places);
    else if (member->type == JSON_ARRAY)
        put_unsure(map, child, places);
}

/* A member of any name: the only one that leads on, else who knows. */
static void
walk_any(const struct field_map *map, uint32_t any, const struct json *object,
         struct field_places *places)
{
    const struct json *only = NULL, *member = json_first(object);
    uint32_t n = 0;
    for (uint32_t i = 0; i < object->n_children;
         i++, member = json_next(member))
        if (member->type == JSON_OBJECT || member->type == JSON_ARRAY) {
            only = member;
            n++;
        }
    if (n == 1)
        walk_member(map, any, only, places);
    if (n > 1) {
        put_ends(map, any, NULL, places);
        put_unsure(map, any, places);
    }
}

static void
walk(const struct field_map *map, uint32_t number, const struct json *object,
     struct field_places *places)
{
    const struct json *member = json_first(object);
    for (uint32_t i = 0; i < object->n_children;
         i++, member = json_next(member)) {
        uint32_t child = step(map, number, member->key);
        if (child != 0)
            walk_member(map, child, member, places);
    }
    if (map->node[number].any != 0)
        walk_any(map, map->node[number].any, object, places);
}

void
field_map_walk(const struct field_map *map, const struct json *event,
               struct field_places *places)
{
    places->map = map;
    places->n_found = 0;
    if (++places->pass == 0) { /* what was found 2^32 passes ago is not now */
        memset(places->place, 0, places->n_fields * sizeof *places->place);
        places->pass = 1;
    }
    for (uint32_t i = 0; i < map->n_unsure; i++)
        put(places, map->unsure[i], NULL, 0);
    walk(map, 0, event, places);
}
