/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking and losing a partition. Taking is: claim (from now on nobody else can
 * commit), then load the state Redis holds, or the newest snapshot if Redis
 * holds none or an older one, or begin at offset 0 if that is still there;
 * then check that the log is the one the marker speaks of. What cannot be
 * right stops this partition, loudly, and no other (STREAM 2, 6, 22). */
#include "stage_priv.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ENDS_MS = 5000,
    LOAD_BYTES = 1 << 20, /* of one commit while restoring */
};

void
part_assigned(void *context, struct lane *lane, struct str topic,
              int32_t partition)
{
    struct stage *stage = context;
    struct part *part = calloc(1, sizeof *part);
    if (!part)
        log_fatal("stage", "out of memory");
    part->lane = lane;
    part->partition = partition;
    part->next_slot = 0;
    buf_add(&part->topic, topic);
    buf_add(&part->name, stage->plan->ops->name);
    buf_char(&part->name, '/');
    buf_add(&part->name, topic);
    buf_char(&part->name, '/');
    buf_i64(&part->name, partition);
    part->watermark_ms = part->done_watermark_ms = NO_TIME;
    part->claim.name = buf_str(&part->name);
    part->claim.tables = &stage->plan->ops->tables;
    stage->assigned_ms = stage_now(stage);
    part->awaited_until_ms = stage->assigned_ms + AWAITED_MS;
    stage_ask_others(stage);
    part->next = stage->parts;
    stage->parts = part;
    err_set(&part->why, "being taken");
    log_info("stage", "%.*s: assigned", STR_ARG(buf_str(&part->name)));
}

static void
free_state(struct stage *stage, struct part *part)
{
    if (part->state)
        stage->plan->ops->state_free(part->state);
    part->state = NULL;
}

void
part_revoked(void *context, struct lane *lane, bool lost)
{
    struct stage *stage = context;
    struct part **link = &stage->parts;
    while (*link && (*link)->lane != lane)
        link = &(*link)->next;
    struct part *part = *link;
    if (!part)
        return;
    if (!lost && part->phase == PART_RUNNING) {
        batch_close(stage, part);
        batch_drain(stage, part, stage->redis_away ? 0 : DRAIN_MS / 4);
    }
    stage_fault(stage, FAULT_leaving);
    batch_drop_of(stage, part);
    free_state(stage, part);
    *link = part->next;
    log_info("stage", "%.*s: %s", STR_ARG(buf_str(&part->name)),
             lost ? "lost" : "given up");
    buf_free(&part->topic);
    buf_free(&part->name);
    packs_free(&part->packs);
    free(part);
}

void
part_reopen(struct stage *stage, struct part *part, int64_t retry_at_ms,
            const struct err *why)
{
    if (why) {
        if (strcmp(part->why.text, why->text) != 0)
            log_warn("stage", "%.*s: %s", STR_ARG(buf_str(&part->name)),
                     why->text);
        part->why = *why;
    }
    batch_drop_of(stage, part);
    consumer_pause(stage->consumer, part->lane);
    free_state(stage, part);
    if (part->phase == PART_RUNNING)
        part->awaited_until_ms = stage_now(stage) + AWAITED_MS;
    part->phase = PART_WAITING;
    part->retry_at_ms = retry_at_ms;
    part->snapshot_due = false;
}

void
part_stop(struct stage *stage, struct part *part, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    struct err why;
    vsnprintf(why.text, sizeof why.text, format, list);
    va_end(list);
    log_warn("stage", "%.*s stopped: %s", STR_ARG(buf_str(&part->name)),
             why.text);
    part->why = why;
    part_reopen(stage, part, stage_now(stage) + RETRY_MS, NULL);
    part->phase = PART_STOPPED;
}

void
part_look_for_operator(struct stage *stage, struct part *part)
{
    uint64_t number;
    struct err why;
    part->retry_at_ms = stage_now(stage) + RETRY_MS;
    if (commit_owner(stage->side, &part->claim, &number, &why) == COMMIT_DONE &&
        number != part->claim.number)
        part->phase = PART_WAITING;
}

/* --- loading */

struct loading {
    struct stage *stage;
    struct part *part;
    size_t table;
    struct err *why;
    bool wrong;
};

