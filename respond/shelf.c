/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys in a hash table, values in an array beside it, and a list of the
 * numbers that changed. What is gone keeps its number until more is gone than
 * is left and nothing waits to be saved; then the shelf is numbered anew. */
#include "shelf.h"

#include "base/table.h"

#include <stdlib.h>

enum { GONE_MIN = 1024 };

struct entry {
    struct buf value;
    bool changed, gone;
};

struct shelf {
    struct table *keys;
    struct entry *at;
    uint32_t room, n_gone, max;
    uint32_t *changed; /* numbers */
    uint32_t n_changed, changed_room;
};

struct shelf *
shelf_new(uint32_t max_entries)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    if (!shelf)
        return NULL;
    shelf->max = max_entries;
    shelf->keys = table_new(max_entries);
    if (!shelf->keys) {
        free(shelf);
        return NULL;
    }
    return shelf;
}

void
shelf_free(struct shelf *shelf)
{
    if (!shelf)
        return;
    for (uint32_t i = 0; i < shelf->room; i++)
        buf_free(&shelf->at[i].value);
    table_free(shelf->keys);
    free(shelf->at);
    free(shelf->changed);
    free(shelf);
}

uint32_t
shelf_len(const struct shelf *shelf)
{
    return table_len(shelf->keys);
}

uint32_t
shelf_n(const struct shelf *shelf)
{
    return table_len(shelf->keys) - shelf->n_gone;
}

uint32_t
shelf_find(const struct shelf *shelf, struct str key)
{
    uint32_t number = table_find(shelf->keys, key);
    return number == TABLE_NONE || shelf->at[number].gone ? SHELF_NONE : number;
}

struct str
shelf_at(const struct shelf *shelf, uint32_t number)
{
    if (number >= shelf_len(shelf) || shelf->at[number].gone)
        return NO_STR;
    return buf_str(&shelf->at[number].value);
}

struct str
shelf_key(const struct shelf *shelf, uint32_t number)
{
    return table_key(shelf->keys, number);
}

struct str
shelf_get(const struct shelf *shelf, struct str key)
{
    return shelf_at(shelf, shelf_find(shelf, key));
}

static void *
grown(void *at, uint32_t *room, size_t size)
{
    uint32_t more = *room < 16 ? 16 : *room * 2;
    void *bigger = realloc(at, more * size);
    if (bigger)
        *room = more;
    return bigger;
}

/* Room for one more entry and for one more change. */
static bool
make_room(struct shelf *shelf)
{
    if (shelf_len(shelf) == shelf->room) {
        uint32_t had = shelf->room;
        struct entry *at = grown(shelf->at, &shelf->room, sizeof *at);
        if (!at)
            return false;
        shelf->at = at;
        for (uint32_t i = had; i < shelf->room; i++)
            at[i] = (struct entry){0};
    }
    if (shelf->n_changed == shelf->changed_room) {
        uint32_t *changed =
            grown(shelf->changed, &shelf->changed_room, sizeof *changed);
        if (!changed)
            return false;
        shelf->changed = changed;
    }
    return true;
}

static void
mark(struct shelf *shelf, uint32_t number)
{
    if (!shelf->at[number].changed)
        shelf->changed[shelf->n_changed++] = number;
    shelf->at[number].changed = true;
}

uint32_t
shelf_load(struct shelf *shelf, struct str key, struct str value)
{
    bool is_new;
    if (!make_room(shelf))
        return SHELF_NONE;
    uint32_t number = table_add(shelf->keys, key, &is_new);
    if (number == TABLE_NONE || !shelf->at)
        return SHELF_NONE;
    struct entry *entry = &shelf->at[number];
    if (!is_new && entry->gone)
        shelf->n_gone--;
    entry->gone = false;
    buf_clear(&entry->value);
    buf_add(&entry->value, value);
    return entry->value.full ? SHELF_NONE : number;
}

uint32_t
shelf_set(struct shelf *shelf, struct str key, struct str value)
{
    uint32_t number = shelf_load(shelf, key, value);
    if (number != SHELF_NONE)
        mark(shelf, number);
    return number;
}

void
shelf_unset(struct shelf *shelf, struct str key)
{
    uint32_t number = shelf_find(shelf, key);
    if (number == SHELF_NONE || !make_room(shelf))
        return;
    shelf->at[number].gone = true;
    buf_free(&shelf->at[number].value);
    shelf->n_gone++;
    mark(shelf, number);
}

/* The same without what is gone; left as it is when memory is short. */
static void
renumber(struct shelf *shelf)
{
    struct shelf *fresh = shelf_new(shelf->max);
    bool fine = fresh != NULL;
    for (uint32_t i = 0; fine && i < shelf_len(shelf); i++)
        if (!shelf->at[i].gone)
            fine = shelf_load(fresh, shelf_key(shelf, i), shelf_at(shelf, i)) !=
                   SHELF_NONE;
    if (fine) {
        struct shelf old = *shelf;
        *shelf = *fresh;
        *fresh = old;
    }
    shelf_free(fresh);
}

void
shelf_save(struct shelf *shelf, size_t table, bool whole,
           const struct emit *emit)
{
    uint32_t n = whole ? shelf_len(shelf) : shelf->n_changed;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = whole ? i : shelf->changed[i];
        struct entry *entry = &shelf->at[number];
        if (!whole)
            entry->changed = false;
        if (!whole || !entry->gone)
            emit->field(emit->context, table, shelf_key(shelf, number),
                        entry->gone ? NO_STR : buf_str(&entry->value));
    }
    if (whole)
        return;
    shelf->n_changed = 0;
    if (shelf->n_gone > GONE_MIN && shelf->n_gone > shelf_n(shelf))
        renumber(shelf);
}
