/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh: correlation:`, the types that Sigma lacks: which keys each has,
 * and what they mean. A key that another type has is named as such, so that
 * nothing stands in a rule without an effect. */
#include "correlate/correlation_draft.h"

#include "base/times.h"

#include <string.h>

#define HOUR_MS INT64_C(3600000)

enum {
    MAX_LEAST = 1000000,
    MAX_SCORE = 1000000,
    MAX_DISTINCT_KINDS = 64,
    BUCKETS_OF_RISK = 24, /* of a timespan, unless `bucket` says */
};

/* Bits of the types that have a key. X(key, types) */
#define BIT(type) (UINT32_C(1) << (type))
#define EVERY                                                                  \
    (BIT(ABSENCE) | BIT(SILENCE) | BIT(SPIKE) | BIT(FIRST_SEEN) | BIT(RARE) |  \
     BIT(RISK))
#define OWN_KEYS(X)                                                            \
    X("type", EVERY)                                                           \
    X("rules", EVERY)                                                          \
    X("group-by", EVERY)                                                       \
    X("timespan", EVERY)                                                       \
    X("aliases", EVERY)                                                        \
    X("generate", EVERY)                                                       \
    X("hours", EVERY)                                                          \
    X("field", BIT(FIRST_SEEN) | BIT(RARE))                                    \
    X("learn", BIT(SILENCE) | BIT(SPIKE) | BIT(FIRST_SEEN) | BIT(RARE))        \
    X("bucket", BIT(SPIKE) | BIT(RISK))                                        \
    X("least", BIT(SPIKE) | BIT(SILENCE))                                      \
    X("members", BIT(SILENCE))                                                 \
    X("condition", BIT(SPIKE) | BIT(RARE) | BIT(RISK))                         \
    X("score", BIT(RISK))                                                      \
    X("kinds", BIT(RISK))                                                      \
    X("rules_distinct", BIT(RISK))                                             \
    X("tactics", BIT(RISK))

static const struct own_key {
    struct str key;
    uint32_t types;
} own_keys[] = {
#define X(key, types) {{(key), sizeof(key) - 1}, (types)},
    OWN_KEYS(X)
#undef X
};

enum { N_OWN_KEYS = sizeof own_keys / sizeof *own_keys };

bool
own_keys_check(struct rule_loader *loader, const struct yaml *map,
               enum correlation_type type)
{
    struct str names[N_OWN_KEYS];
    size_t n_errors = loader->complaints->n_errors;
    for (size_t i = 0; i < N_OWN_KEYS; i++)
        names[i] = own_keys[i].key;
    yaml_only(map, names, N_OWN_KEYS, loader->complaints);
    for (size_t i = 0; i < N_OWN_KEYS; i++) {
        const struct yaml *node = yaml_get(map, own_keys[i].key.at);
        if (node && (own_keys[i].types & BIT(type)) == 0)
            complain(loader->complaints, node->key_place,
                     "correlations of type %s have no '%s'",
                     correlation_type_id(type).at, own_keys[i].key.at);
    }
    return loader->complaints->n_errors == n_errors;
}

/* rules: any, rules: any_alert. The step's rule is one that nobody can have. */
bool
any_load(struct rule_loader *loader, const struct yaml *node,
         struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    enum correlation_type type = correlation->type;
    if (type <= ABSENCE || !node || node->type != YAML_SCALAR)
        return false;
    bool alerts = str_equal(node->text, STR("any_alert"));
    if (!alerts && !str_equal(node->text, STR("any")))
        return false;
    if (alerts && type == RISK)
        complain(loader->complaints, node->place,
                 "risk adds up detections: any, or a list of rules");
    draft->any = true;
    correlation->n_steps = 1;
    correlation->step[0] = (struct correlation_step){
        .rule = alerts ? STR(ANY_ALERT) : STR(ANY_DETECTION), .count = 1};
    draft->rule[0] = (struct reference){correlation->step[0].rule,
                                        loader_place(loader, node->place)};
    return true;
}

/* --- members */

/* One value as it stands in a key. */
static void
value_put(struct buf *buf, const struct yaml *node)
{
    if (yaml_kind(node) == YAML_NUMBER && decimal_is_plain(node->text))
        buf_add(buf, node->text);
    else
        buf_json(buf, node->text);
}

static bool
member_load(struct rule_loader *loader, const struct yaml *node,
            size_t n_fields, struct str *member)
{
    bool is_list = node->type == YAML_LIST, good = true;
    size_t n = is_list ? node->n_children : 1;
    const struct yaml *at = is_list ? node->first : node;
    struct buf buf = {.max_bytes = MAX_KEY_TEXT_BYTES};
    buf_char(&buf, '[');
    for (; at && good; at = is_list ? at->next : NULL) {
        good = at->type == YAML_SCALAR && at->text.len > 0;
        if (at != node && at != node->first)
            buf_char(&buf, ',');
        if (good)
            value_put(&buf, at);
    }
    buf_char(&buf, ']');
    good = good && n == n_fields && !buf.full && buf.len <= MAX_KEY_BYTES;
    if (good)
        *member = loader_keep(loader, buf_str(&buf));
    else
        complain(loader->complaints, node->place,
                 "a member is a value for each field of group-by (%zu), %d "
                 "bytes at most",
                 n_fields, (int)MAX_KEY_BYTES);
    buf_free(&buf);
    return good;
}

static void
members_load(struct rule_loader *loader, const struct yaml *node,
             struct correlation *correlation)
{
    if (!node)
        return;
    if (node->type != YAML_LIST || node->n_children == 0 ||
        node->n_children > MAX_MEMBERS || correlation->n_group_by == 0) {
        complain(loader->complaints, node->place,
                 correlation->n_group_by == 0
                     ? "members are keys: there must be a group-by"
                     : "members is a list of 1 to %d keys",
                 (int)MAX_MEMBERS);
        return;
    }
    struct str *members =
        loader_take(loader, node->n_children, sizeof *members);
    bool good = members != NULL;
    for (const struct yaml *at = node->first; good && at; at = at->next)
        good = member_load(loader, at, correlation->n_group_by,
                           &members[correlation->n_members++]);
    correlation->member = members;
}

/* --- numbers */

static void
number_load(struct rule_loader *loader, const struct yaml *map, const char *key,
            int64_t most, uint32_t *number)
{
    int64_t n = 0;
    if (yaml_i64(yaml_get(map, key), 1, most, &n, loader->complaints))
        *number = (uint32_t)n;
}

static void
bucket_load(struct rule_loader *loader, const struct yaml *map,
            struct correlation *correlation)
{
    const struct yaml *node = yaml_get(map, "bucket");
    struct complaints *complaints = loader->complaints;
    int64_t span = correlation->timespan_ms;
    if (correlation->type == SPIKE)
        correlation->bucket_ms = HOUR_MS;
    else if (correlation->type == RISK)
        correlation->bucket_ms =
            span > BUCKETS_OF_RISK ? span / BUCKETS_OF_RISK : 1;
    else
        return;
    yaml_duration_ms(node, 1, MAX_TIMESPAN_MS, &correlation->bucket_ms,
                     complaints);
    struct place place = node ? node->place : map->place;
    if (correlation->bucket_ms > span)
        complain(complaints, place, "a bucket is longer than the timespan");
    else if (correlation->type == SPIKE &&
             MS_PER_DAY % correlation->bucket_ms != 0)
        complain(complaints, place,
                 "a day is no whole number of such buckets: the same hour of "
                 "another day would be another part of it");
}

static void
field_of_own(struct rule_loader *loader, const struct yaml *map,
             struct correlation *correlation)
{
    const struct yaml *field = yaml_get(map, "field");
    bool wants = correlation->type == FIRST_SEEN || correlation->type == RARE;
    if (field && correlation->n_value_fields > 0)
        complain(loader->complaints, field->key_place,
                 "the field stands in the condition already");
    else if (field)
        field_load(loader, field, correlation);
    else if (wants && correlation->n_value_fields == 0)
        complain(loader->complaints, map->place,
                 "%s needs field:", correlation_type_id(correlation->type).at);
}

bool
own_load(struct rule_loader *loader, const struct yaml *map,
         struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    size_t n_errors = loader->complaints->n_errors;
    const struct yaml *score = yaml_get(map, "score");
    field_of_own(loader, map, correlation);
    yaml_duration_ms(yaml_get(map, "learn"), 1, MAX_TIMESPAN_MS,
                     &correlation->learn_ms, loader->complaints);
    bucket_load(loader, map, correlation);
    number_load(loader, map, "least", MAX_LEAST, &correlation->least);
    number_load(loader, map, "kinds", MAX_DISTINCT_KINDS,
                &correlation->n_kinds);
    number_load(loader, map, "rules_distinct", MAX_DISTINCT_RULES,
                &correlation->n_rules);
    number_load(loader, map, "tactics", N_TACTICS, &correlation->n_tactics);
    members_load(loader, yaml_get(map, "members"), correlation);
    if (score && draft->any)
        complain(loader->complaints, score->key_place,
                 "score is of rules in a list: with 'any', severity decides");
    else if (score)
        numbers_load(loader, score, MAX_SCORE, &draft->score);
    if (draft->any && draft->n_aliases > 0)
        complain(loader->complaints, yaml_get(map, "aliases")->key_place,
                 "aliases are of rules in a list");
    return loader->complaints->n_errors == n_errors;
}
