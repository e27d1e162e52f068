/* SPDX-License-Identifier: Apache-2.0
 *
 * Snapshots of a partition's state on a compacted topic (STREAM 22). The
 * pieces of a snapshot lie under one of two alternating slots on one partition
 * of the topic; the last piece, which names marker, count and checksum, lies
 * on partition 0, so that finding it is cheap. Only a snapshot whose pieces
 * are all there and add up to the checksum is used. */
#ifndef BASE_SNAPSHOT_H
#define BASE_SNAPSHOT_H

#include "base/commit.h"
#include "base/kafka.h"
#include "base/stage.h"

struct snapshot_place {
    const struct kafka_settings *kafka;
    struct str topic;
    int n_partitions; /* at least 2 */
    struct str name;  /* "STAGE/TOPIC/PARTITION" */
};

/* The last piece. */
struct snapshot {
    int slot; /* 0 or 1 */
    uint64_t id;
    uint64_t n_pieces, n_fields;
    uint32_t crc;
    struct marker marker;
};

enum snapshot_says {
    SNAPSHOT_FOUND,
    SNAPSHOT_NONE,
    SNAPSHOT_AWAY, /* Kafka cannot be reached; `why` says */
};

/* The last pieces found, newest first (at most 2). */
enum snapshot_says snapshot_find(const struct snapshot_place *place,
                                 struct snapshot found[2], size_t *n,
                                 struct err *why);
/* Calls `load` for every field. SNAPSHOT_NONE: not complete, or `load` said
 * false; the state is then half filled and must be dropped. */
enum snapshot_says
snapshot_read(const struct snapshot_place *place,
              const struct snapshot *snapshot,
              bool (*load)(void *context, size_t table, struct str field,
                           struct str value, struct err *why),
              void *context, struct err *why);
/* Writes `state` with `ops->state_save(whole)` under `slot`, and waits until
 * Kafka has it all. */
bool snapshot_write(const struct snapshot_place *place,
                    struct producer *producer, const struct stage_ops *ops,
                    void *state, struct snapshot *snapshot, struct err *why);

#endif
