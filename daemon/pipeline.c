/* SPDX-License-Identifier: Apache-2.0
 *
 * The file to read first: how an alert goes through the program.
 *
 *   sensors → [input topics] → INGEST → [soc.alerts, soc.deadletter,
 *   soc.windows]                          and the counts in Redis
 *
 * Each stage is the loop of base/stage.h run over a table of pure functions
 * (ingest_ops), by as many workers as configured; a worker is a thread that is
 * a member of the stage's Kafka consumer group. Everything a worker shares is
 * the read-only site: mappings and inventory. */
#include "pipeline.h"

#include "base/log.h"
#include "base/times.h"
#include "clock.h"
#include "site.h"
#include "topics.h"
#include "version.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_WORKERS = 64, MAX_SITES = 16, KAFKA_MS = 30000 };

struct worker {
    struct pipeline *pipeline;
    struct ingest *ingest;
    struct stage_plan plan;
    struct stage *stage;
    struct buf instance;
    pthread_t thread;
    bool started;
};

struct pipeline {
    struct config *config;
    struct redis_address redis;
    struct ingest_plan ingest;
    struct subscription topics; /* of the input */
    _Atomic(const struct site *) newest;
    const struct site
        *sites[MAX_SITES]; /* every one loaded: workers may use them */
    size_t n_sites;
    atomic_bool stopping;
    atomic_bool failing; /* of several workers the first says why */
    atomic_bool failed;
    struct err why; /* written before `failed` */
    int64_t started_ms;
    struct step *step; /* between the workers */
    struct worker worker[MAX_WORKERS];
    int n_workers;
};

/* What runs in each worker's thread: the stage loop, to the end. */
static void *
work(void *context)
{
    struct worker *worker = context;
    struct err why = {""};
    if (stage_run(worker->stage, &why) == FATAL &&
        !atomic_exchange(&worker->pipeline->failing, true)) {
        worker->pipeline->why = why;
        atomic_store(&worker->pipeline->failed, true);
    }
    return NULL;
}

/* How far a partition may be read ahead of the slowest: the lateness of the
 * most patient source, at least step.ahead (DESIGN 8). */
static int64_t
most_ahead_ms(const struct pipeline *pipeline)
{
    int64_t most = pipeline->config->step_ahead_ms;
    for (size_t i = 0; i < pipeline->config->n_sources; i++) {
        const struct source *source = site_source(pipeline->sites[0], i);
        if (source_lateness_ms(source) > most)
            most = source_lateness_ms(source);
    }
    return most;
}

static bool
is_bound(void *context, struct str topic)
{
    return config_source_of(context, topic) != NULL;
}

static void
plan_worker(struct pipeline *pipeline, struct worker *worker, int number)
{
    struct config *config = pipeline->config;
    if (config->instance.len > 0) {
        buf_add(&worker->instance, config->instance);
        buf_format(&worker->instance, "-%d", number);
    }
    worker->plan = (struct stage_plan){
        .ops = ingest_ops(),
        .stage = worker->ingest,
        .kafka = &config->kafka,
        .redis = &pipeline->redis,
        .consumer = {.settings = &config->kafka,
                     .group = config->group,
                     .instance = buf_str(&worker->instance),
                     .session_ms = (int)config->session_timeout_ms,
                     .topic = pipeline->topics.at,
                     .n_topics = pipeline->topics.n},
        .bound = is_bound,
        .bound_context = config,
        .state_topic = config->topics.state,
        .state_partitions = config->topics.state_partitions,
        .batch_records = config->batch_records,
        .batch_ms = config->batch_ms,
        .ahead_ms = most_ahead_ms(pipeline),
        .snapshot_ms = config->snapshot_ms,
        .step = pipeline->step,
        .worker = number,
        .now_ms = clock_monotonic_ms,
        .wall_ms = clock_wall_ms,
        .random = clock_random,
        .stopping = &pipeline->stopping,
    };
}

static bool
start_worker(struct pipeline *pipeline, int number, struct err *why)
{
    struct worker *worker = &pipeline->worker[number];
    worker->pipeline = pipeline;
    worker->ingest = ingest_new(&pipeline->ingest);
    if (!worker->ingest) {
        err_set(why, "out of memory");
        return false;
    }
    plan_worker(pipeline, worker, number);
    worker->stage = stage_new(&worker->plan, why);
    if (!worker->stage)
        return false;
    worker->started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    pipeline->n_workers = number + 1;
    if (!worker->started)
        err_set(why, "cannot start a thread");
    return worker->started;
}

static const struct site *
newest_site(void *context)
{
    struct pipeline *pipeline = context;
    return atomic_load(&pipeline->newest);
}

