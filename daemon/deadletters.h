/* SPDX-License-Identifier: Apache-2.0
 *
 * The dead letters on the topic, by position: a letter that came again (its
 * retry failed too) is the same letter, seen once more. */
#ifndef DAEMON_DEADLETTERS_H
#define DAEMON_DEADLETTERS_H

#include "base/record.h"
#include "base/table.h"
#include "config.h"
#include "model/position.h"

enum { MAX_DEADLETTERS = 1 << 20 };

/* What is kept of one letter: of its newest record. Text is in the list's
 * arena. */
struct deadletter {
    struct str position;
    struct str stage, reason, detail, indexes, version;
    int64_t message_ms; /* of the original message */
    int64_t letter_ms;  /* when the letter was written */
    int32_t partition;  /* where it lies on the dead-letter topic */
    int64_t offset;
    uint64_t size_bytes;
    uint32_t n_seen;
};

struct deadletters {
    struct deadletter *at; /* in order of first appearance */
    uint32_t n;
    uint64_t n_foreign; /* records that are no letters of ours */
    uint64_t n_left_out;
    struct table *positions;
    struct arena arena;
    char *start;
};

/* What one record is; false when it is no letter of ours. Borrows from
 * `record`; n_seen is 1. */
bool deadletter_read(const struct record *record, struct deadletter *letter);

/* Adds or updates. */
void deadletters_put(struct deadletters *letters,
                     const struct deadletter *letter);
bool deadletters_start(struct deadletters *letters);
void deadletters_end(struct deadletters *letters);

/* Reads the topic to its end and calls `each` for every letter in it; stops
 * early when it returns false. EXIT_OK, or what to exit with; what is wrong
 * has been said. A topic that is not there yet has no letters. */
int deadletters_scan(const struct config *config,
                     bool (*each)(void *context, const struct record *record,
                                  const struct deadletter *letter),
                     void *context, uint64_t *n_foreign);

#endif
