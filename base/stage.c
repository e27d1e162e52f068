/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop. One turn: serve the group; take partitions that wait; compute a
 * round of records, always from the partition whose watermark is lowest
 * (STREAM 17); close what was computed as one batch a partition; send and
 * receive commits in order; do what the clock asks for. A batch's outputs are
 * acknowledged before its commit, the next one is computed meanwhile. */
#include "stage_priv.h"

#include "base/hash.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

enum {
    BULK_LINGER_MS = 20,
    QUICK_LINGER_MS = 2,
    FENCED_MS = 60000, /* twice within it: there is another process */
};

int64_t
stage_now(const struct stage *stage)
{
    return stage->plan->now_ms();
}

int64_t
stage_now_us(const struct stage *stage)
{
    const struct stage_plan *plan = stage->plan;
    return plan->now_us ? plan->now_us() : plan->now_ms() * 1000;
}

struct snapshot_place
part_place(const struct stage *stage, const struct part *part)
{
    return (struct snapshot_place){
        .kafka = stage->plan->kafka,
        .topic = stage->plan->state_topic,
        .n_partitions = stage->plan->state_partitions,
        .name = buf_str(&part->name),
    };
}

void
stage_send(struct stage *stage, const struct output *output, bool bulk)
{
    struct producer *producer = stage->one_by_one ? stage->single
                                : bulk            ? stage->bulk
                                                  : stage->quick;
    struct err why = {""};
    stage_fault(stage, FAULT_queueing);
    while (!producer_send(producer, output, stage->computing, &why)) {
        /* A queue that is full has no reason, and becomes free again. */
        if (why.text[0] || producer_fatal(producer, &why)) {
            stage->computing->failed++;
            stage->computing->why = why;
            return;
        }
        producer_poll(producer, 10);
    }
}

static void
take_output(void *context, const struct output *output, bool bulk)
{
    struct stage *stage = context;
    if (stage->packs && output->packed)
        packs_put(stage, stage->packs, output);
    else
        stage_send(stage, output, bulk);
}

struct sink
stage_sink(struct stage *stage)
{
    return (struct sink){take_output, stage};
}

static bool
open_clients(struct stage *stage, struct err *why)
{
    const struct stage_plan *plan = stage->plan;
    stage->redis = redis_new(plan->redis);
    stage->side = redis_new(plan->redis);
    stage->bulk = producer_open(plan->kafka, BULK_LINGER_MS, why);
    if (!stage->bulk)
        return false;
    stage->quick = producer_open(plan->kafka, QUICK_LINGER_MS, why);
    if (!stage->quick)
        return false;
    stage->consumer_plan = plan->consumer;
    stage->consumer_plan.context = stage;
    stage->consumer_plan.assigned = part_assigned;
    stage->consumer_plan.revoked = part_revoked;
    stage->consumer = consumer_open(&stage->consumer_plan, why);
    return stage->consumer != NULL;
}

struct stage *
stage_new(const struct stage_plan *plan, struct err *why)
{
    struct stage *stage = calloc(1, sizeof *stage);
    if (!stage) {
        err_set(why, "out of memory");
        return NULL;
    }
    stage->plan = plan;
    stage->last = &stage->first;
    stage->others_floor_ms = NO_TIME; /* not known yet */
    stage->best_caught_up_ms = NO_TIME;
    pthread_mutex_init(&stage->lock, NULL);
    if (!open_clients(stage, why)) {
        stage_free(stage);
        return NULL;
    }
    stage_publish(stage);
    return stage;
}

static void
free_batches(struct batch *batch)
{
    while (batch) {
        struct batch *next = batch->next;
        changes_free(&batch->changes);
        free(batch);
        batch = next;
    }
}

