/* SPDX-License-Identifier: Apache-2.0
 *
 * What rules must do with the lines of a file of events: NAME.expect beside
 * NAME.ndjson (docs/rules.md, "Files of events"). */
#ifndef DAEMON_RULES_EXPECT_H
#define DAEMON_RULES_EXPECT_H

#include "rules.h"
#include "rules_expect_incidents.h"

/* Lines, both ends included. */
struct expect_lines {
    uint64_t from, to;
};

/* What is expected of one rule. */
struct expect_rule {
    const struct detection *detection;
    struct place place;
    bool all; /* every line with an event in it */
    const struct expect_lines *lines;
    size_t n_lines;
};

struct expect {
    const char *path, *events; /* of the two files */
    const struct source *source;
    bool any_logsource;
    bool others; /* rules that are not named may do what they want */
    const struct expect_rule *rule; /* by number of a detection: NULL or … */
    size_t n_rules;
    struct expect_incidents incidents;
};

/* Every *.expect below the folders among `paths`, and those that are named
 * themselves, in order; in `arena`. What cannot be read is among
 * `complaints`. */
size_t expect_files(const char *const *paths, size_t n_paths,
                    struct arena *arena, const char ***files,
                    struct complaints *complaints);
/* False with complaints. */
bool expect_load(const char *path, const struct rules *rules,
                 const struct rules_wish *wish, struct arena *arena,
                 struct expect *expect, struct complaints *complaints);
/* Reads the events and prints what is not as expected. How much is not; true
 * when they could be read. */
bool expect_run(const struct expect *expect, const struct rules *rules,
                struct arena *arena, uint64_t *n_events, uint64_t *n_wrong,
                struct err *why);

#endif
