/* SPDX-License-Identifier: Apache-2.0
 *
 * What is allowed in a rule and yet hardly meant: warnings for whoever writes
 * rules (docs/rules.md, "What check warns of"). Not on the way of an alert. */
#ifndef CORRELATE_LINT_H
#define CORRELATE_LINT_H

#include "correlate/rules.h"

struct lint;

/* Looks over the rule set once, in `arena`; borrows `rules`. NULL: no memory.
 */
struct lint *lint_new(const struct rules *rules, struct arena *arena);
void lint_free(struct lint *lint);
/* Warns of what the detection with this number has, each at its place; after
 * twenty it says how many more there are. Returns how many there are. */
size_t lint_detection(const struct lint *lint, size_t number,
                      struct arena scratch, struct complaints *complaints);

#endif
