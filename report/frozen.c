/* SPDX-License-Identifier: Apache-2.0
 *
 * Freezing a month and seeing what has changed since. Cells are compared as
 * finely as both sides tell them apart. A revision is made only when a cell is
 * different: the books may move (a duplicate that came late) without making
 * published figures wrong. */
#include "report/frozen.h"

#include "model/limits.h"
#include "report/period.h"
#include "report/sums.h"

#include <stdlib.h>

/* From fine to coarse: the first that makes a document small enough. */
static const unsigned details[] = {
    BY(BY_SOURCE) | BY(BY_SEVERITY) | BY(BY_VENDOR_SEVERITY) | BY(BY_UNIT) |
        BY(BY_SYSTEM) | BY(BY_LEVEL),
    BY(BY_SOURCE) | BY(BY_SEVERITY) | BY(BY_VENDOR_SEVERITY),
    BY(BY_SOURCE) | BY(BY_SEVERITY),
};

static bool
sums_of_cells(const struct count_cell *cells, size_t n, int32_t month,
              unsigned by, struct arena *arena, struct sums *sums)
{
    struct sums_input input = {
        .cells = cells,
        .n_cells = n,
        .from = month,
        .to = period_month_last(month),
    };
    return sums_make(&input, by, arena, sums);
}

/* Where two sorted lists of cells differ; a cell one does not have is 0. */
static bool
differences(const struct sums *was, const struct sums *now, struct arena *arena,
            const struct frozen_change **changes, size_t *n)
{
    struct frozen_change *out =
        arena_take(arena, was->n + now->n + 1, sizeof *out);
    size_t a = 0, b = 0;
    *n = 0;
    if (out == NULL)
        return false;
    while (a < was->n || b < now->n) {
        int order = a == was->n   ? 1
                    : b == now->n ? -1
                                  : sums_compare(&was->rows[a], &now->rows[b]);
        struct frozen_change change = {.cell = order < 0 ? was->rows[a]
                                                         : now->rows[b]};
        change.cell.n = order < 0 ? 0 : now->rows[b].n;
        change.was = order > 0 ? 0 : was->rows[a].n;
        a += order <= 0;
        b += order >= 0;
        if (change.was != change.cell.n)
            out[(*n)++] = change;
    }
    *changes = out;
    return true;
}

static bool
compare_at(const struct frozen *frozen, const struct counts *counts,
           unsigned by, struct arena *arena,
           const struct frozen_change **changes, size_t *n)
{
    struct sums was, now;
    return sums_of_cells(frozen->cells, frozen->n_cells, frozen->month, by,
                         arena, &was) &&
           sums_of_cells(counts->cells, counts->n_cells, frozen->month, by,
                         arena, &now) &&
           differences(&was, &now, arena, changes, n);
}

bool
frozen_compare(const struct frozen *frozen, const struct counts *counts,
               struct arena *arena, const struct frozen_change **changes,
               size_t *n)
{
    return compare_at(frozen, counts, frozen->detail, arena, changes, n);
}

static int
compare_books(const void *left, const void *right)
{
    const struct book *a = left, *b = right;
    return str_compare(a->source, b->source);
}

/* The books of the month, one per source. */
static bool
month_books(const struct counts *counts, int32_t month, struct arena *arena,
            struct frozen *next)
{
    int32_t last = period_month_last(month);
    struct book *books = arena_take(arena, counts->n_books + 1, sizeof *books);
    size_t n = 0, kept = 0;
    if (books == NULL)
        return false;
    for (size_t i = 0; i < counts->n_books; i++)
        if (counts->books[i].day >= month && counts->books[i].day <= last) {
            books[n] = counts->books[i];
            books[n++].day = month;
        }
    qsort(books, n, sizeof *books, compare_books);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && str_equal(books[kept - 1].source, books[i].source)) {
            for (size_t c = 0; c < N_BOOK_COLUMNS; c++)
                books[kept - 1].n[c] += books[i].n[c];
            continue;
        }
        books[kept++] = books[i];
    }
    next->books = books;
    next->n_books = kept;
    return true;
}

/* Fills cells and changes at one detail; false when memory is exhausted. */
static bool
fill_at(const struct counts *counts, const struct frozen *last, unsigned detail,
        struct arena *arena, struct frozen *next)
{
    struct sums now;
    if (!sums_of_cells(counts->cells, counts->n_cells, next->month, detail,
                       arena, &now))
        return false;
    for (size_t i = 0; i < now.n; i++)
        now.rows[i].day = next->month;
    next->detail = detail;
    next->cells = now.rows;
    next->n_cells = now.n;
    if (last == NULL)
        return true;
    return compare_at(last, counts, detail & last->detail, arena,
                      &next->changes, &next->n_changes);
}

static bool
small_enough(const struct frozen *next)
{
    struct buf buf = {.max_bytes = MAX_MESSAGE_BYTES};
    frozen_write(&buf, next);
    bool small = !buf.full;
    buf_free(&buf);
    return small;
}

enum frozen_outcome
frozen_next(const struct frozen_stamp *stamp, const struct counts *counts,
            const struct frozen *last, struct arena *arena, struct frozen *next,
            struct err *why)
{
    *next = (struct frozen){
        .month = stamp->month,
        .revision = last == NULL ? 1 : last->revision + 1,
        .frozen_on = stamp->day,
        .by = stamp->by,
        .origin = stamp->origin,
    };
    if (!month_books(counts, stamp->month, arena, next)) {
        err_set(why, "out of memory");
        return FROZEN_FAILED;
    }
    bool small = false;
    /* A spreadsheet has sources and severities, no more. */
    size_t first = stamp->origin == FROZEN_IMPORT ? 2 : 0;
    for (size_t i = first; i < sizeof details / sizeof details[0] && !small;
         i++) {
        if (!fill_at(counts, last, details[i], arena, next)) {
            err_set(why, "out of memory");
            return FROZEN_FAILED;
        }
        small = small_enough(next);
    }
    struct buf name = {0};
    frozen_key(&name, stamp->month);
    if (next->n_cells == 0)
        err_set(why, "no alert of %.*s: there is nothing to freeze",
                STR_ARG(buf_str(&name)));
    else if (!small)
        err_set(why,
                "%.*s has too many sources and names of severities to be "
                "frozen",
                STR_ARG(buf_str(&name)));
    buf_free(&name);
    if (next->n_cells == 0 || !small)
        return FROZEN_FAILED;
    if (last != NULL && next->n_changes == 0) {
        *next = *last;
        return FROZEN_SAME;
    }
    return FROZEN_NEW;
}
