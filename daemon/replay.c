/* SPDX-License-Identifier: Apache-2.0
 *
 * A log in memory: what ingest sends to the one windows partition is applied
 * at once. Reading in step needs a line's event time before the line is
 * computed, so each line is read twice, once for its time. */
#include "replay.h"

#include "base/times.h"
#include "correlate/correlate.h"
#include "correlate/route.h"
#include "ingest/ingest.h"
#include "ingest/source_tools.h"
#include "lines.h"
#include "model/progress.h"
#include "windows_log.h"

#include <stdlib.h>
#include <string.h>

/* One file: what it says next, and how far it is. */
struct replay_log {
    const struct source *source;
    struct str topic;
    struct lines lines;
    bool open, ended;
    struct buf line; /* the next one */
    int64_t offset;  /* its number, from 1 */
    int64_t event_ms;
    int64_t reached_ms; /* the highest event time so far */
    void *state;        /* of ingest */
    int64_t told_ms;    /* watermark last announced */
};

#define WINDOWS_TOPIC STR("soc.windows")
#define ALERTS_TOPIC STR("soc.alerts")

struct replay {
    const struct replay_plan *plan;
    struct replay_counts *counts;
    struct replay_log *logs;
    struct site site;
    struct ingest_plan ingest_plan;
    struct ingest *ingest;
    struct correlate_plan correlate_plan;
    struct correlate *correlate;
    void *windows; /* state of correlate */
    int64_t windows_offset;
    struct windows_log log; /* what it says to itself */
    struct decoder *decoder;
    struct json_reader *reader;
    struct arena scratch;
    char *scratch_start;
    struct buf text;
    struct err *why;
    bool failed;
};

/* --- what comes out */

static void
take_incident(void *context, const struct output *output, bool bulk)
{
    struct replay *replay = context;
    struct arena scratch = replay->scratch;
    struct incident incident;
    (void)bulk;
    if (windows_log_take(&replay->log, output))
        return;
    if (incident_read(replay->reader, output->value, &scratch, &incident,
                      replay->why))
        replay->plan->incident(replay->plan->context, &incident);
    else
        replay->failed = true;
}

static void
apply_record(struct replay *replay, struct str value)
{
    struct sink sink = {take_incident, replay};
    struct record record = {
        .topic = WINDOWS_TOPIC,
        .offset = replay->windows_offset++,
        .value = value,
    };
    if (correlate_ops()->apply(replay->windows, &record, 1, &sink,
                               replay->why) != DONE)
        replay->failed = true; /* every rule is known: memory is exhausted */
}

/* The record, then what it makes windows say to windows, in order. */
static void
correlate_record(struct replay *replay, struct str value)
{
    apply_record(replay, value);
    while (!replay->failed && windows_log_next(&replay->log, &value))
        apply_record(replay, value);
    replay->failed |= replay->log.failed;
}

static void
take_output(void *context, const struct output *output, bool bulk)
{
    struct replay *replay = context;
    (void)bulk;
    if (str_equal(output->topic, WINDOWS_TOPIC))
        correlate_record(replay, output->value);
    else if (str_equal(output->topic, ALERTS_TOPIC))
        replay->failed |= !replay->plan->alert(replay->plan->context,
                                               output->value, replay->why);
    else
        replay->counts->n_unreadable++; /* a dead letter */
}

static void
announce(struct replay *replay, struct replay_log *log, int64_t watermark_ms)
{
    struct progress at = {
        .topic = log->topic,
        .incarnation = 1,
        .offset = log->offset,
        .watermark_ms = watermark_ms,
    };
    log->told_ms = watermark_ms;
    buf_clear(&replay->text);
    progress_write(&replay->text, &at, 1);
    correlate_record(replay, buf_str(&replay->text));
}

/* This log is at its end. With the last of them time has come as far as the
 * newest line, be it the only one so far ahead: who was silent until then is
 * known to be. Then all the rest is decided. */
static void
announce_end(struct replay *replay, struct replay_log *log)
{
    int64_t newest_ms = NO_TIME;
    bool last = true;
    for (size_t i = 0; i < replay->plan->n_files; i++) {
        const struct replay_log *other = &replay->logs[i];
        last &= other->ended;
        if (other->reached_ms > newest_ms)
            newest_ms = other->reached_ms;
    }
    if (last && newest_ms > log->told_ms)
        announce(replay, log, newest_ms);
    announce(replay, log, MAX_EVENT_MS);
}

/* --- reading */