static bool
load_field(void *context, struct str field, struct str value)
{
    struct loading *l = context;
    l->wrong |= !l->stage->plan->ops->state_load(l->part->state, l->table,
                                                 field, value, l->why);
    return !l->wrong;
}

static bool
load_snapshot_field(void *context, size_t table, struct str field,
                    struct str value, struct err *why)
{
    struct loading *l = context;
    return l->stage->plan->ops->state_load(l->part->state, table, field, value,
                                           why);
}

static bool
new_state(struct stage *stage, struct part *part)
{
    free_state(stage, part);
    part->state = stage->plan->ops->state_new(
        stage->plan->stage, buf_str(&part->topic), part->partition);
    return part->state != NULL;
}

/* RETRY: Redis is away. REJECT: what lies there cannot be read. */
static enum fate
load_from_redis(struct stage *stage, struct part *part, struct err *why)
{
    const struct tables *tables = &stage->plan->ops->tables;
    struct buf key = {0};
    enum redis_says says = REDIS_FINE;
    struct loading l = {stage, part, 0, why, false};
    for (size_t i = 0; i < tables->n && says == REDIS_FINE && !l.wrong; i++) {
        buf_clear(&key);
        buf_state_key(&key, buf_str(&part->name), tables->name[i]);
        l.table = i;
        says = redis_hash_each(stage->side, buf_str(&key), load_field, &l, why);
    }
    buf_free(&key);
    return l.wrong              ? REJECT
           : says == REDIS_FINE ? DONE
           : says == REDIS_AWAY ? RETRY
                                : REJECT;
}

/* --- writing a restored or a new state to Redis */

struct storing {
    struct stage *stage;
    struct part *part;
    struct changes changes;
    bool drop;
    enum commit_says says;
    struct err *why;
};

static void
store_flush(struct storing *s, const char *marker)
{
    struct commit commit = {
        .marker = marker,
        .drop_tables = s->drop,
        .changes = &s->changes,
    };
    stage_fault(s->stage, FAULT_storing);
    if (s->says == COMMIT_DONE)
        s->says = commit_now(s->stage->side, &s->part->claim, &commit,
                             &s->stage->args, s->why);
    s->drop = false;
    changes_clear(&s->changes);
}

static void
store_field(void *context, size_t table, struct str field, struct str value)
{
    struct storing *s = context;
    if (!value.at)
        return;
    changes_set(&s->changes, table, field, value);
    if (s->changes.bytes.len >= LOAD_BYTES)
        store_flush(s, NULL);
}

/* The whole state, the marker last: until then there is none, so a crash on
 * the way starts over. */
static enum commit_says
store_whole(struct stage *stage, struct part *part, struct err *why)
{
    struct storing s = {stage, part,        {{0}, NULL, 0, 0, false},
                        true,  COMMIT_DONE, why};
    struct emit emit = {store_field, &s};
    stage->plan->ops->state_save(part->state, true, &emit);
    struct buf text = {0};
    marker_write(&text, &part->read);
    buf_char(&text, '\0');
    store_flush(&s, text.at);
    buf_free(&text);
    changes_free(&s.changes);
    stage_fault(stage, FAULT_stored);
    return s.says;
}

/* --- where to begin */

struct opening {
    struct stage *stage;
    struct part *part;
    struct snapshot found[2];
    size_t n_found;
    int64_t low, high;
    bool have;            /* a marker in Redis */
    uint32_t incarnation; /* the highest known */
    struct err why;
};

/* The newest complete snapshot of found[from] … found[to - 1]. */
static enum fate
restore_snapshot(struct opening *o, size_t from, size_t to)
{
    struct stage *stage = o->stage;
    struct part *part = o->part;
    struct snapshot_place place = part_place(stage, part);
    for (size_t i = from; i < to; i++) {
        struct loading l = {stage, part, 0, &o->why, false};
        if (!new_state(stage, part))
            return RETRY;
        enum snapshot_says says = snapshot_read(
            &place, &o->found[i], load_snapshot_field, &l, &o->why);
        if (says == SNAPSHOT_AWAY)
            return RETRY;
        if (says == SNAPSHOT_NONE) {
            log_warn("stage",
                     "%.*s: the snapshot at offset %" PRId64 " is not used: %s",
                     STR_ARG(buf_str(&part->name)), o->found[i].marker.offset,
                     o->why.text);
            continue;
        }
        part->read = o->found[i].marker;
        part->next_slot = 1 - o->found[i].slot;
        part->snapshot_marker = part->read;
        log_info("stage", "%.*s: restored from the snapshot at offset %" PRId64,
                 STR_ARG(buf_str(&part->name)), part->read.offset);
        return DONE;
    }
    return REJECT;
}

