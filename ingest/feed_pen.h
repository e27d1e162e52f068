/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON in small pieces, fast. A feed record is some eighty short pieces
 * and the original bytes; a growing buffer asked for room at each of them costs
 * more than the bytes. So the pieces are gathered in a page on the stack, and
 * the page goes to the buffer when it is full. */
#ifndef INGEST_FEED_PEN_H
#define INGEST_FEED_PEN_H

#include "base/buf.h"

#include <string.h>

enum {
    PEN_BYTES = 4096,
    PEN_SLACK = 96, /* free on the page before each turn of pen_json */
};

struct pen {
    char *at;
    struct buf *buf;
    char page[PEN_BYTES];
};

void pen_start(struct pen *pen, struct buf *buf);
/* Hands what is on the page to the buffer; the last call of all. */
void pen_flush(struct pen *pen);

/* A JSON string with its quotes: control characters are escaped, each byte of
 * what is not UTF-8 becomes U+FFFD. */
void pen_json(struct pen *pen, struct str s);
void pen_i64(struct pen *pen, int64_t n);

/* At most PEN_BYTES; constant runs are copied by the compiler. */
static inline void
pen_bytes(struct pen *pen, const char *at, size_t len)
{
    if ((size_t)(pen->page + PEN_BYTES - pen->at) < len)
        pen_flush(pen);
    memcpy(pen->at, at, len);
    pen->at += len;
}

#define pen_run(pen, literal) pen_bytes(pen, "" literal, sizeof(literal) - 1)

#endif
