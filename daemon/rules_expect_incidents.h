/* SPDX-License-Identifier: Apache-2.0
 *
 * Which incidents of correlations must come of a file of events: `incidents:`
 * of an expectation (docs/rules.md, "Files of events"). */
#ifndef DAEMON_RULES_EXPECT_INCIDENTS_H
#define DAEMON_RULES_EXPECT_INCIDENTS_H

#include "base/yaml.h"
#include "correlate/rules.h"
#include "ingest/source.h"
#include "model/incident.h"

/* One that must come; what is not said is -1, or no key. */
struct expect_incident {
    struct place place;
    int64_t first, last; /* lines */
    int64_t count;
    struct incident_key key[MAX_GROUP_FIELDS];
    size_t n_key;
};

/* What is expected of one correlation. */
struct expect_correlation {
    const struct correlation *correlation;
    struct place place;
    size_t n_wanted;
    const struct expect_incident *incident; /* NULL: only how many */
};

struct expect_incidents {
    bool said; /* otherwise nobody looks */
    const struct expect_correlation *correlation;
    size_t n;
};

/* False with complaints. */
bool expect_incidents_load(const struct yaml *node, const struct rules *rules,
                           struct arena *arena,
                           struct expect_incidents *expected,
                           struct complaints *complaints);

struct expect_incidents_run {
    const struct expect_incidents *expected;
    const struct rules *rules;
    const struct source *source;
    const char *events; /* path */
    bool others;        /* correlations that are not named may do anything */
};
/* Puts the events through the windows and prints what is not as expected. Adds
 * to `n_wrong`; false with the reason when it cannot be done. */
bool expect_incidents_run(const struct expect_incidents_run *run,
                          struct arena *arena, uint64_t *n_wrong,
                          struct err *why);

#endif
