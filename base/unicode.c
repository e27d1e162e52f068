/* SPDX-License-Identifier: Apache-2.0
 *
 * Case folding and canonical composition, by tables of runs (Unicode Standard
 * 3.13, UAX #15). Both leave plain ASCII alone before anything else: that is
 * nearly all there is. */
#include "base/unicode.h"

#include "unicode_priv.h"

#include <string.h>

enum { MAX_MARKS = 30, NOT_UTF8 = 0x110000 };

/* --- UTF-8 */

/* Bytes of the code point that begins with `c`; 0: none does. */
static size_t
len_by_first(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

uint32_t
unicode_at(struct str s, size_t *n)
{
    unsigned char first = (unsigned char)s.at[0];
    size_t len = len_by_first(first);
    *n = 1;
    if (len == 1)
        return first;
    if (len == 0 || len > s.len)
        return NOT_UTF8 + first;
    uint32_t c = first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)s.at[i];
        if ((next & 0xc0) != 0x80)
            return NOT_UTF8 + first;
        c = c << 6 | (next & 0x3fu);
    }
    *n = len;
    return c;
}

static char *
put(char *at, uint32_t c)
{
    if (c >= NOT_UTF8) {
        *at++ = (char)(c - NOT_UTF8);
    } else if (c < 0x80) {
        *at++ = (char)c;
    } else if (c < 0x800) {
        *at++ = (char)(0xc0 | c >> 6);
        *at++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *at++ = (char)(0xe0 | c >> 12);
        *at++ = (char)(0x80 | (c >> 6 & 0x3f));
        *at++ = (char)(0x80 | (c & 0x3f));
    } else {
        *at++ = (char)(0xf0 | c >> 18);
        *at++ = (char)(0x80 | (c >> 12 & 0x3f));
        *at++ = (char)(0x80 | (c >> 6 & 0x3f));
        *at++ = (char)(0x80 | (c & 0x3f));
    }
    return at;
}

/* --- case */

static uint32_t
fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    size_t low = 0, high = n_fold_runs;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct fold_run *run = &fold_runs[mid];
        if (c > run->last)
            low = mid + 1;
        else if (c < run->first)
            high = mid;
        else
            return (c - run->first) % (uint32_t)run->step == 0
                       ? (uint32_t)((int32_t)c + run->add)
                       : c;
    }
    return c;
}

enum { BLOCK = 16 };

/* Folds blocks that are all ASCII, as far as they come; the bytes done. A
 * byte's highest bit tells whether it is one, and is free for the sum that
 * tells whether it is a capital. */
static size_t
fold_blocks(const char *from, size_t len, char *to)
{
    const uint64_t each = UINT64_C(0x0101010101010101), high = each << 7;
    uint64_t word[2];
    size_t done = 0;
    for (; done + BLOCK <= len; done += BLOCK) {
        memcpy(word, from + done, BLOCK);
        if ((word[0] | word[1]) & high)
            break;
        for (int i = 0; i < 2; i++) {
            uint64_t from_a = word[i] + each * (0x80 - 'A');
            uint64_t past_z = word[i] + each * (0x80 - 'Z' - 1);
            word[i] += ((from_a ^ past_z) & high) >> 2;
        }
        memcpy(to + done, word, BLOCK);
    }
    return done;
}

char *
str_fold_to(struct str s, char *to)
{
    size_t i = 0, n;
    /* ASCII from end to end: the last block may overlap the one before */
    if (s.len >= BLOCK) {
        size_t whole = s.len - s.len % BLOCK, last = s.len - BLOCK;
        if (fold_blocks(s.at, whole, to) == whole &&
            fold_blocks(s.at + last, BLOCK, to + last) == BLOCK)
            return to + s.len;
    }
    while (i < s.len) {
        size_t done = fold_blocks(s.at + i, s.len - i, to);
        i += done;
        to += done;
        /* up to the end, or to where blocks may be ASCII again */
        for (size_t end = i + BLOCK; i < s.len && i < end; i += n) {
            unsigned char c = (unsigned char)s.at[i];
            n = 1;
            if (c < 0x80)
                *to++ = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
            else
                to = put(to, fold(unicode_at(str_cut(s, i, s.len), &n)));
        }
    }
    return to;
}

/* Whether it is all ASCII without capitals. */
static bool
is_folded(struct str s)
{
    bool folded = true;
    for (size_t i = 0; i < s.len && folded; i++)
        folded =
            (unsigned char)s.at[i] < 0x80 && (s.at[i] < 'A' || s.at[i] > 'Z');
    return folded;
}

struct str
str_fold(struct str s, struct arena *arena)
{
    struct arena before = *arena;
    if (is_folded(s))
        return s;
    char *start = arena_take_raw(arena, s.len, FOLD_GROWTH);
    if (!start)
        return NO_STR;
    size_t len = (size_t)(str_fold_to(s, start) - start);
    if (len != s.len || (len > 0 && memcmp(start, s.at, len) != 0))
        return (struct str){start, len};
    *arena = before;
    return s;
}

/* --- composition */

