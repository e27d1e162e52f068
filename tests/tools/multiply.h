/* SPDX-License-Identifier: Apache-2.0
 *
 * Many events from few: the same shapes, other values. Numbers, ids and times
 * are drawn again with as many digits; texts are those of another event's
 * field of that name, or have a word changed; now and then a value that a rule
 * looks for stands in the field it looks at. What says which kind of event it
 * is (channel, event id, provider) stays. */
#ifndef TESTS_TOOLS_MULTIPLY_H
#define TESTS_TOOLS_MULTIPLY_H

#include "base/buf.h"
#include "chance.h"
#include "correlate/rule_priv.h"

struct multiplier;

/* `text`: an event a line; of {"event": {…}} the event. `rules` may be NULL.
 * All in `arena`, borrowing `text`. NULL: no event in it, or no memory. */
struct multiplier *multiplier_new(struct str text, const struct rules *rules,
                                  struct arena *arena);
/* How many events it has to start from. */
size_t multiplier_n(const struct multiplier *multiplier);
/* Appends the event as it was read. */
void multiplier_original(const struct multiplier *multiplier, size_t i,
                         struct buf *out);
/* Appends a new one, without a line end. */
void multiplier_next(const struct multiplier *multiplier, struct chance *chance,
                     struct buf *out);

#endif
