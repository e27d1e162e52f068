/* SPDX-License-Identifier: Apache-2.0
 *
 * What could be said of events: of a value its whole, the name at its end and
 * the folder at its front (paths), and its words (command lines). */
#include "tune_priv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 48 };

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct saying {
    struct tune_values *values;
    struct tune_atom *atoms;
    size_t n;
};

/* Rather a long text than a short one, rather a whole than a part, rather
 * what a thing is than who and where it was. */
static unsigned
cost_of(struct str name, struct str value, enum tune_how how)
{
    static const unsigned of_how[] = {[TUNE_EQUAL] = 0,
                                      [TUNE_ENDS] = 3,
                                      [TUNE_STARTS] = 3,
                                      [TUNE_CONTAINS] = 5,
                                      [TUNE_ABSENT] = 12};
    unsigned cost =
        of_how[how] + (value.len < 32 ? 4 - (unsigned)value.len / 8 : 0);
    bool digits = false;
    for (size_t i = 0; i + 2 < value.len; i++)
        digits |= is_digit(value.at[i]) && is_digit(value.at[i + 1]) &&
                  is_digit(value.at[i + 2]);
    cost += digits ? 3 : 0;
    cost += tune_name_has(name, "version") ? 6 : 0;
    cost += tune_name_has(name, "user") || tune_name_has(name, "host") ||
                    tune_name_has(name, "computer")
                ? 6
                : 0;
    cost += memchr(value.at ? value.at : "", ' ', value.len) &&
                    how == TUNE_EQUAL && tune_name_has(name, "command")
                ? 4
                : 0;
    return cost;
}

static void
say(struct saying *saying, const struct pair *pair, enum tune_how how,
    struct str value)
{
    struct tune_values *values = saying->values;
    struct str name = table_key(values->fields, pair->field);
    char key[8 + MAX_NAME + 1 + MAX_VALUE];
    struct buf buf = {.at = key, .cap = sizeof key, .max_bytes = sizeof key};
    bool is_new = false;
    buf_char(&buf, (char)('0' + (int)how));
    buf_add(&buf, name);
    buf_char(&buf, '\0');
    buf_add(&buf, value);
    uint32_t n = table_add(values->said, buf_str(&buf), &is_new);
    if (n == TABLE_NONE)
        return;
    struct tune_atom *atom = &saying->atoms[n];
    if (is_new)
        *atom = (struct tune_atom){.field = name,
                                   .value = value,
                                   .how = how,
                                   .cost = cost_of(name, value, how)};
    atom->n_false += pair->n[0];
    saying->n = n + 1 > saying->n ? n + 1 : saying->n;
}

/* The name at the end of a path with what parts it, the folder before it. */
static void
say_path(struct saying *saying, const struct pair *pair)
{
    struct str value = pair->value;
    size_t cut = value.len;
    while (cut > 0 && value.at[cut - 1] != '\\' && value.at[cut - 1] != '/')
        cut--;
    if (cut < 2 || cut == value.len)
        return;
    say(saying, pair, TUNE_ENDS, str_cut(value, cut - 1, value.len));
    if (cut >= 6)
        say(saying, pair, TUNE_STARTS, str_cut(value, 0, cut));
}

/* The next word; one in quotes goes to the closing one. */
static bool
next_word(struct str *rest, struct str *word)
{
    size_t from = 0, to;
    while (from < rest->len && rest->at[from] == ' ')
        from++;
    if (from == rest->len)
        return false;
    char quote =
        rest->at[from] == '"' || rest->at[from] == '\'' ? rest->at[from] : ' ';
    from += quote != ' ';
    for (to = from; to < rest->len && rest->at[to] != quote; to++)
        ;
    *word = str_cut(*rest, from, to);
    *rest = str_cut(*rest, to + 1, rest->len);
    return true;
}

/* Of a line with words in it; a path with blanks is none. */
static void
say_words(struct saying *saying, const struct pair *pair)
{
    struct str rest = pair->value, word;
    bool is_path = rest.len > 2 && rest.at[1] == ':' && rest.at[2] == '\\' &&
                   !str_contains(rest, STR(" -")) &&
                   !str_contains(rest, STR(" /")) &&
                   !str_contains(rest, STR(".exe "));
    if (is_path || !memchr(rest.at, ' ', rest.len))
        return;
    for (size_t n = 0; n < MAX_WORDS && next_word(&rest, &word); n++)
        if (word.len >= 4 && !tune_form_changes(word))
            say(saying, pair, TUNE_CONTAINS, word);
}

static int
most_promising(const void *a, const void *b)
{
    const struct tune_atom *x = a, *y = b;
    int order;
    if (x->n_false != y->n_false)
        return x->n_false < y->n_false ? 1 : -1;
    if (x->cost != y->cost)
        return x->cost > y->cost ? 1 : -1;
    order = str_compare(x->field, y->field);
    order = order != 0 ? order : str_compare(x->value, y->value);
    return order != 0 ? order : (int)x->how - (int)y->how;
}

/* `Field: null`, where true ones have it and false ones do not. */
static void
say_absent(struct saying *saying)
{
    struct tune_values *values = saying->values;
    for (uint32_t i = 0; i < table_len(values->fields); i++) {
        const struct field *field = &values->field[i];
        uint32_t n_without = values->n_events[0] - field->n_with[0];
        const struct pair pair = {.field = i, .n = {n_without, 0}};
        if (field->n_with[1] > 0 && n_without > 0)
            say(saying, &pair, TUNE_ABSENT, STR(""));
    }
}

size_t
tune_values_atoms(struct tune_values *values, struct arena *arena,
                  struct tune_atom **atoms)
{
    struct saying saying = {
        .values = values,
        .atoms = arena_take(arena, MAX_PAIRS, sizeof *saying.atoms)};
    if (!saying.atoms)
        return 0;
    for (uint32_t i = 0; i < table_len(values->pairs); i++) {
        const struct pair *pair = &values->pair[i];
        const struct field *field = &values->field[pair->field];
        if (pair->n[0] == 0 || field->changes || !pair->value.at)
            continue;
        if (!tune_nearly_unique(field) || pair->n[0] >= FEW)
            say(&saying, pair, TUNE_EQUAL, pair->value);
        say_path(&saying, pair);
        say_words(&saying, pair);
    }
    say_absent(&saying);
    /* A part that only one of many events has will not be in the next one. */
    size_t n = 0;
    for (size_t i = 0; i < saying.n; i++)
        if (saying.atoms[i].how == TUNE_EQUAL || saying.atoms[i].n_false > 1 ||
            values->n_events[0] < FEW)
            saying.atoms[n++] = saying.atoms[i];
    qsort(saying.atoms, n, sizeof *saying.atoms, most_promising);
    *atoms = saying.atoms;
    return n < TUNE_MAX_ATOMS ? n : TUNE_MAX_ATOMS;
}
