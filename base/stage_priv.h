/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of the stage loop, shared by its files: stage.c (the loop),
 * stage_part.c (taking and losing a partition), stage_batch.c (batches and
 * their commits), stage_idle.c (snapshots, announcements, reading in step),
 * stage_join.c (joining, setting aside), stage_watch.c (what gives nothing),
 * stage_pack.c (outputs that travel together), stage_status.c. */
#ifndef BASE_STAGE_PRIV_H
#define BASE_STAGE_PRIV_H

#include "base/fault.h"
#include "base/histogram.h"
#include "base/pack.h"
#include "base/snapshot.h"
#include "base/stage.h"
#include "base/times.h"

#include <pthread.h>

enum {
    MARKER_TEXT = 160,
    MAX_IN_FLIGHT = 2,          /* batches of a partition waiting for ack or
                                   commit; meanwhile the next one grows */
    MAX_ROUND_BYTES = 32 << 20, /* read in one round */
    MAX_QUEUED = 200000,        /* records in the producers' queues */
    IDLE_COMMIT_MS = 1000,      /* STREAM 5 */
    RETRY_MS = 1000,
    WORK_ANNOUNCE_MS = 100, /* STREAM 18 */
    IDLE_ANNOUNCE_MS = 10000,
    AWAITED_MS = 60000,  /* others wait so long for one being taken */
    STEP_SHARE_MS = 200, /* while nobody is held back */
    HELD_BACK_MS = 1,
    STATUS_MS = 200,
    HOLD_MS = 20, /* until a record that had to wait is tried again */
    PACK_MS = 20, /* a record waits in a pack */
    ACT_MS = 20,
    DRAIN_MS = 10000,
};

enum part_phase {
    PART_WAITING, /* to be taken at retry_at_ms */
    PART_RUNNING,
    PART_STOPPED, /* loudly; an operator must act (STREAM 6) */
};

/* STREAM 15 */
enum part_join { JOIN_NOT, JOIN_SENT, JOIN_DONE };

/* Outputs of the open batch for one partition. */
struct pack {
    struct buf topic, text;
    int32_t partition;
    size_t n_records;
};

enum { MAX_PACKS = 256 }; /* further partitions get messages as before */

struct packs {
    struct pack pack[MAX_PACKS];
    size_t n;
    int64_t since_ms; /* the oldest record in them; 0: they are empty */
};

/* One assigned partition: its state, and how far it is. */
struct part {
    struct part *next;
    struct lane *lane;
    struct buf topic, name; /* "ingest/endpoint-alerts/3" */
    int32_t partition;
    enum part_phase phase;
    bool restoring; /* reading again after a restore, not yet caught up */
    struct err why;
    int64_t retry_at_ms;
    int64_t held_until_ms;    /* its next record cannot be computed yet */
    int64_t awaited_until_ms; /* so long others wait for its being taken */
    int64_t alone_until;      /* below it each record is a batch of its own */
    uint64_t n_refused;  /* records with an output too large for its topic */
    int64_t taken_end;   /* of the log, when it was taken */
    bool starves;        /* had no record when last asked for one … */
    int64_t fed_ms;      /* … since then … */
    int64_t patience_ms; /* … and is looked at after so long */
    int64_t watched;     /* where it was when last looked at … */
    int64_t missed_end;  /* … and the end it had not come to then; 0: none */

    void *state;
    struct claim claim;
    struct marker read;        /* computed up to here */
    struct marker done;        /* committed up to here */
    char tail[MARKER_TEXT];    /* marker text of the last closed batch */
    bool verify;               /* the first record must be the marker's last */
    int64_t end;               /* of the partition, as last known */
    int64_t watermark_ms;      /* after the last record computed */
    int64_t done_watermark_ms; /* committed */
    struct batch *open;
    struct packs packs; /* what it sends when it closes */
    int n_in_flight;
    int64_t committed_ms, snapshot_ms, announced_ms;
    bool snapshot_due, unannounced;
    struct marker snapshot_marker;
    int next_slot;
    uint64_t n_records; /* since the start, for status */

    enum part_join join;
    const char *aside;      /* why it holds nobody back, or NULL */
    int64_t moved_offset;   /* last committed offset seen to move … */
    int64_t moved_kafka_ms; /* … and when, by Kafka's clock */
    int64_t level_kafka_ms; /* when it was last within an hour of the others */
};

/* What was computed from a stretch of one partition and is not committed. */
struct batch {
    struct batch *next;
    struct part *part; /* NULL: dropped, only acknowledgements are awaited */
    int n_records;
    bool alone;     /* one record, its outputs sent one by one */
    int n_refusals; /* letters sent for its record, and refused too */
    struct delivery delivery;
    struct changes changes;
    struct marker to;
    char from_text[MARKER_TEXT], to_text[MARKER_TEXT];
    int64_t watermark_ms;
    int64_t closed_us; /* when Kafka had all its outputs; 0: not awaited */
};

