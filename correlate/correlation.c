/* SPDX-License-Identifier: Apache-2.0
 *
 * The types of correlations, what windows may rely on, and the built-in
 * `floor`. */
#include "correlate/correlation.h"

#include "base/times.h"
#include "correlation_text.h"

#include <inttypes.h>

struct str
correlation_type_id(enum correlation_type type)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        CORRELATION_TYPES(X)
#undef X
    };
    return ids[type];
}

bool
correlation_type_from(struct str id, enum correlation_type *type)
{
    for (int i = 0; i < N_CORRELATION_TYPES; i++)
        if (str_equal(id, correlation_type_id((enum correlation_type)i))) {
            *type = (enum correlation_type)i;
            return true;
        }
    return false;
}

struct str
bound_op_id(enum bound_op op)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        BOUND_OPS(X)
#undef X
    };
    return ids[op];
}

bool
bound_op_from(struct str id, enum bound_op *op)
{
    for (int i = 0; i < N_BOUND_OPS; i++)
        if (str_equal(id, bound_op_id((enum bound_op)i))) {
            *op = (enum bound_op)i;
            return true;
        }
    return false;
}

static bool
is_temporal(const struct correlation *c)
{
    return c->type == TEMPORAL || c->type == TEMPORAL_ORDERED;
}

/* Whether further events may undo what windows satisfy. */
static bool
is_monotone(const struct correlation *c)
{
    if (c->type == RISK)
        return true;
    if (c->type == VALUE_SUM)
        return c->never_negative && !correlation_laid(c);
    if (correlation_laid(c) || c->type > VALUE_RARITY)
        return false;
    for (size_t i = 0; i < c->n_conjuncts; i++)
        if (c->conjunct[i].none != 0)
            return false;
    return c->until == 0;
}

bool
correlation_at_once(const struct correlation *correlation)
{
    return correlation->n_feeds == 0 && is_monotone(correlation);
}

bool
correlation_found_early(const struct correlation *correlation)
{
    return correlation->n_feeds > 0 && correlation->type != RISK &&
           is_monotone(correlation);
}

bool
correlation_laid(const struct correlation *correlation)
{
    switch (correlation->type) {
    case EVENT_COUNT:
    case VALUE_COUNT:
        return correlation->threshold == 0;
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        return correlation->threshold == 0 && correlation->n_conjuncts == 0;
    case VALUE_SUM:
        return correlation->n_bounds != 1 ||
               correlation->bound[0].op > BOUND_GTE;
    case VALUE_AVG:
    case VALUE_MEDIAN:
    case VALUE_PERCENTILE:
    case VALUE_RARITY:
        return true;
    case ABSENCE:
    case SILENCE:
    case SPIKE:
    case FIRST_SEEN:
    case RARE:
    case RISK:
    case N_CORRELATION_TYPES:
        break;
    }
    return false;
}

uint32_t
correlation_rare(const struct correlation *correlation)
{
    amount most = correlation->bound[0].limit / AMOUNT_ONE;
    bool fits = correlation->type == RARE && correlation->n_bounds == 1 &&
                correlation->bound[0].op == BOUND_LTE && most >= 1 &&
                most <= MAX_RARE;
    return fits ? (uint32_t)most : 0;
}

bool
correlation_measures(const struct correlation *correlation)
{
    return correlation->type >= VALUE_SUM &&
           correlation->type <= VALUE_PERCENTILE;
}

bool
correlation_alone(const struct correlation *correlation)
{
    return correlation->type == FIRST_SEEN || correlation->type == RARE;
}

/* --- sealing */

static bool
wrong(struct err *why, const char *what)
{
    err_set(why, "%s", what);
    return false;
}

