/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts for which tests of rules hold, made by chance. What cannot be said for
 * certain (expressions, odd letters) is likely: whoever asks tries it. */
#ifndef TESTS_TOOLS_TEST_TEXT_H
#define TESTS_TOOLS_TEST_TEXT_H

#include "base/buf.h"
#include "chance.h"
#include "correlate/rule_priv.h"

/* Appends a text for which every one of the patterns holds. False: they
 * exclude one another, at first sight. */
bool patterns_text(const struct pattern *const *pattern, size_t n,
                   struct chance *chance, struct buf *out);
/* Appends a text for an address, a number, a time: `test` is one of those. */
void number_text(const struct test *test, struct str written,
                 struct chance *chance, struct buf *out);
void cidr_text(const struct prefix *prefix, struct chance *chance,
               struct buf *out);
void time_text(const struct test *test, struct str written,
               struct chance *chance, struct buf *out);
/* Appends a text in which the expression may be found. */
void expression_text(struct str expression, struct chance *chance,
                     struct buf *out);
/* Appends a word or two that mean nothing, or nothing. */
void filler_text(struct chance *chance, struct buf *out);

#endif
