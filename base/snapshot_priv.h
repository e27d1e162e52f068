/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a snapshot (snapshot_piece.c), apart from how they get to Kafka
 * and back (snapshot.c). */
#ifndef BASE_SNAPSHOT_PRIV_H
#define BASE_SNAPSHOT_PRIV_H

#include "base/snapshot.h"

/* The last piece, as text. */
void snapshot_head_write(struct buf *buf, const struct snapshot *snapshot);
bool snapshot_head_read(struct str text, struct snapshot *snapshot);

/* A piece is begun, then gets fields. */
void snapshot_piece_begin(struct buf *piece, uint64_t id, uint64_t number);
void snapshot_piece_field(struct buf *piece, size_t table, struct str field,
                          struct str value);
/* Of which snapshot a piece is, and which; false: it is none. */
bool snapshot_piece_number(struct str piece, uint64_t *id, uint64_t *number);
/* Calls `load` with every field; false when the piece is not whole or `load`
 * said so (then it gave the reason). Adds to `*n_fields`. */
bool snapshot_piece_read(struct str piece,
                         bool (*load)(void *context, size_t table,
                                      struct str field, struct str value,
                                      struct err *why),
                         void *context, uint64_t *n_fields, struct err *why);

#endif
