/* SPDX-License-Identifier: Apache-2.0
 *
 * The offline engine: files of alerts through the code of the service, ingest
 * and correlate, with windows in memory and no clock. Each file is the one
 * partition of a topic called like its source, or as is said; an alert arrives
 * at its event time, and the files are read in step, the one that is furthest
 * behind first, each in its own order of lines. At the end of a file its
 * watermark goes to the end of time. */
#ifndef DAEMON_REPLAY_H
#define DAEMON_REPLAY_H

#include "correlate/registry.h"
#include "correlate/rules.h"
#include "ingest/inventory.h"
#include "ingest/source.h"

struct replay_file {
    const struct source *source;
    const char *path; /* "-": standard input */
    struct str topic; /* empty: the source's name */
};

struct replay_plan {
    const struct rules *rules;
    struct registry *registry;         /* that knows them */
    const struct inventory *inventory; /* NULL: none */
    const struct replay_file *files;
    size_t n_files;
    const char *geo_database; /* NULL: none */
    bool asks; /* `requires:` of a mapping is asked, as by the service */
    /* What the service would write to soc.alerts, in order; NULL: nothing.
     * False: that is enough; `why` is set. */
    bool (*alert)(void *context, struct str record, struct err *why);
    /* Every revision of every incident, in order; offsets in its evidence are
     * line numbers, from 1. */
    void (*incident)(void *context, const struct incident *incident);
    void *context;
};

struct replay_counts {
    uint64_t n_lines, n_unreadable, n_late, n_refused, n_approximate;
};

/* False with the reason: a file cannot be read, or memory is exhausted. */
bool replay_run(const struct replay_plan *plan, struct replay_counts *counts,
                struct err *why);
/* What the windows of an offline run count: late, refused, approximate. */
void replay_count(const void *windows, struct json_reader *reader,
                  struct arena scratch, struct replay_counts *counts);

#endif
