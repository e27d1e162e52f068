/* SPDX-License-Identifier: Apache-2.0
 *
 * The stage loop (DESIGN 3, STREAM 1-8, 17, 21, 22): claim, batch, compute,
 * produce, commit; written once, run by every stage. A worker is one thread
 * with its own group member, producers and Redis connection; it shares nothing
 * but what `ops` calls share. What a stage is, it says in a table of pure
 * functions over the state of one partition. */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#include "base/commit.h"
#include "base/consumer.h"
#include "base/step.h"

#include <stdatomic.h>

/* Where the outputs of a computation go. */
struct sink {
    /* Copies. `bulk`: may wait 20 ms for company (the feed). */
    void (*send)(void *context, const struct output *output, bool bulk);
    void *context;
};

/* Where a state is written, field by field. `value.at` NULL: unset. */
struct emit {
    void (*field)(void *context, size_t table, struct str field,
                  struct str value);
    void *context;
};

/* One partition, as announced to what comes after. */
struct progress {
    struct str topic;
    int32_t partition;
    uint32_t incarnation;
    int64_t offset;       /* complete up to here, committed */
    int64_t watermark_ms; /* or NO_TIME; committed */
    bool aside;           /* holds nobody back until it caught up (STREAM 16) */
    int level; /* 0: an input partition; n: what a windows partition says of
                  chained records of this level (STREAM 19) */
};

struct stage_ops {
    struct str name; /* "ingest" */
    struct tables tables;

    /* --- the state of one partition; `stage` is stage_plan.stage */
    void *(*state_new)(void *stage, struct str topic, int32_t partition);
    void (*state_free)(void *state);
    /* One field read back; false: not a version we know, `why` says. */
    bool (*state_load)(void *state, size_t table, struct str field,
                       struct str value, struct err *why);
    /* Emits the fields changed since the last call, or all of them. */
    void (*state_save)(void *state, bool whole, const struct emit *emit);

    /* --- pure functions of state and log (STREAM 1) */
    /* DONE; RETRY when something it needs is not here yet (nothing has
     * happened, nothing was sent: the same record again after a pause; `why`
     * is shown by status); FATAL when memory is exhausted. `incarnation` makes
     * positions with the record's offset. */
    enum fate (*apply)(void *state, const struct record *record,
                       uint32_t incarnation, const struct sink *sink,
                       struct err *why);
    int64_t (*watermark_ms)(const void *state); /* NO_TIME: none yet */
    /* Kafka's clock, when the partition is caught up (STREAM 12). */
    void (*clock)(void *state, int64_t kafka_ms);
    /* How long it waits for stragglers; asked only where `announce` is. */
    int64_t (*lateness_ms)(const void *state);
    /* Tells what comes after how far these partitions are; may be NULL. */
    void (*announce)(void *stage, const struct progress *at, size_t n,
                     const struct sink *sink);

    /* An output of this record is too large for its topic (STREAM 8): sends
     * what stands for it, with the record's position and `why`; `whole`: and
     * its bytes. Changes no state. NULL: the partition waits for an
     * operator. */
    void (*refused)(void *state, const struct record *record,
                    uint32_t incarnation, struct str why, bool whole,
                    const struct sink *sink);

    /* --- acting (STREAM 25); NULL: never. Called a few times a second, only
     * for a partition that has been read to the end found when it was taken,
     * is at its end now, and has nothing uncommitted. What it sends takes
     * effect when it is read back: it changes no state that is saved. */
    void (*act)(void *state, int64_t now_ms, const struct sink *sink);

    /* --- a changed configuration (STREAM 21); NULL: never. */
    bool (*changed)(void *stage);
    void (*swap)(void *stage); /* nothing is unacknowledged now */

    /* Members of a JSON object that say how the partition does. */
    void (*status)(const void *state, struct buf *json);
    /* The same of what the worker has of its own, over all its partitions;
     * NULL: nothing. */
    void (*worker_status)(const void *stage, struct buf *json);
};

struct stage_plan {
    const struct stage_ops *ops;
    void *stage;
    const struct kafka_settings *kafka;
    const struct redis_address *redis;
    struct consumer_plan consumer; /* group, topics; callbacks are set here */
    /* Whether a topic is among the stage's input; NULL: who has not joined is
     * not asked for (STREAM 15). */
    bool (*bound)(void *context, struct str topic);
    void *bound_context;
    struct str state_topic; /* soc.state */
    int state_partitions;   /* at least 2 */
    int batch_records;
    int64_t batch_ms, snapshot_ms;
    int64_t ahead_ms;         /* reading in step (STREAM 17); 0: not */
    struct step *step;        /* shared with the process' other workers of this
                                 stage; NULL: there are none */
    int worker;               /* number among them, from 0 */
    int64_t (*now_ms)(void);  /* monotonic */
    int64_t (*now_us)(void);  /* the same, to measure by; NULL: by now_ms */
    int64_t (*wall_ms)(void); /* since 1970, for act */
    uint64_t (*random)(void); /* claim numbers */
    const atomic_bool *stopping;
};

struct stage;

/* Borrows `plan` for life. NULL with the reason. */
struct stage *stage_new(const struct stage_plan *plan, struct err *why);
/* Runs until *stopping; then drains, writes snapshots and leaves the group.
 * FATAL with the reason when this process cannot go on. */
enum fate stage_run(struct stage *stage, struct err *why);
void stage_free(struct stage *stage);

/* A JSON object about the worker; from any thread, also while Redis or Kafka
 * is away. */
void stage_status(struct stage *stage, struct buf *json);

#endif
