/* SPDX-License-Identifier: Apache-2.0
 *
 * Random correlations of every type, and the scale of time that suits them. */
#ifndef TESTS_UNIT_MODEL_RULE_H
#define TESTS_UNIT_MODEL_RULE_H

#include "correlation_oracle.h"
#include "model_dice.h"

#include <stdio.h>

/* 2024-01-01 00:00 in UTC+7, a Monday. */
#define MODEL_EPOCH_MS (INT64_C(1704067200000) - 7 * ORACLE_HOUR_MS)

struct model_rule {
    struct correlation rule;
    int64_t unit_ms; /* times are whole numbers of it, or nearly so */
    amount grain;    /* numbers are whole numbers of it */
    int64_t base_ms; /* the first event is about here */
    int64_t jump_ms; /* 0, or now and then events lie so much later */
    int32_t holiday[8];
};

/* --- for people */

static inline void
print_steps(const char *before, uint32_t steps, FILE *to)
{
    fprintf(to, "%s", before);
    for (int s = 0; s < ORACLE_STEPS; s++)
        if (steps >> s & 1)
            fputc('a' + s, to);
}

static inline void
print_rule(const struct correlation *rule, FILE *to)
{
    fprintf(to, "%.*s, T %lld", STR_ARG(correlation_type_id(rule->type)),
            (long long)rule->timespan_ms);
    for (size_t s = 0; s < rule->n_steps; s++)
        fprintf(to, s == 0 ? ", rules %c%.0u" : " %c%.0u", (char)('a' + s),
                rule->step[s].count > 1 ? rule->step[s].count : 0);
    if (rule->threshold > 0)
        fprintf(to, ", gte %u", rule->threshold);
    for (size_t i = 0; i < rule->n_bounds; i++) {
        struct buf limit = {0};
        amount_write(&limit, rule->bound[i].limit);
        fprintf(to, ", %.*s %.*s", STR_ARG(bound_op_id(rule->bound[i].op)),
                STR_ARG(buf_str(&limit)));
        buf_free(&limit);
    }
    for (size_t k = 0; k < rule->n_conjuncts; k++) {
        print_steps(k == 0 ? ", " : " or ", rule->conjunct[k].all, to);
        if (rule->conjunct[k].none != 0)
            print_steps(" not ", rule->conjunct[k].none, to);
    }
    if (rule->until != 0)
        print_steps(", until ", rule->until, to);
    if (rule->never_negative)
        fprintf(to, ", never negative");
    if (rule->type == VALUE_PERCENTILE)
        fprintf(to, ", percentile %d/1000", rule->percentile);
    if (rule->type >= SILENCE)
        fprintf(to,
                ", learn %lld, bucket %lld, least %u, rules %u, kinds %u, "
                "tactics %u, %zu holidays",
                (long long)rule->learn_ms, (long long)rule->bucket_ms,
                rule->least, rule->n_rules, rule->n_kinds, rule->n_tactics,
                rule->n_holidays);
    fputc('\n', to);
}

/* --- of chance */

static inline amount
random_number(struct dice *dice, const struct model_rule *model)
{
    amount n = ((amount)roll(dice, 10) - 3) * model->grain;
    return model->rule.never_negative && n < 0 ? -n : n;
}

static inline uint32_t
random_bits(struct dice *dice, uint32_t of)
{
    uint32_t bits = (uint32_t)roll(dice, UINT32_C(1) << 30) & of;
    return once_in(dice, 2) ? bits & (uint32_t)roll(dice, UINT32_C(1) << 30)
                            : bits;
}

static inline void
random_bounds(struct dice *dice, struct model_rule *model, bool counts)
{
    struct correlation *rule = &model->rule;
    rule->n_bounds = 1 + roll(dice, 2);
    for (size_t i = 0; i < rule->n_bounds; i++) {
        struct bound *bound = &rule->bound[i];
        bound->op = (enum bound_op)roll(dice, N_BOUND_OPS);
        if (counts && rule->n_bounds == 1)
            bound->op =
                (enum bound_op)(BOUND_LT + roll(dice, N_BOUND_OPS - BOUND_LT));
        bound->limit = counts ? (amount)roll(dice, 6) * AMOUNT_ONE
                              : random_number(dice, model);
        if (once_in(dice, 8))
            bound->limit += counts ? AMOUNT_ONE / 2 : model->grain / 2;
    }
}

