/* SPDX-License-Identifier: Apache-2.0
 *
 * The respond stage's inside: respond.c (the state of soc.journal and folding
 * one record), respond_act.c (what is done when it has been read to its end),
 * respond_evidence.c, respond_people.c. */
#ifndef RESPOND_RESPOND_PRIV_H
#define RESPOND_RESPOND_PRIV_H

#include "respond/respond.h"

#include "base/table.h"

#include "base/table.h"

enum { MAX_QUEUED_INCIDENTS = 1024, REQUEST_LEN = 24 };

struct respond {
    const struct respond_plan *plan;
};

/* A record of soc.incidents that waits for its turn. */
struct queued {
    struct buf topic, text;
    int32_t partition;
    int64_t offset;
};

struct respond_state {
    struct respond *respond;
    struct tickets *tickets;
    struct triage_round *round;
    struct json_reader *json, *json_incident;
    char *start;
    struct arena scratch;
    struct buf text;    /* output under way */
    uint64_t partition; /* of soc.journal; only 0 is acted on */

    /* Since the state was loaded; never saved. */
    bool sought;          /* the feed stands where the journal ends */
    uint64_t n_sent;      /* records sent by act … */
    uint64_t n_back;      /* … and read back: nothing is done between */
    char life[9];         /* tells our records from others' */
    struct queued *queue; /* ring of MAX_QUEUED_INCIDENTS */
    size_t queue_from, n_queued;
    bool resent;           /* what had no result is being sent again */
    bool changed;          /* folded something since people were thought of */
    bool undelivered;      /* some message may not have been handed over */
    int64_t people_due_ms; /* when to think of them next; NO_TIME: unknown */
    struct table *handed;  /* messages given to the courier */
    struct table *heard;   /* people sent to, and when last; */
    int64_t heard_ms[ROSTER_MAX_MEMBERS];
    bool heard_known;       /* false: to be found among the messages again */
    uint32_t evidence_next; /* ticket to look at next for evidence */
    int64_t now_ms;         /* of the turn */

    /* For status. */
    uint64_t outcome[N_FOLD_OUTCOMES];
    uint64_t n_foreign;    /* records that are none of ours */
    uint64_t n_unreadable; /* incidents */
    uint64_t delivered[N_CHANNELS], undeliverable[N_CHANNELS]; /* messages */
    struct err last_foreign;
};

/* Appends a record to the journal: by the service, now. */
void act_append(struct respond_state *state, struct journal_record *record,
                const struct header *header, size_t n_headers,
                const struct sink *sink);

void act_people(struct respond_state *state, const struct sink *sink);
void act_people(struct respond_state *state, const struct sink *sink);
/* What a folded record means for whom is written to. */
void people_note(struct respond_state *state,
                 const struct journal_record *record);
void act_evidence(struct respond_state *state, const struct sink *sink);

void respond_act(void *state, int64_t now_ms, const struct sink *sink);

#endif
