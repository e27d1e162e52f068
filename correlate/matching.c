/* SPDX-License-Identifier: Apache-2.0
 *
 * One alert against all rules (docs/matching.md): where its fields are; the
 * literals that stand in them; the rules these are witnesses for; and of those
 * that are routed the conditions, whose predicates are decided when the first
 * of them asks and then known. */
#include "correlate/matcher_priv.h"
#include "found_cache.h"
#include "logclass.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_MAPS = 64 }; /* sources; one more is searched field by field */

/* What is known of a predicate. */
enum state {
    STATE_NOT_KNOWN,
    STATE_HINT, /* its literal stands in the field */
    STATE_TRUE,
    STATE_FALSE,
};

struct matching {
    const struct matcher *matcher;
    unsigned char *state; /* by predicate */
    uint32_t *touched;    /* those that are known */
    uint32_t n_touched;
    uint64_t *candidate; /* rules, as bits */
    struct searched {
        uint64_t pass;     /* in which the field was searched … */
        uint32_t from, to; /* … and what was found, of `touched` */
    } * searched;          /* by field */
    uint64_t pass;
    struct logclasses *logclasses;
    struct found_cache *cache;
    struct field_places places;
    struct map {
        const struct rule_view *view;
        struct field_map *map;
    } map[MAX_MAPS];
    size_t n_maps;
    struct facts *facts;
    const struct field_search *keywords; /* wanted from the beginning on */
    uint64_t *swept; /* values that they were searched for in, as bits */
    struct matching_counts counts;
};

struct matching *
matching_new(const struct matcher *matcher)
{
    struct matching *matching = calloc(1, sizeof *matching);
    if (!matching)
        return NULL;
    uint32_t n = matcher->n_predicates;
    matching->matcher = matcher;
    matching->state = calloc(n + 1, sizeof *matching->state);
    matching->touched = calloc(n + 1, sizeof *matching->touched);
    matching->candidate =
        calloc(matcher->n_rule_words, sizeof *matching->candidate);
    matching->searched = calloc(matcher->n_fields, sizeof *matching->searched);
    matching->logclasses = logclasses_new(matcher);
    matching->cache = found_cache_new();
    if (field_places_open(&matching->places, matcher->rules->n_fields) &&
        matching->state && matching->touched && matching->candidate &&
        matching->searched && matching->logclasses && matching->cache)
        return matching;
    matching_free(matching);
    return NULL;
}

void
matching_free(struct matching *matching)
{
    if (!matching)
        return;
    for (size_t i = 0; i < matching->n_maps; i++)
        field_map_free(matching->map[i].map);
    field_places_close(&matching->places);
    logclasses_free(matching->logclasses);
    found_cache_free(matching->cache);
    free(matching->searched);
    free(matching->candidate);
    free(matching->touched);
    free(matching->state);
    free(matching);
}

struct matching_counts
matching_counts(const struct matching *matching)
{
    return matching->counts;
}

uint64_t
matching_parts(struct matching *matching, const struct alert *alert)
{
    return logclasses_routed(matching->logclasses, alert)->parts;
}

/* --- searching */

static inline void
learn(struct matching *matching, uint32_t number, enum state state)
{
    if (matching->state[number] == STATE_NOT_KNOWN)
        matching->touched[matching->n_touched++] = number;
    matching->state[number] = (unsigned char)state;
}

static void
add_candidates(struct matching *matching, const uint32_t *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        matching->candidate[rules[i] / 64] |= UINT64_C(1) << rules[i] % 64;
}

static void
literal_found(void *context, uint32_t number)
{
    struct matching *matching = context;
    const struct matcher *matcher = matching->matcher;
    if (matching->state[number] != STATE_NOT_KNOWN)
        return;
    bool decides = matcher->kind[number] == PREDICATE_SEARCHED;
    learn(matching, number, decides ? STATE_TRUE : STATE_HINT);
    const uint32_t *first = &matcher->first_witnessed[number];
    add_candidates(matching, matcher->witnessed + first[0],
                   first[1] - first[0]);
}

