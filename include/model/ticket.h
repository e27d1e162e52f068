/* SPDX-License-Identifier: Apache-2.0
 *
 * A ticket: what people work on. It is made of incidents and of what people and
 * the escalation did, in the order of soc.journal; nothing else changes it
 * (STREAM 24, 25). As text it is an OCSF 1.8.0 Incident Finding (class 2005)
 * with our own fields under `unmapped.ticket`: the same bytes lie in the
 * respond stage's state and on soc.tickets, under the ticket's id. A plain
 * record: its strings and arrays are borrowed from whoever filled it. */
#ifndef MODEL_TICKET_H
#define MODEL_TICKET_H

#include "model/incident.h"
#include "model/position.h"

/* X(name, id, OCSF status_id, OCSF caption) */
#define TICKET_STATES(X)                                                       \
    X(TICKET_NEW, "new", 1, "New")                                             \
    X(TICKET_ACKNOWLEDGED, "acknowledged", 99, "Acknowledged")                 \
    X(TICKET_IN_PROGRESS, "in_progress", 2, "In Progress")                     \
    X(TICKET_ON_HOLD, "on_hold", 3, "On Hold")                                 \
    X(TICKET_RESOLVED, "resolved", 4, "Resolved")                              \
    X(TICKET_CLOSED, "closed", 5, "Closed")

enum ticket_state {
#define X(name, id, ocsf, caption) name,
    TICKET_STATES(X)
#undef X
        N_TICKET_STATES
};

/* What people found it to be. X(name, id, OCSF verdict_id, OCSF caption) */
#define TICKET_VERDICTS(X)                                                     \
    X(VERDICT_NONE, "none", 0, "Unknown")                                      \
    X(VERDICT_TRUE, "true_positive", 2, "True Positive")                       \
    X(VERDICT_FALSE, "false_positive", 1, "False Positive")                    \
    X(VERDICT_BENIGN, "benign", 5, "Benign")                                   \
    X(VERDICT_TEST, "test", 6, "Test")                                         \
    X(VERDICT_DUPLICATE, "duplicate", 10, "Duplicate")                         \
    X(VERDICT_UNCLEAR, "insufficient_data", 7, "Insufficient Data")

enum ticket_verdict {
#define X(name, id, ocsf, caption) name,
    TICKET_VERDICTS(X)
#undef X
        N_TICKET_VERDICTS
};

/* Fields people fill in, for the forms that leave the house. X(name, id) */
#define TICKET_FIELDS(X)                                                       \
    X(TICKET_INCIDENT_TYPE, "incident_type")                                   \
    X(TICKET_CAUSE_GROUP, "cause_group")                                       \
    X(TICKET_HOW_FOUND, "how_found")                                           \
    X(TICKET_TOLD_TO, "told_to")                                               \
    X(TICKET_HELPED_BY, "helped_by")                                           \
    X(TICKET_ESTIMATED_DAMAGE, "estimated_damage")                             \
    X(TICKET_DISCOVERED_AT, "discovered_at")

enum ticket_field {
#define X(name, id) name,
    TICKET_FIELDS(X)
#undef X
        N_TICKET_FIELDS
};

/* What stands on a timeline. Words for people are made by whoever shows it.
 * X(name, id): `by` did it; what `to`, `detail` and `n` mean */
