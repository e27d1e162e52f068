/* SPDX-License-Identifier: Apache-2.0
 *
 * What is decided, done and sent, before it takes effect (STREAM 24, 25): one
 * JSON object a record on soc.journal, one partition, kept for ever. Whatever
 * the respond stage knows is the fold of these records alone, so the format is
 * for ever too: `v` says which. Plain records that borrow.
 *
 * Common members: v 1, type, at_ms (the writer's clock), by (a person's id, or
 * absent: the service), request (drawn by the writer, answered by it). */
#ifndef RESPOND_JOURNAL_H
#define RESPOND_JOURNAL_H

#include "model/ticket.h"

/* X(name, id) */
#define JOURNAL_TYPES(X)                                                       \
    X(JOURNAL_TAKE, "take")         /* an incident's revision, and where to */ \
    X(JOURNAL_ACT, "act")           /* of a person */                          \
    X(JOURNAL_ESCALATE, "escalate") /* a step of the escalation */             \
    X(JOURNAL_SEND, "send")         /* the intent to send a message */         \
    X(JOURNAL_RESULT, "result")     /* what became of it */                    \
    X(JOURNAL_LEASE, "lease")       /* an acknowledgement ran out */           \
    X(JOURNAL_EVIDENCE, "evidence") /* original bytes kept, or gone */         \
    X(JOURNAL_SILENCE, "silence")   /* begun, or ended early */                \
    X(JOURNAL_OVERRIDE, "override") /* somebody stands in for somebody */      \
    X(JOURNAL_REVIEW, "review")     /* of an alert without a ticket */

enum journal_type {
#define X(name, id) name,
    JOURNAL_TYPES(X)
#undef X
        N_JOURNAL_TYPES
};

/* Where an incident goes. X(name, id) */
#define DECISIONS(X)                                                           \
    X(DECIDED_NEW, "new")           /* opens a ticket */                       \
    X(DECIDED_GROUP, "group")       /* joins `into`, or feeds it again */      \
    X(DECIDED_SUPPRESS, "suppress") /* by suppression `because` */             \
    X(DECIDED_INHIBIT, "inhibit")   /* by ticket `into`, `because` */          \
    X(DECIDED_HOLD, "hold")         /* until hold_until_ms: floor waits */     \
    X(DECIDED_RECORD, "record")     /* opens nothing: as its rule says */

enum decision {
#define X(name, id) name,
    DECISIONS(X)
#undef X
        N_DECISIONS
};

/* What a person does. X(name, id) */
#define ACT_VERBS(X)                                                           \
    X(ACT_ACK, "ack")       /* never stale */                                  \
    X(ACT_ASSIGN, "assign") /* to */                                           \
    X(ACT_NOTE, "note")     /* text */                                         \
    X(ACT_START, "start")                                                      \
    X(ACT_HOLD, "hold")       /* to: party waited for; text */                 \
    X(ACT_RESOLVE, "resolve") /* verdict, text */                              \
    X(ACT_CLOSE, "close")     /* text */                                       \
    X(ACT_REOPEN, "reopen")   /* text: why */                                  \
    X(ACT_MERGE, "merge")     /* to: the ticket that stays */                  \
    X(ACT_EDIT, "edit")       /* fields; `seen` must be the revision now */

enum act_verb {
#define X(name, id) name,
    ACT_VERBS(X)
#undef X
        N_ACT_VERBS
};

/* Why a message is sent. X(name, id) */
#define MESSAGE_KINDS(X)                                                       \
    X(MESSAGE_PAGE, "page")       /* it is your turn: tickets */               \
    X(MESSAGE_TAKEN, "taken")     /* somebody has it: stand down */            \
    X(MESSAGE_BACKLOG, "backlog") /* what came while nothing ran */            \
    X(MESSAGE_TEST, "test")       /* notify test */

enum message_kind {
#define X(name, id) name,
    MESSAGE_KINDS(X)
#undef X
        N_MESSAGE_KINDS
};

enum {
    JOURNAL_MAX_TICKETS = 64, /* of one act or message */
    JOURNAL_MAX_PEOPLE = 64,  /* of one step */
    JOURNAL_MAX_EVIDENCE = 64,
    JOURNAL_MAX_BYTES = 4 << 20,
};

