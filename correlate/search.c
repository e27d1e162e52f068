/* SPDX-License-Identifier: Apache-2.0
 *
 * All literals of a field, found in one pass over a value. A literal is known
 * by four of its bytes that few other literals have (its gram): the pass
 * hashes every four bytes of the value, and where a bit says that some gram
 * has this hash, compares the literals of that gram. The bits are few enough
 * to stay in the nearest cache, so a byte of a value costs about a nanosecond
 * however many literals there are, and making the tables takes no longer than
 * sorting. Literals of three bytes have a table of their own, shorter ones are
 * search_short.c's. Values are framed by a byte that no text has, so that "at
 * the beginning", "at the end" and "the whole" are literals like any other. */
#include "search_short.h"

#include <stdlib.h>
#include <string.h>

enum {
    MIN_BITS = 9,
    MAX_BITS = 22,
    BITS_PER_LITERAL = 24,
    BITS_PER_SHORT = 4, /* of each of its grams */
    SEEN_LOW = 4,       /* below, a hash is worth little */
    N_BYTES = 256,
};

static inline uint32_t
gram_at(const char *at, uint32_t mask)
{
    uint32_t gram;
    memcpy(&gram, at, sizeof gram);
    return gram & mask;
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

static size_t
gram_bytes(const struct gram_table *table)
{
    return table->gram_mask == UINT32_MAX ? LONG_GRAM : SHORT_GRAM;
}

/* The texts of entries are followed by bytes that may be read. */
static void
choose_gram(const struct gram_table *table, struct search_entry *entry,
            const uint32_t *uses, unsigned shift)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i + gram_bytes(table) <= entry->len; i++) {
        uint32_t gram = gram_at(entry->text + i, table->gram_mask);
        if (uses[gram_hash(gram) >> shift] >= least)
            continue;
        least = uses[gram_hash(gram) >> shift];
        entry->gram = gram;
        entry->offset = i;
    }
    bool whole = entry->len <= sizeof entry->window;
    entry->window_at = whole ? 0 : entry->offset;
    size_t n = entry->len - entry->window_at;
    n = n < sizeof entry->window ? n : sizeof entry->window;
    memcpy(&entry->window, entry->text + entry->window_at, n);
    memset(&entry->mask, 0xff, n);
}

static int
by_hash(const void *a, const void *b)
{
    uint32_t x = gram_hash(((const struct search_entry *)a)->gram);
    uint32_t y = gram_hash(((const struct search_entry *)b)->gram);
    return (x > y) - (x < y);
}

/* How many literals have a gram, roughly: by hash. The rarest of each is its
 * own. */
static bool
choose_grams(const struct gram_table *table, struct search_entry *entries,
             struct arena scratch)
{
    size_t n = table->n_entries;
    unsigned bits = bits_for(n * BITS_PER_LITERAL), shift = 32 - bits;
    uint32_t *uses = arena_take(&scratch, (size_t)1 << bits, sizeof *uses);
    if (!uses)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j + gram_bytes(table) <= entries[i].len; j++)
            uses[gram_hash(gram_at(entries[i].text + j, table->gram_mask)) >>
                 shift]++;
    for (size_t i = 0; i < n; i++)
        choose_gram(table, &entries[i], uses, shift);
    qsort(entries, n, sizeof *entries, by_hash);
    return true;
}

/* Of `n_entries` entries that have their texts. */
static bool
table_make(struct making *making, struct gram_table *table,
           struct search_entry *entries)
{
    unsigned bits = bits_for((size_t)table->n_entries * 2);
    size_t n_starts = ((size_t)1 << bits) + 1;
    if (table->n_entries == 0)
        return true;
    uint32_t *start = arena_take(making->arena, n_starts, sizeof *start);
    table->shift = 32 - bits;
    if (!start || !choose_grams(table, entries, making->scratch))
        return false;
    for (uint32_t i = 0; i < table->n_entries; i++)
        start[(gram_hash(entries[i].gram) >> table->shift) + 1]++;
    for (size_t i = 1; i < n_starts; i++)
        start[i] += start[i - 1];
    table->start = start;
    table->entry = entries;
    return true;
}

/* Two bits of one word for a gram: where another's are both set by chance, the
 * table is asked in vain. */
static inline uint64_t
seen_bits(uint32_t hash)
{
    return UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63);
}