static bool
check_sizes(const struct correlation *c, struct err *why)
{
    if (c->id.len == 0 || c->id.len > MAX_KEY_BYTES)
        err_set(why, "no id, or one longer than %d bytes", MAX_KEY_BYTES);
    else if (c->n_steps == 0 || c->n_steps > MAX_CORRELATION_STEPS)
        err_set(why, "%zu rules: 1 to %d can be correlated", c->n_steps,
                MAX_CORRELATION_STEPS);
    else if (c->n_group_by > MAX_GROUP_FIELDS)
        err_set(why, "%zu group-by fields: at most %d", c->n_group_by,
                MAX_GROUP_FIELDS);
    else if (c->n_value_fields > MAX_GROUP_FIELDS)
        err_set(why, "%zu value fields: at most %d", c->n_value_fields,
                MAX_GROUP_FIELDS);
    else if (c->n_carried > MAX_CARRIED || c->n_feeds > MAX_CHAIN_FEEDS)
        err_set(why,
                "other correlations need more than %d of its fields, or "
                "more than %d refer to it",
                MAX_CARRIED, MAX_CHAIN_FEEDS);
    else if (c->level < 0 || c->level >= MAX_LEVELS)
        err_set(why, "correlations of correlations go %d deep at most",
                MAX_LEVELS);
    else if (c->timespan_ms < 1 || c->timespan_ms > MAX_TIMESPAN_MS)
        err_set(why, "a timespan of 1 ms to 400 days is needed");
    else if (c->n_members > MAX_MEMBERS || c->n_holidays > MAX_HOLIDAYS)
        err_set(why, "at most %d members and %d holidays", MAX_MEMBERS,
                MAX_HOLIDAYS);
    else
        return true;
    return false;
}

/* Which types have fields, and how many bounds. */
static bool
check_shape(const struct correlation *c, struct err *why)
{
    bool counts_values = c->type == VALUE_COUNT || c->type == VALUE_RARITY ||
                         c->type == FIRST_SEEN || c->type == RARE;
    bool needs_bound = correlation_laid(c) || c->type == VALUE_SUM ||
                       c->type == SPIKE || c->type == RARE || c->type == RISK;
    if (c->n_bounds > 2 || (needs_bound ? c->n_bounds == 0 : c->n_bounds != 0))
        return wrong(why, needs_bound ? "a condition is needed"
                                      : "a threshold and bounds at once");
    if ((counts_values || correlation_measures(c)) != (c->n_value_fields > 0))
        return wrong(why, "value_count counts the values of a field, "
                          "value_sum and its like measure one; others none");
    if (correlation_measures(c) && c->n_value_fields != 1)
        return wrong(why, "what is measured is one field");
    for (size_t i = 0; i < c->n_bounds; i++)
        if (c->bound[i].op >= N_BOUND_OPS || c->bound[i].limit > MAX_AMOUNT ||
            c->bound[i].limit < -MAX_AMOUNT)
            return wrong(why, "a limit past 10^18");
    if (c->percentile < 0 || c->percentile > 100000)
        return wrong(why, "a percentile lies between 0 and 100");
    return true;
}

static bool
check_threshold(const struct correlation *c, struct err *why)
{
    bool counted = c->type == EVENT_COUNT || c->type == VALUE_COUNT;
    if (c->threshold == 0 && !counted && !is_temporal(c))
        return true;
    if (c->threshold > MAX_THRESHOLD)
        err_set(why, "a condition of 1 to %d can be counted, not %" PRIu32,
                MAX_THRESHOLD, c->threshold);
    else if (c->threshold > 0 && !counted && !is_temporal(c))
        err_set(why, "only counts and temporal types have a threshold");
    else if (is_temporal(c) && c->threshold > c->n_steps)
        err_set(why, "the condition asks for %" PRIu32 " of %zu rules",
                c->threshold, c->n_steps);
    else if (c->type == TEMPORAL_ORDERED && c->threshold != 0 &&
             c->threshold != c->n_steps)
        err_set(why, "temporal_ordered with fewer than all its rules is a "
                     "condition of words");
    else
        return true;
    return false;
}

static uint32_t
all_steps(const struct correlation *c)
{
    return c->n_steps == 32 ? UINT32_MAX : (UINT32_C(1) << c->n_steps) - 1;
}

