/* SPDX-License-Identifier: Apache-2.0
 *
 * Why a detection holds or not, for whoever writes it: selection by selection,
 * line by line, value by value, with what the alert has there. */
#include "correlate/facts.h"

enum { MAX_SHOWN = 3, MAX_SHOWN_BYTES = 200 };

static void
put_text(struct buf *out, struct str text)
{
    bool cut = text.len > MAX_SHOWN_BYTES;
    size_t len = cut ? MAX_SHOWN_BYTES : text.len;
    while (cut && len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
        len--;
    buf_json(out, str_cut(text, 0, len));
    if (cut)
        buf_add(out, STR("…"));
}

static void
put_fact(struct buf *out, const struct fact *fact)
{
    if (fact->type == JSON_STRING)
        put_text(out, fact->text);
    else
        buf_add(out, fact->text);
}

/* What the field has, in a few values. */
static void
put_facts(struct buf *out, const struct item *item, struct facts *facts)
{
    const struct fact_list *list = fact_list_of(facts, item->field);
    size_t n = 0;
    if (item->field == KEYWORDS) {
        buf_add(out, STR("any value of the event"));
        return;
    }
    if (!list->there) {
        buf_add(out, STR("absent"));
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

static void
explain_value(const struct value *value, const struct item *item,
              struct facts *facts, struct buf *out)
{
    const struct fact_list *list = fact_list_of(facts, item->field);
    const struct fact *which = NULL;
    bool holds = false;
    for (size_t i = 0; i < value->n_tests && !holds; i++)
        holds = test_holds(&value->test[i], list, facts, &which);
    buf_add(out, holds ? STR("      + ") : STR("      - "));
    put_text(out, value->written);
    if (which && item->field == KEYWORDS) {
        buf_add(out, STR("  in "));
        put_fact(out, which);
    }
    buf_char(out, '\n');
}

static void
explain_item(const struct item *item, struct facts *facts, struct buf *out)
{
    bool holds = item_holds(item, facts);
    buf_add(out, holds ? STR("    yes ") : STR("    no  "));
    buf_add(out, item->written.len > 0 ? item->written : STR("keywords"));
    buf_format(out, " (line %u): %s", item->place.line,
               item->negated ? item->all ? "not all of " : "none of "
               : item->all   ? "all of "
                             : "");
    put_facts(out, item, facts);
    buf_char(out, '\n');
    for (size_t i = 0; i < item->n_values; i++)
        explain_value(&item->value[i], item, facts, out);
}

void
detection_explain(const struct detection *detection, struct facts *facts,
                  struct buf *out)
{
    const struct logic *logic = detection->logic;
    for (size_t i = 0; i < logic->n_searches; i++) {
        const struct search *search = &logic->search[i];
        buf_add(out,
                search_holds(search, facts) ? STR("  yes ") : STR("  no  "));
        buf_format(out, "%.*s%s\n", STR_ARG(search->name),
                   search->n_groups > 1 ? " (any of)" : "");
        for (size_t j = 0; j < search->n_groups; j++) {
            if (search->n_groups > 1)
                buf_format(out, "   %zu.\n", j + 1);
            for (size_t k = 0; k < search->group[j].n_items; k++)
                explain_item(&search->group[j].item[k], facts, out);
        }
    }
    buf_add(out,
            detection_match(detection, facts) ? STR("  yes ") : STR("  no  "));
    buf_format(out, "condition: %.*s\n", STR_ARG(logic->written));
}
