/* SPDX-License-Identifier: Apache-2.0
 *
 * Words as people write them, made comparable: letter case, and whether a
 * Vietnamese letter is one code point or a letter with combining marks (NFC,
 * NFD, or the marks in another order), make no difference. Every letter
 * becomes its plain ASCII letter, followed by one byte 0x80 | marks if it has
 * any; that byte cannot be taken for UTF-8, where such a byte never follows
 * ASCII. Letters of other scripts stay as they are. */
#include "ingest/source_priv.h"

#include <string.h>

enum {
    CIRCUMFLEX = 1,
    BREVE = 2,
    HORN = 3,
    HAT_MASK = 3,
    GRAVE = 1 << 2,
    ACUTE = 2 << 2,
    HOOK = 3 << 2,
    TILDE = 4 << 2,
    DOT = 5 << 2,
    TONE_MASK = 7 << 2,
    STROKE = 1 << 5,
};

struct letter {
    char base;
    unsigned char marks;
};

/* U+1EA0 to U+1EF9 (Unicode, Latin Extended Additional): capital and small
 * alternate, so one entry for each two. */
static const struct letter additional[] = {
    {'a', DOT},
    {'a', HOOK},
    {'a', CIRCUMFLEX | ACUTE},
    {'a', CIRCUMFLEX | GRAVE},
    {'a', CIRCUMFLEX | HOOK},
    {'a', CIRCUMFLEX | TILDE},
    {'a', CIRCUMFLEX | DOT},
    {'a', BREVE | ACUTE},
    {'a', BREVE | GRAVE},
    {'a', BREVE | HOOK},
    {'a', BREVE | TILDE},
    {'a', BREVE | DOT},
    {'e', DOT},
    {'e', HOOK},
    {'e', TILDE},
    {'e', CIRCUMFLEX | ACUTE},
    {'e', CIRCUMFLEX | GRAVE},
    {'e', CIRCUMFLEX | HOOK},
    {'e', CIRCUMFLEX | TILDE},
    {'e', CIRCUMFLEX | DOT},
    {'i', HOOK},
    {'i', DOT},
    {'o', DOT},
    {'o', HOOK},
    {'o', CIRCUMFLEX | ACUTE},
    {'o', CIRCUMFLEX | GRAVE},
    {'o', CIRCUMFLEX | HOOK},
    {'o', CIRCUMFLEX | TILDE},
    {'o', CIRCUMFLEX | DOT},
    {'o', HORN | ACUTE},
    {'o', HORN | GRAVE},
    {'o', HORN | HOOK},
    {'o', HORN | TILDE},
    {'o', HORN | DOT},
    {'u', DOT},
    {'u', HOOK},
    {'u', HORN | ACUTE},
    {'u', HORN | GRAVE},
    {'u', HORN | HOOK},
    {'u', HORN | TILDE},
    {'u', HORN | DOT},
    {'y', GRAVE},
    {'y', DOT},
    {'y', HOOK},
    {'y', TILDE},
};

/* Those of Latin-1 and Latin Extended-A and -B; small letters only. */
static const struct {
    uint16_t point;
    struct letter letter;
} others[] = {
    {0xe0, {'a', GRAVE}},      {0xe1, {'a', ACUTE}},  {0xe2, {'a', CIRCUMFLEX}},
    {0xe3, {'a', TILDE}},      {0xe8, {'e', GRAVE}},  {0xe9, {'e', ACUTE}},
    {0xea, {'e', CIRCUMFLEX}}, {0xec, {'i', GRAVE}},  {0xed, {'i', ACUTE}},
    {0xf2, {'o', GRAVE}},      {0xf3, {'o', ACUTE}},  {0xf4, {'o', CIRCUMFLEX}},
    {0xf5, {'o', TILDE}},      {0xf9, {'u', GRAVE}},  {0xfa, {'u', ACUTE}},
    {0xfd, {'y', ACUTE}},      {0x103, {'a', BREVE}}, {0x111, {'d', STROKE}},
    {0x129, {'i', TILDE}},     {0x169, {'u', TILDE}}, {0x1a1, {'o', HORN}},
    {0x1b0, {'u', HORN}},
};

static bool
letter_of(uint32_t point, struct letter *letter)
{
    if (point >= 0x1ea0 && point <= 0x1ef9) {
        *letter = additional[(point - 0x1ea0) / 2];
        return true;
    }
    if (point >= 0xc0 && point <= 0xde)
        point += 0x20;
    else if (point == 0x102 || point == 0x110 || point == 0x128 ||
             point == 0x168 || point == 0x1a0 || point == 0x1af)
        point++;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].point == point) {
            *letter = others[i].letter;
            return true;
        }
    return false;
}

static unsigned char
mark_of(uint32_t point)
{
    switch (point) {
    case 0x300:
        return GRAVE;
    case 0x301:
        return ACUTE;
    case 0x302:
        return CIRCUMFLEX;
    case 0x303:
        return TILDE;
    case 0x306:
        return BREVE;
    case 0x309:
        return HOOK;
    case 0x31b:
        return HORN;
    case 0x323:
        return DOT;
    default:
        return 0;
    }
}

