/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions over predicates. Items become lists of predicates; what a list
 * negates, and `not`, are a mark on the node. A search that the condition
 * names more than once stands once, behind nodes that remember its verdict. */
#include "matcher_priv.h"

#include <stdlib.h>

/* One rule on its way. */
struct shaping {
    struct making *making;
    const struct logic *logic;
    uint32_t body[MAX_SEARCHES];    /* node + 1 of a search; 0: not yet */
    uint32_t n_named[MAX_SEARCHES]; /* in the condition */
};

/* --- how much there will be */

struct amounts {
    size_t n_nodes, n_operands;
};

static void
count_condition(const struct condition *condition, struct amounts *amounts)
{
    amounts->n_nodes += 1 + condition->n_searches;
    for (const struct condition *at = condition->first; at; at = at->next)
        count_condition(at, amounts);
}

static void
count_logic(const struct logic *logic, struct amounts *amounts)
{
    count_condition(logic->condition, amounts);
    for (size_t i = 0; i < logic->n_searches; i++) {
        const struct search *search = &logic->search[i];
        amounts->n_nodes += 2;
        for (size_t j = 0; j < search->n_groups; j++) {
            const struct group *group = &search->group[j];
            amounts->n_nodes += 1 + group->n_items;
            for (size_t k = 0; k < group->n_items; k++) {
                const struct item *item = &group->item[k];
                amounts->n_nodes += item->n_values;
                for (size_t l = 0; l < item->n_values; l++)
                    amounts->n_operands += item->value[l].n_tests;
            }
        }
    }
}

bool
nodes_open(struct making *making)
{
    struct matcher *matcher = making->matcher;
    struct amounts amounts = {0, 0};
    for (size_t i = 0; i < matcher->n_rules; i++)
        count_logic(matcher->rules->detection[i]->logic, &amounts);
    if (amounts.n_nodes >= UINT32_MAX / 2 ||
        amounts.n_operands >= UINT32_MAX / 2)
        return false;
    making->max_predicates = (uint32_t)amounts.n_operands + 1;
    matcher->sizes.n_written = amounts.n_operands;
    making->node =
        arena_take_raw(making->arena, amounts.n_nodes + 1, sizeof(struct node));
    making->operand = arena_take_raw(making->arena, amounts.n_operands + 1,
                                     sizeof *making->operand);
    making->predicate = arena_take_raw(making->arena, amounts.n_operands + 1,
                                       sizeof *making->predicate);
    making->known = table_new(making->max_predicates);
    return making->node && making->operand && making->predicate &&
           making->known;
}

/* --- items and searches */

static uint32_t
nodes_take(struct making *making, size_t n)
{
    uint32_t first = making->n_nodes;
    making->n_nodes += (uint32_t)n;
    return first;
}

static int
by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The predicates of a value, or of several. */
static struct node
list_node(struct making *making, uint32_t field, const struct value *value,
          size_t n)
{
    struct node node = {.type = NODE_ANY,
                        .searched = true,
                        .first = making->n_operands,
                        .field = field};
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < value[i].n_tests; j++) {
            uint32_t number = predicate_of(making, field, &value[i].test[j]);
            making->operand[making->n_operands++] = number;
            node.searched &=
                making->predicate[number].kind == PREDICATE_SEARCHED;
        }
    node.n = making->n_operands - node.first;
    if (node.n >= LONG_LIST)
        qsort(making->operand + node.first, node.n, sizeof *making->operand,
              by_number);
    return node;
}

static uint32_t
field_number(const struct making *making, uint32_t number)
{
    return number == KEYWORDS ? making->matcher->n_fields - 1
                              : making->matcher->field_of[number];
}

static void
item_node(struct making *making, const struct item *item, uint32_t at)
{
    uint32_t field = field_number(making, item->field);
    bool single = true;
    if (item->field != KEYWORDS)
        part_read(making, item->field);
    for (size_t i = 0; i < item->n_values; i++)
        single = single && item->value[i].n_tests == 1;
    struct node node;
    if (!item->all || single) {
        node = list_node(making, field, item->value, item->n_values);
        node.type = item->all ? NODE_ALL : NODE_ANY;
    } else {
        node = (struct node){.type = NODE_AND, .n = (uint32_t)item->n_values};
        node.first = nodes_take(making, item->n_values);
        for (size_t i = 0; i < item->n_values; i++)
            making->node[node.first + i] =
                list_node(making, field, &item->value[i], 1);
    }
    node.negated = item->negated;
    making->node[at] = node;
}

