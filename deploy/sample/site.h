/* SPDX-License-Identifier: Apache-2.0
 *
 * The machines of the sample: about 4,000 endpoints of the units and 200
 * servers of the systems of an inventory, with names by their patterns and
 * addresses inside their ranges, some busy and most quiet. Only what the
 * inventory says holds for all nine months is used, so that an alert's unit is
 * never in doubt. */
#ifndef DEPLOY_SAMPLE_SITE_H
#define DEPLOY_SAMPLE_SITE_H

#include "catalog.h"

#include "base/err.h"

enum { SITE_ENDPOINTS = 4000, SITE_SERVERS = 200, MAX_SITE_GROUPS = 4096 };

struct host {
    struct str name;
    struct str user;   /* who works on it: "STTTT\nguyenvana" */
    struct str os;     /* endpoints only */
    uint64_t agent_id; /* printed in hex */
    uint32_t ip;       /* IPv4, host byte order */
    uint16_t group;    /* its unit or system */
};

/* The machines of one source. Those of a group stand together. */
struct hosts {
    struct host *at;
    uint32_t n;
    struct wheel wheel; /* busy ones weigh more */
    uint32_t *begin;    /* of each group, and one past the last */
    uint32_t n_groups;
};

struct site {
    struct hosts of[N_SAMPLE_FILES];
};

/* Reads the inventory at `path`; everything is kept in `arena`. False when it
 * cannot be used; the reasons are among `complaints`. */
bool site_load(const char *path, uint64_t seed, struct arena *arena,
               struct site *site, struct complaints *complaints);

#endif
