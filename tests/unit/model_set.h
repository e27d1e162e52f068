/* SPDX-License-Identifier: Apache-2.0
 *
 * Random sets of rules, as the YAML that people write, and random alerts for
 * them. Detections a, b, c, d ask for a field of their name. */
#ifndef TESTS_UNIT_MODEL_SET_H
#define TESTS_UNIT_MODEL_SET_H

#include "model_dice.h"
#include "oracle_set.h"

enum { SET_DETECTIONS = 4, SET_ALERTS = 64 };

/* One alert: what the sensor says, and what the oracle reads of it. */
struct set_alert {
    int64_t ms;
    int source;
    uint32_t detections;
    enum kind kind;
    char host[16], user[16], num[16]; /* as written; empty: not there */
    bool num_is_text;
    bool straggles; /* no watermark waits for it */
};

/* What is decided of a correlation before it is written. */
struct yaml_plan {
    enum correlation_type type;
    size_t group; /* number in `groups` */
    char unit;    /* of time: s, or h */
    bool chained;
};

/* --- rules */

static inline void
yaml_detections(struct buf *yaml)
{
    for (char name = 'a'; name < 'a' + SET_DETECTIONS; name++)
        buf_format(yaml,
                   "title: %c\nid: %c\nlogsource: {product: any}\n"
                   "detection: {s: {%c: 1}, condition: s}\nlevel: low\n"
                   "tags: [attack.%s]\n---\n",
                   name, name, name, name < 'c' ? "discovery" : "impact");
}

/* "a", "not b", "(a or b) and not c". */
static inline void
yaml_words(struct dice *dice, struct buf *yaml, const char names[][8],
           size_t n_names, int depth)
{
    bool alone = depth == 0 || once_in(dice, 3);
    if (once_in(dice, 5))
        buf_format(yaml, "not ");
    if (alone) {
        buf_format(yaml, "%s", names[roll(dice, n_names)]);
        return;
    }
    buf_char(yaml, '(');
    yaml_words(dice, yaml, names, n_names, depth - 1);
    buf_format(yaml, once_in(dice, 2) ? " and " : " or ");
    yaml_words(dice, yaml, names, n_names, depth - 1);
    buf_char(yaml, ')');
}

static inline void
yaml_bound(struct dice *dice, struct buf *yaml, uint64_t below)
{
    static const char *const ops[] = {"gt", "gte", "lt", "lte", "eq", "neq"};
    size_t first = roll(dice, 6), second = roll(dice, 6);
    buf_format(yaml, "%s: %d", ops[first], (int)roll(dice, below));
    if (second != first && once_in(dice, 4))
        buf_format(yaml, ", %s: %d", ops[second], (int)roll(dice, below));
}

static inline void
yaml_condition(struct dice *dice, struct buf *yaml, enum correlation_type type,
               const char names[][8], size_t n_names)
{
    static const char *const fields[] = {"user", "host", "num", "[user, host]"};
    switch (type) {
    case EVENT_COUNT:
        buf_format(yaml, "  condition: {");
        yaml_bound(dice, yaml, 5);
        buf_format(yaml, "}\n");
        break;
    case VALUE_COUNT:
    case VALUE_RARITY:
        buf_format(yaml, "  condition: {field: %s, ", fields[roll(dice, 4)]);
        yaml_bound(dice, yaml, type == VALUE_COUNT ? 5 : 101);
        buf_format(yaml, "}\n");
        break;
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        if (once_in(dice, 2)) {
            buf_format(yaml, "  condition: ");
            yaml_words(dice, yaml, names, n_names, 2);
            buf_char(yaml, '\n');
        } else if (once_in(dice, 3)) {
            buf_format(yaml, "  condition: {");
            yaml_bound(dice, yaml, n_names + 1);
            buf_format(yaml, "}\n");
        }
        break;
    default:
        buf_format(yaml, "  condition: {field: num, ");
        if (type == VALUE_PERCENTILE)
            buf_format(yaml, "percentile: %d, ", (int)roll(dice, 101));
        yaml_bound(dice, yaml, 6);
        buf_format(yaml, "}\n");
    }
}