/* Words, multiplied out. */
static inline void
random_words(struct dice *dice, struct correlation *rule)
{
    uint32_t every = (UINT32_C(1) << rule->n_steps) - 1, stands = 0;
    rule->threshold = 0;
    rule->n_conjuncts = 1 + roll(dice, 3);
    for (size_t k = 0; k < rule->n_conjuncts; k++) {
        struct conjunct *conjunct = &rule->conjunct[k];
        while (conjunct->all == 0)
            conjunct->all = random_bits(dice, every);
        conjunct->none = random_bits(dice, every & ~conjunct->all);
        if (once_in(dice, 2))
            conjunct->none = 0;
    }
    for (size_t k = 0; k < rule->n_conjuncts; k++)
        stands |= rule->conjunct[k].all;
    if (rule->type == TEMPORAL_ORDERED && once_in(dice, 2))
        rule->until = random_bits(dice, every & ~stands);
}

static inline void
random_temporal(struct dice *dice, struct model_rule *model)
{
    struct correlation *rule = &model->rule;
    bool ordered = rule->type == TEMPORAL_ORDERED;
    for (size_t s = 0; s < rule->n_steps; s++)
        if (once_in(dice, 4))
            rule->step[s].count = (uint32_t)(1 + roll(dice, 3));
    if (once_in(dice, 2))
        random_words(dice, rule);
    else if (once_in(dice, 3))
        random_bounds(dice, model, true);
    else
        rule->threshold =
            (uint32_t)(ordered ? rule->n_steps : 1 + roll(dice, rule->n_steps));
}

static inline void
random_sum(struct dice *dice, struct model_rule *model)
{
    struct correlation *rule = &model->rule;
    random_bounds(dice, model, false);
    if (once_in(dice, 2)) {
        rule->n_bounds = 1;
        rule->bound[0].op = once_in(dice, 2) ? BOUND_GT : BOUND_GTE;
    }
    rule->never_negative = once_in(dice, 2);
}

static inline void
random_rarity(struct dice *dice, struct model_rule *model)
{
    static const int32_t shares[] = {10000000, 20000000, 25000000, 33333333,
                                     33333334, 50000000, 66666667, 100000000};
    struct correlation *rule = &model->rule;
    random_bounds(dice, model, false);
    for (size_t i = 0; i < rule->n_bounds; i++)
        rule->bound[i].limit = shares[roll(dice, 8)];
}

static inline void
random_silence(struct dice *dice, struct model_rule *model)
{
    struct correlation *rule = &model->rule;
    rule->learn_ms = once_in(dice, 2) ? (int64_t)roll(dice, 30) : 0;
    rule->least = (uint32_t)roll(dice, 5);
    if (once_in(dice, 2))
        model->jump_ms = rule->timespan_ms + 30 * ORACLE_DAY_MS;
}

static inline void
random_spike(struct dice *dice, struct model_rule *model)
{
    static const int hours[] = {1, 1, 1, 2, 6, 24};
    struct correlation *rule = &model->rule;
    model->unit_ms = ORACLE_HOUR_MS;
    rule->bucket_ms = hours[roll(dice, 6)] * ORACLE_HOUR_MS;
    rule->timespan_ms = (int64_t)(1 + roll(dice, 15)) * ORACLE_DAY_MS +
                        (int64_t)roll(dice, 2) * ORACLE_HOUR_MS;
    rule->learn_ms = (int64_t)roll(dice, 5) * 12 * ORACLE_HOUR_MS;
    rule->least = (uint32_t)(1 + roll(dice, 3));
    rule->n_bounds = 1;
    rule->bound[0] =
        (struct bound){BOUND_GTE, (amount)(1 + roll(dice, 8)) * AMOUNT_ONE / 2};
}

static inline void
random_risk(struct dice *dice, struct model_rule *model)
{
    struct correlation *rule = &model->rule;
    model->grain = AMOUNT_ONE;
    rule->bucket_ms = 1 + (int64_t)roll(dice, (uint64_t)rule->timespan_ms);
    rule->n_bounds = 1;
    rule->bound[0] =
        (struct bound){BOUND_GTE, (amount)roll(dice, 20) * AMOUNT_ONE};
    if (once_in(dice, 2))
        rule->n_rules = (uint32_t)roll(dice, 4);
    if (once_in(dice, 2))
        rule->n_kinds = (uint32_t)roll(dice, ORACLE_KINDS + 1);
    if (once_in(dice, 2))
        rule->n_tactics = (uint32_t)roll(dice, 4);
}

