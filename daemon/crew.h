/* SPDX-License-Identifier: Apache-2.0
 *
 * The workers of one stage in this process: threads, each a member of the
 * stage's Kafka consumer group, that run the stage loop of base/stage.h. */
#ifndef DAEMON_CREW_H
#define DAEMON_CREW_H

#include "base/stage.h"
#include "config.h"

struct crew;

struct crew_plan {
    const struct config *config;
    const struct redis_address *redis;
    const struct stage_ops *ops;
    int n_workers;
    struct str group;
    const struct str *topic; /* names, or "^regex" */
    size_t n_topics;
    int64_t ahead_ms; /* reading in step; 0: not */
    bool (*bound)(void *context, struct str topic); /* or NULL */
    void *bound_context;
    /* What each worker has of its own: stage_plan.stage. */
    void *(*begin)(void *context);
    void (*end)(void *stage);
    void *context;
};

/* Borrows what `plan` points to for life. NULL with the reason. */
struct crew *crew_start(const struct crew_plan *plan, struct err *why);
/* Tells the workers to end; crew_join waits until they have. */
void crew_tell(struct crew *crew);
void crew_join(struct crew *crew); /* frees it; NULL: nothing */
/* True when a worker cannot go on; the first one says why. */
bool crew_failed(struct crew *crew, struct err *why);
/* What worker `i` has of its own; NULL: there is no such worker. */
void *crew_stage(struct crew *crew, int i);
/* Appends one JSON object for each worker, with commas between and, unless
 * `first`, before. */
void crew_status(struct crew *crew, struct buf *json, bool *first);

#endif
