/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of one map that exclude one another: a field that is to be a certain
 * text and to begin with another, or to begin in two ways. Only a field that is
 * a list of values can be both. */
#include "correlate/lint_priv.h"

static const struct pattern *
pattern_of(const struct item *item, size_t i)
{
    return &item->value[i].test->is.pattern.plain;
}

static bool
is_whole(const struct pattern *pattern)
{
    return pattern->n_segments == 1 && !pattern->segment[0].has_any;
}

/* Whether both can be true of one text; true when it is not known. */
static bool
go_together(const struct test *a, const struct test *b)
{
    const struct pattern *x = &a->is.pattern.plain, *y = &b->is.pattern.plain;
    if ((x->flags ^ y->flags) & ~(unsigned)PATTERN_LITERAL)
        return true;
    if (is_whole(y))
        return lint_covers(a, b);
    if (is_whole(x))
        return lint_covers(b, a);
    const struct segment *first[] = {&x->segment[0], &y->segment[0]};
    const struct segment *last[] = {&x->segment[x->n_segments - 1],
                                    &y->segment[y->n_segments - 1]};
    struct str p = first[0]->text, q = first[1]->text;
    bool front = first[0]->has_any || first[1]->has_any || str_starts(p, q) ||
                 str_starts(q, p);
    p = last[0]->text;
    q = last[1]->text;
    bool back = last[0]->has_any || last[1]->has_any || str_ends(p, q) ||
                str_ends(q, p);
    return front && back;
}

/* Whether the value of one line can be true where the other line is. */
static bool
may_hold(const struct item *item, const struct value *value)
{
    bool any = false, all = true;
    for (size_t i = 0; i < item->n_values; i++) {
        bool holds = go_together(item->value[i].test, value->test);
        any |= holds;
        all &= holds;
    }
    return item->all ? all : any;
}

static bool
is_asked(const struct item *item)
{
    return item->field != KEYWORDS && !item->negated && item->n_values > 0 &&
           item->n_values <= 256 && lint_is_text(item);
}

/* Values that must all be there and cannot. */
static void
all_at_once(struct linting *linting, const struct item *item)
{
    if (!item->all || item->n_values < 2)
        return;
    for (size_t i = 1; i < item->n_values; i++)
        for (size_t j = 0; j < i; j++)
            if (!go_together(item->value[i].test, item->value[j].test)) {
                lint_warn(linting, item->place,
                          "'%.*s': no single value is all of these; only a "
                          "list of values can be (is contains meant?)",
                          STR_ARG(lint_shown(linting, item->written)));
                return;
            }
}

/* Each value of `item` that the other line excludes. Whether there is one. */
static bool
excluded(struct linting *linting, const struct item *item,
         const struct item *other)
{
    bool any = false;
    for (size_t i = 0; i < item->n_values; i++) {
        const struct value *value = &item->value[i];
        if (may_hold(other, value))
            continue;
        any = true;
        lint_warn(linting, value->place,
                  "'%.*s' never holds beside '%.*s' (line %u), unless the "
                  "field is a list",
                  STR_ARG(lint_shown(linting, value->written)),
                  STR_ARG(lint_shown(linting, other->written)),
                  other->place.line);
    }
    return any;
}

static bool
has_whole(const struct item *item)
{
    for (size_t i = 0; i < item->n_values; i++)
        if (is_whole(pattern_of(item, i)))
            return true;
    return false;
}

void
lint_group(struct linting *linting, const struct group *group)
{
    for (size_t i = 0; i < group->n_items; i++) {
        const struct item *item = &group->item[i];
        if (!is_asked(item))
            continue;
        all_at_once(linting, item);
        for (size_t j = 0; j < i; j++) {
            const struct item *other = &group->item[j];
            if (other->field != item->field || !is_asked(other))
                continue;
            /* Said of the line that is a certain text, if one is. */
            bool turned = has_whole(other) && !has_whole(item);
            if (!excluded(linting, turned ? other : item,
                          turned ? item : other))
                excluded(linting, turned ? item : other, turned ? other : item);
        }
    }
}
