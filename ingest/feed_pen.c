/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON strings, sixteen bytes at a time. The original bytes of an alert are
 * JSON themselves: a quotation mark every eight bytes or so, hence the care
 * taken for a piece in which nothing but quotation marks and backslashes is
 * to be escaped. They are Vietnamese too: so a long text is looked at once, as
 * a whole, whether it is UTF-8, and if it is, a byte beyond ASCII needs no
 * care, but for 0xc2, which begins the controls U+0080 to U+009F. Where there
 * is no SSE2 the plain way does all. */
#include "feed_pen.h"

#include "base/json.h"

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

/* Whether eight bytes all stand for themselves: none below the blank, no
 * quotation mark, backslash or DEL; none beyond ASCII, or, in text known to be
 * UTF-8 (`known`), none that is 0xc2. A byte that is zero, or borrows, gets its
 * high bit; one that has it already is told apart by `~`. */
static inline bool
eight_plain(uint64_t bytes, bool known)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
    uint64_t c2 = bytes ^ ones * 0xc2, del = bytes ^ ones * 0x7f;
    uint64_t odd = ((bytes - ones * 0x20) & ~bytes) |
                   ((quote - ones) & ~quote) |
                   ((backslash - ones) & ~backslash) | ((del - ones) & ~del);

    odd |= known ? (c2 - ones) & ~c2 : bytes;
    return (odd & ones * 0x80) == 0;
}

/* The same of one byte, as sets of 256: without '"', '\\', DEL and what is
 * below the blank; the first also without what is beyond ASCII, the second
 * without 0xc2. */
static inline bool
is_plain(unsigned char c, bool known)
{
    static const uint64_t plain[2][4] = {
        {0xfffffffb00000000, 0x7fffffffefffffff, 0, 0},
        {0xfffffffb00000000, 0x7fffffffefffffff, UINT64_MAX,
         UINT64_MAX & ~(UINT64_C(1) << (0xc2 - 192))},
    };

    return plain[known][c >> 6] >> (c & 63) & 1;
}

/* The bytes of `*text`, at most 31, up to the first that does not stand for
 * itself. */
static inline char *
write_plain(char *out, struct str *text, bool known)
{
    uint64_t eight;
    bool behind = false; /* eight bytes have just been written */

    while (text->len >= 8) {
        memcpy(&eight, text->at, 8);
        behind = eight_plain(eight, known);
        if (!behind)
            break;
        memcpy(out, &eight, 8);
        out += 8;
        text->at += 8;
        text->len -= 8;
    }
    if (behind && text->len > 0) { /* the last eight, some of them again */
        memcpy(&eight, text->at + text->len - 8, 8);
        if (eight_plain(eight, known)) {
            out += text->len;
            memcpy(out - 8, &eight, 8);
            text->at += text->len;
            text->len = 0;
        }
    }
    while (text->len > 0 && is_plain((unsigned char)*text->at, known)) {
        *out++ = *text->at++;
        text->len--;
    }
    return out;
}

#ifdef __SSE2__
/* A mask of the bytes in `piece` that do not stand for themselves; `*quotes`
 * those of them that only need a backslash. As signed numbers, bytes beyond
 * ASCII are below the blank. */
static inline unsigned
odd_bytes(__m128i piece, bool known, unsigned *quotes)
{
    __m128i quote = _mm_or_si128(_mm_cmpeq_epi8(piece, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(piece, _mm_set1_epi8('\\')));
    __m128i odd = _mm_cmpeq_epi8(piece, _mm_set1_epi8(0x7f));

    if (known)
        odd = _mm_or_si128(
            _mm_or_si128(odd, _mm_cmpeq_epi8(piece, _mm_set1_epi8('\xc2'))),
            _mm_cmpeq_epi8(_mm_min_epu8(piece, _mm_set1_epi8(0x1f)), piece));
    else
        odd = _mm_or_si128(odd, _mm_cmplt_epi8(piece, _mm_set1_epi8(0x20)));
    *quotes = (unsigned)_mm_movemask_epi8(quote);
    return *quotes | (unsigned)_mm_movemask_epi8(odd);
}

/* Writes the next 16 bytes of `*text`, or those before the first character
 * that must be looked at by itself. `*text` has at least 32. Each quotation
 * mark is followed by a copy of all that comes after it, shifted by one. */
static inline char *
write_piece(char *out, struct str *text, bool known)
{
    const char *at = text->at;
    __m128i piece = _mm_loadu_si128((const __m128i *)at);
    unsigned quotes, odd = odd_bytes(piece, known, &quotes), plain = 16, others;

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

/* All up to the next character that must be looked at by itself; false when
 * there is none yet. */
static inline bool
write_run(char **out, struct str *text, bool known)
{
#ifdef __SSE2__
    if (text->len >= 32) {
        const char *before = text->at;

        *out = write_piece(*out, text, known);
        return text->at - before < 16;
    }
#endif
    struct str some = {text->at, text->len < 31 ? text->len : 31};
    size_t len = some.len;

    *out = write_plain(*out, &some, known);
    text->at = some.at;
    text->len -= len - some.len;
    return some.len > 0;
}

void
pen_json(struct pen *pen, struct str s)
{
    char *out = slack(pen, pen->at);
    bool known = false, asked = s.len < 32; /* short: not worth asking */
    size_t used;

    *out++ = '"';
    while (s.len > 0) {
        out = slack(pen, out);
        if (!write_run(&out, &s, known))
            continue;
        if (!asked && (unsigned char)*s.at >= 0x80) {
            asked = true;
            known = json_is_utf8(s);
            if (known)
                continue;
        }
        out = write_character(out, s.at, s.len, &used);
        s.at += used;
        s.len -= used;
    }
    *out++ = '"'; /* there is room: a turn takes at most half of the slack */
    pen->at = out;
}

void
pen_i64(struct pen *pen, int64_t n)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324"
        "25262728293031323334353637383940414243444546474849"
        "50515253545556575859606162636465666768697071727374"
        "75767778798081828384858687888990919293949596979899";
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    char digits[20];
    size_t from = sizeof digits;

    for (; left >= 100; left /= 100) {
        from -= 2;
        memcpy(digits + from, pairs + left % 100 * 2, 2);
    }
    if (left >= 10) {
        from -= 2;
        memcpy(digits + from, pairs + left * 2, 2);
    } else {
        digits[--from] = (char)('0' + left);
    }
    if (n < 0)
        digits[--from] = '-';
    pen_bytes(pen, digits + from, sizeof digits - from);
}
