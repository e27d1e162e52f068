/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of the respond stage's state: texts by key, as they lie in Redis.
 * It knows what has changed since it was saved last. Numbers of entries stay
 * as long as nothing is taken off; a shelf from which things are taken off
 * (shelf_unset) may renumber what is left. */
#ifndef RESPOND_SHELF_H
#define RESPOND_SHELF_H

#include "base/stage.h"

struct shelf;

#define SHELF_NONE UINT32_MAX

struct shelf *shelf_new(uint32_t max_entries); /* NULL: out of memory */
void shelf_free(struct shelf *shelf);

/* Entries are numbered 0 … shelf_len - 1; some may be gone. */
uint32_t shelf_len(const struct shelf *shelf);
uint32_t shelf_n(const struct shelf *shelf); /* without those */
uint32_t shelf_find(const struct shelf *shelf, struct str key);
/* Borrows until the entry is changed; NO_STR: gone, or no such number. */
struct str shelf_at(const struct shelf *shelf, uint32_t number);
struct str shelf_key(const struct shelf *shelf, uint32_t number);
/* NO_STR when there is none. */
struct str shelf_get(const struct shelf *shelf, struct str key);

/* Copies. SHELF_NONE: full, or out of memory. */
uint32_t shelf_set(struct shelf *shelf, struct str key, struct str value);
void shelf_unset(struct shelf *shelf, struct str key);
/* As shelf_set, for what was read back: it is not a change. */
uint32_t shelf_load(struct shelf *shelf, struct str key, struct str value);

/* Emits what changed since the last call, or everything there is. */
void shelf_save(struct shelf *shelf, size_t table, bool whole,
                const struct emit *emit);

#endif
