/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as one JSON document: the period, the sentence, what is wrong,
 * and every table as a list of rows by column id. Counts are numbers, shares
 * are percent, dates are ISO 8601; null is a level the source does not have,
 * "missing" data that was not collected. */
#include "report/document_priv.h"

#include "base/times.h"

static void
add_member(struct buf *out, const char *key)
{
    buf_json(out, str_of(key));
    buf_char(out, ':');
}

static void
write_cell(struct buf *out, struct buf *field, const struct cell *cell)
{
    buf_clear(field);
    buf_cell_plain(field, cell);
    switch (cell->kind) {
    case CELL_EMPTY:
    case CELL_NONE:
        buf_add(out, STR("null"));
        break;
    case CELL_COUNT:
    case CELL_CHANGE:
    case CELL_SHARE:
    case CELL_GROWTH:
        buf_add(out, buf_str(field));
        break;
    case CELL_TEXT:
    case CELL_DATE:
    case CELL_MONTH:
    case CELL_HOUR:
    case CELL_MISSING:
        buf_json(out, buf_str(field));
        break;
    }
}

static void
write_row(struct buf *out, struct buf *field, const struct grid *grid,
          const struct row *row)
{
    bool partly = false;
    buf_char(out, '{');
    for (size_t c = 0; c < grid->n_columns; c++) {
        const struct cell *cell = &row->cell[c];
        if (c > 0)
            buf_char(out, ',');
        buf_json(out, grid->column[c].id);
        buf_char(out, ':');
        write_cell(out, field, cell);
        partly = partly || cell->partly;
        if (cell->kind == CELL_TEXT && cell->id.len > 0 &&
            !str_equal(cell->id, cell->text)) {
            buf_clear(field);
            buf_add(field, grid->column[c].id);
            buf_add(field, STR("_name"));
            buf_char(out, ',');
            buf_json(out, buf_str(field));
            buf_char(out, ':');
            buf_json(out, cell->text);
        }
    }
    if (partly)
        buf_add(out, STR(",\"partly_missing\":true"));
    if (row->total)
        buf_add(out, STR(",\"total\":true"));
    buf_char(out, '}');
}

static void
write_grid(struct buf *out, struct buf *field, const struct grid *grid)
{
    buf_add(out, STR("{\"id\":"));
    buf_json(out, grid->id);
    buf_add(out, STR(",\"title\":"));
    buf_json(out, grid->title);
    buf_add(out, STR(",\"rows\":["));
    for (const struct row *row = grid->first; row; row = row->next) {
        buf_add(out, row == grid->first ? STR("\n  ") : STR(",\n  "));
        write_row(out, field, grid, row);
    }
    buf_add(out, STR("]}"));
}

static void
write_texts(const struct document *document, struct buf *out, const char *key,
            enum block_kind kind)
{
    bool first = true;
    buf_add(out, STR(",\n"));
    add_member(out, key);
    buf_char(out, '[');
    for (const struct block *block = document->first; block;
         block = block->next) {
        if (block->kind != kind)
            continue;
        if (!first)
            buf_char(out, ',');
        buf_json(out, block->text);
        first = false;
    }
    buf_char(out, ']');
}

static void
write_head(const struct document *document, struct buf *out)
{
    struct buf name = {0};
    buf_period(&name, &document->period);
    buf_add(out, STR("{\"report\":1,\n\"period\":"));
    buf_json(out, buf_str(&name));
    buf_free(&name);
    buf_add(out, STR(",\"from\":\""));
    buf_day(out, document->period.from);
    buf_add(out, STR("\",\"to\":\""));
    buf_day(out, document->period.to);
    buf_add(out, STR("\",\"language\":"));
    buf_json(out, document->language == ENGLISH ? STR("en") : STR("vi"));
    buf_add(out, STR(",\n\"site\":"));
    buf_json(out, document->site);
    buf_add(out, STR(",\"subject\":"));
    buf_json(out, document->subject);
    buf_add(out, STR(",\n\"sentence\":"));
    buf_json(out, document->sentence);
    buf_add(out, STR(",\n\"balances\":"));
    buf_add(out, document->balances ? STR("true") : STR("false"));
    buf_add(out, STR(",\"restoring\":"));
    buf_add(out, document->restoring ? STR("true") : STR("false"));
}

void
document_write_json(const struct document *document, struct buf *out)
{
    struct buf field = {0};
    write_head(document, out);
    write_texts(document, out, "warnings", BLOCK_WARNING);
    write_texts(document, out, "text", BLOCK_TEXT);
    buf_add(out, STR(",\n\"tables\":["));
    bool first = true;
    for (const struct block *block = document->first; block;
         block = block->next) {
        const struct grid *grid = block->grid;
        if (grid == NULL || !(grid->audience & FOR_MACHINES))
            continue;
        buf_add(out, first ? STR("\n ") : STR(",\n "));
        write_grid(out, &field, grid);
        first = false;
    }
    buf_add(out, STR("]}\n"));
    buf_free(&field);
}

void
grid_write_json(const struct grid *grid, struct buf *out)
{
    struct buf field = {0};
    for (const struct row *row = grid->first; row; row = row->next) {
        write_row(out, &field, grid, row);
        buf_char(out, '\n');
    }
    buf_free(&field);
}
