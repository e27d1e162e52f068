/* SPDX-License-Identifier: Apache-2.0
 *
 * A text in the two languages people are served in. Either may be empty: who
 * shows it falls back to the other. */
#ifndef MODEL_BILINGUAL_H
#define MODEL_BILINGUAL_H

#include "base/str.h"

struct bilingual {
    struct str vi, en;
};

static inline struct str
bilingual_in(struct bilingual text, bool english)
{
    struct str wanted = english ? text.en : text.vi;
    struct str other = english ? text.vi : text.en;
    return wanted.len > 0 ? wanted : other;
}

#endif
