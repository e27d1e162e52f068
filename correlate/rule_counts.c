/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers in an array by the rule's number in a table; "other" is number 0, so
 * that a rule that happens to be called so is the same line. The last ones to
 * reach a limit stand in a short list, the newest first: in a storm on many
 * keys the list turns over, in one on a single key its count rises. */
#include "rule_counts.h"

#include "base/table.h"
#include "model/limits.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRED = N_WINDOW_CAPS, N_COUNTED, OTHER = 0 };

/* A rule and key that reached a limit. */
struct reached {
    struct buf text; /* rule, then key */
    size_t rule_len;
    uint64_t n;
    int64_t last_ms;
};

struct rule_counts {
    struct table *rules;
    uint64_t n[MAX_COUNTED_RULES + 1][N_COUNTED];
    struct reached reached[N_WINDOW_CAPS][MAX_CAPS_KEPT];
};

struct rule_counts *
rule_counts_new(void)
{
    struct rule_counts *counts = calloc(1, sizeof *counts);
    if (!counts)
        return NULL;
    counts->rules = table_new(MAX_COUNTED_RULES + 1);
    if (counts->rules &&
        table_add(counts->rules, STR("other"), NULL) == (uint32_t)OTHER)
        return counts;
    rule_counts_free(counts);
    return NULL;
}

void
rule_counts_free(struct rule_counts *counts)
{
    if (!counts)
        return;
    table_free(counts->rules);
    for (size_t cap = 0; cap < N_WINDOW_CAPS; cap++)
        for (size_t i = 0; i < MAX_CAPS_KEPT; i++)
            buf_free(&counts->reached[cap][i].text);
    free(counts);
}

static uint64_t *
row_of(struct rule_counts *counts, struct str rule)
{
    uint32_t number = table_add(counts->rules, rule, NULL);
    return counts->n[number == TABLE_NONE ? OTHER : number];
}

void
rule_counts_fired(struct rule_counts *counts, struct str rule)
{
    row_of(counts, rule)[FIRED]++;
}

static struct str
rule_of(const struct reached *reached)
{
    return str_cut(buf_str(&reached->text), 0, reached->rule_len);
}

static struct str
key_of(const struct reached *reached)
{
    return str_cut(buf_str(&reached->text), reached->rule_len, SIZE_MAX);
}

/* Its place in the list, or that of the oldest. */
static size_t
place_of(const struct reached *list, const struct capped *capped)
{
    size_t i = 0;
    while (i < MAX_CAPS_KEPT - 1 &&
           !(list[i].n > 0 && str_equal(rule_of(&list[i]), capped->rule) &&
             str_equal(key_of(&list[i]), capped->key)))
        i++;
    return i;
}

void
rule_counts_capped(struct rule_counts *counts, const struct capped *capped,
                   int64_t event_ms)
{
    struct reached *list = counts->reached[capped->cap];
    size_t place = place_of(list, capped);
    struct reached now = list[place];
    row_of(counts, capped->rule)[capped->cap]++;
    if (now.n == 0 || !str_equal(rule_of(&now), capped->rule) ||
        !str_equal(key_of(&now), capped->key)) {
        buf_clear(&now.text);
        buf_add(&now.text, capped->rule);
        now.rule_len = now.text.len;
        buf_add(&now.text, capped->key);
        now.n = 0;
    }
    now.n++;
    now.last_ms = event_ms;
    memmove(list + 1, list, place * sizeof *list);
    list[0] = now;
}

static void
put_rule(const struct rule_counts *counts, uint32_t number, struct buf *json)
{
    const uint64_t *n = counts->n[number];
    buf_add(json, STR("{\"rule\":"));
    buf_json(json, table_key(counts->rules, number));
    if (n[FIRED] > 0)
        buf_format(json, ",\"fired\":%" PRIu64, n[FIRED]);
    for (int cap = 0; cap < N_WINDOW_CAPS; cap++) {
        if (n[cap] == 0)
            continue;
        buf_char(json, ',');
        buf_json(json, window_cap_id((enum window_cap)cap));
        buf_format(json, ":%" PRIu64, n[cap]);
    }
    buf_char(json, '}');
}

static bool
is_silent(const uint64_t *n)
{
    uint64_t sum = 0;
    for (int i = 0; i < N_COUNTED; i++)
        sum |= n[i];
    return sum == 0;
}

void
rule_counts_status(const struct rule_counts *counts, struct buf *json)
{
    const char *comma = "";
    buf_add(json, STR("\"rules\":["));
    for (uint32_t i = 0; i < table_len(counts->rules); i++) {
        if (is_silent(counts->n[i]))
            continue;
        buf_add(json, str_of(comma));
        put_rule(counts, i, json);
        comma = ",";
    }
    buf_add(json, STR("],\"caps\":["));
    comma = "";
    for (int cap = 0; cap < N_WINDOW_CAPS; cap++)
        for (size_t i = 0; i < MAX_CAPS_KEPT; i++) {
            const struct reached *reached = &counts->reached[cap][i];
            if (reached->n == 0)
                break;
            buf_format(json, "%s{\"cap\":", comma);
            buf_json(json, window_cap_id((enum window_cap)cap));
            buf_add(json, STR(",\"rule\":"));
            buf_json(json, rule_of(reached));
            buf_add(json, STR(",\"key\":"));
            buf_json(json, key_of(reached));
            buf_format(json, ",\"n\":%" PRIu64 ",\"last_ms\":%" PRId64 "}",
                       reached->n, reached->last_ms);
            comma = ",";
        }
    buf_char(json, ']');
}
