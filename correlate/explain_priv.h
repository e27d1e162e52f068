/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of explaining: what is said of a rule (explain.c), what nearly
 * matched (explain_near.c), and what else the event has (explain_event.c). */
#ifndef CORRELATE_EXPLAIN_PRIV_H
#define CORRELATE_EXPLAIN_PRIV_H

#include "correlate/facts.h"

enum { MAX_LEAVES = 512, MAX_NAMES_BYTES = 1 << 16 };

/* A value of the event that is no object and no list. */
struct leaf {
    struct str name; /* as a rule would call it */
    const struct json *node;
};

struct explaining {
    const struct logic *logic;
    struct facts *facts;
    struct buf *out;
    bool holds[MAX_SEARCHES];
    struct leaf leaf[MAX_LEAVES];
    size_t n_leaves;
    char names[MAX_NAMES_BYTES]; /* of the leaves */
    size_t n_names;
    size_t n_tried; /* comparisons for what nearly matched; bounded */
};

/* Appends text in quotes, short, and only what can be seen. */
void explain_text(struct buf *out, struct str text);

/* Fills the leaves. */
void explain_leaves(struct explaining *explaining);
/* Appends what an absent field may be called in this event, or where the
 * mapping looks for it. */
void explain_absent(struct explaining *explaining, uint32_t field);
/* Appends how a value that does not hold nearly does; nothing when it does
 * not. */
void explain_near(struct explaining *explaining, const struct item *item,
                  const struct value *value);

#endif
