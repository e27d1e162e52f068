/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules eval`: which detections match the lines of a file, each line
 * taken to be a message of the source named. */
#include "clock.h"
#include "commands.h"
#include "ingest/source_tools.h"
#include "lines.h"
#include "model/limits.h"
#include "rules.h"

enum { FLUSH_BYTES = 1 << 16 };

struct eval {
    const struct rules *rules;
    const struct source *source;
    bool any_logsource;
    struct decoder *decoder;
    struct arena scratch;
    bool *matched; /* by detection, for one line */
    int64_t now_ms;
    struct buf out;
    uint64_t n_lines, n_unreadable, n_matched_lines, n_matches, n_limited;
};

static void
eval_element(struct eval *eval, const struct element *element,
             struct arena rest)
{
    struct alert alert = {.source = NO_STR};
    size_t n = rules_n_detections(eval->rules);
    source_map_any(eval->source, element, eval->now_ms, &rest, &alert);
    struct facts *facts = facts_new(eval->rules, &alert, &rest);
    for (size_t i = 0; facts && i < n; i++) {
        const struct detection *detection = rules_detection(eval->rules, i);
        if (!eval->matched[i] &&
            (eval->any_logsource || detection_routed(detection, &alert)))
            eval->matched[i] = detection_match(detection, facts);
    }
    eval->n_limited += facts ? facts_n_limited(facts) : 1;
}

static void
print_line(struct eval *eval, size_t n)
{
    size_t n_before = eval->n_matches;
    struct buf *out = &eval->out;
    for (size_t i = 0; i < n; i++) {
        if (!eval->matched[i])
            continue;
        eval->matched[i] = false;
        if (eval->n_matches++ == n_before)
            buf_format(out, "{\"line\":%llu,\"rules\":[",
                       (unsigned long long)eval->n_lines);
        else
            buf_char(out, ',');
        buf_json(out, rules_detection(eval->rules, i)->id);
    }
    if (eval->n_matches == n_before)
        return;
    buf_add(out, STR("]}\n"));
    eval->n_matched_lines++;
    if (out->len >= FLUSH_BYTES) {
        command_print(stdout, out);
        buf_clear(out);
    }
}

static void
eval_line(struct eval *eval, struct str line)
{
    struct arena rest = eval->scratch;
    const struct element *elements;
    size_t n = 0;
    eval->n_lines++;
    if (str_trim(line).len == 0)
        return;
    enum split_fault fault =
        source_split(eval->source, eval->decoder, line, &rest, &elements, &n);
    eval->n_unreadable += fault != SPLIT_FINE;
    for (size_t i = 0; fault == SPLIT_FINE && i < n; i++) {
        if (elements[i].fault == SPLIT_FINE)
            eval_element(eval, &elements[i], rest);
        else
            eval->n_unreadable++;
    }
    print_line(eval, rules_n_detections(eval->rules));
}

static bool
eval_file(struct eval *eval, const char *path, struct err *why)
{
    struct lines lines;
    struct str line;
    enum lines_got got;
    if (!lines_open(&lines, path, MAX_MESSAGE_BYTES, why))
        return false;
    while ((got = lines_next(&lines, &line, why)) == LINES_ONE)
        eval_line(eval, line);
    eval->n_unreadable += lines.n_too_long;
    lines_close(&lines);
    command_print(stdout, &eval->out);
    return got == LINES_END;
}

static void
print_summary(const struct eval *eval)
{
    fprintf(stderr,
            "%zu detections, %zu rules refused; %llu lines, %llu unreadable, "
            "%llu with a match, %llu matches",
            rules_n_detections(eval->rules), rules_n_refused(eval->rules),
            (unsigned long long)eval->n_lines,
            (unsigned long long)eval->n_unreadable,
            (unsigned long long)eval->n_matched_lines,
            (unsigned long long)eval->n_matches);
    if (eval->n_limited > 0)
        fprintf(stderr, ", %llu values given up on",
                (unsigned long long)eval->n_limited);
    fputc('\n', stderr);
}

int
rules_eval(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    if (!wish->rules || !wish->source || wish->n_args != 1)
        return command_usage("rules");
    struct eval eval = {.any_logsource = wish->any_logsource,
                        .now_ms = clock_wall_ms()};
    eval.source = rules_source(wish, wish->source, arena);
    eval.rules =
        eval.source
            ? rules_of(&(struct rules_source_files){&wish->rules, 1,
                                                    wish->calendar, false},
                       arena, NULL)
            : NULL;
    if (!eval.rules)
        return EXIT_CHECK;
    eval.decoder = decoder_new();
    eval.scratch = arena_reserve(SCRATCH_BYTES);
    eval.matched = arena_take(arena, rules_n_detections(eval.rules) + 1,
                              sizeof *eval.matched);
    char *start = eval.scratch.at;
    bool fine = eval.decoder && start && eval.matched;
    if (!fine)
        err_set(&why, "out of memory");
    fine = fine && eval_file(&eval, wish->args[0], &why);
    if (fine)
        print_summary(&eval);
    else
        fprintf(stderr, "thapcanh rules eval: %s\n", why.text);
    decoder_free(eval.decoder);
    buf_free(&eval.out);
    if (start)
        arena_release(start, eval.scratch);
    return fine ? EXIT_OK : EXIT_CHECK;
}
