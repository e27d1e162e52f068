/* SPDX-License-Identifier: Apache-2.0
 *
 * Points of the stage loop at which a fault test ends the process, as kill -9
 * would. They are there only in build/thapcanh-faults (`make faults`); in the
 * product fault_here is nothing. There THAPCANH_FAULT=STAGE:POINT:N names the
 * stage, the point, and the Nth passing at which the process kills itself.
 * tests/system/test_faults_points.sh dies at each of them, in each stage that
 * passes it; tests/lint/faults.sh checks that the list is complete: each point
 * stands at one place, and no effect on Redis or Kafka is without one. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/str.h"

/* X(point, stages that pass it) */
#define FAULT_POINTS(X)                                                        \
    /* taking a partition */                                                   \
    X(claiming, "ingest correlate respond") /* nothing is done yet */          \
    X(claimed, "ingest correlate respond")  /* the claim is in Redis */        \
    X(loaded, "ingest correlate respond")   /* the state is in memory */       \
    X(storing, "ingest correlate respond")  /* restored, not in Redis */       \
    X(stored, "ingest correlate respond")   /* restored, in Redis */           \
    X(started, "ingest correlate respond")  /* the consumer may read */        \
    /* a batch */                                                              \
    X(queueing, "ingest correlate respond")   /* before an output is queued */ \
    X(computed, "ingest correlate respond")   /* its outputs are queued */     \
    X(closed, "ingest correlate respond")     /* what changed is gathered */   \
    X(committing, "ingest correlate respond") /* outputs are acknowledged */   \
    X(sent, "ingest correlate respond")       /* Redis has not answered */     \
    X(answered, "ingest correlate respond")   /* it has, we do not know how */ \
    X(committed, "ingest correlate respond")  /* the marker is known */        \
    X(refused, "ingest correlate respond")    /* somebody else has claimed */  \
    /* by the clock */                                                         \
    X(saving, "ingest correlate respond") /* before a snapshot */              \
    X(saved, "ingest correlate respond")  /* after it */                       \
    X(announced, "ingest")                /* how far, to those after */        \
    X(told_time, "ingest")                /* Kafka's clock is taken */         \
    X(acted, "respond")                   /* of what the clock says */         \
    X(swapping, "ingest")                 /* before a changed rule set */      \
    X(swapped, "ingest")                  /* after it */                       \
    X(shared, "ingest correlate respond") /* watermarks, with others */        \
    /* coming and going */                                                     \
    X(joining, "ingest")                    /* announced, in Kafka's queue */  \
    X(joined, "ingest")                     /* and noted in Redis */           \
    X(leaving, "ingest correlate respond")  /* a partition is taken away */    \
    X(stopping, "ingest correlate respond") /* told to end */

enum fault_point {
#define X(point, stages) FAULT_##point,
    FAULT_POINTS(X)
#undef X
};

/* What can be made to fail: THAPCANH_FAULT=fails:KIND:N, the Nth of this
 * process from when its first stage is at work. A call never comes to Redis; a
 * reply is lost after Redis has done what it answers; a record is * refused by
 * Kafka's client for good; an allocation finds no memory. */
#define FAULT_KINDS(X)                                                         \
    X(call)                                                                    \
    X(reply)                                                                   \
    X(produce)                                                                 \
    X(memory)

enum fault_kind {
#define X(kind) FAIL_##kind,
    FAULT_KINDS(X)
#undef X
};

#ifdef THAPCANH_FAULTS
bool fault_fails(enum fault_kind kind);
void fault_here(struct str stage, enum fault_point point);
#else
#define fault_fails(kind) false
#define fault_here(stage, point) ((void)0)
#endif

#endif
