/* SPDX-License-Identifier: Apache-2.0
 *
 * The one windows partition of whoever correlates in memory: what the correlate
 * stage says to it waits here, in order, until the record at work is done. */
#ifndef DAEMON_WINDOWS_LOG_H
#define DAEMON_WINDOWS_LOG_H

#include "base/stage.h"

struct windows_log {
    struct str topic;
    struct buf waiting, out; /* records behind their length; the one given */
    size_t at;               /* in `waiting` */
    bool failed;             /* no memory for one more */
};

/* Whether the output is a record of the topic; then it is kept. */
bool windows_log_take(struct windows_log *log, const struct output *output);
/* The next record, borrowed until the next call; false: there is none. */
bool windows_log_next(struct windows_log *log, struct str *value);
void windows_log_free(struct windows_log *log);

#endif