static inline void
yaml_hours(struct dice *dice, struct buf *yaml, const char *indent)
{
    static const char *const hours[] = {
        "from: \"06:00\", to: \"07:01\"",
        "from: \"07:01\", to: \"07:02\", days: [mon, sun]",
        "from: \"23:00\", to: \"07:01\"",
        "from: \"07:00\", to: \"08:00\", days: [tue]",
    };
    buf_format(yaml, "%shours: {%s%s}\n", indent, hours[roll(dice, 4)],
               once_in(dice, 3) ? ", outside: true" : "");
}

/* What stands under `thapcanh:`. */
static inline void
yaml_extras(struct dice *dice, struct buf *yaml, enum correlation_type type,
            const char names[][8], size_t n_names)
{
    bool temporal = type == TEMPORAL || type == TEMPORAL_ORDERED;
    if (temporal && once_in(dice, 4))
        buf_format(yaml, "  counts: {%s: %d}\n", names[roll(dice, n_names)],
                   (int)(1 + roll(dice, 3)));
    else if (type == TEMPORAL_ORDERED && once_in(dice, 3))
        buf_format(yaml, "  until: %c\n",
                   (char)('a' + roll(dice, SET_DETECTIONS)));
    else if (type == VALUE_SUM && once_in(dice, 3))
        buf_format(yaml, "  never_negative: true\n");
    if (once_in(dice, 8))
        yaml_hours(dice, yaml, "  ");
}

static inline const char *
yaml_type(enum correlation_type type)
{
    return type == VALUE_RARITY ? "value_percentile"
                                : correlation_type_id(type).at;
}

/* --- types of our own */

/* Which keys must speak; one of them never does. */
static inline void
yaml_members(struct dice *dice, struct buf *yaml, size_t group)
{
    static const char *const hosts[] = {"h0", "H1", "h2", "h9"};
    static const char *const users[] = {"an", "Bo", "445", "zed"};
    buf_format(yaml, "   members: [");
    for (uint64_t i = 0, n = 1 + roll(dice, 4); i < n; i++) {
        const char *host = hosts[roll(dice, 4)], *user = users[roll(dice, 4)];
        buf_format(yaml, i > 0 ? ", " : "");
        if (group == 3)
            buf_format(yaml, "[%s, %s]", host, user);
        else
            buf_format(yaml, "%s", group == 2 ? user : host);
    }
    buf_format(yaml, "]\n");
}

static inline void
yaml_risk(struct dice *dice, struct buf *yaml, const char names[][8],
          size_t n_names, bool chained)
{
    buf_format(yaml, "   condition: {gte: %d}\n", (int)(1 + roll(dice, 50)));
    if (once_in(dice, 2))
        buf_format(yaml, "   score: {%s: %d}\n", names[roll(dice, n_names)],
                   (int)(1 + roll(dice, 20)));
    if (once_in(dice, 3))
        buf_format(yaml, "   rules_distinct: %d\n", (int)(1 + roll(dice, 3)));
    if (once_in(dice, 3))
        buf_format(yaml, "   tactics: %d\n", (int)(1 + roll(dice, 2)));
    if (!chained && once_in(dice, 3)) /* a firing is of all its kinds */
        buf_format(yaml, "   kinds: %d\n", (int)(1 + roll(dice, 2)));
}

/* What a type of our own has beside rules, timespan and group-by. */
static inline void
yaml_own(struct dice *dice, struct buf *yaml, const struct yaml_plan *plan,
         const char names[][8], size_t n_names)
{
    static const char *const fields[] = {"user", "num", "[user, num]",
                                         "[host, user]"};
    enum correlation_type type = plan->type;
    bool learns = type == SILENCE || type == FIRST_SEEN || type == RARE;
    if (type == SILENCE && plan->group < 4 && once_in(dice, 2)) {
        yaml_members(dice, yaml, plan->group);
        return;
    }
    if (learns && once_in(dice, 2))
        buf_format(yaml, "   learn: %d%c\n", (int)(1 + roll(dice, 12)),
                   plan->unit);
    if (type == SILENCE && once_in(dice, 2))
        buf_format(yaml, "   least: %d\n", (int)(1 + roll(dice, 4)));
    if (type == FIRST_SEEN || type == RARE)
        buf_format(yaml, "   field: %s\n", fields[roll(dice, 4)]);
    if (type == RARE)
        buf_format(yaml, "   condition: {lte: %d}\n", (int)(1 + roll(dice, 3)));
    if (type == SPIKE)
        buf_format(yaml,
                   "   bucket: %dh\n   learn: %dh\n   least: %d\n"
                   "   condition: {gte: %d.5}\n",
                   1 << roll(dice, 3), (int)(1 + roll(dice, 36)),
                   (int)(1 + roll(dice, 3)), (int)roll(dice, 4));
    if (type == RISK)
        yaml_risk(dice, yaml, names, n_names, plan->chained);
}

