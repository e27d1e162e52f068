/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a detection holds or not, for whoever writes it or is called at night:
 * first what decides it, then selection by selection, line by line, value by
 * value, with what the alert has there, and what nearly matched ("~"). Long
 * lists show what counts of them. */
#include "correlate/explain_priv.h"

#include "base/visible.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_SHOWN = 3, MAX_SHOWN_BYTES = 160, MAX_VALUES = 6, MAX_WHY = 12 };

/* --- texts */

void
explain_text(struct buf *out, struct str text)
{
    buf_char(out, '"');
    buf_visible(out, text, MAX_SHOWN_BYTES);
    buf_char(out, '"');
}

static void
put_fact(struct buf *out, const struct fact *fact)
{
    if (fact->type == JSON_STRING)
        explain_text(out, fact->text);
    else
        buf_visible(out, fact->text, MAX_SHOWN_BYTES);
}

/* What the field has, in a few values. */
static void
put_facts(struct explaining *explaining, const struct item *item)
{
    struct buf *out = explaining->out;
    const struct fact_list *list = fact_list_of(explaining->facts, item->field);
    size_t n = 0;
    if (item->field == KEYWORDS) {
        buf_add(out, STR("any value of the event"));
        return;
    }
    if (!list->there) {
        buf_add(out, STR("absent"));
        explain_absent(explaining, item->field);
        return;
    }
    if (!list->first)
        buf_add(out, STR("there, without a value of its own"));
    for (const struct fact *fact = list->first; fact; fact = fact->next, n++) {
        if (n == MAX_SHOWN) {
            buf_add(out, STR(", …"));
            break;
        }
        if (n > 0)
            buf_add(out, STR(", "));
        put_fact(out, fact);
    }
}

/* --- values */

static bool
holds_value(struct explaining *explaining, const struct item *item,
            const struct value *value, const struct fact **which)
{
    const struct fact_list *list = fact_list_of(explaining->facts, item->field);
    bool holds = false;
    for (size_t i = 0; i < value->n_tests && !holds; i++)
        holds = test_holds(&value->test[i], list, explaining->facts, which);
    return holds;
}

/* The name under which the event has what a keyword was found in. */
static void
put_where(struct explaining *explaining, const struct fact *which)
{
    struct buf *out = explaining->out;
    buf_add(out, STR("  in "));
    put_fact(out, which);
    for (size_t i = 0; i < explaining->n_leaves; i++) {
        const struct leaf *leaf = &explaining->leaf[i];
        if (leaf->node->type == which->type &&
            str_equal(leaf->node->text, which->text)) {
            buf_add(out, STR(" of "));
            explain_text(out, leaf->name);
            return;
        }
    }
}

static void
put_value(struct explaining *explaining, const struct item *item,
          const struct value *value)
{
    struct buf *out = explaining->out;
    const struct fact *which = NULL;
    bool holds = holds_value(explaining, item, value, &which);
    const struct fact_list *list = fact_list_of(explaining->facts, item->field);
    buf_add(out, holds ? STR("      + ") : STR("      - "));
    explain_text(out, value->written);
    if (which && (item->field == KEYWORDS || list->first != list->last))
        put_where(explaining, which);
    if (!holds && !item->negated)
        explain_near(explaining, item, value);
    buf_char(out, '\n');
}

/* Of a long list first what decides it (what holds where one will do, what does
 * not where all must), then some of the rest. */
static void
put_values(struct explaining *explaining, const struct item *item)
{
    struct buf *out = explaining->out;
    size_t n_shown = 0, n_hold = 0;
    for (size_t i = 0; i < item->n_values; i++) {
        const struct fact *which;
        bool holds = holds_value(explaining, item, &item->value[i], &which);
        bool decides = holds != item->all || item->n_values <= MAX_VALUES;
        size_t before = out->len;
        n_hold += holds;
        if (n_shown >= MAX_VALUES)
            continue;
        put_value(explaining, item, &item->value[i]);
        bool nearly = !holds && memmem(out->at + before, out->len - before,
                                       "  ~ ", 4) != NULL;
        if (decides || nearly)
            n_shown++;
        else
            out->len = before;
    }
    if (n_shown < item->n_values)
        buf_format(out, "        (%zu of %zu values match)\n", n_hold,
                   item->n_values);
}

/* --- lines */

static void
put_item(struct explaining *explaining, const struct item *item)
{
    struct buf *out = explaining->out;
    bool holds = item_holds(item, explaining->facts);
    buf_add(out, holds ? STR("    yes ") : STR("    no  "));
    if (item->written.len > 0)
        buf_visible(out, item->written, MAX_SHOWN_BYTES);
    else
        buf_add(out, STR("keywords"));
    buf_format(out, " (line %u): %s", item->place.line,
               item->negated ? item->all ? "not all of " : "none of "
               : item->all   ? "all of "
                             : "");
    put_facts(explaining, item);
    buf_char(out, '\n');
    put_values(explaining, item);
}