#define TICKET_EVENTS(X)                                                       \
    X(EVENT_OPENED, "opened")           /* to: incident, detail: rule */       \
    X(EVENT_JOINED, "joined")           /* to: incident, detail: rule */       \
    X(EVENT_GREW, "grew")               /* to: incident, n: alerts now */      \
    X(EVENT_MORE_SEVERE, "more_severe") /* to: severity, detail: priority */   \
    X(EVENT_INHIBITED, "inhibited")     /* to: incident, detail: why */        \
    X(EVENT_INCIDENT_MERGED, "incident_merged") /* to: into which one */       \
    X(EVENT_ACKNOWLEDGED, "acknowledged")       /* detail: how */              \
    X(EVENT_ASSIGNED, "assigned")               /* to: person */               \
    X(EVENT_NOTE, "note")                       /* detail: text */             \
    X(EVENT_STARTED, "started")                                                \
    X(EVENT_HELD, "held")         /* to: party waited for, detail: text */     \
    X(EVENT_RESOLVED, "resolved") /* to: verdict, detail: text */              \
    X(EVENT_CLOSED, "closed")     /* detail: text */                           \
    X(EVENT_REOPENED, "reopened") /* detail: text; by nobody: went on */       \
    X(EVENT_MERGED, "merged")     /* to: other ticket */                       \
    X(EVENT_MERGED_INTO, "merged_into")     /* to: other ticket */             \
    X(EVENT_EDITED, "edited")               /* to: field, detail: value */     \
    X(EVENT_REFUSED, "refused")             /* to: what, detail: why */        \
    X(EVENT_ESCALATED, "escalated")         /* to: people, n: step */          \
    X(EVENT_LEASE_EXPIRED, "lease_expired") /* to: who had it */               \
    X(EVENT_SENT, "sent")                   /* to: person, detail: channel */  \
    X(EVENT_SENT_AGAIN, "sent_again")       /* the same after a take-over */   \
    X(EVENT_DELIVERED, "delivered")         /* to: person, detail: channel */  \
    X(EVENT_FAILED, "failed")               /* to: person, detail: why */      \
    X(EVENT_EVIDENCE_GONE, "evidence_gone") /* to: position, detail: why */    \
    X(EVENT_LEFT_OUT, "left_out")           /* n: entries no longer kept */

enum ticket_event_kind {
#define X(name, id) name,
    TICKET_EVENTS(X)
#undef X
        N_TICKET_EVENTS
};

enum {
    TICKET_MAX_TEXT = 4096,    /* one note, reason or field; longer: refused */
    TICKET_MAX_NAME = 512,     /* one name, id or key; longer: cut */
    TICKET_MAX_TIMELINE = 400, /* beyond: the middle is left out */
    TICKET_MAX_TIMELINE_BYTES = 1 << 17,
    TICKET_MAX_INCIDENTS = 256, /* listed one by one; more: only counted */
    TICKET_MAX_ENTITIES = 128,  /* of each sort; more: only counted */
    TICKET_MAX_TOLD = 64,       /* people */
    TICKET_MAX_MERGED = 64,     /* tickets merged into it */
    TICKET_MAX_KEY = 16,        /* group-by fields of a rule */
    TICKET_MAX_EVIDENCE = 2 * N_KINDS,
    TICKET_MAX_BYTES = 1 << 20, /* as text: what the JSON reader takes */
};

struct ticket_pair {
    struct str name, value;
};

/* One incident in it, as of the revision taken last. */
struct ticket_incident {
    struct str id, rule, window; /* window: id in the feed's unmapped.windows */
    uint64_t revision, count;
    int64_t fired_ms, first_ms, last_ms;
    enum severity severity;
    bool floor, closed;
};

struct ticket_event {
    enum ticket_event_kind kind;
    int64_t at_ms; /* the clock of whoever wrote the journal record */
    struct str by; /* person; empty: the service */
    struct str to, detail;
    uint64_t n;
};

/* A person who was told of it. */
struct ticket_told {
    struct str person, channel, message; /* of the last message */
    int64_t at_ms;                       /* when it was last sent */
    int step;
    bool failed;    /* the last one could not be delivered */
    bool delivered; /* the gateway or server took the last one */
    bool released;  /* has been told that somebody took it */
};

/* X(name, id) */
#define EVIDENCE_STATES(X)                                                     \
    X(EVIDENCE_WANTED, "wanted") /* not fetched yet */                         \
    X(EVIDENCE_KEPT, "kept")     /* the original bytes are on soc.evidence */  \
    X(EVIDENCE_GONE, "gone")     /* the log no longer has it */

enum evidence_state {
#define X(name, id) name,
    EVIDENCE_STATES(X)
#undef X
        N_EVIDENCE_STATES
};

/* The first and the last alert of a kind, by (event time, position). */
struct ticket_evidence {
    enum kind kind;
    struct position position;
    struct str alert_id, rule_name, source;
    int64_t event_ms;
    enum evidence_state state;
};

/* Names of one sort; `n_more` further ones are not listed. */
struct ticket_names {
    struct str *at;
    size_t n;
    uint64_t n_more;
};

struct ticket {
    struct str id;     /* "T" and 8 letters or digits */
    uint64_t revision; /* rises by one with every change */
    enum ticket_state state;
    enum severity severity;
    int priority; /* 1 (most urgent) to 4 */
    enum ticket_verdict verdict;
    bool quiet;      /* its alerts were old when first read: wakes nobody */
    uint64_t edited; /* revision at which people last changed fields */
    uint64_t turn;   /* how often its first incident had opened one before */

