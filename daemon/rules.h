/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of `thapcanh rules` share. */
#ifndef DAEMON_RULES_H
#define DAEMON_RULES_H

#include "correlate/rules.h"
#include "ingest/source.h"

#include <stdio.h>

/* What was asked for. */
struct rules_wish {
    const char *sources;  /* folder of mappings */
    const char *source;   /* --source; NULL: not given */
    const char *rules;    /* --rules; NULL: not given */
    const char *calendar; /* --calendar; NULL: not given */
    bool any_logsource, json;
    size_t repeat;           /* --repeat; 1: not given */
    const char *const *args; /* what is left: paths, or RULE FILE */
    size_t n_args;
};

/* What is loaded, and how. */
struct rules_source_files {
    const char *const *paths;
    size_t n;
    const char *calendar; /* NULL: deploy/calendar.yml, if it is there */
    bool examples;
};
/* Loads rules and says on stderr what was wrong. NULL: nothing to go on
 * with. `*n_errors` (may be NULL): mistakes found. */
const struct rules *rules_of(const struct rules_source_files *files,
                             struct arena *arena, size_t *n_errors);
/* The mapping called `name`; NULL, having said why. */
const struct source *rules_source(const struct rules_wish *wish,
                                  const char *name, struct arena *arena);

int rules_eval(const struct rules_wish *wish, struct arena *arena);
int rules_explain(const struct rules_wish *wish, struct arena *arena);
int rules_test(const struct rules_wish *wish, struct arena *arena);

#endif
