/* SPDX-License-Identifier: Apache-2.0
 *
 * The alerts of an example through routing and windows, as the service has
 * them, in memory: which incidents open. */
#ifndef DAEMON_RULES_WINDOWS_H
#define DAEMON_RULES_WINDOWS_H

#include "correlate/rules.h"

struct rules_windows;

/* Borrows `rules`. NULL with the reason. */
struct rules_windows *rules_windows_new(const struct rules *rules,
                                        struct err *why);
void rules_windows_free(struct rules_windows *windows);

/* How many incidents the rule called `id` opens on these alerts, in their
 * order, beginning with empty windows. False with the reason. */
bool rules_windows_run(struct rules_windows *windows,
                       const struct alert *alerts, size_t n, struct str id,
                       size_t *n_incidents, struct err *why);

#endif
