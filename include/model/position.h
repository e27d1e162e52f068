/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an alert stands in the log: its identity for ever (STREAM 7). The
 * incarnation rises whenever an operator starts the partition on another log
 * or at a lower offset; within one incarnation positions only rise. A retried
 * dead letter keeps the position of its origin. */
#ifndef MODEL_POSITION_H
#define MODEL_POSITION_H

#include "base/buf.h"

struct position {
    struct str topic;
    int32_t partition;
    uint32_t incarnation;
    int64_t offset;
    uint32_t index; /* of the alert in its message, from 0 */
};

/* "topic/partition/incarnation/offset/index" */
void buf_position(struct buf *buf, const struct position *position);
/* Reads the same back; the topic is borrowed from `text`. */
bool position_from(struct str text, struct position *position);
/* By topic, partition, incarnation, offset, index. */
int position_compare(const struct position *a, const struct position *b);

#endif
