/* SPDX-License-Identifier: Apache-2.0
 *
 * The ingest stage: decode → normalise → enrich → count. What it does to one
 * record is a pure function of the partition's state and the log; the stage
 * loop (base/stage.h) does the rest. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "base/stage.h"
#include "ingest/geo.h"
#include "ingest/inventory.h"
#include "ingest/source.h"
#include "model/matcher.h"

/* What the site says, built whole and then read-only; shared by all workers.
 * A change makes a new one (STREAM 21). */
struct site {
    const struct source *(*source_of)(const struct site *site,
                                      struct str topic);
    const struct inventory *inventory; /* NULL: none */
    const void *owner;                 /* the maker's own */
};

struct ingest_plan {
    const struct site *site;
    /* The newest site, asked now and then; NULL: never changes. */
    const struct site *(*newest)(void *context);
    void *context;
    const char *geo_database; /* "": none */
    struct str alerts_topic, deadletter_topic, windows_topic;
    int windows_partitions;
    bool feed;      /* write soc.alerts */
    bool any_event; /* events are known to be the source's: `requires:` is not
                       asked (replay) */
    /* What the rules say of an alert; NULL: no rules. Each worker has a matcher
     * of its own, made and freed here. */
    const struct matcher_ops *matcher;
    void *(*matcher_new)(void *context); /* NULL: no memory */
    void (*matcher_free)(void *matcher);
    void *matcher_context;
    struct str version; /* of the program, for dead letters */
};

struct ingest; /* one worker's */

/* Borrows `plan` for life. NULL: no memory. */
struct ingest *ingest_new(const struct ingest_plan *plan);
void ingest_free(struct ingest *ingest);
/* The site it uses; from any thread. One that is neither the newest nor used
 * by any worker may be freed. */
const struct site *ingest_site(const struct ingest *ingest);
/* Its geo database, for status. */
const struct geo_db *ingest_geo(const struct ingest *ingest);

/* For stage_plan: `stage` is a struct ingest. */
const struct stage_ops *ingest_ops(void);

/* The reason of a letter that stands for an output, not for a message: the
 * alert itself is counted (STREAM 8). */
#define INGEST_OUTPUT_TOO_LARGE "output_too_large"

/* Names of the state's tables in Redis that tools read. */
#define INGEST_COUNTS "counts"
#define INGEST_BOOKS "books"
#define INGEST_HOURS "hours"

#endif
