/* SPDX-License-Identifier: Apache-2.0
 *
 * The escapes of JSON strings. What is unescaped is never longer than what was
 * written (the longest, six bytes for one character, gives three), so the
 * caller needs no other bound than the length of the string. */
#include <string.h>

#include "json_priv.h"

/* Four hexadecimal digits, or -1. */
static int
read_hex4(const char *at, const char *end)
{
    if (end - at < 4)
        return -1;
    int n = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i], lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            n = n * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            n = n * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return n;
}

static char *
put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* What follows "\u", surrogate pairs joined; *at moves past it. A surrogate
 * alone is no character: refused. */
static bool
read_code_point(const char **at, const char *end, uint32_t *c)
{
    int high = read_hex4(*at, end);
    if (high < 0)
        return false;
    *at += 4;
    *c = (uint32_t)high;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (high > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return false;
    int low = read_hex4(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return false;
    *at += 6;
    *c = 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(low - 0xdc00);
    return true;
}

/* What "\c" stands for, or NUL when it is no such escape. */
static char
escaped_char(char c)
{
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* What stands before the next backslash, if anything. */
static char *
copy_plain(char *to, const char **at, const char *end)
{
    const char *escape = memchr(*at, '\\', (size_t)(end - *at));
    size_t n = (size_t)((escape ? escape : end) - *at);
    memcpy(to, *at, n);
    *at += n;
    return to + n;
}

char *
json_unescape(char *to, const char *at, const char *end)
{
    while (at < end) {
        if (*at != '\\') {
            to = copy_plain(to, &at, end);
            continue;
        }
        if (end - at < 2)
            return NULL;
        char c = escaped_char(at[1]);
        uint32_t code = 0;
        at += 2;
        if (c)
            *to++ = c;
        else if (at[-1] == 'u' && read_code_point(&at, end, &code))
            to = put_utf8(to, code);
        else
            return NULL;
    }
    return to;
}
