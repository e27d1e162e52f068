/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of deciding, shared by triage.c (the decisions) and triage_link.c
 * (what belongs together). */
#ifndef RESPOND_TRIAGE_PRIV_H
#define RESPOND_TRIAGE_PRIV_H

#include "respond/triage.h"
#include "tickets_priv.h"

enum { MAX_ROUND = 256, INCIDENT_ID = 32 };

/* A ticket as it will be: a new one (number from tickets_len on), or one that
 * takes in more. */
struct ahead {
    uint32_t number;
    struct ticket_brief brief;
    char id[TICKET_ID_LEN];
};

/* A decision of this round. */
struct decided {
    char incident[INCIDENT_ID];
    uint64_t revision;
    uint32_t ticket; /* number of the ticket it is in; SHELF_NONE: in none */
};

struct triage_round {
    struct tickets *tickets;
    uint32_t mark;
    bool ends; /* the next decision needs this one folded */
    struct ahead ahead[MAX_ROUND];
    size_t n_ahead;
    struct decided decided[MAX_ROUND];
    size_t n_decided;
    uint32_t n_new;
};

/* One incident on its way to a decision. */
struct asking {
    struct triage_round *round;
    const struct triage *triage;
    const struct incident *incident;
    struct arena *arena;
    struct journal_take *take;
    struct known known; /* revision 0: never seen */
    uint32_t ticket;    /* number of the ticket it goes into, or SHELF_NONE */
};

/* --- triage.c: tickets as they will be when this round has taken effect */
const struct ticket_brief *round_brief(const struct triage_round *round,
                                       uint32_t number);
bool brief_is_open(const struct ticket_brief *brief);
/* Of two that fit, the elder; `a` may be SHELF_NONE. */
uint32_t round_elder(const struct triage_round *round, uint32_t a, uint32_t b);
const struct incident_names *incident_names_of(const struct incident *incident,
                                               enum entity_sort sort);

/* --- triage_link.c */

enum { MAX_LINKED = 32 };

struct linked {
    uint32_t ticket[MAX_LINKED];
    size_t n;
    int64_t first_ms, last_ms; /* of all that is linked */
    int64_t reach_ms;          /* the longest of them */
    bool floor;                /* some of it is */
};

struct linked linked_begin(const struct asking *a);
void linked_add(const struct triage *triage, struct linked *linked,
                uint32_t number, const struct ticket_brief *brief);
/* All that belongs to what is linked so far and to the incident. */
void link_all(struct asking *a, struct linked *linked);
/* The eldest of those that somebody works on, else of all; SHELF_NONE: none. */
uint32_t linked_root(const struct asking *a, const struct linked *linked);

#endif
