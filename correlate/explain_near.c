/* SPDX-License-Identifier: Apache-2.0
 *
 * What nearly matched: the same value tried again with one thing changed, then
 * in the other fields of the event. The first that holds is told. */
#include "correlate/explain_priv.h"

#include <string.h>

enum { MAX_TRIED = 20000, MIN_ELSEWHERE = 3 };

/* --- the value again, a little different */

static enum wrap
wrap_of(const struct item *item)
{
    return item_has(item, "startswith") ? WRAP_STARTS
           : item_has(item, "endswith") ? WRAP_ENDS
           : item_has(item, "contains") || item->field == KEYWORDS
               ? WRAP_CONTAINS
               : WRAP_NONE;
}

/* Texts with some difference taken out of them. */
enum change { NO_CHANGE, NO_BLANKS, NO_SLASHES };

static struct str
changed(struct str text, enum change change, struct arena *scratch)
{
    char *to = arena_take_raw(scratch, text.len + 1, 1);
    size_t len = 0;
    if (!to || change == NO_CHANGE)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (change == NO_BLANKS && blank)
            continue;
        to[len++] = change == NO_SLASHES && (c == '\\' || c == '/') ? '|' : c;
    }
    return (struct str){to, len};
}

struct again {
    struct str value;
    enum wrap wrap;
    unsigned flags;
    enum change change;
};

static bool
holds_again(struct explaining *explaining, const struct fact_list *list,
            const struct again *again)
{
    struct arena scratch = *explaining->facts->scratch;
    struct pattern pattern;
    struct str value = changed(again->value, again->change, &scratch);
    if (value.len == 0 ||
        !pattern_make(&pattern, value, again->wrap, again->flags, &scratch))
        return false;
    for (const struct fact *fact = list->first; fact; fact = fact->next) {
        struct arena here = scratch;
        if (fact->type == JSON_NULL || explaining->n_tried++ >= MAX_TRIED)
            continue;
        struct str text = pattern_text(
            changed(fact->text, again->change, &here), again->flags, &here);
        if (text.at && pattern_match(&pattern, text))
            return true;
    }
    return false;
}

static const char *
near_text(struct explaining *explaining, const struct item *item,
          const struct value *value, const struct fact_list *list)
{
    const struct pattern *pattern = &value->test->is.pattern.plain;
    unsigned flags = pattern->flags & ~(unsigned)PATTERN_LITERAL;
    unsigned folded = flags & ~(unsigned)PATTERN_CASED;
    enum wrap wrap = wrap_of(item);
    const struct {
        struct again again;
        bool other; /* than what was tried */
        const char *words;
    } tries[] = {
        {{value->written, wrap, folded, NO_CHANGE},
         flags != folded,
         "equal but for letter case, and 'cased' stands there"},
        {{value->written, WRAP_CONTAINS, flags, NO_CHANGE},
         wrap != WRAP_CONTAINS,
         "it stands inside: 'contains' would match"},
        {{value->written, wrap, flags | PATTERN_DASHES, NO_CHANGE},
         !(flags & PATTERN_DASHES),
         "equal but for a dash or '/': 'windash' would match"},
        {{value->written, wrap, flags, NO_BLANKS},
         true,
         "equal but for blanks"},
        {{value->written, WRAP_CONTAINS, folded, NO_BLANKS},
         true,
         "it stands inside but for blanks and letter case"},
        {{value->written, WRAP_CONTAINS, folded, NO_SLASHES},
         true,
         "it stands inside but for '/' and '\\'"},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        if (tries[i].other && holds_again(explaining, list, &tries[i].again))
            return tries[i].words;
    return NULL;
}

/* A text that is an expression, or an expression without `i`. */
static bool
holds_as_regex(struct explaining *explaining, const struct value *value,
               const struct fact_list *list)
{
    struct arena scratch = *explaining->facts->scratch;
    struct err why;
    size_t where;
    const struct regex *regex =
        regex_make(value->written, REGEX_NOCASE, &scratch, &where, &why);
    for (const struct fact *fact = list->first; regex && fact;
         fact = fact->next)
        if (fact->type != JSON_NULL && explaining->n_tried++ < MAX_TRIED &&
            regex_match(regex, fact->text, scratch) == REGEX_YES)
            return true;
    return false;
}

static bool
looks_like_regex(struct str text)
{
    static const struct str signs[] = {{".*", 2},  {".+", 2}, {"\\d", 2},
                                       {"\\s", 2}, {"[^", 2}, {"\\w", 2}};
    bool looks = str_starts(text, STR("^")) || str_ends(text, STR("$"));
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !looks; i++)
        looks = str_contains(text, signs[i]);
    return looks;
}

