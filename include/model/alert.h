/* SPDX-License-Identifier: Apache-2.0
 *
 * One normalised alert: what every sensor's message becomes, and what feed,
 * counts and rules read. A plain record in the scratch arena of its batch; it
 * borrows from the message and from the mapping and inventory in force. */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include "base/json.h"
#include "model/kind.h"
#include "model/limits.h"
#include "model/position.h"
#include "model/rule_view.h"
#include "model/severity.h"

/* The text fields a mapping can fill. X(name, key in mapping files and
 * filters, may name more than one value: later ones are joined by a comma) */
#define ALERT_FIELDS(X)                                                        \
    X(ALERT_VENDOR_ID, "vendor_id")                                            \
    X(ALERT_VENDOR_SEVERITY, "vendor_severity")                                \
    X(ALERT_STATUS, "status")                                                  \
    X(ALERT_VERDICT, "verdict")                                                \
    X(ALERT_RULE_NAME, "rule_name")                                            \
    X(ALERT_RULE_ID, "rule_id")                                                \
    X(ALERT_CATEGORY, "category")                                              \
    X(ALERT_MESSAGE, "message")                                                \
    X(ALERT_HOST, "host")                                                      \
    X(ALERT_HOST_IP, "host_ip")                                                \
    X(ALERT_USER, "user")                                                      \
    X(ALERT_SRC_IP, "src_ip")                                                  \
    X(ALERT_SRC_PORT, "src_port")                                              \
    X(ALERT_DST_IP, "dst_ip")                                                  \
    X(ALERT_DST_PORT, "dst_port")                                              \
    X(ALERT_PROTOCOL, "protocol")                                              \
    X(ALERT_URL, "url")                                                        \
    X(ALERT_DOMAIN, "domain")                                                  \
    X(ALERT_PROCESS, "process")                                                \
    X(ALERT_PROCESS_ID, "process_id")                                          \
    X(ALERT_COMMAND_LINE, "command_line")                                      \
    X(ALERT_PARENT_PROCESS, "parent_process")                                  \
    X(ALERT_PARENT_COMMAND_LINE, "parent_command_line")                        \
    X(ALERT_FILE, "file")                                                      \
    X(ALERT_MD5, "md5")                                                        \
    X(ALERT_SHA1, "sha1")                                                      \
    X(ALERT_SHA256, "sha256")

enum alert_field {
#define X(name, key) name,
    ALERT_FIELDS(X)
#undef X
        N_ALERT_FIELDS
};

struct str alert_field_key(enum alert_field field);
bool alert_field_from(struct str key, enum alert_field *field);

/* Which parts of an alert somebody wants, as bits: fields by their number,
 * and these. */
enum alert_part {
    ALERT_PART_TECHNIQUES = N_ALERT_FIELDS,
    ALERT_PART_LOGSOURCE,
    ALERT_PART_JUDGED, /* time, severity, kind: they need the whole alert */
};
#define ALERT_BIT(part) (UINT64_C(1) << (unsigned)(part))

/* Where a public address is: all empty when not known or private. Borrows
 * from the batch's scratch. */
struct geo {
    struct str country; /* ISO 3166-1 alpha-2, "VN" */
    struct str network; /* the matched prefix, "203.113.128.0/18" */
};

/* Sigma's logsource, for routing to rules; any part may be empty. */
struct logsource {
    struct str product, category, service;
};

/* Facts about how the alert was read, for the feed and the report. */
enum alert_flag {
    ALERT_TIME_FROM_ARRIVAL = 1 << 0, /* event time missing, unreadable, too
                                         far ahead or too old */
    ALERT_LATE = 1 << 1,              /* older than its partition's watermark */
    ALERT_UPDATE = 1 << 2,    /* vendor id seen before, fields changed */
    ALERT_FIELD_CUT = 1 << 3, /* a field was longer than its maximum */
    ALERT_RETRIED = 1 << 4,   /* came back from the dead letters */
    ALERT_WATCHED = 1 << 5,   /* on a watch-list */
};

struct alert {
    struct position position;
    struct str source;   /* name of the mapping, e.g. "ajiant" */
    struct str product;  /* for people, e.g. "Viettel Ajiant" */
    struct str alert_id; /* source + vendor id, or the position */

    struct str field[N_ALERT_FIELDS];
    struct str technique[MAX_TECHNIQUES]; /* ATT&CK ids, "T1059.001" */
    size_t n_techniques;
    struct logsource logsource;

    enum severity severity;
    struct str severity_version; /* of the severity table that decided */
    enum kind kind;

    int64_t arrival_ms; /* the Kafka record's timestamp */
    int64_t event_ms;   /* decided: as given, or the arrival */
    unsigned flags;     /* enum alert_flag */

    /* What the inventory knew at the event time; empty, 0: nothing. */
    struct str unit, unit_name;
    struct str system, system_name;
    int level;            /* approved security level 1-5 */
    struct str watchlist; /* name of the first list it is on */
    struct geo src_geo, dst_geo;

    struct str raw;               /* the original bytes of this alert */
    const struct json *event;     /* its own fields; CEF too, as an object */
    const struct rule_view *view; /* how rules see `event`; NULL: as it is */
};

#endif
