/* SPDX-License-Identifier: Apache-2.0
 *
 * The alerts of an example through routing and windows, as the service has
 * them, in memory: which incidents open. */
#ifndef DAEMON_RULES_WINDOWS_H
#define DAEMON_RULES_WINDOWS_H

#include "correlate/rules.h"
#include "rules_example.h"

struct rules_windows;

/* Borrows `rules`. NULL with the reason. */
struct rules_windows *rules_windows_new(const struct rules *rules,
                                        struct err *why);
void rules_windows_free(struct rules_windows *windows);

/* How many incidents the rule called `id` opens on an example. False with the
 * reason: it cannot be run. */
bool rules_windows_run(struct rules_windows *windows,
                       const struct example *example, struct str id,
                       size_t *n_incidents, struct err *why);

#endif
