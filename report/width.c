/* SPDX-License-Identifier: Apache-2.0
 *
 * How wide text stands on a terminal, and text made safe to stand there. Names
 * of rules and hosts come from outside: control characters and the marks that
 * turn text around become U+FFFD. Ranges after Unicode 15 (EastAsianWidth W
 * and F, general category Mn of the blocks that occur in text). */
#include "report/document_priv.h"

#define REPLACED 0xFFFD

struct range {
    uint32_t from, to;
};

static const struct range nothing[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x064B, 0x065F},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},
    {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static const struct range wide[] = {
    {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},
    {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
    {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

/* Controls, invisible signs, and what changes the direction of writing. */
static const struct range hostile[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F},   {0x00AD, 0x00AD}, {0x061C, 0x061C},
    {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
};

static bool
among(uint32_t character, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (character >= ranges[i].from && character <= ranges[i].to)
            return true;
    return false;
}

#define AMONG(character, ranges)                                               \
    among(character, ranges, sizeof(ranges) / sizeof((ranges)[0]))

/* Length of the sequence a first byte announces; 0: none. */
static size_t
sequence_len(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    if (first >= 0xF0 && first <= 0xF4)
        return 4;
    return 0;
}

uint32_t
width_next(struct str s, size_t *i)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)s.at[*i];
    size_t len = sequence_len(first);
    size_t at = *i;
    (*i)++;
    if (len == 0 || s.len - at < len)
        return REPLACED;
    uint32_t character = len == 1 ? first : first & (0x7Fu >> len);
    for (size_t k = 1; k < len; k++) {
        unsigned char byte = (unsigned char)s.at[at + k];
        if ((byte & 0xC0) != 0x80)
            return REPLACED;
        character = character << 6 | (byte & 0x3F);
    }
    if (character < least[len] || character > 0x10FFFF ||
        (character >= 0xD800 && character <= 0xDFFF))
        return REPLACED;
    *i = at + len;
    return AMONG(character, hostile) ? REPLACED : character;
}

int
width_of(uint32_t character)
{
    if (character < 0x300)
        return 1;
    if (AMONG(character, nothing))
        return 0;
    return AMONG(character, wide) ? 2 : 1;
}

size_t
width_str(struct str s)
{
    size_t width = 0;
    for (size_t i = 0; i < s.len;)
        width += (size_t)width_of(width_next(s, &i));
    return width;
}

void
buf_printable(struct buf *buf, struct str s)
{
    for (size_t i = 0; i < s.len;) {
        size_t from = i;
        if (width_next(s, &i) == REPLACED)
            buf_add(buf, STR("\xEF\xBF\xBD"));
        else
            buf_add(buf, str_cut(s, from, i));
    }
}
