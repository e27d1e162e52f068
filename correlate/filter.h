/* SPDX-License-Identifier: Apache-2.0
 *
 * Sigma filters: what is known to be harmless, written once for many rules.
 * A filter is loaded by itself and then put on detections, whose logic it
 * becomes a part of: the evaluator knows nothing of filters. */
#ifndef CORRELATE_FILTER_H
#define CORRELATE_FILTER_H

#include "correlate/rule_priv.h"

enum {
    MAX_FILTERS = 4096,
    MAX_FILTER_RULES = 4096, /* named by one filter */
};

struct filter {
    struct str title;
    struct place place;
    struct logsource logsource;
    const struct logic *logic; /* names of searches with the filter's before */
    bool keeps; /* the condition says what stays, else what goes */
    bool any;   /* every rule of the logsource, else … */
    struct reference *rule;
    size_t n_rules;
    struct digest meaning;
};

struct filters {
    struct filter **filter;
    size_t n;
};

/* A document with `filter:`; NULL with complaints. */
struct filter *filter_load(struct rule_loader *loader,
                           const struct yaml *document);
/* Puts them on the detections of `rules`, which are sorted by id. Returns how
 * many of them were refused, with complaints. */
size_t filters_apply(struct rule_loader *loader, const struct rule_index *index,
                     struct rules *rules, const struct filters *filters);

#endif