static bool
check_conjuncts(const struct correlation *c, struct err *why)
{
    uint64_t counts = 0;
    if (c->n_conjuncts > MAX_CONJUNCTS)
        return wrong(why, "the condition has too many alternatives");
    if (c->n_conjuncts > 0 && (!is_temporal(c) || c->threshold != 0))
        return wrong(why, "a condition of words is for temporal types");
    for (size_t i = 0; i < c->n_conjuncts; i++) {
        struct conjunct conjunct = c->conjunct[i];
        if (conjunct.all == 0 || (conjunct.all & conjunct.none) != 0 ||
            ((conjunct.all | conjunct.none) & ~all_steps(c)) != 0)
            return wrong(why, "the condition can hold without any event, or "
                              "never");
    }
    for (size_t i = 0; i < c->n_conjuncts; i++)
        if ((c->until & c->conjunct[i].all) != 0)
            return wrong(why, "a rule that ends a row cannot be one of it");
    if ((c->until & ~all_steps(c)) != 0 ||
        (c->until != 0 && (c->type != TEMPORAL_ORDERED || c->n_conjuncts == 0)))
        return wrong(why, "until is for temporal_ordered");
    for (size_t i = 0; i < c->n_steps; i++) {
        counts += c->step[i].count;
        if (c->step[i].count == 0 || (c->step[i].count > 1 && !is_temporal(c)))
            return wrong(why, "counts of rules are for temporal types");
    }
    if (is_temporal(c) && counts > MAX_STEP_COUNTS)
        return wrong(why, "the counts of its rules are too high together");
    return true;
}

/* Numbers of the key's values, or of what is carried. */
static bool
are_own(const struct correlation *c, const uint8_t *numbers, size_t n)
{
    bool fine = n <= MAX_GROUP_FIELDS;
    for (size_t i = 0; fine && i < n; i++)
        fine = numbers[i] < MAX_GROUP_FIELDS
                   ? numbers[i] < c->n_group_by
                   : numbers[i] - MAX_GROUP_FIELDS < (int)c->n_carried;
    return fine;
}

static bool
check_feeds(const struct correlation *c, struct err *why)
{
    _Static_assert((int)MAX_CARRIED == (int)MAX_GROUP_FIELDS, "one bound");
    for (size_t i = 0; i < c->n_feeds; i++) {
        const struct chain_feed *feed = &c->feed[i];
        if (feed->step >= MAX_CORRELATION_STEPS ||
            !are_own(c, feed->key, feed->n_key) ||
            !are_own(c, feed->value, feed->n_values) ||
            !are_own(c, feed->carry, feed->n_carry))
            return wrong(why, "it gives others what it has not");
    }
    return true;
}

/* What is kept of a window with buckets: spike compares the same time of other
 * days, risk looks at a timespan of them. */
static bool
check_buckets(const struct correlation *c, struct err *why)
{
    bool floors = c->n_bounds == 1 && c->bound[0].op == BOUND_GTE;
    if (c->type != SPIKE && c->type != RISK)
        return true;
    if (!floors)
        return wrong(why, "spike and risk have a condition with gte");
    if (c->timespan_ms / c->bucket_ms >
        (c->type == SPIKE ? MAX_SPIKE_BUCKETS : MAX_RISK_BUCKETS))
        return wrong(why, "too many buckets in the timespan: 4096 of spike, "
                          "256 of risk at most");
    if (c->type == SPIKE && MS_PER_DAY % c->bucket_ms != 0)
        return wrong(why, "a day is no whole number of buckets");
    if (c->n_rules > MAX_DISTINCT_RULES)
        return wrong(why, "more distinct rules than are told apart");
    return true;
}

static bool
check_members(const struct correlation *c, struct err *why)
{
    if (c->n_members > 0 && c->type != SILENCE)
        return wrong(why, "members are of silence");
    for (size_t i = 0; i < c->n_members; i++)
        if (c->member[i].len == 0 || c->member[i].len > MAX_KEY_BYTES)
            return wrong(why, "a member is a key of at most 255 bytes");
    return true;
}

