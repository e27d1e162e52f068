/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 and Base64. Three bytes make four letters, so bytes that begin one or
 * two into a group share their first letter with what stands before them, and
 * their last with what comes after: those letters are cut off. */
#include "correlate/encode.h"

#include "base/unicode.h"

#include <string.h>

static char *
put_unit(char *at, uint32_t unit, bool big)
{
    *at++ = (char)(big ? unit >> 8 : unit & 0xff);
    *at++ = (char)(big ? unit & 0xff : unit >> 8);
    return at;
}

struct str
encode_utf16(struct str text, enum utf16 form, struct arena *arena)
{
    char *start = arena_take_raw(arena, text.len + 1, 2), *at = start;
    bool big = form == UTF16_BE;
    if (!start)
        return NO_STR;
    if (form == UTF16_BOM)
        at = put_unit(at, 0xfeff, false);
    for (size_t i = 0, n; i < text.len; i += n) {
        uint32_t c = unicode_at(str_cut(text, i, text.len), &n);
        if (c >= 0x110000)
            c = 0xfffd;
        if (c >= 0x10000) {
            at = put_unit(at, 0xd800 + ((c - 0x10000) >> 10), big);
            c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
        at = put_unit(at, c, big);
    }
    return (struct str){start, (size_t)(at - start)};
}

struct str
encode_base64(struct str bytes, struct arena *arena)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";
    char *start = arena_take_raw(arena, bytes.len / 3 + 1, 4), *at = start;
    if (!start)
        return NO_STR;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        unsigned char three[3] = {0, 0, 0};
        memcpy(three, bytes.at + i, n);
        uint32_t group =
            (uint32_t)three[0] << 16 | (uint32_t)three[1] << 8 | three[2];
        *at++ = letters[group >> 18];
        *at++ = letters[group >> 12 & 63];
        *at++ = n > 1 ? letters[group >> 6 & 63] : '=';
        *at++ = n > 2 ? letters[group & 63] : '=';
    }
    return (struct str){start, (size_t)(at - start)};
}

struct str
encode_base64_at(struct str bytes, unsigned offset, struct arena *arena)
{
    static const size_t cut_front[] = {0, 2, 3}, cut_back[] = {0, 3, 2};
    char *padded = arena_take_raw(arena, bytes.len + offset + 1, 1);
    if (!padded)
        return NO_STR;
    memset(padded, 0, offset);
    memcpy(padded + offset, bytes.at, bytes.len);
    size_t len = offset + bytes.len;
    struct str text = encode_base64((struct str){padded, len}, arena);
    if (!text.at)
        return NO_STR;
    size_t to = text.len - cut_back[len % 3];
    size_t from = cut_front[offset];
    return from < to ? str_cut(text, from, to) : STR("");
}