    /* Of the incident that leads: the first, or the first that is not of
     * `floor`. */
    struct both title, first_step, harmless;
    struct str rule;
    struct ticket_pair *key;
    size_t n_key;

    int64_t opened_ms, changed_ms; /* the clock */
    int64_t fired_ms; /* event time at which its first incident fired */
    int64_t newest_fired_ms;
    /* How far apart in time others belong to it: the longest that a rule of an
     * incident in it says (0: none does), and whether some rule leaves it to
     * the site. */
    int64_t reach_ms;
    bool reach_of_site;
    int64_t first_ms, last_ms; /* event time of its alerts */
    int64_t arrival_ms;        /* newest arrival of its alerts */
    uint64_t count;            /* alerts of its incidents, added up */
    uint64_t n_incidents;
    struct ticket_incident *incident; /* the first of them */
    size_t n_listed;

    struct ticket_names hosts, users, addresses, hashes, units, systems;
    int level;        /* highest security level concerned; 0: none */
    unsigned kinds;   /* bit 1 << enum kind */
    struct str skill; /* what it takes, from the routing table; may be empty */

    struct str assignee; /* person; empty: nobody has it */
    struct str acked_by;
    int64_t acked_ms; /* first acknowledgement; NO_TIME: none yet */
    /* When somebody who has it last did something: the lease of an
     * acknowledgement runs from here. NO_TIME: nobody has it. */
    int64_t worked_ms;
    int64_t resolved_ms, closed_ms; /* last time; NO_TIME: not */
    struct str waiting_for;         /* on_hold: the party */
    struct str merged_into;         /* ticket; empty: not merged */
    struct str *merged;             /* tickets merged into this one */
    size_t n_merged;

    int step;              /* of the escalation; 0: nobody told yet */
    int64_t step_since_ms; /* NO_TIME: none begun */
    struct ticket_told *told;
    size_t n_told;

    struct str field[N_TICKET_FIELDS];
    struct ticket_evidence *evidence;
    size_t n_evidence;
    uint64_t n_inhibited; /* incidents that it inhibits */
    struct ticket_event *timeline;
    size_t n_timeline;
};

struct str ticket_state_id(enum ticket_state state);
bool ticket_state_from(struct str id, enum ticket_state *state);
struct str ticket_verdict_id(enum ticket_verdict verdict);
bool ticket_verdict_from(struct str id, enum ticket_verdict *verdict);
struct str ticket_field_id(enum ticket_field field);
bool ticket_field_from(struct str id, enum ticket_field *field);
struct str ticket_event_id(enum ticket_event_kind kind);
bool ticket_event_from(struct str id, enum ticket_event_kind *kind);
struct str evidence_state_id(enum evidence_state state);
bool evidence_state_from(struct str id, enum evidence_state *state);

/* How long after it was resolved a ticket may be opened again, by a person or
 * because its incident goes on; later, a new one is opened. */
#define TICKET_REOPEN_MS (INT64_C(30) * 86400000)

/* Neither resolved nor closed. */
static inline bool
ticket_is_open(const struct ticket *ticket)
{
    return ticket->state < TICKET_RESOLVED;
}

/* In the language of the reader, or in the other if that is all there is. */
static inline struct str
both_in(struct both words, bool english)
{
    struct str wanted = english ? words.en : words.vi;
    return wanted.len > 0 ? wanted : english ? words.vi : words.en;
}

enum { TICKET_ID_LEN = 9 };

/* The id of the ticket that incident `incident` opens: "T" and 8 digits of
 * Crockford's base 32. `turn` 0, or how often before an incident of this id
 * has opened one. Writes TICKET_ID_LEN bytes, no NUL. */
void ticket_id_make(char id[TICKET_ID_LEN], struct str incident, uint64_t turn);
/* "t7k3…", with o for 0 and i or l for 1, as people type it, in its one
 * spelling; false when it can be none. */
bool ticket_id_from(struct str text, char id[TICKET_ID_LEN]);

/* Appends one JSON object. The same ticket gives the same bytes. */
void ticket_write(struct buf *buf, const struct ticket *ticket);
/* Reads what ticket_write writes, strictly; arrays lie in `arena`, strings are
 * those of the tree. `why` names the field that is wrong. */
bool ticket_read(const struct json *root, struct arena *arena,
                 struct ticket *ticket, struct err *why);

#endif
