/* SPDX-License-Identifier: Apache-2.0
 *
 * What `status` says, as Prometheus reads it (text format 0.0.4). Made from
 * the process's own status JSON, so that the two never differ. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/buf.h"
#include "base/json.h"

/* Appends the metrics of one process's status (one JSON object). Everything
 * lies in `scratch` meanwhile. False: `status` cannot be read. */
bool metrics_write(struct buf *out, struct str status,
                   struct json_reader *reader, struct arena *scratch);

/* Every metric there is, for docs/metrics.md; false: `i` is past the last. */
struct metric_words {
    const char *name, *type, *labels, *help; /* name without thapcanh_ */
};
bool metrics_words(size_t i, struct metric_words *words);

#endif
