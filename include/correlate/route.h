/* SPDX-License-Identifier: Apache-2.0
 *
 * The matcher that ingest asks (model/matcher.h): routes an alert to the
 * detections of its log source, evaluates them, and makes the window entries
 * of the correlations that those feed. */
#ifndef CORRELATE_ROUTE_H
#define CORRELATE_ROUTE_H

#include "correlate/rules.h"
#include "model/matcher.h"

struct route; /* of one ingest worker */

/* `newest`, asked now and then, says which rule set is in force from the next
 * swap on; NULL: never another. Rule sets must outlive the route. */
struct route *route_new(const struct rules *rules,
                        const struct rules *(*newest)(void *context),
                        void *context);
void route_free(struct route *route);
/* The context of its functions is the struct route. */
const struct matcher_ops *route_ops(void);

#endif
