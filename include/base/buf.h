/* SPDX-License-Identifier: Apache-2.0
 *
 * A growing run of bytes with a maximum. Growth is by doubling and is kept
 * over buf_clear, so a buffer that is used again allocates nothing. Past the
 * maximum (or out of memory) what does not fit is dropped whole and `full` is
 * set: the caller looks once, at the end. Over memory of the caller's own
 * (`at` given, `cap` and `max_bytes` its size) it never grows nor writes past
 * it; that one is not freed. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

struct buf {
    char *at;
    size_t len, cap;
    size_t max_bytes; /* 0: 64 MiB */
    bool full;
};

void buf_clear(struct buf *buf); /* empties, keeps the memory */
void buf_free(struct buf *buf);
static inline struct str /* borrows */
buf_str(const struct buf *buf)
{
    struct str s = {buf->at, buf->len};
    return s;
}

/* Makes room for `more` bytes after `used` ones, which are kept though `len`
 * may not count them yet; for who writes the bytes himself. False, and `full`
 * set, when the maximum or memory forbids. */
bool buf_room(struct buf *buf, size_t used, size_t more);

static inline void
buf_add(struct buf *buf, struct str s)
{
    if (s.len > 0 &&
        (s.len <= buf->cap - buf->len || buf_room(buf, buf->len, s.len))) {
        memcpy(buf->at + buf->len, s.at, s.len);
        buf->len += s.len;
    }
}

void buf_char(struct buf *buf, char c);
void buf_i64(struct buf *buf, int64_t n);
void buf_u64(struct buf *buf, uint64_t n);
void buf_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A JSON string with its quotes. Control characters are escaped; bytes that
 * are not UTF-8 become U+FFFD, so the result is always valid JSON. */
void buf_json(struct buf *buf, struct str s);
/* HTML text: & < > " ' escaped; control characters but tab and newline, and
 * invalid UTF-8, become U+FFFD. */
void buf_html(struct buf *buf, struct str s);
/* One CSV field (RFC 4180), quoted when needed; a field a spreadsheet would
 * run as a formula (= + - @ tab) is preceded by an apostrophe. */
void buf_csv(struct buf *buf, struct str s);

#ifdef __cplusplus
}
#endif

#endif
