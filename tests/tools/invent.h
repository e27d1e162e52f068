/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules and events by chance: every modifier and shape of a condition, over few
 * fields and short values, so that they meet. Some rules are refused (they are
 * not all good); most are loaded. */
#ifndef TESTS_TOOLS_INVENT_H
#define TESTS_TOOLS_INVENT_H

#include "base/buf.h"
#include "chance.h"

/* Appends `n` rules as YAML documents, their ids "r0" and so on. */
void invent_rules(struct chance *chance, size_t n, struct buf *out);
/* Appends an event as one JSON object. */
void invent_event(struct chance *chance, struct buf *out);

#endif
