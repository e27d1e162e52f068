/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths into an event: "rule.id", "mitre[*].id", "list[0]". A dotted name
 * means the flat key "a.b" first, then nesting; both are nodes of one trie,
 * entered with the rank in which they count. Looking for all paths of a
 * mapping is one pass over the members of the event, and costs one probe of a
 * hash table for each member of an object some path leads through. Members
 * that are null or empty text are as good as absent. */
#include "ingest/source_priv.h"

#include <string.h>

/* --- reading a path as written ---------------------------------------- */

static bool
names_good(struct str names, struct place place, struct complaints *complaints)
{
    struct str rest = names, name;
    size_t n = 0;
    bool empty = names.len == 0 || names.at[names.len - 1] == '.';
    while (str_split(&rest, '.', &name)) {
        empty = empty || name.len == 0;
        n++;
    }
    if (empty)
        complain(complaints, place, "a name of the path is empty");
    else if (n > MAX_PATH_NAMES)
        complain(complaints, place, "a path has at most %d names",
                 (int)MAX_PATH_NAMES);
    return !empty && n <= MAX_PATH_NAMES;
}

static bool
bracket_load(struct str inside, struct step *step)
{
    int64_t n;
    if (str_equal(inside, STR("*"))) {
        step->type = STEP_EACH;
        return true;
    }
    if (!str_to_i64(inside, &n) || n < 0 || n > 1000000)
        return false;
    step->type = STEP_INDEX;
    step->index = (uint32_t)n;
    return true;
}

/* The steps from the first bracket on. */
static bool
tail_load(struct str text, struct place place, struct path *path,
          struct arena *arena, struct complaints *complaints)
{
    path->tail = arena_take(arena, text.len, sizeof *path->tail);
    if (!path->tail)
        return false;
    while (text.len > 0) {
        struct step *step = &path->tail[path->n_tail++];
        if (text.at[0] == '[') {
            const char *close = memchr(text.at, ']', text.len);
            size_t len = close ? (size_t)(close - text.at) : 0;
            if (!close || !bracket_load(str_cut(text, 1, len), step)) {
                complain(complaints, place,
                         "after '[' a path has a number or '*', and ']'");
                return false;
            }
            text = str_cut(text, len + 1, text.len);
            continue;
        }
        if (text.at[0] != '.') {
            complain(complaints, place, "after ']' a path has '.' or '['");
            return false;
        }
        const char *open = memchr(text.at, '[', text.len);
        size_t len = open ? (size_t)(open - text.at) : text.len;
        step->type = STEP_NAME;
        step->names = str_cut(text, 1, len);
        if (!names_good(step->names, place, complaints))
            return false;
        text = str_cut(text, len, text.len);
    }
    return true;
}

/* --- the trie, while loading -------------------------------------------- */

static struct trie_node *
node_new(struct trie *trie, struct str key, struct arena *arena)
{
    struct trie_node *node = NULL;
    if (trie->n_nodes < MAX_TRIE_NODES)
        node = arena_take(arena, 1, sizeof *node);
    if (node) {
        node->key = key;
        node->number = trie->n_nodes++;
        node->slot = NO_SLOT;
    }
    return node;
}

static struct trie_node *
node_child(struct trie *trie, struct trie_node *parent, struct str key,
           struct arena *arena)
{
    for (struct trie_node *node = parent->first; node; node = node->next)
        if (str_equal(node->key, key))
            return node;
    struct trie_node *node = node_new(trie, key, arena);
    if (node) {
        node->next = parent->first;
        parent->first = node;
    }
    return node;
}

/* Enters every way to split `names` into keys, the longest first key first. */
static bool
names_enter(struct trie *trie, struct trie_node *parent, struct str names,
            uint32_t slot, uint8_t *rank, struct arena *arena)
{
    for (size_t end = names.len; end > 0; end--) {
        if (end < names.len && names.at[end] != '.')
            continue;
        struct trie_node *node =
            node_child(trie, parent, str_cut(names, 0, end), arena);
        if (!node)
            return false;
        if (end == names.len) {
            node->slot = slot;
            node->rank = (*rank)++;
        } else if (!names_enter(trie, node, str_cut(names, end + 1, names.len),
                                slot, rank, arena)) {
            return false;
        }
    }
    return true;
}

static uint32_t
slot_of(struct trie *trie, struct str names, struct arena *arena)
{
    for (uint32_t slot = 0; slot < trie->n_slots; slot++)
        if (str_equal(trie->slot_path[slot], names))
            return slot;
    uint8_t rank = 0;
    if (!trie->root)
        trie->root = node_new(trie, NO_STR, arena);
    if (!trie->root || trie->n_slots == MAX_SLOTS ||
        !names_enter(trie, trie->root, names, trie->n_slots, &rank, arena))
        return NO_SLOT;
    trie->slot_path[trie->n_slots] = names;
    return trie->n_slots++;
}

bool
path_load(struct trie *trie, struct str text, struct place place,
          struct path *path, struct arena *arena, struct complaints *complaints)
{
    *path = (struct path){0};
    if (text.len > MAX_PATH_BYTES) {
        complain(complaints, place, "a path has at most %d bytes",
                 (int)MAX_PATH_BYTES);
        return false;
    }
    const char *open = text.len > 0 ? memchr(text.at, '[', text.len) : NULL;
    size_t len = open ? (size_t)(open - text.at) : text.len;
    struct str names = str_cut(text, 0, len);
    if (!names_good(names, place, complaints) ||
        !tail_load(str_cut(text, len, text.len), place, path, arena,
                   complaints))
        return false;
    path->slot = slot_of(trie, names, arena);
    if (path->slot == NO_SLOT)
        complain(complaints, place, "too many paths in one mapping");
    return path->slot != NO_SLOT;
}

