/* SPDX-License-Identifier: Apache-2.0
 *
 * For the benchmarks: how far a service is with the alerts of the input
 * topics. Looked at from outside, in Redis: what its markers say is what it
 * has committed, whatever the service believes of itself. */
#ifndef TESTS_BENCH_WATCH_H
#define TESTS_BENCH_WATCH_H

#include "base/redis.h"
#include "daemon/config.h"

enum { MAX_WATCHED = 256 };

struct watch {
    struct redis *redis;
    struct redis_address address;
    struct buf key[MAX_WATCHED]; /* of the marker of each partition */
    size_t n;
    int64_t n_messages; /* on all input topics now */
};

/* Every source of `config` must name one topic. Borrows `config`. */
bool watch_open(struct watch *watch, struct config *config, struct err *why);
void watch_close(struct watch *watch);
/* How many messages are committed; -1 with the reason. */
int64_t watch_committed(struct watch *watch, struct err *why);

#endif
