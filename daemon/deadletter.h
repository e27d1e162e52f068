/* SPDX-License-Identifier: Apache-2.0
 *
 * One dead letter, as it lies on the topic (DESIGN 5): what is wrong stands in
 * its headers, the original bytes and key are its own. */
#ifndef DAEMON_DEADLETTER_H
#define DAEMON_DEADLETTER_H

#include "base/record.h"

struct deadletter {
    struct str position;
    struct str stage, reason, detail, indexes, version;
    bool of_output;     /* of an alert that is counted: nothing to retry */
    int64_t message_ms; /* of the original message */
    int64_t letter_ms;  /* when the letter was written */
    int32_t partition;  /* where it lies on the dead-letter topic */
    int64_t offset;
    uint64_t size_bytes;
    uint32_t n_seen; /* records with this position */
};

/* What one record is; false when it is no letter of ours. Borrows from
 * `record`; n_seen is 1. */
bool deadletter_read(const struct record *record, struct deadletter *letter);

#endif
