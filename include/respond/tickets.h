/* SPDX-License-Identifier: Apache-2.0
 *
 * All tickets, and what is known beside them: incidents taken, messages,
 * silences, roster overrides. It is the fold of soc.journal and of nothing
 * else: the same records in the same order give the same state, byte for byte
 * (STREAM 24, 25). No clock, no settings: what a decision rests on stands in
 * its record. */
#ifndef RESPOND_TICKETS_H
#define RESPOND_TICKETS_H

#include "base/stage.h"
#include "respond/journal.h"
#include "respond/known.h"

/* The tables of the state, in the order of Redis; fixed for ever. */
#define TICKETS_TABLES(X)                                                      \
    X(TABLE_TICKETS, "tickets")     /* id → ticket */                        \
    X(TABLE_INCIDENTS, "incidents") /* id → known.h */                       \
    X(TABLE_HELD, "held")           /* incident id → its take */             \
    X(TABLE_MESSAGES, "messages")   /* id → state and its send */            \
    X(TABLE_SILENCES, "silences")   /* id → its record */                    \
    X(TABLE_OVERRIDES, "overrides") /* id → its record */                    \
    X(TABLE_ANSWERS, "answers") /* request → number, "ok" or the reason */   \
    X(TABLE_META, "meta")       /* basis; positions in soc.incidents */

enum tickets_table {
#define X(name, id) name,
    TICKETS_TABLES(X)
#undef X
        N_TICKETS_TABLES
};

/* What became of a record. X(name, id) */
#define FOLD_OUTCOMES(X)                                                       \
    X(FOLDED, "folded")        /* in force */                                  \
    X(FOLD_REPEAT, "repeat")   /* had already been; nothing changed */         \
    X(FOLD_STALE, "stale")     /* decided on another state: decide again */    \
    X(FOLD_REFUSED, "refused") /* a person's act; `why`, also its answer */    \
    X(FOLD_BROKEN, "broken")   /* no memory, or no room: the process ends */

enum fold_outcome {
#define X(name, id) name,
    FOLD_OUTCOMES(X)
#undef X
        N_FOLD_OUTCOMES
};
struct str fold_outcome_id(enum fold_outcome outcome);

struct tickets;

struct tickets *tickets_new(void); /* NULL: out of memory */
void tickets_free(struct tickets *tickets);
bool tickets_load(struct tickets *tickets, size_t table, struct str field,
                  struct str value, struct err *why);
void tickets_save(struct tickets *tickets, bool whole, const struct emit *emit);

enum fold_outcome tickets_fold(struct tickets *tickets,
                               const struct journal_record *record,
                               struct err *why);
/* Ids of the tickets that the last tickets_fold changed; borrows. */
size_t tickets_changed(const struct tickets *tickets);
struct str tickets_changed_id(const struct tickets *tickets, size_t i);

/* Whether a take of this incident could ever be folded: its id and window stand
 * in a line of words (known.h). */
bool tickets_can_take(const struct incident *incident);

/* How many decisions have been folded: what the next is made on. */
uint64_t tickets_basis(const struct tickets *tickets);
/* Where soc.incidents is read on; -1: from its beginning. */
int64_t tickets_position(const struct tickets *tickets, struct str topic,
                         int32_t partition);
/* The bytes of a ticket, as on soc.tickets; NO_STR: there is none. */
struct str tickets_text(const struct tickets *tickets, struct str id);
/* Reads it; all it holds lies in `arena`. False: there is none. */
bool tickets_read(struct tickets *tickets, struct str id, struct arena *arena,
                  struct ticket *ticket);
/* The ticket that `id` has been merged into in the end, or itself. */
struct str tickets_root(const struct tickets *tickets, struct str id);
bool tickets_known(const struct tickets *tickets, struct str incident,
                   struct known *known);

/* A message, by number from 0: the record of its send, and what has become of
 * it: 'p' pending, 'd' delivered, 'f' failed. False: none under this one. */
uint32_t tickets_n_messages(const struct tickets *tickets);
bool tickets_message(struct tickets *tickets, uint32_t number,
                     struct arena *arena, struct journal_record *record,
                     char *status);

/* Silences, overrides and takes that hold an incident are kept as the records
 * that made them (a silence that was ended early ends then). Numbers go from 0;
 * false: none under this one. All it holds lies in `arena`. */
uint32_t tickets_n_records(const struct tickets *tickets,
                           enum tickets_table table);
uint32_t tickets_find_record(const struct tickets *tickets,
                             enum tickets_table table, struct str key);
bool tickets_record(struct tickets *tickets, enum tickets_table table,
                    uint32_t number, struct arena *arena,
                    struct journal_record *record);

/* What a look at every ticket needs, without reading each. */
struct ticket_brief {
    enum ticket_state state;
    enum severity severity;
    int priority, level;
    bool quiet;
    bool merged;              /* into another … */
    char into[TICKET_ID_LEN]; /* … this one */
    bool floor;               /* some incident is of `floor` */
    bool wants_evidence;      /* some of it is not fetched yet */
    bool tells;    /* it is somebody's turn who has not been written to */
    bool releases; /* somebody told has not heard that it is taken */
    uint64_t revision;
    int64_t fired_ms, newest_fired_ms, resolved_ms;
    int64_t reach_ms; /* as of the ticket */
    bool reach_of_site;
};
uint32_t tickets_len(const struct tickets *tickets);
struct str tickets_id(const struct tickets *tickets, uint32_t number);
const struct ticket_brief *tickets_brief(const struct tickets *tickets,
                                         uint32_t number);
uint32_t tickets_find(const struct tickets *tickets, struct str id);

#endif
