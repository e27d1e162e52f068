/* SPDX-License-Identifier: Apache-2.0
 *
 * What a loaded line still says of how it was written, for those who tell
 * people about it. The evaluator needs none of it. */
#include "correlate/rule_priv.h"

#include <stdlib.h>

bool
item_has(const struct item *item, const char *modifier)
{
    struct str rest = item->written, part;
    bool has = false;
    str_split(&rest, '|', &part);
    while (!has && str_split(&rest, '|', &part))
        has = str_equal(part, str_of(modifier));
    return has;
}

/* --- fields */

struct reads {
    bool *field; /* by number */
    bool keywords;
};

static void
item_reads(const struct item *item, struct reads *reads)
{
    if (item->field == KEYWORDS)
        reads->keywords = true;
    else
        reads->field[item->field] = true;
    for (size_t i = 0; i < item->n_values; i++)
        for (size_t j = 0; j < item->value[i].n_tests; j++)
            if (item->value[i].test[j].type == TEST_FIELDREF)
                reads->field[item->value[i].test[j].is.other.field] = true;
}

static int
by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

const struct str *
detection_fields(const struct rules *rules, const struct detection *detection,
                 struct arena *scratch, size_t *n, bool *keywords)
{
    const struct logic *logic = detection->logic;
    struct reads reads = {
        arena_take(scratch, rules->n_fields + 1, sizeof *reads.field), false};
    struct str *names =
        arena_take_raw(scratch, rules->n_fields + 1, sizeof *names);
    *n = 0;
    if (!reads.field || !names)
        return NULL;
    for (size_t i = 0; i < logic->n_searches; i++)
        for (size_t j = 0; j < logic->search[i].n_groups; j++)
            for (size_t k = 0; k < logic->search[i].group[j].n_items; k++)
                item_reads(&logic->search[i].group[j].item[k], &reads);
    for (size_t i = 0; i < rules->n_fields; i++)
        if (reads.field[i])
            names[(*n)++] = rules->field[i].name;
    if (*n > 1)
        qsort(names, *n, sizeof *names, by_text);
    *keywords = reads.keywords;
    return names;
}
