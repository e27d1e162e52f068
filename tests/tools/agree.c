/* SPDX-License-Identifier: Apache-2.0
 *
 * The evaluator goes first, with facts of its own, so that nothing that the
 * matcher leaves in facts helps or harms it. */
#include "agree.h"

#include "correlate/matcher.h"

#include <stdlib.h>
#include <string.h>

bool
agreement_new(struct agreement *agreement, const struct rules *rules)
{
    size_t n = rules_n_detections(rules);
    *agreement = (struct agreement){.rules = rules, .n = n};
    agreement->matching = matching_new(rules_matcher(rules));
    agreement->held = calloc(n + 1, sizeof *agreement->held);
    agreement->expected = calloc(n + 1, sizeof *agreement->expected);
    return agreement->matching && agreement->held && agreement->expected;
}

void
agreement_free(struct agreement *agreement)
{
    matching_free(agreement->matching);
    free(agreement->held);
    free(agreement->expected);
    *agreement = (struct agreement){.n = 0};
}

/* What the matcher says, against what is expected. */
static struct disagreement
compare(struct agreement *agreement, const struct alert *alert,
        bool any_logsource, struct arena scratch)
{
    struct disagreement none = {.what = "nothing"};
    struct facts *facts = facts_new(agreement->rules, alert, &scratch);
    if (!facts)
        return none;
    size_t n =
        matcher_find(rules_matcher(agreement->rules), agreement->matching,
                     facts, alert, any_logsource, agreement->held);
    size_t at = 0;
    for (size_t i = 0; i < agreement->n; i++) {
        const struct detection *detection =
            rules_detection(agreement->rules, i);
        bool expected = agreement->expected[i] &&
                        (any_logsource || detection_routed(detection, alert));
        bool held = at < n && agreement->held[at] == i;
        at += held;
        if (held != expected)
            return (struct disagreement){detection, expected, any_logsource,
                                         expected ? "missed" : "invented"};
    }
    if (at != n && agreement->n > 0)
        return (struct disagreement){rules_detection(agreement->rules, 0),
                                     false, any_logsource,
                                     "numbers not ascending, or none"};
    return none;
}

struct disagreement
agree(struct agreement *agreement, const struct views *views,
      struct arena scratch)
{
    const struct alert *alert = views->whole;
    struct arena rest = scratch;
    struct facts *facts = facts_new(agreement->rules, alert, &rest);
    struct disagreement found = {.what = "nothing"};
    for (size_t i = 0; facts && i < agreement->n; i++) {
        const struct detection *detection =
            rules_detection(agreement->rules, i);
        agreement->expected[i] = detection_match(detection, facts);
        agreement->n_held += agreement->expected[i];
        agreement->n_routed += detection_routed(detection, alert);
    }
    agreement->n_alerts++;
    agreement->n_pairs += agreement->n;
    if (!facts || facts_n_limited(facts) > 0)
        agreement->n_limited++;
    found = compare(agreement, views->any, true, scratch);
    return found.detection ? found
                           : compare(agreement, views->routed, false, scratch);
}
