/* SPDX-License-Identifier: Apache-2.0
 *
 * Temporary: the evaluator under the matcher's interface. */
#include "correlate/matcher.h"
#include <stdlib.h>
struct matcher { const struct rules *rules; };
struct matching { const struct matcher *m; };
static _Thread_local struct matcher one;
const struct matcher *rules_matcher(const struct rules *rules) { one.rules = rules; return &one; }
struct matching *matching_new(const struct matcher *m) { struct matching *x = calloc(1, sizeof *x); x->m = m; return x; }
void matching_free(struct matching *m) { free(m); }
size_t matcher_find(const struct matcher *m, struct matching *x, struct facts *facts, const struct alert *alert, bool any, uint32_t *held)
{
    size_t n = 0; (void)x;
    for (size_t i = 0; i < rules_n_detections(m->rules); i++) {
        const struct detection *d = rules_detection(m->rules, i);

        if ((any || detection_routed(d, alert)) && detection_match(d, facts)) held[n++] = (uint32_t)i;
    }
    return n;
}
struct matching_counts matching_counts(const struct matching *m) { (void)m; return (struct matching_counts){0, 0, 0}; }
struct matcher_sizes matcher_sizes(const struct matcher *m) { (void)m; return (struct matcher_sizes){0}; }
