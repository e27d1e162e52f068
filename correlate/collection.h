/* SPDX-License-Identifier: Apache-2.0
 *
 * Rule collections: documents of one file that share what one of them says. */
#ifndef CORRELATE_COLLECTION_H
#define CORRELATE_COLLECTION_H

#include "base/yaml.h"

/* What the documents of a file so far mean for the next one. Zeroed but for
 * its arena and complaints at the beginning of a file. */
struct collection {
    struct arena *arena; /* borrowed; merged documents lie in it */
    struct complaints *complaints;
    const struct yaml *global; /* NULL: none */
    const struct yaml *previous;
    size_t n_rules;  /* since `global` was said */
    size_t n_merged; /* nodes, and keys compared, in this file */
};

/* Turns a document into the rule that it stands for; NULL: it only says what
 * others share. False with complaints. */
bool collection_next(struct collection *collection,
                     const struct yaml **document);

#endif
