/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages to each person: those that the journal says were sent, and those
 * that tickets would cause by a roster when nobody has answered yet: the first
 * step of the escalation, at the event time at which each ticket fired. */
#ifndef DAEMON_WHATIF_PEOPLE_H
#define DAEMON_WHATIF_PEOPLE_H

#include "team.h"
#include "whatif_side.h"

struct whatif_person {
    struct str id;
    uint64_t n_sent;       /* then: messages of every kind */
    uint64_t n_calls_then; /* of them those of a first step; of files: those
                              there would have been */
    uint64_t n_calls_now;
};

struct whatif_people;

struct whatif_people *whatif_people_new(void);         /* NULL: out of memory */
void whatif_people_free(struct whatif_people *people); /* NULL: nothing */
/* A message of then. False: out of memory. */
bool whatif_people_sent(struct whatif_people *people,
                        const struct journal_send *send);

struct whatif_calls {
    const struct team *team;   /* its roster is not NULL */
    struct tickets *overrides; /* whose overrides of the roster hold, too */
    int64_t floor_hold_ms;     /* what `floor` took waits so long */
    bool then;                 /* they count as calls of then */
};
/* The calls of every ticket of `side` that counts; messages to one person
 * within the policy's bundling time are one. False: out of memory. */
bool whatif_people_call(struct whatif_people *people,
                        const struct whatif_calls *calls,
                        const struct whatif_side *side);
/* By id. At the end: nothing may be counted any more. */
size_t whatif_people_list(struct whatif_people *people,
                          const struct whatif_person **list);

#endif