static inline void
random_meaning(struct dice *dice, struct model_rule *model)
{
    struct correlation *rule = &model->rule;
    switch (rule->type) {
    case EVENT_COUNT:
    case VALUE_COUNT:
        if (once_in(dice, 8))
            rule->threshold = (uint32_t)(17 + roll(dice, 24));
        else if (once_in(dice, 2))
            rule->threshold = (uint32_t)(1 + roll(dice, 5));
        else
            random_bounds(dice, model, true);
        break;
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        random_temporal(dice, model);
        break;
    case VALUE_SUM:
        random_sum(dice, model);
        break;
    case VALUE_PERCENTILE:
        rule->percentile = (int32_t)roll(dice, 100001);
        if (once_in(dice, 2))
            rule->percentile = (int32_t)roll(dice, 5) * 25000;
        random_bounds(dice, model, false);
        break;
    case VALUE_AVG:
    case VALUE_MEDIAN:
        random_bounds(dice, model, false);
        break;
    case VALUE_RARITY:
        random_rarity(dice, model);
        break;
    case ABSENCE:
        break;
    case SILENCE:
        random_silence(dice, model);
        break;
    case SPIKE:
        random_spike(dice, model);
        break;
    case RARE:
        rule->n_bounds = 1;
        rule->bound[0] =
            (struct bound){BOUND_LTE, (amount)(1 + roll(dice, 3)) * AMOUNT_ONE};
        rule->learn_ms = once_in(dice, 2) ? (int64_t)roll(dice, 30) : 0;
        break;
    case FIRST_SEEN:
        rule->learn_ms = once_in(dice, 2) ? (int64_t)roll(dice, 30) : 0;
        break;
    case RISK:
        random_risk(dice, model);
        break;
    case N_CORRELATION_TYPES:
        abort();
    }
}

/* One of `type`, not sealed; its steps lie in `arena`. */
static inline void
random_rule(struct dice *dice, struct model_rule *model,
            enum correlation_type type, struct arena *arena)
{
    static const char *const names[ORACLE_STEPS] = {"a", "b", "c", "d", "e"};
    static const amount grains[] = {AMOUNT_ONE, AMOUNT_ONE / 2, 1, 1000003};
    struct correlation *rule = &model->rule;
    *model = (struct model_rule){
        .unit_ms = 1,
        .grain = grains[roll(dice, 4)],
        .base_ms = MODEL_EPOCH_MS + (int64_t)roll(dice, 14) * ORACLE_DAY_MS};
    *rule = (struct correlation){
        .id = STR("rule"),
        .name = STR("rule"),
        .type = type,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = (int64_t)(1 + roll(dice, 12)),
        .severity = SEVERITY_HIGH,
        .options = {.incident = INCIDENT_CORRELATION},
    };
    rule->n_steps = (type == ABSENCE ? 2 : 1) +
                    roll(dice, ORACLE_STEPS - (type == ABSENCE));
    rule->step = arena_take(arena, rule->n_steps, sizeof *rule->step);
    for (size_t s = 0; s < rule->n_steps; s++)
        rule->step[s] = (struct correlation_step){
            .rule = str_of(names[s]), .field = {STR("host")}, .count = 1};
    if (type == VALUE_COUNT || type == VALUE_RARITY || type == FIRST_SEEN ||
        type == RARE || (type >= VALUE_SUM && type <= VALUE_PERCENTILE)) {
        rule->n_value_fields = 1;
        rule->value_field[0] = STR("user");
    }
    random_meaning(dice, model);
    if (type == SPIKE) {
        rule->n_holidays = roll(dice, 5);
        for (size_t i = 0; i < rule->n_holidays; i++)
            model->holiday[i] =
                (int32_t)(oracle_day(model->base_ms) + 4 * (int64_t)i +
                          (int64_t)roll(dice, 4));
        rule->holiday = model->holiday;
    }
}

/* --- what is counted */

enum { MODEL_VALUES = 48 };

static inline struct str
value_text(uint64_t i)
{
    static char texts[MODEL_VALUES][8];
    snprintf(texts[i], sizeof texts[i], "v%d", (int)i);
    return str_of(texts[i]);
}

static inline uint64_t
value_digest(struct str text)
{
    return hash_digest(text).half[0];
}

#endif
