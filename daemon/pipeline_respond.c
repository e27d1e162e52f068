/* SPDX-License-Identifier: Apache-2.0
 *
 * What the responder is plugged into: incidents and original alerts out of
 * Kafka, the team of the site in force, the courier that carries messages.
 * There is one responder: who owns the one partition of soc.journal. */
#include "pipeline_priv.h"

#include "clock.h"
#include "notify.h"
#include "secret.h"

enum { RESULT_MS = 0 };

static const struct triage *
triage_in_force(void *context)
{
    return site_triage(hold_site(context, HOLDER_RESPONDER));
}

static const struct source *
source_in_force(void *context, struct str topic)
{
    const struct site *site = hold_site(context, HOLDER_EVIDENCE);
    return site->source_of(site, topic);
}

/* --- the desk */

static void
people_in_force(void *context, struct people *people)
{
    struct pipeline *pipeline = context;
    const struct team *team = site_team(hold_site(pipeline, HOLDER_RESPONDER));
    people->roster = team->roster;
    people->policy = &team->policy;
    courier_usable(pipeline->respond.courier, people->usable);
}

static bool
send_message(void *context, const struct message *message, struct str person,
             const struct contact *contact)
{
    struct pipeline *pipeline = context;
    return courier_send(pipeline->respond.courier, message, person, contact);
}

static bool
next_result(void *context, struct courier_result *result)
{
    struct pipeline *pipeline = context;
    return courier_result(pipeline->respond.courier, RESULT_MS, result);
}

/* Nobody is told without a roster. */
static bool
open_desk(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    struct responding *respond = &pipeline->respond;
    struct courier_plan plan;
    struct complaints complaints = {0};
    if (!config->roster)
        return true;
    bool fine = notify_plan(config, &plan, &complaints);
    if (!fine)
        err_set(why, "%.*s",
                STR_ARG(str_cut(buf_str(&complaints.text), 0, 200)));
    complaints_free(&complaints);
    respond->courier = fine ? courier_start(&plan, why) : NULL;
    if (!respond->courier)
        return false;
    respond->desk = (struct people_desk){
        .people = people_in_force,
        .send = send_message,
        .result = next_result,
        .context = pipeline,
        .site = config->site,
        .link_ms = config->notify.link_life_ms,
    };
    respond->plan.people = &respond->desk;
    if (config->notify.link_url.len == 0)
        return true;
    respond->desk.link_base = arena_format(&config->arena, "%.*s/a/",
                                           STR_ARG(config->notify.link_url));
    return secret_link_key(config->data_dir, &config->arena,
                           &respond->desk.link_key, why);
}

static bool
open_logs(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    struct responding *respond = &pipeline->respond;
    respond->incidents =
        incident_reader_start(&config->kafka, config->topics.incidents, why);
    if (!respond->incidents)
        return false;
    respond->evidence =
        evidence_log_start(&config->kafka, source_in_force, pipeline, why);
    if (!respond->evidence)
        return false;
    respond->plan.incidents = incident_reader_feed(respond->incidents);
    respond->plan.evidence = evidence_log_source(respond->evidence);
    return true;
}

static void *
begin_worker(void *context)
{
    return respond_new(context);
}

static void
end_worker(void *stage)
{
    respond_free(stage);
}

struct crew *
start_respond(struct pipeline *pipeline, struct err *why)
{
    struct config *config = pipeline->config;
    struct respond_plan *plan = &pipeline->respond.plan;
    *plan = (struct respond_plan){
        .triage = triage_in_force,
        .context = pipeline,
        .journal_topic = config->topics.journal,
        .tickets_topic = config->topics.tickets,
        .evidence_topic = config->topics.evidence,
        .reviews_topic = config->topics.reviews,
    };
    if (!open_desk(pipeline, why) || !open_logs(pipeline, why))
        return NULL;
    struct crew_plan crew = {
        .config = config,
        .redis = &pipeline->redis,
        .ops = respond_ops(),
        .n_workers = 1,
        .group = config->respond_group,
        .topic = &config->topics.journal,
        .n_topics = 1,
        .begin = begin_worker,
        .end = end_worker,
        .context = plan,
    };
    return crew_start(&crew, why);
}

void
end_respond(struct pipeline *pipeline)
{
    struct responding *respond = &pipeline->respond;
    incident_reader_stop(respond->incidents);
    evidence_log_stop(respond->evidence);
    if (respond->courier)
        courier_stop(respond->courier);
}
