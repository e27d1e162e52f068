/* SPDX-License-Identifier: Apache-2.0
 *
 * The longer parts of records, made of numbers. */
#include "base/wire.h"

void
wire_put_i64(struct buf *buf, int64_t n)
{
    wire_put(buf, (uint64_t)n, 8);
}

void
wire_put_text(struct buf *buf, struct str text, size_t len_bytes)
{
    if (len_bytes < 8 && text.len >> 8 * len_bytes > 0) {
        buf->full = true;
        return;
    }
    wire_put(buf, text.len, len_bytes);
    buf_add(buf, text);
}

void
wire_put_digest(struct buf *buf, struct digest digest)
{
    wire_put(buf, digest.half[0], 8);
    wire_put(buf, digest.half[1], 8);
}

int64_t
wire_get_i64(struct wire *wire)
{
    return (int64_t)wire_get(wire, 8);
}

struct str
wire_get_text(struct wire *wire, size_t len_bytes)
{
    return wire_take(wire, wire_get(wire, len_bytes));
}

struct digest
wire_get_digest(struct wire *wire)
{
    struct digest digest;
    digest.half[0] = wire_get(wire, 8);
    digest.half[1] = wire_get(wire, 8);
    return digest;
}

uint64_t
wire_get_max(struct wire *wire, size_t bytes, uint64_t max)
{
    uint64_t n = wire_get(wire, bytes);
    if (n > max)
        wire->wrong = true;
    return n > max ? 0 : n;
}

bool
wire_end(const struct wire *wire)
{
    return !wire->wrong && wire->rest.len == 0;
}
