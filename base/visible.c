/* SPDX-License-Identifier: Apache-2.0
 *
 * Characters for people's eyes. What reorders or hides text is taken out
 * (Unicode 15, UAX #9, 2.1 to 2.4, and the zero-width characters), so that a
 * stranger's text cannot be read as another one. */
#include "base/visible.h"

#include "base/unicode.h"

uint32_t
visible_next(struct str *rest)
{
    size_t n;
    uint32_t code = unicode_at(*rest, &n);
    *rest = str_cut(*rest, n, rest->len);
    return code < 0x110000 ? code : VISIBLE_INVALID;
}

static bool
is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
           code == 0x2029;
}

static bool
is_hidden(uint32_t code)
{
    return code == 0xad || code == 0x61c || code == 0x180e ||
           (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff9 && code <= 0xfffb) || code >= 0xe0000;
}

void
buf_visible(struct buf *buf, struct str text, size_t max)
{
    static const char dots[] = "…";
    size_t begin = buf->len;
    size_t cut = begin; /* where dots would still fit */
    while (text.len > 0) {
        struct str before = text;
        uint32_t code = visible_next(&text);
        struct str bytes = str_cut(before, 0, before.len - text.len);
        if (is_hidden(code))
            continue;
        if (is_control(code))
            bytes = STR(" ");
        else if (code == VISIBLE_INVALID)
            bytes = STR("\xef\xbf\xbd");
        if (buf->len - begin + bytes.len > max) {
            buf->len = cut;
            buf_add(buf, str_of(dots));
            return;
        }
        buf_add(buf, bytes);
        if (buf->len - begin + sizeof dots - 1 <= max)
            cut = buf->len;
    }
}

/* U+00C0 to U+017F, and U+1EA0 to U+1EF9: the letter without its marks. */
static const char latin[] =
    "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlL"
    "lLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
static const char vietnamese[] =
    "AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOo"
    "OoOoUuUuUuUuUuUuUuYyYyYyYy";

static char
unmarked(uint32_t code)
{
    if (code >= 0xc0 && code < 0x180)
        return latin[code - 0xc0];
    if (code >= 0x1ea0 && code < 0x1efa)
        return vietnamese[code - 0x1ea0];
    switch (code) {
    case 0x1a0: /* Ơ */
        return 'O';
    case 0x1a1:
        return 'o';
    case 0x1af: /* Ư */
        return 'U';
    case 0x1b0:
        return 'u';
    case 0xa0:
    case 0x202f:
        return ' ';
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return '-';
    case 0x2018:
    case 0x2019:
        return '\'';
    case 0x201c:
    case 0x201d:
        return '"';
    default:
        return '?';
    }
}

void
buf_unmarked(struct buf *buf, struct str text)
{
    while (text.len > 0) {
        uint32_t code = visible_next(&text);
        bool mark = code >= 0x300 && code < 0x370; /* combining */
        if (code == 0x2026)
            buf_add(buf, STR("..."));
        else if (is_control(code))
            buf_char(buf, ' ');
        else if (!mark && !is_hidden(code))
            buf_char(buf, code < 0x80 ? (char)code : unmarked(code));
    }
}

void
buf_base64(struct buf *buf, struct str bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = (const unsigned char *)bytes.at;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned n = (unsigned)at[i] << 16;
        n |= left > 1 ? (unsigned)at[i + 1] << 8 : 0;
        n |= left > 2 ? at[i + 2] : 0;
        buf_char(buf, digits[n >> 18]);
        buf_char(buf, digits[n >> 12 & 63]);
        buf_char(buf, left > 1 ? digits[n >> 6 & 63] : '=');
        buf_char(buf, left > 2 ? digits[n & 63] : '=');
    }
}