/* The event time of the line; that of the line before when it has none. */
static void
look_at(struct replay *replay, struct replay_log *log)
{
    struct arena scratch = replay->scratch;
    const struct element *elements;
    size_t n;
    if (source_split(log->source, replay->decoder, buf_str(&log->line),
                     &scratch, &elements, &n) != SPLIT_FINE)
        return;
    for (size_t i = 0; i < n; i++) {
        struct alert alert = {.event = elements[i].event};
        if (elements[i].fault != SPLIT_FINE)
            continue;
        source_map_any(log->source, &elements[i], log->event_ms, &scratch,
                       &alert);
        if (alert.event_ms == NO_TIME)
            continue;
        log->event_ms = alert.event_ms;
        if (alert.event_ms > log->reached_ms)
            log->reached_ms = alert.event_ms;
        return;
    }
}

static bool
next_line(struct replay *replay, struct replay_log *log)
{
    struct str line;
    enum lines_got got;
    do {
        got = lines_next(&log->lines, &line, replay->why);
        log->offset = (int64_t)log->lines.number;
    } while (got == LINES_ONE && str_trim(line).len == 0);
    log->ended = got != LINES_ONE;
    if (got == LINES_FAILED)
        return false;
    if (log->ended)
        return true;
    buf_clear(&log->line);
    buf_add(&log->line, line);
    replay->counts->n_lines++;
    look_at(replay, log);
    return true;
}

/* The file that is furthest behind; NULL: all are read. */
static struct replay_log *
choose(const struct replay *replay)
{
    struct replay_log *best = NULL;
    for (size_t i = 0; i < replay->plan->n_files; i++) {
        struct replay_log *log = &replay->logs[i];
        if (!log->ended && (!best || log->reached_ms < best->reached_ms))
            best = log;
    }
    return best;
}

static bool
take_line(struct replay *replay, struct replay_log *log)
{
    struct sink sink = {take_output, replay};
    struct record record = {
        .topic = log->topic,
        .offset = log->offset,
        .timestamp_ms = log->event_ms,
        .key = log->topic,
        .value = buf_str(&log->line),
    };
    if (ingest_ops()->apply(log->state, &record, 1, &sink, replay->why) != DONE)
        return false;
    int64_t watermark_ms = ingest_ops()->watermark_ms(log->state);
    if (watermark_ms > log->told_ms)
        announce(replay, log, watermark_ms);
    if (!next_line(replay, log))
        return false;
    if (log->ended)
        announce_end(replay, log);
    return !replay->failed;
}

/* --- making and ending */

static struct str
topic_of(const struct replay_file *file)
{
    return file->topic.len > 0 ? file->topic : source_name(file->source);
}

static const struct source *
source_of(const struct site *site, struct str topic)
{
    const struct replay_plan *plan = site->owner;
    for (size_t i = 0; i < plan->n_files; i++)
        if (str_equal(topic_of(&plan->files[i]), topic))
            return plan->files[i].source;
    return NULL;
}

static void *
matcher_new(void *context)
{
    const struct replay *replay = context;
    return route_new(replay->plan->rules, NULL, NULL);
}

static void
matcher_free(void *matcher)
{
    route_free(matcher);
}

static void
plan_stages(struct replay *replay)
{
    const struct replay_plan *plan = replay->plan;
    replay->log.topic = WINDOWS_TOPIC;
    replay->site = (struct site){source_of, plan->inventory, plan};
    replay->ingest_plan = (struct ingest_plan){
        .site = &replay->site,
        .geo_database = plan->geo_database ? plan->geo_database : "",
        .alerts_topic = ALERTS_TOPIC,
        .deadletter_topic = STR("soc.deadletter"),
        .windows_topic = WINDOWS_TOPIC,
        .windows_partitions = 1,
        .feed = plan->alert != NULL,
        .any_event = !plan->asks,
        .matcher = route_ops(),
        .matcher_new = matcher_new,
        .matcher_free = matcher_free,
        .matcher_context = replay,
    };
    replay->correlate_plan = (struct correlate_plan){
        .registry = plan->registry,
        .incidents_topic = STR("soc.incidents"),
        .windows_topic = WINDOWS_TOPIC,
        .windows_partitions = 1,
        .max_bytes = (size_t)2 << 30,
    };
}

