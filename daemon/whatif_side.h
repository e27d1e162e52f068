/* SPDX-License-Identifier: Apache-2.0
 *
 * One side of the comparison, then or now: its incidents by window, and the
 * tickets they are in. An alert is in an incident when it went into its window
 * between its first and last alert, as the feed's column of tickets has it. */
#ifndef DAEMON_WHATIF_SIDE_H
#define DAEMON_WHATIF_SIDE_H

#include "respond/tickets.h"

enum { WHATIF_MAX_INCIDENTS = 1 << 22, WHATIF_NO_TICKET = -1 };

/* Where one incident ended. */
struct whatif_incident {
    uint32_t window, rule; /* numbers in the side's tables */
    int64_t first_ms, last_ms, fired_ms;
    int64_t last_so_far_ms; /* the latest end of this window's up to here */
    int64_t ticket;         /* number in side->ticket; WHATIF_NO_TICKET */
    enum place_taken place;
    struct str because; /* what silenced or explained it; may be empty */
    bool merged;        /* into another: does not count */
};

struct whatif_ticket {
    uint32_t number; /* in side->tickets */
    bool counts;     /* its first incident fired in the span */
    uint64_t n_seen; /* its alerts among those that were read */
    bool found;      /* shares an alert with a ticket of the other side */
    int priority;    /* its own … */
    int found_at;    /* … and the most urgent of those; 0: none */
    bool is_true;    /* then: people found it to be true */
    int64_t instead; /* not found: where an alert of it went, an incident of
                        the other side; -1: into none */
};

/* What one rule did in the span. */
struct whatif_rule {
    struct str title;
    uint64_t n_fired;
};

struct whatif_side {
    int64_t from_ms, until_ms;        /* the span */
    struct table *ids;                /* of incidents */
    struct table *windows;            /* ids */
    struct table *rules;              /* ids */
    struct whatif_incident *incident; /* by number in `ids`, until closed;
                                         then by (window, first) */
    size_t incident_room;
    struct whatif_rule *rule; /* by number in `rules` */
    size_t rule_room;
    uint32_t *begin;  /* by window: its first incident; one more at the end */
    size_t n_windows; /* that have some */
    struct tickets *tickets;      /* borrowed */
    struct whatif_ticket *ticket; /* that were not merged, as opened */
    size_t n_tickets;
    struct arena arena; /* titles, reasons */
    char *start;
};

/* NULL: out of memory. */
struct whatif_side *whatif_side_new(int64_t from_ms, int64_t until_ms);
void whatif_side_free(struct whatif_side *side); /* NULL: nothing */
/* A revision; the newest that comes counts. False: out of memory, or more than
 * WHATIF_MAX_INCIDENTS. */
bool whatif_side_add(struct whatif_side *side, const struct incident *incident);
/* All incidents have come: each is looked for in `tickets`, which is borrowed
 * for life. False: out of memory. */
bool whatif_side_close(struct whatif_side *side, struct tickets *tickets);
/* Of a closed one: calls `each` with the incidents of a window that an alert at
 * `event_ms` is in. `window` is a number in side->windows. */
void whatif_side_at(const struct whatif_side *side, uint32_t window,
                    int64_t event_ms,
                    void (*each)(void *context,
                                 const struct whatif_incident *incident),
                    void *context);

#endif
