/* SPDX-License-Identifier: Apache-2.0
 *
 * A log in memory, as in replay.c, but of alerts that have been through ingest
 * once. Each input partition is a source of the one windows partition, so that
 * evidence has the alerts' own positions; what makes a source's records rise is
 * a number of ours, since the feed does not keep the inputs' order. Whether an
 * alert was late stands in its record; the watermark only lets windows fold:
 * alerts come by event time, so nothing else is ever late. */
#include "whatif_engine.h"

#include "base/table.h"
#include "base/times.h"
#include "correlate/correlate.h"
#include "correlate/route.h"
#include "ingest/source_tools.h"
#include "model/progress.h"
#include "rules_learn.h"
#include "windows_log.h"

#include <stdlib.h>

enum { TELL_MS = 1000, INCARNATION = 1 };

#define WINDOWS_TOPIC STR("soc.windows")

struct whatif_engine {
    const struct whatif_engine_plan *plan;
    struct registry *registry;
    struct correlate_plan correlate_plan;
    struct correlate *correlate;
    void *windows; /* state of correlate */
    int64_t windows_offset;
    struct windows_log log; /* what it says to itself */
    struct route *route;
    struct window_batch *batch;
    struct geo_db *geo;
    struct decoder *decoder;
    struct json_reader *reader;
    struct arena scratch;
    char *start;

    struct table *inputs;    /* "TOPIC PARTITION" */
    struct progress *source; /* by number in `inputs` */
    int64_t n_taken;
    int64_t told_ms; /* watermark last announced */
    struct buf text;
    struct whatif_engine_counts counts;
    struct err *why;
    bool failed;
};

/* --- windows */

static void
take_incident(void *context, const struct output *output, bool bulk)
{
    struct whatif_engine *engine = context;
    struct arena scratch = engine->scratch;
    struct incident incident;
    (void)bulk;
    if (windows_log_take(&engine->log, output))
        return;
    if (incident_read(engine->reader, output->value, &scratch, &incident,
                      engine->why))
        engine->plan->incident(engine->plan->context, &incident);
    else
        engine->failed = true;
}

static void
apply_record(struct whatif_engine *engine, struct str value)
{
    struct sink sink = {take_incident, engine};
    struct record record = {
        .topic = WINDOWS_TOPIC,
        .offset = engine->windows_offset++,
        .value = value,
    };
    if (correlate_ops()->apply(engine->windows, &record, 1, &sink,
                               engine->why) != DONE)
        engine->failed = true; /* every rule is known: memory is exhausted */
}

/* The record, then what it makes windows say to windows, in order. */
static void
correlate_record(struct whatif_engine *engine, struct str value)
{
    apply_record(engine, value);
    while (!engine->failed && windows_log_next(&engine->log, &value))
        apply_record(engine, value);
    engine->failed |= engine->log.failed;
}

static void
take_events(void *context, const struct output *output, bool bulk)
{
    (void)bulk;
    correlate_record(context, output->value);
}

static void
announce(struct whatif_engine *engine, size_t first, size_t n,
         int64_t watermark_ms)
{
    for (size_t i = first; i < first + n; i++) {
        engine->source[i].topic = table_key(engine->inputs, (uint32_t)i);
        const char *at = engine->source[i].topic.at;
        while (*at != ' ')
            at++;
        engine->source[i].topic.len = (size_t)(at - engine->source[i].topic.at);
        engine->source[i].offset = engine->n_taken;
        engine->source[i].watermark_ms = watermark_ms;
    }
    buf_clear(&engine->text);
    progress_write(&engine->text, &engine->source[first], n);
    correlate_record(engine, buf_str(&engine->text));
}

/* A source that has not been seen before joins where the others are. */
static bool
join(struct whatif_engine *engine, const struct position *position)
{
    bool is_new;
    buf_clear(&engine->text);
    buf_format(&engine->text, "%.*s %d", STR_ARG(position->topic),
               (int)position->partition);
    uint32_t number =
        table_add(engine->inputs, buf_str(&engine->text), &is_new);
    if (number == TABLE_NONE) {
        err_set(engine->why, "more than %d input partitions",
                (int)MAX_PARTITIONS);
        return false;
    }
    if (is_new) {
        engine->source[number] = (struct progress){
            .partition = position->partition, .incarnation = INCARNATION};
        announce(engine, number, 1, engine->told_ms);
    }
    return true;
}

/* --- one alert */

/* As ingest made it, but by this site. False: it cannot be. */
static bool
make_alert(struct whatif_engine *engine, const struct recorded *recorded,
           struct arena *scratch, struct alert *alert)
{
    const struct site *site = engine->plan->site;
    const struct source *source =
        site->source_of(site, recorded->position.topic);
    const struct element *element;
    size_t n;
    if (!source) {
        engine->counts.n_unbound++;
        return false;
    }
    if (source_split(source, engine->decoder, recorded->raw, scratch, &element,
                     &n) != SPLIT_FINE ||
        n != 1 || element->fault != SPLIT_FINE) {
        engine->counts.n_unreadable++;
        return false;
    }
    *alert = (struct alert){.raw = element->raw, .event = element->event};
    alert->position = recorded->position;
    alert->arrival_ms = recorded->arrival_ms;
    source_map_any(source, element, recorded->event_ms, scratch, alert);
    alert->event_ms = recorded->event_ms;
    alert->alert_id = recorded->alert_id;
    if (recorded->from_arrival)
        alert->flags |= ALERT_TIME_FROM_ARRIVAL;
    if (recorded->late)
        alert->flags |= ALERT_LATE;
    return true;
}

