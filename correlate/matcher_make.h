/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORRELATE_MATCHER_MAKE_H
#define CORRELATE_MATCHER_MAKE_H

#include "correlate/matcher_priv.h"

/* In the arena of the rule set, when all of it is loaded; NULL: no memory. */
const struct matcher *matcher_make(const struct rules *rules,
                                   struct arena *arena);

#endif
