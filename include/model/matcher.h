/* SPDX-License-Identifier: Apache-2.0
 *
 * What ingest asks of the rules: which detections an alert matches, and which
 * windows it goes to. Ingest knows no rule; daemon/ plugs the implementation
 * of correlate/ in. One context for each ingest worker.
 *
 * Asked once for each counted alert (never for updates and duplicates), after
 * it was enriched. An alert with ALERT_LATE feeds only `floor` (STREAM 13). */
#ifndef MODEL_MATCHER_H
#define MODEL_MATCHER_H

#include "model/window_cap.h"
#include "model/window_event.h"

/* For the feed; in the scratch arena of the call. */
struct matched {
    const struct str *rules; /* ids of the detections, sorted */
    size_t n_rules;
    const struct str *windows; /* ids of the windows, sorted, no repeats */
    size_t n_windows;
    /* Windows it should have gone to and did not: at most MAX_CAPPED. */
    const struct capped *capped;
    size_t n_capped;
};

struct matcher_ops {
    /* A pure function of the alert and the rules in force. Adds window
     * entries to `windows`; fills `out`. */
    void (*match)(void *context, const struct alert *alert,
                  struct arena *scratch, struct window_batch *windows,
                  struct matched *out);
    /* A changed rule set takes effect when nothing is unacknowledged (STREAM
     * 21); both may be NULL: never. */
    bool (*changed)(void *context);
    void (*swap)(void *context);
    /* Members of a JSON object: how often a group-by field was missing, values
     * that were given up on, entries refused, by rule. Of the worker, not of
     * one of its partitions. May be NULL. */
    void (*status)(const void *context, struct buf *json);
};

#endif
