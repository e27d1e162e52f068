/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded binary records: little-endian numbers of 1, 2, 4 or 8 bytes and
 * texts behind their length. Reading never goes past the end: the first thing
 * that does not fit sets `wrong`, and everything after it reads as nothing, so
 * that the caller looks once, at the end (wire_end). Numbers are inline: their
 * length is known where they stand, so each is one move. */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include "base/buf.h"
#include "base/hash.h"

#include <endian.h>
#include <string.h>

static inline void
wire_put(struct buf *buf, uint64_t n, size_t bytes)
{
    uint64_t little = htole64(n);
    buf_add(buf, (struct str){(const char *)&little, bytes});
}

void wire_put_i64(struct buf *buf, int64_t n); /* two's complement */
/* `len_bytes` bytes of length, then the text; one that is too long for its
 * length marks the buffer full. */
void wire_put_text(struct buf *buf, struct str text, size_t len_bytes);
void wire_put_digest(struct buf *buf, struct digest digest);

struct wire {
    struct str rest;
    bool wrong;
};

static inline struct str
wire_take(struct wire *wire, uint64_t bytes)
{
    struct str taken = {wire->rest.at, (size_t)bytes};
    if (wire->wrong || wire->rest.len < bytes) {
        wire->wrong = true;
        return NO_STR;
    }
    wire->rest.at += bytes;
    wire->rest.len -= (size_t)bytes;
    return taken;
}

static inline uint64_t
wire_get(struct wire *wire, size_t bytes)
{
    struct str taken = wire_take(wire, bytes);
    uint64_t little = 0;
    if (taken.at)
        memcpy(&little, taken.at, bytes);
    return le64toh(little);
}

int64_t wire_get_i64(struct wire *wire);
struct str wire_get_text(struct wire *wire, size_t len_bytes); /* borrows */
struct digest wire_get_digest(struct wire *wire);
/* A number that must be at most `max`. */
uint64_t wire_get_max(struct wire *wire, size_t bytes, uint64_t max);
/* Nothing was wrong and nothing is left. */
bool wire_end(const struct wire *wire);

#endif
