/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor rules and hosts with the most alerts of some days, counted from
 * the feed on soc.alerts: as far back as that topic goes. */
#ifndef DAEMON_TOPS_LOAD_H
#define DAEMON_TOPS_LOAD_H

#include "config.h"
#include "places_load.h"
#include "report/report.h"

/* Which alerts: of the days `from` to `to` (event time, UTC+7), both included.
 * Each is shown to `places`, unless that is NULL. */
struct tops_wish {
    int32_t from, to;
    struct places *places;
};

struct tops {
    struct report_tops rules, hosts;
};

/* The 20 most of each, in `arena`. Updates and what stands twice on the feed
 * count once. False when Kafka cannot be reached. */
bool tops_load(const struct config *config, const struct tops_wish *wish,
               struct arena *arena, struct tops *tops, struct err *why);

#endif
