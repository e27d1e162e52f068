/* SPDX-License-Identifier: Apache-2.0
 *
 * The counts of all partitions, read from Redis and added up. */
#ifndef DAEMON_COUNTS_LOAD_H
#define DAEMON_COUNTS_LOAD_H

#include "config.h"
#include "model/counts.h"

/* Fills `counts` with the days `from` to `to`, both included; cells of the
 * same day and kind from different partitions are added, and come in order of
 * (day, source, …). `counts->restoring`: some partition of a bound topic has
 * no state yet or is catching up after a restore. False when Redis cannot be
 * reached. */
bool counts_load(struct config *config, int32_t from, int32_t to,
                 struct arena *arena, struct counts *counts, struct err *why);

#endif
