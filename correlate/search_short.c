/* SPDX-License-Identifier: Apache-2.0
 *
 * Literals of one or two bytes, a frame's byte included: too short for grams,
 * and so common in values that each would be found at many places. Each has a
 * bit; two tables by byte, one for where a literal begins and one for what
 * follows, tell of every pair of bytes which literals it is. The frame stands
 * at the ends only, whatever a sender puts between them, so literals that have
 * it are looked for there. */
#include "search_short.h"

#include <string.h>

enum { N_BYTES = 256 };

static void
put(struct short_search *search, struct str text, uint32_t number)
{
    uint32_t n = search->n_words, word = number / 64;
    uint64_t bit = UINT64_C(1) << number % 64;
    size_t a = (unsigned char)text.at[0] * (size_t)n + word;
    size_t b = (unsigned char)text.at[text.len - 1] * (size_t)n + word;
    if (text.len == 1) {
        search->first[a] |= bit;
        search->single[word] |= bit;
        for (size_t i = 0; i < N_BYTES; i++)
            search->second[i * n + word] |= bit;
    } else if (text.at[0] == FRAME && text.at[1] == FRAME) {
        search->empty[word] |= bit;
    } else if (text.at[0] == FRAME) {
        search->begin[b] |= bit;
    } else if (text.at[1] == FRAME) {
        search->end[a] |= bit;
    } else {
        search->first[a] |= bit;
        search->second[b] |= bit;
    }
}

const struct short_search *
short_search_make(struct arena *arena, const struct search_entry *entry,
                  uint32_t n)
{
    struct short_search *search = arena_take(arena, 1, sizeof *search);
    uint32_t n_words = n <= 64 ? 1 : MAX_SHORT_WORDS;
    uint64_t *words =
        arena_take(arena, n_words * (4 * (size_t)N_BYTES + 2), sizeof *words);
    if (!search || !words)
        return NULL;
    search->n_words = n_words;
    search->first = words;
    search->second = search->first + (size_t)N_BYTES * n_words;
    search->begin = search->second + (size_t)N_BYTES * n_words;
    search->end = search->begin + (size_t)N_BYTES * n_words;
    search->single = search->end + (size_t)N_BYTES * n_words;
    search->empty = search->single + n_words;
    for (uint32_t i = 0; i < n; i++) {
        put(search, (struct str){entry[i].text, entry[i].len}, i);
        search->predicate[i] = entry[i].predicate;
    }
    return search;
}

/* Which of them stand in the framed `text`, which is not empty. `n` is written
 * where it is called: the loops over words are none. */
static inline __attribute__((always_inline)) void
find(const struct short_search *search, struct str text, uint64_t *bits,
     size_t n)
{
    const unsigned char *at = (const unsigned char *)text.at;
    const uint64_t *first = search->first, *second = search->second;
    size_t last = text.len - 2; /* before the frame at the end */
    for (size_t w = 0; w < n; w++)
        bits[w] = search->begin[at[1] * n + w] | search->end[at[last] * n + w];
    for (size_t i = 1; i < last; i++)
        for (size_t w = 0; w < n; w++)
            bits[w] |= first[at[i] * n + w] & second[at[i + 1] * n + w];
    for (size_t w = 0; w < n; w++) /* what is one byte may be the last */
        bits[w] |= first[at[last] * n + w] & search->single[w];
}

void
short_search_run(const struct short_search *search, struct str text,
                 const struct search_hits *hits)
{
    uint64_t bits[MAX_SHORT_WORDS];
    if (text.len == 2)
        memcpy(bits, search->empty, search->n_words * sizeof *bits);
    else if (search->n_words == 1)
        find(search, text, bits, 1);
    else
        find(search, text, bits, MAX_SHORT_WORDS);
    for (uint32_t w = 0; w < search->n_words; w++)
        for (; bits[w] != 0; bits[w] &= bits[w] - 1) {
            uint32_t i = w * 64 + (uint32_t)__builtin_ctzll(bits[w]);
            hits->found(hits->context, search->predicate[i]);
        }
}