struct stage {
    const struct stage_plan *plan;
    struct consumer_plan consumer_plan;
    struct consumer *consumer;
    int64_t fenced_ms; /* when another had our name; 0: never */
    struct producer *bulk, *quick;
    struct producer *single;    /* opened when an output was too large */
    bool one_by_one;            /* now: outputs go by `single` */
    struct redis *redis, *side; /* commits; everything else */
    struct part *parts;
    struct batch *first, **last; /* closed, in order of closing */
    struct batch *dropped, *spare;
    int n_in_flight;
    bool sent;       /* the first batch's commit is on its way … */
    int64_t sent_us; /* … since then */
    struct histogram commits, acks; /* how long they took, for status */
    int64_t redis_at_ms;            /* not before: back-off */
    int64_t redis_pause_ms;
    struct commit_args args;
    char cluster[64];
    struct delivery *computing; /* deliveries of the record at work */
    struct packs *packs;        /* NULL: nothing is packed now */
    bool redis_away;
    struct err redis_why;

    int64_t others_floor_ms; /* least watermark of others with messages */
    bool held_back;       /* something could be read, but others are behind */
    int64_t wanted_ms;    /* others of this process must be here, then it can;
                             INT64_MAX: it is not they who are behind */
    int64_t shared_ms;    /* Redis' clock when watermarks were shared */
    int64_t shared_at_ms; /* ours */
    int64_t assigned_ms;  /* the last time a partition came */
    int64_t announced_ms, worked_ms, probed_ms, acted_ms;
    struct delivery *announcement, *acts, *joins;
    struct kafka_admin *admin; /* to ask for topics and ends; opened late */
    bool all_joined;
    struct buf awaited; /* the first bound partition that has not joined */
    int64_t awaited_since_ms, joins_checked_ms;
    int64_t kafka_ms;          /* Kafka's clock, as last acknowledged; or 0 */
    int64_t best_caught_up_ms; /* highest watermark of caught-up ones */
    bool clock_wanted;
    bool swapping;
    int64_t changed_ms, swap_at_ms;

    pthread_mutex_t lock; /* guards `published` */
    struct buf published, draft;
    int64_t published_ms;
};

int64_t stage_now(const struct stage *stage);
int64_t stage_now_us(const struct stage *stage);
/* Where a fault test ends the process (base/fault.h); else nothing. */
static inline void
stage_fault(const struct stage *stage, enum fault_point point)
{
    (void)stage, (void)point;
    fault_here(stage->plan->ops->name, point);
}

/* Whether those that are ahead wait for it (STREAM 17): it counts, and has or
 * may have unread messages. */
bool part_is_awaited(const struct stage *stage, const struct part *part);
/* STAGE/TOPIC/PARTITION's place on the state topic. */
struct snapshot_place part_place(const struct stage *stage,
                                 const struct part *part);

/* Acknowledgements of all producers; waits at most `timeout_ms` or twice. */
void stage_serve_acks(struct stage *stage, int timeout_ms);

/* To Kafka; `bulk`: may wait for company. */
void stage_send(struct stage *stage, const struct output *output, bool bulk);

/* --- stage_pack.c */
void packs_put(struct stage *stage, struct packs *packs,
               const struct output *output);
void packs_send(struct stage *stage, struct packs *packs);
/* Those of all partitions that have waited long. */
void packs_send_old(struct stage *stage);
void packs_clear(struct packs *packs);
void packs_free(struct packs *packs);

/* --- stage_part.c */
void part_assigned(void *context, struct lane *lane, struct str topic,
                   int32_t partition);
void part_revoked(void *context, struct lane *lane, bool lost);
/* Takes the partition: claim, state, marker. */
void part_open(struct stage *stage, struct part *part);
/* Drops all that is held and not committed; opens again at retry_at_ms. */
void part_reopen(struct stage *stage, struct part *part, int64_t retry_at_ms,
                 const struct err *why);
void part_stop(struct stage *stage, struct part *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A stopped partition starts again when an operator has claimed it. */
void part_look_for_operator(struct stage *stage, struct part *part);

/* --- stage_batch.c */
bool batch_open(struct stage *stage, struct part *part);
void batch_close(struct stage *stage, struct part *part);
void batch_close_all(struct stage *stage);
/* Those whose partition has little waiting for its commit. The others stay
 * open and grow, up to batch_records: under load there are fewer, larger
 * commits, and nobody waits for one to compute the next record. */
void batch_close_ready(struct stage *stage);
void batch_drop_of(struct stage *stage, struct part *part);
/* Redis does not, or does again, answer: said once, and shown by status. */
void stage_redis_gone(struct stage *stage, const struct err *why);
void stage_redis_back(struct stage *stage);
/* Moves commits along; true when something happened. */
bool batch_commit_step(struct stage *stage);
/* Until nothing of `part` (NULL: of any) is in flight; false when it takes
 * longer than `limit_ms`. */
bool batch_drain(struct stage *stage, const struct part *part,
                 int64_t limit_ms);

/* --- stage_watch.c */
/* Takes anew what gives nothing though there is something. */
void stage_watch(struct stage *stage, int64_t now);

/* --- stage_idle.c */
/* What is done by the clock: idle commits, snapshots, announcements, acting,
 * shared watermarks, a changed configuration. */
void stage_idle(struct stage *stage);
/* How far the others are is not known any more: nothing runs ahead until it
 * has been asked for, which is in this turn, and ours is told. */
void stage_ask_others(struct stage *stage);
bool part_snapshot(struct stage *stage, struct part *part, struct err *why);
struct sink stage_sink(struct stage *stage);

/* --- stage_join.c */
void stage_join(struct stage *stage, int64_t now);
bool part_may_read(const struct stage *stage, const struct part *part);
/* Decides which partitions are set aside. */
void stage_look_aside(struct stage *stage);

/* --- stage_status.c */
void stage_publish(struct stage *stage);

#endif
