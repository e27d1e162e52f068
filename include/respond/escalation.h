/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is told of a ticket, when, and who after him: pure functions of the
 * tickets, the roster, the policy and a time. Nothing here remembers; what is
 * decided becomes a journal record, and what comes of it stands on the ticket:
 *
 *  - an `escalate` record sets `step` and `step_since_ms` and puts everybody it
 *    names among `told` with that step; message and channel stay empty, failed
 *    and delivered fall: it is his turn and he has not been written to;
 *  - a `send` record (page, backlog) fills message, channel and at_ms of the
 *    entry; one of kind `taken` sets `released`;
 *  - a `result` sets delivered or failed of the entry with that message;
 *  - a `lease` record makes the ticket new again; its step stays, and as its
 *    waiting time is over, the next one begins.
 *
 * The asker runs escalation_next on each open ticket, journals what it says,
 * and gives all tickets to one `postings` to learn what to send to whom. */
#ifndef RESPOND_ESCALATION_H
#define RESPOND_ESCALATION_H

#include "respond/roster.h"

/* Whom a step tells. X(name, id) */
#define STEP_TARGETS(X)                                                        \
    X(TELL_ON_DUTY, "on-duty")   /* the best of those on duty for it */        \
    X(TELL_NEXT, "next")         /* the next best, not told yet */             \
    X(TELL_LEADER, "leader")     /* a leader, not told yet */                  \
    X(TELL_EVERYONE, "everyone") /* who is not away, told or not */

enum step_target {
#define X(name, id) name,
    STEP_TARGETS(X)
#undef X
        N_STEP_TARGETS
};

enum {
    POLICY_MAX_STEPS = 16,
    N_PRIORITIES = 4,
    BACKLOG_MOST_SETTLES = 10, /* a backlog is held back no longer */
};

struct policy_step {
    enum step_target tell;
    int64_t wait_ms[N_PRIORITIES]; /* by priority - 1, then the next step */
};

struct policy {
    struct policy_step step[POLICY_MAX_STEPS]; /* the last is repeated */
    size_t n_steps;
    int64_t lease_ms[N_PRIORITIES]; /* without work: not acknowledged */
    int64_t bundle_ms;  /* a person gets one message in this time at most */
    int64_t backlog_ms; /* so old when opened: it came while nothing ran */
    int64_t settle_ms;  /* a backlog is told when it has grown no more for */
};

/* False when there was any mistake; all are named. */
bool policy_load(const char *path, struct policy *policy, struct arena *arena,
                 struct complaints *complaints);

struct people {
    const struct roster *roster;
    struct overrides overrides;
    const struct policy *policy;
    /* Channels that can be sent by; a person's others are passed over. */
    bool usable[N_CHANNELS];
};

enum escalation_need {
    ESCALATION_NOTHING, /* look again at due_ms */
    ESCALATION_STEP,    /* journal `escalate` */
    ESCALATION_LEASE,   /* journal `lease` */
};

struct escalation {
    enum escalation_need need;
    int step;                 /* begins now, from 1 */
    const struct str *person; /* of it, in scratch */
    size_t n_people;
    struct str because; /* "opened", "silent", "failed", "reopened" */
    int64_t due_ms;     /* NO_TIME: not before something happens */
};

/* What is due for this ticket at `now_ms`. A step that would tell nobody is
 * passed over at once; when nobody at all can be told, it is step 1 without
 * people, and again when its waiting time is over. `scratch` is kept: the
 * result lies in it. */
struct escalation escalation_next(const struct ticket *ticket,
                                  const struct people *people, int64_t now_ms,
                                  struct arena *scratch);

/* One message to be sent: journal a `send`, and when it has been read back
 * give it to the courier. */
struct post {
    enum message_kind kind; /* page, backlog or taken */
    const struct member *member;
    const struct contact *contact;
    struct str ticket[JOURNAL_MAX_TICKETS]; /* ids, most urgent first */
    size_t n_tickets;
    struct str by; /* taken: who has it */
    int step;      /* the highest of its tickets */
};

struct postings;

/* Lies in `arena`, as all it gives out does; NULL when that is full. */
struct postings *postings_new(const struct people *people, int64_t now_ms,
                              struct arena *arena);
/* A ticket, open or not. What it needs is copied. False: out of memory. */
bool postings_add(struct postings *postings, const struct ticket *ticket);
/* This person was sent a message that did not fail (also of another ticket
 * than those added): bundling counts from there. */
void postings_heard(struct postings *postings, struct str person,
                    int64_t at_ms);
/* The messages due now: at most one a person, and none to whom one was sent
 * within bundle_ms, but for one that failed: its next channel is tried at
 * once. `*due_ms`: when more may be due (NO_TIME: not by time alone). */
const struct post *postings_due(struct postings *postings, size_t *n,
                                int64_t *due_ms);

#endif