static void
enrich(struct whatif_engine *engine, struct arena *scratch, struct alert *alert)
{
    if (engine->plan->site->inventory)
        inventory_apply(engine->plan->site->inventory, alert);
    if (alert->field[ALERT_SRC_IP].len > 0)
        geo_find(engine->geo, alert->field[ALERT_SRC_IP], scratch,
                 &alert->src_geo);
    if (alert->field[ALERT_DST_IP].len > 0)
        geo_find(engine->geo, alert->field[ALERT_DST_IP], scratch,
                 &alert->dst_geo);
}

bool
whatif_engine_take(struct whatif_engine *engine,
                   const struct recorded *recorded, struct matched *matched,
                   struct err *why)
{
    struct arena scratch = engine->scratch;
    struct sink sink = {take_events, engine};
    struct alert alert;
    *matched = (struct matched){0};
    engine->why = why;
    engine->counts.n_alerts++;
    if (recorded->event_ms >= engine->told_ms + TELL_MS) {
        engine->told_ms = recorded->event_ms;
        if (table_len(engine->inputs) > 0)
            announce(engine, 0, table_len(engine->inputs), engine->told_ms);
    }
    if (!make_alert(engine, recorded, &scratch, &alert))
        return !engine->failed;
    enrich(engine, &scratch, &alert);
    if (!join(engine, &alert.position))
        return false;
    route_ops()->match(engine->route, &alert, &scratch, engine->batch, matched);
    struct window_cause cause = {
        .topic = alert.position.topic,
        .partition = alert.position.partition,
        .incarnation = INCARNATION,
        .offset = engine->n_taken++,
    };
    struct arena kept = engine->scratch;
    engine->scratch = scratch; /* `matched` lies below */
    window_batch_flush(engine->batch, &cause, WINDOWS_TOPIC, &sink);
    engine->scratch = kept;
    return !engine->failed;
}

bool
whatif_engine_end(struct whatif_engine *engine,
                  struct whatif_engine_counts *counts, struct err *why)
{
    engine->why = why;
    if (table_len(engine->inputs) > 0)
        announce(engine, 0, table_len(engine->inputs), MAX_EVENT_MS);
    replay_count(engine->windows, engine->reader, engine->scratch,
                 &engine->counts.windows);
    *counts = engine->counts;
    return !engine->failed;
}

/* --- making and ending */

static bool
open_all(struct whatif_engine *engine)
{
    engine->log.topic = WINDOWS_TOPIC;
    engine->correlate_plan = (struct correlate_plan){
        .registry = engine->registry,
        .incidents_topic = STR("soc.incidents"),
        .windows_topic = WINDOWS_TOPIC,
        .windows_partitions = 1,
        .max_bytes = (size_t)2 << 30,
    };
    engine->correlate = correlate_new(&engine->correlate_plan);
    engine->route = route_new(engine->plan->rules, NULL, NULL);
    engine->batch = window_batch_new(1);
    engine->geo = geo_open(engine->plan->geo_database);
    engine->decoder = decoder_new();
    engine->reader = json_reader_new();
    engine->scratch = arena_reserve(SCRATCH_BYTES);
    engine->start = engine->scratch.at;
    engine->inputs = table_new(MAX_PARTITIONS);
    engine->source = calloc(MAX_PARTITIONS, sizeof *engine->source);
    if (engine->correlate)
        engine->windows =
            correlate_ops()->state_new(engine->correlate, WINDOWS_TOPIC, 0);
    return engine->windows && engine->route && engine->batch && engine->geo &&
           engine->decoder && engine->reader && engine->start &&
           engine->inputs && engine->source;
}

struct whatif_engine *
whatif_engine_new(const struct whatif_engine_plan *plan, struct err *why)
{
    struct whatif_engine *engine = calloc(1, sizeof *engine);
    err_set(why, "out of memory");
    if (!engine)
        return NULL;
    engine->plan = plan;
    engine->told_ms = NO_TIME;
    engine->registry = registry_new();
    if (engine->registry && open_all(engine) &&
        rules_learn(engine->registry, plan->rules, engine->scratch, why))
        return engine;
    whatif_engine_free(engine);
    return NULL;
}

void
whatif_engine_free(struct whatif_engine *engine)
{
    if (!engine)
        return;
    if (engine->windows)
        correlate_ops()->state_free(engine->windows);
    correlate_free(engine->correlate);
    registry_free(engine->registry);
    route_free(engine->route);
    window_batch_free(engine->batch);
    if (engine->geo)
        geo_close(engine->geo);
    decoder_free(engine->decoder);
    json_reader_free(engine->reader);
    if (engine->start)
        arena_release(engine->start, engine->scratch);
    table_free(engine->inputs);
    free(engine->source);
    buf_free(&engine->text);
    windows_log_free(&engine->log);
    free(engine);
}
