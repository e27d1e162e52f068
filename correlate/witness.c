/* SPDX-License-Identifier: Apache-2.0
 *
 * A witness of a rule is a set of predicates of which one must hold for the
 * rule to hold: all others need not be looked at until one does. Of an `and`
 * the witness of any part will do, of an `or` those of all parts together, of
 * "k of n" those of any n - k + 1 parts; `not` turns this round, and what is
 * negated has no witness, except that a field that is not null is there. The
 * cheapest is taken, by how often its predicates are likely to hold: a long
 * literal that few rules have seldom does, unless it is of what stands in most
 * events of any site. */
#include "matcher_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NEVER 1e9 /* there is no witness */
#define LEAST 1e-4

enum { MAX_PARTS = 4096 };

struct choosing {
    struct making *making;
    const uint32_t *uses; /* of each field */
    uint32_t rule;
    /* By search: its cost if it must hold, and if it must not; < 0: not yet. */
    double known[MAX_SEARCHES][2];
    bool taken[MAX_SEARCHES][2]; /* and whether its witness is already */
    double part[MAX_PARTS];      /* of a NODE_OF: none lies in another */
    struct pair *pairs;          /* what was chosen, of all rules */
    size_t n_pairs, max_pairs;
    bool full;
};

/* A predicate (or, from n_predicates on, a field that is there) and a rule. */
struct pair {
    uint32_t what, rule;
};

/* --- what it costs */

static double
field_cost(const struct choosing *choosing, uint32_t field)
{
    double uses = choosing->uses[field];
    if (choosing->making->field[field].number == KEYWORDS)
        return 2; /* always there */
    return 0.02 + uses / (uses + 500);
}

/* Whether a folded text is a part of what most events of a computer say. */
static bool
is_common(struct str text)
{
    static const char *const common[] = {
        "c:\\windows\\system32\\",
        "c:\\program files\\",
        "c:\\users\\",
        ".exe",
        ".dll",
        "microsoft corporation",
        "microsoft\u00ae windows\u00ae operating system",
        "nt authority\\system",
        "medium",
        "high",
    };
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (str_contains(str_of(common[i]), text))
            return true;
    return false;
}

/* NEVER where the predicate may hold of an absent field. */
static double
predicate_cost(const struct choosing *choosing, uint32_t number, bool holds)
{
    const struct predicate *predicate = &choosing->making->predicate[number];
    const struct test *test = predicate->test;
    double there = field_cost(choosing, predicate->field);
    bool is_null = test->type == TEST_NULL;
    bool is_absent = test->type == TEST_EXISTS && !test->is.exists;
    if (holds ? is_null || is_absent : !is_null)
        return NEVER;
    if (predicate->kind == PREDICATE_ASKED)
        return there;
    double n = predicate->n_uses, len = (double)predicate->literal.text.len;
    double often =
        is_common(predicate->literal.text) ? 0.5 : n * exp2(-0.75 * len);
    often = often < LEAST ? LEAST : often > 0.9 ? 0.9 : often;
    return there * often;
}

static double node_cost(struct choosing *choosing, uint32_t number, bool holds);

static int
by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of how many children a NODE_OF needs a witness: of any so many, one is as
 * the node wants it. 0: it never is; more than there are: it always is. */
static size_t
parts_needed(const struct node *node, bool holds)
{
    if (!holds)
        return node->need > node->n ? node->n + (size_t)1 : node->need;
    return node->need > node->n ? 0 : node->n - node->need + (size_t)1;
}

/* The sum of the `n` least costs of the children. */
static double
cost_of_some(struct choosing *choosing, const struct node *node, size_t n,
             bool holds)
{
    double sum = 0;
    if (node->n > MAX_PARTS || n > node->n)
        return NEVER;
    for (uint32_t i = 0; i < node->n; i++)
        choosing->part[i] = node_cost(choosing, node->first + i, holds);
    qsort(choosing->part, node->n, sizeof(double), by_number);
    for (size_t i = 0; i < n; i++)
        sum += choosing->part[i];
    return sum < NEVER ? sum : NEVER;
}