static bool
open_log(struct replay *replay, struct replay_log *log,
         const struct replay_file *file)
{
    *log = (struct replay_log){
        .source = file->source,
        .topic = topic_of(file),
        .event_ms = 0,
        .reached_ms = NO_TIME,
        .told_ms = NO_TIME,
    };
    log->line.max_bytes = MAX_MESSAGE_BYTES + 1;
    log->open =
        lines_open(&log->lines, file->path, MAX_MESSAGE_BYTES, replay->why);
    if (!log->open)
        return false;
    log->state = ingest_ops()->state_new(replay->ingest, log->topic, 0);
    if (!log->state)
        err_set(replay->why, "out of memory");
    return log->state != NULL;
}

static bool
open_all(struct replay *replay)
{
    const struct replay_plan *plan = replay->plan;
    replay->logs = calloc(plan->n_files, sizeof *replay->logs);
    replay->ingest = ingest_new(&replay->ingest_plan);
    replay->correlate = correlate_new(&replay->correlate_plan);
    replay->decoder = decoder_new();
    replay->reader = json_reader_new();
    replay->scratch = arena_reserve(SCRATCH_BYTES);
    replay->scratch_start = replay->scratch.at;
    if (replay->correlate)
        replay->windows =
            correlate_ops()->state_new(replay->correlate, WINDOWS_TOPIC, 0);
    if (!replay->logs || !replay->ingest || !replay->windows ||
        !replay->decoder || !replay->reader || !replay->scratch_start) {
        err_set(replay->why, "out of memory");
        return false;
    }
    for (size_t i = 0; i < plan->n_files; i++)
        if (!open_log(replay, &replay->logs[i], &plan->files[i]))
            return false;
    return true;
}

/* Everybody joins before anybody is read (STREAM 15). */
static bool
run(struct replay *replay)
{
    for (size_t i = 0; i < replay->plan->n_files; i++)
        announce(replay, &replay->logs[i], NO_TIME);
    for (size_t i = 0; i < replay->plan->n_files; i++) {
        struct replay_log *log = &replay->logs[i];
        if (!next_line(replay, log))
            return false;
        if (log->ended)
            announce(replay, log, MAX_EVENT_MS);
    }
    struct replay_log *log;
    while ((log = choose(replay)))
        if (!take_line(replay, log))
            return false;
    return !replay->failed;
}

void
replay_count(const void *windows, struct json_reader *reader,
             struct arena scratch, struct replay_counts *counts)
{
    static const struct {
        const char *name;
        size_t at;
    } wanted[] = {
        {"late", offsetof(struct replay_counts, n_late)},
        {"refused", offsetof(struct replay_counts, n_refused)},
        {"approximate", offsetof(struct replay_counts, n_approximate)},
    };
    const struct json *root;
    struct buf text = {0};
    buf_char(&text, '{');
    correlate_ops()->status(windows, &text);
    buf_char(&text, '}');
    bool fine = json_read(reader, buf_str(&text), &scratch, &root) == JSON_FINE;
    const struct json *counters = fine ? json_get(root, STR("counters")) : NULL;
    for (size_t i = 0; counters && i < sizeof wanted / sizeof *wanted; i++) {
        const struct json *node = json_get(counters, str_of(wanted[i].name));
        int64_t n = 0;
        if (node && str_to_i64(node->text, &n))
            *(uint64_t *)(void *)((char *)counts + wanted[i].at) = (uint64_t)n;
    }
    buf_free(&text);
}

static void
close_all(struct replay *replay)
{
    for (size_t i = 0; replay->logs && i < replay->plan->n_files; i++) {
        struct replay_log *log = &replay->logs[i];
        if (log->open) {
            replay->counts->n_unreadable += log->lines.n_too_long;
            lines_close(&log->lines);
        }
        if (log->state)
            ingest_ops()->state_free(log->state);
        buf_free(&log->line);
    }
    if (replay->windows)
        correlate_ops()->state_free(replay->windows);
    correlate_free(replay->correlate);
    ingest_free(replay->ingest);
    decoder_free(replay->decoder);
    json_reader_free(replay->reader);
    if (replay->scratch_start)
        arena_release(replay->scratch_start, replay->scratch);
    buf_free(&replay->text);
    windows_log_free(&replay->log);
    free(replay->logs);
}

bool
replay_run(const struct replay_plan *plan, struct replay_counts *counts,
           struct err *why)
{
    struct replay replay = {.plan = plan, .counts = counts, .why = why};
    *counts = (struct replay_counts){0};
    plan_stages(&replay);
    bool fine = open_all(&replay) && run(&replay);
    if (fine)
        replay_count(replay.windows, replay.reader, replay.scratch, counts);
    close_all(&replay);
    return fine;
}
