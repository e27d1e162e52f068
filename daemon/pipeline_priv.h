/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of the pipeline, shared by its files: pipeline.c (the straight
 * line), pipeline_stages.c (what each stage's workers are made of),
 * pipeline_respond.c (what the responder is plugged into), pipeline_site.c
 * (mappings, inventory, rules and team, and reading them again). */
#ifndef DAEMON_PIPELINE_PRIV_H
#define DAEMON_PIPELINE_PRIV_H

#include "correlate/correlate.h"
#include "crew.h"
#include "evidence_log.h"
#include "incident_feed.h"
#include "listener.h"
#include "pipeline.h"
#include "redis_policy.h"
#include "rules_board.h"
#include "site.h"
#include "topics.h"

#include <pthread.h>

enum { MAX_SITES = 2, N_WINDOWS_TOPICS = 2, KAFKA_MS = 30000 };

/* Threads other than ingest's that use a site: which one they hold. */
enum holder { HOLDER_RESPONDER, HOLDER_EVIDENCE, N_HOLDERS };

/* What the responder is plugged into. */
struct responding {
    struct respond_plan plan;
    struct people_desk desk;
    struct courier *courier;
    struct incident_reader *incidents;
    struct evidence_log *evidence;
};

struct pipeline {
    struct config *config;
    struct redis_address redis;
    struct redis_policy *policy;
    struct ingest_plan ingest;
    struct subscription topics; /* of the input */
    _Atomic(const struct site *) newest;
    _Atomic(const struct site *) held[N_HOLDERS];
    const struct site *sites[MAX_SITES]; /* that workers may use */
    size_t n_sites;
    int64_t started_ms;
    bool reload_wanted;        /* when the last one has been taken by all */
    pthread_mutex_t said_lock; /* what status says of reloading */
    uint64_t n_reloads;
    struct buf reload_said;    /* mistakes; empty: none */
    struct rules_board *board; /* NULL: no rules */
    struct correlate_plan correlate;
    struct str windows_topics[N_WINDOWS_TOPICS];
    struct crew *ingesting, *correlating, *responding; /* the latter two NULL:
                                                          no rules */
    struct responding respond;
    struct listener *listener; /* NULL: none is configured */
};

/* --- pipeline_stages.c: each NULL with the reason */
struct crew *start_ingest(struct pipeline *pipeline, struct err *why);
struct crew *start_correlate(struct pipeline *pipeline, struct err *why);

/* --- pipeline_respond.c */
struct crew *start_respond(struct pipeline *pipeline, struct err *why);
void end_respond(struct pipeline *pipeline); /* after its crew */

/* --- pipeline_site.c */
/* The newest site, which stays until `holder` asks again. */
const struct site *hold_site(struct pipeline *pipeline, enum holder holder);
const struct site *load_site(const struct config *config,
                             struct complaints *complaints);
const struct site *newest_site(void *pipeline);
/* Rules are on soc.rules before the first window record that names them. */
bool publish_rules(struct pipeline *pipeline, const struct site *site,
                   struct err *why);

#endif