void
stage_free(struct stage *stage)
{
    if (!stage)
        return;
    consumer_close(stage->consumer); /* revokes what is left */
    if (stage->bulk)
        producer_close(stage->bulk);
    if (stage->quick)
        producer_close(stage->quick);
    if (stage->single)
        producer_close(stage->single);
    redis_free(stage->redis);
    redis_free(stage->side);
    free_batches(stage->first);
    free_batches(stage->dropped);
    free_batches(stage->spare);
    free(stage->announcement);
    free(stage->acts);
    free(stage->joins);
    if (stage->admin)
        kafka_admin_close(stage->admin);
    buf_free(&stage->awaited);
    commit_args_free(&stage->args);
    buf_free(&stage->published);
    buf_free(&stage->draft);
    pthread_mutex_destroy(&stage->lock);
    free(stage);
}

/* The first record after a start must be the last one before the marker, or
 * this is another log (STREAM 6). True: go on with the next. */
static void
verify_last(struct stage *stage, struct part *part, const struct record *record)
{
    part->verify = false;
    if (record->offset >= part->read.offset)
        return; /* that one is gone; the log begins at or below the marker */
    uint32_t crc = hash_crc32c(hash_crc32c(0, record->key), record->value);
    if (crc == part->read.last_crc &&
        record->timestamp_ms == part->read.last_ms) {
        lane_take(part->lane);
        return;
    }
    part_stop(stage, part,
              "another log under the same name: the record at offset %lld is "
              "not the one that was read; `thapcanh rebuild --topic %.*s "
              "--partition %d --from OFFSET` starts it again",
              (long long)record->offset, STR_ARG(buf_str(&part->topic)),
              part->partition);
}

static enum fate
compute(struct stage *stage, struct part *part, const struct record *record,
        struct err *why)
{
    if (!part->open && !batch_open(stage, part)) {
        err_set(why, "out of memory");
        return FATAL;
    }
    stage->computing = &part->open->delivery;
    struct sink sink = stage_sink(stage);
    stage->one_by_one = part->open->alone;
    stage->packs = part->open->alone ? NULL : &part->packs;
    enum fate fate = stage->plan->ops->apply(
        part->state, record, part->read.incarnation, &sink, why);
    stage->one_by_one = false;
    stage->packs = NULL;
    if (fate == RETRY) {
        part->held_until_ms = stage_now(stage) + HOLD_MS;
        part->why = *why;
    }
    if (fate != DONE)
        return fate;
    part->why.text[0] = '\0';
    part->read.offset = record->offset + 1;
    part->watermark_ms = stage->plan->ops->watermark_ms(part->state);
    part->n_records++;
    part->open->n_records++;
    lane_take(part->lane);
    stage_fault(stage, FAULT_computed);
    return DONE;
}

/* Waits for room in the line of commits. */
static bool
is_full(const struct stage *stage, const struct part *part)
{
    return part->open && part->open->n_records >= stage->plan->batch_records;
}

/* Whether `best` may be read from, `own` being the lowest watermark of this
 * worker's partitions that have something unread (STREAM 17). */
static bool
in_step(struct stage *stage, const struct part *best, int64_t own)
{
    const struct stage_plan *plan = stage->plan;
    int64_t siblings = INT64_MAX;
    stage->held_back = false;
    stage->wanted_ms = INT64_MAX;
    if (plan->ahead_ms == 0)
        return true;
    if (plan->step) {
        step_tell(plan->step, plan->worker, own);
        siblings = step_others(plan->step, plan->worker);
    }
    int64_t floor = own < siblings ? own : siblings;
    floor = stage->others_floor_ms < floor ? stage->others_floor_ms : floor;
    bool behind =
        best && best->watermark_ms != NO_TIME &&
        (floor == NO_TIME || best->watermark_ms - plan->ahead_ms > floor);
    if (best && !behind)
        return true;
    stage->held_back = floor == stage->others_floor_ms && floor != INT64_MAX;
    if (behind && !stage->held_back && siblings < own)
        stage->wanted_ms = best->watermark_ms - plan->ahead_ms;
    return false;
}