/* A gram of three bytes is one of four whatever stands behind it. */
static void
mark_seen(const struct gram_table *table, uint64_t *seen, unsigned shift)
{
    uint32_t n_behind = table->gram_mask == UINT32_MAX ? 1 : N_BYTES;
    for (uint32_t i = 0; i < table->n_entries; i++)
        for (uint32_t behind = 0; behind < n_behind; behind++) {
            uint32_t gram = table->entry[i].gram | behind << 24;
            uint32_t hash = gram_hash(gram);
            seen[hash >> shift] |= seen_bits(hash >> SEEN_LOW);
        }
}

static void
mark_all(const struct field_search *search, uint64_t *seen, unsigned shift)
{
    mark_seen(&search->table[0], seen, shift);
    mark_seen(&search->table[1], seen, shift);
}

static size_t
bits_wanted(const struct field_search *search)
{
    return (size_t)search->table[0].n_entries * BITS_PER_LITERAL +
           (size_t)search->table[1].n_entries * N_BYTES * BITS_PER_SHORT;
}

static bool
seen_make(struct making *making, struct field_search *search,
          const struct field_search *keywords)
{
    size_t n = bits_wanted(search) + (keywords ? bits_wanted(keywords) : 0);
    unsigned bits = bits_for(n);
    uint64_t *seen =
        arena_take(making->arena, ((size_t)1 << bits) / 64, sizeof *seen);
    if (!seen)
        return false;
    search->shift = 32 - (bits - 6); /* the word; other bits are the bits */
    search->seen = seen;
    mark_all(search, seen, search->shift);
    if (keywords)
        mark_all(keywords, seen, search->shift);
    return true;
}

/* Which of the ways a literal is searched for. */
enum way { WAY_LONG, WAY_SHORT, WAY_FOREIGN, WAY_BRIEF, N_WAYS };

static enum way
way_of(const struct search_entry *entry)
{
    if (entry->len >= SHORT_GRAM)
        return entry->len >= LONG_GRAM ? WAY_LONG : WAY_SHORT;
    for (uint32_t i = 0; i < entry->len; i++)
        if (entry->text[i] != FRAME && (unsigned char)entry->text[i] >= 0x80)
            return WAY_FOREIGN;
    return WAY_BRIEF;
}

static bool
entry_make(struct making *making, uint32_t number, struct search_entry *entry)
{
    const struct literal *literal = &making->predicate[number].literal;
    struct str text = literal_framed(literal, making->arena);
    *entry = (struct search_entry){
        .text = text.at, .len = (uint32_t)text.len, .predicate = number};
    return text.at != NULL;
}

static bool
search_make(struct making *making, struct matcher_field *field,
            const struct field_search *keywords, const uint32_t *numbers,
            size_t n)
{
    struct search_entry *entries[N_WAYS], entry;
    uint32_t n_entries[N_WAYS] = {0};
    if (n == 0)
        return true;
    struct field_search *search = arena_take(making->arena, 1, sizeof *search);
    for (size_t way = 0; way < N_WAYS; way++) {
        entries[way] = arena_take_raw(making->arena, n, sizeof entry);
        if (!search || !entries[way])
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!entry_make(making, numbers[i], &entry))
            return false;
        enum way way = way_of(&entry);
        entries[way][n_entries[way]++] = entry;
    }
    field->search = search;
    search->foreign = entries[WAY_FOREIGN];
    search->n_foreign = n_entries[WAY_FOREIGN];
    search->table[0] = (struct gram_table){.n_entries = n_entries[WAY_LONG],
                                           .gram_mask = UINT32_MAX};
    search->table[1] = (struct gram_table){.n_entries = n_entries[WAY_SHORT],
                                           .gram_mask = 0xffffff};
    if (n_entries[WAY_BRIEF] > 0) {
        search->brief = short_search_make(making->arena, entries[WAY_BRIEF],
                                          n_entries[WAY_BRIEF]);
        if (!search->brief)
            return false;
    }
    return table_make(making, &search->table[0], entries[WAY_LONG]) &&
           table_make(making, &search->table[1], entries[WAY_SHORT]) &&
           seen_make(making, search, keywords);
}

