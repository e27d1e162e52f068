/* SPDX-License-Identifier: Apache-2.0
 *
 * Which rules an alert's logsource leads to, remembered by one worker. */
#ifndef CORRELATE_LOGCLASS_H
#define CORRELATE_LOGCLASS_H

#include "correlate/matcher_priv.h"

struct logclasses;

/* Bits. */
struct routed {
    uint64_t *rules;
    uint64_t *classes; /* of logsources */
    uint64_t parts;    /* of an alert, that these rules read */
};

struct logclasses *logclasses_new(const struct matcher *matcher);
void logclasses_free(struct logclasses *classes);
/* Holds until the next call. */
const struct routed *logclasses_routed(struct logclasses *classes,
                                       const struct alert *alert);

#endif