/* Searches one text, which may be a value of the event (its node). */
static void
search_text(struct matching *matching, const struct field_search *search,
            const struct field_search *keywords, struct str text)
{
    const struct search_hits hits = {literal_found, matching};
    const struct found_key key = {search, keywords, text};
    if (!found_cache_search(matching->cache, &key, *matching->facts->scratch,
                            &hits))
        matching->facts->n_limited++;
}

/* The values of a field; those that stand in the event are searched for
 * keywords at once. */
static void
search_facts(struct matching *matching, const struct field_search *search,
             const struct fact_list *list)
{
    const struct json *event = matching->facts->alert->event;
    for (struct fact *fact = list->first; fact; fact = fact->next) {
        const struct field_search *keywords =
            fact->node ? matching->keywords : NULL;
        if (fact->type == JSON_NULL)
            continue;
        search_text(matching, search, keywords, fact->text);
        if (fact->plain.at)
            search_text(matching, search, keywords, fact->plain);
        if (!keywords)
            continue;
        size_t number = (size_t)(fact->node - event);
        matching->swept[number / 64] |= UINT64_C(1) << number % 64;
    }
}

/* What is left of the event. */
static void
search_rest(struct matching *matching, const struct field_search *search)
{
    const struct json *event = matching->facts->alert->event;
    uint32_t n = event ? event->skip : 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct json *node = &event[i];
        if (node->type >= JSON_ARRAY || node->type == JSON_NULL ||
            (matching->swept[i / 64] >> i % 64 & 1))
            continue;
        struct str text = node->text.at ? node->text : STR("");
        search_text(matching, search, NULL, text);
        if (node->type != JSON_NUMBER)
            continue;
        struct arena rest = *matching->facts->scratch;
        struct str plain = decimal_plain(text, &rest);
        if (!str_equal(plain, text)) {
            *matching->facts->scratch = rest;
            search_text(matching, search, NULL, plain);
        }
    }
}

/* Decides all searched predicates of a field, once. */
static void
search_field(struct matching *matching, uint32_t number)
{
    const struct matcher_field *field = &matching->matcher->field[number];
    struct searched *searched = &matching->searched[number];
    if (searched->pass == matching->pass)
        return;
    *searched = (struct searched){matching->pass, matching->n_touched,
                                  matching->n_touched};
    if (!field->search)
        return;
    if (field->number == KEYWORDS && matching->swept)
        search_rest(matching, field->search);
    else
        search_facts(matching, field->search,
                     fact_list_of(matching->facts, field->number));
    searched->to = matching->n_touched;
}

/* --- conditions */

/* A regular expression is dear, and what it needs is often not there, be it
 * too short to be searched for. */
static bool
may_hold(struct facts *facts, const struct predicate *predicate,
         const struct fact_list *list)
{
    struct str literal = predicate->literal.text;
    if (predicate->test->type != TEST_REGEX || literal.len == 0)
        return true;
    for (struct fact *fact = list->first; fact; fact = fact->next)
        for (int form = 0; form < 2; form++) {
            if (form == 1 && !fact->plain.at)
                continue;
            struct str text = fact_text(fact, form, 0, facts->scratch);
            if (!text.at || memmem(text.at, text.len, literal.at, literal.len))
                return true;
        }
    return false;
}

static bool
ask(struct matching *matching, uint32_t number)
{
    const struct matcher *matcher = matching->matcher;
    const struct predicate *predicate = &matcher->predicate[number];
    const struct fact_list *list =
        fact_list_of(matching->facts, matcher->field[predicate->field].number);
    bool holds = may_hold(matching->facts, predicate, list) &&
                 test_holds(predicate->test, list, matching->facts, NULL);
    matching->counts.n_tests++;
    learn(matching, number, holds ? STATE_TRUE : STATE_FALSE);
    return holds;
}

