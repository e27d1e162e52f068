/* SPDX-License-Identifier: Apache-2.0
 *
 * The obvious evaluator: a detection against one alert, value by value, as
 * docs/rules.md says it. Nothing is clever here, so that whatever is faster
 * can be held against it. */
#include "correlate/facts.h"

#include <string.h>

enum { MAX_FIELDREF_PAIRS = 100000 }; /* of one test and one alert */

/* --- texts */

static bool
pattern_holds(const struct test *test, struct fact *fact, bool is_name,
              struct facts *facts)
{
    const struct pattern *pattern =
        is_name ? &test->is.pattern.composed : &test->is.pattern.plain;
    unsigned flags = pattern->flags & ~(unsigned)PATTERN_LITERAL;
    for (int form = 0; form < 2; form++) {
        struct arena here = *facts->scratch; /* kept only if cached */
        bool cached = !(flags & (PATTERN_CASED | PATTERN_DASHES));
        if (form == 1 && !fact->plain.at)
            break;
        struct str text =
            fact_text(fact, form, flags, cached ? facts->scratch : &here);
        if (!text.at)
            facts->n_limited++;
        else if (pattern_match(pattern, text))
            return true;
    }
    return false;
}

static bool
regex_holds(const struct regex *regex, const struct fact *fact,
            struct facts *facts)
{
    enum regex_says says = regex_match(regex, fact->text, *facts->scratch);
    if (says == REGEX_NO && fact->plain.at)
        says = regex_match(regex, fact->plain, *facts->scratch);
    facts->n_limited += says == REGEX_LIMIT;
    return says == REGEX_YES;
}

/* --- numbers, addresses, times */

static bool
compare_holds(enum compare compare, int order)
{
    switch (compare) {
    case COMPARE_EQ:
        return order == 0;
    case COMPARE_LT:
        return order < 0;
    case COMPARE_LTE:
        return order <= 0;
    case COMPARE_GT:
        return order > 0;
    case COMPARE_GTE:
        return order >= 0;
    }
    return false;
}

static bool
number_holds(const struct test *test, const struct fact *fact)
{
    struct decimal number;
    return decimal_from(fact->text, &number) &&
           compare_holds(test->compare,
                         decimal_compare(&number, &test->is.number));
}

/* IPv4 lies in prefixes of IPv4 only: ::/0 is all of IPv6. */
static bool
cidr_holds(const struct prefix *prefix, const struct fact *fact)
{
    struct address address;
    bool of_v4 = prefix->bits >= 96 && address_is_v4(prefix->address);
    return address_from(fact->text, &address) &&
           address_is_v4(address) == of_v4 &&
           address_equal(address_cut(address, prefix->bits), prefix->address);
}

