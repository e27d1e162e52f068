/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as one tidy table: one number a line, with what it is a number
 * of. The first columns name the table and the keys (empty where a table does
 * not have that key), then the measure and its value. Numbers and dates are
 * plain (15035, 11.8, 2024-09-30). A level that a source does not have is
 * "none", data that was not collected "missing". Rows of totals are left out:
 * they are sums. */
#include "report/document_priv.h"

#include "base/times.h"

#define WORD(text)                                                             \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

static const struct str keys[] = {
    WORD("source"), WORD("severity"), WORD("vendor_severity"),
    WORD("unit"),   WORD("system"),   WORD("level"),
    WORD("month"),  WORD("day"),      WORD("item"),
};

enum { N_KEYS = sizeof keys / sizeof keys[0], ITEM = N_KEYS - 1 };

static size_t
key_index(struct str id)
{
    size_t i = 0;
    while (i < ITEM && !str_equal(keys[i], id))
        i++;
    return i;
}

static void
buf_plain_time(struct buf *buf, const struct cell *cell)
{
    if (cell->kind == CELL_HOUR) {
        int64_t ms = cell->value * 3600000 - VIETNAM_MINUTES * 60000;
        buf_iso(buf, ms, VIETNAM_MINUTES);
        return;
    }
    if (cell->kind == CELL_DATE) {
        buf_day(buf, (int32_t)cell->value);
        return;
    }
    struct civil civil = civil_from_ms(cell->value * MS_PER_DAY, 0);
    buf_format(buf, "%04d-%02d", civil.year, civil.month);
}

void
buf_cell_plain(struct buf *buf, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_EMPTY:
        break;
    case CELL_TEXT:
        buf_add(buf, cell->id.len > 0 ? cell->id : cell->text);
        break;
    case CELL_COUNT:
        buf_u64(buf, cell->n);
        break;
    case CELL_CHANGE:
        buf_i64(buf, cell->value);
        break;
    case CELL_SHARE:
    case CELL_GROWTH:
        if (cell->value < 0)
            buf_char(buf, '-');
        int64_t size = cell->value < 0 ? -cell->value : cell->value;
        buf_i64(buf, size / 10);
        buf_char(buf, '.');
        buf_i64(buf, size % 10);
        break;
    case CELL_DATE:
    case CELL_MONTH:
    case CELL_HOUR:
        buf_plain_time(buf, cell);
        break;
    case CELL_NONE:
        buf_add(buf, STR("none"));
        break;
    case CELL_MISSING:
        buf_add(buf, STR("missing"));
        break;
    }
}

static bool
is_number(const struct cell *cell)
{
    return cell->kind == CELL_COUNT || cell->kind == CELL_CHANGE ||
           cell->kind == CELL_SHARE || cell->kind == CELL_GROWTH;
}

/* A field: numbers as they are (a minus sign is no formula), text guarded. */
static void
add_field(struct buf *out, struct buf *field, const struct cell *cell)
{
    buf_clear(field);
    buf_cell_plain(field, cell);
    if (is_number(cell))
        buf_add(out, buf_str(field));
    else
        buf_csv(out, buf_str(field));
}

/* One value of one row. */
static void
write_value(struct buf *out, struct buf *field, const struct grid *grid,
            const struct row *row, size_t at)
{
    const struct column *value = &grid->column[at];
    buf_csv(out, grid->id);
    for (size_t k = 0; k < N_KEYS; k++) {
        buf_char(out, ',');
        if (value->key_id.len > 0 && key_index(value->key_id) == k)
            buf_csv(out, value->key_value);
        for (size_t c = 0; c < grid->n_columns; c++)
            if (grid->column[c].key && key_index(grid->column[c].id) == k)
                add_field(out, field, &row->cell[c]);
    }
    buf_char(out, ',');
    buf_csv(out, value->key_id.len > 0 ? STR("alerts") : value->id);
    buf_char(out, ',');
    add_field(out, field, &row->cell[at]);
    buf_add(out, row->cell[at].partly ? STR(",partly\r\n") : STR(",\r\n"));
}

void
document_write_csv(const struct document *document, struct buf *out)
{
    struct buf field = {0};
    buf_add(out, STR("table"));
    for (size_t k = 0; k < N_KEYS; k++) {
        buf_char(out, ',');
        buf_add(out, keys[k]);
    }
    buf_add(out, STR(",measure,value,note\r\n"));
    for (const struct block *block = document->first; block;
         block = block->next) {
        const struct grid *grid = block->grid;
        if (grid == NULL || !(grid->audience & FOR_MACHINES))
            continue;
        for (const struct row *row = grid->first; row; row = row->next)
            for (size_t c = 0; c < grid->n_columns && !row->total; c++)
                if (!grid->column[c].key && !grid->column[c].derived &&
                    row->cell[c].kind != CELL_EMPTY)
                    write_value(out, &field, grid, row, c);
    }
    buf_free(&field);
}
