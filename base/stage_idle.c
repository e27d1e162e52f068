/* SPDX-License-Identifier: Apache-2.0
 *
 * What the clock asks of a worker, none of which changes what is computed:
 * a commit a second also when idle (STREAM 5), snapshots (22), announcements
 * of progress (18) and Kafka's clock for partitions that are caught up (12),
 * sharing watermarks with other workers (17), taking a changed configuration
 * (21). */
#include "stage_priv.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ENDS_MS = 2000,
    MAX_ANNOUNCED = 512,
    CHANGED_MS = 1000,
    STALE_MS = 15000,
    PROBE_MS = 2000,
    STEP_TEXT = 80, /* of one partition in tc:step */
};

bool
part_snapshot(struct stage *stage, struct part *part, struct err *why)
{
    struct snapshot snapshot = {
        .slot = part->next_slot,
        .id = stage->plan->random() >> 2,
        .marker = part->done,
    };
    struct snapshot_place place = part_place(stage, part);
    stage_fault(stage, FAULT_saving);
    if (!snapshot_write(&place, stage->quick, stage->plan->ops, part->state,
                        &snapshot, why))
        return false;
    part->next_slot = 1 - part->next_slot;
    part->snapshot_marker = snapshot.marker;
    part->snapshot_ms = stage_now(stage);
    stage_fault(stage, FAULT_saved);
    return true;
}

/* A snapshot is of committed state: reading waits until nothing of the
 * partition is in flight. */
static void
snapshots(struct stage *stage, int64_t now)
{
    for (struct part *part = stage->parts; part; part = part->next) {
        if (part->phase != PART_RUNNING)
            continue;
        if (now - part->snapshot_ms >= stage->plan->snapshot_ms &&
            marker_compare(&part->snapshot_marker, &part->done) != 0)
            part->snapshot_due = true;
        if (!part->snapshot_due || part->n_in_flight > 0 || part->open)
            continue;
        struct err why;
        part->snapshot_due = false;
        if (!part_snapshot(stage, part, &why)) {
            log_warn("stage", "%.*s: no snapshot: %s",
                     STR_ARG(buf_str(&part->name)), why.text);
            part->snapshot_ms = now; /* next try in an interval's time */
        }
    }
}

static void
idle_commits(struct stage *stage, int64_t now)
{
    for (struct part *part = stage->parts; part; part = part->next)
        if (part->phase == PART_RUNNING && part->n_in_flight == 0 &&
            !part->open && now - part->committed_ms >= IDLE_COMMIT_MS &&
            batch_open(stage, part))
            batch_close(stage, part);
}

static bool
read_to_the_end(const struct part *part)
{
    return part->phase == PART_RUNNING && !part->verify && !part->open &&
           part->read.offset >= part->end;
}

/* After the acknowledgement of an announcement: its append time is Kafka's
 * clock, believed for a partition whose end, asked for now, is where reading
 * stands. What is in flight may be: commits are in order. */
static void
use_kafka_clock(struct stage *stage)
{
    int64_t kafka_ms = stage->announcement->append_ms;
    if (kafka_ms > stage->kafka_ms)
        stage->kafka_ms = kafka_ms;
    if (!stage->clock_wanted || stage->announcement->failed > 0 ||
        kafka_ms <= 0)
        return;
    for (struct part *part = stage->parts; part; part = part->next) {
        int64_t low, high;
        struct err why;
        if (!read_to_the_end(part) || part->n_in_flight >= MAX_IN_FLIGHT)
            continue;
        if (!lane_ask_ends(part->lane, ENDS_MS, &low, &high, &why))
            return; /* Kafka is away: the next would only wait as long */
        if (high > part->read.offset && !lane_is_empty_to(part->lane, high)) {
            part->end = high > part->end ? high : part->end;
            continue;
        }
        if (high < part->read.offset || !batch_open(stage, part))
            continue;
        stage->plan->ops->clock(part->state, kafka_ms);
        part->watermark_ms = stage->plan->ops->watermark_ms(part->state);
        batch_close(stage, part);
        stage_fault(stage, FAULT_told_time);
    }
}

static void
announce(struct stage *stage, int64_t now)
{
    struct progress at[MAX_ANNOUNCED];
    size_t n = 0;
    for (struct part *part = stage->parts; part && n < MAX_ANNOUNCED;
         part = part->next) {
        part->unannounced = false;
        if (part->phase != PART_RUNNING && !part->aside)
            continue;
        at[n++] = (struct progress){
            .topic = buf_str(&part->topic),
            .partition = part->partition,
            .incarnation = part->done.incarnation,
            .offset = part->done.offset,
            .watermark_ms = part->done_watermark_ms,
            .aside = part->aside != NULL,
        };
    }
    stage->announced_ms = now;
    if (n == 0)
        return;
    *stage->announcement = (struct delivery){0};
    stage->computing = stage->announcement;
    struct sink sink = stage_sink(stage);
    stage->plan->ops->announce(stage->plan->stage, at, n, &sink);
    stage_fault(stage, FAULT_announced);
}

