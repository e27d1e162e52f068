/* SPDX-License-Identifier: Apache-2.0
 *
 * Text of strangers, made safe inside JSON, HTML and CSV. The one idea: runs
 * of bytes that stand for themselves are copied sixteen at a time; only a byte
 * that does not is looked at by itself. What comes out is valid UTF-8 in JSON
 * and HTML whatever went in; control characters (C0, DEL and C1) never pass. */
#include "base/buf.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char HEX[] = "0123456789abcdef";

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* One character beyond ASCII: its bytes, and what is to be done with it. */
struct character {
    size_t len;
    bool valid;
    uint32_t code;
};

/* Reads the character at `at` by Unicode 15, table 3-7. When it is not valid
 * its length is that of the maximal subpart, which one U+FFFD replaces. */
static struct character
character_read(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char first = at[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t len;
    uint32_t code;
    if (first < 0x80) {
        return (struct character){1, true, first};
    } else if (first >= 0xc2 && first <= 0xdf) {
        len = 2;
        code = first & 0x1fU;
    } else if ((first & 0xf0) == 0xe0) {
        len = 3;
        code = first & 0x0fU;
        low = first == 0xe0 ? 0xa0 : low;
        high = first == 0xed ? 0x9f : high; /* no surrogates */
    } else if (first >= 0xf0 && first <= 0xf4) {
        len = 4;
        code = first & 0x07U;
        low = first == 0xf0 ? 0x90 : low;
        high = first == 0xf4 ? 0x8f : high;
    } else {
        return (struct character){1, false, 0};
    }
    for (size_t i = 1; i < len; i++) {
        if (i >= left || at[i] < low || at[i] > high) {
            return (struct character){i, false, 0};
        }
        code = code << 6 | (at[i] & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    return (struct character){len, true, code};
}

/* The length of the run at `at` that needs no escape in JSON. With SSE2 the
 * run is copied to `out` on the way, in pieces of 16 (`out` has room
 * for all of the text). */
static size_t
json_run(char *out, const char *at, size_t len)
{
    size_t i = 0;
#ifdef __SSE2__
    const __m128i space = _mm_set1_epi8(0x20), quote = _mm_set1_epi8('"'),
                  backslash = _mm_set1_epi8('\\'), del = _mm_set1_epi8(0x7f);
    for (; len - i >= 16; i += 16) {
        __m128i piece = _mm_loadu_si128((const __m128i *)(at + i));
        _mm_storeu_si128((__m128i *)(out + i), piece);
        /* as signed bytes, those beyond ASCII are below the blank too */
        __m128i odd =
            _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(piece, space),
                                      _mm_cmpeq_epi8(piece, quote)),
                         _mm_or_si128(_mm_cmpeq_epi8(piece, backslash),
                                      _mm_cmpeq_epi8(piece, del)));
        unsigned mask = (unsigned)_mm_movemask_epi8(odd);
        if (mask != 0) {
            return i + (size_t)__builtin_ctz(mask);
        }
    }
#endif
    for (; i < len; i++) {
        unsigned char c = (unsigned char)at[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
            break;
        }
        out[i] = at[i];
    }
    return i;
}

/* Writes what stands for the ASCII byte `c` inside a JSON string; at most 6
 * bytes, returns how many. */
static size_t
json_escape(char *out, unsigned char c)
{
    static const char letter[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };
    out[0] = '\\';
    if (letter[c]) {
        out[1] = letter[c];
        return 2;
    }
    memcpy(out + 1, "u00", 3);
    out[4] = HEX[c >> 4];
    out[5] = HEX[c & 15];
    return 6;
}

/* The same for any character that is no plain run; `*used` tells how much of
 * the text it took. */
static size_t
json_odd(char *out, const char *at, size_t left, size_t *used)
{
    struct character c = character_read(at, left);
    *used = c.len;
    if (!c.valid) {
        memcpy(out, REPLACEMENT, 3);
        return 3;
    }
    if (c.code < 0xa0) {
        return json_escape(out, (unsigned char)c.code);
    }
    memcpy(out, at, c.len);
    return c.len;
}

void
buf_json(struct buf *buf, struct str s)
{
    enum { LONGEST = 6 }; /* "\u0000" */
    size_t len = buf->len, i = 0;
    /* Always room for the rest of the text as it is and the closing quote. */
    if (!buf_room(buf, len, s.len + 2)) {
        return;
    }
    buf->at[len++] = '"';
    while (i < s.len) {
        size_t used = json_run(buf->at + len, s.at + i, s.len - i);
        len += used;
        i += used;
        if (i == s.len) {
            break;
        }
        char odd[LONGEST];
        size_t n = json_odd(odd, s.at + i, s.len - i, &used);
        i += used;
        if (!buf_room(buf, len, n + (s.len - i) + 1)) {
            return;
        }
        memcpy(buf->at + len, odd, n);
        len += n;
    }
    buf->at[len++] = '"';
    buf->len = len;
}

/* What stands for `c` in HTML; the bytes of the text itself when it is plain.
 * Line ends are kept as '\n'; '\r' is a control character like the others. */
static struct str
html_of(struct character c, const char *at)
{
    if (!c.valid || (c.code >= 0x7f && c.code < 0xa0) ||
        (c.code < 0x20 && c.code != '\t' && c.code != '\n')) {
        return STR(REPLACEMENT);
    }
    switch (c.code) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#39;");
    default:
        return (struct str){at, c.len};
    }
}

void
buf_html(struct buf *buf, struct str s)
{
    size_t start = buf->len;
    bool was_full = buf->full;
    buf->full = false;
    for (size_t i = 0; i < s.len && !buf->full;) {
        struct character c = character_read(s.at + i, s.len - i);
        buf_add(buf, html_of(c, s.at + i));
        i += c.len;
    }
    if (buf->full) {
        buf->len = start;
    }
    buf->full = buf->full || was_full;
}

/* "-11,8%" and "+3" are numbers to a spreadsheet, not formulas. */
static bool
is_formula(struct str s)
{
    if (s.len == 0 || !memchr("=+-@\t\r", s.at[0], 6)) {
        return false;
    }
    bool digit = false;
    for (size_t i = 1; i < s.len; i++) {
        if (s.at[i] >= '0' && s.at[i] <= '9') {
            digit = true;
        } else if (!memchr(".,%", s.at[i], 3)) {
            return true;
        }
    }
    return !digit || (s.at[0] != '+' && s.at[0] != '-');
}

void
buf_csv(struct buf *buf, struct str s)
{
    bool formula = is_formula(s), quoted = false;
    size_t n_quotes = 0;
    for (size_t i = 0; i < s.len; i++) {
        n_quotes += s.at[i] == '"';
        quoted = quoted || memchr("\",;\r\n\t", s.at[i], 6);
    }
    size_t size = s.len + n_quotes + (quoted ? 2 : 0) + (formula ? 1 : 0);
    if (size == 0 || !buf_room(buf, buf->len, size)) {
        return;
    }
    char *out = buf->at + buf->len;
    if (quoted) {
        *out++ = '"';
    }
    if (formula) {
        *out++ = '\'';
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"') {
            *out++ = '"';
        }
        *out++ = s.at[i];
    }
    if (quoted) {
        *out++ = '"';
    }
    buf->len += size;
}
