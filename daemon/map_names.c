/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts by name, and their lists from the most to the least. */
#include "base/table.h"
#include "map.h"

#include <stdio.h>
#include <stdlib.h>

bool
names_open(struct names *names)
{
    *names = (struct names){.table = table_new(MAX_MAP_NAMES),
                            .n = calloc(MAX_MAP_NAMES, sizeof *names->n)};
    return names->table && names->n;
}

void
names_close(struct names *names)
{
    if (names->table)
        table_free(names->table);
    free(names->n);
    *names = (struct names){0};
}

void
names_count(struct names *names, struct str name, uint64_t n)
{
    uint32_t number = table_add(names->table, name, NULL);
    if (number == TABLE_NONE)
        names->full = true;
    else
        names->n[number] += n;
}

struct counted {
    uint64_t n;
    uint32_t number;
};

static int
by_count(const void *a, const void *b)
{
    const struct counted *one = a, *other = b;
    if (one->n != other->n)
        return one->n > other->n ? -1 : 1;
    return one->number < other->number ? -1 : one->number > other->number;
}

/* A name may come from a sensor: nothing in it may move the cursor. */
static void
print_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];
        if (c < 0x20 || c == 0x7f ||
            (c == 0xc2 && i + 1 < name.len &&
             (unsigned char)name.at[i + 1] < 0xa0))
            fputs("\\?", stdout);
        else
            putchar(c);
    }
    putchar('\n');
}

void
names_print(const struct names *names, size_t max)
{
    uint32_t n = table_len(names->table);
    struct counted *order = calloc(n > 0 ? n : 1, sizeof *order);
    if (!order)
        return;
    for (uint32_t i = 0; i < n; i++)
        order[i] = (struct counted){names->n[i], i};
    qsort(order, n, sizeof *order, by_count);
    for (uint32_t i = 0; i < n && i < max; i++) {
        printf("%10llu  ", (unsigned long long)order[i].n);
        print_name(table_key(names->table, order[i].number));
    }
    if (n > max)
        printf("            and %zu more\n", (size_t)n - max);
    if (names->full)
        printf("            and others: more than %d names\n",
               (int)MAX_MAP_NAMES);
    free(order);
}
