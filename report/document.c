/* SPDX-License-Identifier: Apache-2.0
 *
 * Building a document: blocks, tables, cells. See document_priv.h. */
#include "report/document_priv.h"

#include "base/times.h"

#include <stdio.h>

void *
document_take(struct document *document, size_t n, size_t size)
{
    void *memory = arena_take(document->arena, n == 0 ? 1 : n, size);
    if (memory == NULL)
        document->full = true;
    return memory;
}

struct str
document_text(struct document *document)
{
    struct str text = arena_copy(document->arena, buf_str(&document->buf));
    if (text.at == NULL || document->buf.full)
        document->full = true;
    buf_clear(&document->buf);
    return text;
}

struct str
document_phrase(struct document *document, enum phrase name,
                const struct str *args, size_t n)
{
    if (n == 0)
        return phrase(name, document->language);
    buf_phrase(&document->buf, document->language, name, args, n);
    return document_text(document);
}

struct str
document_capital(struct document *document, struct str s)
{
    struct buf *buf = &document->buf;
    if (str_starts(s, STR("đ"))) {
        buf_add(buf, STR("Đ"));
        buf_add(buf, str_cut(s, 2, s.len));
    } else if (s.len > 0 && s.at[0] >= 'a' && s.at[0] <= 'z') {
        buf_char(buf, (char)(s.at[0] - 'a' + 'A'));
        buf_add(buf, str_cut(s, 1, s.len));
    } else {
        return s;
    }
    return document_text(document);
}

struct block *
document_add(struct document *document, enum block_kind kind, struct str text)
{
    struct block *block = document_take(document, 1, sizeof *block);
    if (block == NULL)
        return NULL;
    block->kind = kind;
    block->text = text;
    if (document->last == NULL)
        document->first = block;
    else
        document->last->next = block;
    document->last = block;
    return block;
}

void
document_heading(struct document *document, enum phrase name)
{
    struct block *block =
        document_add(document, BLOCK_HEADING, phrase(name, document->language));
    if (block != NULL)
        block->number = ++document->n_headings;
}

struct chart *
document_chart(struct document *document, enum phrase title)
{
    struct chart *chart = document_take(document, 1, sizeof *chart);
    struct block *block = document_add(document, BLOCK_CHART, NO_STR);
    if (chart == NULL || block == NULL)
        return NULL;
    chart->title = phrase(title, document->language);
    chart->number = ++document->n_charts;
    block->chart = chart;
    return chart;
}

struct grid *
grid_new(struct document *document, const char *id, struct str title,
         enum audience audience)
{
    struct grid *grid = document_take(document, 1, sizeof *grid);
    struct block *block = document_add(document, BLOCK_TABLE, NO_STR);
    if (grid == NULL || block == NULL) {
        grid = &document->spare_grid;
        *grid = (struct grid){.document = document};
        return grid;
    }
    grid->id = str_of(id);
    grid->title = title;
    grid->audience = audience;
    grid->document = document;
    if (audience & FOR_PEOPLE)
        grid->number = ++document->n_tables;
    block->grid = grid;
    return grid;
}

struct column *
grid_column(struct grid *grid, struct str id, struct str title)
{
    if (grid->n_columns == MAX_COLUMNS) {
        grid->document->full = true;
        return &grid->column[MAX_COLUMNS - 1];
    }
    struct column *column = &grid->column[grid->n_columns++];
    column->id = id;
    column->title = title;
    return column;
}

struct column *
grid_key(struct grid *grid, const char *id, enum phrase title)
{
    enum language language = grid->document->language;
    struct column *column =
        grid_column(grid, str_of(id), phrase(title, language));
    column->key = true;
    return column;
}

struct column *
grid_number(struct grid *grid, const char *id, enum phrase title)
{
    enum language language = grid->document->language;
    struct column *column =
        grid_column(grid, str_of(id), phrase(title, language));
    column->number = true;
    return column;
}

struct row *
grid_row(struct grid *grid)
{
    struct document *document = grid->document;
    struct row *row = document_take(document, 1, sizeof *row);
    struct cell *cell = document_take(document, grid->n_columns, sizeof *cell);
    if (row == NULL || cell == NULL) {
        document->spare_row.cell = document->spare_cell;
        return &document->spare_row;
    }
    row->cell = cell;
    if (grid->last == NULL)
        grid->first = row;
    else
        grid->last->next = row;
    grid->last = row;
    grid->n_rows++;
    return row;
}

struct cell
cell_text(struct str text, struct str id)
{
    return (struct cell){.kind = CELL_TEXT, .text = text, .id = id};
}

struct cell
cell_count(uint64_t n)
{
    return (struct cell){.kind = CELL_COUNT, .n = n};
}

struct cell
cell_value(enum cell_kind kind, int64_t value)
{
    return (struct cell){.kind = kind, .value = value};
}

struct cell
cell_change(uint64_t now, uint64_t base)
{
    uint64_t size = now >= base ? now - base : base - now;
    if (size > INT64_MAX)
        size = INT64_MAX;
    return cell_value(CELL_CHANGE,
                      now >= base ? (int64_t)size : -(int64_t)size);
}

struct cell
cell_growth(uint64_t now, uint64_t base)
{
    if (base == 0)
        return cell_value(CELL_NONE, 0);
    return cell_value(CELL_GROWTH, share_of_change(now, base));
}

struct cell
cell_share(uint64_t part, uint64_t whole)
{
    if (whole == 0)
        return cell_value(CELL_NONE, 0);
    return cell_value(CELL_SHARE, share_of(part, whole));
}

/* "9/2024" and "30/9/2024 14:00". */
static void
buf_time_cell(struct buf *buf, const struct cell *cell)
{
    if (cell->kind == CELL_HOUR) {
        int64_t day = cell->value / 24, hour = cell->value % 24;
        if (hour < 0) {
            hour += 24;
            day--;
        }
        buf_date(buf, (int32_t)day);
        buf_format(buf, " %02d:00", (int)hour);
        return;
    }
    if (cell->kind == CELL_DATE) {
        buf_date(buf, (int32_t)cell->value);
        return;
    }
    struct civil civil = civil_from_ms(cell->value * MS_PER_DAY, 0);
    buf_format(buf, "%d/%04d", civil.month, civil.year);
}

void
buf_cell(struct buf *buf, enum language language, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_EMPTY:
        break;
    case CELL_TEXT:
        buf_printable(buf, cell->text);
        break;
    case CELL_COUNT:
        buf_number(buf, language, cell->n);
        break;
    case CELL_CHANGE:
        buf_change(buf, language, cell->value);
        break;
    case CELL_SHARE:
        buf_share(buf, language, cell->value, false);
        break;
    case CELL_GROWTH:
        buf_share(buf, language, cell->value, true);
        break;
    case CELL_DATE:
    case CELL_MONTH:
    case CELL_HOUR:
        buf_time_cell(buf, cell);
        break;
    case CELL_NONE:
        buf_add(buf, STR("–"));
        break;
    case CELL_MISSING:
        buf_add(buf, phrase(P_MISSING, language));
        break;
    }
    if (cell->partly)
        buf_char(buf, '*');
}

struct str
document_roman(int number)
{
    static const char *const roman[] = {"",   "I",   "II",   "III", "IV", "V",
                                        "VI", "VII", "VIII", "IX",  "X"};
    return str_of(number > 0 && number <= 10 ? roman[number] : "–");
}

struct str
document_number(char text[16], int number)
{
    int len = snprintf(text, 16, "%d", number);
    return (struct str){text, (size_t)len};
}
