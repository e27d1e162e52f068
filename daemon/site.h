/* SPDX-License-Identifier: Apache-2.0
 *
 * The site as configured: every source mapping, the inventory, the rules, how
 * tickets are made and the team, built whole from the files, then read-only. */
#ifndef DAEMON_SITE_H
#define DAEMON_SITE_H

#include "config.h"
#include "correlate/rules.h"
#include "ingest/ingest.h"
#include "respond/triage.h"
#include "team.h"

/* NULL when there was any mistake; all are among `complaints`. `today` as for
 * inventory_load. Borrows `config` for life. */
const struct site *site_load(const struct config *config, int32_t today,
                             struct complaints *complaints);
void site_free(const struct site *site);

/* The mapping of the i-th entry of `sources:`. */
const struct source *site_source(const struct site *site, size_t i);
/* NULL: none are configured. */
const struct rules *site_rules(const struct site *site);
const struct triage *site_triage(const struct site *site);
const struct team *site_team(const struct site *site);

#endif