bool
part_is_awaited(const struct stage *stage, const struct part *part)
{
    if (part->aside)
        return false;
    switch (part->phase) {
    case PART_RUNNING:
        return part->end > part->read.offset;
    case PART_WAITING:
        /* not taken yet: what it holds is not known, or as it was */
        return stage_now(stage) < part->awaited_until_ms &&
               (part->claim.number == 0 || part->end > part->done.offset);
    case PART_STOPPED:
        return false;
    }
    return false;
}

/* Whether its next record may be computed now; `peeked`, if there is one. */
static bool
is_ready(struct stage *stage, struct part *part, const struct record **peeked)
{
    if (part->phase != PART_RUNNING)
        return false;
    enum lane_got got = lane_peek(part->lane, peeked);
    part->starves = got == LANE_NOTHING;
    if (got == LANE_RESET) {
        struct err why = {"the marker's offset is not in the log"};
        part_reopen(stage, part, 0, &why);
        return false;
    }
    if (got == LANE_RECORD && part->end <= (*peeked)->offset)
        part->end = (*peeked)->offset + 1;
    if (part->held_until_ms > 0) {
        if (part->held_until_ms > stage_now(stage))
            return false;
        part->held_until_ms = 0;
    }
    bool alone = part->read.offset < part->alone_until;
    return got == LANE_RECORD && !part->snapshot_due &&
           part_may_read(stage, part) &&
           !(alone && (part->open || part->n_in_flight > 0));
}

/* The partition to read from: the lowest watermark among those that have a
 * record, unless it is too far ahead of one that still has unread ones. */
static struct part *
choose(struct stage *stage, const struct record **record)
{
    struct part *best = NULL;
    int64_t own = INT64_MAX;
    for (struct part *part = stage->parts; part; part = part->next) {
        const struct record *peeked = NULL;
        bool ready = is_ready(stage, part, &peeked);
        if (part->watermark_ms < own && part_is_awaited(stage, part))
            own = part->watermark_ms;
        if (ready && (!best || part->watermark_ms < best->watermark_ms)) {
            best = part;
            *record = peeked;
        }
    }
    return in_step(stage, best, own) && best && !is_full(stage, best) ? best
                                                                      : NULL;
}

/* Computes records until the batch is full, its time is over, or there are
 * none. `*n` counts them. */
static enum fate
take_round(struct stage *stage, int *n, struct err *why)
{
    const struct stage_plan *plan = stage->plan;
    int64_t until = stage_now(stage) + plan->batch_ms;
    size_t bytes = 0;
    while (*n < plan->batch_records && bytes < MAX_ROUND_BYTES) {
        if ((*n & 31) == 31 && stage_now(stage) >= until)
            break;
        const struct record *record = NULL;
        struct part *part = choose(stage, &record);
        if (!part && stage->wanted_ms != INT64_MAX &&
            stage_now(stage) < until) {
            step_wait(plan->step, plan->worker, stage->wanted_ms, 1);
            continue;
        }
        if (!part || !record)
            break;
        if (part->verify) {
            verify_last(stage, part, record);
            continue;
        }
        bytes += record->value.len;
        ++*n;
        if (compute(stage, part, record, why) == FATAL)
            return FATAL;
    }
    return DONE;
}

static void
refresh_ends(struct stage *stage)
{
    for (struct part *part = stage->parts; part; part = part->next) {
        int64_t end = lane_end(part->lane);
        if (end > part->end)
            part->end = end;
        if (part->phase == PART_RUNNING && part->end > part->read.offset &&
            lane_is_empty_to(part->lane, part->end))
            part->end = part->read.offset;
        if (part->restoring && part->phase == PART_RUNNING &&
            part->read.offset >= part->end)
            part->restoring = false;
    }
}

static bool
fatal(struct stage *stage, struct err *why)
{
    return consumer_fatal(stage->consumer, why) ||
           producer_fatal(stage->bulk, why) ||
           producer_fatal(stage->quick, why) ||
           (stage->single && producer_fatal(stage->single, why));
}

