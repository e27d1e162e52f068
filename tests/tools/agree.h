/* SPDX-License-Identifier: Apache-2.0
 *
 * The matcher held against the obvious evaluator: all detections of a rule set
 * and one alert, routed and not. */
#ifndef TESTS_TOOLS_AGREE_H
#define TESTS_TOOLS_AGREE_H

#include "base/arena.h"
#include "correlate/rules.h"

struct agreement {
    const struct rules *rules;
    struct matching *matching;
    uint32_t *held; /* by the matcher */
    bool *expected; /* by the evaluator, by detection */
    size_t n;       /* detections */
    uint64_t n_pairs, n_held, n_routed, n_alerts;
    uint64_t n_limited; /* alerts of which something was given up on */
};

/* False: no memory. */
bool agreement_new(struct agreement *agreement, const struct rules *rules);
void agreement_free(struct agreement *agreement);

/* What they differ in; `detection` NULL: nothing. */
struct disagreement {
    const struct detection *detection;
    bool expected; /* the evaluator holds it; the matcher does not */
    bool any_logsource;
    const char *what;
};
/* One alert as each is to see it; all may be the same. */
struct views {
    const struct alert *whole;  /* the evaluator */
    const struct alert *any;    /* the matcher, of any log source … */
    const struct alert *routed; /* … and routed */
};
/* Both, with facts of their own. Counts pairs: detections of this alert. */
struct disagreement agree(struct agreement *agreement,
                          const struct views *views, struct arena scratch);

#endif
