/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of what `whatif` says, in the order in which they are said; for the
 * terminal and for JSON alike. */
#ifndef DAEMON_WHATIF_ROWS_H
#define DAEMON_WHATIF_ROWS_H

#include "whatif.h"

/* X(name, key in JSON, most that are listed; 0: all of them) */
#define WHATIF_LISTS(X)                                                        \
    X(WHATIF_MISSED, "missed", 0)      /* true, and gone */                    \
    X(WHATIF_UNCLEAR, "unclear", 0)    /* true; nothing of it is left */       \
    X(WHATIF_LOWER, "lower", 0)        /* true, and less urgent */             \
    X(WHATIF_NEW, "new", 20)           /* of now: none of then */              \
    X(WHATIF_VANISHED, "vanished", 20) /* gone, and not known to be true */    \
    X(WHATIF_EXPIRED, "expired", 20)   /* not true; nothing of it is left */

enum whatif_list {
#define X(name, key, most) name,
    WHATIF_LISTS(X)
#undef X
        N_WHATIF_LISTS
};

/* One ticket of a list. */
struct whatif_row {
    struct ticket ticket;
    const struct whatif_ticket *at;
    const struct whatif_incident *instead; /* NULL: none of its alerts is in an
                                              incident now */
};
/* Calls `each` with those that are listed, and says how many there are in all.
 * What a row holds lives for the call. */
uint64_t whatif_each(const struct whatif *whatif, enum whatif_list list,
                     struct arena scratch,
                     void (*each)(void *context, const struct whatif_row *row),
                     void *context);

struct whatif_sum {
    uint64_t n, by_priority[N_PRIORITIES];
};
struct whatif_sum whatif_sum(const struct whatif_side *side);

/* A rule that fires more or less often. */
struct whatif_change {
    struct str id, title;
    uint64_t then, now;
};
/* By difference, the largest first; in `arena`. */
size_t whatif_changes(const struct whatif *whatif, struct arena *arena,
                      const struct whatif_change **changes);

int64_t whatif_n_days(const struct whatif *whatif);

#endif
