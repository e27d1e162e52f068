/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions as Sigma's YAML. Values are texts that people can read
 * (tune_values.c sees to that), in single quotes, with Sigma's own escapes. */
#include "tune.h"

#include <string.h>

/* One line: a field and its values. */
struct line {
    const struct tune_atom *atom[TUNE_MAX_MAPS];
    size_t n;
    bool all; /* every value, else any */
};

struct map {
    struct line line[TUNE_MAX_TOGETHER];
    size_t n;
    bool gone; /* it is in another one */
};

/* --- one value */

static bool
is_simple(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && (i == 0 || !strchr("0123456789_-.", c)) && c != '_')
            return false;
    }
    return name.len > 0;
}

static void
add_quoted(struct buf *out, struct str text)
{
    buf_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\'')
            buf_char(out, '\'');
        buf_char(out, text.at[i]);
    }
    buf_char(out, '\'');
}

/* `*` and `?` are themselves, and so is a backslash. */
static void
add_value(struct buf *out, const struct tune_atom *atom)
{
    struct str text = atom->value;
    if (atom->how == TUNE_ABSENT) {
        buf_add(out, STR("null"));
        return;
    }
    buf_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        char next = i + 1 < text.len ? text.at[i + 1] : ' ';
        bool escape =
            c == '*' || c == '?' ||
            (c == '\\' && (next == '*' || next == '?' || next == '\\'));
        if (escape)
            buf_char(out, '\\');
        if (c == '\'')
            buf_char(out, '\'');
        buf_char(out, c);
    }
    buf_char(out, '\'');
}

static void
add_key(struct buf *out, const struct tune_atom *atom, bool all)
{
    static const struct str how[] = {[TUNE_EQUAL] = {"", 0},
                                     [TUNE_ENDS] = {"|endswith", 9},
                                     [TUNE_STARTS] = {"|startswith", 11},
                                     [TUNE_CONTAINS] = {"|contains", 9},
                                     [TUNE_ABSENT] = {"", 0}};
    char room[256];
    struct buf key = {.at = room, .cap = sizeof room, .max_bytes = sizeof room};
    buf_add(&key, atom->field);
    buf_add(&key, how[atom->how]);
    buf_add(&key, all ? STR("|all") : STR(""));
    if (is_simple(atom->field))
        buf_add(out, buf_str(&key));
    else
        add_quoted(out, buf_str(&key));
    buf_char(out, ':');
}

void
tune_write_atom(struct buf *out, const struct tune_atom *atom)
{
    add_key(out, atom, false);
    buf_char(out, ' ');
    add_value(out, atom);
}

/* --- maps */

static bool
same_key(const struct line *a, const struct line *b)
{
    return str_equal(a->atom[0]->field, b->atom[0]->field) &&
           a->atom[0]->how == b->atom[0]->how && a->all == b->all;
}

static bool
same_values(const struct line *a, const struct line *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++) {
        bool found = false;
        for (size_t j = 0; j < b->n && !found; j++)
            found = a->atom[i] == b->atom[j];
        same = found;
    }
    return same;
}

/* A field that is asked twice in one map stands there once, with `all`. */
static void
read_map(const struct tune_atom *atoms, const struct tune_map *from,
         struct map *map)
{
    *map = (struct map){.n = 0};
    for (size_t i = 0; i < from->n; i++) {
        const struct tune_atom *atom = &atoms[from->atom[i]];
        struct line one = {.atom = {atom}, .n = 1}, *line = NULL;
        for (size_t j = 0; j < map->n && !line; j++) {
            one.all = map->line[j].all;
            if (same_key(&map->line[j], &one))
                line = &map->line[j];
        }
        one.all = false;
        if (line) {
            line->all = true;
            line->atom[line->n++] = atom;
        } else {
            map->line[map->n++] = one;
        }
    }
}

/* The line of `b` that alone differs from one of `a`; both have the same keys.
 * NULL: there is none, or more than one. */
static const struct line *
one_difference(struct map *a, const struct map *b, struct line **into)
{
    const struct line *differs = NULL;
    if (a->n != b->n)
        return NULL;
    for (size_t i = 0; i < b->n; i++) {
        struct line *mine = NULL;
        for (size_t j = 0; j < a->n && !mine; j++)
            if (same_key(&a->line[j], &b->line[i]))
                mine = &a->line[j];
        if (!mine)
            return NULL;
        if (same_values(mine, &b->line[i]))
            continue;
        if (differs || b->line[i].all || mine->n + b->line[i].n > TUNE_MAX_MAPS)
            return NULL;
        differs = &b->line[i];
        *into = mine;
    }
    return differs;
}

static bool
merge_some(struct map *maps, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && !maps[i].gone; j++) {
            struct line *into = NULL;
            const struct line *from =
                maps[j].gone ? NULL : one_difference(&maps[i], &maps[j], &into);
            if (!from)
                continue;
            for (size_t k = 0; k < from->n; k++)
                into->atom[into->n++] = from->atom[k];
            maps[j].gone = true;
            return true;
        }
    return false;
}

static void
add_line(struct buf *out, const struct line *line, const char *lead)
{
    buf_add(out, str_of(lead));
    add_key(out, line->atom[0], line->all);
    if (line->n == 1) {
        buf_char(out, ' ');
        add_value(out, line->atom[0]);
        buf_char(out, '\n');
        return;
    }
    buf_char(out, '\n');
    for (size_t i = 0; i < line->n; i++) {
        buf_add(out, STR("                - "));
        add_value(out, line->atom[i]);
        buf_char(out, '\n');
    }
}

void
tune_write_selection(struct buf *out, const struct tune_atom *atoms,
                     const struct tune_choice *choice)
{
    struct map maps[TUNE_MAX_MAPS];
    size_t n_left = choice->n;
    for (size_t i = 0; i < choice->n; i++)
        read_map(atoms, &choice->map[i], &maps[i]);
    while (merge_some(maps, choice->n))
        n_left--;
    for (size_t i = 0; i < choice->n; i++)
        for (size_t j = 0; j < maps[i].n && !maps[i].gone; j++)
            add_line(out, &maps[i].line[j],
                     n_left == 1 ? "        "
                     : j == 0    ? "        - "
                                 : "          ");
}