/* The field has been searched. */
static inline bool
predicate_holds(struct matching *matching, uint32_t number)
{
    enum state state = matching->state[number];
    if (state == STATE_TRUE || state == STATE_FALSE)
        return state == STATE_TRUE;
    if (state == STATE_NOT_KNOWN &&
        matching->matcher->kind[number] != PREDICATE_ASKED)
        return false;
    return ask(matching, number);
}

/* Whether one of a long list, in ascending order, was found. */
static bool
any_found(const struct matching *matching, const struct node *node)
{
    const uint32_t *operand = matching->matcher->operand + node->first;
    const struct searched *searched = &matching->searched[node->field];
    for (uint32_t i = searched->from; i < searched->to; i++) {
        uint32_t number = matching->touched[i], low = 0, n = node->n;
        for (; n > 1; n -= n / 2) /* the last not above it */
            low += operand[low + n / 2] <= number ? n / 2 : 0;
        if (operand[low] == number)
            return true;
    }
    return false;
}

static bool
list_holds(struct matching *matching, const struct node *node)
{
    const uint32_t *operand = matching->matcher->operand + node->first;
    bool all = node->type == NODE_ALL, holds = all;
    bool is_keywords = node->field == matching->matcher->n_fields - 1;
    if (matching->searched[node->field].pass != matching->pass)
        search_field(matching, node->field);
    if (node->searched && !all && node->n >= LONG_LIST && !is_keywords)
        return any_found(matching, node);
    if (node->searched) {
        for (uint32_t i = 0; i < node->n && holds == all; i++)
            holds = matching->state[operand[i]] == STATE_TRUE;
        return holds;
    }
    for (uint32_t i = 0; i < node->n && holds == all; i++)
        holds = predicate_holds(matching, operand[i]);
    return holds;
}

enum known { NOT_KNOWN, KNOWN_FALSE, KNOWN_TRUE };

/* One rule. */
struct verifying {
    struct matching *matching;
    unsigned char known[MAX_SEARCHES];
};

static bool node_holds(struct verifying *verifying, uint32_t number);

static bool
search_node_holds(struct verifying *verifying, const struct node *node)
{
    unsigned char *known = &verifying->known[node->need];
    if (*known == NOT_KNOWN)
        *known = node_holds(verifying, node->first) ? KNOWN_TRUE : KNOWN_FALSE;
    return *known == KNOWN_TRUE;
}

/* At least `need` of the children. */
static bool
some_hold(struct verifying *verifying, const struct node *node, uint32_t need)
{
    uint32_t n = 0, left = node->n;
    for (uint32_t i = 0; n < need && n + left >= need; i++, left--)
        n += node_holds(verifying, node->first + i);
    return n >= need;
}

static bool
node_holds(struct verifying *verifying, uint32_t number)
{
    const struct node *node = &verifying->matching->matcher->node[number];
    bool holds = false;
    switch (node->type) {
    case NODE_ANY:
    case NODE_ALL:
        holds = list_holds(verifying->matching, node);
        break;
    case NODE_OR:
        holds = some_hold(verifying, node, 1);
        break;
    case NODE_AND:
        holds = some_hold(verifying, node, node->n);
        break;
    case NODE_OF:
        holds = some_hold(verifying, node, node->need);
        break;
    case NODE_SEARCH:
        holds = search_node_holds(verifying, node);
        break;
    }
    return holds != node->negated;
}

static bool
rule_holds(struct matching *matching, uint32_t rule)
{
    struct verifying verifying;
    struct root root = matching->matcher->root[rule];
    verifying.matching = matching;
    memset(verifying.known, NOT_KNOWN, root.n_searches);
    matching->counts.n_candidates++;
    return node_holds(&verifying, root.node);
}

/* --- one alert */

static const struct field_map *
map_of(struct matching *matching, const struct rule_view *view)
{
    for (size_t i = 0; i < matching->n_maps; i++)
        if (matching->map[i].view == view)
            return matching->map[i].map;
    if (matching->n_maps == MAX_MAPS)
        return NULL;
    struct map *map = &matching->map[matching->n_maps];
    *map = (struct map){view, field_map_new(matching->matcher->rules, view)};
    matching->n_maps += map->map != NULL;
    return map->map;
}

