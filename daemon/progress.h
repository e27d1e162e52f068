/* SPDX-License-Identifier: Apache-2.0
 *
 * How far a long command is, on stderr: a bar that is drawn over itself on a
 * terminal, else a line every five seconds. */
#ifndef DAEMON_PROGRESS_H
#define DAEMON_PROGRESS_H

#include "base/buf.h"

struct progress {
    const char *what;
    bool terminal, drawn;
    int64_t began_ms, said_ms; /* of the monotonic clock */
};

void progress_begin(struct progress *progress, const char *what);
/* Cheap: looks at the clock, and says something when it is time. `part` of
 * `whole` is done, whole 0: not known; `n` messages so far; `note` may be
 * empty. */
void progress_tell(struct progress *progress, uint64_t part, uint64_t whole,
                   uint64_t n, const char *note);
/* Takes the bar away. */
void progress_end(struct progress *progress);
/* 588271 → "588,271". */
void buf_thousands(struct buf *buf, uint64_t n);

#endif