/* --- of other kinds */

static const char *
near_number(const struct fact_list *list)
{
    struct decimal number;
    for (const struct fact *fact = list->first; fact; fact = fact->next)
        if (decimal_from(fact->text, &number))
            return NULL;
    return list->first ? "what is there is no decimal number" : NULL;
}

static const char *
near_address(const struct fact_list *list)
{
    struct address address;
    for (const struct fact *fact = list->first; fact; fact = fact->next)
        if (address_from(fact->text, &address))
            return NULL;
    return list->first ? "what is there is no address" : NULL;
}

static const char *
near_here(struct explaining *explaining, const struct item *item,
          const struct value *value)
{
    const struct fact_list *list = fact_list_of(explaining->facts, item->field);
    const char *words = NULL;
    bool encoded = item_has(item, "base64") || item_has(item, "base64offset");
    switch (value->test->type) {
    case TEST_PATTERN:
        if (encoded)
            return NULL;
        words = near_text(explaining, item, value, list);
        if (!words && looks_like_regex(value->written) &&
            holds_as_regex(explaining, value, list))
            words = "as a regular expression ('re') it would match";
        return words;
    case TEST_REGEX:
        return !item_has(item, "i") && holds_as_regex(explaining, value, list)
                   ? "but for letter case: 're|i' would match"
                   : NULL;
    case TEST_COMPARE:
        return near_number(list);
    case TEST_CIDR:
        return near_address(list);
    case TEST_TIME:
        return list->first
                   ? "the part of the time is another, or what is there "
                     "is no time as text"
                   : NULL;
    case TEST_NULL:
    case TEST_EXISTS:
    case TEST_FIELDREF:
        break;
    }
    return NULL;
}

/* --- elsewhere */

/* Whether the test is true of a leaf. */
static bool
holds_of_leaf(struct explaining *explaining, const struct value *value,
              const struct leaf *leaf)
{
    struct arena scratch = *explaining->facts->scratch;
    struct fact fact = {.type = leaf->node->type, .text = leaf->node->text};
    const struct fact_list list = {.first = &fact, .there = true};
    struct facts facts = *explaining->facts;
    facts.scratch = &scratch;
    if (explaining->n_tried++ >= MAX_TRIED || leaf->node->type == JSON_NULL)
        return false;
    for (size_t i = 0; i < value->n_tests; i++)
        if (test_holds(&value->test[i], &list, &facts, NULL))
            return true;
    return false;
}

static void
elsewhere(struct explaining *explaining, const struct item *item,
          const struct value *value)
{
    struct str own = explaining->facts->rules->field[item->field].name;
    const struct leaf *first = NULL;
    size_t n = 0;
    enum test_type type = value->test->type;
    if ((type != TEST_PATTERN && type != TEST_REGEX && type != TEST_CIDR) ||
        value->written.len < MIN_ELSEWHERE)
        return;
    for (size_t i = 0; i < explaining->n_leaves; i++) {
        const struct leaf *leaf = &explaining->leaf[i];
        if (str_equal(leaf->name, own) ||
            !holds_of_leaf(explaining, value, leaf))
            continue;
        first = first ? first : leaf;
        n++;
    }
    if (!first)
        return;
    buf_add(explaining->out, STR("  ~ it would match in "));
    explain_text(explaining->out, first->name);
    if (n > 1)
        buf_format(explaining->out, " and %zu more", n - 1);
}

void
explain_near(struct explaining *explaining, const struct item *item,
             const struct value *value)
{
    if (value->n_tests == 0 || explaining->n_tried >= MAX_TRIED)
        return;
    const char *words = near_here(explaining, item, value);
    if (words)
        buf_format(explaining->out, "  ~ %s", words);
    else if (item->field != KEYWORDS)
        elsewhere(explaining, item, value);
}
