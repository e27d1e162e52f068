/* SPDX-License-Identifier: Apache-2.0
 *
 * All literals of a field, found in one pass over a value. A literal is known
 * by three of its bytes that few other literals have (its gram): the pass
 * hashes every three bytes of the value, and where a bit says that some gram
 * has this hash, compares the literals of that gram. The bits are few enough
 * to stay in the nearest cache, so a byte of a value costs about a nanosecond
 * however many literals there are, and making the tables takes no longer than
 * sorting. Values are framed by a byte that no text has, so that "at the
 * beginning", "at the end" and "the whole" are literals like any other. */
#include "matcher_priv.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_BITS = 10, MAX_BITS = 22, BITS_PER_LITERAL = 12 };

static inline uint32_t
gram_at(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16;
}

static inline uint32_t
gram_hash(uint32_t gram)
{
    return gram * UINT32_C(0x9e3779b1);
}

/* --- making */

static unsigned
bits_for(size_t n)
{
    unsigned bits = MIN_BITS;
    while (bits < MAX_BITS && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

/* How many literals have a gram, roughly: by hash, in `uses`. */
static void
count_grams(const struct search_entry *entries, size_t n, unsigned shift,
            uint32_t *uses)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j + GRAM_BYTES <= entries[i].len; j++)
            uses[gram_hash(gram_at(entries[i].text + j)) >> shift]++;
}

static int
by_hash(const void *a, const void *b)
{
    uint32_t x = gram_hash(((const struct search_entry *)a)->gram);
    uint32_t y = gram_hash(((const struct search_entry *)b)->gram);
    return (x > y) - (x < y);
}

static void
choose_gram(struct search_entry *entry, const uint32_t *uses, unsigned shift)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i + GRAM_BYTES <= entry->len; i++) {
        uint32_t gram = gram_at(entry->text + i);
        if (uses[gram_hash(gram) >> shift] >= least)
            continue;
        least = uses[gram_hash(gram) >> shift];
        entry->gram = gram;
        entry->offset = i;
    }
}

static bool
entries_make(struct making *making, struct search_entry *entries,
             const uint32_t *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str text = literal_framed(
            &making->predicate[numbers[i]].literal, making->arena);
        if (!text.at)
            return false;
        entries[i] = (struct search_entry){.text = text.at,
                                           .len = (uint32_t)text.len,
                                           .predicate = numbers[i]};
    }
    return true;
}

static bool
search_make(struct making *making, struct matcher_field *field,
            const uint32_t *numbers, size_t n)
{
    unsigned bits = bits_for(n * BITS_PER_LITERAL);
    unsigned start_bits = bits > MIN_BITS + 3 ? bits - 3 : MIN_BITS;
    size_t n_starts = ((size_t)1 << start_bits) + 1;
    struct arena scratch = making->scratch;
    if (n == 0)
        return true;
    struct field_search *search = arena_take(making->arena, 1, sizeof *search);
    uint64_t *seen =
        arena_take(making->arena, ((size_t)1 << bits) / 64, sizeof *seen);
    uint32_t *start = arena_take(making->arena, n_starts, sizeof *start);
    struct search_entry *entries =
        arena_take_raw(making->arena, n, sizeof *entries);
    uint32_t *uses = arena_take(&scratch, (size_t)1 << bits, sizeof *uses);
    if (!search || !seen || !start || !entries || !uses ||
        !entries_make(making, entries, numbers, n))
        return false;
    *search = (struct field_search){
        seen, start, entries, 32 - bits, 32 - start_bits};
    count_grams(entries, n, search->shift, uses);
    for (size_t i = 0; i < n; i++)
        choose_gram(&entries[i], uses, search->shift);
    if (n > 1)
        qsort(entries, n, sizeof *entries, by_hash);
    for (size_t i = 0; i < n; i++) {
        uint32_t hash = gram_hash(entries[i].gram);
        seen[hash >> search->shift >> 6] |= UINT64_C(1)
                                            << (hash >> search->shift & 63);
        start[(hash >> search->start_shift) + 1]++;
    }
    for (size_t i = 1; i < n_starts; i++)
        start[i] += start[i - 1];
    field->search = search;
    return true;
}

/* Predicates by field: `numbers` from first[f] to first[f + 1]. */
bool
searches_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    struct arena before = making->scratch;
    uint32_t n_fields = matcher->n_fields;
    uint32_t *first =
        arena_take(&making->scratch, n_fields + 2, sizeof *first);
    uint32_t *numbers = arena_take_raw(&making->scratch,
                                       matcher->n_predicates + 1,
                                       sizeof *numbers);
    bool fine = first && numbers;
    for (uint32_t i = 0; fine && i < matcher->n_predicates; i++)
        if (making->predicate[i].kind != PREDICATE_ASKED)
            first[making->predicate[i].field + 2]++;
    for (uint32_t i = 1; fine && i < n_fields + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; fine && i < matcher->n_predicates; i++)
        if (making->predicate[i].kind != PREDICATE_ASKED)
            numbers[first[making->predicate[i].field + 1]++] = i;
    for (uint32_t i = 0; fine && i < n_fields; i++) {
        uint32_t n = first[i + 1] - first[i];
        fine = search_make(making, &making->field[i], numbers + first[i], n);
        matcher->sizes.n_literals += n;
    }
    making->scratch = before;
    return fine;
}

/* --- running */

/* A hostile value may have the frame's byte inside. */
static inline bool
frame_fits(const struct search_entry *entry, size_t from, size_t len)
{
    return (entry->text[0] != FRAME || from == 0) &&
           (entry->text[entry->len - 1] != FRAME || from + entry->len == len);
}

static void
compare_entries(const struct field_search *search, struct str text, size_t at,
                uint32_t gram, const struct search_hits *hits)
{
    uint32_t slot = gram_hash(gram) >> search->start_shift;
    const struct search_entry *entry = &search->entry[search->start[slot]],
                              *end = &search->entry[search->start[slot + 1]];
    for (; entry < end; entry++) {
        if (entry->gram != gram || entry->offset > at)
            continue;
        size_t from = at - entry->offset;
        if (entry->len <= text.len - from &&
            memcmp(text.at + from, entry->text, entry->len) == 0 &&
            frame_fits(entry, from, text.len))
            hits->found(hits->context, entry->predicate);
    }
}

void
field_search_run(const struct field_search *search, struct str text,
                 const struct search_hits *hits)
{
    const uint64_t *seen = search->seen;
    unsigned shift = search->shift;
    for (size_t i = 0; i + GRAM_BYTES <= text.len; i++) {
        uint32_t gram = gram_at(text.at + i), bit = gram_hash(gram) >> shift;
        if (seen[bit >> 6] >> (bit & 63) & 1)
            compare_entries(search, text, i, gram, hits);
    }
}
