/* SPDX-License-Identifier: Apache-2.0
 *
 * The file to read first: how an alert goes through the program.
 *
 *   sensors → [input topics] → INGEST → [soc.alerts, soc.deadletter]
 *                                 │         and the counts in Redis
 *                           [soc.windows]
 *                                 │
 *                             CORRELATE → [soc.incidents]
 *
 * Each stage is the loop of base/stage.h run over a table of pure functions
 * (ingest_ops, correlate_ops), by a crew of workers (crew.c); a worker is a
 * thread that is a member of the stage's Kafka consumer group. What workers
 * share is read-only: the site (mappings, inventory, rules), and the registry
 * of correlations, which only grows. */
#include "pipeline.h"

#include "base/log.h"
#include "base/times.h"
#include "clock.h"
#include "correlate/correlate.h"
#include "correlate/route.h"
#include "crew.h"
#include "redis_policy.h"
#include "rules_board.h"
#include "site.h"
#include "topics.h"
#include "version.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_SITES = 2, KAFKA_MS = 30000 };

struct pipeline {
    struct config *config;
    struct redis_address redis;
    struct redis_policy *policy;
    struct ingest_plan ingest;
    struct subscription topics; /* of the input */
    _Atomic(const struct site *) newest;
    const struct site *sites[MAX_SITES]; /* that workers may use */
    size_t n_sites;
    int64_t started_ms;
    bool reload_wanted;        /* when the last one has been taken by all */
    struct rules_board *board; /* NULL: no rules */
    struct correlate_plan correlate;
    struct crew *ingesting, *correlating; /* the latter NULL: no rules */
};

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

static void *
begin_ingest(void *context)
{
    return ingest_new(context);
}

static void
end_ingest(void *stage)
{
    ingest_free(stage);
}

static struct crew *
start_ingest(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    struct crew_plan plan = {
        .config = config,
        .redis = &pipeline->redis,
        .ops = ingest_ops(),
        .n_workers = config->workers,
        .group = config->group,
        .topic = pipeline->topics.at,
        .n_topics = pipeline->topics.n,
        .ahead_ms = most_ahead_ms(pipeline),
        .bound = is_bound,
        .bound_context = config,
        .begin = begin_ingest,
        .end = end_ingest,
        .context = &pipeline->ingest,
    };
    return crew_start(&plan, why);
}

static const struct site *
newest_site(void *context)
{
    struct pipeline *pipeline = context;
    return atomic_load(&pipeline->newest);
}

/* --- what an ingest worker asks of the rules */

static const struct rules *
newest_rules(void *context)
{
    return site_rules(newest_site(context));
}

static void *
begin_route(void *context)
{
    return route_new(newest_rules(context), newest_rules, context);
}

static void
end_route(void *route)
{
    route_free(route);
}

/* --- the correlate stage */

static void *
begin_correlate(void *context)
{
    return correlate_new(context);
}

static void
end_correlate(void *stage)
{
    correlate_free(stage);
}

static struct crew *
start_correlate(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    pipeline->correlate = (struct correlate_plan){
        .registry = rules_board_registry(pipeline->board),
        .incidents_topic = config->topics.incidents,
    };
    struct crew_plan plan = {
        .config = config,
        .redis = &pipeline->redis,
        .ops = correlate_ops(),
        .n_workers = config->correlate_workers,
        .group = config->correlate_group,
        .topic = &config->topics.windows,
        .n_topics = 1,
        .begin = begin_correlate,
        .end = end_correlate,
        .context = &pipeline->correlate,
    };
    return crew_start(&plan, why);
}

/* Rules are on soc.rules before the first window record that names them. */
static bool
publish_rules(struct pipeline *pipeline, const struct site *site,
              struct err *why)
{
    const struct rules *rules = site_rules(site);
    if (!rules)
        return true;
    if (!pipeline->board)
        pipeline->board = rules_board_new(pipeline->config, why);
    return pipeline->board &&
           rules_board_publish(pipeline->board, rules, KAFKA_MS, why);
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
    if (!site_rules(site))
        return;
    pipeline->ingest.matcher = route_ops();
    pipeline->ingest.matcher_new = begin_route;
    pipeline->ingest.matcher_free = end_route;
    pipeline->ingest.matcher_context = pipeline;
}

/* Those who read start before those who write. */
static bool
start_crews(struct pipeline *pipeline, struct err *why)
{
    if (pipeline->board) {
        pipeline->correlating = start_correlate(pipeline, why);
        if (!pipeline->correlating)
            return false;
    }
    pipeline->ingesting = start_ingest(pipeline, why);
    return pipeline->ingesting != NULL;
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

static bool
is_used(const struct pipeline *pipeline, const struct site *site)
{
    bool used = site == atomic_load(&pipeline->newest);
    const struct ingest *ingest;
    for (int i = 0; (ingest = crew_stage(pipeline->ingesting, i)) != NULL; i++)
        used = used || ingest_site(ingest) == site;
    return used;
}

/* Frees the sites that every worker has exchanged for a newer one. */
static void
forget_sites(struct pipeline *pipeline)
{
    size_t n = 0;
    for (size_t i = 0; i < pipeline->n_sites; i++) {
        const struct site *site = pipeline->sites[i];
        if (is_used(pipeline, site))
            pipeline->sites[n++] = site;
        else
            site_free(site);
    }
    pipeline->n_sites = n;
}

static void
keep_old(struct complaints *complaints, const char *why)
{
    struct str lines = buf_str(&complaints->text), line;
    while (str_split(&lines, '\n', &line))
        if (line.len > 0)
            log_warn("run", "%.*s", STR_ARG(line));
    log_warn("run", "nothing changed: %s", why);
}

/* A new site is made only when every worker has the newest one: so a worker
 * uses that, or the one before. */
static bool
take_reload(struct pipeline *pipeline)
{
    struct complaints complaints = {0};
    struct err why = {""};
    forget_sites(pipeline);
    if (pipeline->n_sites > 1)
        return false;
    const struct site *site = load_site(pipeline->config, &complaints);
    if (!site) {
        keep_old(&complaints,
                 "mappings, inventory and rules stay as they were");
    } else if (!site_rules(site) != !pipeline->ingest.matcher) {
        keep_old(&complaints, "rules where there were none, or none where "
                              "there were: that takes a restart");
    } else if (!publish_rules(pipeline, site, &why)) {
        keep_old(&complaints, why.text);
    } else {
        pipeline->sites[pipeline->n_sites++] = site;
        atomic_store(&pipeline->newest, site);
        site = NULL;
        log_info("run", "mappings, inventory and rules read again");
    }
    site_free(site);
    complaints_free(&complaints);
    return true;
}

void
pipeline_reload(struct pipeline *pipeline)
{
    pipeline->reload_wanted = !take_reload(pipeline);
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
    return crew_failed(pipeline->ingesting, why) ||
           (pipeline->correlating && crew_failed(pipeline->correlating, why));
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
    rules_board_free(pipeline->board);
    for (size_t i = 0; i < pipeline->n_sites; i++)
        site_free(pipeline->sites[i]);
    subscription_free(&pipeline->topics);
    redis_policy_free(pipeline->policy);
    free(pipeline);
}

static void
write_geo(struct pipeline *pipeline, struct buf *json)
{
    struct err geo = {""};
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
    buf_add(json, STR("\"workers\":["));
    bool first = true;
    crew_status(pipeline->ingesting, json, &first);
    if (pipeline->correlating)
        crew_status(pipeline->correlating, json, &first);
    buf_add(json, STR("]}"));
}
