/* SPDX-License-Identifier: Apache-2.0
 *
 * From the vendor's severity to ours. A mapping has versions of the table with
 * the days they hold (UTC+7, both ends included): the day of the event decides
 * which one, so that a scale the vendor changes does not rewrite the past.
 * Words are tried first, then numeric ranges; what neither knows is unknown,
 * never silently medium. */
#include "ingest/source_priv.h"

#include <string.h>

#define MILLION INT64_C(1000000)

static const struct str table_keys[] = {
    {"version", 7}, {"from", 4},   {"to", 2},      {"value", 5},
    {"words", 5},   {"ranges", 6}, {"missing", 7},
};

/* --- looking up -------------------------------------------------------------
 */

/* A plain decimal in millionths; further digits are cut. */
static bool
decimal_from(struct str text, int64_t *millionths)
{
    bool minus = text.len > 0 && text.at[0] == '-';
    struct str rest = str_cut(text, minus ? 1 : 0, text.len);
    int64_t n = 0, unit = MILLION, part = 0;
    size_t i = 0;
    for (; i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9'; i++) {
        if (i >= 12)
            return false;
        n = n * 10 + (rest.at[i] - '0');
    }
    if (i == 0)
        return false;
    if (i < rest.len && rest.at[i] == '.') {
        size_t point = i++;
        for (; i < rest.len && rest.at[i] >= '0' && rest.at[i] <= '9'; i++) {
            unit /= 10;
            part += unit * (rest.at[i] - '0');
        }
        if (i == point + 1)
            return false;
    }
    if (i != rest.len)
        return false;
    *millionths = (n * MILLION + part) * (minus ? -1 : 1);
    return true;
}

enum severity
severity_table_find(const struct severity_table *table, struct str text)
{
    char folded[MAX_WORD_BYTES];
    int64_t number;
    text = str_trim(text);
    if (text.len == 0)
        return table->has_missing ? table->missing : SEVERITY_UNKNOWN;
    size_t len = word_fold(text, folded, sizeof folded);
    for (size_t i = 0; len > 0 && i < table->n_words; i++)
        if (table->word[i].folded.len == len &&
            memcmp(table->word[i].folded.at, folded, len) == 0)
            return table->word[i].severity;
    if (table->n_ranges > 0 && decimal_from(text, &number))
        for (size_t i = 0; i < table->n_ranges; i++)
            if (number >= table->range[i].min && number <= table->range[i].max)
                return table->range[i].severity;
    return SEVERITY_UNKNOWN;
}

const struct severity_table *
severity_table_on(const struct source *source, int32_t day)
{
    for (size_t i = source->n_severities; i-- > 0;)
        if (day >= source->severity[i].from && day <= source->severity[i].to)
            return &source->severity[i];
    return NULL;
}

/* --- loading
 * ------------------------------------------------------------------ */

static bool
severity_load(struct loader *loader, const struct yaml *node,
              enum severity *severity)
{
    struct str id, ids[N_SEVERITIES];
    if (!yaml_str(node, &id, loader->complaints))
        return false;
    if (severity_from(id, severity)) {
        loader->source->has_severity[*severity] = true;
        return true;
    }
    for (size_t i = 0; i < N_SEVERITIES; i++)
        ids[i] = severity_id((enum severity)i);
    complain_unknown(loader->complaints, node->place, "severity", id, ids,
                     N_SEVERITIES);
    return false;
}

static bool
is_map(struct loader *loader, const struct yaml *node, size_t max)
{
    if (node->type == YAML_MAP && node->n_children > 0 &&
        node->n_children <= max)
        return true;
    complain(loader->complaints, node->place,
             "expected a map from what the vendor writes to a severity, at "
             "most %zu",
             max);
    return false;
}

static bool
words_load(struct loader *loader, const struct yaml *node,
           struct severity_table *table)
{
    if (!node)
        return true;
    if (!is_map(loader, node, MAX_SEVERITY_WORDS))
        return false;
    table->word =
        arena_take(loader->arena, node->n_children, sizeof *table->word);
    bool good = table->word != NULL;
    for (const struct yaml *at = node->first; table->word && at;
         at = at->next) {
        struct severity_word *word = &table->word[table->n_words];
        char folded[MAX_WORD_BYTES];
        size_t len = word_fold(at->key, folded, sizeof folded);
        word->folded = arena_copy(loader->arena, (struct str){folded, len});
        good &= severity_load(loader, at, &word->severity);
        if (len == 0) {
            complain(loader->complaints, at->key_place,
                     "a severity word has 1 to %d bytes", (int)MAX_WORD_BYTES);
            good = false;
        }
        for (size_t i = 0; i < table->n_words; i++)
            if (str_equal(table->word[i].folded, word->folded)) {
                complain(loader->complaints, at->key_place,
                         "'%.*s' is already there in another writing",
                         STR_ARG(at->key));
                good = false;
            }
        table->n_words++;
    }
    return good;
}

