/* SPDX-License-Identifier: Apache-2.0
 *
 * What else an event has, by the names that rules would use, for telling where
 * a value stands or what a field is called. */
#include "correlate/explain_priv.h"

#include <string.h>

enum { MAX_PATH_BYTES = 256, MAX_PATHS_SHOWN = 3 };

struct str
rule_name_of(const struct rule_view *view, struct str path)
{
    struct str name = path;
    for (size_t i = 0; view && i < view->n_roots; i++) {
        struct str root = view->root[i];
        if (root.len > 0 && path.len > root.len + 1 && str_starts(path, root) &&
            path.at[root.len] == '.' && path.len - root.len - 1 < name.len)
            name = str_cut(path, root.len + 1, path.len);
    }
    /* What attributes are called is no name to write: the table has one. */
    bool awkward = memchr(name.at, '#', name.len) != NULL;
    for (size_t i = 0; view && awkward && i < view->n_fields; i++)
        for (size_t j = 0; j < view->field[i].n_paths; j++)
            if (str_equal(view->field[i].path[j], path))
                return view->field[i].name;
    return name;
}

struct walk {
    struct explaining *explaining;
    char path[MAX_PATH_BYTES];
};

/* As deep as JSON is read. */
static void
walk(struct walk *at, const struct json *node, size_t len)
{
    struct explaining *explaining = at->explaining;
    const struct json *child = json_first(node);
    bool is_object = node->type == JSON_OBJECT;
    if (explaining->n_leaves == MAX_LEAVES ||
        explaining->n_names + len > MAX_NAMES_BYTES)
        return;
    if (!is_object && node->type != JSON_ARRAY) {
        char *name = explaining->names + explaining->n_names;
        if (len > 0)
            memcpy(name, at->path, len);
        explaining->n_names += len;
        explaining->leaf[explaining->n_leaves++] =
            (struct leaf){rule_name_of(explaining->facts->alert->view,
                                       (struct str){name, len}),
                          node};
        return;
    }
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child)) {
        size_t to = len;
        if (is_object && len + 1 + child->key.len > sizeof at->path)
            continue;
        if (is_object && len > 0)
            at->path[to++] = '.';
        if (is_object && child->key.len > 0)
            memcpy(at->path + to, child->key.at, child->key.len);
        walk(at, child, to + (is_object ? child->key.len : 0));
    }
}

void
explain_leaves(struct explaining *explaining)
{
    struct walk at = {.explaining = explaining};
    if (explaining->facts->alert->event)
        walk(&at, explaining->facts->alert->event, 0);
}

/* --- what a field may be called */

static struct str
last_part(struct str name)
{
    size_t at = name.len;
    while (at > 0 && name.at[at - 1] != '.')
        at--;
    return str_cut(name, at, name.len);
}

/* Equal but for letter case; the same below something else; alike. */
static struct str
similar(const struct explaining *explaining, struct str name)
{
    struct str names[MAX_LEAVES];
    size_t n = explaining->n_leaves;
    for (size_t i = 0; i < n; i++) {
        names[i] = explaining->leaf[i].name;
        if (str_equal_nocase(names[i], name))
            return names[i];
    }
    for (size_t i = 0; i < n; i++)
        if (str_equal_nocase(last_part(names[i]), last_part(name)))
            return names[i];
    return str_nearest(name, names, n);
}

static const struct rule_field *
field_of_view(const struct rule_view *view, struct str name)
{
    for (size_t i = 0; view && i < view->n_fields; i++)
        if (str_equal(view->field[i].name, name))
            return &view->field[i];
    return NULL;
}

void
explain_absent(struct explaining *explaining, uint32_t field)
{
    struct buf *out = explaining->out;
    const struct facts *facts = explaining->facts;
    struct str name = facts->rules->field[field].name;
    struct str near = similar(explaining, name);
    const struct rule_field *known = field_of_view(facts->alert->view, name);
    if (near.len > 0) {
        buf_add(out, STR("  ~ the event has "));
        explain_text(out, near);
        if (str_equal_nocase(near, name))
            buf_add(out, STR(": names are exact in case"));
    }
    if (!known)
        return;
    buf_add(out, STR("  (the mapping looks at "));
    for (size_t i = 0; i < known->n_paths && i < MAX_PATHS_SHOWN; i++) {
        buf_add(out, i > 0 ? STR(", ") : STR(""));
        buf_add(out, known->path[i]);
    }
    buf_add(out, known->n_paths > MAX_PATHS_SHOWN ? STR(", …)") : STR(")"));
}