static bool
has_room(struct stage *stage)
{
    return !stage->swapping &&
           producer_queued(stage->bulk) + producer_queued(stage->quick) <
               MAX_QUEUED;
}

static void
open_waiting(struct stage *stage)
{
    int64_t now = stage_now(stage);
    for (struct part *part = stage->parts; part; part = part->next) {
        if (part->retry_at_ms > now)
            continue;
        if (part->phase == PART_WAITING)
            part_open(stage, part);
        else if (part->phase == PART_STOPPED)
            part_look_for_operator(stage, part);
    }
}

/* Another member of the group in its place: all partitions are given up, and
 * come back to whom the group gives them. */
static bool
renew_consumer(struct stage *stage, const char *because, struct err *why)
{
    log_warn("stage", "%s: joining %.*s anew", because,
             STR_ARG(stage->consumer_plan.group));
    consumer_close(stage->consumer);
    stage->consumer = consumer_open(&stage->consumer_plan, why);
    return stage->consumer != NULL;
}

/* Twice without Kafka's having been away: whoever took it is alive. */
static bool
take_name_again(struct stage *stage, bool was_away, struct err *why)
{
    int64_t now = stage_now(stage);
    if (!was_away && stage->fenced_ms > 0 &&
        now - stage->fenced_ms < FENCED_MS) {
        err_set(why,
                "another process is the instance '%.*s' of the group %.*s: "
                "give each its own `instance`",
                STR_ARG(stage->consumer_plan.instance),
                STR_ARG(stage->consumer_plan.group));
        return false;
    }
    stage->fenced_ms = now;
    return renew_consumer(stage, "another member has our name", why);
}

static bool
keep_consumer(struct stage *stage, struct err *why)
{
    bool was_away;
    if (consumer_fenced(stage->consumer, &was_away))
        return take_name_again(stage, was_away, why);
    return !consumer_stuck(stage->consumer) ||
           renew_consumer(stage, "a partition cannot be read any more", why);
}

void
stage_serve_acks(struct stage *stage, int timeout_ms)
{
    producer_poll(stage->bulk, timeout_ms);
    producer_poll(stage->quick, 0);
    if (stage->single)
        producer_poll(stage->single, timeout_ms);
}

static enum fate
turn(struct stage *stage, struct err *why)
{
    if (!keep_consumer(stage, why))
        return FATAL;
    consumer_poll(stage->consumer);
    if (fatal(stage, why))
        return FATAL;
    open_waiting(stage);
    refresh_ends(stage);
    int n = 0;
    if (has_room(stage) && take_round(stage, &n, why) == FATAL)
        return FATAL;
    batch_close_ready(stage);
    packs_send_old(stage);
    stage_serve_acks(stage, 0);
    bool moved = batch_commit_step(stage);
    if (n > 0)
        stage->worked_ms = stage_now(stage);
    stage_idle(stage);
    if (n == 0 && !moved)
        consumer_wait(stage->consumer,
                      stage->first || stage->held_back ? 1 : 20);
    return DONE;
}

static void
finish(struct stage *stage)
{
    if (stage->plan->step)
        step_tell(stage->plan->step, stage->plan->worker, INT64_MAX);
    batch_close_all(stage);
    stage_fault(stage, FAULT_stopping);
    bool drained = batch_drain(stage, NULL, DRAIN_MS);
    for (struct part *part = stage->parts; drained && part; part = part->next) {
        struct err why;
        if (part->phase == PART_RUNNING && part->n_in_flight == 0 &&
            marker_compare(&part->snapshot_marker, &part->done) != 0 &&
            !part_snapshot(stage, part, &why))
            log_warn("stage", "%.*s: no snapshot on stop: %s",
                     STR_ARG(buf_str(&part->name)), why.text);
    }
}

enum fate
stage_run(struct stage *stage, struct err *why)
{
    while (!atomic_load(stage->plan->stopping))
        if (turn(stage, why) == FATAL)
            return FATAL;
    finish(stage);
    return DONE;
}
