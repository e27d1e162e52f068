/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON strings, sixteen bytes at a time. The original bytes of an alert are
 * JSON themselves: a quotation mark every eight bytes or so, hence the care
 * taken for a piece in which nothing but quotation marks and backslashes is
 * to be escaped. Where there is no SSE2 the plain way does all. */
#include "feed_pen.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

void
pen_start(struct pen *pen, struct buf *buf)
{
    pen->at = pen->page;
    pen->buf = buf;
}

void
pen_flush(struct pen *pen)
{
    buf_add(pen->buf, (struct str){pen->page, (size_t)(pen->at - pen->page)});
    pen->at = pen->page;
}

/* Room for PEN_SLACK bytes at `out`; returns where to go on. */
static inline char *
slack(struct pen *pen, char *out)
{
    if (pen->page + PEN_BYTES - out < PEN_SLACK) {
        pen->at = out;
        pen_flush(pen);
        out = pen->at;
    }
    return out;
}

static char *
write_escape(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn.fr"; /* from 8 on; 11 has none */

    *out++ = '\\';
    if (c >= 8 && c <= 13 && c != 11) {
        *out++ = letters[c - 8];
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = hex[c >> 4];
    out[4] = hex[c & 15];
    return out + 5;
}

/* How many bytes the UTF-8 character at `at` has (Unicode 15, table 3-7); 0
 * when it is none. */
static size_t
character_len(const unsigned char *at, size_t left)
{
    unsigned char first = at[0], low = 0x80, high = 0xbf;
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (first < 0xc2 || first > 0xf4 || len > left)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f; /* no surrogates */
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

/* One character, whatever it is; at most 6 bytes of output. */
static char *
write_character(char *out, const char *text, size_t left, size_t *used)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t len;

    *used = 1;
    if (*at == '"' || *at == '\\') {
        *out++ = '\\';
        *out++ = *text;
        return out;
    }
    if (*at < 0x80) {
        if (*at < 0x20 || *at == 0x7f)
            return write_escape(out, *at);
        *out++ = *text;
        return out;
    }
    len = character_len(at, left);
    if (len == 0) {
        memcpy(out, "\xef\xbf\xbd", 3);
        return out + 3;
    }
    *used = len;
    if (*at == 0xc2 && at[1] < 0xa0) /* U+0080 to U+009F: controls */
        return write_escape(out, at[1]);
    for (size_t i = 0; i < len; i++)
        *out++ = text[i];
    return out;
}

/* Whether eight bytes all stand for themselves: none below the blank, none
 * beyond ASCII, no quotation mark, backslash or DEL. A byte that is zero, or
 * borrows, gets its high bit. */
static inline bool
eight_plain(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
    uint64_t odd = bytes | (bytes - ones * 0x20) | (bytes + ones) |
                   (quote - ones) | (backslash - ones);

    return (odd & ones * 0x80) == 0;
}

/* The bytes of `*text` that stand for themselves, up to the first that does
 * not; at most 31. */
static inline char *
write_plain(char *out, struct str *text)
{
    uint64_t eight;

    while (text->len >= 8) {
        memcpy(&eight, text->at, 8);
        if (!eight_plain(eight))
            break;
        memcpy(out, &eight, 8);
        out += 8;
        text->at += 8;
        text->len -= 8;
    }
    while (text->len > 0) {
        unsigned char c = (unsigned char)*text->at;

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            break;
        *out++ = *text->at++;
        text->len--;
    }
    return out;
}

#ifdef __SSE2__
/* A mask of the bytes in `piece` that do not stand for themselves; `*quotes`
 * those of them that only need a backslash. Bytes beyond ASCII are negative,
 * so below the blank. */
static inline unsigned
odd_bytes(__m128i piece, unsigned *quotes)
{
    __m128i quote = _mm_or_si128(_mm_cmpeq_epi8(piece, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(piece, _mm_set1_epi8('\\')));
    __m128i odd = _mm_or_si128(_mm_cmplt_epi8(piece, _mm_set1_epi8(0x20)),
                               _mm_cmpeq_epi8(piece, _mm_set1_epi8(0x7f)));

    *quotes = (unsigned)_mm_movemask_epi8(quote);
    return *quotes | (unsigned)_mm_movemask_epi8(odd);
}

/* Writes the next 16 bytes of `*text`, or those before the first character
 * that must be looked at by itself. `*text` has at least 32. Each quotation
 * mark is followed by a copy of all that comes after it, shifted by one. */
static inline char *
write_piece(char *out, struct str *text)
{
    const char *at = text->at;
    __m128i piece = _mm_loadu_si128((const __m128i *)at);
    unsigned quotes, odd = odd_bytes(piece, &quotes), plain = 16, others;

    _mm_storeu_si128((__m128i *)out, piece);
    others = odd & ~quotes;
    if (others != 0) {
        plain = (unsigned)__builtin_ctz(others);
        quotes &= (1U << plain) - 1;
    }
    while (quotes != 0) {
        unsigned i = (unsigned)__builtin_ctz(quotes);

        quotes &= quotes - 1;
        out[i] = '\\';
        out++;
        _mm_storeu_si128((__m128i *)(out + i),
                         _mm_loadu_si128((const __m128i *)(at + i)));
    }
    text->at += plain;
    text->len -= plain;
    return out + plain;
}
#endif

void
pen_json(struct pen *pen, struct str s)
{
    char *out = slack(pen, pen->at);
    size_t used;

    *out++ = '"';
    if (s.len < 32)
        out = write_plain(out, &s);
    while (s.len > 0) {
        out = slack(pen, out);
#ifdef __SSE2__
        if (s.len >= 32) {
            const char *before = s.at;

            out = write_piece(out, &s);
            if (s.at - before == 16)
                continue;
        }
#endif
        out = write_character(out, s.at, s.len, &used);
        s.at += used;
        s.len -= used;
        if (s.len < 32)
            out = write_plain(out, &s);
    }
    out = slack(pen, out);
    *out++ = '"';
    pen->at = out;
}

void
pen_i64(struct pen *pen, int64_t n)
{
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    char digits[20];
    size_t from = sizeof digits;

    do {
        digits[--from] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (n < 0)
        digits[--from] = '-';
    pen_bytes(pen, digits + from, sizeof digits - from);
}
