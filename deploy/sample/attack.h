/* SPDX-License-Identifier: Apache-2.0
 *
 * The ten scripted attacks. A script names sensor rules, machines by role and
 * times from its start; the plan casts real machines of the site and lays the
 * alerts among the noise. */
#ifndef DEPLOY_SAMPLE_ATTACK_H
#define DEPLOY_SAMPLE_ATTACK_H

#include "catalog.h"

enum { N_ATTACKS = 10, MAX_CAST = 32 };

/* Which machines of the cast a step touches. */
enum step_on {
    ON_FIRST, /* the first one */
    ON_REST,  /* all but the first, one after the other */
    ON_EACH,  /* all, one after the other */
};

struct step {
    const char *rule; /* its class tells endpoint or server */
    enum step_on on;
    uint32_t count;    /* on each machine */
    uint32_t after_s;  /* since the start of the attack */
    uint32_t every_s;  /* between two on one machine */
    uint32_t spread_s; /* between one machine's first and the next one's */
};

struct script {
    const char *vi, *en;
    int month, day, hour, minute; /* UTC+7; the seed adds up to 40 minutes */
    uint32_t n_hosts[N_SAMPLE_FILES];
    bool one_unit; /* its endpoints are of one unit */
    bool one_user; /* its alerts name the first machine's user */
    const struct step *steps;
    size_t n_steps;
};

extern const struct script attack_scripts[N_ATTACKS];

/* How often a step of `count` happens at a scale (millionths): small samples
 * get shorter bursts, never none. */
uint32_t attack_count(uint32_t count, int64_t scale_ppm);
/* On how many machines a step happens. */
uint32_t attack_n_hosts(const struct script *script, const struct step *step,
                        enum sample_file file);

#endif
