/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits that an alert can run into on its way into windows: what was
 * reached, for which rule and which key. Each is counted by rule, named in
 * status, in /metrics and, where it is known in time, in the feed. */
#ifndef MODEL_WINDOW_CAP_H
#define MODEL_WINDOW_CAP_H

#include "base/str.h"

/* X(name, id) */
#define WINDOW_CAPS(X)                                                         \
    X(CAP_CUT, "cut") /* a window has lost events: it is approximate */        \
    X(CAP_REFUSED, "refused") /* the windows partition was full */             \
    X(CAP_KEYS, "keys")       /* one alert has too many keys for the rule */   \
    X(CAP_BATCH, "batch")     /* one message made too many window events */

enum window_cap {
#define X(name, id) name,
    WINDOW_CAPS(X)
#undef X
        N_WINDOW_CAPS
};

struct capped {
    enum window_cap cap;
    struct str rule, key; /* its id; a JSON array, as windows show it */
};

/* The id, for any 0 <= cap < N_WINDOW_CAPS. */
struct str window_cap_id(enum window_cap cap);

#endif