/* The canonical combining class; 0: begins a letter. */
static unsigned
class_of(uint32_t c)
{
    size_t low = 0, high = n_mark_runs;
    if (c < mark_runs[0].first)
        return 0;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > mark_runs[mid].last)
            low = mid + 1;
        else if (c < mark_runs[mid].first)
            high = mid;
        else
            return mark_runs[mid].class;
    }
    return 0;
}

static const struct parts *
parts_of(uint32_t c)
{
    size_t low = 0, high = n_decompositions;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c > decompositions[mid].whole)
            low = mid + 1;
        else if (c < decompositions[mid].whole)
            high = mid;
        else
            return &decompositions[mid];
    }
    return NULL;
}

/* Hangul is arithmetic (Unicode Standard 3.12). */
enum { S = 0xac00, L = 0x1100, V = 0x1161, T = 0x11a7 };
enum { N_L = 19, N_V = 21, N_T = 28, N_S = N_L * N_V * N_T };

/* The letter that two make, or 0. */
static uint32_t
whole_of(uint32_t first, uint32_t second)
{
    if (first >= L && first < L + N_L && second >= V && second < V + N_V)
        return S + ((first - L) * N_V + (second - V)) * N_T;
    if (first >= S && first < S + N_S && (first - S) % N_T == 0 && second > T &&
        second < T + N_T)
        return first + (second - T);
    size_t low = 0, high = n_compositions;
    while (low < high) {
        size_t mid = (low + high) / 2;
        const struct parts *parts = &decompositions[compositions[mid]];
        if (first > parts->first ||
            (first == parts->first && second > parts->second))
            low = mid + 1;
        else if (first == parts->first && second == parts->second)
            return parts->whole;
        else
            high = mid;
    }
    return 0;
}

/* A letter and its marks, taken apart. */
struct cluster {
    uint32_t c[MAX_MARKS + 8];
    size_t n;
};

static void
take_apart(struct cluster *cluster, uint32_t c)
{
    const struct parts *parts;
    uint32_t tail[8];
    size_t n_tail = 0;
    if (c >= S && c < S + N_S) {
        uint32_t i = c - S;
        cluster->c[cluster->n++] = L + i / (N_V * N_T);
        cluster->c[cluster->n++] = V + i % (N_V * N_T) / N_T;
        if (i % N_T != 0)
            cluster->c[cluster->n++] = T + i % N_T;
        return;
    }
    while (n_tail < sizeof tail / sizeof *tail &&
           (parts = parts_of(c)) != NULL) {
        if (parts->second != 0)
            tail[n_tail++] = parts->second;
        c = parts->first;
    }
    cluster->c[cluster->n++] = c;
    while (n_tail > 0)
        cluster->c[cluster->n++] = tail[--n_tail];
}

/* Marks by class, those of one class in their order. */
static void
order_marks(struct cluster *cluster)
{
    for (size_t i = 1; i < cluster->n; i++) {
        uint32_t c = cluster->c[i];
        unsigned class = class_of(c);
        size_t j = i;
        while (class != 0 && j > 0 && class_of(cluster->c[j - 1]) > class) {
            cluster->c[j] = cluster->c[j - 1];
            j--;
        }
        cluster->c[j] = c;
    }
}

/* Every mark that nothing of its own class stands before joins its letter. */
static void
put_together(struct cluster *cluster)
{
    size_t starter = 0, n = 1;
    unsigned last = class_of(cluster->c[0]);
    bool has_starter = last == 0;
    for (size_t i = 1; i < cluster->n; i++) {
        uint32_t c = cluster->c[i];
        unsigned class = class_of(c);
        bool open = n == starter + 1 || (class != 0 && last < class);
        uint32_t whole =
            has_starter && open ? whole_of(cluster->c[starter], c) : 0;
        if (whole != 0) {
            cluster->c[starter] = whole;
            continue;
        }
        if (class == 0) {
            starter = n;
            has_starter = true;
        }
        last = class;
        cluster->c[n++] = c;
    }
    cluster->n = n;
}

/* A mark, or a letter that may join the one before it. */
static bool
may_join(uint32_t c)
{
    return c >= 0x300 &&
           (class_of(c) != 0 || (c >= V && c < T + N_T) ||
            (c >= 0x900 && c < 0x3100) || (c >= 0x11000 && c < 0x12000));
}

struct str
str_compose(struct str s, struct arena *arena)
{
    size_t same = 0;
    while (same < s.len && (unsigned char)s.at[same] < 0x80)
        same++;
    if (same == s.len)
        return s;
    same -= same > 0; /* a mark may follow */
    char *start = arena_take_raw(arena, s.len + 4, 3), *at = start;
    if (!start)
        return NO_STR;
    memcpy(at, s.at, same);
    at += same;
    for (size_t i = same, n; i < s.len;) {
        struct cluster cluster = {.n = 0};
        uint32_t c = unicode_at(str_cut(s, i, s.len), &n);
        do {
            take_apart(&cluster, c);
            i += n;
            if (i < s.len)
                c = unicode_at(str_cut(s, i, s.len), &n);
        } while (i < s.len && cluster.n < MAX_MARKS && may_join(c));
        order_marks(&cluster);
        put_together(&cluster);
        for (size_t j = 0; j < cluster.n; j++)
            at = put(at, cluster.c[j]);
    }
    return (struct str){start, (size_t)(at - start)};
}
