/* SPDX-License-Identifier: Apache-2.0
 *
 * From the condition to what each item is to be (wants), from those to values.
 * What must not hold is mostly left to chance: a field that is only avoided is
 * absent, or anything; the evaluator tells whether that did it. */
#include "solve.h"

#include "correlate/facts.h"
#include "test_text.h"

#include <string.h>

enum { MAX_NEEDS = 512, TRIES = 200 };

struct need {
    const struct item *item;
    bool raw; /* its values are to hold, before neq */
};

struct trial {
    struct solver *solver;
    struct chance *chance;
    const struct logic *logic;
    struct made_event *made;
    unsigned char mark[MAX_SEARCHES]; /* 0: open, 1: to hold, 2: not to */
    struct need need[MAX_NEEDS];
    size_t n_needs;
    enum unsolved fault;
    bool has_regex;
};

const char *
unsolved_words(enum unsolved unsolved)
{
    static const char *const words[] = {
#define X(name, text) text,
        UNSOLVED_REASONS(X)
#undef X
    };
    return words[unsolved];
}

static bool
fail(struct trial *trial, enum unsolved fault)
{
    trial->fault = fault;
    return false;
}

/* --- the condition */

static bool
mark(struct trial *trial, uint32_t search, bool holds)
{
    unsigned char *at = &trial->mark[search], wanted = holds ? 1 : 2;
    if (*at != 0 && *at != wanted)
        return fail(trial, UNSOLVED_CONDITION);
    *at = wanted;
    return true;
}

static bool want(struct trial *trial, const struct condition *condition,
                 bool holds);

/* One child by chance is to be `holds`. */
static bool
want_one(struct trial *trial, const struct condition *parent, bool holds)
{
    const struct condition *child = parent->first;
    size_t n = 0, which;
    for (; child; child = child->next)
        n++;
    which = roll(trial->chance, n);
    for (child = parent->first; which > 0; which--)
        child = child->next;
    return want(trial, child, holds);
}

static bool
want_all(struct trial *trial, const struct condition *parent, bool holds)
{
    bool good = true;
    for (const struct condition *at = parent->first; good && at; at = at->next)
        good = want(trial, at, holds);
    return good;
}

/* `n` of the searches, by chance those from some place on that are not marked
 * otherwise. */
static bool
want_some(struct trial *trial, const struct condition *of, uint32_t n,
          bool holds)
{
    uint32_t from = (uint32_t)roll(trial->chance, of->n_searches);
    for (uint32_t i = 0; n > 0 && i < of->n_searches; i++) {
        uint32_t search = of->search[(from + i) % of->n_searches];
        if (trial->mark[search] != (holds ? 2 : 1)) {
            mark(trial, search, holds);
            n--;
        }
    }
    return n == 0 || fail(trial, UNSOLVED_CONDITION);
}

static bool
want(struct trial *trial, const struct condition *condition, bool holds)
{
    switch (condition->type) {
    case CONDITION_SEARCH:
        return mark(trial, condition->search[0], holds);
    case CONDITION_NOT:
        return want(trial, condition->first, !holds);
    case CONDITION_AND:
        return holds ? want_all(trial, condition, true)
                     : want_one(trial, condition, false);
    case CONDITION_OR:
        return holds ? want_one(trial, condition, true)
                     : want_all(trial, condition, false);
    case CONDITION_OF:
        return want_some(trial, condition,
                         holds ? condition->need
                               : condition->n_searches - condition->need + 1,
                         holds);
    }
    return false;
}

static bool
need(struct trial *trial, const struct item *item, bool holds)
{
    if (trial->n_needs == MAX_NEEDS)
        return fail(trial, UNSOLVED_FIELDS);
    trial->need[trial->n_needs++] = (struct need){item, holds != item->negated};
    return true;
}

static bool
need_search(struct trial *trial, const struct search *search, bool holds)
{
    size_t which = roll(trial->chance, search->n_groups);
    bool good = true;
    for (size_t i = 0; good && i < search->n_groups; i++) {
        const struct group *group = &search->group[i];
        if (!holds)
            good =
                need(trial, &group->item[roll(trial->chance, group->n_items)],
                     false);
        for (size_t j = 0; holds && i == which && good && j < group->n_items;
             j++)
            good = need(trial, &group->item[j], true);
    }
    return good;
}

