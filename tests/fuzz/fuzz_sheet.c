/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a spreadsheet of monthly figures: read, or every mistake named;
 * what is read can be compared and frozen.
 * seeds: tests/fuzz/corpus/sheet */
#include "fuzz.h"
#include "report/compare.h"

static void
use(const struct sheet *sheet, struct arena *arena)
{
    struct counts none = {.cells = NULL};
    struct counts counts = {.cells = sheet->cells, .n_cells = sheet->n};
    struct compare_result result;
    struct frozen next;
    struct err why = {""};
    assert(sheet->from <= sheet->to);
    assert(compare_sheet(sheet, &none, arena, &result));
    struct frozen_stamp stamp = {period_month_first(sheet->from), 19787,
                                 STR("x"), FROZEN_IMPORT};
    frozen_next(&stamp, &counts, NULL, arena, &next, &why);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct report_source sources[] = {
        {{"ajiant", 6}, {"Viettel Ajiant", 14}, {"", 0}, 0},
        {{"cycir", 5}, {"Viettel CyCir", 13}, {"", 0}, 0},
    };
    static struct arena arena;
    if (!arena.at)
        arena = fuzz_arena((size_t)512 << 20);
    char *copy = fuzz_copy(data, size);
    struct arena rest = arena;
    struct complaints complaints = {0};
    struct sheet_file file = {"f.csv", {copy, size}, sources, 2};
    struct sheet sheet;
    bool fine = sheet_read(&file, &rest, &sheet, &complaints);
    assert(fine == (complaints.n_errors == 0));
    if (fine && sheet.n > 0)
        use(&sheet, &rest);
    complaints_free(&complaints);
    free(copy);
    return 0;
}
