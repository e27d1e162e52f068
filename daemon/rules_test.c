/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules test`: the examples of every rule. What is under fire: must
 * match (a detection) or open an incident (a correlation), what is under
 * quiet: must not. */
#include "commands.h"
#include "model/limits.h"
#include "rules.h"
#include "rules_example.h"

struct testing {
    const struct rules *rules;
    struct examples *examples;
    struct arena scratch;
    uint64_t n_examples, n_failed, n_without, n_not_run;
};

static void
fail(struct testing *testing, struct place place, const char *what)
{
    testing->n_failed++;
    printf("%s:%u:%u: %s\n", place.file, place.line, place.column, what);
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

/* The cases of one list; `fire`: they must match. */
static void
test_cases(struct testing *testing, const struct detection *detection,
           struct str text, bool fire)
{
    struct arena rest = testing->scratch;
    const struct json *list;
    struct err why = {""};
    char said[400];
    const char *kind = fire ? "fire" : "quiet";
    if (text.len == 0)
        return;
    if (!examples_cases(testing->examples, text, &rest, &list, &why)) {
        fail(testing, detection->place, why.text);
        return;
    }
    const struct json *node = json_first(list);
    for (uint32_t i = 0; i < list->n_children; i++, node = json_next(node)) {
        struct arena here = rest;
        struct alert *alerts;
        size_t n;
        testing->n_examples++;
        struct buf buf = {
            .at = said, .cap = sizeof said - 1, .max_bytes = sizeof said - 1};
        buf_format(&buf, "'%.*s': example %u under %s:",
                   STR_ARG(str_cut(detection->title, 0, 80)), i + 1, kind);
        if (!examples_read(testing->examples, node, &here, &alerts, &n, &why))
            buf_format(&buf, " %s", why.text);
        else if (any_matches(testing, detection, alerts, n, here) != fire)
            buf_format(&buf, " %s", fire ? "does not match" : "matches");
        else
            continue;
        said[buf.len] = '\0';
        fail(testing, detection->place, said);
    }
}

static void
test_all(struct testing *testing)
{
    for (size_t i = 0; i < rules_n_detections(testing->rules); i++) {
        const struct detection *detection = rules_detection(testing->rules, i);
        const struct rule_options *options = &detection->options;
        testing->n_without += options->fire.len == 0;
        test_cases(testing, detection, options->fire, true);
        test_cases(testing, detection, options->quiet, false);
    }
    for (size_t i = 0; i < rules_n_correlations(testing->rules); i++)
        testing->n_not_run += rules_options(testing->rules, i) != NULL;
}

int
rules_test(const struct rules_wish *wish, struct arena *arena)
{
    size_t n_errors = 0;
    if (wish->n_args == 0)
        return command_usage("rules");
    struct testing testing = {
        .rules = rules_of(wish->args, wish->n_args, true, arena, &n_errors),
        .examples = examples_new(wish->sources),
        .scratch = arena_reserve(SCRATCH_BYTES),
    };
    char *start = testing.scratch.at;
    bool fine = testing.rules && testing.examples && start;
    if (fine)
        test_all(&testing);
    else
        fprintf(stderr, "thapcanh rules test: out of memory\n");
    fprintf(stderr,
            "%llu examples, %llu failed; %llu detections without any; %llu "
            "correlations not run\n",
            (unsigned long long)testing.n_examples,
            (unsigned long long)testing.n_failed,
            (unsigned long long)testing.n_without,
            (unsigned long long)testing.n_not_run);
    examples_free(testing.examples);
    if (start)
        arena_release(start, testing.scratch);
    return fine && n_errors == 0 && testing.n_failed == 0 ? EXIT_OK
                                                          : EXIT_CHECK;
}
