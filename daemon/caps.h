/* SPDX-License-Identifier: Apache-2.0
 *
 * The limits that rules and keys reached lately (model/window_cap.h), gathered
 * from what processes say of themselves: for `status` and the feed. */
#ifndef DAEMON_CAPS_H
#define DAEMON_CAPS_H

#include "base/buf.h"
#include "base/json.h"
#include "model/window_cap.h"

enum { MAX_CAP_LINES = 512 };

/* A rule and key that reached a limit; borrows the status. */
struct cap_line {
    enum window_cap cap;
    struct str rule, key;
    uint64_t n;
    int64_t last_ms; /* of the event that reached it last */
};

struct caps {
    struct cap_line line[MAX_CAP_LINES];
    size_t n;
    uint64_t total[N_WINDOW_CAPS]; /* of all rules */
};

/* Adds those of one worker. */
void caps_add(struct caps *caps, const struct json *worker);
/* By kind, the newest of each first, at most MAX_CAPS_KEPT of each. */
void caps_sort(struct caps *caps);
/* After caps_sort: the newest; NULL: none. */
const struct cap_line *caps_last(const struct caps *caps, enum window_cap cap);
/* A table for people, with a head; nothing when there are none. Harmless on a
 * terminal. */
void caps_table(const struct caps *caps, struct buf *out);

#endif
