/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules`: for whoever writes rules. `check` names every mistake,
 * `list` says what there is, `test` runs the examples, `explain` says why a
 * rule did or did not match, `eval` which rules match the lines of a file. */
#include "commands.h"
#include "correlate/calendar.h"
#include "map.h"
#include "rules.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#define SHIPPED_CALENDAR "deploy/calendar.yml"

/* --- what the parts share */

const struct rules *
rules_of(const struct rules_source_files *files, struct arena *arena,
         size_t *n_errors)
{
    struct complaints complaints = {0};
    struct calendar calendar = {NULL, 0};
    const char *path = files->calendar;
    if (!path && access(SHIPPED_CALENDAR, R_OK) == 0)
        path = SHIPPED_CALENDAR;
    const struct rules *rules = NULL;
    if (!path || calendar_load(path, arena, &calendar, &complaints))
        rules = rules_load_dated(files->paths, files->n, files->examples,
                                 &calendar, arena, &complaints);
    command_print(stderr, &complaints.text);
    if (n_errors)
        *n_errors = complaints.n_errors;
    complaints_free(&complaints);
    return rules;
}

const struct source *
rules_source(const struct rules_wish *wish, const char *name,
             struct arena *arena)
{
    struct complaints complaints = {0};
    const char *path = map_path(wish->sources, name, arena);
    const struct source *source =
        path ? source_load(path, arena, &complaints) : NULL;
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    return source;
}

/* --- check, list */

static int
check(const struct rules_wish *wish, struct arena *arena)
{
    size_t n_errors = 0, n_own = 0;
    if (wish->n_args == 0)
        return command_usage("rules");
    const struct rules *rules =
        rules_of(&(struct rules_source_files){wish->args, wish->n_args,
                                              wish->calendar, false},
                 arena, &n_errors);
    if (!rules)
        return EXIT_CHECK;
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        n_own += !rules_correlation(rules, i)->is_detection;
    fprintf(stderr,
            "%zu detections, %zu correlations, %zu refused, %zu mistakes\n",
            rules_n_detections(rules), n_own, rules_n_refused(rules), n_errors);
    return n_errors == 0 ? EXIT_OK : EXIT_CHECK;
}

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

static int
list(const struct rules_wish *wish, struct arena *arena)
{
    static const char *const shipped[] = {"rules"};
    struct buf out = {0};
    size_t n_errors = 0;
    bool given = wish->n_args > 0;
    const struct rules *rules =
        rules_of(&(struct rules_source_files){given ? wish->args : shipped,
                                              given ? wish->n_args : 1,
                                              wish->calendar, false},
                 arena, &n_errors);
    if (!rules)
        return EXIT_CHECK;
    for (size_t i = 0; i < rules_n_detections(rules); i++)
        list_detection(rules_detection(rules, i), wish->json, &out);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (!rules_correlation(rules, i)->is_detection)
            list_correlation(rules_correlation(rules, i), wish->json, &out);
    command_print(stdout, &out);
    buf_free(&out);
    return n_errors == 0 ? EXIT_OK : EXIT_CHECK;
}

/* --- the command */

static bool
read_wish(int argc, char **argv, struct rules_wish *wish)
{
    static const struct option options[] = {
        {"sources", required_argument, NULL, 'd'},
        {"source", required_argument, NULL, 's'},
        {"rules", required_argument, NULL, 'r'},
        {"calendar", required_argument, NULL, 'c'},
        {"any-logsource", no_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'},
        {"repeat", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    int64_t repeat = 1;
    *wish = (struct rules_wish){.sources = "deploy/sources", .repeat = 1};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'd')
            wish->sources = optarg;
        else if (c == 's')
            wish->source = optarg;
        else if (c == 'r')
            wish->rules = optarg;
        else if (c == 'c')
            wish->calendar = optarg;
        else if (c == 'a')
            wish->any_logsource = true;
        else if (c == 'j')
            wish->json = true;
        else if (c == 'n' && str_to_i64(str_of(optarg), &repeat) &&
                 repeat >= 1 && repeat <= 1000000)
            wish->repeat = (size_t)repeat;
        else
            return false;
    }
    wish->args = (const char *const *)argv + optind;
    wish->n_args = (size_t)(argc - optind);
    return true;
}

int
cmd_rules(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct rules_wish *wish, struct arena *arena);
    } parts[] = {{"check", check},
                 {"list", list},
                 {"eval", rules_eval},
                 {"explain", rules_explain},
                 {"test", rules_test}};
    struct rules_wish wish;
    int code = -1;
    if (argc < 2 || !read_wish(argc - 1, argv + 1, &wish))
        return command_usage("rules");
    struct arena arena = arena_reserve(RULES_ARENA_BYTES);
    char *start = arena.at;
    if (!start) {
        fprintf(stderr, "thapcanh rules: out of memory\n");
        return EXIT_CHECK;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts && code < 0; i++)
        if (strcmp(argv[1], parts[i].name) == 0)
            code = parts[i].run(&wish, &arena);
    arena_release(start, arena);
    return code < 0 ? command_usage("rules") : code;
}
