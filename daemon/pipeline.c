/* SPDX-License-Identifier: Apache-2.0
 *
 * The file to read first: how an alert goes through the program.
 *
 *   sensors → [input topics] → INGEST → [soc.alerts, soc.deadletter]
 *                                 │         and the counts in Redis
 *                           [soc.windows]
 *                                 │
 *                             CORRELATE → [soc.incidents]
 *                                 ↕              │
 *                           [soc.chained]        │
 *                                            RESPOND → [soc.journal] → tickets
 *                                                │      on [soc.tickets]
 *                                             people
 *
 * Each stage is the loop of base/stage.h run over a table of pure functions
 * (ingest_ops, correlate_ops, respond_ops), by a crew of workers (crew.c); a
 * worker is a thread that is a member of the stage's Kafka consumer group.
 * What workers share is read-only: the site (mappings, inventory, rules,
 * team), and the registry of correlations, which only grows. */
#include "pipeline_priv.h"

#include "clock.h"
#include "version.h"

#include <stdlib.h>
#include <unistd.h>

static bool
runs_here(const struct pipeline *pipeline, enum pipeline_stage stage)
{
    unsigned only = pipeline->config->only;
    return (only == 0 || (only & stage) != 0) &&
           (pipeline->board || stage == ONLY_INGEST);
}

/* Those who read start before those who write. */
static bool
start_crews(struct pipeline *pipeline, struct err *why)
{
    if (!pipeline->board && pipeline->config->only > 0 &&
        !(pipeline->config->only & ONLY_INGEST)) {
        err_set(why, "without rules there is only ingest");
        return false;
    }
    if (runs_here(pipeline, ONLY_RESPOND) &&
        !(pipeline->responding = start_respond(pipeline, why)))
        return false;
    if (runs_here(pipeline, ONLY_CORRELATE) &&
        !(pipeline->correlating = start_correlate(pipeline, why)))
        return false;
    return !runs_here(pipeline, ONLY_INGEST) ||
           (pipeline->ingesting = start_ingest(pipeline, why)) != NULL;
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
    pthread_mutex_init(&pipeline->said_lock, NULL);
    pipeline->sites[pipeline->n_sites++] = site;
    atomic_store(&pipeline->newest, site);
    subscription_make(config, &pipeline->topics);
    bool fine = config_redis(config, &pipeline->redis, why);
    if (fine && !(topics_ensure(config, KAFKA_MS, why) &&
                  publish_rules(pipeline, site, why))) {
        *unreachable = true;
        fine = false;
    }
    pipeline->policy = fine ? redis_policy_new(&pipeline->redis) : NULL;
    if (fine && start_crews(pipeline, why))
        return pipeline;
    pipeline_stop(pipeline);
    return NULL;
}

void
pipeline_look(struct pipeline *pipeline)
{
    if (pipeline->reload_wanted)
        pipeline_reload(pipeline);
    if (pipeline->policy)
        redis_policy_look(pipeline->policy, clock_monotonic_ms());
}

bool
pipeline_failed(struct pipeline *pipeline, struct err *why)
{
    return (pipeline->ingesting && crew_failed(pipeline->ingesting, why)) ||
           (pipeline->correlating && crew_failed(pipeline->correlating, why)) ||
           (pipeline->responding && crew_failed(pipeline->responding, why));
}

void
pipeline_stop(struct pipeline *pipeline)
{
    if (pipeline->ingesting)
        crew_tell(pipeline->ingesting);
    crew_join(pipeline->ingesting);
    if (pipeline->correlating)
        crew_tell(pipeline->correlating);
    crew_join(pipeline->correlating);
    if (pipeline->responding)
        crew_tell(pipeline->responding);
    crew_join(pipeline->responding);
    end_respond(pipeline);
    rules_board_free(pipeline->board);
    for (size_t i = 0; i < pipeline->n_sites; i++)
        site_free(pipeline->sites[i]);
    subscription_free(&pipeline->topics);
    redis_policy_free(pipeline->policy);
    pthread_mutex_destroy(&pipeline->said_lock);
    buf_free(&pipeline->reload_said);
    free(pipeline);
}

static void
write_geo(struct pipeline *pipeline, struct buf *json)
{
    struct err geo = {""};
    if (!pipeline->ingesting)
        return;
    struct ingest *ingest = crew_stage(pipeline->ingesting, 0);
    bool used = geo_state(ingest_geo(ingest), &geo);
    buf_format(json, "\"geo\":{\"configured\":%s,\"in_use\":%s,\"state\":",
               pipeline->config->geo_database ? "true" : "false",
               used ? "true" : "false");
    buf_json(json, str_of(geo.text));
    buf_add(json, STR("},"));
}

void
pipeline_status(struct pipeline *pipeline, struct buf *json)
{
    buf_format(json, "{\"version\":\"%s\",\"now_ms\":%lld,\"up_ms\":%lld,",
               THAPCANH_VERSION, (long long)clock_monotonic_ms(),
               (long long)(clock_wall_ms() - pipeline->started_ms));
    write_geo(pipeline, json);
    if (pipeline->policy) {
        buf_add(json, STR("\"redis_policy\":"));
        buf_json(json, redis_policy_name(pipeline->policy));
        buf_char(json, ',');
    }
    pthread_mutex_lock(&pipeline->said_lock);
    buf_format(json, "\"pid\":%ld,\"reloads\":%llu,\"reload_mistakes\":",
               (long)getpid(), (unsigned long long)pipeline->n_reloads);
    buf_json(json, buf_str(&pipeline->reload_said));
    buf_char(json, ',');
    pthread_mutex_unlock(&pipeline->said_lock);
    buf_add(json, STR("\"workers\":["));
    bool first = true;
    if (pipeline->ingesting)
        crew_status(pipeline->ingesting, json, &first);
    if (pipeline->correlating)
        crew_status(pipeline->correlating, json, &first);
    if (pipeline->responding)
        crew_status(pipeline->responding, json, &first);
    buf_add(json, STR("]}"));
}
