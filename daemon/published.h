/* SPDX-License-Identifier: Apache-2.0
 *
 * Published and imported months (report/frozen.h) on their topic: one record
 * per revision, key "2024-09/2", compacted, so kept for ever. */
#ifndef DAEMON_PUBLISHED_H
#define DAEMON_PUBLISHED_H

#include "config.h"
#include "report/frozen.h"

/* The newest revision of every month, by month, in `arena`. A record that is
 * no such document is left out with a warning. False when Kafka cannot be
 * reached. */
bool published_load(const struct config *config, struct arena *arena,
                    const struct frozen **months, size_t *n, struct err *why);
/* Writes `n` revisions; true when Kafka has every one. */
bool published_store(const struct config *config, const struct frozen *months,
                     size_t n, struct err *why);
/* The one of `month`, or NULL. */
const struct frozen *published_find(const struct frozen *months, size_t n,
                                    int32_t month);

#endif
