/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the two files, in 24 bytes an alert: when, which rule, which
 * machine, which episode. The words of an alert are a pure function of the
 * seed and its place in the plan (message.h), so nothing else is kept: a
 * duplicate or an update is simply written again. The whole plan is made
 * first, so that totals and shares are exact; the text streams. */
#ifndef DEPLOY_SAMPLE_PLAN_H
#define DEPLOY_SAMPLE_PLAN_H

#include "attack.h"
#include "calendar.h"
#include "site.h"

/* How an alert stands among the others of its file. */
enum standing {
    STANDS_IN_ORDER,
    STANDS_FIXED,   /* in order, and another one's place leans on it */
    STANDS_SHIFTED, /* out of order, by up to 8 minutes */
    STANDS_LATE,    /* by 1 to 3 days */
};

struct entry {
    int64_t time_ms;
    uint32_t actor; /* alerts of one actor share address, file, account */
    uint16_t rule;
    uint16_t host;
    uint8_t attack; /* 1 … N_ATTACKS; 0: noise */
    uint8_t standing;
    uint16_t has_duplicate;
};

enum extra_kind {
    EXTRA_ALERT,     /* a shifted or late alert, at its place */
    EXTRA_ASSIGNED,  /* update: revision 2 */
    EXTRA_RESOLVED,  /* update: revision 3 */
    EXTRA_DUPLICATE, /* the same bytes again */
    EXTRA_BROKEN,    /* `entry` is the number of the broken message */
};

/* A message that does not stand at its event time. Stands after all entries
 * with time_ms ≤ send_ms. */
struct extra {
    int64_t send_ms;
    uint32_t entry;
    enum extra_kind kind;
};

struct file_plan {
    struct entry *entries; /* by event time */
    uint32_t n_entries;
    struct extra *extras; /* by place */
    uint32_t n_extras;
    uint32_t n_of[EXTRA_BROKEN + 1]; /* extras by kind */
    uint32_t n_shifted, n_late;
};

struct cast {
    uint16_t host[N_SAMPLE_FILES][MAX_CAST];
    int64_t first_ms, last_ms;
    uint32_t n_alerts;
};

struct plan {
    struct file_plan file[N_SAMPLE_FILES];
    int64_t n_of_class[N_ALERT_CLASSES];
    struct cast cast[N_ATTACKS];
};

/* Everything the sample is made of; filled in this order. */
struct sample {
    uint64_t seed;
    int64_t scale_ppm; /* millionths */
    int id_year;       /* in the alerts' ids, with a number from first_id on */
    uint64_t first_id;
    struct site site;
    struct catalog catalog;
    struct calendar calendar;
    uint32_t *addresses; /* public ones, IPv4 */
    struct wheel address_wheel;
    struct plan plan;
};

enum { N_ADDRESSES = 3000 };

/* The public addresses of attackers and servers on the internet. */
bool addresses_build(uint64_t seed, struct arena *arena, struct sample *sample);

/* Fills sample->plan, in `arena`; site, catalog and calendar are there. False
 * with the reason when memory is short or the scale too small. */
bool plan_build(struct sample *sample, struct arena *arena, struct err *why);

/* The first entry at or after `time_ms`; n_entries when there is none. */
uint32_t plan_entry_at(const struct file_plan *file, int64_t time_ms);

/* The parts of it, each in its file. */
bool noise_build(struct sample *sample, const int64_t n_of_class[],
                 struct err *why);
void attacks_count(const struct sample *sample, int64_t n_of_class[]);
bool attacks_build(struct sample *sample, struct arena *arena, struct err *why);
bool disorder_build(struct sample *sample, enum sample_file file,
                    struct arena *arena);

#endif
