/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule set in memory alone: its registry knows what the windows are told,
 * without soc.rules. */
#ifndef DAEMON_RULES_LEARN_H
#define DAEMON_RULES_LEARN_H

#include "correlate/registry.h"
#include "correlate/rules.h"

/* The registry learns every correlation of `rules`, and `floor`. `arena` is
 * needed for the call only. False with the reason. */
bool rules_learn(struct registry *registry, const struct rules *rules,
                 struct arena arena, struct err *why);

#endif
