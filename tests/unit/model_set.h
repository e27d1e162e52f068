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
};

/* --- rules */

static inline void
yaml_detections(struct buf *yaml)
{
    for (char name = 'a'; name < 'a' + SET_DETECTIONS; name++)
        buf_format(yaml,
                   "title: %c\nid: %c\nlogsource: {product: any}\n"
                   "detection: {s: {%c: 1}, condition: s}\nlevel: low\n---\n",
                   name, name, name);
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

/* What stands under `thapcanh:`. */
static inline void
yaml_extras(struct dice *dice, struct buf *yaml, enum correlation_type type,
            const char names[][8], size_t n_names)
{
    static const char *const hours[] = {
        "from: \"06:00\", to: \"07:01\"",
        "from: \"07:01\", to: \"07:02\", days: [mon, sun]",
        "from: \"23:00\", to: \"07:01\"",
        "from: \"07:00\", to: \"08:00\", days: [tue]",
    };
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
        buf_format(yaml, "  hours: {%s%s}\n", hours[roll(dice, 4)],
                   once_in(dice, 3) ? ", outside: true" : "");
}

static inline const char *
yaml_type(enum correlation_type type)
{
    return type == VALUE_RARITY ? "value_percentile"
                                : correlation_type_id(type).at;
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
            snprintf(names[i], sizeof names[i], "r%zu", number - 1 - i);
        buf_format(yaml, i == 0 ? "%s" : ", %s", names[i]);
    }
    buf_format(yaml, "]\n");
    return n;
}

/* The number-th correlation. */
static inline void
yaml_correlation(struct dice *dice, struct buf *yaml, size_t number,
                 bool chained)
{
    static const char *const groups[] = {"[host]", "[host]", "[user]",
                                         "[host, user]", "[]"};
    char names[4][8];
    size_t group = roll(dice, 5);
    enum correlation_type type =
        (enum correlation_type)roll(dice, VALUE_RARITY + 2);
    type = type > VALUE_RARITY ? ABSENCE : type;
    buf_format(yaml, "title: r%zu\nid: r%zu\nlevel: medium\n", number, number);
    if (type == ABSENCE)
        buf_format(yaml, "thapcanh:\n correlation:\n");
    else
        buf_format(yaml, "correlation:\n");
    buf_format(yaml, "  type: %s\n", yaml_type(type));
    size_t n_names = yaml_rules(dice, yaml, number, chained, names);
    buf_format(yaml, "  timespan: %ds\n", (int)(1 + roll(dice, 12)));
    if (group < 4)
        buf_format(yaml, "  group-by: %s\n", groups[group]);
    if (type != ABSENCE)
        yaml_condition(dice, yaml, type, names, n_names);
    if (chained && once_in(dice, 3))
        buf_format(yaml, "  generate: true\n");
    if (type != ABSENCE)
        buf_format(yaml, "thapcanh:\n  title: {en: r}\n");
    if (type != ABSENCE)
        yaml_extras(dice, yaml, type, names, n_names);
    buf_format(yaml, "---\n");
}

/* --- alerts */

static inline void
set_copy16(char to[16], const char *text)
{
    snprintf(to, 16, "%s", text);
}

static inline void
random_alert(struct dice *dice, struct set_alert *alert, uint64_t range)
{
    static const char *const hosts[] = {"h0", "H0", "h1", "h1", "h2"};
    static const char *const users[] = {"an", "An", "bo", "445", "chi"};
    static const char *const nums[] = {"-2", "-1", "0",   "1",   "1.0",
                                       "2",  "3",  "0.5", "1.5", "x"};
    *alert = (struct set_alert){
        .ms = INT64_C(1704067200000) + (int64_t)roll(dice, range) * 1000,
        .detections = UINT32_C(1) << roll(dice, SET_DETECTIONS),
        .kind = (enum kind)roll(dice, ORACLE_KINDS),
        .num_is_text = once_in(dice, 2),
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
