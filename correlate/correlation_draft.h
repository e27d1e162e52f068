/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a correlation as they are read from YAML, each into the draft;
 * what refers to other rules waits there until every file is read. */
#ifndef CORRELATE_CORRELATION_DRAFT_H
#define CORRELATE_CORRELATION_DRAFT_H

#include "correlate/rule_priv.h"

/* condition: a map of limits, and of the field that is counted or measured.
 * False with complaints. */
bool bounds_load(struct rule_loader *loader, const struct yaml *map,
                 struct correlation *correlation);
/* field: one, or a list: a tuple. */
bool field_load(struct rule_loader *loader, const struct yaml *node,
                struct correlation *correlation);

/* true or false; a NULL node leaves it alone. */
bool boolean_load(struct rule_loader *loader, const struct yaml *node,
                  bool *value);
/* counts: or score: a map from rules to numbers of 1 to `most`. */
bool numbers_load(struct rule_loader *loader, const struct yaml *node,
                  int64_t most, struct rule_numbers *numbers);
/* Of thapcanh: counts, until, never_negative. Call when the rules are
 * known. */
bool extras_load(struct rule_loader *loader, const struct yaml *thapcanh,
                 struct draft *draft);

/* thapcanh: correlation: which keys its type has … */
bool own_keys_check(struct rule_loader *loader, const struct yaml *map,
                    enum correlation_type type);
/* … whether its rules are `any` or `any_alert`: then the one step is set … */
bool any_load(struct rule_loader *loader, const struct yaml *node,
              struct draft *draft);
/* … and what the types have of their own, once rules, group-by, timespan and
 * condition are there. False with complaints. */
bool own_load(struct rule_loader *loader, const struct yaml *map,
              struct draft *draft);
/* hours: a NULL node leaves them alone. */
bool hours_load(struct rule_loader *loader, const struct yaml *node,
                struct active_hours *hours);

#endif
