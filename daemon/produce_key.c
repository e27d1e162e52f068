/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a key fast. A line is walked once, member by member, without being
 * taken apart: strings are leapt over, what is nested is skipped by counting.
 * The walk answers only what it is sure of; at anything unusual (an escape
 * where it matters, something that does not look like JSON, nothing found) the
 * whole line is read strictly, and that answer counts. */
#include "produce_key.h"

#include <string.h>

/* Where the walk stands; `at` == `end`: nothing left. */
struct walk {
    const char *at, *end;
};

static void
skip_blanks(struct walk *walk)
{
    while (walk->at < walk->end && (*walk->at == ' ' || *walk->at == '\t' ||
                                    *walk->at == '\r' || *walk->at == '\n'))
        walk->at++;
}

static bool
take(struct walk *walk, char c)
{
    skip_blanks(walk);
    if (walk->at == walk->end || *walk->at != c)
        return false;
    walk->at++;
    return true;
}

/* The inside of a string, as written; `*escaped`: it has a backslash. */
static bool
take_string(struct walk *walk, struct str *text, bool *escaped)
{
    *escaped = false;
    if (!take(walk, '"'))
        return false;
    const char *start = walk->at;
    while (walk->at < walk->end && *walk->at != '"') {
        if (*walk->at == '\\') {
            *escaped = true;
            walk->at++;
        }
        walk->at++;
    }
    if (walk->at >= walk->end)
        return false;
    *text = (struct str){start, (size_t)(walk->at - start)};
    walk->at++;
    return true;
}

/* A number or a word: up to what ends it. */
static struct str
take_bare(struct walk *walk)
{
    const char *start = walk->at;
    while (walk->at < walk->end && strchr(",]} \t\r\n", *walk->at) == NULL)
        walk->at++;
    return (struct str){start, (size_t)(walk->at - start)};
}

/* Past one value of any kind. */
static bool
skip_value(struct walk *walk)
{
    struct str text;
    bool escaped;
    unsigned depth = 0;
    do {
        skip_blanks(walk);
        if (walk->at == walk->end)
            return false;
        char c = *walk->at;
        if (c == '"') {
            if (!take_string(walk, &text, &escaped))
                return false;
        } else if (c == '{' || c == '[') {
            depth++;
            walk->at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return false;
            depth--;
            walk->at++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            walk->at++;
        } else if (take_bare(walk).len == 0) {
            return false;
        }
    } while (depth > 0);
    return true;
}

/* The value at hand, if it can be a key just as it is written. */
static bool
take_key(struct walk *walk, struct str *key)
{
    bool escaped;
    skip_blanks(walk);
    if (walk->at == walk->end)
        return false;
    if (*walk->at == '"')
        return take_string(walk, key, &escaped) && !escaped && key->len > 0;
    *key = take_bare(walk);
    return key->len > 0 &&
           (key->at[0] == '-' || (key->at[0] >= '0' && key->at[0] <= '9'));
}

/* What is left of `path` below the member `name`: everything, when it is none
 * of its steps. */
static bool
step(struct str path, struct str name, struct str *rest)
{
    if (path.len <= name.len || path.at[name.len] != '.' ||
        !str_starts(path, name))
        return false;
    *rest = str_cut(path, name.len + 1, path.len);
    return true;
}

/* Only what is certain: a member found without leaving the straight way. */
static bool
walk_find(struct str line, struct str path, struct str *key)
{
    struct walk walk = {line.at, line.at + line.len};
    if (!take(&walk, '{'))
        return false;
    for (;;) {
        struct str name, rest;
        bool escaped;
        if (!take_string(&walk, &name, &escaped) || escaped ||
            !take(&walk, ':'))
            return false;
        if (str_equal(name, path))
            return take_key(&walk, key);
        skip_blanks(&walk);
        if (step(path, name, &rest) && walk.at < walk.end && *walk.at == '{') {
            path = rest;
            walk.at++;
            continue;
        }
        if (!skip_value(&walk) || !take(&walk, ','))
            return false;
    }
}

static bool
tree_find(const struct json *node, struct str path, struct str *key)
{
    if (node->type != JSON_OBJECT)
        return false;
    const struct json *one = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++, one = json_next(one)) {
        struct str rest;
        if (step(path, one->key, &rest) && tree_find(one, rest, key))
            return true;
        if (!str_equal(one->key, path) || one->text.len == 0 ||
            (one->type != JSON_STRING && one->type != JSON_NUMBER &&
             one->type != JSON_TRUE && one->type != JSON_FALSE))
            continue;
        *key = one->text;
        return true;
    }
    return false;
}

bool
produce_key_find(struct json_reader *reader, struct str line, struct str path,
                 struct arena *scratch, struct str *key)
{
    const struct json *root;
    if (walk_find(line, path, key))
        return true;
    return json_read(reader, line, scratch, &root) == JSON_FINE &&
           tree_find(root, path, key);
}
