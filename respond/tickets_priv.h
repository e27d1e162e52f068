/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the fold share. A ticket lies in the state as its bytes; a
 * record that concerns it reads them, changes the plain record in scratch
 * memory and puts it back (put_ticket), which makes the next revision. */
#ifndef RESPOND_TICKETS_PRIV_H
#define RESPOND_TICKETS_PRIV_H

#include "respond/tickets.h"

#include "grouping.h"
#include "shelf.h"

struct tickets {
    struct shelf *shelf[N_TICKETS_TABLES];
    struct ticket_brief *brief; /* by number in TABLE_TICKETS */
    uint32_t brief_room;
    struct grouping *grouping;
    uint32_t *changed; /* numbers of tickets, by the last fold */
    size_t n_changed, changed_room;
    uint64_t basis, n_answers;
    struct json_reader *json, *json_incident;
    struct buf text; /* of what is being put */
    char *start;     /* of scratch */
    struct arena scratch;
};

/* One record being folded. */
struct fold {
    struct tickets *tickets;
    struct arena arena; /* given back when the record is folded */
    const struct journal_record *record;
    struct err *why;
    bool broken; /* no memory or room */
};

/* --- tickets_store.c */

bool fold_ticket(struct fold *fold, struct str id, struct ticket *ticket);
/* The next revision of `ticket`. */
void put_ticket(struct fold *fold, struct ticket *ticket);
void put(struct fold *fold, enum tickets_table table, struct str key,
         struct str value);
void put_known(struct fold *fold, struct str incident,
               const struct known *known);
/* Something that later decisions look at has changed. */
void raise_basis(struct fold *fold);
/* An array with room for one more; NULL marks the fold broken. */
void *one_more(struct fold *fold, const void *at, size_t n, size_t size);
/* At most TICKET_MAX_NAME bytes, cut between characters. */
struct str cut_name(struct str name);
struct str cut_text(struct str text);
bool index_ticket(struct tickets *tickets, const struct ticket *ticket,
                  uint32_t number);

/* --- tickets_timeline.c */

/* Appends; past its maximum the middle is left out. `by` and `at_ms` are the
 * record's. */
void add_event(struct fold *fold, struct ticket *ticket,
               enum ticket_event_kind kind, struct str to, struct str detail,
               uint64_t n);

/* --- one file for each kind of record */

enum fold_outcome fold_take(struct fold *fold);
enum fold_outcome fold_act(struct fold *fold);
enum fold_outcome fold_escalate(struct fold *fold);
enum fold_outcome fold_send(struct fold *fold);
enum fold_outcome fold_result(struct fold *fold);
enum fold_outcome fold_lease(struct fold *fold);
enum fold_outcome fold_evidence(struct fold *fold);
enum fold_outcome fold_silence(struct fold *fold);
enum fold_outcome fold_override(struct fold *fold);

/* A text of TABLE_MESSAGES: 'p' pending, 'd' delivered, 'f' failed (`status`
 * may be NULL), and the record of its send, in `arena`. */
bool read_message(struct tickets *tickets, struct str text, struct arena *arena,
                  struct journal_record *record, char *status);

/* Some incident is of `floor`. */
bool ticket_has_floor(const struct ticket *ticket);
/* Back to new: nobody has it, the escalation begins anew. */
void open_again(struct ticket *ticket);

/* --- tickets_feed.c */

/* Whether it is, of all the ticket lists, the one that gives it its name: one
 * of a rule before one of `floor`, then the first that fired. */
bool ticket_led_by(const struct ticket *ticket,
                   const struct incident *incident);
/* Its name, first step and usual harmless cause are those of `incident`. */
void lead_ticket(struct fold *fold, struct ticket *ticket,
                 const struct incident *incident);
/* Times, counts, names and evidence; `had` of its alerts were counted. How
 * many of its alerts count now. */
uint64_t feed_ticket(struct fold *fold, struct ticket *ticket,
                     const struct incident *incident, uint64_t had);
/* What `from` is made of goes into `into`, and `from` is closed; both are put
 * by the caller. */
void merge_tickets(struct fold *fold, struct ticket *into, struct ticket *from);

#endif
