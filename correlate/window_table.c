/* SPDX-License-Identifier: Apache-2.0
 *
 * Open addressing with linear probing, at most half full; removal closes the
 * gap, so nothing is left behind when windows come and go for years. */
#include "window_table.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

bool
window_table_begin(struct window_table *table, uint64_t secret)
{
    *table = (struct window_table){.mask = FIRST_SLOTS - 1, .secret = secret};
    table->slots = calloc(FIRST_SLOTS, sizeof(struct window *));
    return table->slots != NULL;
}

void
window_table_end(struct window_table *table)
{
    free(table->slots);
    *table = (struct window_table){0};
}

static uint32_t
home_of(const struct window_table *table, const struct digest id[2])
{
    uint64_t x = (id[0].half[0] ^ table->secret) * UINT64_C(0xff51afd7ed558ccd);
    x = (x ^ x >> 32 ^ id[1].half[0]) * UINT64_C(0xc4ceb9fe1a85ec53);
    x = (x ^ x >> 29 ^ id[1].half[1] ^ table->secret) *
        UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(x >> 32) & table->mask;
}

static bool
same(const struct digest a[2], const struct digest b[2])
{
    return a[0].half[0] == b[0].half[0] && a[0].half[1] == b[0].half[1] &&
           a[1].half[0] == b[1].half[0] && a[1].half[1] == b[1].half[1];
}

/* The slot that holds `id`, or the free one where it would go. */
static uint32_t
slot_of(const struct window_table *table, const struct digest id[2])
{
    uint32_t at = home_of(table, id);
    while (table->slots[at] && !same(table->slots[at]->id, id))
        at = (at + 1) & table->mask;
    return at;
}

struct window *
window_table_find(const struct window_table *table, struct digest fingerprint,
                  struct digest key_id)
{
    const struct digest id[2] = {fingerprint, key_id};
    return table->slots[slot_of(table, id)];
}

static bool
grow(struct window_table *table)
{
    struct window_table bigger = *table;
    bigger.mask = table->mask * 2 + 1;
    bigger.slots = calloc((size_t)bigger.mask + 1, sizeof(struct window *));
    if (!bigger.slots)
        return false;
    for (uint32_t i = 0; i <= table->mask; i++)
        if (table->slots[i])
            bigger.slots[slot_of(&bigger, table->slots[i]->id)] =
                table->slots[i];
    free(table->slots);
    *table = bigger;
    return true;
}

bool
window_table_add(struct window_table *table, struct window *window)
{
    if (table->n > table->mask / 2 && !grow(table))
        return false;
    table->slots[slot_of(table, window->id)] = window;
    table->n++;
    return true;
}

void
window_table_remove(struct window_table *table, const struct window *window)
{
    uint32_t hole = slot_of(table, window->id);
    table->slots[hole] = NULL;
    table->n--;
    for (uint32_t at = (hole + 1) & table->mask; table->slots[at];
         at = (at + 1) & table->mask) {
        uint32_t home = home_of(table, table->slots[at]->id);
        /* may it move back to the hole? not if its home lies in between */
        if (((at - home) & table->mask) < ((at - hole) & table->mask))
            continue;
        table->slots[hole] = table->slots[at];
        table->slots[at] = NULL;
        hole = at;
    }
}
