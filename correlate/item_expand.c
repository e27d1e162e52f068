/* SPDX-License-Identifier: Apache-2.0
 *
 * A value with placeholders becomes one value with the tests of every text
 * that it stands for: "%a%-%b%" with two values each is four texts. What
 * stands for a placeholder may have wildcards, as any value; in a regular
 * expression it is quoted, its wildcards made those of the expression. */
#include "correlate/item_priv.h"
#include "correlate/placeholder.h"

#include <string.h>

enum { MAX_PARTS = 33 }; /* 16 placeholders and what is between them */

struct part {
    struct str text;                       /* as written, … */
    const struct placeholder *placeholder; /* … or what stands here */
    size_t at;                             /* which of its values is next */
};

struct expansion {
    struct rule_loader *loader;
    const struct modifiers *mods;
    const struct yaml *node;
    struct part part[MAX_PARTS];
    size_t n_parts;
    size_t n; /* texts */
};

/* --- splitting */

/* The next '%' that no backslash stands before; the length: none. */
static size_t
find_percent(struct str text, size_t from)
{
    for (size_t i = from; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i++;
        else if (text.at[i] == '%')
            return i;
    }
    return text.len;
}

/* `\%` becomes `%`; what other backslashes mean is the value's affair. */
static struct str
without_escapes(struct str text, struct arena *arena)
{
    char *start = arena_take_raw(arena, text.len + 1, 1), *at = start;
    if (!start)
        return NO_STR;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len) {
            if (text.at[i + 1] != '%')
                *at++ = text.at[i];
            i++;
        }
        *at++ = text.at[i];
    }
    return (struct str){start, (size_t)(at - start)};
}

static bool
add_text(struct expansion *all, struct str text, struct arena *arena)
{
    if (text.len == 0)
        return true;
    struct part *part = &all->part[all->n_parts++];
    *part = (struct part){.text = without_escapes(text, arena)};
    return part->text.at != NULL;
}

static bool
add_placeholder(struct expansion *all, struct str name)
{
    const struct placeholder *placeholder =
        placeholder_find(all->loader, name, all->node->place);
    if (!placeholder)
        return false;
    all->part[all->n_parts++] = (struct part){.placeholder = placeholder};
    all->n *= placeholder->n_values;
    if (all->n <= MAX_RULE_VALUES)
        return true;
    complain(all->loader->complaints, all->node->place,
             "its placeholders stand for more than %d values",
             (int)MAX_RULE_VALUES);
    return false;
}

static bool
split(struct expansion *all, struct arena *arena)
{
    struct str text = all->node->text;
    size_t from = 0, open = find_percent(text, 0);
    bool good = true;
    all->n = 1;
    while (open < text.len) {
        size_t close = find_percent(text, open + 1);
        struct str name = str_cut(text, open + 1, close);
        if (close == text.len)
            break;
        if (name.len == 0 || memchr(name.at, ' ', name.len)) {
            open = close;
            continue;
        }
        if (all->n_parts + 3 > MAX_PARTS) {
            complain(all->loader->complaints, all->node->place,
                     "more than %d placeholders in one value",
                     (int)MAX_PARTS / 2);
            return false;
        }
        good &= add_text(all, str_cut(text, from, open), arena);
        good = add_placeholder(all, name) && good;
        if (!good)
            return false;
        from = close + 1;
        open = find_percent(text, from);
    }
    if (from == 0)
        complain_warning(all->loader->complaints, all->node->place,
                         "'%.*s' has no placeholder: expand does nothing",
                         STR_ARG(str_cut(text, 0, 80)));
    return add_text(all, str_cut(text, from, text.len), arena);
}

/* --- texts */

/* A value as a regular expression. */
static void
put_quoted(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        bool escaped = c == '\\' && i + 1 < value.len &&
                       memchr("*?\\", value.at[i + 1], 3);
        if (escaped)
            c = value.at[++i];
        if (!escaped && c == '*')
            buf_add(out, STR("(?s:.*)"));
        else if (!escaped && c == '?')
            buf_add(out, STR("(?s:.)"));
        else if (memchr("\\^$.|?*+()[]{}#-/", c, 17))
            buf_format(out, "\\%c", c);
        else
            buf_char(out, c);
    }
}

/* The next of the texts; the last part turns fastest. */
static void
put_next(struct expansion *all, struct buf *out)
{
    bool carry = true, is_regex = (all->mods->set & BIT(MOD_RE)) != 0;
    for (size_t i = 0; i < all->n_parts; i++) {
        const struct part *part = &all->part[i];
        if (!part->placeholder)
            buf_add(out, part->text);
        else if (is_regex)
            put_quoted(out, part->placeholder->value[part->at]);
        else
            buf_add(out, part->placeholder->value[part->at]);
    }
    for (size_t i = all->n_parts; carry && i-- > 0;) {
        struct part *part = &all->part[i];
        if (!part->placeholder)
            continue;
        carry = ++part->at == part->placeholder->n_values;
        if (carry)
            part->at = 0;
    }
}

/* The tests of all of them, as those of one value. */
static bool
gather(struct rule_loader *loader, const struct value *of, size_t n,
       struct value *value)
{
    size_t n_tests = 0;
    for (size_t i = 0; i < n; i++)
        n_tests += of[i].n_tests;
    struct test *tests = loader_take(loader, n_tests, sizeof *tests);
    if (!tests)
        return false;
    value->test = tests;
    value->n_tests = n_tests;
    for (size_t i = 0; i < n; tests += of[i].n_tests, i++)
        memcpy(tests, of[i].test, of[i].n_tests * sizeof *tests);
    return true;
}

static bool
load_texts(struct expansion *all, struct value *of)
{
    struct modifiers mods = *all->mods;
    struct yaml node = *all->node;
    struct buf text = {.max_bytes = (size_t)MAX_PARTS * MAX_VALUE_BYTES};
    bool good = true;
    mods.set &= ~BIT(MOD_EXPAND);
    node.quoted = true;
    for (size_t i = 0; i < all->n && good; i++) {
        text.len = 0;
        put_next(all, &text);
        node.text = buf_str(&text);
        good = !text.full && item_value_load(all->loader, &mods, &node, &of[i]);
    }
    buf_free(&text);
    return good;
}

bool
item_expand(struct rule_loader *loader, const struct modifiers *mods,
            const struct yaml *node, struct value *value)
{
    struct arena *outer = loader->scratch, scratch = *outer;
    struct expansion all = {.loader = loader, .mods = mods, .node = node};
    struct value *of = NULL;
    bool good = split(&all, &scratch);
    loader->n_values += good ? all.n - 1 : 0;
    if (good && loader->n_values > MAX_RULE_VALUES) {
        complain(loader->complaints, node->place,
                 "more than %d values in one rule", (int)MAX_RULE_VALUES);
        good = false;
    }
    if (good)
        of = arena_take(&scratch, all.n, sizeof *of);
    loader->scratch = &scratch; /* what is above stays while values are made */
    good = of && load_texts(&all, of) && gather(loader, of, all.n, value);
    loader->scratch = outer;
    return good;
}
