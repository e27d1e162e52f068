/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tickets concern a host, a user, an address or a system: an index over
 * what tickets list, both ways, to find those that belong together. What was
 * added since a mark can be taken back: decisions of one round look at each
 * other before any of them has taken effect. */
#ifndef RESPOND_GROUPING_H
#define RESPOND_GROUPING_H

#include "base/str.h"

/* X(name, id in settings) */
#define ENTITY_SORTS(X)                                                        \
    X(ENTITY_HOST, "host")                                                     \
    X(ENTITY_USER, "user")                                                     \
    X(ENTITY_ADDRESS, "address")                                               \
    X(ENTITY_SYSTEM, "system")

enum entity_sort {
#define X(name, id) name,
    ENTITY_SORTS(X)
#undef X
        N_ENTITY_SORTS
};

struct grouping;

#define GROUPING_END UINT32_MAX

struct grouping *grouping_new(void); /* NULL: out of memory */
void grouping_free(struct grouping *grouping);

/* Ticket `number` lists this name (ASCII letters without regard to case);
 * once is enough. False: out of memory. */
bool grouping_add(struct grouping *grouping, enum entity_sort sort,
                  struct str name, uint32_t number);
/* The newest entry of a name, and the one before an entry. */
uint32_t grouping_first(const struct grouping *grouping, enum entity_sort sort,
                        struct str name);
uint32_t grouping_next(const struct grouping *grouping, uint32_t entry);
uint32_t grouping_ticket(const struct grouping *grouping, uint32_t entry);
/* The newest entry of a ticket, and the one of that ticket before an entry. */
uint32_t grouping_of(const struct grouping *grouping, uint32_t number);
uint32_t grouping_also(const struct grouping *grouping, uint32_t entry);
/* The name of an entry: its sort, and the newest entry that has it. */
enum entity_sort grouping_sort(const struct grouping *grouping, uint32_t entry);
uint32_t grouping_same(const struct grouping *grouping, uint32_t entry);

uint32_t grouping_mark(const struct grouping *grouping);
void grouping_undo(struct grouping *grouping, uint32_t mark);

#endif
