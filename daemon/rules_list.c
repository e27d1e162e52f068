/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules list`: what there is, a line each, for people or as JSON. */
#include "base/visible.h"
#include "commands.h"
#include "rules.h"

/* --- JSON */

static void
member(struct buf *json, const char *key, struct str value)
{
    if (value.len == 0)
        return;
    buf_format(json, ",\"%s\":", key);
    buf_json(json, value);
}

static void
list_member(struct buf *json, const char *key, const struct str *values,
            size_t n)
{
    buf_format(json, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(json, ',');
        buf_json(json, values[i]);
    }
    buf_char(json, ']');
}

/* What both kinds have: who it is, and where it stands. */
static void
head(struct buf *out, const char *kind, struct str id,
     const struct rule_options *options)
{
    buf_add(out, STR("{\"id\":"));
    buf_json(out, id);
    buf_format(out, ",\"kind\":\"%s\"", kind);
    member(out, "file", str_of(options->place.file));
    buf_format(out, ",\"line\":%u", options->place.line);
    list_member(out, "tags", options->tag, options->n_tags);
}

/* Correlations that take the events (or incidents) of a rule. */
static void
feeds_member(const struct rules *rules, struct str id, bool is_detection,
             struct buf *out)
{
    bool any = false;
    buf_add(out, STR(",\"feeds\":["));
    for (size_t i = 0; i < rules_n_correlations(rules); i++) {
        const struct correlation *to = rules_correlation(rules, i);
        bool takes = false;
        for (size_t j = 0; j < to->n_steps && !to->is_detection; j++)
            takes |= str_equal(to->step[j].rule, id) ||
                     (is_detection && str_equal(to->step[j].rule, STR("*")));
        if (!takes)
            continue;
        buf_add(out, any ? STR(",") : STR(""));
        buf_json(out, to->id);
        any = true;
    }
    buf_char(out, ']');
}

/* --- detections */

static bool
opens_incidents(const struct rules *rules, const struct detection *detection)
{
    for (size_t i = 0; i < detection->n_feeds; i++)
        if (rules_correlation(rules, detection->feeds[i].correlation)
                ->is_detection)
            return true;
    return false;
}

static void
detection_json(const struct rules *rules, const struct detection *detection,
               struct arena scratch, struct buf *out)
{
    const struct logsource *logsource = &detection->logsource;
    bool keywords = false;
    size_t n;
    const struct str *fields =
        detection_fields(rules, detection, &scratch, &n, &keywords);
    head(out, "detection", detection->id, &detection->options);
    member(out, "name", detection->name);
    member(out, "title", detection->title);
    buf_add(out, STR(",\"type\":\"detection\""));
    member(out, "level", severity_id(detection->level));
    member(out, "product", logsource->product);
    member(out, "category", logsource->category);
    member(out, "service", logsource->service);
    feeds_member(rules, detection->id, true, out);
    list_member(out, "fields", fields, n);
    buf_format(out, ",\"keywords\":%s,\"opens_incidents\":%s}\n",
               keywords ? "true" : "false",
               opens_incidents(rules, detection) ? "true" : "false");
}

static void
list_detection(const struct rules *rules, const struct detection *detection,
               bool as_json, struct arena scratch, struct buf *out)
{
    if (as_json) {
        detection_json(rules, detection, scratch, out);
        return;
    }
    buf_format(out, "%-13.*s detection         ",
               STR_ARG(severity_id(detection->level)));
    buf_visible(out, detection->id, 120);
    buf_add(out, STR("  "));
    buf_visible(out, detection->title, 200);
    buf_char(out, '\n');
}

/* --- correlations */

/* The steps of a set, joined by a word. */
static void
steps_words(struct buf *out, const struct correlation *correlation,
            uint32_t steps, const char *joint)
{
    bool any = false;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        if ((steps >> i & 1) == 0)
            continue;
        buf_format(out, "%s%.*s", any ? joint : "",
                   STR_ARG(correlation->step[i].rule));
        any = true;
    }
}

/* What the correlation asks for, as sealed: "gte 5", "a and b and not c or
 * d". Empty: its type says all. */
static void
condition_words(struct buf *out, const struct correlation *correlation)
{
    if (correlation->threshold > 0)
        buf_format(out, "gte %u", correlation->threshold);
    for (size_t i = 0; i < correlation->n_bounds; i++) {
        buf_format(out, out->len > 0 ? " and %.*s " : "%.*s ",
                   STR_ARG(bound_op_id(correlation->bound[i].op)));
        amount_write(out, correlation->bound[i].limit);
    }
    for (size_t i = 0; i < correlation->n_conjuncts; i++) {
        const struct conjunct *conjunct = &correlation->conjunct[i];
        buf_add(out, i > 0 ? STR(" or ") : STR(""));
        steps_words(out, correlation, conjunct->all, " and ");
        buf_add(out, conjunct->none != 0 ? STR(" and not ") : STR(""));
        steps_words(out, correlation, conjunct->none, " and not ");
    }
    if (correlation->until != 0) {
        buf_add(out, STR(" until "));
        steps_words(out, correlation, correlation->until, " or ");
    }
}

/* Of every step: what it groups by and what is counted or measured. */
static void
fields_read(const struct correlation *correlation, struct buf *out)
{
    struct str
        names[MAX_CORRELATION_STEPS * MAX_GROUP_FIELDS + MAX_GROUP_FIELDS];
    size_t n = 0;
    for (size_t i = 0; i < correlation->n_steps; i++)
        for (size_t j = 0; j < correlation->n_group_by; j++)
            names[n++] = correlation->step[i].field[j];
    for (size_t i = 0; i < correlation->n_value_fields; i++)
        names[n++] = correlation->value_field[i];
    size_t n_known = 0;
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t j = 0; j < n_known && !known; j++)
            known = str_equal(names[i], names[j]);
        if (!known)
            names[n_known++] = names[i];
    }
    list_member(out, "fields", names, n_known);
}

static void
correlation_json(const struct rules *rules, size_t number, struct buf *out)
{
    const struct correlation *correlation = rules_correlation(rules, number);
    struct str steps[MAX_CORRELATION_STEPS];
    struct buf condition = {0};
    head(out, "correlation", correlation->id, rules_options(rules, number));
    member(out, "name", correlation->name);
    member(out, "title", correlation->title.en);
    member(out, "type", correlation_type_id(correlation->type));
    member(out, "level", severity_id(correlation->severity));
    buf_format(out, ",\"timespan_ms\":%lld,\"threshold\":%u",
               (long long)correlation->timespan_ms, correlation->threshold);
    buf_add(out, STR(",\"condition\":"));
    condition_words(&condition, correlation);
    buf_json(out, buf_str(&condition));
    buf_free(&condition);
    for (size_t i = 0; i < correlation->n_steps; i++)
        steps[i] = correlation->step[i].rule;
    list_member(out, "rules", steps, correlation->n_steps);
    list_member(out, "group_by", correlation->group_by,
                correlation->n_group_by);
    feeds_member(rules, correlation->id, false, out);
    fields_read(correlation, out);
    buf_format(out, ",\"keywords\":false,\"opens_incidents\":%s}\n",
               correlation->silent ||
                       correlation->options.incident == INCIDENT_NONE
                   ? "false"
                   : "true");
}

static void
list_correlation(const struct rules *rules, size_t number, bool as_json,
                 struct buf *out)
{
    const struct correlation *correlation = rules_correlation(rules, number);
    if (as_json) {
        correlation_json(rules, number, out);
        return;
    }
    buf_format(out, "%-13.*s %-17.*s ",
               STR_ARG(severity_id(correlation->severity)),
               STR_ARG(correlation_type_id(correlation->type)));
    buf_visible(out, correlation->id, 120);
    buf_add(out, STR("  "));
    buf_visible(out, correlation->title.en, 200);
    buf_char(out, '\n');
}

int
rules_list(const struct rules_wish *wish, struct arena *arena)
{
    static const char *const shipped[] = {"rules"};
    struct buf out = {0};
    struct rules_found found = {0};
    bool given = wish->n_args > 0;
    const struct rules *rules =
        rules_of(&(struct rules_source_files){given ? wish->args : shipped,
                                              given ? wish->n_args : 1,
                                              wish->calendar, false},
                 arena, &found);
    if (!rules)
        return EXIT_CHECK;
    for (size_t i = 0; i < rules_n_detections(rules); i++)
        list_detection(rules, rules_detection(rules, i), wish->json, *arena,
                       &out);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (!rules_correlation(rules, i)->is_detection)
            list_correlation(rules, i, wish->json, &out);
    command_print(stdout, &out);
    buf_free(&out);
    return found.n_errors == 0 ? EXIT_OK : EXIT_CHECK;
}
