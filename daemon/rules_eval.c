/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules eval`: which detections match the lines of a file, each line
 * taken to be a message of the source named. A file is looked at where it
 * lies in memory, anything else is read as it comes. Of an alert only what
 * the rules read is made. */
#include "clock.h"
#include "commands.h"
#include "correlate/matcher.h"
#include "ingest/source_tools.h"
#include "lines.h"
#include "mapped_file.h"
#include "model/limits.h"
#include "progress.h"
#include "rules.h"

#include <string.h>

enum { FLUSH_BYTES = 1 << 16, LINES_A_LOOK = 1024 };

struct eval {
    const struct rules *rules;
    const struct source *source;
    bool any_logsource;
    struct decoder *decoder;
    struct matching *matching;
    struct arena scratch;
    uint64_t parts; /* of an alert, that are read and the source has */
    bool *matched;  /* by detection, for one line */
    uint32_t *held; /* of one alert */
    int64_t now_ms;
    bool quiet; /* a pass that is only measured */
    struct buf out;
    struct progress progress;
    uint64_t n_bytes, n_bytes_whole; /* for the progress */
    uint64_t n_lines, n_unreadable, n_matched_lines, n_matches, n_limited;
};

/* --- one line */

/* The logsource first: it says which rules will read the rest. */
static void
map_element(struct eval *eval, const struct element *element,
            struct arena *rest, struct alert *alert)
{
    const uint64_t logsource = ALERT_BIT(ALERT_PART_LOGSOURCE);
    uint64_t parts = eval->any_logsource ? eval->parts : logsource;
    source_map_parts(eval->source, element, eval->now_ms, parts, rest, alert);
    if (eval->any_logsource)
        return;
    parts = matching_parts(eval->matching, alert) & eval->parts;
    if (parts != 0)
        source_map_parts(eval->source, element, eval->now_ms, parts | logsource,
                         rest, alert);
}

static size_t
eval_element(struct eval *eval, const struct element *element,
             struct arena rest)
{
    struct alert alert = {.source = NO_STR};
    map_element(eval, element, &rest, &alert);
    struct facts *facts = facts_new(eval->rules, &alert, &rest);
    if (!facts) {
        eval->n_limited++;
        return 0;
    }
    size_t n = matcher_find(rules_matcher(eval->rules), eval->matching, facts,
                            &alert, eval->any_logsource, eval->held);
    eval->n_limited += facts_n_limited(facts);
    return n;
}

/* Numbers of detections, ascending. */
static void
print_line(struct eval *eval, const uint32_t *held, size_t n, uint64_t line)
{
    struct buf *out = &eval->out;
    eval->n_matched_lines += n > 0;
    eval->n_matches += n;
    if (n == 0 || eval->quiet)
        return;
    buf_add(out, STR("{\"line\":"));
    buf_u64(out, line);
    buf_add(out, STR(",\"rules\":["));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, rules_detection(eval->rules, held[i])->id);
    }
    buf_add(out, STR("]}\n"));
    if (out->len >= FLUSH_BYTES) {
        command_print(stdout, out);
        buf_clear(out);
    }
}

/* Several alerts on one line: what any of them matches. */
static size_t
eval_several(struct eval *eval, const struct element *elements, size_t n,
             struct arena rest)
{
    size_t n_rules = rules_n_detections(eval->rules), n_held = 0;
    memset(eval->matched, 0, n_rules * sizeof *eval->matched);
    for (size_t i = 0; i < n; i++) {
        eval->n_unreadable += elements[i].fault != SPLIT_FINE;
        size_t n_one = elements[i].fault == SPLIT_FINE
                           ? eval_element(eval, &elements[i], rest)
                           : 0;
        for (size_t j = 0; j < n_one; j++)
            eval->matched[eval->held[j]] = true;
    }
    for (uint32_t i = 0; i < n_rules; i++)
        if (eval->matched[i])
            eval->held[n_held++] = i;
    return n_held;
}

static void
eval_line(struct eval *eval, struct str line, uint64_t number)
{
    struct arena rest = eval->scratch;
    const struct element *elements;
    size_t n = 0, n_held;
    eval->n_lines++;
    eval->n_bytes += line.len + 1;
    if (eval->n_lines % LINES_A_LOOK == 0)
        progress_tell(&eval->progress, eval->n_bytes, eval->n_bytes_whole,
                      eval->n_lines, "");
    if (str_trim(line).len == 0)
        return;
    if (source_split(eval->source, eval->decoder, line, &rest, &elements, &n) !=
        SPLIT_FINE) {
        eval->n_unreadable++;
        return;
    }
    if (n == 1 && elements[0].fault == SPLIT_FINE)
        n_held = eval_element(eval, &elements[0], rest);
    else
        n_held = eval_several(eval, elements, n, rest);
    if (mapped_file_torn()) /* it may not be what stood there */
        return;
    print_line(eval, eval->held, n_held, number);
}

/* --- a file */

static bool
eval_stream(struct eval *eval, const char *path, struct err *why)
{
    struct lines lines;
    struct str line;
    enum lines_got got;
    if (!lines_open(&lines, path, MAX_MESSAGE_BYTES, why))
        return false;
    while ((got = lines_next(&lines, &line, why)) == LINES_ONE)
        eval_line(eval, line, lines.number);
    eval->n_unreadable += lines.n_too_long;
    lines_close(&lines);
    return got == LINES_END;
}

/* The same lines, where the file lies. */
static void
eval_text(struct eval *eval, struct str text)
{
    uint64_t number = 0;
    while (text.len > 0 && !mapped_file_torn()) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;
        struct str line = str_cut(text, 0, len);
        text = str_cut(text, len + 1, text.len);
        number++;
        if (line.len > MAX_MESSAGE_BYTES) {
            eval->n_unreadable++;
            continue;
        }
        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        eval_line(eval, line, number);
    }
}

/* As often as it is wanted; only the first pass prints. */
static bool
eval_mapped(struct eval *eval, const struct mapped_file *file, const char *path,
            size_t n_passes, struct err *why)
{
    if (lines_are_packed(file->text)) {
        err_set(why, "%s: compressed by gzip: unpack it first", path);
        return false;
    }
    for (size_t i = 0; i < n_passes; i++) {
        eval->quiet = i > 0;
        eval_text(eval, file->text);
    }
    if (mapped_file_cut(file))
        err_set(why, "%s: was cut short while it was read", path);
    return why->text[0] == '\0';
}

static bool
eval_file(struct eval *eval, const char *path, size_t n_passes, struct err *why)
{
    struct mapped_file file;
    bool mapped = mapped_file_open(path, &file);
    if (!mapped && n_passes > 1) {
        err_set(why, "%s: only a file can be gone through again", path);
        return false;
    }
    progress_begin(&eval->progress, "evaluating");
    eval->n_bytes_whole = file.text.len * n_passes;
    bool fine = mapped ? eval_mapped(eval, &file, path, n_passes, why)
                       : eval_stream(eval, path, why);
    progress_end(&eval->progress);
    mapped_file_close(&file);
    command_print(stdout, &eval->out);
    return fine;
}

/* --- the whole */

static void
print_summary(const struct eval *eval, int64_t took_ms)
{
    struct matching_counts counts = matching_counts(eval->matching);
    struct matcher_sizes sizes = matcher_sizes(rules_matcher(eval->rules));
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
    fprintf(stderr, "; %.3f s", (double)took_ms / 1000);
    if (counts.n_alerts > 0)
        fprintf(stderr,
                "; of %zu predicates %.1f asked an alert, for %.1f detections",
                sizes.n_predicates,
                (double)counts.n_tests / (double)counts.n_alerts,
                (double)counts.n_candidates / (double)counts.n_alerts);
    fputc('\n', stderr);
}

static bool
eval_open(struct eval *eval, struct arena *arena)
{
    size_t n = rules_n_detections(eval->rules) + 1;
    eval->decoder = decoder_new();
    eval->matching = matching_new(rules_matcher(eval->rules));
    eval->matched = arena_take(arena, n, sizeof *eval->matched);
    eval->held = arena_take(arena, n, sizeof *eval->held);
    eval->parts = matcher_parts(rules_matcher(eval->rules));
    eval->parts &= source_parts(eval->source);
    return eval->decoder && eval->matching && eval->matched && eval->held;
}

int
rules_eval(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    if (!wish->rules || !wish->source || wish->n_args != 1)
        return rules_missing("eval", "--rules PATH, --source NAME, FILE");
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
    if (rules_n_detections(eval.rules) == 0) {
        fprintf(stderr, "thapcanh rules eval: no detection in %s\n",
                wish->rules);
        return EXIT_CHECK;
    }
    eval.scratch = arena_reserve(SCRATCH_BYTES);
    char *start = eval.scratch.at;
    bool fine = start && eval_open(&eval, arena);
    if (!fine)
        err_set(&why, "out of memory");
    int64_t began_ms = clock_monotonic_ms();
    fine = fine && eval_file(&eval, wish->args[0], wish->repeat, &why);
    if (fine)
        print_summary(&eval, clock_monotonic_ms() - began_ms);
    else
        fprintf(stderr, "thapcanh rules eval: %s\n", why.text);
    decoder_free(eval.decoder);
    matching_free(eval.matching);
    buf_free(&eval.out);
    if (start)
        arena_release(start, eval.scratch);
    return fine ? EXIT_OK : EXIT_CHECK;
}
