/* SPDX-License-Identifier: Apache-2.0
 *
 * A correlation, complete: all that a window needs, and nothing that points
 * back into a file. Made from YAML by the rule loader, sealed here: its
 * canonical text is the value on soc.rules, under the fingerprint of all that
 * affects its meaning (STREAM 20). Windows run from the parsed text alone, so
 * that a re-read gives what it gave, whatever file is loaded now. */
#ifndef CORRELATE_CORRELATION_H
#define CORRELATE_CORRELATION_H

#include "model/incident.h"

/* X(name, id in rules) */
#define CORRELATION_TYPES(X)                                                   \
    X(EVENT_COUNT, "event_count")                                              \
    X(VALUE_COUNT, "value_count")                                              \
    X(TEMPORAL, "temporal")                                                    \
    X(TEMPORAL_ORDERED, "temporal_ordered")

enum correlation_type {
#define X(name, id) name,
    CORRELATION_TYPES(X)
#undef X
        N_CORRELATION_TYPES
};

struct correlation_step {
    struct str rule;       /* id of the detection */
    struct digest meaning; /* of the detection */
    /* The name of each group-by field in this step (aliases resolved). */
    struct str field[MAX_GROUP_FIELDS];
};

struct correlation {
    struct str id, name;
    struct both title;
    enum correlation_type type;
    struct correlation_step step[MAX_CORRELATION_STEPS];
    size_t n_steps;
    struct str group_by[MAX_GROUP_FIELDS]; /* as the key is shown */
    size_t n_group_by;
    struct str value_field[MAX_GROUP_FIELDS]; /* value_count: a tuple */
    size_t n_value_fields;
    int64_t timespan_ms;
    /* Events, values, or steps: at least so many. gt n is n + 1; temporal
     * without a condition: all its steps. */
    uint32_t threshold;
    enum severity severity; /* UNKNOWN: the highest of its alerts */
    bool generate;
    bool is_detection; /* the implicit one of a detection by itself */
    bool is_floor;     /* the built-in one */
    struct ticket_options options;

    /* Set by correlation_seal. */
    struct digest fingerprint;
    struct str text; /* canonical JSON */
};

#define MAX_TIMESPAN_MS INT64_C(34560000000) /* 400 days */

struct str correlation_type_id(enum correlation_type type);
bool correlation_type_from(struct str id, enum correlation_type *type);

/* Checks what windows rely on (limits, a threshold that can be reached and is
 * at most MAX_THRESHOLD, a timespan of 1 ms to MAX_TIMESPAN_MS), then fills
 * `fingerprint` and `text`, which lies in `arena`. The fingerprint covers
 * everything but titles, names, `generate` and the texts of the ticket options.
 * False with the reason. */
bool correlation_seal(struct correlation *correlation, struct arena *arena,
                      struct err *why);
/* The sealed correlation of a text; copies what it keeps into `arena`. Strict:
 * a text that does not seal to itself is refused. */
bool correlation_parse(struct json_reader *reader, struct str text,
                       struct arena *arena, struct correlation *correlation,
                       struct err *why);

/* The built-in `floor` (DESIGN 1): one alert, by rule_name and host, 1 h; to
 * be sealed by the caller. */
void correlation_floor(struct correlation *correlation);

#endif