/* Predicates by field: `numbers` from first[f] to first[f + 1]. */
bool
searches_make(struct making *making)
{
    struct matcher *matcher = making->matcher;
    struct arena before = making->scratch;
    uint32_t n_fields = matcher->n_fields;
    uint32_t *first = arena_take(&making->scratch, n_fields + 2, sizeof *first);
    uint32_t *numbers = arena_take_raw(
        &making->scratch, matcher->n_predicates + 1, sizeof *numbers);
    bool fine = first && numbers;
    for (uint32_t i = 0; fine && i < matcher->n_predicates; i++)
        if (making->predicate[i].kind != PREDICATE_ASKED)
            first[making->predicate[i].field + 2]++;
    for (uint32_t i = 1; fine && i < n_fields + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; fine && i < matcher->n_predicates; i++)
        if (making->predicate[i].kind != PREDICATE_ASKED)
            numbers[first[making->predicate[i].field + 1]++] = i;
    const struct matcher_field *keywords = &making->field[n_fields - 1];
    for (uint32_t j = n_fields; fine && j > 0; j--) { /* keywords are last */
        uint32_t i = j - 1, n = first[i + 1] - first[i];
        fine = search_make(making, &making->field[i], keywords->search,
                           numbers + first[i], n);
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

/* One place of a text. */
struct place_seen {
    struct str text;
    size_t at;
    uint64_t window; /* its next eight bytes */
    const struct search_hits *hits;
};

static void
compare_entries(const struct search_entry *entry,
                const struct search_entry *end, const struct place_seen *seen)
{
    struct str text = seen->text;
    for (; entry < end; entry++) {
        if (entry->offset > seen->at)
            continue;
        size_t from = seen->at - entry->offset;
        uint64_t window;
        memcpy(&window, text.at + from + entry->window_at, sizeof window);
        if ((window & entry->mask) != entry->window ||
            entry->len > text.len - from)
            continue;
        if ((entry->len <= sizeof window ||
             memcmp(text.at + from, entry->text, entry->len) == 0) &&
            frame_fits(entry, from, text.len))
            seen->hits->found(seen->hits->context, entry->predicate);
    }
}

static inline void
compare_table(const struct gram_table *table, const struct place_seen *seen)
{
    if (table->n_entries == 0)
        return;
    uint32_t gram = (uint32_t)seen->window & table->gram_mask;
    const uint32_t *start = &table->start[gram_hash(gram) >> table->shift];
    if (start[0] != start[1])
        compare_entries(&table->entry[start[0]], &table->entry[start[1]], seen);
}

static void
foreign_run(const struct field_search *search, struct str text,
            const struct search_hits *hits)
{
    for (uint32_t i = 0; i < search->n_foreign; i++) {
        const struct search_entry *entry = &search->foreign[i];
        const char *at = text.at, *end = text.at + text.len;
        while ((at = memmem(at, (size_t)(end - at), entry->text, entry->len))) {
            if (frame_fits(entry, (size_t)(at - text.at), text.len)) {
                hits->found(hits->context, entry->predicate);
                break;
            }
            at++;
        }
    }
}

static bool
is_ascii(struct str text)
{
    uint64_t any = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= text.len; i += sizeof word) {
        memcpy(&word, text.at + i, sizeof word);
        any |= word;
    }
    for (; i < text.len; i++)
        any |= (unsigned char)text.at[i];
    return (any & UINT64_C(0x8080808080808080)) == 0;
}

/* The first place from `at` on, before `end`, that some literal may have; or
 * `end`. */
static size_t
next_seen(const struct field_search *search, const char *text, size_t at,
          size_t end)
{
    const uint64_t *seen = search->seen;
    unsigned shift = search->shift;
    for (; at < end; at++) {
        uint32_t hash = gram_hash(gram_at(text + at, UINT32_MAX));
        uint64_t bits = seen_bits(hash >> SEEN_LOW);
        if ((seen[hash >> shift] & bits) == bits)
            break;
    }
    return at;
}

/* Four bytes from each place on: behind the text lie more (FRAME_SLACK). */
void
field_search_run(const struct field_search *search,
                 const struct field_search *keywords, struct str text,
                 const struct search_hits *hits)
{
    size_t end = text.len < SHORT_GRAM ? 0 : text.len - SHORT_GRAM + 1;
    struct place_seen seen = {.text = text, .hits = hits};
    for (;; seen.at++) {
        seen.at = next_seen(search, text.at, seen.at, end);
        if (seen.at == end)
            break;
        memcpy(&seen.window, text.at + seen.at, sizeof seen.window);
        compare_table(&search->table[0], &seen);
        compare_table(&search->table[1], &seen);
        if (!keywords)
            continue;
        compare_table(&keywords->table[0], &seen);
        compare_table(&keywords->table[1], &seen);
    }
    if (search->brief)
        short_search_run(search->brief, text, hits);
    uint32_t n_foreign =
        search->n_foreign + (keywords ? keywords->n_foreign : 0);
    if (n_foreign == 0 || is_ascii(str_cut(text, 1, text.len - 1)))
        return;
    foreign_run(search, text, hits);
    if (keywords)
        foreign_run(keywords, text, hits);
}
