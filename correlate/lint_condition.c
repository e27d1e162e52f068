/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions that hold always or never, and search identifiers in them that
 * make no difference, found by trying every way in which the searches can
 * hold. */
#include "correlate/lint_priv.h"

enum { MAX_TRIED_SEARCHES = 12 };

/* Whether the condition holds when the searches of `held` do. */
static bool
holds(const struct condition *condition, uint32_t held)
{
    const struct condition *child = condition->first;
    uint32_t n = 0;
    switch (condition->type) {
    case CONDITION_SEARCH:
        return (held >> condition->search[0] & 1) != 0;
    case CONDITION_NOT:
        return !holds(child, held);
    case CONDITION_AND:
        while (child && holds(child, held))
            child = child->next;
        return !child;
    case CONDITION_OR:
        while (child && !holds(child, held))
            child = child->next;
        return child != NULL;
    case CONDITION_OF:
        for (uint32_t i = 0; i < condition->n_searches; i++)
            n += held >> condition->search[i] & 1;
        return n >= condition->need;
    }
    return false;
}

static uint32_t
used(const struct condition *condition)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < condition->n_searches; i++)
        bits |= UINT32_C(1) << condition->search[i];
    for (const struct condition *at = condition->first; at; at = at->next)
        bits |= used(at);
    return bits;
}

/* How many nodes are gone through to try it once. */
static size_t
n_nodes(const struct condition *condition)
{
    size_t n = 1 + condition->n_searches;
    for (const struct condition *at = condition->first; at; at = at->next)
        n += n_nodes(at);
    return n;
}

void
lint_condition(struct linting *linting)
{
    const struct logic *logic = linting->detection->logic;
    const struct condition *condition = logic->condition;
    uint32_t n = (uint32_t)logic->n_searches, differs = 0, n_held = 0;
    if (n > MAX_TRIED_SEARCHES || n_nodes(condition) > 256)
        return;
    for (uint32_t held = 0; held < UINT32_C(1) << n; held++) {
        bool is = holds(condition, held);
        n_held += is;
        for (uint32_t i = 0; i < n; i++)
            if (is != holds(condition, held ^ UINT32_C(1) << i))
                differs |= UINT32_C(1) << i;
    }
    if (n_held == 0 || n_held == UINT32_C(1) << n) {
        lint_warn(linting, linting->detection->place,
                  "the condition %s holds, whatever an event has: '%.*s'",
                  n_held == 0 ? "never" : "always",
                  STR_ARG(lint_shown(linting, logic->written)));
        return;
    }
    for (uint32_t i = 0, of = used(condition); i < n; i++)
        if ((of & ~differs) >> i & 1)
            lint_warn(linting, logic->search[i].place,
                      "'%.*s' makes no difference to the condition",
                      STR_ARG(lint_shown(linting, logic->search[i].name)));
}