static bool
is_wanted(const struct matching *matching, const struct matcher_field *field,
          const struct routed *routed)
{
    uint64_t common = 0;
    if (!routed)
        return field->n_there > 0 || field->searched_first;
    for (uint32_t i = 0; i < matching->matcher->n_class_words; i++)
        common |= field->classes[i] & routed->classes[i];
    return common != 0;
}

/* Keywords are searched for together with the fields, if anybody wants them. */
static void
want_keywords(struct matching *matching, const struct routed *routed)
{
    const struct matcher *matcher = matching->matcher;
    const struct matcher_field *all = &matcher->field[matcher->n_fields - 1];
    const struct json *event = matching->facts->alert->event;
    if (!all->search || !event || !is_wanted(matching, all, routed))
        return;
    matching->swept = arena_take(matching->facts->scratch, event->skip / 64 + 1,
                                 sizeof *matching->swept);
    if (matching->swept)
        matching->keywords = all->search;
}

/* What a field that is in the alert says at once. */
static void
field_there(struct matching *matching, uint32_t number,
            const struct routed *routed)
{
    const struct matcher_field *field = &matching->matcher->field[number];
    bool is_all = field->number == KEYWORDS;
    if (!is_wanted(matching, field, routed) ||
        (!is_all && !fact_list_of(matching->facts, field->number)->there))
        return;
    add_candidates(matching, field->there, field->n_there);
    if (field->searched_first)
        search_field(matching, number);
}

static void
look_at_fields(struct matching *matching, const struct routed *routed)
{
    const struct matcher *matcher = matching->matcher;
    const struct alert *alert = matching->facts->alert;
    const struct field_map *map = NULL;
    want_keywords(matching, routed);
    if (alert->event && alert->event->type == JSON_OBJECT)
        map = map_of(matching, alert->view);
    if (map) {
        field_map_walk(map, alert->event, &matching->places);
        facts_place(matching->facts, &matching->places);
        for (uint32_t i = 0; i < matching->places.n_found; i++) {
            uint32_t number = matcher->field_of[matching->places.found[i]];
            if (number != NO_FIELD && !matcher->field[number].decided)
                field_there(matching, number, routed);
        }
    }
    for (uint32_t i = 0; !map && i < matcher->n_fields; i++)
        field_there(matching, i, routed);
    for (uint32_t i = 0; map && i < matcher->n_decided; i++)
        field_there(matching, matcher->decided[i], routed);
}

static void
begin(struct matching *matching, struct facts *facts)
{
    const struct matcher *matcher = matching->matcher;
    for (uint32_t i = 0; i < matching->n_touched; i++)
        matching->state[matching->touched[i]] = STATE_NOT_KNOWN;
    matching->n_touched = 0;
    matching->pass++;
    matching->facts = facts;
    matching->keywords = NULL;
    matching->swept = NULL;
    memcpy(matching->candidate, matcher->always,
           matcher->n_rule_words * sizeof *matching->candidate);
    matching->counts.n_alerts++;
}

size_t
matcher_find(const struct matcher *matcher, struct matching *matching,
             struct facts *facts, const struct alert *alert, bool any_logsource,
             uint32_t *held)
{
    size_t n = 0;
    const struct routed *routed =
        any_logsource ? NULL : logclasses_routed(matching->logclasses, alert);
    begin(matching, facts);
    look_at_fields(matching, routed);
    for (size_t i = 0; i < matcher->n_rule_words; i++) {
        uint64_t rules = matching->candidate[i];
        rules &= routed ? routed->rules[i] : rules;
        for (; rules != 0; rules &= rules - 1) {
            uint32_t rule =
                (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(rules);
            if (rule_holds(matching, rule))
                held[n++] = rule;
        }
    }
    return n;
}
