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
    const char *source;   /* --source; NULL: not given, as those below */
    const char *rules;    /* --rules */
    const char *calendar; /* --calendar */
    const char *false_ones, *true_ones; /* --false, --true */
    uint64_t line;                      /* --line; 0: all of them */
    uint64_t repeat;                    /* --repeat; 1 unless given */
    uint64_t top;                       /* --top; 20 unless given */
    bool any_logsource, strict, json;
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
struct rules_found {
    size_t n_errors, n_warnings;
};
/* Loads rules and says on stderr what was wrong. NULL: nothing to go on
 * with. `found` may be NULL. */
const struct rules *rules_of(const struct rules_source_files *files,
                             struct arena *arena, struct rules_found *found);
/* The detection with this id, name or title; NULL with the reason. */
const struct detection *rules_named(const struct rules *rules, const char *name,
                                    struct arena scratch, struct err *why);
/* The mapping called `name`; NULL, having said why. */
const struct source *rules_source(const struct rules_wish *wish,
                                  const char *name, struct arena *arena);

/* "rules PART needs …" and where to read on; EXIT_USAGE. */
int rules_missing(const char *part, const char *what);

int rules_check(const struct rules_wish *wish, struct arena *arena);
int rules_list(const struct rules_wish *wish, struct arena *arena);
int rules_eval(const struct rules_wish *wish, struct arena *arena);
int rules_explain(const struct rules_wish *wish, struct arena *arena);
int rules_test(const struct rules_wish *wish, struct arena *arena);
int rules_stats(const struct rules_wish *wish, struct arena *arena);
int rules_tune(const struct rules_wish *wish, struct arena *arena);

#endif