/* Of all of them together, or of the cheapest alone. */
static double
cost_of_children(struct choosing *choosing, const struct node *node, bool all,
                 bool holds)
{
    bool predicates = node->type == NODE_ANY || node->type == NODE_ALL;
    const uint32_t *operand = choosing->making->operand;
    double sum = 0, least = NEVER;
    for (uint32_t i = 0; i < node->n; i++) {
        double one =
            predicates
                ? predicate_cost(choosing, operand[node->first + i], holds)
                : node_cost(choosing, node->first + i, holds);
        sum += one;
        least = one < least ? one : least;
    }
    if (!all)
        return least;
    return sum < NEVER ? sum : NEVER;
}

static double
search_cost(struct choosing *choosing, const struct node *node, bool holds)
{
    double *known = &choosing->known[node->need][holds];
    if (*known < 0)
        *known = node_cost(choosing, node->first, holds);
    return *known;
}

static double
node_cost(struct choosing *choosing, uint32_t number, bool holds)
{
    const struct node *node = &choosing->making->node[number];
    holds ^= node->negated;
    switch (node->type) {
    case NODE_ANY:
    case NODE_OR:
        return cost_of_children(choosing, node, holds, holds);
    case NODE_ALL:
    case NODE_AND:
        return cost_of_children(choosing, node, !holds, holds);
    case NODE_OF:
        return cost_of_some(choosing, node, parts_needed(node, holds), holds);
    case NODE_SEARCH:
        return search_cost(choosing, node, holds);
    }
    return NEVER;
}

/* --- taking it */

static void
take(struct choosing *choosing, uint32_t number)
{
    const struct making *making = choosing->making;
    const struct predicate *predicate = &making->predicate[number];
    struct pair pair = {number, choosing->rule};
    if (predicate->kind == PREDICATE_ASKED ||
        predicate->test->type == TEST_NULL)
        pair.what = making->matcher->n_predicates + predicate->field;
    if (choosing->n_pairs == choosing->max_pairs) {
        choosing->full = true;
        return;
    }
    choosing->pairs[choosing->n_pairs++] = pair;
}

static void take_node(struct choosing *choosing, uint32_t number, bool holds);

static void
take_children(struct choosing *choosing, const struct node *node, bool all,
              bool holds)
{
    bool predicates = node->type == NODE_ANY || node->type == NODE_ALL;
    const uint32_t *operand = choosing->making->operand;
    uint32_t best = node->first, end = node->first + node->n;
    double least = 2 * NEVER;
    for (uint32_t i = node->first; i < end; i++) {
        if (all && predicates)
            take(choosing, operand[i]);
        else if (all)
            take_node(choosing, i, holds);
        double one = all          ? 0
                     : predicates ? predicate_cost(choosing, operand[i], holds)
                                  : node_cost(choosing, i, holds);
        best = one < least ? i : best;
        least = one < least ? one : least;
    }
    if (!all && predicates)
        take(choosing, operand[best]);
    else if (!all)
        take_node(choosing, best, holds);
}

/* Of the children that cost less than the n-th least, and of as many that
 * cost as much as make up n. */
static void
take_some(struct choosing *choosing, const struct node *node, size_t n,
          bool holds)
{
    size_t n_less = 0;
    if (n == 0)
        return;
    cost_of_some(choosing, node, n, holds);
    double last = choosing->part[n - 1];
    for (uint32_t i = 0; i < node->n; i++)
        n_less += choosing->part[i] < last;
    size_t n_equal = n - n_less;
    for (uint32_t i = 0; i < node->n; i++) {
        double one = node_cost(choosing, node->first + i, holds);
        if (one > last || (one >= last && n_equal == 0))
            continue;
        n_equal -= one >= last;
        take_node(choosing, node->first + i, holds);
    }
}

static void
take_node(struct choosing *choosing, uint32_t number, bool holds)
{
    const struct node *node = &choosing->making->node[number];
    holds ^= node->negated;
    switch (node->type) {
    case NODE_ANY:
    case NODE_OR:
        take_children(choosing, node, holds, holds);
        break;
    case NODE_ALL:
    case NODE_AND:
        take_children(choosing, node, !holds, holds);
        break;
    case NODE_OF:
        take_some(choosing, node, parts_needed(node, holds), holds);
        break;
    case NODE_SEARCH:
        if (!choosing->taken[node->need][holds])
            take_node(choosing, node->first, holds);
        choosing->taken[node->need][holds] = true;
        break;
    }
}