/* --- what a field is to be */

struct wish {
    const struct test *test;
    const struct value *value;
};

/* The tests that are to hold of one field. */
struct wishes {
    struct wish at[MAX_MADE_VALUES];
    size_t n;
    bool present, absent, null;
};

static bool
wish_for(struct trial *trial, struct wishes *wishes, const struct value *value)
{
    const struct test *test = &value->test[roll(trial->chance, value->n_tests)];
    trial->has_regex |= test->type == TEST_REGEX;
    if (test->type == TEST_EXISTS) {
        *(test->is.exists ? &wishes->present : &wishes->absent) = true;
        return true;
    }
    if (test->type == TEST_NULL) {
        wishes->null = true;
        return true;
    }
    if (wishes->n == MAX_MADE_VALUES)
        return fail(trial, UNSOLVED_FIELDS);
    wishes->at[wishes->n++] = (struct wish){test, value};
    return true;
}

static bool
wish_item(struct trial *trial, struct wishes *wishes, const struct item *item)
{
    bool good = true;
    size_t which = roll(trial->chance, item->n_values);
    if (!item->all)
        return wish_for(trial, wishes, &item->value[which]);
    for (size_t i = 0; good && i < item->n_values; i++)
        good = wish_for(trial, wishes, &item->value[i]);
    return good;
}

/* A text for one test. */
static void
wish_text(struct trial *trial, const struct wish *wish, struct buf *out)
{
    const struct test *test = wish->test;
    const struct pattern *pattern = &test->is.pattern.plain;
    switch (test->type) {
    case TEST_PATTERN:
        patterns_text(&pattern, 1, trial->chance, out);
        break;
    case TEST_REGEX:
        expression_text(wish->value->written, trial->chance, out);
        break;
    case TEST_CIDR:
        cidr_text(&test->is.prefix, trial->chance, out);
        break;
    case TEST_COMPARE:
        number_text(test, wish->value->written, trial->chance, out);
        break;
    case TEST_TIME:
        time_text(test, wish->value->written, trial->chance, out);
        break;
    case TEST_NULL:
    case TEST_EXISTS:
    case TEST_FIELDREF:
        break;
    }
}

/* Texts as numbers, true and false, when they look so and chance will. */
static enum json_type
type_for(struct trial *trial, struct str text)
{
    if (once_in(trial->chance, 3))
        return JSON_STRING;
    if (decimal_is_plain(text) && text.len < 300)
        return JSON_NUMBER;
    return str_equal(text, STR("true"))    ? JSON_TRUE
           : str_equal(text, STR("false")) ? JSON_FALSE
                                           : JSON_STRING;
}

static bool
add(struct trial *trial, uint32_t field, struct str text, bool may_be_number)
{
    struct str kept = arena_copy(trial->made->arena, text);
    enum json_type type =
        may_be_number ? type_for(trial, kept) : (enum json_type)JSON_STRING;
    return (kept.at && made_add(trial->made, field, type, kept)) ||
           fail(trial, UNSOLVED_FIELDS);
}

/* One text for all patterns that are wished for. */
static bool
add_together(struct trial *trial, uint32_t field, const struct wishes *wishes)
{
    const struct pattern *pattern[MAX_MADE_VALUES];
    struct buf *text = &trial->solver->text;
    size_t n = 0;
    buf_clear(text);
    for (size_t i = 0; i < wishes->n; i++)
        if (wishes->at[i].test->type == TEST_PATTERN)
            pattern[n++] = &wishes->at[i].test->is.pattern.plain;
    if (n == 0)
        return true;
    patterns_text(pattern, n, trial->chance, text);
    return add(trial, field, buf_str(text), true);
}

