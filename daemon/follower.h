/* SPDX-License-Identifier: Apache-2.0
 *
 * Follows a whole topic from its beginning, in a thread of its own, for as
 * long as the process runs: soc.rules, that windows of other processes' rules
 * can be understood. What the brokers lose is waited for and read again; so a
 * record may come more than once. */
#ifndef DAEMON_FOLLOWER_H
#define DAEMON_FOLLOWER_H

#include "base/kafka.h"

struct follower;

/* Borrows all for life. `each` is called in the follower's thread. NULL with
 * the reason. */
struct follower *
follower_start(const struct kafka_settings *settings, struct str topic,
               void (*each)(void *context, const struct record *record),
               void *context, struct err *why);
/* True when all that lay on the topic at the start has been read. */
bool follower_through(const struct follower *follower);
void follower_stop(struct follower *follower); /* NULL: nothing */

#endif
