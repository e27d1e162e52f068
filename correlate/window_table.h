/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows of one partition by (fingerprint, key_id). */
#ifndef CORRELATE_WINDOW_TABLE_H
#define CORRELATE_WINDOW_TABLE_H

#include "window.h"

struct window_table {
    struct window **slots; /* NULL: free */
    uint32_t n, mask;
    uint64_t secret; /* so that nobody can choose keys that collide */
};

bool window_table_begin(struct window_table *table, uint64_t secret);
void window_table_end(struct window_table *table); /* not the windows */
struct window *window_table_find(const struct window_table *table,
                                 struct digest fingerprint,
                                 struct digest key_id);
/* One that is not there. False: no memory. */
bool window_table_add(struct window_table *table, struct window *window);
void window_table_remove(struct window_table *table,
                         const struct window *window);

#endif
