/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: what was computed from a stretch of one partition, from closing to
 * commit. Closed batches stand in one line; only the first is committed, when
 * Kafka has acknowledged its outputs; so commits of a partition are in order.
 * A commit of unknown outcome is sent again: if it had been carried out, the
 * second is refused, and the marker tells. */
#include "stage_priv.h"

#include "base/hash.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static void
marker_text(char text[MARKER_TEXT], const struct marker *marker)
{
    struct buf buf = {0};
    marker_write(&buf, marker);
    size_t n = buf.len < MARKER_TEXT ? buf.len : MARKER_TEXT - 1;
    memcpy(text, buf.at, n);
    text[n] = '\0';
    buf_free(&buf);
}

bool
batch_open(struct stage *stage, struct part *part)
{
    struct batch *batch = stage->spare;
    if (batch)
        stage->spare = batch->next;
    else
        batch = calloc(1, sizeof *batch);
    if (!batch)
        return false;
    batch->next = NULL;
    batch->part = part;
    batch->n_records = batch->n_refusals = 0;
    batch->alone = part->read.offset < part->alone_until;
    batch->delivery = (struct delivery){0};
    changes_clear(&batch->changes);
    part->open = batch;
    return true;
}

static void
change_field(void *context, size_t table, struct str field, struct str value)
{
    struct changes *changes = context;
    if (value.at)
        changes_set(changes, table, field, value);
    else
        changes_unset(changes, table, field);
}

void
batch_close(struct stage *stage, struct part *part)
{
    struct batch *batch = part->open;
    if (!batch)
        return;
    part->open = NULL;
    stage->computing = &batch->delivery;
    packs_send(stage, &part->packs);
    const struct record *last = lane_last(part->lane);
    if (last && last->offset + 1 == part->read.offset) {
        part->read.has_last = true;
        part->read.last_ms = last->timestamp_ms;
        part->read.last_crc =
            hash_crc32c(hash_crc32c(0, last->key), last->value);
    }
    struct emit emit = {change_field, &batch->changes};
    stage->plan->ops->state_save(part->state, false, &emit);
    batch->to = part->read;
    batch->watermark_ms = part->watermark_ms;
    memcpy(batch->from_text, part->tail, MARKER_TEXT);
    marker_text(batch->to_text, &batch->to);
    memcpy(part->tail, batch->to_text, MARKER_TEXT);
    batch->closed_us = batch->delivery.waiting > 0 ? stage_now_us(stage) : 0;
    *stage->last = batch;
    stage->last = &batch->next;
    stage->n_in_flight++;
    part->n_in_flight++;
    stage_fault(stage, FAULT_closed);
}

void
batch_close_all(struct stage *stage)
{
    for (struct part *part = stage->parts; part; part = part->next)
        batch_close(stage, part);
}

void
batch_close_ready(struct stage *stage)
{
    for (struct part *part = stage->parts; part; part = part->next)
        if (part->n_in_flight < MAX_IN_FLIGHT)
            batch_close(stage, part);
}

static void
give_back(struct stage *stage, struct batch *batch)
{
    batch->part = NULL;
    bool waiting = batch->delivery.waiting > 0;
    struct batch **list = waiting ? &stage->dropped : &stage->spare;
    batch->next = *list;
    *list = batch;
}

/* Dropped batches whose acknowledgements have all come may be used again. */
static void
sort_dropped(struct stage *stage)
{
    struct batch *batch = stage->dropped;
    stage->dropped = NULL;
    while (batch) {
        struct batch *next = batch->next;
        give_back(stage, batch);
        batch = next;
    }
}

void
batch_drop_of(struct stage *stage, struct part *part)
{
    if (stage->sent && stage->first && stage->first->part == part) {
        redis_drop(stage->redis); /* outcome unknown: the marker tells */
        stage->sent = false;
    }
    if (part->open)
        give_back(stage, part->open);
    part->open = NULL;
    packs_clear(&part->packs);
    struct batch **link = &stage->first;
    while (*link) {
        struct batch *batch = *link;
        if (batch->part != part) {
            link = &batch->next;
            continue;
        }
        *link = batch->next;
        stage->n_in_flight--;
        give_back(stage, batch);
    }
    stage->last = link;
    part->n_in_flight = 0;
}

void
stage_redis_gone(struct stage *stage, const struct err *why)
{
    int64_t pause = stage->redis_pause_ms ? stage->redis_pause_ms * 2 : 50;
    stage->redis_pause_ms = pause < RETRY_MS ? pause : RETRY_MS;
    stage->redis_at_ms = stage_now(stage) + stage->redis_pause_ms;
    stage->redis_why = *why;
    if (stage->sent) /* found by another call: what became of it is not known */
        redis_drop(stage->redis);
    stage->sent = false;
    if (!stage->redis_away)
        log_warn("stage", "%s; waiting, nothing is lost", why->text);
    stage->redis_away = true;
}

void
stage_redis_back(struct stage *stage)
{
    if (stage->redis_away)
        log_info("stage", "Redis is back");
    stage->redis_away = false;
    stage->redis_pause_ms = 0;
}

