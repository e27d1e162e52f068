/* SPDX-License-Identifier: Apache-2.0
 *
 * Which literals stand in values that come again and again (a program, a user,
 * a level): one worker's memory of what searching them found. */
#ifndef CORRELATE_FOUND_CACHE_H
#define CORRELATE_FOUND_CACHE_H

#include "correlate/matcher_priv.h"

struct found_cache;

struct found_cache *found_cache_new(void); /* NULL: out of memory */
void found_cache_free(struct found_cache *cache);

/* What was searched for, and in which text. */
struct found_key {
    const struct field_search *search, *keywords;
    struct str text;
};

/* Searches a value, as it stands in the event, or remembers what was found;
 * tells `hits`. False: `scratch`, which is for the folded text, is full. */
bool found_cache_search(struct found_cache *cache, const struct found_key *key,
                        struct arena scratch, const struct search_hits *hits);

#endif