static bool
check_memory(const struct correlation *c, struct err *why)
{
    bool long_memory = c->type >= SILENCE;
    if (c->learn_ms < 0 || c->learn_ms > MAX_TIMESPAN_MS ||
        (c->learn_ms > 0 && !long_memory))
        return wrong(why, "only types with a long memory learn");
    if ((c->type == SPIKE || c->type == RISK) !=
        (c->bucket_ms > 0 && c->bucket_ms <= c->timespan_ms))
        return wrong(why, "spike and risk have buckets within the timespan");
    if (c->type == ABSENCE && c->n_steps < 2)
        return wrong(why, "absence has a rule, and at least one that follows");
    if (c->type == RARE && correlation_rare(c) == 0)
        return wrong(why, "rare has a condition with lte, of 1 to 64");
    return check_buckets(c, why) && check_members(c, why);
}

static bool
check_names(const struct correlation *c, struct err *why)
{
    for (size_t i = 0; i < c->n_group_by; i++)
        for (size_t j = 0; j < i; j++)
            if (str_equal(c->group_by[i], c->group_by[j])) {
                err_set(why, "group-by names %.*s twice",
                        STR_ARG(c->group_by[i]));
                return false;
            }
    return true;
}

void
correlation_mean(struct correlation *correlation)
{
    struct buf buf = {.max_bytes = MAX_CORRELATION_BYTES};
    correlation_put_meaning(&buf, correlation);
    correlation->meaning = hash_digest(buf_str(&buf));
    buf_free(&buf);
}

static void
fill_shape(struct correlation *c)
{
    struct step_shape shape = {.ordered = c->type == TEMPORAL_ORDERED,
                               .n_rows = 1};
    shape.every =
        c->n_steps == 32 ? UINT32_MAX : (UINT32_C(1) << c->n_steps) - 1;
    if (c->n_conjuncts == 0)
        shape.positive = shape.every;
    for (size_t i = 0; i < c->n_conjuncts; i++) {
        shape.positive |= c->conjunct[i].all;
        shape.negative |= c->conjunct[i].none;
    }
    shape.spoils = shape.negative != 0;
    if (c->type == ABSENCE)
        shape.negative = shape.every & ~UINT32_C(1);
    for (size_t s = 0; s < c->n_steps; s++) {
        shape.at[s] = (uint16_t)shape.width;
        shape.width += c->step[s].count;
        shape.counts |= c->step[s].count > 1;
    }
    shape.at[c->n_steps] = (uint16_t)shape.width;
    if ((shape.ordered || shape.spoils) && c->n_conjuncts > 0)
        shape.n_rows = (uint32_t)c->n_conjuncts;
    c->shape = shape;
}

bool
correlation_seal(struct correlation *correlation, struct arena *arena,
                 struct err *why)
{
    if (!check_sizes(correlation, why) || !check_shape(correlation, why) ||
        !check_threshold(correlation, why) ||
        !check_conjuncts(correlation, why) || !check_feeds(correlation, why) ||
        !check_memory(correlation, why) || !check_names(correlation, why))
        return false;
    fill_shape(correlation);
    struct buf buf = {.max_bytes = MAX_CORRELATION_BYTES};
    correlation_put_meaning(&buf, correlation);
    correlation->meaning = hash_digest(buf_str(&buf));
    correlation_put_feeds(&buf, correlation);
    correlation->fingerprint = hash_digest(buf_str(&buf));
    correlation_put_words(&buf, correlation);
    correlation->text = buf.full ? NO_STR : arena_copy(arena, buf_str(&buf));
    if (!correlation->text.at)
        err_set(why, "its text does not fit");
    buf_free(&buf);
    return correlation->text.at != NULL;
}

void
correlation_floor(struct correlation *correlation)
{
    static struct correlation_step step = {
        .rule = {"floor", 5},
        .field = {{"rule_name", 9}, {"host", 4}},
        .count = 1,
    };
    *correlation = (struct correlation){
        .id = STR("floor"),
        .name = STR("floor"),
        .title = {STR("Cảnh báo không được bỏ qua"),
                  STR("An alert that must not be missed")},
        .type = EVENT_COUNT,
        .step = &step,
        .n_steps = 1,
        .group_by = {STR("rule_name"), STR("host")},
        .n_group_by = 2,
        .timespan_ms = 3600000,
        .threshold = 1,
        .severity = SEVERITY_UNKNOWN,
        .is_floor = true,
        .options = {.incident = INCIDENT_CORRELATION},
    };
}
