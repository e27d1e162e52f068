/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash table from byte strings to small numbers 0, 1, 2, … in order of first
 * appearance: the caller keeps its values in an array of its own, by number.
 * Keys are copied. Nothing is removed but all at once. Seeded per process, so
 * that a hostile sender cannot choose colliding keys. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/str.h"

struct table;

#define TABLE_NONE UINT32_MAX

struct table *table_new(uint32_t max_keys); /* NULL: out of memory */
void table_free(struct table *table);
void table_clear(struct table *table); /* keeps the memory */
uint32_t table_len(const struct table *table);
/* The number of `key`, or TABLE_NONE. */
uint32_t table_find(const struct table *table, struct str key);
/* The number of `key`, new or old; `*is_new` may be NULL. TABLE_NONE when
 * `max_keys` or memory is exhausted. */
uint32_t table_add(struct table *table, struct str key, bool *is_new);
/* Borrows until the next table_add. */
struct str table_key(const struct table *table, uint32_t number);

#endif
