/* SPDX-License-Identifier: Apache-2.0
 *
 * What another configuration would have made of the recorded alerts of a span,
 * beside what there is. Touches nothing: reads soc.journal and soc.alerts
 * without a group, and asks Redis nothing; or files, and then beside what the
 * configuration in force makes of them. */
#ifndef DAEMON_WHATIF_H
#define DAEMON_WHATIF_H

#include "config.h"
#include "site.h"
#include "whatif_engine.h"
#include "whatif_feed.h"
#include "whatif_files.h"
#include "whatif_people.h"
#include "whatif_side.h"

/* No rule is given more of a run-up than this. */
#define WHATIF_MAX_RUN_MS (INT64_C(31) * 86400000)

struct whatif_plan {
    const struct config *config; /* where Kafka is, and its topics */
    const struct config *fresh;  /* the other configuration … */
    const struct site *site;     /* … loaded … */
    const struct rules *rules;   /* … and its rules, or others */
    int64_t from_ms, until_ms;   /* the span, of event time */
    /* NULL: Kafka's. Else the alerts are these files'. */
    const struct whatif_files *files;
    /* Vendor ids of alerts that are known to be true, beside what people said;
     * NULL: none are. */
    const struct table *true_ones;
};

struct whatif {
    const struct whatif_plan *plan;
    int64_t before_ms, after_ms; /* read too, beside the span */
    bool cut;                    /* a rule looks back further than that */
    struct whatif_side *then, *now;
    struct whatif_people *people;
    struct tickets *tickets;            /* of then */
    struct replay_tickets *replay_then; /* of files; NULL: of the journal */
    struct replay_tickets *replay;
    struct whatif_feed *feed;
    uint64_t n_span, n_beside; /* alerts read */
    struct recorded_counts recorded;
    struct whatif_engine_counts engine;
    struct replay_counts files; /* as they were read */
};

/* What became of a ticket of then. */
enum whatif_fate {
    WHATIF_STAYS,
    WHATIF_GONE,
    WHATIF_UNKNOWN, /* none of its alerts is on soc.alerts */
};
enum whatif_fate whatif_fate(const struct whatif_ticket *ticket);

/* False with the reason. whatif_free in either case. */
bool whatif_run(const struct whatif_plan *plan, struct whatif *whatif,
                struct err *why);
void whatif_free(struct whatif *whatif);

/* True ones of then that would be missed, or of which nobody can say. */
uint64_t whatif_n_missed(const struct whatif *whatif);

/* For people, and as one JSON object on one line. */
void whatif_print(struct buf *buf, const struct whatif *whatif,
                  struct arena scratch);
void whatif_json(struct buf *buf, const struct whatif *whatif,
                 struct arena scratch);

#endif
