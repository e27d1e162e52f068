/* SPDX-License-Identifier: Apache-2.0
 *
 * The straight way from an alert to an incident without Kafka and Redis: the
 * router fills a batch, its records go to the correlate stage's own function,
 * and what that sends are incidents. One windows partition; nothing is late,
 * since no watermark is told before an example's end (`tick`, and then the end
 * of time). */
#include "rules_windows.h"

#include "correlate/correlate.h"
#include "correlate/route.h"
#include "model/limits.h"
#include "model/progress.h"
#include "rules_learn.h"
#include "windows_log.h"

#include <stdlib.h>

#define SOURCE STR("example")

struct rules_windows {
    const struct rules *rules;
    struct correlate_plan plan;
    struct correlate *correlate;
    struct route *route;
    struct window_batch *batch;
    struct json_reader *reader;
    struct arena scratch;
    char *start;

    /* of one run */
    void *state;
    int64_t offset; /* in the windows partition */
    struct windows_log log;
    struct str id;
    size_t n_incidents;
    bool failed;
    struct err why;
};

static bool
learn_all(struct rules_windows *windows, struct err *why)
{
    registry_aloud(windows->plan.registry);
    return rules_learn(windows->plan.registry, windows->rules, windows->scratch,
                       why);
}

struct rules_windows *
rules_windows_new(const struct rules *rules, struct err *why)
{
    struct rules_windows *windows = calloc(1, sizeof *windows);
    if (!windows) {
        err_set(why, "out of memory");
        return NULL;
    }
    windows->rules = rules;
    windows->plan.registry = registry_new();
    windows->plan.incidents_topic = STR("incidents");
    windows->plan.windows_topic = windows->log.topic = STR("windows");
    windows->correlate = correlate_new(&windows->plan);
    windows->route = route_new(rules, NULL, NULL);
    windows->batch = window_batch_new(1);
    windows->reader = json_reader_new();
    windows->scratch = arena_reserve(SCRATCH_BYTES);
    windows->start = windows->scratch.at;
    if (!windows->plan.registry || !windows->correlate || !windows->route ||
        !windows->batch || !windows->reader || !windows->start)
        err_set(why, "out of memory");
    else if (learn_all(windows, why))
        return windows;
    rules_windows_free(windows);
    return NULL;
}

void
rules_windows_free(struct rules_windows *windows)
{
    if (!windows)
        return;
    correlate_free(windows->correlate);
    registry_free(windows->plan.registry);
    route_free(windows->route);
    window_batch_free(windows->batch);
    json_reader_free(windows->reader);
    if (windows->start)
        arena_release(windows->start, windows->scratch);
    windows_log_free(&windows->log);
    free(windows);
}

/* What the correlate stage sends. A new incident has revision 1. */
static void
take_incident(void *context, const struct output *output, bool bulk)
{
    struct rules_windows *windows = context;
    struct arena scratch = windows->scratch;
    struct incident incident;
    (void)bulk;
    if (windows_log_take(&windows->log, output) || output->no_value)
        return;
    if (!incident_read(windows->reader, output->value, &scratch, &incident,
                       &windows->why))
        windows->failed = true;
    else if (incident.revision == 1 && str_equal(incident.rule, windows->id))
        windows->n_incidents++;
}

static void
apply_record(struct rules_windows *windows, struct str value)
{
    const struct sink sink = {take_incident, windows};
    const struct record record = {.topic = windows->log.topic,
                                  .offset = windows->offset++,
                                  .value = value};
    if (!windows->failed &&
        correlate_ops()->apply(windows->state, &record, 1, &sink,
                               &windows->why) != DONE)
        windows->failed = true;
}

/* What the router sends, and what it makes windows say to windows. */
static void
take_record(void *context, const struct output *output, bool bulk)
{
    struct rules_windows *windows = context;
    struct str value = output->value;
    (void)bulk;
    do
        apply_record(windows, value);
    while (windows_log_next(&windows->log, &value));
    windows->failed |= windows->log.failed;
}

/* Tells a watermark, as ingest would when nothing older is to come. */
static void
tick(struct rules_windows *windows, const struct example *example,
     int64_t watermark_ms)
{
    struct buf text = {0};
    struct progress at = {
        .topic = STR("example"),
        .incarnation = 1,
        .offset = (int64_t)example->n,
        .watermark_ms = watermark_ms,
    };
    progress_write(&text, &at, 1);
    take_record(
        windows,
        &(struct output){.topic = STR("windows"), .value = buf_str(&text)},
        false);
    buf_free(&text);
}

bool
rules_windows_run(struct rules_windows *windows, const struct example *example,
                  struct str id, size_t *n_incidents, struct err *why)
{
    const struct sink sink = {take_record, windows};
    const struct stage_ops *ops = correlate_ops();
    windows->state = ops->state_new(windows->correlate, STR("windows"), 0);
    windows->id = id;
    windows->n_incidents = 0;
    windows->failed = windows->state == NULL;
    windows->why = (struct err){"out of memory"};
    for (size_t i = 0; i < example->n && !windows->failed; i++) {
        struct arena scratch = windows->scratch;
        struct matched matched;
        const struct window_cause cause = {
            .topic = STR("example"), .incarnation = 1, .offset = (int64_t)i};
        route_ops()->match(windows->route, &example->alerts[i], &scratch,
                           windows->batch, &matched);
        window_batch_flush(windows->batch, &cause, STR("windows"), &sink);
    }
    if (example->tick_ms > 0 && !windows->failed)
        tick(windows, example,
             example->alerts[example->n - 1].event_ms + example->tick_ms);
    if (!windows->failed) /* as at the end of a replay */
        tick(windows, example, MAX_EVENT_MS);
    if (windows->state)
        ops->state_free(windows->state);
    *n_incidents = windows->n_incidents;
    if (windows->failed && why)
        *why = windows->why;
    return !windows->failed;
}