/* The rules of the number-th correlation: detections, and correlations before
 * it if it is one of a chain. */
static inline size_t
yaml_rules(struct dice *dice, struct buf *yaml, size_t number, bool chained,
           char names[4][8])
{
    size_t n = 1 + roll(dice, 4);
    buf_format(yaml, "  rules: [");
    for (size_t i = 0; i < n; i++) {
        snprintf(names[i], sizeof names[i], "%c",
                 (char)('a' + (i + number) % SET_DETECTIONS));
        if (chained && number > 0 && i < number && (i == 0 || once_in(dice, 2)))
            snprintf(names[i], sizeof names[i], "r%u",
                     (unsigned)(number - 1 - i) % 10);
        buf_format(yaml, i == 0 ? "%s" : ", %s", names[i]);
    }
    buf_format(yaml, "]\n");
    return n;
}

/* An alias that is the host in one rule and the user in another; of what fires
 * it is any of what that may have. */
static inline void
yaml_alias(struct dice *dice, struct buf *yaml, const char names[][8],
           size_t n_names, const char *indent)
{
    static const char *const fields[] = {"host", "user", "who"};
    buf_format(yaml, "%saliases: {who: {", indent);
    for (size_t i = 0; i < n_names; i++)
        buf_format(yaml, "%s%s: %s", i > 0 ? ", " : "", names[i],
                   fields[roll(dice, names[i][0] == 'r' ? 3 : 2)]);
    buf_format(yaml, "}}\n");
}

static inline struct yaml_plan
random_plan(struct dice *dice, bool chained, char unit)
{
    struct yaml_plan plan = {
        .type = (enum correlation_type)roll(dice, N_CORRELATION_TYPES),
        .group = roll(dice, 6),
        .unit = unit,
        .chained = chained};
    /* what a sum that falls gives to others is not what its episodes are in
     * the end (docs/correlation.md) */
    if (chained && plan.type == VALUE_SUM)
        plan.type = VALUE_AVG;
    if (unit == 's' && plan.type == SPIKE)
        plan.type = ABSENCE;
    return plan;
}

/* The number-th correlation. */
static inline void
yaml_correlation(struct dice *dice, struct buf *yaml, size_t number,
                 bool chained, char unit)
{
    static const char *const groups[] = {"[host]",       "[host]", "[user]",
                                         "[host, user]", "[]",     "[who]"};
    char names[4][8];
    struct yaml_plan plan = random_plan(dice, chained, unit);
    enum correlation_type type = plan.type;
    bool own = type >= ABSENCE;
    const char *indent = own ? "   " : "  ";
    buf_format(yaml, "title: r%zu\nid: r%zu\nlevel: medium\n", number, number);
    buf_format(yaml, own ? "thapcanh:\n correlation:\n" : "correlation:\n");
    buf_format(yaml, "%stype: %s\n%s", indent, yaml_type(type), indent + 2);
    size_t n_names = yaml_rules(dice, yaml, number, chained, names);
    buf_format(yaml, "%stimespan: %d%c\n", indent, (int)(1 + roll(dice, 12)),
               type == SPIKE ? 'd' : unit);
    if (plan.group != 4)
        buf_format(yaml, "%sgroup-by: %s\n", indent, groups[plan.group]);
    if (plan.group == 5)
        yaml_alias(dice, yaml, names, n_names, indent);
    if (own)
        yaml_own(dice, yaml, &plan, names, n_names);
    else
        yaml_condition(dice, yaml, type, names, n_names);
    if (chained && once_in(dice, 3))
        buf_format(yaml, "%sgenerate: true\n", indent);
    if (own && once_in(dice, 8))
        yaml_hours(dice, yaml, indent);
    if (!own) {
        buf_format(yaml, "thapcanh:\n  title: {en: r}\n");
        yaml_extras(dice, yaml, type, names, n_names);
    }
    buf_format(yaml, "---\n");
}

