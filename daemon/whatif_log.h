/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole topic from its beginning to its end, for who only looks: no group, no
 * commit, and how far it is on stderr. */
#ifndef DAEMON_WHATIF_LOG_H
#define DAEMON_WHATIF_LOG_H

#include "config.h"

/* `what` is said while it lasts. Calls `each` with every record until it says
 * false (it has set `why`). False with the reason. */
bool whatif_log_read(const struct config *config, struct str topic,
                     const char *what,
                     bool (*each)(void *context, const struct record *record,
                                  struct err *why),
                     void *context, struct err *why);

#endif
