/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules test`: the examples of every rule. What is under fire: must
 * match (a detection) or open an incident (a correlation), what is under
 * quiet: must not. Then the files of events that have an expectation. */
#include "base/visible.h"
#include "commands.h"
#include "model/limits.h"
#include "rules.h"
#include "rules_example.h"
#include "rules_expect.h"
#include "rules_windows.h"

#include <unistd.h>

struct testing {
    const struct rules *rules;
    struct examples *examples;
    struct rules_windows *windows;
    struct arena scratch;
    uint64_t n_examples, n_failed, n_without;
    uint64_t n_files, n_files_failed, n_events, n_wrong;
};

/* A rule whose examples are tried: one of the two. */
struct subject {
    const struct detection *detection;
    const struct correlation *correlation;
    const struct rule_options *options;
};

static void
fail(struct testing *testing, const struct subject *subject, const char *text)
{
    const struct rule_options *options = subject->options;
    testing->n_failed++;
    printf("%s:%u:%u: %s\n", options->place.file, options->place.line,
           options->place.column, text);
}

static bool
any_matches(const struct testing *testing, const struct detection *detection,
            const struct alert *alerts, size_t n, struct arena scratch)
{
    for (size_t i = 0; i < n; i++) {
        struct arena rest = scratch;
        struct facts *facts = facts_new(testing->rules, &alerts[i], &rest);
        if (facts && detection_routed(detection, &alerts[i]) &&
            detection_match(detection, facts))
            return true;
    }
    return false;
}

/* Whether the rule fires on one example; false with the reason when it cannot
 * be tried. */
static bool
try_example(struct testing *testing, const struct subject *subject,
            const struct json *node, struct arena here, bool *fires,
            struct err *why)
{
    struct example example;
    size_t n_incidents = 0;
    if (!examples_read(testing->examples, node, &here, &example, why))
        return false;
    if (subject->detection) {
        *fires = any_matches(testing, subject->detection, example.alerts,
                             example.n, here);
        return true;
    }
    if (!rules_windows_run(testing->windows, &example, subject->correlation->id,
                           &n_incidents, why))
        return false;
    *fires = n_incidents > 0;
    return true;
}

/* The cases of one list; `fire`: the rule must fire on each. */
static void
test_cases(struct testing *testing, const struct subject *subject,
           struct str text, bool fire)
{
    struct arena rest = testing->scratch;
    const struct json *list;
    struct err why = {""};
    char said[400];
    struct str title = subject->detection ? subject->detection->title
                                          : subject->correlation->title.en;
    if (text.len == 0)
        return;
    if (!examples_cases(testing->examples, text, &rest, &list, &why)) {
        fail(testing, subject, why.text);
        return;
    }
    const struct json *node = json_first(list);
    for (uint32_t i = 0; i < list->n_children; i++, node = json_next(node)) {
        struct buf buf = {
            .at = said, .cap = sizeof said - 1, .max_bytes = sizeof said - 1};
        bool fires = false;
        why = (struct err){""};
        testing->n_examples++;
        bool tried = try_example(testing, subject, node, rest, &fires, &why);
        if (tried && fires == fire)
            continue;
        buf_char(&buf, '\'');
        buf_visible(&buf, title, 80);
        buf_format(&buf, "': example %u under %s: %s", i + 1,
                   fire ? "fire" : "quiet",
                   !tried ? why.text
                   : fire ? "does not fire"
                          : "fires");
        said[buf.len] = '\0';
        fail(testing, subject, said);
    }
}

static void
test_rule(struct testing *testing, const struct subject *subject)
{
    testing->n_without += subject->options->fire.len == 0;
    test_cases(testing, subject, subject->options->fire, true);
    test_cases(testing, subject, subject->options->quiet, false);
}

static void
test_all(struct testing *testing)
{
    const struct rules *rules = testing->rules;
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct detection *detection = rules_detection(rules, i);
        const struct subject subject = {.detection = detection,
                                        .options = &detection->options};
        test_rule(testing, &subject);
    }
    for (size_t i = 0; i < rules_n_correlations(rules); i++) {
        const struct subject subject = {.correlation =
                                            rules_correlation(rules, i),
                                        .options = rules_options(rules, i)};
        if (subject.options)
            test_rule(testing, &subject);
    }
}

/* --- files of events */

/* What is no expectation holds rules: with --rules, what is in there too. */
static size_t
rule_paths(const struct rules_wish *wish, struct arena *arena,
           const char *const **paths)
{
    const char **kept = arena_take(arena, wish->n_args + 1, sizeof *kept);
    size_t n = 0;
    *paths = kept;
    if (kept && wish->rules)
        kept[n++] = wish->rules;
    for (size_t i = 0; kept && i < wish->n_args; i++)
        if (!str_ends(str_of(wish->args[i]), STR(".expect")))
            kept[n++] = wish->args[i];
    return n;
}

/* What is not there has been said when rules were loaded, but for what is no
 * rule. */
static size_t
expect_paths(const struct rules_wish *wish, struct arena *arena,
             const char *const **paths)
{
    const char **kept = arena_take(arena, wish->n_args + 1, sizeof *kept);
    size_t n = 0;
    *paths = kept;
    for (size_t i = 0; kept && i < wish->n_args; i++)
        if (str_ends(str_of(wish->args[i]), STR(".expect")) ||
            access(wish->args[i], F_OK) == 0)
            kept[n++] = wish->args[i];
    return n;
}

static void
test_files(struct testing *testing, const struct rules_wish *wish,
           struct arena *arena)
{
    const char **files;
    const char *const *paths;
    struct complaints missing = {0};
    size_t n_paths = expect_paths(wish, arena, &paths);
    size_t n = expect_files(paths, n_paths, arena, &files, &missing);
    command_print(stdout, &missing.text);
    testing->n_files_failed += missing.n_errors;
    complaints_free(&missing);
    for (size_t i = 0; i < n; i++) {
        struct arena scratch = *arena;
        struct complaints complaints = {0};
        struct expect expect;
        struct err why = {""};
        uint64_t n_wrong = 0;
        bool fine = expect_load(files[i], testing->rules, wish, &scratch,
                                &expect, &complaints);
        command_print(stdout, &complaints.text);
        fine = fine && expect_run(&expect, testing->rules, &scratch,
                                  &testing->n_events, &n_wrong, &why);
        if (why.text[0] != '\0')
            printf("%s: %s\n", files[i], why.text);
        testing->n_files++;
        testing->n_wrong += n_wrong;
        testing->n_files_failed += !fine || n_wrong > 0;
        complaints_free(&complaints);
    }
}

static void
print_summary(const struct testing *testing)
{
    fprintf(stderr, "%llu examples, %llu failed; %llu rules without any\n",
            (unsigned long long)testing->n_examples,
            (unsigned long long)testing->n_failed,
            (unsigned long long)testing->n_without);
    if (testing->n_files > 0)
        fprintf(stderr,
                "%llu files of events with %llu events, %llu failed; %llu "
                "verdicts are not as expected\n",
                (unsigned long long)testing->n_files,
                (unsigned long long)testing->n_events,
                (unsigned long long)testing->n_files_failed,
                (unsigned long long)testing->n_wrong);
}

int
rules_test(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {"out of memory"};
    struct rules_found found = {0};
    const char *const *paths;
    if (wish->n_args == 0)
        return rules_missing("test", "rules, or a folder of expectations");
    size_t n = rule_paths(wish, arena, &paths);
    if (n == 0)
        return rules_missing("test", "--rules PATH beside an expectation");
    struct testing testing = {
        .rules = rules_of(
            &(struct rules_source_files){paths, n, wish->calendar, true}, arena,
            &found),
        .examples = examples_new(wish->sources),
        .scratch = arena_reserve(SCRATCH_BYTES),
    };
    char *start = testing.scratch.at;
    if (testing.rules)
        testing.windows = rules_windows_new(testing.rules, &why);
    bool fine = testing.windows && testing.examples && start;
    if (fine) {
        test_all(&testing);
        test_files(&testing, wish, arena);
    } else {
        fprintf(stderr, "thapcanh rules test: %s\n", why.text);
    }
    print_summary(&testing);
    examples_free(testing.examples);
    rules_windows_free(testing.windows);
    if (start)
        arena_release(start, testing.scratch);
    return fine && found.n_errors == 0 && testing.n_failed == 0 &&
                   testing.n_files_failed == 0
               ? EXIT_OK
               : EXIT_CHECK;
}
