/* SPDX-License-Identifier: Apache-2.0
 *
 * Recorded alerts through another site: its mappings, inventory and rules, with
 * windows in memory. The same functions as the service's; only what ingest has
 * decided for ever (position, id, event time, lateness) is taken from the
 * record. */
#ifndef DAEMON_WHATIF_ENGINE_H
#define DAEMON_WHATIF_ENGINE_H

#include "ingest/ingest.h"
#include "replay.h"
#include "whatif_spool.h"

struct whatif_engine_plan {
    const struct site *site;
    const struct rules *rules;
    const char *geo_database; /* "": none */
    /* Every revision of every incident, in order. */
    void (*incident)(void *context, const struct incident *incident);
    void *context;
};

struct whatif_engine_counts {
    uint64_t n_alerts;
    uint64_t n_unbound;    /* no mapping is bound to their topic any more */
    uint64_t n_unreadable; /* the mapping's format does not read them */
    struct replay_counts windows;
};

struct whatif_engine;

/* Borrows `plan` for life. NULL with the reason. */
struct whatif_engine *whatif_engine_new(const struct whatif_engine_plan *plan,
                                        struct err *why);
void whatif_engine_free(struct whatif_engine *engine); /* NULL: nothing */

/* One alert, none older than the one before. `*matched` borrows until the next
 * call. False with the reason: memory is exhausted. */
bool whatif_engine_take(struct whatif_engine *engine,
                        const struct recorded *recorded,
                        struct matched *matched, struct err *why);
/* No more alerts: the end of time for every window. */
bool whatif_engine_end(struct whatif_engine *engine,
                       struct whatif_engine_counts *counts, struct err *why);

#endif
