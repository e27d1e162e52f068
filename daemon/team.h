/* SPDX-License-Identifier: Apache-2.0
 *
 * The team as the configuration names it: roster and escalation policy. */
#ifndef DAEMON_TEAM_H
#define DAEMON_TEAM_H

#include "config.h"
#include "ingest/inventory.h"
#include "respond/escalation.h"

struct team {
    const struct roster *roster; /* NULL: the configuration names none */
    struct policy policy;
};

/* All of it in `arena`. `inventory` (may be NULL) tells which units and systems
 * there are. False when there was any mistake. */
bool team_load(const struct config *config, const struct inventory *inventory,
               struct arena *arena, struct team *team,
               struct complaints *complaints);

#endif
