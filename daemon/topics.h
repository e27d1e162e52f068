/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics: those of ours, made when they are missing, and the input topics as
 * the consumer group subscribes to them. */
#ifndef DAEMON_TOPICS_H
#define DAEMON_TOPICS_H

#include "base/redis.h"
#include "config.h"

/* Makes what is missing of our own topics (DESIGN 5), with LogAppendTime. */
bool topics_ensure(const struct config *config, int timeout_ms,
                   struct err *why);

/* Names and "^regex" of the input topics. */
struct subscription {
    struct str at[MAX_SOURCES];
    size_t n;
    struct buf text;
};
void subscription_make(const struct config *config,
                       struct subscription *subscription);
void subscription_free(struct subscription *subscription);

/* Where Redis is and how to get in. Borrows `config`. */
bool config_redis(struct config *config, struct redis_address *redis,
                  struct err *why);

#endif
