/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules list`: what there is, a line each, for people or as JSON. */
#include "commands.h"
#include "correlate/lint.h"
#include "rules.h"

static void
member(struct buf *json, const char *key, struct str value)
{
    if (value.len == 0)
        return;
    buf_format(json, ",\"%s\":", key);
    buf_json(json, value);
}

static void
list_detection(const struct detection *detection, bool as_json, struct buf *out)
{
    const struct logsource *logsource = &detection->logsource;
    if (!as_json) {
        buf_format(out, "%-13.*s detection         %.*s  %.*s\n",
                   STR_ARG(severity_id(detection->level)),
                   STR_ARG(detection->id), STR_ARG(detection->title));
        return;
    }
    buf_add(out, STR("{\"id\":"));
    buf_json(out, detection->id);
    member(out, "name", detection->name);
    member(out, "title", detection->title);
    buf_add(out, STR(",\"type\":\"detection\""));
    member(out, "level", severity_id(detection->level));
    member(out, "product", logsource->product);
    member(out, "category", logsource->category);
    member(out, "service", logsource->service);
    member(out, "file", str_of(detection->place.file));
    buf_format(out, ",\"line\":%u}\n", detection->place.line);
}

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

static void
list_correlation(const struct correlation *correlation, bool as_json,
                 struct buf *out)
{
    struct str type = correlation_type_id(correlation->type);
    if (!as_json) {
        buf_format(out, "%-13.*s %-17.*s %.*s  %.*s\n",
                   STR_ARG(severity_id(correlation->severity)), STR_ARG(type),
                   STR_ARG(correlation->id), STR_ARG(correlation->title.en));
        return;
    }
    buf_add(out, STR("{\"id\":"));
    buf_json(out, correlation->id);
    member(out, "name", correlation->name);
    member(out, "title", correlation->title.en);
    member(out, "type", type);
    member(out, "level", severity_id(correlation->severity));
    buf_format(out, ",\"timespan_ms\":%lld,\"threshold\":%u",
               (long long)correlation->timespan_ms, correlation->threshold);
    buf_add(out, STR(",\"condition\":"));
    struct buf condition = {0};
    condition_words(&condition, correlation);
    buf_json(out, buf_str(&condition));
    buf_free(&condition);
    buf_add(out, STR(",\"rules\":["));
    for (size_t i = 0; i < correlation->n_steps; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, correlation->step[i].rule);
    }
    buf_add(out, STR("]}\n"));
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
        list_detection(rules_detection(rules, i), wish->json, &out);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (!rules_correlation(rules, i)->is_detection)
            list_correlation(rules_correlation(rules, i), wish->json, &out);
    command_print(stdout, &out);
    buf_free(&out);
    return found.n_errors == 0 ? EXIT_OK : EXIT_CHECK;
}
