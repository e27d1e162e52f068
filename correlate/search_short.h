/* SPDX-License-Identifier: Apache-2.0
 *
 * Literals of one or two bytes (correlate/search.c). */
#ifndef CORRELATE_SEARCH_SHORT_H
#define CORRELATE_SEARCH_SHORT_H

#include "matcher_priv.h"

/* Bits of literals by byte; of each byte as many words as all bits need. */
struct short_search {
    uint32_t n_words; /* 1 or MAX_SHORT_WORDS */
    uint64_t *first, *second;
    uint64_t *begin, *end; /* beside the frame */
    uint64_t *single;      /* one word list: those of one byte */
    uint64_t *empty;       /* another: "" between two frames */
    uint32_t predicate[MAX_SHORT_LITERALS]; /* by bit */
};

/* Of `n` entries, at most MAX_SHORT_LITERALS, each one or two bytes long and
 * ASCII but for the frame. NULL: the arena is full. */
const struct short_search *short_search_make(struct arena *arena,
                                             const struct search_entry *entry,
                                             uint32_t n);
/* As field_search_run; each is told once. */
void short_search_run(const struct short_search *search, struct str text,
                      const struct search_hits *hits);

#endif
