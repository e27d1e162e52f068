/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the roster file have in common: texts, ids and lists, each
 * complained of where it stands. */
#include "roster_priv.h"

void *
roster_take(struct loading *loading, size_t n, size_t size)
{
    void *at = arena_take(loading->arena, n > 0 ? n : 1, size);
    loading->full |= at == NULL;
    return at;
}

/* A text that must be there, of at most `max` bytes and without control
 * characters; empty when it is wrong. */
struct str
roster_text(struct loading *loading, const struct yaml *map, const char *key,
            size_t max)
{
    const struct yaml *node = yaml_get(map, key);
    struct str text = NO_STR;
    if (node == NULL) {
        complain(loading->complaints, map->place, "'%s' is missing", key);
        return NO_STR;
    }
    if (!yaml_str(node, &text, loading->complaints))
        return NO_STR;
    bool fine = text.len > 0 && text.len <= max;
    for (size_t i = 0; fine && i < text.len; i++)
        fine = (unsigned char)text.at[i] >= ' ' && text.at[i] != 127;
    if (!fine)
        complain(loading->complaints, node->place,
                 "%s must be 1 to %zu bytes without control characters", key,
                 max);
    return fine ? text : NO_STR;
}

static bool
is_id(struct str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return id.len > 0 && id.len <= 64;
}

struct str
roster_id(struct loading *loading, const struct yaml *map)
{
    struct str id = roster_text(loading, map, "id", 64);
    if (id.len == 0 || is_id(id))
        return id;
    complain(loading->complaints, yaml_get(map, "id")->place,
             "an id has only a-z, 0-9 and -");
    return NO_STR;
}

/* The children of list `key`; NULL: it is not there or no list. */
const struct yaml *
roster_list(struct loading *loading, const struct yaml *map, const char *key,
            size_t max)
{
    const struct yaml *list = yaml_get(map, key);
    if (list == NULL)
        return NULL;
    if (list->type != YAML_LIST) {
        complain(loading->complaints, list->place, "'%s' must be a list", key);
        return NULL;
    }
    if (list->n_children > max) {
        complain(loading->complaints, list->place,
                 "'%s' has %zu entries; %zu are the most", key,
                 list->n_children, max);
        return NULL;
    }
    return list;
}

/* Ids of list `key`, each among `known` if there are any known. */
const struct str *
roster_ids(struct loading *loading, const struct yaml *map, const char *key,
           struct known_ids known, size_t *n)
{
    const struct yaml *list = roster_list(loading, map, key, ROSTER_MAX_NAMES);
    *n = 0;
    if (list == NULL)
        return NULL;
    struct str *ids = roster_take(loading, list->n_children, sizeof *ids);
    for (const struct yaml *one = list->first; ids && one; one = one->next) {
        struct str id;
        if (!yaml_str(one, &id, loading->complaints))
            continue;
        bool found = known.n == 0;
        for (size_t i = 0; !found && i < known.n; i++)
            found = str_equal(known.at[i], id);
        if (!found)
            complain_unknown(loading->complaints, one->place, known.what, id,
                             known.at, known.n);
        ids[(*n)++] = id;
    }
    return ids;
}