static bool
time_holds(const struct test *test, const struct fact *fact)
{
    char text[24];
    int64_t n;
    struct decimal number;
    if (fact->type != JSON_STRING || !time_part_of(fact->text, test->part, &n))
        return false;
    struct buf buf = {.at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_i64(&buf, n);
    return decimal_from(buf_str(&buf), &number) &&
           compare_holds(test->compare,
                         decimal_compare(&number, &test->is.number));
}

/* --- another field */

static bool
is_text(const struct fact *fact)
{
    return fact->type != JSON_NULL;
}

static bool
stands_in(struct str text, struct str other, enum wrap wrap)
{
    switch (wrap) {
    case WRAP_NONE:
        return str_equal(text, other);
    case WRAP_STARTS:
        return str_starts(text, other);
    case WRAP_ENDS:
        return str_ends(text, other);
    case WRAP_CONTAINS:
        return other.len == 0 ||
               (text.len >= other.len &&
                memmem(text.at, text.len, other.at, other.len) != NULL);
    }
    return false;
}

static bool
fieldref_holds(const struct test *test, struct fact *fact, struct facts *facts)
{
    const struct fact_list *list = fact_list_of(facts, test->is.other.field);
    unsigned flags = test->is.other.cased ? (unsigned)PATTERN_CASED : 0;
    for (struct fact *other = list->first; other; other = other->next) {
        if (facts->n_pairs++ >= MAX_FIELDREF_PAIRS) {
            facts->n_limited++;
            break;
        }
        for (int i = 0; is_text(other) && i < 4; i++) {
            if ((i % 2 == 1 && !fact->plain.at) ||
                (i / 2 == 1 && !other->plain.at))
                continue;
            struct str a = fact_text(fact, i % 2, flags, facts->scratch);
            struct str b = fact_text(other, i / 2, flags, facts->scratch);
            if (a.at && b.at && stands_in(a, b, test->is.other.wrap))
                return true;
        }
    }
    return false;
}

/* --- tests, items, searches, conditions */

static bool
test_holds_of(const struct test *test, const struct fact_list *list,
              struct fact *fact, struct facts *facts)
{
    switch (test->type) {
    case TEST_PATTERN:
        return pattern_holds(test, fact, list->is_name, facts);
    case TEST_REGEX:
        return regex_holds(test->is.regex, fact, facts);
    case TEST_CIDR:
        return cidr_holds(&test->is.prefix, fact);
    case TEST_COMPARE:
        return number_holds(test, fact);
    case TEST_FIELDREF:
        return fieldref_holds(test, fact, facts);
    case TEST_TIME:
        return time_holds(test, fact);
    case TEST_NULL:
    case TEST_EXISTS:
        break;
    }
    return false;
}

bool
test_holds(const struct test *test, const struct fact_list *list,
           struct facts *facts, const struct fact **which)
{
    bool wants_null = test->type == TEST_NULL;
    facts->n_pairs = 0;
    if (which)
        *which = NULL;
    if (test->type == TEST_EXISTS)
        return list->there == test->is.exists;
    if (wants_null && !list->there)
        return true;
    for (struct fact *fact = list->first; fact; fact = fact->next) {
        if (is_text(fact) == wants_null)
            continue;
        if (wants_null || test_holds_of(test, list, fact, facts)) {
            if (which)
                *which = fact;
            return true;
        }
    }
    return false;
}

static bool
value_holds(const struct value *value, const struct fact_list *list,
            struct facts *facts)
{
    for (size_t i = 0; i < value->n_tests; i++)
        if (test_holds(&value->test[i], list, facts, NULL))
            return true;
    return false;
}

bool
item_holds(const struct item *item, struct facts *facts)
{
    const struct fact_list *list = fact_list_of(facts, item->field);
    bool holds = item->all;
    for (size_t i = 0; i < item->n_values && holds == item->all; i++)
        holds = value_holds(&item->value[i], list, facts);
    return holds != item->negated;
}

bool
search_holds(const struct search *search, struct facts *facts)
{
    for (size_t i = 0; i < search->n_groups; i++) {
        const struct group *group = &search->group[i];
        bool holds = true;
        for (size_t j = 0; j < group->n_items && holds; j++)
            holds = item_holds(&group->item[j], facts);
        if (holds)
            return true;
    }
    return false;
}

/* A condition asks for a search more than once; each is decided once. */
enum known { NOT_KNOWN, KNOWN_FALSE, KNOWN_TRUE };

struct verdicts {
    const struct logic *logic;
    struct facts *facts;
    unsigned char known[MAX_SEARCHES];
};

static bool
verdict_of(struct verdicts *verdicts, uint32_t search)
{
    unsigned char *known = &verdicts->known[search];
    if (*known == NOT_KNOWN)
        *known = search_holds(&verdicts->logic->search[search], verdicts->facts)
                     ? KNOWN_TRUE
                     : KNOWN_FALSE;
    return *known == KNOWN_TRUE;
}

static bool
condition_holds(const struct condition *condition, struct verdicts *verdicts)
{
    const struct condition *child = condition->first;
    uint32_t n = 0;
    switch (condition->type) {
    case CONDITION_SEARCH:
        return verdict_of(verdicts, condition->search[0]);
    case CONDITION_NOT:
        return !condition_holds(child, verdicts);
    case CONDITION_AND:
        for (; child; child = child->next)
            if (!condition_holds(child, verdicts))
                return false;
        return true;
    case CONDITION_OR:
        for (; child; child = child->next)
            if (condition_holds(child, verdicts))
                return true;
        return false;
    case CONDITION_OF:
        for (uint32_t i = 0; i < condition->n_searches && n < condition->need;
             i++)
            n += verdict_of(verdicts, condition->search[i]);
        return n >= condition->need;
    }
    return false;
}

bool
detection_match(const struct detection *detection, struct facts *facts)
{
    struct verdicts verdicts;
    verdicts.logic = detection->logic;
    verdicts.facts = facts;
    memset(verdicts.known, NOT_KNOWN, detection->logic->n_searches);
    return condition_holds(detection->logic->condition, &verdicts);
}
