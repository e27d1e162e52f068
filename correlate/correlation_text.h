/* SPDX-License-Identifier: Apache-2.0
 *
 * A correlation as canonical JSON, in three parts that follow one another:
 * what it means, what it gives to others, how people call it. Members stand in
 * one order and are always there, so one correlation has one text. */
#ifndef CORRELATE_CORRELATION_TEXT_H
#define CORRELATE_CORRELATION_TEXT_H

#include "correlate/correlation.h"

void correlation_put_meaning(struct buf *buf, const struct correlation *c);
void correlation_put_feeds(struct buf *buf, const struct correlation *c);
void correlation_put_words(struct buf *buf, const struct correlation *c);

#endif