/* --- alerts */

static inline void
set_copy16(char to[16], const char *text)
{
    snprintf(to, 16, "%s", text);
}

static inline void
random_alert(struct dice *dice, struct set_alert *alert, uint64_t range,
             int64_t unit_ms)
{
    static const char *const hosts[] = {"h0", "H0", "h1", "h1", "h2"};
    static const char *const users[] = {"an", "An", "bo", "445", "chi"};
    static const char *const nums[] = {"-2", "-1", "0",   "1",   "1.0",
                                       "2",  "3",  "0.5", "1.5", "x"};
    *alert = (struct set_alert){
        .ms = INT64_C(1704067200000) + (int64_t)roll(dice, range) * unit_ms,
        .detections = UINT32_C(1) << roll(dice, SET_DETECTIONS),
        .kind = (enum kind)roll(dice, ORACLE_KINDS),
        .num_is_text = once_in(dice, 2),
        .straggles = once_in(dice, 20),
    };
    if (once_in(dice, 6))
        alert->detections |= UINT32_C(1) << roll(dice, SET_DETECTIONS);
    if (once_in(dice, 4))
        alert->ms += (int64_t)roll(dice, 3) - 1;
    if (!once_in(dice, 16))
        set_copy16(alert->host, hosts[roll(dice, 5)]);
    if (!once_in(dice, 16))
        set_copy16(alert->user, users[roll(dice, 5)]);
    if (!once_in(dice, 16))
        set_copy16(alert->num, nums[roll(dice, 10)]);
    /* a text is a number for what measures, and a text for what counts */
    if (strcmp(alert->num, "1.0") == 0)
        alert->num_is_text = false;
    alert->num_is_text |= strcmp(alert->num, "x") == 0;
}

static inline void
alert_json(const struct set_alert *alert, char *json, size_t size)
{
    size_t n = (size_t)snprintf(json, size, "{\"z\":1");
    for (int d = 0; d < SET_DETECTIONS; d++)
        if (alert->detections >> d & 1)
            n += (size_t)snprintf(json + n, size - n, ",\"%c\":1", 'a' + d);
    if (alert->host[0])
        n += (size_t)snprintf(json + n, size - n, ",\"host\":\"%s\"",
                              alert->host);
    if (alert->user[0])
        n += (size_t)snprintf(json + n, size - n, ",\"user\":\"%s\"",
                              alert->user);
    if (alert->num[0])
        n += (size_t)snprintf(
            json + n, size - n,
            alert->num_is_text ? ",\"num\":\"%s\"" : ",\"num\":%s", alert->num);
    snprintf(json + n, size - n, "}");
}

/* As it is compared: numbers as numbers, texts without regard to case. */
static inline void
fold_text(char to[SET_TEXT], const char *text)
{
    amount number;
    struct buf plain = {0};
    if (amount_from(str_of(text), &number)) {
        amount_write(&plain, number);
        snprintf(to, SET_TEXT, "%.*s", STR_ARG(buf_str(&plain)));
    } else {
        size_t i = 0;
        for (; text[i] && i < SET_TEXT - 1; i++)
            to[i] = (char)tolower((unsigned char)text[i]);
        to[i] = '\0';
    }
    buf_free(&plain);
}

static inline struct set_item
item_of(const struct set_alert *alert, uint32_t place)
{
    struct set_item item = {
        .ms = alert->ms,
        .place = place,
        .detections = alert->detections,
        .from = -1,
        .alerts = 1,
        .kind = alert->kind,
    };
    fold_text(item.field[FIELD_HOST], alert->host);
    fold_text(item.field[FIELD_USER], alert->user);
    fold_text(item.field[FIELD_NUM], alert->num);
    return item;
}

#endif
