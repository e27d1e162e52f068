/* SPDX-License-Identifier: Apache-2.0
 *
 * A pack: several records for one partition as one Kafka message, because a
 * message costs the client and the broker several microseconds each, however
 * short it is. What is in a pack is, one after the other, what would have been
 * messages; where packs begin and end means nothing.
 *
 * Binary, little endian, after the heading "pack 1\n": each record behind its
 * length (4). A pack holds at least one record and no pack. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/buf.h"

/* A pack is sent when it would grow past this; a larger record goes alone. */
enum { MAX_PACK_BYTES = 64 << 10 };

bool pack_is(struct str value);
/* Adds a record to the pack in `buf`, which may be empty. */
void pack_add(struct buf *buf, struct str record);
/* Every length is checked. */
bool pack_check(struct str value);
/* Of a pack that was checked, from pack_records on: the next record, borrowed,
 * until there is none. */
struct str pack_records(struct str value);
bool pack_next(struct str *rest, struct str *record);

#endif
