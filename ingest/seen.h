/* SPDX-License-Identifier: Apache-2.0
 *
 * Vendor ids seen lately in one partition (DESIGN 5): an id seen again within
 * `dedup` of Kafka time is a duplicate when the fields under `changes:` are
 * equal, else an update. Kafka time is the highest record timestamp so far, so
 * the answer is a function of the log alone.
 *
 * In the table the sightings of an hour lie in fields "HOUR/SEQ", one for each
 * commit, so that a commit writes only what is new and an hour is dropped by
 * its fields' names. */
#ifndef INGEST_SEEN_H
#define INGEST_SEEN_H

#include "base/hash.h"
#include "base/stage.h"

struct seen;

enum seen_says {
    SEEN_NEW,
    SEEN_DUPLICATE,
    SEEN_UPDATE,
};

struct seen *seen_new(uint32_t max_ids);
void seen_free(struct seen *seen);

struct sighting {
    struct digest id;
    uint64_t changes; /* digest of the fields under `changes:` */
    int64_t kafka_ms; /* Kafka time */
    int64_t offset;   /* of the record: orders sightings of one instant */
};

/* Judges a sighting and keeps it. SEEN_NEW too when it cannot be kept any more
 * (max_ids): then seen_full is true. */
enum seen_says seen_sight(struct seen *seen, const struct sighting *sighting,
                          int64_t dedup_ms);
/* Forgets what is older than `dedup_ms`; once an hour of Kafka time. */
void seen_forget(struct seen *seen, int64_t kafka_ms, int64_t dedup_ms);
bool seen_full(const struct seen *seen);
uint32_t seen_len(const struct seen *seen);

void seen_save(struct seen *seen, size_t table, bool whole,
               const struct emit *emit);
bool seen_load(struct seen *seen, struct str field, struct str value);

#endif
