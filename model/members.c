/* SPDX-License-Identifier: Apache-2.0
 *
 * Members of objects of our own. A mistake empties `object`: every later
 * question finds nothing and says nothing. */
#include "model/members.h"

#include <string.h>

struct members
members_of(const struct json *object, struct err *why)
{
    struct members members = {object, why, 0};
    if (!object || object->type != JSON_OBJECT) {
        members.object = NULL;
        err_set(why, "not an object");
    }
    return members;
}

void
members_wrong(struct members *members, const char *key, const char *words)
{
    if (members->object)
        err_set(members->why, "%s: %s", key, words);
    members->object = NULL;
}

const struct json *
members_get(struct members *members, const char *key)
{
    if (!members->object)
        return NULL;
    const struct json *node = json_get(members->object, str_of(key));
    members->n_asked += node != NULL;
    return node;
}

static const struct json *
get_of(struct members *members, const char *key, enum json_type type, bool need)
{
    const struct json *node = members_get(members, key);
    if (!node && need)
        members_wrong(members, key, "missing");
    if (node && node->type != type) {
        members_wrong(members, key, "of the wrong type");
        return NULL;
    }
    return node;
}

bool
members_end(struct members *members)
{
    if (members->object && members->n_asked != members->object->n_children)
        members_wrong(members, "object", "has a member that is not known");
    return members->object != NULL;
}

struct str
members_text(struct members *members, const char *key, size_t max_bytes,
             bool need)
{
    const struct json *node = get_of(members, key, JSON_STRING, need);
    if (node && node->text.len > max_bytes) {
        members_wrong(members, key, "too long");
        return STR("");
    }
    return node ? node->text : STR("");
}

int64_t
members_i64(struct members *members, const char *key, int64_t min, int64_t max,
            int64_t preset)
{
    const struct json *node =
        get_of(members, key, JSON_NUMBER, preset == MEMBER_NEEDED);
    int64_t n;
    if (!node)
        return preset == MEMBER_NEEDED ? min : preset;
    if (!str_to_i64(node->text, &n) || n < min || n > max) {
        members_wrong(members, key, "no integer, or out of range");
        return min;
    }
    return n;
}

bool
members_flag(struct members *members, const char *key)
{
    const struct json *node = members_get(members, key);
    if (node && node->type != JSON_TRUE && node->type != JSON_FALSE)
        members_wrong(members, key, "of the wrong type");
    return node && node->type == JSON_TRUE;
}

const struct json *
members_list(struct members *members, const char *key, size_t max, size_t *n)
{
    const struct json *node = get_of(members, key, JSON_ARRAY, false);
    *n = node ? node->n_children : 0;
    if (*n > max) {
        members_wrong(members, key, "too many");
        *n = 0;
    }
    return *n > 0 ? json_first(node) : NULL;
}

struct str *
members_texts(struct members *members, const char *key, size_t max,
              size_t max_bytes, struct arena *arena, size_t *n)
{
    const struct json *node = members_list(members, key, max, n);
    struct str *texts = arena_take(arena, *n + 1, sizeof *texts);
    if (!texts) {
        members_wrong(members, key, "out of memory");
        *n = 0;
    }
    for (size_t i = 0; i < *n; i++, node = json_next(node)) {
        if (node->type != JSON_STRING || node->text.len > max_bytes) {
            members_wrong(members, key, "holds what is no text, or too long");
            *n = 0;
            break;
        }
        texts[i] = node->text;
    }
    return texts;
}
