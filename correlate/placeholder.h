/* SPDX-License-Identifier: Apache-2.0
 *
 * Placeholders (`%name%` in values with `expand`): what each stands for, from
 * a document `placeholders:`, from files of lines, or from watch-lists. */
#ifndef CORRELATE_PLACEHOLDER_H
#define CORRELATE_PLACEHOLDER_H

#include "correlate/rule_priv.h"

enum { MAX_PLACEHOLDERS = 4096 };

struct placeholder {
    struct place place;
    const struct str *value;
    size_t n_values;
    struct digest digest; /* of name and values */
};

bool placeholders_open(struct rule_loader *loader);
void placeholders_close(struct rule_loader *loader);
/* A document with `placeholders:`. False with complaints. */
bool placeholders_load(struct rule_loader *loader, const struct yaml *document);
/* Whether a detection has a line with `expand`. */
bool placeholders_wanted(const struct yaml *detection);
/* What `name` stands for; NULL with complaints at `place`. Becomes a part of
 * the meaning of the rule that is being loaded. */
const struct placeholder *placeholder_find(struct rule_loader *loader,
                                           struct str name, struct place place);

#endif
