/* SPDX-License-Identifier: Apache-2.0
 *
 * All literals of a field, found in one pass over a value. A literal that is
 * the whole value is found by the value's hash. Any other is known by four of
 * its bytes that few other literals have (its gram): the pass hashes every
 * four bytes of the value, and where a bit says that some gram has this hash,
 * compares the literals of that gram. The bits are few enough to stay in the
 * nearest cache, so a byte of a value costs about a nanosecond however many
 * literals there are, and making the tables takes no longer than sorting. */
#include "matcher_priv.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_BITS = 10, MAX_BITS = 22, BITS_PER_LITERAL = 12 };

static uint32_t
gram_at(const char *at)
{
    uint32_t gram;
    memcpy(&gram, at, sizeof gram);
    return gram;
}

static uint32_t
gram_hash(uint32_t gram)
{
    return gram * UINT32_C(0x9e3779b1);
}

static uint32_t
text_hash(struct str text)
{
    uint64_t hash = text.len, word = 0;
    size_t i = 0;
    for (; i + 8 <= text.len; i += 8) {
        memcpy(&word, text.at + i, 8);
        hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
        hash ^= hash >> 32;
    }
    word = 0;
    if (i < text.len)
        memcpy(&word, text.at + i, text.len - i);
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return (uint32_t)(hash >> 32);
}

/* --- making */

static bool
is_whole(const struct predicate *predicate)
{
    return predicate->literal.ends == (AT_START | AT_END);
}

static unsigned
bits_for(size_t n)
{
    unsigned bits = MIN_BITS;
    while (bits < MAX_BITS && ((size_t)1 << bits) < n)
        bits++;
    return bits;
}

static bool
whole_make(struct making *making, struct field_search *search,
           const uint32_t *numbers, size_t n)
{
    uint32_t size = 4;
    while (size < 2 * search->n_whole)
        size *= 2;
    uint32_t *whole = arena_take(making->arena, size, sizeof *whole);
    search->whole = whole;
    search->whole_mask = size - 1;
    for (size_t i = 0; whole && i < n; i++) {
        const struct predicate *predicate = &making->predicate[numbers[i]];
        if (!is_whole(predicate))
            continue;
        uint32_t at = text_hash(predicate->literal.text) & search->whole_mask;
        while (whole[at] != 0)
            at = (at + 1) & search->whole_mask;
        whole[at] = numbers[i] + 1;
    }
    return whole != NULL;
}

/* How many literals have a gram, roughly: by hash, in `uses`. */
static void
count_grams(const struct making *making, const uint32_t *numbers, size_t n,
            unsigned shift, uint32_t *uses)
{
    for (size_t i = 0; i < n; i++) {
        const struct predicate *predicate = &making->predicate[numbers[i]];
        struct str text = predicate->literal.text;
        for (size_t j = 0; !is_whole(predicate) && j + GRAM_BYTES <= text.len;
             j++)
            uses[gram_hash(gram_at(text.at + j)) >> shift]++;
    }
}

static int
by_hash(const void *a, const void *b)
{
    uint32_t x = gram_hash(((const struct search_entry *)a)->gram);
    uint32_t y = gram_hash(((const struct search_entry *)b)->gram);
    return (x > y) - (x < y);
}

static struct search_entry
entry_of(const struct making *making, uint32_t number, const uint32_t *uses,
         unsigned shift)
{
    const struct literal *literal = &making->predicate[number].literal;
    struct search_entry entry = {
        .text = literal->text.at,
        .len = (uint32_t)literal->text.len,
        .predicate = number & ((1u << 30) - 1),
        .ends = literal->ends & 3,
    };
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i + GRAM_BYTES <= entry.len; i++) {
        uint32_t gram = gram_at(entry.text + i);
        if (uses[gram_hash(gram) >> shift] >= least)
            continue;
        least = uses[gram_hash(gram) >> shift];
        entry.gram = gram;
        entry.offset = i;
    }
    return entry;
}

static bool
grams_make(struct making *making, struct field_search *search,
           const uint32_t *numbers, size_t n)
{
    unsigned bits = bits_for((size_t)search->n_grams * BITS_PER_LITERAL);
    unsigned start_bits = bits > MIN_BITS + 3 ? bits - 3 : MIN_BITS;
    size_t n_starts = ((size_t)1 << start_bits) + 1;
    struct arena scratch = making->scratch;
    search->shift = 32 - bits;
    search->start_shift = 32 - start_bits;
    uint64_t *seen =
        arena_take(making->arena, ((size_t)1 << bits) / 64, sizeof *seen);
    uint32_t *start = arena_take(making->arena, n_starts, sizeof *start);
    struct search_entry *entries =
        arena_take_raw(making->arena, search->n_grams + 1, sizeof *entries);
    uint32_t *uses = arena_take(&scratch, (size_t)1 << bits, sizeof *uses);
    if (!seen || !start || !entries || !uses)
        return false;
    count_grams(making, numbers, n, search->shift, uses);
    uint32_t n_entries = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_whole(&making->predicate[numbers[i]]))
            entries[n_entries++] =
                entry_of(making, numbers[i], uses, search->shift);
    if (n_entries > 1)
        qsort(entries, n_entries, sizeof *entries, by_hash);
    for (uint32_t i = 0; i < n_entries; i++) {
        uint32_t hash = gram_hash(entries[i].gram);
        seen[hash >> search->shift >> 6] |= UINT64_C(1)
                                            << (hash >> search->shift & 63);
        start[(hash >> search->start_shift) + 1]++;
    }
    for (size_t i = 1; i < n_starts; i++)
        start[i] += start[i - 1];
    search->seen = seen;
    search->start = start;
    search->entry = entries;
    return true;
}

static bool
search_make(struct making *making, struct matcher_field *field,
            const uint32_t *numbers, size_t n)
{
    struct field_search *search =
        n > 0 ? arena_take(making->arena, 1, sizeof *search) : NULL;
    field->search = search;
    if (!search)
        return n == 0;
    for (size_t i = 0; i < n; i++) {
        bool whole = is_whole(&making->predicate[numbers[i]]);
        search->n_whole += whole;
        search->n_grams += !whole;
    }
    return whole_make(making, search, numbers, n) &&
           grams_make(making, search, numbers, n);
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
        if (entry->len > text.len - from ||
            (entry->ends & AT_START && from > 0) ||
            (entry->ends & AT_END && from + entry->len < text.len) ||
            memcmp(text.at + from, entry->text, entry->len) != 0)
            continue;
        hits->found(hits->context, entry->predicate);
    }
}

void
field_search_run(const struct field_search *search,
                 const struct predicate *predicates, struct str text,
                 const struct search_hits *hits)
{
    if (search->n_whole > 0) {
        uint32_t at = text_hash(text) & search->whole_mask;
        for (; search->whole[at] != 0; at = (at + 1) & search->whole_mask)
            if (str_equal(predicates[search->whole[at] - 1].literal.text, text))
                hits->found(hits->context, search->whole[at] - 1);
    }
    if (search->n_grams == 0 || text.len < GRAM_BYTES)
        return;
    const uint64_t *seen = search->seen;
    unsigned shift = search->shift;
    for (size_t i = 0; i + GRAM_BYTES <= text.len; i++) {
        uint32_t gram = gram_at(text.at + i), bit = gram_hash(gram) >> shift;
        if (seen[bit >> 6] >> (bit & 63) & 1)
            compare_entries(search, text, i, gram, hits);
    }
}
