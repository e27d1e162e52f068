/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of the pipeline, shared by its files: pipeline.c (the straight
 * line), pipeline_stages.c (what each stage's workers are made of),
 * pipeline_site.c (mappings, inventory and rules, and reading them again). */
#ifndef DAEMON_PIPELINE_PRIV_H
#define DAEMON_PIPELINE_PRIV_H

#include "correlate/correlate.h"
#include "crew.h"
#include "pipeline.h"
#include "redis_policy.h"
#include "rules_board.h"
#include "site.h"
#include "topics.h"

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

/* --- pipeline_stages.c: each NULL with the reason */
struct crew *start_ingest(struct pipeline *pipeline, struct err *why);
struct crew *start_correlate(struct pipeline *pipeline, struct err *why);

/* --- pipeline_site.c */
const struct site *load_site(const struct config *config,
                             struct complaints *complaints);
const struct site *newest_site(void *pipeline);
/* Rules are on soc.rules before the first window record that names them. */
bool publish_rules(struct pipeline *pipeline, const struct site *site,
                   struct err *why);

#endif