static void
announcements(struct stage *stage, int64_t now)
{
    if (!stage->plan->ops->announce)
        return;
    if (!stage->announcement) {
        stage->announcement = calloc(1, sizeof *stage->announcement);
        if (!stage->announcement)
            return;
    }
    if (stage->announcement->waiting > 0 || !stage->all_joined)
        return; /* the last one is not acknowledged yet, or nobody may */
    use_kafka_clock(stage);
    stage_look_aside(stage);
    stage->clock_wanted = false;
    bool fresh = false;
    for (struct part *part = stage->parts; part; part = part->next)
        fresh |=
            part->unannounced && (part->phase == PART_RUNNING || part->aside);
    bool working = now - stage->worked_ms < IDLE_COMMIT_MS;
    int64_t since = now - stage->announced_ms;
    if ((working && fresh && since >= WORK_ANNOUNCE_MS) ||
        since >= IDLE_ANNOUNCE_MS) {
        announce(stage, now);
        stage->clock_wanted = !working;
    }
}

/* --- acting: what it sends is not awaited. It waits itself until that is read
 * back, so what Kafka refuses would be waited for for ever: then the state is
 * loaded anew and acts on what the log holds. */

static void
act_anew(struct stage *stage, int64_t now)
{
    struct delivery *acts = stage->acts;
    if (!acts || acts->failed == 0 || acts->waiting > 0)
        return;
    struct err why = acts->why;
    *acts = (struct delivery){0};
    for (struct part *part = stage->parts; part; part = part->next)
        if (part->phase == PART_RUNNING)
            part_reopen(stage, part, now + RETRY_MS, &why);
}

static void
act(struct stage *stage, int64_t now)
{
    const struct stage_ops *ops = stage->plan->ops;
    if (!ops->act || now - stage->acted_ms < ACT_MS)
        return;
    act_anew(stage, now);
    stage->acted_ms = now;
    if (!stage->acts)
        stage->acts = calloc(1, sizeof *stage->acts);
    for (struct part *part = stage->parts; stage->acts && part;
         part = part->next) {
        if (!read_to_the_end(part) || part->n_in_flight > 0 ||
            part->read.offset < part->taken_end)
            continue;
        stage->computing = stage->acts;
        struct sink sink = stage_sink(stage);
        ops->act(part->state, stage->plan->wall_ms(), &sink);
        stage_fault(stage, FAULT_acted);
    }
}

/* --- watermarks of all workers, in the hash tc:step. The field is the
 * partition's name; the value "watermark unread clock process restoring": the
 * clock (Redis' own) shows that the owner lives; workers of one process know
 * better of each other (base/step.h). It only paces reading and warns readers
 * of counts: nothing exact depends on it. */

static const struct str step_key = {"tc:step", 7};

struct floor_of_others {
    struct stage *stage;
    int64_t least;
    int64_t best_caught_up_ms;
};

static int64_t
process_id(const struct stage *stage)
{
    return stage->plan->step ? step_id(stage->plan->step) : -1;
}

static bool
is_mine(const struct stage *stage, struct str name, struct str process)
{
    int64_t id;
    if (stage->plan->step && str_to_i64(process, &id) &&
        id == process_id(stage))
        return true;
    for (const struct part *part = stage->parts; part; part = part->next)
        if (str_equal(buf_str(&part->name), name))
            return true;
    return false;
}

/* "STAGE/TOPIC/PARTITION" of our stage, and still bound. */
static bool
is_ours(const struct stage *stage, struct str name)
{
    const struct stage_plan *plan = stage->plan;
    struct str part;
    if (!str_split(&name, '/', &part) || !str_equal(part, plan->ops->name))
        return false;
    return !plan->bound || (str_split(&name, '/', &part) &&
                            plan->bound(plan->bound_context, part));
}

/* An owner that has not been heard of for STALE_MS holds nobody, except just
 * after an assignment: then it may be new and not have spoken yet. */
static bool
read_other(void *context, struct str field, struct str value)
{
    struct floor_of_others *f = context;
    struct stage *stage = f->stage;
    struct str watermark, unread, at, process;
    int64_t watermark_ms, at_ms;
    if (!is_ours(stage, field) || !str_split(&value, ' ', &watermark) ||
        !str_split(&value, ' ', &unread) || !str_split(&value, ' ', &at) ||
        !str_split(&value, ' ', &process) ||
        !str_to_i64(watermark, &watermark_ms) || !str_to_i64(at, &at_ms))
        return true;
    bool has_unread = str_equal(unread, STR("1"));
    bool fresh = stage->shared_ms - at_ms < STALE_MS;
    bool fresh_owner = stage_now(stage) - stage->assigned_ms < STALE_MS;
    if (fresh && !has_unread && watermark_ms > f->best_caught_up_ms)
        f->best_caught_up_ms = watermark_ms;
    if ((fresh || fresh_owner) && has_unread && watermark_ms < f->least &&
        !is_mine(stage, field, process))
        f->least = watermark_ms;
    return true;
}