/* Restored or new, it goes to Redis before anything is computed. */
static enum fate
store_state(struct opening *o)
{
    enum commit_says says = store_whole(o->stage, o->part, &o->why);
    if (says == COMMIT_REFUSED)
        err_set(&o->why, "taken by somebody else meanwhile");
    return says == COMMIT_DONE ? DONE : RETRY;
}

/* No marker and no snapshot: the log from its first record, if it is there. */
static enum fate
begin_anew(struct opening *o)
{
    struct part *part = o->part;
    if (o->low > 0) {
        part_stop(o->stage, part,
                  "nothing is known of this partition and its first %" PRId64
                  " records are gone; `thapcanh rebuild --topic %.*s "
                  "--partition %d --from OFFSET` says where to begin",
                  o->low, STR_ARG(buf_str(&part->topic)), part->partition);
        return REJECT;
    }
    if (!new_state(o->stage, part))
        return RETRY;
    part->read = (struct marker){.incarnation = o->incarnation};
    memcpy(part->read.cluster, o->stage->cluster, sizeof part->read.cluster);
    return DONE;
}

/* An emptied Redis ends a scan early and without an error: what was read is
 * the whole state only if the claim still lies there. */
static enum fate
load_whole(struct opening *o)
{
    uint64_t owner;
    if (!new_state(o->stage, o->part))
        return RETRY;
    enum fate fate = load_from_redis(o->stage, o->part, &o->why);
    if (fate != DONE)
        return fate;
    if (commit_owner(o->stage->side, &o->part->claim, &owner, &o->why) !=
        COMMIT_DONE)
        return RETRY;
    if (owner == o->part->claim.number)
        return DONE;
    err_set(&o->why, "Redis was changed while the state was read");
    return RETRY;
}

/* STREAM 22. A snapshot that is newer than what Redis holds goes before it:
 * Redis has lost its end. Then Redis, then older snapshots, then the log. */
static enum fate
load_state(struct opening *o)
{
    struct part *part = o->part;
    size_t n_newer = 0;
    while (n_newer < o->n_found &&
           (!o->have ||
            marker_compare(&o->found[n_newer].marker, &part->read) > 0))
        n_newer++;
    enum fate fate = restore_snapshot(o, 0, n_newer);
    if (fate == REJECT && o->have) {
        fate = load_whole(o);
        if (fate != REJECT)
            return fate;
        log_warn("stage", "%.*s: %s", STR_ARG(buf_str(&part->name)),
                 o->why.text);
    }
    part->restoring = true;
    if (fate == REJECT)
        fate = restore_snapshot(o, n_newer, o->n_found);
    if (fate == REJECT)
        fate = begin_anew(o);
    return fate == DONE ? store_state(o) : fate;
}

/* STREAM 6. True when the log can be the one that was read. */
static bool
same_log(struct opening *o)
{
    struct part *part = o->part;
    const struct marker *at = &part->read;
    const char *cure = "`thapcanh rebuild` starts it on this log";
    if (strcmp(at->cluster, o->stage->cluster) != 0)
        part_stop(o->stage, part, "this is cluster %s, the marker is of %s; %s",
                  o->stage->cluster, at->cluster, cure);
    else if (o->high < at->offset)
        part_stop(o->stage, part,
                  "the log ends at %" PRId64 ", before the marker at %" PRId64
                  ": truncated or made anew; %s",
                  o->high, at->offset, cure);
    else if (o->low > at->offset)
        part_stop(o->stage, part,
                  "%" PRId64 " records were deleted before they were read "
                  "(marker %" PRId64 ", log begins at %" PRId64 "); %s",
                  o->low - at->offset, at->offset, o->low, cure);
    return part->phase != PART_STOPPED;
}

