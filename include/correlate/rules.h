/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule set: Sigma detections and correlations, loaded from YAML files and
 * compiled. Everything lies in one arena and is read-only afterwards, so any
 * number of threads share it, and a reload builds another beside it. A rule is
 * loaded whole or refused by name, file, line and column; the others load. */
#ifndef CORRELATE_RULES_H
#define CORRELATE_RULES_H

#include "base/hash.h"
#include "correlate/correlation.h"
#include "model/alert.h"

/* Room enough for every rule there is; touched only when used. */
#define RULES_ARENA_BYTES ((size_t)1 << 30)

struct rules;
struct calendar; /* correlate/calendar.h */
struct logic;    /* a compiled detection */

/* What stands under `thapcanh:`, and what is only shown. */
struct rule_options {
    struct place place;    /* of the rule */
    const struct str *tag; /* as written */
    size_t n_tags;
    struct both title;
    struct ticket_options ticket;
    /* Of a detection: an incident by itself whatever its level, by these
     * fields; else it has one if it is high or critical and no correlation
     * refers to it, unless ticket.incident is INCIDENT_NONE. */
    bool has_incident;
    struct str group_by[MAX_GROUP_FIELDS];
    size_t n_group_by;
    int64_t timespan_ms;
    /* The examples as JSON arrays, when they were asked for; else empty. */
    struct str fire, quiet;
};

/* Where a detection's events go. */
struct feeds {
    uint32_t correlation; /* its number */
    uint32_t step;
    /* numbers of group-by, then of what is counted, then of what is carried */
    const uint32_t *field;
    const struct detection *detection; /* while routing: that held, where a
                                          step is any of them */
    enum severity level;               /* while routing: of what held */
};

struct detection {
    struct str id, name, title;
    struct place place;
    enum severity level; /* SEVERITY_UNKNOWN: the rule does not say */
    struct logsource logsource;
    uint32_t tactics;      /* bits, of ATT&CK, from its tags */
    struct digest meaning; /* equal: logsource and detection are equal */
    struct rule_options options;
    const struct logic *logic;
    struct feeds *feeds;
    size_t n_feeds;
    bool referred; /* by a correlation that does not say `generate: true` */
};

/* Loads every file, and every *.yml and *.yaml below every folder, in order of
 * their names. `examples`: keep them. `calendar`: public holidays, borrowed
 * while it loads; NULL: none are known. NULL only when memory is exhausted;
 * what was refused is among `complaints` (n_errors) and left out. */
const struct rules *rules_load_dated(const char *const *paths, size_t n_paths,
                                     bool examples,
                                     const struct calendar *calendar,
                                     struct arena *arena,
                                     struct complaints *complaints);
/* The same without holidays. */
static inline const struct rules *
rules_load(const char *const *paths, size_t n_paths, bool examples,
           struct arena *arena, struct complaints *complaints)
{
    return rules_load_dated(paths, n_paths, examples, NULL, arena, complaints);
}

size_t rules_n_detections(const struct rules *rules);
const struct detection *rules_detection(const struct rules *rules, size_t i);
/* Also the implicit ones of detections that open incidents by themselves. */
size_t rules_n_correlations(const struct rules *rules);
const struct correlation *rules_correlation(const struct rules *rules,
                                            size_t i);
size_t rules_n_filters(const struct rules *rules); /* that were loaded */
size_t rules_n_refused(const struct rules *rules);

/* The options of a correlation, as written; NULL for an implicit one. */
const struct rule_options *rules_options(const struct rules *rules, size_t i);

/* --- the obvious evaluator: one rule, one alert, value by value */

struct facts; /* one alert as rules see it; every field is looked up once */

/* In `scratch`, which must outlive it; NULL when that is full. */
struct facts *facts_new(const struct rules *rules, const struct alert *alert,
                        struct arena *scratch);
/* Whether the detection's selections and condition hold; the logsource is not
 * looked at. */
bool detection_match(const struct detection *detection, struct facts *facts);
/* Whether the alert's logsource is one the detection speaks of. */
bool detection_routed(const struct detection *detection,
                      const struct alert *alert);
/* Regular expressions that gave up and fields that did not fit, so far: what
 * could not be decided counts as no match. */
uint64_t facts_n_limited(const struct facts *facts);
/* Values of rules tried on the alert so far. */
uint64_t facts_n_tests(const struct facts *facts);

/* Appends why the detection holds or not: what decides it, then selection by
 * selection, value by value, with the event's values and what nearly matched
 * (lines with "~"). Nothing but what can be seen. */
void detection_explain(const struct detection *detection, struct facts *facts,
                       struct buf *out);

/* The fields that a detection reads, by name, in `scratch`; `*keywords`: it
 * also looks through every value. NULL: the arena is full. */
const struct str *detection_fields(const struct rules *rules,
                                   const struct detection *detection,
                                   struct arena *scratch, size_t *n,
                                   bool *keywords);
/* What a rule calls the member of an event at `path`: below the mapping's
 * roots, or by its table. Borrows. */
struct str rule_name_of(const struct rule_view *view, struct str path);

#endif