struct journal_take {
    struct str incident; /* the whole incident record, as on soc.incidents */
    enum decision decision;
    uint64_t basis; /* state of the fold it was decided on: tickets_basis */
    struct str into, because;
    const struct str *merged; /* tickets that belong to `into`, too */
    size_t n_merged;
    int priority; /* for `new` and `group` */
    bool quiet;   /* its alerts were older than respond.quiet when first read */
    struct str skill;
    int64_t hold_until_ms; /* for `hold` */
    struct str topic;      /* where it was read … */
    int32_t partition;
    int64_t offset; /* … soc.incidents is read on from behind it */
};

struct journal_act {
    enum act_verb verb;
    const struct str
        *ticket; /* n_tickets of them, at least one unless `code` */
    size_t n_tickets;
    struct str code; /* ack: of the message answered, instead of tickets */
    struct str how;  /* "cli", "link", "sms": for the timeline */
    uint64_t seen;   /* revision the person saw; 0: not said */
    struct str to, text;
    enum ticket_verdict verdict;
    struct str field[N_TICKET_FIELDS]; /* .at NULL: not changed */
};

struct journal_escalate {
    struct str ticket;
    int step;                 /* begun by this record, from 1 */
    const struct str *person; /* whose turn it is; may be none */
    size_t n_people;
    struct str because; /* "opened", "silent", "failed", "reopened" … */
};

struct journal_send {
    struct str message; /* id: for ever the same for this message */
    enum message_kind kind;
    struct str person, channel, address; /* channel: as in the roster */
    const struct str *ticket;
    size_t n_tickets;
    struct str code; /* reply code; may be empty */
    int step;
    bool again; /* after a take-over, under the same id */
};

struct journal_result {
    struct str message;
    bool delivered;
    struct str detail; /* what the server said, or why it failed */
};

struct journal_lease {
    struct str ticket;
    int64_t worked_ms; /* as of then: work done since keeps the ticket */
};

/* Alerts named as evidence: their bytes are kept, or gone. A record that says
 * `kept` names one, and has its bytes in the header "bytes": what goes to
 * soc.evidence is in the journal first. */
struct journal_evidence {
    struct str ticket;
    const struct position *position;
    const enum evidence_state *state;
    size_t n;
    struct str detail; /* why it is gone */
};

struct journal_silence {
    struct str id; /* "S" and 8 letters or digits */
    bool expire;   /* ends now (at_ms); else begins: the rest counts */
    struct str matcher, reason, owner;
    int64_t from_ms, until_ms; /* of the time at which an incident fired */
    bool dry_run;              /* counts what it would have suppressed */
};

struct journal_override {
    struct str id;
    bool cancel;               /* withdrawn; else the rest counts */
    struct str person;         /* is away, or empty: an additional shift */
    struct str instead;        /* stands in, or empty: nobody does */
    struct str shift, reason;  /* name of the shift, or empty: all of them */
    int64_t from_ms, until_ms; /* the clock */
};

struct journal_review {
    const struct position *position;
    size_t n;
    enum ticket_verdict verdict;
    struct str text, checked_with;
};

struct journal_record {
    enum journal_type type;
    int64_t at_ms;
    struct str by, request;
    union {
        struct journal_take take;
        struct journal_act act;
        struct journal_escalate escalate;
        struct journal_send send;
        struct journal_result result;
        struct journal_lease lease;
        struct journal_evidence evidence;
        struct journal_silence silence;
        struct journal_override roster; /* JOURNAL_OVERRIDE */
        struct journal_review review;
    };
};

bool journal_type_from(struct str id, enum journal_type *type);
bool decision_from(struct str id, enum decision *decision);
bool act_verb_from(struct str id, enum act_verb *verb);
struct str message_kind_id(enum message_kind kind);
bool message_kind_from(struct str id, enum message_kind *kind);

/* Appends one JSON object, without a line end. */
void journal_write(struct buf *buf, const struct journal_record *record);
/* Reads what journal_write writes, strictly: an unknown member, type, version
 * or a text beyond its maximum is refused, `why` names it. Arrays lie in
 * `scratch`, strings are those of the tree. */
bool journal_read(const struct json *root, struct arena *scratch,
                  struct journal_record *record, struct err *why);

#endif
