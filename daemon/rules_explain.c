/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules explain`: for each event of a file, why the detections of a
 * rule file match it or not. */
#include "clock.h"
#include "commands.h"
#include "ingest/source_tools.h"
#include "lines.h"
#include "model/limits.h"
#include "rules.h"

struct explaining {
    const struct rules *rules;
    const struct source *source;
    struct decoder *decoder;
    struct arena scratch;
    struct buf out;
    uint64_t n_lines;
};

static void
explain_alert(struct explaining *explaining, const struct alert *alert,
              struct arena *rest)
{
    struct buf *out = &explaining->out;
    const struct logsource *of = &alert->logsource;
    struct facts *facts = facts_new(explaining->rules, alert, rest);
    for (size_t i = 0; facts && i < rules_n_detections(explaining->rules);
         i++) {
        const struct detection *detection =
            rules_detection(explaining->rules, i);
        bool routed = detection_routed(detection, alert);
        bool match = detection_match(detection, facts);
        buf_format(out, "line %llu: %.*s (%.*s): %s\n",
                   (unsigned long long)explaining->n_lines,
                   STR_ARG(detection->title), STR_ARG(detection->id),
                   !match   ? "no match"
                   : routed ? "match"
                            : "no match, though only for its log source");
        buf_format(out,
                   "  %s logsource: the rule's %.*s/%.*s/%.*s, the event's "
                   "%.*s/%.*s/%.*s\n",
                   routed ? "yes" : "no ",
                   STR_ARG(detection->logsource.product),
                   STR_ARG(detection->logsource.category),
                   STR_ARG(detection->logsource.service), STR_ARG(of->product),
                   STR_ARG(of->category), STR_ARG(of->service));
        detection_explain(detection, facts, out);
    }
}

static void
explain_line(struct explaining *explaining, struct str line)
{
    struct arena rest = explaining->scratch;
    const struct element *elements;
    size_t n = 0;
    explaining->n_lines++;
    if (str_trim(line).len == 0)
        return;
    enum split_fault fault = source_split(
        explaining->source, explaining->decoder, line, &rest, &elements, &n);
    if (fault != SPLIT_FINE)
        buf_format(&explaining->out, "line %llu: %.*s\n",
                   (unsigned long long)explaining->n_lines,
                   STR_ARG(split_fault_words(fault)));
    for (size_t i = 0; fault == SPLIT_FINE && i < n; i++) {
        struct arena here = rest;
        struct alert alert = {.source = NO_STR};
        if (elements[i].fault != SPLIT_FINE)
            continue;
        source_map_any(explaining->source, &elements[i], clock_wall_ms(), &here,
                       &alert);
        explain_alert(explaining, &alert, &here);
    }
    command_print(stdout, &explaining->out);
    buf_clear(&explaining->out);
}

static bool
explain_file(struct explaining *explaining, const char *path, struct err *why)
{
    struct lines lines;
    struct str line;
    enum lines_got got;
    if (!lines_open(&lines, path, MAX_MESSAGE_BYTES, why))
        return false;
    while ((got = lines_next(&lines, &line, why)) == LINES_ONE)
        explain_line(explaining, line);
    lines_close(&lines);
    return got == LINES_END;
}

int
rules_explain(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    if (!wish->source || wish->n_args != 2)
        return command_usage("rules");
    struct explaining explaining = {.n_lines = 0};
    explaining.source = rules_source(wish, wish->source, arena);
    explaining.rules =
        explaining.source
            ? rules_of(&(struct rules_source_files){wish->args, 1,
                                                    wish->calendar, false},
                       arena, NULL)
            : NULL;
    if (!explaining.rules)
        return EXIT_CHECK;
    explaining.decoder = decoder_new();
    explaining.scratch = arena_reserve(SCRATCH_BYTES);
    char *start = explaining.scratch.at;
    bool fine = explaining.decoder && start;
    if (!fine)
        err_set(&why, "out of memory");
    else if (rules_n_detections(explaining.rules) == 0)
        fine = (err_set(&why, "%s: no detection in it", wish->args[0]), false);
    fine = fine && explain_file(&explaining, wish->args[1], &why);
    if (!fine)
        fprintf(stderr, "thapcanh rules explain: %s\n", why.text);
    decoder_free(explaining.decoder);
    buf_free(&explaining.out);
    if (start)
        arena_release(start, explaining.scratch);
    return fine ? EXIT_OK : EXIT_CHECK;
}
