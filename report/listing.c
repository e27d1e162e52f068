/* SPDX-License-Identifier: Apache-2.0
 *
 * A listing is one table of a document (document_priv.h), written without the
 * document around it. Ids, not names: what is printed here is what the other
 * options of the command take. */
#include "report/listing.h"

#include "report/document_priv.h"

static const enum phrase titles[N_DIMENSIONS] = {
    [BY_SOURCE] = P_SOURCE,
    [BY_SEVERITY] = P_SEVERITY,
    [BY_VENDOR_SEVERITY] = P_VENDOR_SEVERITY,
    [BY_UNIT] = P_UNIT,
    [BY_SYSTEM] = P_SYSTEM,
    [BY_LEVEL] = P_LEVEL,
    [BY_MONTH] = P_MONTH,
    [BY_DAY] = P_DAY,
};

/* A document with nothing in it but a place for one table. */
static struct document *
listing_document(struct arena *arena, const struct listing_style *style)
{
    struct document *document = arena_take(arena, 1, sizeof *document);
    if (document != NULL) {
        document->arena = arena;
        document->language = style->language;
    }
    return document;
}

static bool
listing_end(struct buf *out, struct document *document, struct grid *grid,
            const struct listing_style *style)
{
    if (style->json)
        grid_write_json(grid, out);
    else
        grid_write_text(grid, out);
    buf_free(&document->buf);
    return !document->full && !out->full;
}

static struct cell
dimension_cell(const struct count_cell *row, enum dimension dimension)
{
    switch (dimension) {
    case BY_SOURCE:
        return cell_text(row->source, NO_STR);
    case BY_SEVERITY:
        return cell_text(severity_id(row->severity), NO_STR);
    case BY_VENDOR_SEVERITY:
        return cell_text(row->vendor_severity, NO_STR);
    case BY_UNIT:
        return cell_text(row->unit, NO_STR);
    case BY_SYSTEM:
        return cell_text(row->system, NO_STR);
    case BY_LEVEL:
        return row->level == 0 ? (struct cell){0}
                               : cell_count((uint64_t)row->level);
    case BY_MONTH:
        return cell_value(CELL_MONTH, row->day);
    case BY_DAY:
        return cell_value(CELL_DATE, row->day);
    case N_DIMENSIONS:
        break;
    }
    return (struct cell){0};
}

bool
listing_sums(struct buf *out, const struct sums *sums, unsigned by,
             const struct listing_style *style, struct arena arena)
{
    static const enum dimension order[] = {
        BY_MONTH,    BY_DAY,  BY_SOURCE, BY_VENDOR_SEVERITY,
        BY_SEVERITY, BY_UNIT, BY_SYSTEM, BY_LEVEL};
    struct document *document = listing_document(&arena, style);
    if (document == NULL)
        return false;
    struct grid *grid = grid_new(document, "counts", NO_STR, FOR_ALL);
    /* A day says its month. */
    unsigned shown = by & BY(BY_DAY) ? by & ~BY(BY_MONTH) : by;
    for (size_t i = 0; i < N_DIMENSIONS; i++)
        if (shown & BY(order[i]))
            grid_key(grid, dimension_id(order[i]).at, titles[order[i]]);
    grid_number(grid, "n", P_ALERTS);
    for (size_t i = 0; i < sums->n; i++) {
        struct row *row = grid_row(grid);
        size_t c = 0;
        for (size_t k = 0; k < N_DIMENSIONS; k++)
            if (shown & BY(order[k]))
                row->cell[c++] = dimension_cell(&sums->rows[i], order[k]);
        row->cell[c] = cell_count(sums->rows[i].n);
    }
    if (!style->json) {
        struct row *row = grid_row(grid);
        row->total = true;
        row->cell[0] = cell_text(phrase(P_TOTAL, style->language), NO_STR);
        row->cell[grid->n_columns - 1] = cell_count(sums->total);
    }
    return listing_end(out, document, grid, style);
}

bool
listing_differences(struct buf *out, const struct compare_result *result,
                    const struct listing_style *style, struct arena arena)
{
    struct document *document = listing_document(&arena, style);
    if (document == NULL)
        return false;
    struct grid *grid = grid_new(document, "differences", NO_STR, FOR_ALL);
    grid_key(grid, "month", P_MONTH);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "severity", P_SEVERITY);
    grid_number(grid, "theirs", P_THEIRS);
    grid_number(grid, "ours", P_OURS_N);
    grid_number(grid, "difference", P_DIFFERENCE);
    for (size_t i = 0; i < result->n; i++) {
        const struct compare_row *at = &result->rows[i];
        struct row *row = grid_row(grid);
        row->cell[0] = cell_value(CELL_MONTH, at->month);
        row->cell[1] = cell_text(at->source, NO_STR);
        row->cell[2] = cell_text(severity_id(at->severity), NO_STR);
        row->cell[3] =
            at->absent ? cell_value(CELL_NONE, 0) : cell_count(at->theirs);
        row->cell[4] = cell_count(at->ours);
        row->cell[5] = cell_change(at->ours, at->theirs);
    }
    return listing_end(out, document, grid, style);
}