/* "7", "0..3", "-1..2.5" */
static bool
range_from(struct str text, struct severity_range *range)
{
    const char *dots = memmem(text.at, text.len, "..", 2);
    size_t at = dots ? (size_t)(dots - text.at) : text.len;
    struct str min = str_trim(str_cut(text, 0, at));
    struct str max = dots ? str_trim(str_cut(text, at + 2, text.len)) : min;
    return decimal_from(min, &range->min) && decimal_from(max, &range->max) &&
           range->min <= range->max;
}

static bool
ranges_load(struct loader *loader, const struct yaml *node,
            struct severity_table *table)
{
    if (!node)
        return true;
    if (!is_map(loader, node, MAX_SEVERITY_WORDS))
        return false;
    table->range =
        arena_take(loader->arena, node->n_children, sizeof *table->range);
    bool good = table->range != NULL;
    for (const struct yaml *at = node->first; table->range && at;
         at = at->next) {
        struct severity_range *range = &table->range[table->n_ranges];
        good &= severity_load(loader, at, &range->severity);
        if (!range_from(at->key, range)) {
            complain(loader->complaints, at->key_place,
                     "'%.*s' is no range such as 0..3 or 7", STR_ARG(at->key));
            good = false;
            continue;
        }
        for (size_t i = 0; i < table->n_ranges; i++)
            if (range->min <= table->range[i].max &&
                range->max >= table->range[i].min) {
                complain(loader->complaints, at->key_place,
                         "the range overlaps one above it");
                good = false;
            }
        table->n_ranges++;
    }
    return good;
}

static bool
days_load(struct loader *loader, const struct yaml *node,
          struct severity_table *table)
{
    const struct yaml *from = yaml_get(node, "from"),
                      *to = yaml_get(node, "to");
    table->from = INT32_MIN;
    table->to = INT32_MAX;
    if ((from && !yaml_date(from, &table->from, loader->complaints)) ||
        (to && !yaml_date(to, &table->to, loader->complaints)))
        return false;
    if (table->from <= table->to || !to)
        return true;
    complain(loader->complaints, to->place,
             "the version ends before it begins");
    return false;
}

static bool
table_load(struct loader *loader, const struct yaml *node,
           struct severity_table *table)
{
    *table = (struct severity_table){.place = node->place};
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "expected a version of the severity table (a map)");
        return false;
    }
    size_t n_errors = loader->complaints->n_errors;
    yaml_only(node, table_keys, sizeof table_keys / sizeof table_keys[0],
              loader->complaints);
    const struct yaml *version = yaml_get(node, "version");
    const struct yaml *value = yaml_get(node, "value");
    const struct yaml *missing = yaml_get(node, "missing");
    if (!version)
        complain(loader->complaints, node->place,
                 "the severity table has no version");
    bool good = yaml_str(version, &table->version, loader->complaints);
    good &= days_load(loader, node, table);
    good &= words_load(loader, yaml_get(node, "words"), table);
    good &= ranges_load(loader, yaml_get(node, "ranges"), table);
    if (value)
        good &= value_load(loader, value, &table->value);
    if (missing)
        table->has_missing = severity_load(loader, missing, &table->missing);
    if (table->n_words + table->n_ranges == 0 && !missing)
        complain(loader->complaints, node->place,
                 "the severity table needs words, ranges or missing");
    return good && loader->complaints->n_errors == n_errors;
}

static bool
versions_good(struct loader *loader)
{
    const struct source *source = loader->source;
    bool good = true;
    for (size_t i = 0; i < source->n_severities; i++)
        for (size_t j = 0; j < i; j++) {
            const struct severity_table *a = &source->severity[j];
            const struct severity_table *b = &source->severity[i];
            if (a->version.len == 0 || b->version.len == 0)
                continue; /* complained of already */
            bool same = str_equal(a->version, b->version);
            bool overlap = b->from <= a->to && b->to >= a->from;
            if (same)
                complain(loader->complaints, b->place,
                         "version '%.*s' stands here twice",
                         STR_ARG(b->version));
            if (overlap)
                complain(loader->complaints, b->place,
                         "versions '%.*s' and '%.*s' hold on the same day",
                         STR_ARG(a->version), STR_ARG(b->version));
            good = good && !same && !overlap;
        }
    return good;
}

bool
severity_tables_load(struct loader *loader, const struct yaml *node)
{
    struct source *source = loader->source;
    if (node->type != YAML_LIST || node->n_children == 0 ||
        node->n_children > MAX_VERSIONS) {
        complain(loader->complaints, node->place,
                 "severity is a list of 1 to %d versions", (int)MAX_VERSIONS);
        return false;
    }
    bool good = true;
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct severity_table *table =
            &source->severity[source->n_severities++];
        if (table_load(loader, at, table))
            continue;
        table->version = NO_STR;
        good = false;
    }
    return versions_good(loader) && good;
}