static const struct site *
load_site(const struct config *config, struct complaints *complaints)
{
    int32_t today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    return site_load(config, today, complaints);
}

static void
plan_ingest(struct pipeline *pipeline, const struct site *site)
{
    const struct config *config = pipeline->config;
    pipeline->sites[pipeline->n_sites++] = site;
    atomic_store(&pipeline->newest, site);
    pipeline->ingest = (struct ingest_plan){
        .site = site,
        .newest = newest_site,
        .context = pipeline,
        .geo_database = config->geo_database ? config->geo_database : "",
        .alerts_topic = config->topics.alerts,
        .deadletter_topic = config->topics.deadletter,
        .windows_topic = config->topics.windows,
        .windows_partitions = config->windows_partitions,
        .feed = config->feed,
        .version = STR(THAPCANH_VERSION),
    };
}

struct pipeline *
pipeline_start(struct config *config, struct complaints *complaints,
               bool *unreachable, struct err *why)
{
    *unreachable = false;
    const struct site *site = load_site(config, complaints);
    if (!site) {
        err_set(why, "the configuration has mistakes");
        return NULL;
    }
    struct pipeline *pipeline = calloc(1, sizeof *pipeline);
    if (!pipeline) {
        site_free(site);
        err_set(why, "out of memory");
        return NULL;
    }
    pipeline->config = config;
    pipeline->started_ms = clock_wall_ms();
    plan_ingest(pipeline, site);
    subscription_make(config, &pipeline->topics);
    bool fine = config_redis(config, &pipeline->redis, why);
    if (fine && !topics_ensure(config, KAFKA_MS, why)) {
        *unreachable = true;
        fine = false;
    }
    pipeline->step = step_new(config->workers, clock_random());
    if (fine && !pipeline->step) {
        err_set(why, "out of memory");
        fine = false;
    }
    for (int i = 0; fine && i < config->workers && i < MAX_WORKERS; i++)
        fine = start_worker(pipeline, i, why);
    if (fine)
        return pipeline;
    pipeline_stop(pipeline);
    return NULL;
}

void
pipeline_reload(struct pipeline *pipeline)
{
    struct complaints complaints = {0};
    const struct site *site = load_site(pipeline->config, &complaints);
    if (site && pipeline->n_sites < MAX_SITES) {
        pipeline->sites[pipeline->n_sites++] = site;
        atomic_store(&pipeline->newest, site);
        log_info("run", "mappings and inventory read again");
    } else {
        site_free(site);
        log_warn("run", "nothing changed: %.*s",
                 STR_ARG(site ? STR("reloaded too often, restart")
                              : buf_str(&complaints.text)));
    }
    complaints_free(&complaints);
}

bool
pipeline_failed(struct pipeline *pipeline, struct err *why)
{
    if (!atomic_load(&pipeline->failed))
        return false;
    *why = pipeline->why;
    return true;
}

void
pipeline_stop(struct pipeline *pipeline)
{
    atomic_store(&pipeline->stopping, true);
    for (int i = 0; i < pipeline->n_workers; i++)
        if (pipeline->worker[i].started)
            pthread_join(pipeline->worker[i].thread, NULL);
    for (int i = 0; i < MAX_WORKERS; i++) {
        stage_free(pipeline->worker[i].stage);
        ingest_free(pipeline->worker[i].ingest);
        buf_free(&pipeline->worker[i].instance);
    }
    step_free(pipeline->step);
    for (size_t i = 0; i < pipeline->n_sites; i++)
        site_free(pipeline->sites[i]);
    subscription_free(&pipeline->topics);
    free(pipeline);
}

void
pipeline_status(struct pipeline *pipeline, struct buf *json)
{
    struct err geo = {""};
    buf_format(json, "{\"version\":\"%s\",\"now_ms\":%lld,\"up_ms\":%lld,",
               THAPCANH_VERSION, (long long)clock_monotonic_ms(),
               (long long)(clock_wall_ms() - pipeline->started_ms));
    if (pipeline->n_workers > 0) {
        bool used = geo_state(ingest_geo(pipeline->worker[0].ingest), &geo);
        buf_format(
            json, "\"geo\":{\"in_use\":%s,\"state\":", used ? "true" : "false");
        buf_json(json, str_of(geo.text));
        buf_add(json, STR("},"));
    }
    buf_add(json, STR("\"workers\":["));
    for (int i = 0; i < pipeline->n_workers; i++) {
        if (i > 0)
            buf_char(json, ',');
        stage_status(pipeline->worker[i].stage, json);
    }
    buf_add(json, STR("]}"));
}
