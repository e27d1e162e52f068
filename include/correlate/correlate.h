/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage: windows in event time, held per partition of
 * soc.windows and soc.chained (DESIGN 3, 8). What it does to one record is a
 * pure function of the partition's state and the log; the stage loop
 * (base/stage.h) does the rest. Incidents go to soc.incidents, whole, with a
 * revision, under their id.
 *
 * Correlations of correlations have a log of their own, soc.chained, because
 * in soc.windows what fires would stand behind all that ingest has written
 * already: after a night away the windows of the next level would hold the
 * events of the whole night before the first report of the level below. What
 * ingest says to such windows passes through soc.windows and is handed on. */
#ifndef CORRELATE_CORRELATE_H
#define CORRELATE_CORRELATE_H

#include "base/stage.h"
#include "correlate/registry.h"

struct correlate_plan {
    struct registry *registry;
    struct str incidents_topic;
    struct str windows_topic;
    struct str chained_topic; /* what one level says to the next; empty:
                                 windows_topic, one log for all levels */
    int windows_partitions;   /* of each of the two; 0: one */
    /* How often a partition says how far it is, in Kafka's time, when that
     * changes all the time; 0: whenever it changes. */
    int64_t report_ms;
    /* Of one partition; 0: MAX_WINDOWS, MAX_WINDOWS_BYTES. What would go past
     * is refused, counted and named in status. */
    uint32_t max_windows;
    size_t max_bytes;
};

struct correlate; /* one worker's */

/* Borrows `plan` for life. NULL: no memory. */
struct correlate *correlate_new(const struct correlate_plan *plan);
void correlate_free(struct correlate *correlate);

/* For stage_plan: `stage` is a struct correlate. apply returns RETRY for a
 * record that names a correlation the registry does not know yet. */
const struct stage_ops *correlate_ops(void);

/* Names of the state's tables in Redis that tools read. */
#define CORRELATE_META "meta"
#define CORRELATE_SOURCES "sources"
#define CORRELATE_RULES "rules"
#define CORRELATE_WINDOWS "windows"

#endif