/* The code point at `at`, two or three bytes long (all we look for); 0 for
 * anything else, which then stays as it is. */
static uint32_t
point_at(const unsigned char *at, size_t len, size_t *used)
{
    if (len >= 2 && at[0] >= 0xc3 && at[0] <= 0xdf && (at[1] & 0xc0) == 0x80) {
        *used = 2;
        return (at[0] & 0x1fu) << 6 | (at[1] & 0x3fu);
    }
    if (len >= 3 && at[0] == 0xe1 && (at[1] & 0xc0) == 0x80 &&
        (at[2] & 0xc0) == 0x80) {
        *used = 3;
        return 0x1000u | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    }
    *used = 1;
    return 0;
}

struct folding {
    char *at;
    size_t len, max;
    bool full;
    char base; /* the letter marks may still be added to, or 0 */
    unsigned char marks;
};

static void
fold_byte(struct folding *folding, char c)
{
    if (folding->len == folding->max)
        folding->full = true;
    else
        folding->at[folding->len++] = c;
}

static void
fold_letter(struct folding *folding)
{
    if (folding->base != 0)
        fold_byte(folding, folding->base);
    if (folding->base != 0 && folding->marks != 0)
        fold_byte(folding, (char)(0x80 | folding->marks));
    folding->base = 0;
    folding->marks = 0;
}

/* Folds ASCII up to the first other byte; returns how far it came. */
static size_t
fold_ascii(struct str text, char *folded)
{
    size_t i = 0;
    for (; i < text.len && (text.at[i] & 0x80) == 0; i++) {
        char c = text.at[i];
        folded[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return i;
}

size_t
word_fold(struct str text, char *folded, size_t max)
{
    struct folding folding = {.at = folded, .max = max};
    text = str_trim(text);
    if (text.len <= max && fold_ascii(text, folded) == text.len)
        return text.len;
    for (size_t i = 0, used = 1; i < text.len && !folding.full; i += used) {
        const unsigned char *at = (const unsigned char *)text.at + i;
        used = 1;
        if (at[0] == '\0') { /* no letter, and no mark goes with it */
            fold_letter(&folding);
            fold_byte(&folding, '\0');
            continue;
        }
        if (at[0] < 0x80) {
            fold_letter(&folding);
            folding.base =
                (char)(at[0] >= 'A' && at[0] <= 'Z' ? at[0] + 32 : at[0]);
            continue;
        }
        uint32_t point = point_at(at, text.len - i, &used);
        unsigned char mark = mark_of(point);
        struct letter letter;
        if (mark != 0 && folding.base != 0) {
            unsigned char mask = mark <= HAT_MASK ? HAT_MASK : TONE_MASK;
            folding.marks = (unsigned char)((folding.marks & ~mask) | mark);
            continue;
        }
        fold_letter(&folding);
        if (letter_of(point, &letter)) {
            folding.base = letter.base;
            folding.marks = letter.marks;
            continue;
        }
        for (size_t j = 0; j < used; j++)
            fold_byte(&folding, (char)at[j]);
    }
    fold_letter(&folding);
    return folding.full ? 0 : folding.len;
}

static uint64_t
word_hash(struct str folded)
{
    uint64_t hash = folded.len * UINT64_C(0x9e3779b97f4a7c15), word;
    size_t i = 0;
    for (; i + 8 <= folded.len; i += 8) {
        memcpy(&word, folded.at + i, 8);
        hash = (hash ^ word) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 31;
    }
    word = 0;
    if (i < folded.len)
        memcpy(&word, folded.at + i, folded.len - i);
    hash = (hash ^ word) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

bool
word_set_take(struct word_set *set, size_t n, struct arena *arena)
{
    uint64_t size = 4;
    while (size < 3 * (uint64_t)n)
        size *= 2;
    set->mask = size - 1;
    set->word = arena_take(arena, n + 1, sizeof *set->word);
    set->bucket = arena_take(arena, size, sizeof *set->bucket);
    return set->word && set->bucket;
}

uint32_t
word_set_find(const struct word_set *set, struct str folded)
{
    if (set->n == 0)
        return 0;
    uint64_t at = word_hash(folded) & set->mask;
    for (; set->bucket[at] != 0; at = (at + 1) & set->mask)
        if (str_equal(set->word[set->bucket[at]], folded))
            return set->bucket[at];
    return 0;
}

uint32_t
word_set_add(struct word_set *set, struct str text, struct arena *arena)
{
    char folded[MAX_FIELD_BYTES];
    struct str word = {.at = folded,
                       .len = word_fold(text, folded, sizeof folded)};
    if (word_set_find(set, word) != 0)
        return 0;
    set->word[++set->n] = arena_copy(arena, word);
    uint64_t at = word_hash(word) & set->mask;
    while (set->bucket[at] != 0)
        at = (at + 1) & set->mask;
    set->bucket[at] = set->n;
    return set->n;
}
