/* SPDX-License-Identifier: Apache-2.0
 *
 * The one place where state is written (DESIGN 3, STREAM 2, 3, 6). All state
 * of a partition lies in Redis under one hash tag, together with the marker
 * that says up to where in the log it is exact:
 *
 *   tc:{STAGE/TOPIC/PARTITION}:marker   hash: claim, commit, marker
 *   tc:{STAGE/TOPIC/PARTITION}:TABLE    hash: field → value, per table
 *
 * One Redis function writes it, all or nothing, and only for the claim, commit
 * number and marker it is told to expect. */
#ifndef BASE_COMMIT_H
#define BASE_COMMIT_H

#include "base/redis.h"

#define MAX_TABLES 8

/* How far a partition's state is exact. */
struct marker {
    char cluster[64];     /* id of the Kafka cluster */
    uint32_t incarnation; /* see model/position.h */
    int64_t offset;       /* the next record to read */
    bool has_last;        /* false: none read yet */
    int64_t last_ms;      /* timestamp of the record before `offset` … */
    uint32_t last_crc;    /* … and the checksum of its key and value */
};

void marker_write(struct buf *buf, const struct marker *marker);
bool marker_read(struct str text, struct marker *marker);
/* By (incarnation, offset). */
int marker_compare(const struct marker *a, const struct marker *b);

/* Names of a stage's tables; the order is fixed for ever. */
struct tables {
    const char *name[MAX_TABLES];
    size_t n;
};

/* The fields one commit sets and unsets. Reused: clearing keeps the memory.
 * One commit either sets a field or unsets it, not both. */
struct changes {
    struct buf bytes;
    struct change *at;
    size_t n, room;
    bool full; /* out of memory: the batch cannot be committed */
};

struct change {
    uint32_t table;
    bool unset;
    size_t field, field_len, value, value_len; /* in bytes */
};

void changes_set(struct changes *changes, size_t table, struct str field,
                 struct str value);
void changes_unset(struct changes *changes, size_t table, struct str field);
void changes_clear(struct changes *changes);
void changes_free(struct changes *changes);

/* A partition's place in Redis and the right to write there. */
struct claim {
    struct str name; /* "STAGE/TOPIC/PARTITION", borrowed */
    const struct tables *tables;
    uint64_t number; /* drawn anew by every claim, never used before */
    uint64_t commit; /* number of the last commit under this claim */
};

/* A commit, ready to be sent as often as needed: sending it again is
 * harmless. */
struct commit {
    const char *expected; /* marker in Redis now, NULL: none yet */
    const char *marker;   /* marker from now on, NULL: still none */
    bool drop_tables;     /* first remove all state and the marker, whatever
                             it is: `expected` does not count */
    const struct changes *changes;
};

enum commit_says {
    COMMIT_DONE,
    COMMIT_REFUSED, /* somebody else's now, or Redis went back in time */
    COMMIT_AWAY,    /* not known; send it again after a pause */
    COMMIT_BROKEN,  /* will never work; `why` says (wrong type under a key) */
};

/* Takes the partition: from now on nobody else's commit is accepted. On
 * COMMIT_DONE `marker` has the marker found, or is empty when there is none.
 * `number` must never have been used before. */
enum commit_says commit_claim(struct redis *redis, struct claim *claim,
                              uint64_t number, struct buf *marker,
                              struct err *why);
/* Whose claim it is now, without taking it. */
enum commit_says commit_owner(struct redis *redis, const struct claim *claim,
                              uint64_t *number, struct err *why);

/* Sends; commit_finish receives. `arg` is the caller's scratch for the call,
 * kept between calls. Raises claim->commit when done. */
struct commit_args {
    struct str *at;
    size_t n, room;
    struct buf text;
};
enum commit_says commit_send(struct redis *redis, const struct claim *claim,
                             const struct commit *commit,
                             struct commit_args *args, struct err *why);
enum commit_says commit_finish(struct redis *redis, struct claim *claim,
                               struct err *why);
/* Both in one. */
enum commit_says commit_now(struct redis *redis, struct claim *claim,
                            const struct commit *commit,
                            struct commit_args *args, struct err *why);
void commit_args_free(struct commit_args *args);

/* "tc:{STAGE/TOPIC/PARTITION}:TABLE" */
void buf_state_key(struct buf *buf, struct str name, const char *table);

#endif
