/* SPDX-License-Identifier: Apache-2.0
 *
 * Summing by a hash table over the dimensions asked for, in two passes: the
 * first counts the different rows, so that exactly those are allocated, the
 * second adds up. Sorted at the end, so that equal input gives equal output
 * whatever the order of the cells. */
#include "report/sums.h"

#include "base/table.h"
#include "model/limits.h"
#include "report/period.h"

#include <stdlib.h>

static const struct str ids[N_DIMENSIONS] = {
#define X(name, id) [name] = {id, sizeof(id) - 1},
    DIMENSIONS(X)
#undef X
};

struct str
dimension_id(enum dimension dimension)
{
    return ids[dimension];
}

bool
dimensions_from(struct str list, unsigned *by, struct err *why)
{
    unsigned set = 0;
    struct str word;
    while (str_split(&list, ',', &word)) {
        unsigned i = 0;
        while (i < N_DIMENSIONS && !str_equal(word, ids[i]))
            i++;
        if (i == N_DIMENSIONS) {
            struct str near = str_nearest(word, ids, N_DIMENSIONS);
            if (near.len > 0)
                err_set(why, "no dimension '%.*s' (did you mean '%.*s'?)",
                        STR_ARG(word), STR_ARG(near));
            else
                err_set(why,
                        "no dimension '%.*s': there are source, severity, "
                        "vendor_severity, unit, system, level, month, day",
                        STR_ARG(word));
            return false;
        }
        set |= BY(i);
    }
    if (set == 0) {
        err_set(why, "no dimension given");
        return false;
    }
    *by = set;
    return true;
}

/* `cell` with only the dimensions in `by`. */
static struct count_cell
projected(const struct count_cell *cell, unsigned by)
{
    struct count_cell row = {0};
    if (by & BY(BY_SOURCE))
        row.source = cell->source;
    if (by & BY(BY_SEVERITY))
        row.severity = cell->severity;
    if (by & BY(BY_VENDOR_SEVERITY))
        row.vendor_severity = cell->vendor_severity;
    if (by & BY(BY_UNIT))
        row.unit = cell->unit;
    if (by & BY(BY_SYSTEM))
        row.system = cell->system;
    if (by & BY(BY_LEVEL))
        row.level = cell->level;
    if (by & BY(BY_DAY))
        row.day = cell->day;
    else if (by & BY(BY_MONTH))
        row.day = period_month_first(cell->day);
    return row;
}

int
sums_compare(const struct count_cell *a, const struct count_cell *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = str_compare(a->source, b->source);
    if (order != 0)
        return order;
    if (a->severity != b->severity)
        return a->severity < b->severity ? -1 : 1;
    if ((order = str_compare(a->vendor_severity, b->vendor_severity)) != 0 ||
        (order = str_compare(a->unit, b->unit)) != 0 ||
        (order = str_compare(a->system, b->system)) != 0)
        return order;
    return (a->level > b->level) - (a->level < b->level);
}

static int
compare_rows(const void *left, const void *right)
{
    return sums_compare(left, right);
}

const struct count_cell *
sums_find(const struct sums *sums, const struct count_cell *key)
{
    if (sums->n == 0)
        return NULL;
    return bsearch(key, sums->rows, sums->n, sizeof *key, compare_rows);
}

/* What one pass over the cells works with. */
struct pass {
    unsigned by;
    struct table *table;
    struct buf key;
    struct count_cell *rows; /* NULL in the first pass */
    uint64_t total;
};

static void
add_raw(struct buf *key, const void *at, size_t len)
{
    buf_add(key, (struct str){at, len});
}

/* The row as bytes: numbers, then strings, each behind its length. */
static void
write_key(struct buf *key, const struct count_cell *row)
{
    const int32_t numbers[] = {row->day, (int32_t)row->severity, row->level};
    const struct str texts[] = {row->source, row->vendor_severity, row->unit,
                                row->system};
    buf_clear(key);
    add_raw(key, numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        add_raw(key, &texts[i].len, sizeof texts[i].len);
        buf_add(key, texts[i]);
    }
}

static bool
pass_add(struct pass *pass, const struct count_cell *cell)
{
    if (cell->n == 0)
        return true;
    struct count_cell row = projected(cell, pass->by);
    write_key(&pass->key, &row);
    uint32_t number = table_add(pass->table, buf_str(&pass->key), NULL);
    if (number == TABLE_NONE || pass->key.full)
        return false;
    if (pass->rows == NULL)
        return true;
    row.n = pass->rows[number].n + cell->n;
    pass->rows[number] = row;
    pass->total += cell->n;
    return true;
}

static bool
pass_run(struct pass *pass, const struct sums_input *input)
{
    for (size_t i = 0; i < input->n_cells; i++) {
        const struct count_cell *cell = &input->cells[i];
        if (cell->day >= input->from && cell->day <= input->to &&
            !pass_add(pass, cell))
            return false;
    }
    for (size_t i = 0; i < input->n_whole_months; i++) {
        const struct count_cell *cell = &input->whole_months[i];
        if (cell->day >= input->from &&
            period_month_last(cell->day) <= input->to && !pass_add(pass, cell))
            return false;
    }
    return true;
}

bool
sums_make(const struct sums_input *input, unsigned by, struct arena *arena,
          struct sums *sums)
{
    *sums = (struct sums){0};
    struct pass pass = {.by = by, .table = table_new(MAX_COUNT_CELLS)};
    bool fine = pass.table != NULL && pass_run(&pass, input);
    if (fine) {
        sums->n = table_len(pass.table);
        pass.rows = arena_take(arena, sums->n + 1, sizeof *pass.rows);
        fine = pass.rows != NULL && pass_run(&pass, input);
    }
    if (fine) {
        sums->rows = pass.rows;
        sums->total = pass.total;
        qsort(sums->rows, sums->n, sizeof *sums->rows, compare_rows);
    }
    table_free(pass.table);
    buf_free(&pass.key);
    return fine;
}
