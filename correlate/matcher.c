/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a matcher of a rule set: the steps in their order. */
#include "matcher_make.h"

#include <stdlib.h>
#include <string.h>

enum { SCRATCH_BYTES_PER_VALUE = 128, SCRATCH_LEAST = 64 << 20 };

/* --- fields and logsources */

void
part_read(struct making *making, uint32_t number)
{
    const struct field *field = &making->matcher->rules->field[number];
    if (field->kind == FIELD_ALERT)
        making->parts |= ALERT_BIT(field->alert);
    else if (field->kind == FIELD_TECHNIQUE)
        making->parts |= ALERT_BIT(ALERT_PART_TECHNIQUES);
    else if (field->kind == FIELD_KIND || field->kind == FIELD_SEVERITY)
        making->parts |= ALERT_BIT(ALERT_PART_JUDGED);
}

static void
mark_field(struct making *making, uint32_t number, uint32_t *field_of)
{
    struct matcher *matcher = making->matcher;
    if (number == KEYWORDS || field_of[number] != NO_FIELD)
        return;
    const struct field *field = &matcher->rules->field[number];
    making->field[matcher->n_fields] = (struct matcher_field){
        .number = number, .decided = field->kind != FIELD_EVENT};
    field_of[number] = matcher->n_fields++;
}

/* Fields that rules read, in order of their first use, and behind them the
 * one that is all values. */
static bool
fields_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    const struct rules *rules = matcher->rules;
    uint32_t *field_of =
        arena_take_raw(making->arena, rules->n_fields + 1, sizeof *field_of);
    making->field =
        arena_take(making->arena, rules->n_fields + 1, sizeof *making->field);
    if (!field_of || !making->field)
        return false;
    for (size_t i = 0; i < rules->n_fields; i++)
        field_of[i] = NO_FIELD;
    for (size_t i = 0; i < rules->n_detections; i++) {
        const struct logic *logic = rules->detection[i]->logic;
        for (size_t j = 0; j < logic->n_searches; j++)
            for (size_t k = 0; k < logic->search[j].n_groups; k++) {
                const struct group *group = &logic->search[j].group[k];
                for (size_t l = 0; l < group->n_items; l++)
                    mark_field(making, group->item[l].field, field_of);
            }
    }
    making->field[matcher->n_fields++] =
        (struct matcher_field){.number = KEYWORDS, .decided = true};
    uint32_t *decided =
        arena_take_raw(making->arena, matcher->n_fields, sizeof *decided);
    if (!decided)
        return false;
    for (uint32_t i = 0; i < matcher->n_fields; i++)
        if (making->field[i].decided)
            decided[matcher->n_decided++] = i;
    matcher->decided = decided;
    matcher->field = making->field;
    matcher->field_of = field_of;
    return true;
}

static struct str
class_key(struct making *making, const struct logsource *logsource)
{
    buf_clear(&making->key);
    buf_json(&making->key, logsource->product);
    buf_json(&making->key, logsource->category);
    buf_json(&making->key, logsource->service);
    return buf_str(&making->key);
}

static bool
classes_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    size_t n = matcher->n_rules;
    struct table *keys = table_new((uint32_t)n + 1);
    uint32_t *class_of = arena_take(making->arena, n + 1, sizeof *class_of);
    matcher->class_rule =
        arena_take(making->arena, n + 1, sizeof(const struct detection *));
    bool fine = keys && class_of && matcher->class_rule;
    for (uint32_t i = 0; fine && i < n; i++) {
        const struct detection *rule = matcher->rules->detection[i];
        class_of[i] =
            table_add(keys, class_key(making, &rule->logsource), NULL);
        fine = class_of[i] != TABLE_NONE && !making->key.full;
        if (fine)
            matcher->class_rule[class_of[i]] = rule;
    }
    matcher->class_of = class_of;
    matcher->n_classes = keys ? table_len(keys) : 0;
    matcher->n_class_words = matcher->n_classes / 64 + 1;
    table_free(keys);
    uint64_t *words = arena_take(
        making->arena, (size_t)matcher->n_fields * matcher->n_class_words,
        sizeof *words);
    for (uint32_t i = 0; words && i < matcher->n_fields; i++)
        making->field[i].classes = words + (size_t)i * matcher->n_class_words;
    return fine && words;
}

/* --- conditions */

static bool
conditions_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    struct root *root =
        arena_take(making->arena, matcher->n_rules + 1, sizeof *root);
    uint64_t *parts =
        arena_take(making->arena, matcher->n_rules + 1, sizeof *parts);
    if (!root || !parts || !nodes_open(making))
        return false;
    for (size_t i = 0; i < matcher->n_rules; i++) {
        const struct logic *logic = matcher->rules->detection[i]->logic;
        root[i].node = nodes_make(making, logic);
        root[i].n_searches = (uint32_t)logic->n_searches;
        parts[i] = making->parts;
        matcher->all_parts |= making->parts;
        making->parts = 0;
    }
    matcher->parts = parts;
    matcher->root = root;
    matcher->node = making->node;
    matcher->operand = making->operand;
    matcher->predicate = making->predicate;
    matcher->n_predicates = table_len(making->known);
    unsigned char *kind =
        arena_take(making->arena, matcher->n_predicates + 1, sizeof *kind);
    for (uint32_t i = 0; kind && i < matcher->n_predicates; i++)
        kind[i] = (unsigned char)making->predicate[i].kind;
    matcher->kind = kind;
    return kind && !making->full;
}

static void
sizes_make(struct matcher *matcher, const struct arena *arena,
           const char *start)
{
    struct matcher_sizes *sizes = &matcher->sizes;
    const struct matcher_field *keywords =
        &matcher->field[matcher->n_fields - 1];
    sizes->n_predicates = matcher->n_predicates;
    sizes->n_fields = matcher->n_fields - 1;
    sizes->n_keyword_rules = keywords->n_there;
    sizes->bytes = (size_t)(arena->at - start);
}

const struct matcher *
matcher_make(const struct rules *rules, struct arena *arena)
{
    const char *start = arena->at;
    struct matcher *matcher = arena_take(arena, 1, sizeof *matcher);
    if (!matcher)
        return NULL;
    matcher->rules = rules;
    matcher->n_rules = rules->n_detections;
    matcher->n_rule_words = rules->n_detections / 64 + 1;
    struct making making = {.matcher = matcher, .arena = arena};
    making.scratch = arena_reserve(RULES_ARENA_BYTES);
    char *scratch_start = making.scratch.at;
    bool fine = scratch_start && fields_make(&making) &&
                classes_make(&making) && conditions_make(&making) &&
                witnesses_make(&making) && searches_make(&making);
    table_free(making.known);
    buf_free(&making.key);
    if (scratch_start)
        arena_release(scratch_start, making.scratch);
    if (!fine)
        return NULL;
    sizes_make(matcher, arena, start);
    return matcher;
}

uint64_t
matcher_parts(const struct matcher *matcher)
{
    return matcher->all_parts;
}

struct matcher_sizes
matcher_sizes(const struct matcher *matcher)
{
    return matcher->sizes;
}
