/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with the firing of a correlation that another refers to
 * (window_entry.names): where its newest alert was read, and whom it names, so
 * that the outer incident has the names and the evidence of the alerts beneath
 * it. As many names as fit MAX_FIRING_NAMES_BYTES, the earliest first.
 *
 * Binary, little endian: version 1 (1), partition (4), topic (short text),
 *   kinds (4), names (2), each: set (1), first_ms (8), short text; in order of
 *   (first_ms, set, text). One spelling. */
#ifndef MODEL_FIRING_H
#define MODEL_FIRING_H

#include "model/incident.h"

enum {
#define X(member, key) FIRING_##member,
    INCIDENT_ENTITIES(X)
#undef X
        N_FIRING_SETS
};

enum { MAX_FIRING_NAMES = N_FIRING_SETS * MAX_INCIDENT_NAMES };

struct firing_name {
    int64_t first_ms;
    uint8_t set; /* FIRING_hosts, … in the order of INCIDENT_ENTITIES */
    struct str text;
};

struct firing {
    struct str topic; /* of the newest alert, never soc.windows */
    int32_t partition;
    uint32_t kinds; /* bit per enum kind */
    struct firing_name name[MAX_FIRING_NAMES];
    size_t n_names;
};

/* Sorts the names, and writes as many as fit; empties `buf` before. */
void firing_write(struct buf *buf, struct firing *firing);
/* Strict; borrows `bytes`. */
bool firing_read(struct str bytes, struct firing *firing);

#endif
