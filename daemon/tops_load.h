/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor rules and hosts with the most alerts of some days, counted from
 * the feed on soc.alerts: as far back as that topic goes. */
#ifndef DAEMON_TOPS_LOAD_H
#define DAEMON_TOPS_LOAD_H

#include "config.h"
#include "report/report.h"

struct tops {
    struct report_tops rules, hosts;
};

/* Alerts of the days `from` to `to` (event time, UTC+7), both included; the 20
 * most of each, in `arena`. Updates and what stands twice on the feed count
 * once. False when Kafka cannot be reached. */
bool tops_load(const struct config *config, int32_t from, int32_t to,
               struct arena *arena, struct tops *tops, struct err *why);

#endif
