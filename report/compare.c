/* SPDX-License-Identifier: Apache-2.0
 *
 * Both sides are summed by month, source and severity and walked side by
 * side; ours only where the sheet speaks of that source in that month. */
#include "report/compare.h"

#include "report/sums.h"

static bool
sum_up(const struct count_cell *cells, size_t n, const struct sheet *sheet,
       unsigned by, struct arena *arena, struct sums *sums)
{
    struct sums_input input = {
        .cells = cells, .n_cells = n, .from = sheet->from, .to = sheet->to};
    return sums_make(&input, by, arena, sums);
}

/* Whether the sheet has a figure, even 0, of this. */
static bool
speaks_of(const struct sheet *sheet, const struct count_cell *row,
          bool severity)
{
    for (size_t i = 0; i < sheet->n; i++) {
        const struct count_cell *cell = &sheet->cells[i];
        if (cell->day == row->day && str_equal(cell->source, row->source) &&
            (!severity || cell->severity == row->severity))
            return true;
    }
    return false;
}

bool
compare_sheet(const struct sheet *sheet, const struct counts *counts,
              struct arena *arena, struct compare_result *result)
{
    unsigned by = BY(BY_MONTH) | BY(BY_SOURCE) | BY(BY_SEVERITY);
    struct sums theirs, ours;
    *result = (struct compare_result){0};
    if (!sum_up(sheet->cells, sheet->n, sheet, by, arena, &theirs) ||
        !sum_up(counts->cells, counts->n_cells, sheet, by, arena, &ours))
        return false;
    struct compare_row *rows =
        arena_take(arena, theirs.n + ours.n + 1, sizeof *rows);
    if (rows == NULL)
        return false;
    for (size_t a = 0, b = 0; a < theirs.n || b < ours.n;) {
        int order = a == theirs.n ? 1
                    : b == ours.n
                        ? -1
                        : sums_compare(&theirs.rows[a], &ours.rows[b]);
        const struct count_cell *row =
            order <= 0 ? &theirs.rows[a] : &ours.rows[b];
        struct compare_row at = {row->day,
                                 row->source,
                                 row->severity,
                                 order > 0 && !speaks_of(sheet, row, true),
                                 order <= 0 ? row->n : 0,
                                 order >= 0 ? ours.rows[b].n : 0};
        a += order <= 0;
        b += order >= 0;
        if (order > 0 && !speaks_of(sheet, row, false))
            continue;
        if (at.theirs != at.ours)
            rows[result->n++] = at;
        else
            result->n_equal++;
    }
    result->rows = rows;
    return true;
}
