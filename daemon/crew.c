/* SPDX-License-Identifier: Apache-2.0
 *
 * Started together, ended together: the first worker that cannot go on is
 * remembered, and the process ends for it. */
#include "crew.h"

#include "clock.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
    struct crew *crew;
    void *own;
    struct stage_plan plan;
    struct stage *stage;
    struct buf instance;
    pthread_t thread;
    bool started;
};

struct crew {
    struct crew_plan plan;
    struct step *step; /* between the workers */
    atomic_bool stopping;
    atomic_bool failing; /* of several workers the first says why */
    atomic_bool failed;
    struct err why; /* written before `failed` */
    struct worker *worker;
    int n;
};

/* What runs in each worker's thread: the stage loop, to the end. */
static void *
work(void *context)
{
    struct worker *worker = context;
    struct crew *crew = worker->crew;
    struct err why = {""};
    if (stage_run(worker->stage, &why) == FATAL &&
        !atomic_exchange(&crew->failing, true)) {
        crew->why = why;
        atomic_store(&crew->failed, true);
    }
    return NULL;
}

static void
plan_worker(struct worker *worker, int number)
{
    struct crew *crew = worker->crew;
    const struct crew_plan *plan = &crew->plan;
    const struct config *config = plan->config;
    if (config->instance.len > 0) {
        buf_add(&worker->instance, config->instance);
        buf_format(&worker->instance, "-%d", number);
    }
    worker->plan = (struct stage_plan){
        .ops = plan->ops,
        .stage = worker->own,
        .kafka = &config->kafka,
        .redis = plan->redis,
        .consumer = {.settings = &config->kafka,
                     .group = plan->group,
                     .instance = buf_str(&worker->instance),
                     .session_ms = (int)config->session_timeout_ms,
                     .topic = plan->topic,
                     .n_topics = plan->n_topics},
        .bound = plan->bound,
        .bound_context = plan->bound_context,
        .state_topic = config->topics.state,
        .state_partitions = config->topics.state_partitions,
        .batch_records = config->batch_records,
        .batch_ms = config->batch_ms,
        .ahead_ms = plan->ahead_ms,
        .snapshot_ms = config->snapshot_ms,
        .step = crew->step,
        .worker = number,
        .now_ms = clock_monotonic_ms,
        .now_us = clock_monotonic_us,
        .wall_ms = clock_wall_ms,
        .random = clock_random,
        .stopping = &crew->stopping,
    };
}

static bool
start_worker(struct crew *crew, int number, struct err *why)
{
    struct worker *worker = &crew->worker[number];
    worker->crew = crew;
    crew->n = number + 1;
    worker->own = crew->plan.begin(crew->plan.context);
    if (!worker->own) {
        err_set(why, "out of memory");
        return false;
    }
    plan_worker(worker, number);
    worker->stage = stage_new(&worker->plan, why);
    if (!worker->stage)
        return false;
    worker->started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    if (!worker->started)
        err_set(why, "cannot start a thread");
    return worker->started;
}

struct crew *
crew_start(const struct crew_plan *plan, struct err *why)
{
    struct crew *crew = calloc(1, sizeof *crew);
    if (crew) {
        crew->plan = *plan;
        crew->worker = calloc((size_t)plan->n_workers, sizeof *crew->worker);
        crew->step = step_new(plan->n_workers, clock_random());
    }
    if (!crew || !crew->worker || !crew->step) {
        err_set(why, "out of memory");
        crew_join(crew);
        return NULL;
    }
    for (int i = 0; i < plan->n_workers; i++)
        if (!start_worker(crew, i, why)) {
            crew_tell(crew);
            crew_join(crew);
            return NULL;
        }
    return crew;
}

void
crew_tell(struct crew *crew)
{
    atomic_store(&crew->stopping, true);
}

void
crew_join(struct crew *crew)
{
    if (!crew)
        return;
    for (int i = 0; crew->worker && i < crew->n; i++)
        if (crew->worker[i].started)
            pthread_join(crew->worker[i].thread, NULL);
    for (int i = 0; crew->worker && i < crew->n; i++) {
        stage_free(crew->worker[i].stage);
        if (crew->worker[i].own)
            crew->plan.end(crew->worker[i].own);
        buf_free(&crew->worker[i].instance);
    }
    step_free(crew->step);
    free(crew->worker);
    free(crew);
}

bool
crew_failed(struct crew *crew, struct err *why)
{
    if (!atomic_load(&crew->failed))
        return false;
    *why = crew->why;
    return true;
}

void *
crew_stage(struct crew *crew, int i)
{
    return i >= 0 && i < crew->n ? crew->worker[i].own : NULL;
}

void
crew_status(struct crew *crew, struct buf *json, bool *first)
{
    for (int i = 0; i < crew->n; i++) {
        if (!*first)
            buf_char(json, ',');
        *first = false;
        stage_status(crew->worker[i].stage, json);
    }
}
