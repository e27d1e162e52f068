/* SPDX-License-Identifier: Apache-2.0
 *
 * A progress record on soc.windows (STREAM 10, 18): for each source partition
 * of one worker, the position up to which it is complete and its watermark. A
 * source without a watermark has joined and says nothing yet (STREAM 15); one
 * that is set aside holds nobody back until it has caught up (STREAM 16). A
 * windows partition is a source too, of each level above 0 (STREAM 19).
 * Text, one line a source:
 *   "progress 2\n" then "LEVEL TOPIC PARTITION INCARNATION OFFSET
 * WATERMARK|-[ aside]\n" */
#ifndef MODEL_PROGRESS_H
#define MODEL_PROGRESS_H

#include "base/stage.h"
#include "model/limits.h"

void progress_write(struct buf *buf, const struct progress *at, size_t n);

bool progress_is(struct str value); /* by its heading */
/* The lines of a record: the whole of `value` first (false: not one that
 * progress_write makes), then one after the other until false. Topics borrow
 * `value`. */
bool progress_check(struct str value);
struct progress_lines {
    struct str rest;
};
struct progress_lines progress_lines(struct str value);
bool progress_next(struct progress_lines *lines, struct progress *at);

#endif