static void
choose(struct choosing *choosing, uint32_t rule, uint64_t *always)
{
    struct matcher *matcher = choosing->making->matcher;
    for (uint32_t i = 0; i < matcher->root[rule].n_searches; i++)
        choosing->known[i][0] = choosing->known[i][1] = -1;
    memset(choosing->taken, 0,
           matcher->root[rule].n_searches * sizeof *choosing->taken);
    choosing->rule = rule;
    if (node_cost(choosing, matcher->root[rule].node, true) < NEVER) {
        take_node(choosing, matcher->root[rule].node, true);
        return;
    }
    always[rule / 64] |= UINT64_C(1) << rule % 64;
    matcher->sizes.n_unwitnessed++;
}

/* --- turned round: rules by predicate, rules by field */

static int
by_what(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static void
class_add(struct making *making, uint32_t field, uint32_t rule)
{
    uint32_t class = making->matcher->class_of[rule];
    making->field[field].classes[class / 64] |= UINT64_C(1) << class % 64;
}

static bool
turn_round(struct choosing *choosing)
{
    struct making *making = choosing->making;
    struct matcher *matcher = making->matcher;
    uint32_t n_predicates = matcher->n_predicates;
    uint32_t n_first = n_predicates + matcher->n_fields + 1;
    uint32_t *first = arena_take(making->arena, n_first, sizeof *first);
    uint32_t *rules =
        arena_take_raw(making->arena, choosing->n_pairs + 1, sizeof *rules);
    if (!first || !rules)
        return false;
    qsort(choosing->pairs, choosing->n_pairs, sizeof(struct pair), by_what);
    uint32_t n = 0;
    for (size_t i = 0; i < choosing->n_pairs; i++) {
        struct pair pair = choosing->pairs[i];
        if (i > 0 && memcmp(&pair, &choosing->pairs[i - 1], sizeof pair) == 0)
            continue;
        rules[n++] = pair.rule;
        first[pair.what + 1] = n;
        bool is_field = pair.what >= n_predicates;
        uint32_t field = is_field ? pair.what - n_predicates
                                  : making->predicate[pair.what].field;
        making->field[field].searched_first |= !is_field;
        class_add(making, field, pair.rule);
    }
    for (uint32_t i = 1; i < n_first; i++)
        first[i] = first[i] < first[i - 1] ? first[i - 1] : first[i];
    matcher->witnessed = rules;
    matcher->first_witnessed = first;
    for (uint32_t i = 0; i < matcher->n_fields; i++) {
        making->field[i].there = rules + first[n_predicates + i];
        making->field[i].n_there =
            first[n_predicates + i + 1] - first[n_predicates + i];
    }
    return true;
}

bool
witnesses_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    struct arena before = making->scratch;
    struct choosing *choosing =
        arena_take_raw(&making->scratch, 1, sizeof *choosing);
    uint32_t *uses =
        arena_take(&making->scratch, matcher->n_fields, sizeof *uses);
    uint64_t *always =
        arena_take(making->arena, matcher->n_rule_words, sizeof *always);
    if (!choosing || !uses || !always)
        return false;
    choosing->making = making;
    choosing->uses = uses;
    choosing->n_pairs = 0;
    choosing->max_pairs = making->n_operands * (size_t)2 + 1;
    /* each once if its search must hold, once if it must not */
    choosing->pairs = arena_take_raw(&making->scratch, choosing->max_pairs,
                                     sizeof(struct pair));
    choosing->full = !choosing->pairs;
    for (uint32_t i = 0; i < matcher->n_predicates; i++)
        uses[making->predicate[i].field] += making->predicate[i].n_uses;
    for (uint32_t i = 0; i < matcher->n_rules && !choosing->full; i++)
        choose(choosing, i, always);
    matcher->always = always;
    bool fine = !choosing->full && turn_round(choosing);
    making->scratch = before;
    return fine;
}
