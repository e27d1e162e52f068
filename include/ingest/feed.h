/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert as it stands on soc.alerts: OCSF 1.8.0 Detection Finding (2004),
 * with the original bytes (raw_data) and the position (unmapped.position). */
#ifndef INGEST_FEED_H
#define INGEST_FEED_H

#include "model/alert.h"

struct matched; /* model/matcher.h */

/* Appends one JSON object. Times are milliseconds. Nothing in it depends on a
 * clock: the same alert gives the same bytes. `matched`: what the rules said
 * of it; NULL: nothing. */
void feed_write(struct buf *buf, const struct alert *alert,
                const struct matched *matched);

/* What the terminal feed, the report index and the dead letter tools need of
 * such a record, borrowed from the tree. */
struct feed_line {
    struct str alert_id, source, position, host, host_ip, user, src_ip, dst_ip,
        rule_name, unit, system, message, kind, vendor_severity, raw;
    enum severity severity;
    int level;
    int64_t event_ms, arrival_ms;
    bool late, update;
    const struct json *rules, *windows; /* arrays of ids; NULL: none */
    bool capped; /* some rule did not get it: unmapped.capped says which */
};
/* Strings unescaped, in the reader's scratch; false when it is no such
 * record. */
bool feed_read(const struct json *root, struct feed_line *line);

#endif
