/* SPDX-License-Identifier: Apache-2.0
 *
 * The dead letters on the topic, by position: a letter that came again (its
 * retry failed too) is the same letter, seen once more. */
#ifndef DAEMON_DEADLETTERS_H
#define DAEMON_DEADLETTERS_H

#include "base/table.h"
#include "config.h"
#include "deadletter.h"

enum { MAX_DEADLETTERS = 1 << 20 };

/* The newest record of each letter; the bytes stay on the topic. */
struct deadletters {
    struct deadletter *at; /* in order of first appearance */
    uint32_t n;
    uint64_t n_left_out; /* records for which there was no room */
    struct table *positions;
    struct arena arena;
    char *start;
};

/* Adds, or puts the newer one in its place; copies the text. */
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