/* Redis' own clock, so that "stale" means the same to all workers. */
static bool
redis_clock(struct stage *stage, int64_t *ms)
{
    struct str arg[] = {STR("TIME")};
    struct redis_reply *reply;
    struct err why;
    if (redis_call(stage->side, arg, 1, &reply, &why) != REDIS_FINE)
        return false;
    int64_t seconds = 0, micros = 0;
    bool fine = str_to_i64(reply_text(reply_at(reply, 0)), &seconds) &&
                str_to_i64(reply_text(reply_at(reply, 1)), &micros);
    redis_reply_free(reply);
    *ms = seconds * 1000 + micros / 1000;
    return fine;
}

static bool
share_own(struct stage *stage, int64_t clock_ms, struct err *why)
{
    struct str arg[2 + 2 * MAX_ANNOUNCED] = {STR("HSET"), step_key};
    char text[MAX_ANNOUNCED][STEP_TEXT];
    size_t n = 0;
    for (struct part *part = stage->parts; part && n < MAX_ANNOUNCED;
         part = part->next) {
        snprintf(text[n], STEP_TEXT,
                 "%" PRId64 " %d %" PRId64 " %" PRId64 " %d",
                 part->watermark_ms, part_is_awaited(stage, part), clock_ms,
                 process_id(stage), part->restoring);
        arg[2 + 2 * n] = buf_str(&part->name);
        arg[3 + 2 * n] = str_of(text[n]);
        n++;
    }
    struct redis_reply *reply = NULL;
    if (n > 0 &&
        redis_call(stage->side, arg, 2 + 2 * n, &reply, why) != REDIS_FINE)
        return false;
    redis_reply_free(reply);
    return true;
}

void
stage_ask_others(struct stage *stage)
{
    const struct stage_plan *plan = stage->plan;
    stage->others_floor_ms = NO_TIME;
    stage->shared_at_ms = 0;
    if (plan->step)
        step_tell(plan->step, plan->worker, NO_TIME);
}

static void
share_step(struct stage *stage)
{
    int64_t clock_ms;
    stage->others_floor_ms = NO_TIME; /* as long as it is not known */
    if (stage->redis_away || !redis_clock(stage, &clock_ms))
        return;
    struct err why;
    if (!share_own(stage, clock_ms, &why))
        return;
    stage_fault(stage, FAULT_shared);
    struct floor_of_others floor = {stage, INT64_MAX, NO_TIME};
    stage->shared_ms = clock_ms;
    if (stage->plan->ahead_ms == 0)
        return;
    if (redis_hash_each(stage->side, step_key, read_other, &floor, &why) ==
        REDIS_FINE) {
        stage->others_floor_ms = floor.least;
        stage->best_caught_up_ms = floor.best_caught_up_ms;
    }
}

/* --- a changed configuration */

/* Something is computed and not committed. */
static bool
is_busy(const struct stage *stage)
{
    for (const struct part *part = stage->parts; part; part = part->next)
        if (part->open || part->n_in_flight > 0)
            return true;
    return false;
}

static void
take_changes(struct stage *stage, int64_t now)
{
    const struct stage_ops *ops = stage->plan->ops;
    if (!ops->changed)
        return;
    if (!stage->swapping && now - stage->changed_ms >= CHANGED_MS) {
        stage->changed_ms = now;
        stage->swapping = ops->changed(stage->plan->stage);
    }
    if (!stage->swapping || now < stage->swap_at_ms || is_busy(stage))
        return;
    for (struct part *part = stage->parts; part; part = part->next) {
        struct err why;
        if (part->phase == PART_RUNNING &&
            marker_compare(&part->snapshot_marker, &part->done) != 0 &&
            !part_snapshot(stage, part, &why)) {
            log_warn("stage", "the change waits: %s", why.text);
            stage->swap_at_ms = stage_now(stage) + CHANGED_MS;
            return;
        }
    }
    stage_fault(stage, FAULT_swapping);
    ops->swap(stage->plan->stage);
    stage_fault(stage, FAULT_swapped);
    stage->swapping = false;
}

static void
look_for_kafka(struct stage *stage, int64_t now)
{
    if (consumer_connected(stage->consumer, NULL) ||
        now - stage->probed_ms < PROBE_MS)
        return;
    consumer_probe(stage->consumer, PROBE_MS / 4);
    stage->probed_ms = stage_now(stage);
}

void
stage_idle(struct stage *stage)
{
    int64_t now = stage_now(stage);
    idle_commits(stage, now);
    snapshots(stage, now);
    stage_join(stage, now);
    announcements(stage, now);
    act(stage, now);
    take_changes(stage, now);
    look_for_kafka(stage, now);
    stage_watch(stage, now);
    if (now - stage->shared_at_ms >=
        (stage->held_back ? HELD_BACK_MS : STEP_SHARE_MS)) {
        stage->shared_at_ms = now;
        share_step(stage);
    }
    if (now - stage->published_ms >= STATUS_MS)
        stage_publish(stage);
}