static bool
add_wishes(struct trial *trial, uint32_t field, const struct wishes *wishes)
{
    struct buf *text = &trial->solver->text;
    bool together = wishes->n > 1 && !once_in(trial->chance, 4);
    if (together && !add_together(trial, field, wishes))
        return false;
    for (size_t i = 0; i < wishes->n; i++) {
        enum test_type type = wishes->at[i].test->type;
        if ((together && type == TEST_PATTERN) || type == TEST_FIELDREF)
            continue;
        buf_clear(text);
        wish_text(trial, &wishes->at[i], text);
        if (!add(trial, field, buf_str(text), type != TEST_TIME))
            return false;
    }
    return true;
}

/* --- another field */

static struct str
first_text(struct trial *trial, uint32_t field)
{
    const struct made_field *of = made_find(trial->made, field);
    return of && of->n > 0 && of->value[0].type != JSON_NULL ? of->value[0].text
                                                             : NO_STR;
}

static bool
add_fieldref(struct trial *trial, uint32_t field, const struct test *test)
{
    struct buf *text = &trial->solver->text;
    uint32_t other = test->is.other.field;
    enum wrap wrap = test->is.other.wrap;
    struct str here = first_text(trial, field);
    struct str there = first_text(trial, other);
    if (other == field || (here.at && !there.at))
        return other == field || add(trial, other, here, false);
    if (!there.at) {
        buf_clear(text);
        filler_text(trial->chance, text);
        buf_add(text, STR("w"));
        if (!add(trial, other, buf_str(text), true))
            return false;
        there = first_text(trial, other);
    }
    buf_clear(text);
    if (wrap == WRAP_ENDS || wrap == WRAP_CONTAINS)
        filler_text(trial->chance, text);
    buf_add(text, there);
    if (wrap == WRAP_STARTS || wrap == WRAP_CONTAINS)
        filler_text(trial->chance, text);
    return add(trial, field, buf_str(text), true);
}

/* --- fields that are only to avoid something */

static bool
add_anything(struct trial *trial, uint32_t field, bool present)
{
    struct buf *text = &trial->solver->text;
    size_t way = roll(trial->chance, 10);
    buf_clear(text);
    if (way < 5 && !present)
        return true;
    if (way == 6)
        return made_add(trial->made, field, JSON_NULL, STR("null"));
    if (way == 7)
        buf_u64(text, roll(trial->chance, 100000));
    else if (way != 8)
        filler_text(trial->chance, text);
    return add(trial, field, buf_str(text), true);
}

static bool
fill_field(struct trial *trial, uint32_t field)
{
    struct wishes wishes = {.n = 0};
    bool good = true, avoids = false;
    for (size_t i = 0; good && i < trial->n_needs; i++) {
        const struct item *item = trial->need[i].item;
        if (item->field != field)
            continue;
        avoids |= !trial->need[i].raw;
        if (trial->need[i].raw)
            good = wish_item(trial, &wishes, item);
    }
    good = good && add_wishes(trial, field, &wishes);
    for (size_t i = 0; good && i < wishes.n; i++)
        if (wishes.at[i].test->type == TEST_FIELDREF)
            good = add_fieldref(trial, field, wishes.at[i].test);
    if (!good || wishes.n > 0 || wishes.absent)
        return good;
    if (wishes.null)
        return (once_in(trial->chance, 2) && !wishes.present) ||
               made_add(trial->made, field, JSON_NULL, STR("null"));
    if (made_find(trial->made, field))
        return true;
    return !(avoids || wishes.present) ||
           add_anything(trial, field, wishes.present);
}

static bool
try_once(struct trial *trial)
{
    bool good = want(trial, trial->logic->condition, true);
    for (size_t i = 0; good && i < trial->logic->n_searches; i++)
        if (trial->mark[i] != 0)
            good = need_search(trial, &trial->logic->search[i],
                               trial->mark[i] == 1);
    for (size_t i = 0; good && i < trial->n_needs; i++) {
        uint32_t field = trial->need[i].item->field;
        bool known = false;
        for (size_t j = 0; j < i && !known; j++)
            known = trial->need[j].item->field == field;
        good = known || fill_field(trial, field);
    }
    return good;
}

/* --- trying */

