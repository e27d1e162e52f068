/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal as commands use it: one record appended, and the roster's
 * overrides read out of it. */
#ifndef DAEMON_JOURNAL_IO_H
#define DAEMON_JOURNAL_IO_H

#include "config.h"
#include "respond/roster.h"

/* Appends `record`; true when Kafka has acknowledged it. */
bool journal_append(const struct config *config,
                    const struct journal_record *record, struct err *why);
/* Reads the journal to its end: every override that was not withdrawn, in
 * `arena`, in the order they were made. An empty or missing journal has none.
 * False when Kafka cannot be reached. */
bool journal_overrides(const struct config *config, struct arena *arena,
                       struct journal_override **overrides, size_t *n,
                       struct err *why);

#endif
