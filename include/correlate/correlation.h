/* SPDX-License-Identifier: Apache-2.0
 *
 * A correlation, complete: all that a window needs, and nothing that points
 * back into a file. Made from YAML by the rule loader, sealed here: its
 * canonical text is the value on soc.rules, under the fingerprint of all that
 * affects its meaning (STREAM 20). Windows run from the parsed text alone, so
 * that a re-read gives what it gave, whatever file is loaded now. What each
 * type means stands in docs/correlation.md. */
#ifndef CORRELATE_CORRELATION_H
#define CORRELATE_CORRELATION_H

#include "model/amount.h"
#include "model/incident.h"

/* X(name, id in texts). A Sigma value_percentile without `percentile` asks for
 * the rarity of values: VALUE_RARITY. From ABSENCE on under `thapcanh:`. */
#define CORRELATION_TYPES(X)                                                   \
    X(EVENT_COUNT, "event_count")                                              \
    X(VALUE_COUNT, "value_count")                                              \
    X(TEMPORAL, "temporal")                                                    \
    X(TEMPORAL_ORDERED, "temporal_ordered")                                    \
    X(VALUE_SUM, "value_sum")                                                  \
    X(VALUE_AVG, "value_avg")                                                  \
    X(VALUE_MEDIAN, "value_median")                                            \
    X(VALUE_PERCENTILE, "value_percentile")                                    \
    X(VALUE_RARITY, "value_rarity")                                            \
    X(ABSENCE, "absence")                                                      \
    X(SILENCE, "silence")                                                      \
    X(SPIKE, "spike")                                                          \
    X(FIRST_SEEN, "first_seen")                                                \
    X(RARE, "rare")                                                            \
    X(RISK, "risk")

enum correlation_type {
#define X(name, id) name,
    CORRELATION_TYPES(X)
#undef X
        N_CORRELATION_TYPES
};

/* How a number is compared with its limit. X(name, id in rules) */
#define BOUND_OPS(X)                                                           \
    X(BOUND_GT, "gt")                                                          \
    X(BOUND_GTE, "gte")                                                        \
    X(BOUND_LT, "lt")                                                          \
    X(BOUND_LTE, "lte")                                                        \
    X(BOUND_EQ, "eq")                                                          \
    X(BOUND_NEQ, "neq")

enum bound_op {
#define X(name, id) name,
    BOUND_OPS(X)
#undef X
        N_BOUND_OPS
};

struct bound {
    enum bound_op op;
    amount limit;
};

struct correlation_step {
    struct str rule;       /* id of the detection or correlation */
    struct digest meaning; /* of the detection; of a correlation that of its
                              meaning alone, without what it feeds */
    /* In this step's events, aliases resolved: each group-by field … */
    struct str field[MAX_GROUP_FIELDS];
    /* … and each field that is carried (n_carried of them). */
    struct str carried[MAX_CARRIED];
    uint32_t count;   /* temporal types: so many events of it; else 1 */
    uint32_t score;   /* risk: points of one event; 0: by its severity */
    uint32_t tactics; /* risk: bits of ATT&CK tactics, from the rule's tags */
};

/* A way to satisfy a condition of words: an event of each step of `all`, none
 * of those of `none` within the timespan of any of them. */
struct conjunct {
    uint32_t all, none; /* bits of steps */
};

/* What windows ask of the steps again and again: bits of them, and where each
 * stands in a row of window_steps.c. */
struct step_shape {
    uint32_t every;    /* all steps */
    uint32_t positive; /* that stand without `not` somewhere */
    uint32_t negative; /* that spoil others */
    uint32_t n_rows, width;
    uint16_t at[MAX_CORRELATION_STEPS + 1];
    bool ordered, spoils, counts;
};

/* When events of a correlation count, in UTC+7 (active hours). */
struct active_hours {
    bool given;
    bool outside; /* those that are not in these hours */
    uint8_t days; /* bit 0 Monday … bit 6 Sunday, bit 7 holidays */
    int16_t from_min, to_min; /* of the day; to < from: over midnight */
};

/* What a firing gives to a correlation that refers to this one. A value comes
 * from this one's key (its number) or from what is carried (its number +
 * MAX_GROUP_FIELDS). */
struct chain_feed {
    struct digest fingerprint; /* of the other, as windows know it */
    uint32_t step;
    uint8_t key[MAX_GROUP_FIELDS]; /* of each of its group-by fields … */
    uint8_t n_key;
    uint8_t value[MAX_GROUP_FIELDS]; /* … and of its value fields */
    uint8_t n_values;
    uint8_t carry[MAX_CARRIED]; /* … and of what it carries itself */
    uint8_t n_carry;
    bool number; /* its value is a number (value_sum and its like) */
};

