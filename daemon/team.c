/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading the team. A roster without a policy, or the other way round, would
 * wake nobody: it is a mistake. */
#include "team.h"

bool
team_load(const struct config *config, const struct inventory *inventory,
          struct arena *arena, struct team *team, struct complaints *complaints)
{
    size_t errors = complaints->n_errors;
    struct roster_known known = {NULL, NULL, 0, 0};
    team->roster = NULL;
    if ((config->roster == NULL) != (config->escalation == NULL))
        complain(complaints, (struct place){.file = config->file},
                 "roster and escalation need each other");
    if (inventory != NULL) {
        known.unit = inventory_ids(inventory, false, arena, &known.n_units);
        known.system = inventory_ids(inventory, true, arena, &known.n_systems);
    }
    if (config->roster != NULL)
        team->roster = roster_load(config->roster, &known, arena, complaints);
    if (config->escalation != NULL)
        policy_load(config->escalation, &team->policy, arena, complaints);
    return complaints->n_errors == errors;
}
