/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether Redis may throw our state away: with any maxmemory-policy other than
 * noeviction a full server forgets keys instead of refusing writes. Looked at
 * from time to time by the process, so that `status` needs no Redis. */
#ifndef DAEMON_REDIS_POLICY_H
#define DAEMON_REDIS_POLICY_H

#include "base/redis.h"

struct redis_policy;

/* Borrows `address` for life. NULL: no memory. */
struct redis_policy *redis_policy_new(const struct redis_address *address);
void redis_policy_free(struct redis_policy *policy);
/* Asks Redis if the last answer is older than ten seconds; may wait for the
 * time-outs of base/redis.h. Called by one thread. */
void redis_policy_look(struct redis_policy *policy, int64_t now_ms);
/* The policy, "noeviction" is the right one; empty: not known yet. From any
 * thread; lives for ever. */
struct str redis_policy_name(const struct redis_policy *policy);

#endif
