/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules check`: every mistake, and what is hardly meant so. */
#include "commands.h"
#include "correlate/lint.h"
#include "rules.h"

/* Prints the warnings of every detection; how many. */
static size_t
lint_all(const struct rules *rules, struct arena *arena)
{
    struct lint *lint = lint_new(rules, arena);
    size_t n = 0;
    for (size_t i = 0; lint && i < rules_n_detections(rules); i++) {
        struct complaints complaints = {0};
        n += lint_detection(lint, i, *arena, &complaints);
        command_print(stderr, &complaints.text);
        complaints_free(&complaints);
    }
    lint_free(lint);
    return n;
}

int
rules_check(const struct rules_wish *wish, struct arena *arena)
{
    struct rules_found found = {0};
    size_t n_own = 0;
    if (wish->n_args == 0)
        return command_usage("rules");
    const struct rules *rules =
        rules_of(&(struct rules_source_files){wish->args, wish->n_args,
                                              wish->calendar, false},
                 arena, &found);
    if (!rules)
        return EXIT_CHECK;
    found.n_warnings += lint_all(rules, arena);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        n_own += !rules_correlation(rules, i)->is_detection;
    fprintf(stderr,
            "%zu detections, %zu correlations, %zu filters, %zu refused, "
            "%zu mistakes, %zu warnings\n",
            rules_n_detections(rules), n_own, rules_n_filters(rules),
            rules_n_refused(rules), found.n_errors, found.n_warnings);
    if (rules_n_detections(rules) + n_own + rules_n_filters(rules) +
            rules_n_refused(rules) + found.n_errors ==
        0) {
        fprintf(stderr, "thapcanh rules check: no rule in %s\n", wish->args[0]);
        return EXIT_CHECK;
    }
    return found.n_errors == 0 && (!wish->strict || found.n_warnings == 0)
               ? EXIT_OK
               : EXIT_CHECK;
}
