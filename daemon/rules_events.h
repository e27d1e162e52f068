/* SPDX-License-Identifier: Apache-2.0
 *
 * The alerts in the lines of a file, for the parts of `thapcanh rules` that
 * look at events: each line is a message of one source. */
#ifndef DAEMON_RULES_EVENTS_H
#define DAEMON_RULES_EVENTS_H

#include "base/err.h"
#include "ingest/source.h"

/* What is done with them. `each` may take from `rest`, which is given back
 * after it. */
struct events_visit {
    void *context;
    void (*each)(void *context, uint64_t line, const struct alert *alert,
                 struct arena *rest);
    /* A line, or one alert of it, that cannot be read; may be NULL. */
    void (*unreadable)(void *context, uint64_t line, struct str why);
    const char *progress; /* what is going on, for the bar; NULL: no bar */
    uint64_t only;        /* this line; 0: all */
};

struct events_tally {
    uint64_t n_lines, n_alerts, n_unreadable;
    bool broken_off; /* by Ctrl-C, if interrupt_catch was called */
};

/* Adds to `tally`. False with the reason. "-" is the standard input. */
bool events_read(const struct source *source, const char *path,
                 const struct events_visit *visit, struct events_tally *tally,
                 struct err *why);

#endif