static size_t
n_holding(const struct explaining *explaining, const struct group *group)
{
    size_t n = 0;
    for (size_t i = 0; i < group->n_items; i++)
        n += item_holds(&group->item[i], explaining->facts);
    return n;
}

/* The map that lacks fewest lines; of equal ones that with most. */
static size_t
nearest(const struct explaining *explaining, const struct search *search)
{
    size_t best = 0, lacks = SIZE_MAX, holding = 0;
    for (size_t i = 0; i < search->n_groups; i++) {
        size_t n = n_holding(explaining, &search->group[i]);
        size_t lacks_here = search->group[i].n_items - n;
        if (lacks_here < lacks || (lacks_here == lacks && n > holding)) {
            best = i;
            lacks = lacks_here;
            holding = n;
        }
    }
    return best;
}

static void
put_short(struct buf *out, size_t n, size_t of)
{
    buf_format(out, "%zu of %zu line%s hold%s%s", n, of, of == 1 ? "" : "s",
               n == 1 || of == 1 ? "s" : "",
               of > 1 && n + 1 == of ? ": one short" : "");
}

static void
put_group(struct explaining *explaining, const struct group *group)
{
    for (size_t i = 0; i < group->n_items; i++)
        put_item(explaining, &group->item[i]);
}

/* Of a list of maps the one that counts is told whole. */
static void
put_search(struct explaining *explaining, size_t number)
{
    struct buf *out = explaining->out;
    const struct search *search = &explaining->logic->search[number];
    bool holds = explaining->holds[number];
    size_t n = search->n_groups, at = nearest(explaining, search);
    const struct group *group = &search->group[at];
    buf_add(out, holds ? STR("  yes ") : STR("  no  "));
    buf_visible(out, search->name, MAX_SHOWN_BYTES);
    if (n > 1)
        buf_format(out, " (any of %zu; the %s is number %zu)", n,
                   holds ? "one that holds" : "nearest", at + 1);
    if (!holds) {
        buf_add(out, STR(": "));
        put_short(out, n_holding(explaining, group), group->n_items);
    }
    buf_char(out, '\n');
    put_group(explaining, group);
}

/* --- what decides */

static bool
condition_of(const struct explaining *explaining,
             const struct condition *condition)
{
    uint32_t n = 0;
    const struct condition *child = condition->first;
    switch (condition->type) {
    case CONDITION_SEARCH:
        return explaining->holds[condition->search[0]];
    case CONDITION_NOT:
        return !condition_of(explaining, child);
    case CONDITION_AND:
        while (child && condition_of(explaining, child))
            child = child->next;
        return !child;
    case CONDITION_OR:
        while (child && !condition_of(explaining, child))
            child = child->next;
        return child != NULL;
    case CONDITION_OF:
        for (uint32_t i = 0; i < condition->n_searches; i++)
            n += explaining->holds[condition->search[i]];
        return n >= condition->need;
    }
    return false;
}

/* Says which searches make it that the condition does (`is`) or does not
 * hold, though it should be the other way; so many lines at most. */
static void
put_why(struct explaining *explaining, const struct condition *condition,
        bool is, size_t *n)
{
    if (condition_of(explaining, condition) != is || *n >= MAX_WHY)
        return;
    if (condition->type == CONDITION_NOT) {
        put_why(explaining, condition->first, !is, n);
        return;
    }
    if (condition->type == CONDITION_AND || condition->type == CONDITION_OR) {
        for (const struct condition *at = condition->first; at; at = at->next)
            put_why(explaining, at, is, n);
        return;
    }
    for (uint32_t i = 0; i < condition->n_searches && *n < MAX_WHY; i++) {
        uint32_t number = condition->search[i];
        if (explaining->holds[number] != is)
            continue;
        (*n)++;
        buf_add(explaining->out, STR("      because "));
        explain_text(explaining->out, explaining->logic->search[number].name);
        buf_add(explaining->out, is ? STR(" holds, and the condition does not "
                                          "want it\n")
                                    : STR(" does not hold\n"));
    }
}

void
detection_explain(const struct detection *detection, struct facts *facts,
                  struct buf *out)
{
    const struct logic *logic = detection->logic;
    struct explaining *explaining = calloc(1, sizeof *explaining);
    bool match = detection_match(detection, facts);
    size_t n = 0;
    if (!explaining) {
        buf_add(out, STR("  out of memory\n"));
        return;
    }
    explaining->logic = logic;
    explaining->facts = facts;
    explaining->out = out;
    explain_leaves(explaining);
    for (size_t i = 0; i < logic->n_searches; i++)
        explaining->holds[i] = search_holds(&logic->search[i], facts);
    buf_add(out, match ? STR("  yes condition: ") : STR("  no  condition: "));
    buf_visible(out, logic->written, 4 * MAX_SHOWN_BYTES);
    buf_char(out, '\n');
    if (!match)
        put_why(explaining, logic->condition, false, &n);
    for (size_t i = 0; i < logic->n_searches; i++)
        put_search(explaining, i);
    free(explaining);
}