static void
committed(struct stage *stage, struct batch *batch)
{
    struct part *part = batch->part;
    histogram_add(&stage->commits, stage_now_us(stage) - stage->sent_us);
    stage->first = batch->next;
    if (!stage->first)
        stage->last = &stage->first;
    stage->n_in_flight--;
    part->n_in_flight--;
    part->done = batch->to;
    part->done_watermark_ms = batch->watermark_ms;
    part->committed_ms = stage_now(stage);
    part->unannounced = true;
    stage_fault(stage, FAULT_committed);
    give_back(stage, batch);
}

static bool
settle(struct stage *stage, struct batch *batch, enum commit_says says,
       const struct err *why)
{
    switch (says) {
    case COMMIT_DONE:
        stage_redis_back(stage);
        committed(stage, batch);
        return true;
    case COMMIT_AWAY:
        stage_redis_gone(stage, why);
        return false;
    case COMMIT_REFUSED:
        stage_redis_back(stage);
        stage_fault(stage, FAULT_refused);
        log_info("stage", "%.*s: commit refused, taking it again",
                 STR_ARG(buf_str(&batch->part->name)));
        part_reopen(stage, batch->part, 0, NULL);
        return true;
    case COMMIT_BROKEN:
        part_reopen(stage, batch->part, stage_now(stage) + RETRY_MS, why);
        return true;
    }
    return false;
}

/* One record's outputs, one of them too large for its topic. What stands for
 * it is sent in its place: with the original bytes, and if these are refused
 * too, without. */
static void
refused(struct stage *stage, struct batch *batch)
{
    struct part *part = batch->part;
    struct err why = batch->delivery.why;
    const struct record *record = lane_last(part->lane);
    if (batch->n_refusals == 2 || !record ||
        record->offset + 1 != batch->to.offset) {
        part_stop(stage, part, "even a dead letter is too large: %.200s",
                  why.text);
        return;
    }
    if (batch->n_refusals == 0) {
        part->n_refused++;
        log_warn("stage", "%.*s: offset %lld: %s: a dead letter instead",
                 STR_ARG(buf_str(&part->name)), (long long)record->offset,
                 why.text);
    }
    batch->delivery = (struct delivery){0};
    stage->computing = &batch->delivery;
    stage->one_by_one = true;
    struct sink sink = stage_sink(stage);
    stage->plan->ops->refused(part->state, record, batch->to.incarnation,
                              str_of(why.text), batch->n_refusals++ == 0,
                              &sink);
    stage->one_by_one = false;
}

/* An output was refused for good. For its size: Kafka has refused all that
 * went with it, so the batch is computed again, record by record, each output
 * by itself, to find the one that is too large (STREAM 8). For another reason:
 * an operator's to mend, shown by status, tried until then. */
static void
undelivered(struct stage *stage, struct batch *batch)
{
    struct part *part = batch->part;
    struct err why = batch->delivery.why;
    bool size = batch->delivery.too_large > 0 && stage->plan->ops->refused;
    if (size && batch->alone) {
        refused(stage, batch);
        return;
    }
    if (size && !stage->single)
        stage->single =
            producer_open(stage->plan->kafka, PRODUCER_SINGLE, &why);
    if (size && stage->single) {
        part->alone_until = batch->to.offset;
        part_reopen(stage, part, 0, NULL);
    } else {
        part_reopen(stage, part, stage_now(stage) + RETRY_MS, &why);
    }
}

/* How long Kafka took, of every batch whose last acknowledgement has come:
 * also of those that wait for their turn to be committed. */
static void
measure_acks(struct stage *stage)
{
    for (struct batch *batch = stage->first; batch; batch = batch->next) {
        if (batch->closed_us == 0 || batch->delivery.waiting > 0)
            continue;
        if (batch->delivery.failed == 0)
            histogram_add(&stage->acks, stage_now_us(stage) - batch->closed_us);
        batch->closed_us = 0;
    }
}

bool
batch_commit_step(struct stage *stage)
{
    if (stage->dropped)
        sort_dropped(stage);
    measure_acks(stage);
    struct batch *batch = stage->first;
    if (!batch || batch->delivery.waiting > 0)
        return false;
    struct err why = {""};
    if (batch->delivery.failed > 0) {
        undelivered(stage, batch);
        return true;
    }
    struct claim *claim = &batch->part->claim;
    if (!stage->sent) {
        if (stage_now(stage) < stage->redis_at_ms && stage->redis_away)
            return false;
        struct commit commit = {
            .expected = batch->from_text,
            .marker = batch->to_text,
            .changes = &batch->changes,
        };
        stage_fault(stage, FAULT_committing);
        stage->sent_us = stage_now_us(stage);
        enum commit_says says =
            commit_send(stage->redis, claim, &commit, &stage->args, &why);
        if (says != COMMIT_DONE)
            return settle(stage, batch, says, &why);
        stage->sent = true;
        stage_fault(stage, FAULT_sent);
        return true;
    }
    if (!redis_answered(stage->redis))
        return false;
    stage->sent = false;
    stage_fault(stage, FAULT_answered);
    return settle(stage, batch, commit_finish(stage->redis, claim, &why), &why);
}

static bool
in_flight(const struct stage *stage, const struct part *part)
{
    return part ? part->n_in_flight > 0 : stage->n_in_flight > 0;
}

bool
batch_drain(struct stage *stage, const struct part *part, int64_t limit_ms)
{
    int64_t until = stage_now(stage) + limit_ms;
    while (in_flight(stage, part)) {
        if (stage_now(stage) > until)
            return false;
        stage_serve_acks(stage, 1);
        batch_commit_step(stage);
    }
    return true;
}
