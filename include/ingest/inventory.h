/* SPDX-License-Identifier: Apache-2.0
 *
 * What the site owns, dated: units, information systems with their approved
 * level and its decision, address ranges, host patterns, contacts, and
 * watch-lists. Compiled once, read-only afterwards, shared by all threads. */
#ifndef INGEST_INVENTORY_H
#define INGEST_INVENTORY_H

#include "base/yaml.h"
#include "model/alert.h"

struct inventory;

/* Kept in `arena`; NULL when there was any mistake. Warns of a system without
 * a level valid on `today` (a day in UTC+7). */
const struct inventory *inventory_load(const char *path, int32_t today,
                                       struct arena *arena,
                                       struct complaints *complaints);

/* Fills unit, unit_name, system, system_name, level, watchlist and the flag
 * ALERT_WATCHED with what was valid at alert->event_ms: by host name first
 * (an exact name before a pattern), then by the longest address prefix of
 * host_ip, dst_ip, src_ip in this order. Allocates nothing. */
void inventory_apply(const struct inventory *inventory, struct alert *alert);

/* For reports: the name of a unit or system (the newest), or its id. */
struct str inventory_unit_name(const struct inventory *inventory,
                               struct str unit);
struct str inventory_system_name(const struct inventory *inventory,
                                 struct str system);
/* Ids of all units, or of all systems, in `arena`; NULL when it is full. */
const struct str *inventory_ids(const struct inventory *inventory, bool systems,
                                struct arena *arena, size_t *n);
size_t inventory_n_units(const struct inventory *inventory);
size_t inventory_n_systems(const struct inventory *inventory);

#endif
