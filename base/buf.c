/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing buffer: its memory, plain bytes and numbers. Each addition is
 * whole or not there at all; `len` never exceeds the maximum. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_MAX_BYTES ((size_t)64 << 20)

enum { FIRST_CAP = 256, MAX_DIGITS = 20, MAX_SHORT = 512 };

void
buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
}

void
buf_free(struct buf *buf)
{
    free(buf->at);
    *buf = (struct buf){.max_bytes = buf->max_bytes};
}

bool
buf_room(struct buf *buf, size_t used, size_t more)
{
    if (more <= buf->cap - used) {
        return true;
    }
    size_t max = buf->max_bytes > 0 ? buf->max_bytes : DEFAULT_MAX_BYTES;
    size_t cap = buf->cap > 0 ? buf->cap : max < FIRST_CAP ? max : FIRST_CAP;
    if (used > max || more > max - used) {
        buf->full = true;
        return false;
    }
    while (cap - used < more) {
        cap = cap > max / 2 ? max : cap * 2;
    }
    char *at = realloc(buf->at, cap);
    if (!at) {
        buf->full = true;
        return false;
    }
    buf->at = at;
    buf->cap = cap;
    return true;
}

void
buf_char(struct buf *buf, char c)
{
    if (buf_room(buf, buf->len, 1)) {
        buf->at[buf->len++] = c;
    }
}

static void
add_number(struct buf *buf, uint64_t n, bool negative)
{
    char digits[MAX_DIGITS + 1];
    size_t from = sizeof digits;
    do {
        digits[--from] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    if (negative) {
        digits[--from] = '-';
    }
    buf_add(buf, (struct str){digits + from, sizeof digits - from});
}

void
buf_i64(struct buf *buf, int64_t n)
{
    add_number(buf, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, n < 0);
}

void
buf_u64(struct buf *buf, uint64_t n)
{
    add_number(buf, n, false);
}

/* Short texts, nearly all, are made beside the buffer: the NUL that comes with
 * them needs no room in it. */
void
buf_format(struct buf *buf, const char *format, ...)
{
    char text[MAX_SHORT];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0) {
        buf->full = true;
    } else if ((size_t)len < sizeof text) {
        buf_add(buf, (struct str){text, (size_t)len});
    } else if (buf_room(buf, buf->len, (size_t)len + 1)) {
        va_start(args, format);
        vsnprintf(buf->at + buf->len, (size_t)len + 1, format, args);
        va_end(args);
        buf->len += (size_t)len;
    }
}