bool
solved_holds(struct solver *solver, const struct detection *detection,
             const struct made_event *made, enum made_shape shape)
{
    struct arena rest = solver->scratch;
    struct alert alert = {.source = NO_STR};
    buf_clear(&solver->text);
    made_print(made, shape, &detection->logsource, &solver->text);
    if (!made_decide(made, &alert) ||
        json_read(solver->reader, buf_str(&solver->text), &rest,
                  &alert.event) != JSON_FINE)
        return false;
    struct facts *facts = facts_new(solver->rules, &alert, &rest);
    return facts && detection_match(detection, facts);
}

static bool
decides(const struct rules *rules, const struct made_event *made)
{
    for (size_t i = 0; i < made->n; i++)
        if (made->at[i].field != KEYWORDS &&
            rules->field[made->at[i].field].kind >= FIELD_KIND)
            return true;
    return false;
}

enum unsolved
solve(struct solver *solver, const struct detection *detection,
      struct arena *arena, struct made_event *made)
{
    size_t n = solver->n_tries ? solver->n_tries : TRIES;
    enum unsolved fault = UNSOLVED_OTHER;
    char *start = arena->at;
    for (size_t i = 0; i < n; i++) {
        static _Thread_local struct trial trial;
        memset(trial.mark, 0, detection->logic->n_searches);
        trial.solver = solver;
        trial.chance = solver->chance;
        trial.logic = detection->logic;
        trial.made = made;
        trial.n_needs = 0;
        trial.has_regex = false;
        arena->at = start;
        made->rules = solver->rules;
        made->arena = arena;
        made->n = 0;
        if (!try_once(&trial))
            fault = trial.fault;
        else if (solved_holds(solver, detection, made, MADE_FLAT))
            return UNSOLVED_NOT;
        else
            fault = decides(solver->rules, made) ? UNSOLVED_DECIDED
                    : trial.has_regex            ? UNSOLVED_REGEX
                                                 : UNSOLVED_OTHER;
    }
    return fault;
}

/* One value by chance, spoiled: cut, changed, doubled, put elsewhere. */
static bool
spoil(struct solver *solver, struct made_event *made)
{
    struct chance *chance = solver->chance;
    struct made_field *field = &made->at[roll(chance, made->n)];
    if (field->n == 0)
        return false;
    struct made_value *value = &field->value[roll(chance, field->n)];
    struct str text = value->text;
    size_t at = roll(chance, text.len), way = roll(chance, 8);
    buf_clear(&solver->text);
    if (way == 0) {
        value->type = JSON_NULL;
        return true;
    }
    if (way == 1) {
        field->n--;
        *value = field->value[field->n];
        return true;
    }
    if (way == 2 || way == 7)
        buf_add(&solver->text, STR("~"));
    buf_add(&solver->text, str_cut(text, 0, at));
    if (way >= 5)
        buf_char(&solver->text, "x-*0\\"[roll(chance, 5)]);
    buf_add(&solver->text, str_cut(text, way == 7 ? at : at + 1, text.len));
    if (way == 3 || way == 7)
        buf_add(&solver->text, STR("~"));
    value->type = JSON_STRING;
    value->text = arena_copy(made->arena, buf_str(&solver->text));
    return value->text.at != NULL && json_is_utf8(value->text);
}

bool
solve_near(struct solver *solver, const struct detection *detection,
           struct made_event *made)
{
    for (int tries = 0; made->n > 0 && tries < 40; tries++) {
        struct made_event copy = *made;
        struct made_value *was[MAX_MADE_FIELDS];
        bool good = true;
        for (size_t i = 0; i < copy.n; i++) {
            was[i] = copy.at[i].value;
            copy.at[i].value = arena_take(made->arena, MAX_MADE_VALUES,
                                          sizeof *copy.at[i].value);
            good = good && copy.at[i].value != NULL;
            for (size_t j = 0; good && j < copy.at[i].n; j++)
                copy.at[i].value[j] = was[i][j];
        }
        if (good && spoil(solver, &copy) &&
            !solved_holds(solver, detection, &copy, MADE_FLAT)) {
            *made = copy;
            return true;
        }
    }
    return false;
}
