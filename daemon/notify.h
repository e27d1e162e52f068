/* SPDX-License-Identifier: Apache-2.0
 *
 * From the configuration to people: the roster, the policy, and what the
 * courier needs, secrets included. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include "config.h"
#include "respond/courier.h"
#include "respond/escalation.h"

/* Fills `plan`; its texts lie in the configuration, secrets in its arena.
 * Names every setting that is wrong or does not go with another. */
bool notify_plan(struct config *config, struct courier_plan *plan,
                 struct complaints *complaints);

#endif
