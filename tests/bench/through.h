/* SPDX-License-Identifier: Apache-2.0
 *
 * For the benchmarks: whether the stages after ingest are done with all that
 * ingest has given them. Looked at from outside, in Kafka and Redis, as
 * watch.h does. */
#ifndef TESTS_BENCH_THROUGH_H
#define TESTS_BENCH_THROUGH_H

#include "base/redis.h"
#include "daemon/config.h"

struct through {
    const struct config *config;
    struct redis *redis;
    bool asked;         /* where soc.windows ends: once, when ingest is done */
    int64_t *end;       /* of each windows partition */
    int64_t n_opened;   /* incidents the windows have opened */
    int64_t n_taken;    /* of them the responder has taken */
    int64_t n_tickets;  /* it has made of them */
    int64_t n_computed; /* records of soc.windows that are committed */
};

/* Borrows both. False: no memory. */
bool through_open(struct through *through, const struct config *config,
                  struct redis *redis);
void through_close(struct through *through);
/* To be asked when ingest has committed everything. 1: the windows have taken
 * every record that was there at the first call, and the responder every
 * incident. 0: not yet. -1 with the reason. */
int through_look(struct through *through, struct err *why);

#endif