static enum fate
find_marker(struct opening *o)
{
    struct stage *stage = o->stage;
    struct part *part = o->part;
    if (!lane_ask_ends(part->lane, ENDS_MS, &o->low, &o->high, &o->why))
        return RETRY;
    struct buf text = {0};
    uint64_t number = stage->plan->random() >> 2; /* fits an int64 */
    stage_fault(stage, FAULT_claiming);
    enum commit_says says =
        commit_claim(stage->side, &part->claim, number, &text, &o->why);
    if (says == COMMIT_DONE)
        o->have = marker_read(buf_str(&text), &part->read);
    buf_free(&text);
    if (says == COMMIT_AWAY)
        stage_redis_gone(stage, &o->why);
    if (says != COMMIT_DONE)
        return RETRY;
    stage_redis_back(stage);
    stage_fault(stage, FAULT_claimed);
    struct snapshot_place place = part_place(stage, part);
    if (snapshot_find(&place, o->found, &o->n_found, &o->why) == SNAPSHOT_AWAY)
        return RETRY;
    part->next_slot = o->n_found > 0 ? 1 - o->found[0].slot : 0;
    part->snapshot_marker =
        o->n_found > 0 ? o->found[0].marker : (struct marker){0};
    o->incarnation = o->have ? part->read.incarnation : 1;
    for (size_t i = 0; i < o->n_found; i++)
        if (o->found[i].marker.incarnation > o->incarnation)
            o->incarnation = o->found[i].marker.incarnation;
    return DONE;
}

static bool
find_cluster(struct stage *stage, struct err *why)
{
    if (stage->cluster[0])
        return true;
    struct kafka_admin *admin = kafka_admin_open(stage->plan->kafka, why);
    struct buf id = {0};
    bool fine = admin && kafka_cluster_id(admin, ENDS_MS, &id, why);
    if (admin)
        kafka_admin_close(admin);
    size_t n =
        id.len < sizeof stage->cluster ? id.len : sizeof stage->cluster - 1;
    if (fine)
        memcpy(stage->cluster, id.at, n);
    buf_free(&id);
    return fine;
}

static void
start_reading(struct opening *o)
{
    struct stage *stage = o->stage;
    struct part *part = o->part;
    struct buf text = {0};
    marker_write(&text, &part->read);
    size_t n = text.len < MARKER_TEXT ? text.len : MARKER_TEXT - 1;
    memcpy(part->tail, text.at, n);
    part->tail[n] = '\0';
    buf_free(&text);
    part->done = part->read;
    part->end = part->taken_end = o->high;
    part->held_until_ms = 0;
    part->join = JOIN_NOT;
    part->watermark_ms = stage->plan->ops->watermark_ms(part->state);
    part->done_watermark_ms = part->watermark_ms;
    part->verify = part->read.has_last && part->read.offset > o->low;
    int64_t from = part->verify ? part->read.offset - 1 : part->read.offset;
    if (!consumer_start(stage->consumer, part->lane, from, &o->why)) {
        part_reopen(stage, part, stage_now(stage) + RETRY_MS, &o->why);
        return;
    }
    stage_fault(stage, FAULT_started);
    part->phase = PART_RUNNING;
    part->why.text[0] = '\0';
    part->committed_ms = part->snapshot_ms = part->fed_ms = stage_now(stage);
    part->restoring &= part->read.offset < o->high;
    /* An operator's word lies in Redis alone until there is a snapshot. */
    part->snapshot_due =
        part->read.incarnation > 1 &&
        part->read.incarnation != part->snapshot_marker.incarnation;
    log_info("stage", "%.*s: from offset %" PRId64 " of %" PRId64,
             STR_ARG(buf_str(&part->name)), part->read.offset, o->high);
}

void
part_open(struct stage *stage, struct part *part)
{
    struct opening *o = calloc(1, sizeof *o);
    if (!o)
        return;
    o->stage = stage;
    o->part = part;
    bool fine = find_cluster(stage, &o->why) && find_marker(o) == DONE &&
                load_state(o) == DONE;
    stage_fault(stage, FAULT_loaded);
    if (fine && same_log(o))
        start_reading(o);
    else if (!fine && part->phase != PART_STOPPED)
        part_reopen(stage, part, stage_now(stage) + RETRY_MS, &o->why);
    free(o);
}