/* --- the trie, compiled -------------------------------------------------- */

static inline uint64_t
load_bytes(const char *at, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, at, n);
    return word;
}

/* The keys are ours, so this need not withstand a hostile sender: a name that
 * collides costs him one comparison. */
static inline uint64_t
key_hash(struct str key, uint32_t parent)
{
    uint64_t a, b;
    if (key.len >= 8) {
        a = load_bytes(key.at, 8);
        b = load_bytes(key.at + key.len - 8, 8);
    } else if (key.len >= 4) {
        a = load_bytes(key.at, 4);
        b = load_bytes(key.at + key.len - 4, 4);
    } else if (key.len > 0) {
        a = (unsigned char)key.at[0];
        b = load_bytes(key.at + key.len - 1, 1) << 8 |
            (unsigned char)key.at[key.len / 2];
    } else {
        a = b = 0;
    }
    uint64_t hash = (a + key.len) * UINT64_C(0x9e3779b97f4a7c15) ^
                    (b + parent) * UINT64_C(0xc2b2ae3d27d4eb4f);
    hash ^= hash >> 29;
    hash *= UINT64_C(0xbf58476d1ce4e5b9);
    return hash ^ hash >> 32;
}

static void
node_compile(struct trie *trie, const struct trie_node *node)
{
    trie->end[node->number] = (struct trie_end){
        .slot = node->slot,
        .rank = node->rank,
        .has_children = node->first != NULL,
    };
    for (struct trie_node *child = node->first; child; child = child->next) {
        uint64_t at = key_hash(child->key, node->number) & trie->mask;
        while (trie->entry[at].child != 0)
            at = (at + 1) & trie->mask;
        trie->entry[at] = (struct trie_entry){
            .key = child->key,
            .parent = node->number,
            .child = child->number,
        };
        node_compile(trie, child);
    }
}

bool
path_compile(struct trie *trie, struct arena *arena)
{
    uint64_t size = 16;
    while (size < 4 * (uint64_t)trie->n_nodes)
        size *= 2;
    trie->mask = size - 1;
    trie->entry = arena_take(arena, size, sizeof *trie->entry);
    trie->end = arena_take(arena, trie->n_nodes + 1, sizeof *trie->end);
    if (!trie->entry || !trie->end)
        return false;
    if (trie->root)
        node_compile(trie, trie->root);
    return true;
}

/* The child of trie node `parent` for a member called `key`; 0: none. */
static inline uint32_t
trie_step(const struct trie *trie, uint32_t parent, struct str key)
{
    uint64_t at = key_hash(key, parent) & trie->mask;
    for (;; at = (at + 1) & trie->mask) {
        const struct trie_entry *entry = &trie->entry[at];
        if (entry->child == 0)
            return 0;
        if (entry->parent == parent && entry->key.len == key.len &&
            memcmp(entry->key.at, key.at, key.len) == 0)
            return entry->child;
    }
}

static bool
is_nothing(const struct json *node)
{
    return node->type == JSON_NULL ||
           (node->type == JSON_STRING && node->text.len == 0);
}

static void
collect(const struct trie *trie, uint32_t parent, const struct json *object,
        struct slots *slots)
{
    const struct json *node = json_first(object);
    for (uint32_t i = 0; i < object->n_children; i++, node = json_next(node)) {
        uint32_t child = trie_step(trie, parent, node->key);
        if (child == 0)
            continue;
        const struct trie_end *end = &trie->end[child];
        if (end->slot != NO_SLOT && !is_nothing(node) &&
            (!slots->node[end->slot] || end->rank < slots->rank[end->slot])) {
            slots->node[end->slot] = node;
            slots->rank[end->slot] = end->rank;
        }
        if (end->has_children && node->type == JSON_OBJECT)
            collect(trie, child, node, slots);
    }
}

void
path_collect(const struct trie *trie, const struct json *event,
             struct slots *slots)
{
    memset(slots->node, 0, trie->n_slots * sizeof(const struct json *));
    if (trie->root && event->type == JSON_OBJECT)
        collect(trie, trie->root->number, event, slots);
}

/* --- what comes after a bracket ------------------------------------------ */

static const struct json *
names_find(const struct json *node, struct str names)
{
    for (size_t end = names.len; end > 0; end--) {
        if (end < names.len && names.at[end] != '.')
            continue;
        const struct json *child = json_get(node, str_cut(names, 0, end));
        if (child && end < names.len)
            child = names_find(child, str_cut(names, end + 1, names.len));
        if (child && !is_nothing(child))
            return child;
    }
    return NULL;
}

struct walk {
    bool (*each)(void *context, const struct json *node);
    void *context;
};

/* A lone value where an array is expected is an array of one: converters from
 * XML write it so. */
static bool
walk_steps(const struct walk *walk, const struct step *step, size_t n,
           const struct json *node)
{
    if (n == 0)
        return is_nothing(node) || walk->each(walk->context, node);
    if (step->type == STEP_NAME) {
        const struct json *child = names_find(node, step->names);
        return !child || walk_steps(walk, step + 1, n - 1, child);
    }
    if (node->type != JSON_ARRAY)
        return (step->type == STEP_INDEX && step->index > 0) ||
               walk_steps(walk, step + 1, n - 1, node);
    const struct json *child = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child))
        if ((step->type == STEP_EACH || step->index == i) &&
            !walk_steps(walk, step + 1, n - 1, child))
            return false;
    return true;
}

void
path_walk(const struct path *path, const struct slots *slots,
          bool (*each)(void *context, const struct json *node), void *context)
{
    const struct walk walk = {.each = each, .context = context};
    if (slots->node[path->slot])
        walk_steps(&walk, path->tail, path->n_tail, slots->node[path->slot]);
}
