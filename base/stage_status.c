/* SPDX-License-Identifier: Apache-2.0
 *
 * What a worker says of itself: written by the worker itself a few times a
 * second, handed out to whoever asks, from any thread. So the answer is there
 * also while the worker waits for Redis or Kafka; `age` is the asker's to
 * judge. */
#include "stage_priv.h"

#include <inttypes.h>

static const char *
phase_words(const struct part *part)
{
    switch (part->phase) {
    case PART_WAITING:
        return "waiting";
    case PART_STOPPED:
        return "stopped";
    case PART_RUNNING:
        return part->restoring ? "being restored" : "running";
    }
    return "";
}

static void
write_part(const struct stage *stage, const struct part *part, struct buf *json)
{
    int64_t lag = part->end - part->read.offset;
    buf_add(json, STR("{\"topic\":"));
    buf_json(json, buf_str(&part->topic));
    buf_format(json,
               ",\"partition\":%d,\"phase\":\"%s\",\"incarnation\":%" PRIu32
               ",\"offset\":%" PRId64 ",\"committed\":%" PRId64
               ",\"end\":%" PRId64 ",\"lag\":%" PRId64 ",\"read\":%" PRIu64,
               part->partition, phase_words(part), part->read.incarnation,
               part->read.offset, part->done.offset, part->end,
               lag > 0 ? lag : 0, part->n_records);
    if (part->n_refused > 0)
        buf_format(json, ",\"refused_outputs\":%" PRIu64, part->n_refused);
    if (part->phase != PART_RUNNING || part->why.text[0]) {
        buf_add(json, STR(",\"why\":"));
        buf_json(json, str_of(part->why.text));
    }
    if (part->aside)
        buf_format(json, ",\"aside\":\"%s\"", part->aside);
    if (part->watermark_ms != NO_TIME)
        buf_format(json, ",\"watermark_ms\":%" PRId64, part->watermark_ms);
    if (part->state) {
        buf_char(json, ',');
        stage->plan->ops->status(part->state, json);
    }
    buf_char(json, '}');
}

static void
write_away(struct buf *json, const char *name, bool away, const struct err *why)
{
    buf_format(json, "\"%s\":{\"away\":%s", name, away ? "true" : "false");
    if (away) {
        buf_add(json, STR(",\"why\":"));
        buf_json(json, str_of(why->text));
    }
    buf_add(json, STR("},"));
}

/* What the worker measures, and what its stage says of itself. */
static void
write_own(const struct stage *stage, struct buf *json)
{
    const struct stage_plan *plan = stage->plan;
    buf_add(json, STR("\"commit_times\":"));
    histogram_json(json, &stage->commits);
    buf_add(json, STR(",\"acknowledge_times\":"));
    histogram_json(json, &stage->acks);
    buf_char(json, ',');
    if (!plan->ops->worker_status)
        return;
    buf_add(json, STR("\"own\":{"));
    plan->ops->worker_status(plan->stage, json);
    buf_add(json, STR("},"));
}

void
stage_publish(struct stage *stage)
{
    struct buf *json = &stage->draft;
    struct err why = {""};
    buf_clear(json);
    buf_add(json, STR("{\"stage\":"));
    buf_json(json, stage->plan->ops->name);
    buf_format(json, ",\"worker\":%d,\"at_ms\":%" PRId64 ",",
               stage->plan->worker, stage_now(stage));
    write_away(json, "redis", stage->redis_away, &stage->redis_why);
    bool away = stage->consumer && !consumer_connected(stage->consumer, &why);
    write_away(json, "kafka", away, &why);
    if (!stage->all_joined && stage->awaited.len > 0) {
        buf_add(json, STR("\"awaits\":"));
        buf_json(json, buf_str(&stage->awaited));
        buf_char(json, ',');
    }
    write_own(stage, json);
    buf_format(json, "\"in_flight\":%d,\"partitions\":[", stage->n_in_flight);
    for (const struct part *part = stage->parts; part; part = part->next) {
        write_part(stage, part, json);
        if (part->next)
            buf_char(json, ',');
    }
    buf_add(json, STR("]}"));
    pthread_mutex_lock(&stage->lock);
    struct buf published = stage->published;
    stage->published = stage->draft;
    stage->draft = published;
    pthread_mutex_unlock(&stage->lock);
    stage->published_ms = stage_now(stage);
}

void
stage_status(struct stage *stage, struct buf *json)
{
    pthread_mutex_lock(&stage->lock);
    buf_add(json, buf_str(&stage->published));
    pthread_mutex_unlock(&stage->lock);
}
