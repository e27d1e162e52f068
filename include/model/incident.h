/* SPDX-License-Identifier: Apache-2.0
 *
 * The incident: what the windows found, whole, with a revision (STREAM 28).
 * JSON on soc.incidents under its id. A reader keeps the highest revision and
 * may drop all others. Same incident, same bytes. */
#ifndef MODEL_INCIDENT_H
#define MODEL_INCIDENT_H

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"
#include "model/kind.h"
#include "model/limits.h"
#include "model/severity.h"

/* A text for people in both languages; either may be empty. */
struct both {
    struct str vi, en;
};

/* What a rule says of the tickets it opens. Texts do not change a rule's
 * meaning (its fingerprint), the rest does. */
#define TICKET_ORIGINS(X)                                                      \
    X(INCIDENT_NONE, "none")           /* never a ticket */                    \
    X(INCIDENT_DETECTION, "detection") /* of one detection by itself */        \
    X(INCIDENT_CORRELATION, "correlation")

enum ticket_origin {
#define X(name, id) name,
    TICKET_ORIGINS(X)
#undef X
        N_TICKET_ORIGINS
};

struct ticket_options {
    enum ticket_origin incident;
    struct both first_step, harmless;
    int64_t group_ms; /* join a ticket within this time; 0: the default */
};

#define INCIDENT_STATES(X)                                                     \
    X(INCIDENT_OPEN, "open")                                                   \
    X(INCIDENT_CLOSED, "closed")                                               \
    X(INCIDENT_MERGED, "merged") /* into another: `into` */

enum incident_state {
#define X(name, id) name,
    INCIDENT_STATES(X)
#undef X
        N_INCIDENT_STATES
};

/* Names of one kind: the first by event time, and how many more there are;
 * past MAX_INCIDENT_MORE the count stays there ("at least"). */
struct incident_names {
    struct str at[MAX_INCIDENT_NAMES];
    size_t n;
    uint32_t more;
};

/* X(member, key in JSON) */
#define INCIDENT_ENTITIES(X)                                                   \
    X(hosts, "hosts")                                                          \
    X(users, "users")                                                          \
    X(addresses, "addresses")                                                  \
    X(hashes, "hashes")                                                        \
    X(units, "units")                                                          \
    X(systems, "systems")

/* One alert that stands as evidence. */
struct incident_alert {
    struct str alert_id, source, rule_name, topic;
    int32_t partition;
    uint32_t incarnation;
    int64_t offset;
    uint32_t index;
    int64_t event_ms;
};

/* The first and last alert of one step and kind, by (time, position). */
struct incident_evidence {
    struct str rule; /* of the step */
    enum kind kind;
    uint64_t count; /* of such alerts */
    struct incident_alert first, last;
};

struct incident_key {
    struct str name, value;
};

struct incident {
    struct str id; /* 32 hexadecimal digits */
    uint32_t revision;
    enum incident_state state;
    struct str into; /* id, when merged */
    struct str rule; /* id of the correlation or detection */
    struct digest fingerprint;
    struct both title;
    enum severity severity;
    struct incident_key key[MAX_GROUP_FIELDS];
    size_t n_key;
    struct str window; /* id of the window */
    int64_t first_ms, last_ms;
    uint64_t count;
    int64_t fired_ms;   /* event time at which its condition became true */
    int64_t arrival_ms; /* the newest arrival of its alerts */
    bool approximate;   /* a limit was reached: the count may be low */
    bool floor;         /* of the built-in rule */
    struct ticket_options options;
#define X(member, key) struct incident_names member;
    INCIDENT_ENTITIES(X)
#undef X
    int level;      /* highest approved level among its alerts; 0: none */
    uint32_t kinds; /* bit per enum kind */
    struct incident_evidence evidence[MAX_EVIDENCE];
    size_t n_evidence;
    uint32_t more_evidence; /* pairs of step and kind past MAX_EVIDENCE */
};

struct str incident_state_id(enum incident_state state);
struct str ticket_origin_id(enum ticket_origin origin);
bool ticket_origin_from(struct str id, enum ticket_origin *origin);

/* One JSON object, no line end. */
void incident_write(struct buf *buf, const struct incident *incident);
/* Strict: an unknown or missing member, a wrong type or range is refused.
 * Strings lie in `scratch` or borrow `text`. */
bool incident_read(struct json_reader *reader, struct str text,
                   struct arena *scratch, struct incident *incident,
                   struct err *why);

#endif
