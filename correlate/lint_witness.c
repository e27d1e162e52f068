/* SPDX-License-Identifier: Apache-2.0
 *
 * A witness is something that must be in an event for the rule to hold: by it
 * the rule is found among thousands without being asked. A rule that can hold
 * though nothing of what it names is there has none, and is asked of every
 * event of its log source. */
#include "correlate/lint_priv.h"

/* What a thing can be when no value that the rule names is in the event. */
struct can {
    bool hold, fail;
};

static struct can
item_can(const struct item *item)
{
    struct can can = {false, true};
    /* A field that is not null or absent is there, and that is a witness. */
    for (size_t i = 0; i < item->n_values; i++)
        for (size_t j = 0; j < item->value[i].n_tests; j++) {
            const struct test *test = &item->value[i].test[j];
            can.hold |= test->type == TEST_NULL ||
                        (test->type == TEST_EXISTS && !test->is.exists);
        }
    can.fail = !can.hold;
    return item->negated ? (struct can){can.fail, can.hold} : can;
}

static struct can
search_can(const struct search *search)
{
    struct can can = {false, true};
    for (size_t i = 0; i < search->n_groups; i++) {
        bool hold = true, fail = false;
        for (size_t j = 0; j < search->group[i].n_items; j++) {
            struct can one = item_can(&search->group[i].item[j]);
            hold &= one.hold;
            fail |= one.fail;
        }
        can.hold |= hold;
        can.fail &= fail;
    }
    return can;
}

static struct can
of_can(const struct logic *logic, const struct condition *condition)
{
    uint32_t n_hold = 0, n_must = 0;
    for (uint32_t i = 0; i < condition->n_searches; i++) {
        struct can one = search_can(&logic->search[condition->search[i]]);
        n_hold += one.hold;
        n_must += !one.fail;
    }
    return (struct can){n_hold >= condition->need, n_must < condition->need};
}

static struct can
condition_can(const struct logic *logic, const struct condition *condition)
{
    struct can can, one;
    bool all = condition->type == CONDITION_AND;
    switch (condition->type) {
    case CONDITION_SEARCH:
        return search_can(&logic->search[condition->search[0]]);
    case CONDITION_OF:
        return of_can(logic, condition);
    case CONDITION_NOT:
        can = condition_can(logic, condition->first);
        return (struct can){can.fail, can.hold};
    case CONDITION_AND:
    case CONDITION_OR:
        break;
    }
    can = (struct can){all, !all};
    for (const struct condition *at = condition->first; at; at = at->next) {
        one = condition_can(logic, at);
        can.hold = all ? can.hold && one.hold : can.hold || one.hold;
        can.fail = all ? can.fail || one.fail : can.fail && one.fail;
    }
    return can;
}

static size_t
n_values(const struct logic *logic)
{
    size_t n = 0;
    for (size_t i = 0; i < logic->n_searches; i++)
        for (size_t j = 0; j < logic->search[i].n_groups; j++)
            for (size_t k = 0; k < logic->search[i].group[j].n_items; k++)
                n += logic->search[i].group[j].item[k].n_values;
    return n;
}

void
lint_witness(struct linting *linting)
{
    const struct detection *detection = linting->detection;
    const struct logsource *of = &detection->logsource;
    bool any = (of->product.len == 0 && of->category.len == 0 &&
                of->service.len == 0) ||
               str_equal(of->product, STR("thapcanh"));
    if (!condition_can(detection->logic, detection->logic->condition).hold)
        return;
    lint_warn(linting, detection->place,
              "it can hold of an event that has none of its values, so nothing "
              "finds it: it is asked of every event%s, %zu value%s each time",
              any ? "" : " of its log source", n_values(detection->logic),
              n_values(detection->logic) == 1 ? "" : "s");
}
