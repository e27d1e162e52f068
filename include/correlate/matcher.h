/* SPDX-License-Identifier: Apache-2.0
 *
 * All detections against one alert at once (docs/matching.md). The matcher is
 * made when rules have been loaded, lies in their arena, is read-only and
 * shared by threads; what one worker needs while it matches is its own. The
 * answer is always that of the obvious evaluator (match.c), rule by rule. */
#ifndef CORRELATE_MATCHER_H
#define CORRELATE_MATCHER_H

#include "correlate/rules.h"

struct matcher;
struct matching;

/* That of a rule set; never NULL. */
const struct matcher *rules_matcher(const struct rules *rules);

/* The parts of an alert that the detections read (model/alert.h), as bits; the
 * event is read besides. */
uint64_t matcher_parts(const struct matcher *matcher);

/* For one worker and this matcher; NULL: out of memory. */
struct matching *matching_new(const struct matcher *matcher);
void matching_free(struct matching *matching);

/* The same as matcher_parts, of the detections that the alert, of which only
 * the logsource need be filled, is routed to. */
uint64_t matching_parts(struct matching *matching, const struct alert *alert);

/* The numbers of the detections that are routed (or any) and hold, ascending,
 * in `held`, which has room for all; how many. `facts` are of `alert`. No
 * allocation. */
size_t matcher_find(const struct matcher *matcher, struct matching *matching,
                    struct facts *facts, const struct alert *alert,
                    bool any_logsource, uint32_t *held);

/* What a matching has done so far. */
struct matching_counts {
    uint64_t n_alerts;
    uint64_t n_candidates; /* detections looked at one by one */
    uint64_t n_tests;      /* predicates that they asked for */
};
struct matching_counts matching_counts(const struct matching *matching);

/* What a matcher is made of, for docs/matching.md and `rules check`. */
struct matcher_sizes {
    size_t n_predicates;    /* different ones … */
    size_t n_written;       /* … of so many */
    size_t n_fields;        /* that are read */
    size_t n_literals;      /* searched for, of all fields */
    size_t n_regexes;       /* searched for together */
    size_t n_unwitnessed;   /* detections that are always candidates */
    size_t n_keyword_rules; /* that look into every value */
    size_t bytes;           /* all of it */
};
struct matcher_sizes matcher_sizes(const struct matcher *matcher);

#endif