struct correlation {
    struct str id, name;
    struct both title;
    enum correlation_type type;
    struct correlation_step *step;
    size_t n_steps;
    struct str group_by[MAX_GROUP_FIELDS]; /* as the key is shown */
    size_t n_group_by;
    /* What is counted or measured; several: a tuple. */
    struct str value_field[MAX_GROUP_FIELDS];
    size_t n_value_fields;
    int64_t timespan_ms; /* first_seen, rare, spike: the memory */
    /* Sliding types (see correlation_slides): at least so many events, values
     * or distinct steps. temporal with conjuncts: 0. Else 0. */
    uint32_t threshold;
    struct bound bound[2]; /* both hold; types that measure */
    size_t n_bounds;
    struct conjunct conjunct[MAX_CONJUNCTS]; /* any; temporal types */
    size_t n_conjuncts;
    uint32_t until;      /* temporal_ordered: bits of steps that end a row */
    int32_t percentile;  /* value_percentile, in thousandths: 90 is 90000 */
    bool never_negative; /* value_sum: fires at once; negative values take no
                            part */
    /* Long memory. */
    int64_t learn_ms; /* after a key's first event nothing is new, silent … */
    int64_t bucket_ms; /* spike: what is counted together; risk: how exact */
    uint32_t least;    /* spike: fewer events are none; silence: a member has
                          spoken so often */
    uint32_t n_rules, n_kinds, n_tactics; /* risk: at least so many distinct */
    const struct str *member;             /* silence: keys that must speak, as
                                             written in a key */
    size_t n_members;
    struct active_hours hours;
    const int32_t *holiday; /* days since 1970 in UTC+7, sorted */
    size_t n_holidays;

    enum severity severity; /* UNKNOWN: the highest of its alerts */
    bool generate;
    bool silent;       /* another correlation speaks for it */
    bool is_detection; /* the implicit one of a detection by itself */
    bool is_floor;     /* the built-in one */
    int level;         /* 0: of detections alone; else above its deepest */
    struct str carry[MAX_CARRIED]; /* names, of what others need of it */
    size_t n_carried;
    const struct chain_feed *feed; /* what refers to it */
    size_t n_feeds;
    struct ticket_options options;

    /* Set by correlation_seal. */
    struct digest meaning; /* without feeds, carry and silent */
    struct digest fingerprint;
    struct str text; /* canonical JSON */
    struct step_shape shape;
};

#define MAX_TIMESPAN_MS INT64_C(34560000000) /* 400 days */

struct str correlation_type_id(enum correlation_type type);
bool correlation_type_from(struct str id, enum correlation_type *type);
struct str bound_op_id(enum bound_op op);
bool bound_op_from(struct str id, enum bound_op *op);

/* Windows are any span of at most the timespan, and what they satisfy cannot
 * be undone by further events: event_count and value_count with a threshold,
 * temporal types without `not` and `until`, value_sum that is never negative,
 * risk. It fires at once, unless another refers to it: then it is decided when
 * the watermark passes, so that what it gives is final. */
bool correlation_at_once(const struct correlation *correlation);
/* The same of one that another refers to, but for risk: found as events come,
 * given when the watermark passes. */
bool correlation_found_early(const struct correlation *correlation);
/* Windows of it are laid end to end. */
bool correlation_laid(const struct correlation *correlation);
/* rare: so often at most in the timespan; 0: its condition says no such thing.
 */
uint32_t correlation_rare(const struct correlation *correlation);
/* Its window entries carry a number. */
bool correlation_measures(const struct correlation *correlation);
/* Each value, or tuple, is an incident of its own. */
bool correlation_alone(const struct correlation *correlation);

/* Checks what windows rely on (limits, a threshold that can be reached and is
 * at most MAX_THRESHOLD, a timespan of 1 ms to MAX_TIMESPAN_MS), then fills
 * `meaning`, `fingerprint`, `shape` and `text`, which lies in `arena`. The
 * fingerprint covers everything but titles, names, `generate` and the texts of
 * the ticket options. False with the reason. */
bool correlation_seal(struct correlation *correlation, struct arena *arena,
                      struct err *why);
/* Fills `meaning` alone: a correlation that refers to this one needs it before
 * this one's feeds are known. */
void correlation_mean(struct correlation *correlation);
/* The sealed correlation of a text; copies what it keeps into `arena`. Strict:
 * a text that does not seal to itself is refused. */
bool correlation_parse(struct json_reader *reader, struct str text,
                       struct arena *arena, struct correlation *correlation,
                       struct err *why);

/* The built-in `floor` (DESIGN 1): one alert, by rule_name and host, 1 h; to
 * be sealed by the caller. */
void correlation_floor(struct correlation *correlation);

#endif
