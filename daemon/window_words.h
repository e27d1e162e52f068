/* SPDX-License-Identifier: Apache-2.0
 *
 * A window in words: why it is open, what it has of what it needs, and when it
 * will be decided. In English, as the commands speak. */
#ifndef DAEMON_WINDOW_WORDS_H
#define DAEMON_WINDOW_WORDS_H

#include "correlate/window_view.h"

/* "rules in order", "different user": what the condition counts. */
void window_counted(struct buf *buf, const struct correlation *rule);
/* "have 7 of 20 events in the 10m up to 02:20:11; closes when the watermark
 * passes 02:41:00; the watermark is 02:32:12, 8m48s before that". Times are
 * UTC+7, with the day where it is not the watermark's. `watermark_ms` may be
 * NO_TIME. Nothing in it is a sensor's. */
void window_words(struct buf *buf, const struct window_view *view,
                  int64_t watermark_ms);

#endif