static void
group_node(struct making *making, const struct group *group, uint32_t at)
{
    if (group->n_items == 1) {
        item_node(making, &group->item[0], at);
        return;
    }
    struct node node = {.type = NODE_AND, .n = (uint32_t)group->n_items};
    node.first = nodes_take(making, group->n_items);
    making->node[at] = node;
    for (size_t i = 0; i < group->n_items; i++)
        item_node(making, &group->item[i], node.first + (uint32_t)i);
}

static void
body_node(struct making *making, const struct search *search, uint32_t at)
{
    if (search->n_groups == 1) {
        group_node(making, &search->group[0], at);
        return;
    }
    struct node node = {.type = NODE_OR, .n = (uint32_t)search->n_groups};
    node.first = nodes_take(making, search->n_groups);
    making->node[at] = node;
    for (size_t i = 0; i < search->n_groups; i++)
        group_node(making, &search->group[i], node.first + (uint32_t)i);
}

static void
search_node(struct shaping *shaping, uint32_t search, uint32_t at)
{
    struct making *making = shaping->making;
    if (shaping->n_named[search] == 1) {
        body_node(making, &shaping->logic->search[search], at);
        return;
    }
    if (shaping->body[search] == 0) {
        uint32_t body = nodes_take(making, 1);
        shaping->body[search] = body + 1;
        body_node(making, &shaping->logic->search[search], body);
    }
    making->node[at] = (struct node){.type = NODE_SEARCH,
                                     .need = search,
                                     .first = shaping->body[search] - 1,
                                     .n = 1};
}

/* --- conditions */

static void
count_named(struct shaping *shaping, const struct condition *condition)
{
    for (uint32_t i = 0; i < condition->n_searches; i++)
        shaping->n_named[condition->search[i]]++;
    for (const struct condition *at = condition->first; at; at = at->next)
        count_named(shaping, at);
}

static void condition_node(struct shaping *shaping,
                           const struct condition *condition, uint32_t at);

static void
children_nodes(struct shaping *shaping, const struct condition *condition,
               uint32_t at)
{
    struct node node = {.type = condition->type == CONDITION_AND ? NODE_AND
                                                                 : NODE_OR};
    for (const struct condition *child = condition->first; child;
         child = child->next)
        node.n++;
    node.first = nodes_take(shaping->making, node.n);
    shaping->making->node[at] = node;
    for (const struct condition *child = condition->first; child;
         child = child->next)
        condition_node(shaping, child, node.first++);
}

static void
of_node(struct shaping *shaping, const struct condition *condition, uint32_t at)
{
    struct node node = {
        .type = NODE_OF, .need = condition->need, .n = condition->n_searches};
    if (node.need == 1)
        node.type = NODE_OR;
    else if (node.need == node.n)
        node.type = NODE_AND;
    node.first = nodes_take(shaping->making, node.n);
    shaping->making->node[at] = node;
    for (uint32_t i = 0; i < node.n; i++)
        search_node(shaping, condition->search[i], node.first + i);
}

static void
condition_node(struct shaping *shaping, const struct condition *condition,
               uint32_t at)
{
    switch (condition->type) {
    case CONDITION_SEARCH:
        search_node(shaping, condition->search[0], at);
        break;
    case CONDITION_NOT:
        condition_node(shaping, condition->first, at);
        shaping->making->node[at].negated ^= true;
        break;
    case CONDITION_AND:
    case CONDITION_OR:
        children_nodes(shaping, condition, at);
        break;
    case CONDITION_OF:
        of_node(shaping, condition, at);
        break;
    }
}

uint32_t
nodes_make(struct making *making, const struct logic *logic)
{
    struct shaping shaping;
    shaping.making = making;
    shaping.logic = logic;
    for (size_t i = 0; i < logic->n_searches; i++)
        shaping.body[i] = shaping.n_named[i] = 0;
    count_named(&shaping, logic->condition);
    uint32_t root = nodes_take(making, 1);
    condition_node(&shaping, logic->condition, root);
    return root;
}
