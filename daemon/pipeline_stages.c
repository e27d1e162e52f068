/* SPDX-License-Identifier: Apache-2.0
 *
 * What the workers of each stage are made of: the table of functions of the
 * stage, its topics, and what each worker has of its own. */
#include "pipeline_priv.h"

#include "correlate/route.h"
#include "version.h"

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

/* --- the ingest stage */

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

static void
plan_ingest(struct pipeline *pipeline)
{
    const struct config *config = pipeline->config;
    const struct site *site = newest_site(pipeline);
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
        return; /* alerts are counted, nothing more */
    pipeline->ingest.matcher = route_ops();
    pipeline->ingest.matcher_new = begin_route;
    pipeline->ingest.matcher_free = end_route;
    pipeline->ingest.matcher_context = pipeline;
}

struct crew *
start_ingest(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    plan_ingest(pipeline);
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

/* What one partition hears from all others together is bounded, however many
 * there are. */
static int64_t
report_ms(int n_partitions)
{
    return n_partitions > 10 ? 10 * n_partitions : 100;
}

struct crew *
start_correlate(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    pipeline->correlate = (struct correlate_plan){
        .registry = rules_board_registry(pipeline->board),
        .incidents_topic = config->topics.incidents,
        .windows_topic = config->topics.windows,
        .chained_topic = config->topics.chained,
        .windows_partitions = config->windows_partitions,
        .report_ms = report_ms(config->windows_partitions),
    };
    pipeline->windows_topics[0] = config->topics.windows;
    pipeline->windows_topics[1] = config->topics.chained;
    struct crew_plan plan = {
        .config = config,
        .redis = &pipeline->redis,
        .ops = correlate_ops(),
        .n_workers = config->correlate_workers,
        .group = config->correlate_group,
        .topic = pipeline->windows_topics,
        .n_topics = N_WINDOWS_TOPICS,
        .begin = begin_correlate,
        .end = end_correlate,
        .context = &pipeline->correlate,
    };
    return crew_start(&plan, why);
}
