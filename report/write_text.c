/* SPDX-License-Identifier: Apache-2.0
 *
 * The report for a terminal or a mail, 100 columns wide. Columns are aligned
 * by display width; text that is too long is broken inside its column, and a
 * table too wide is printed in parts with its first columns repeated, so that
 * nothing is cut. The plan's sentence alone stays in one line: it is copied. */
#include "report/document_priv.h"

#define PAGE 100
#define GAP 2
#define LEAST_TEXT 12 /* a text column is not made narrower */

/* What is being written. */
struct text_writer {
    const struct document *document;
    struct buf *out;
    struct buf cell; /* one cell as text */
    size_t max_rows; /* of a table */
};

/* Columns [from, to) of a grid, printed side by side after the keys. */
struct layout {
    const struct grid *grid;
    size_t column[MAX_COLUMNS]; /* their numbers in the grid */
    size_t width[MAX_COLUMNS];  /* of each, in display columns */
    size_t least[MAX_COLUMNS];  /* it may be squeezed to */
    bool star[MAX_COLUMNS];     /* keeps a place for a star */
    size_t n;
};

static void
spaces(struct buf *out, size_t n)
{
    while (n-- > 0)
        buf_char(out, ' ');
}

/* Bytes of `s` from `from` that fit `width` columns, broken at a blank where
 * there is one; at least one character. `*next` is where the rest begins. */
static struct str
take_line(struct str s, size_t from, size_t width, size_t *next)
{
    size_t used = 0, blank = 0, i = from;
    while (i < s.len) {
        size_t at = i;
        size_t w = (size_t)width_of(width_next(s, &i));
        if (used + w > width && at > from) {
            i = at;
            break;
        }
        if (s.at[at] == ' ')
            blank = at;
        used += w;
    }
    size_t end = i;
    if (i < s.len && s.at[i] != ' ' && blank > from)
        end = blank;
    *next = end;
    while (*next < s.len && s.at[*next] == ' ')
        (*next)++;
    return str_cut(s, from, end);
}

static void
paragraph(struct text_writer *writer, const char *first, const char *rest,
          struct str text)
{
    struct buf clean = {0};
    buf_printable(&clean, text);
    struct str s = buf_str(&clean);
    size_t at = 0;
    const char *before = first;
    do {
        size_t next;
        size_t indent = width_str(str_of(before));
        struct str line = take_line(s, at, PAGE - indent, &next);
        buf_add(writer->out, str_of(before));
        buf_add(writer->out, line);
        buf_char(writer->out, '\n');
        before = rest;
        at = next;
    } while (at < s.len);
    buf_free(&clean);
}

/* The cell as text, borrowed until the next call. */
static struct str
cell_words(struct text_writer *writer, const struct cell *cell)
{
    buf_clear(&writer->cell);
    buf_cell(&writer->cell, writer->document->language, cell);
    return buf_str(&writer->cell);
}

/* What the columns of a grid would like, and can do with: titles may be
 * broken, and text, but no number. */
struct measures {
    size_t width[MAX_COLUMNS], least[MAX_COLUMNS];
    bool star[MAX_COLUMNS]; /* has a number with a star */
};

static size_t
longest_word(struct str s)
{
    size_t longest = 0;
    struct str word;
    while (str_split(&s, ' ', &word))
        if (width_str(word) > longest)
            longest = width_str(word);
    return longest;
}

static void
measure(struct text_writer *writer, const struct grid *grid,
        struct measures *measures)
{
    for (size_t c = 0; c < grid->n_columns; c++) {
        bool number = grid->column[c].number;
        size_t width = 0, title = width_str(grid->column[c].title);
        measures->star[c] = false;
        for (const struct row *row = grid->first; row; row = row->next)
            measures->star[c] = measures->star[c] || row->cell[c].partly;
        for (const struct row *row = grid->first; row; row = row->next) {
            const struct cell *cell = &row->cell[c];
            size_t w = width_str(cell_words(writer, cell));
            w += measures->star[c] && !cell->partly;
            width = w > width ? w : width;
        }
        size_t word = longest_word(grid->column[c].title);
        size_t least = number ? width : LEAST_TEXT;
        measures->least[c] = word > least ? word : least;
        measures->width[c] = title > width ? title : width;
    }
}

static size_t
total_width(const struct layout *layout)
{
    size_t total = 0;
    for (size_t i = 0; i < layout->n; i++)
        total += layout->width[i] + (i > 0 ? GAP : 0);
    return total;
}

/* Narrows the widest column that gives way, until the layout fits. */
static bool
squeeze(struct layout *layout)
{
    while (total_width(layout) > PAGE) {
        size_t widest = layout->n;
        for (size_t i = 0; i < layout->n; i++)
            if (layout->width[i] > layout->least[i] &&
                (widest == layout->n ||
                 layout->width[i] > layout->width[widest]))
                widest = i;
        if (widest == layout->n)
            return false;
        layout->width[widest]--;
    }
    return true;
}

/* One line of a row, out of the parts of its cells that are still to print. */
static bool
row_line(struct text_writer *writer, const struct layout *layout,
         struct str *left)
{
    size_t pending = 0; /* blanks held back, so that no line ends in them */
    bool more = false;
    for (size_t i = 0; i < layout->n; i++) {
        bool number = layout->grid->column[layout->column[i]].number;
        size_t next = 0;
        struct str part = take_line(left[i], 0, layout->width[i], &next);
        left[i] = str_cut(left[i], next, left[i].len);
        more = more || left[i].len > 0;
        size_t w = width_str(part);
        size_t fill = layout->width[i] > w ? layout->width[i] - w : 0;
        /* Stars hang out to the right, so that the digits stay in line. */
        size_t hang = layout->star[i] && fill > 0 && !str_ends(part, STR("*"));
        fill -= hang;
        if (i > 0)
            pending += GAP;
        if (number)
            pending += fill;
        if (part.len > 0) {
            spaces(writer->out, pending);
            pending = 0;
            buf_add(writer->out, part);
        }
        if (!number)
            pending += fill;
        pending += hang;
    }
    buf_char(writer->out, '\n');
    return more;
}

static void
rule(struct text_writer *writer, const struct layout *layout)
{
    size_t n = total_width(layout);
    while (n-- > 0)
        buf_add(writer->out, STR("─"));
    buf_char(writer->out, '\n');
}

static void
print_row(struct text_writer *writer, const struct layout *layout,
          const struct row *row)
{
    struct buf texts = {0};
    size_t end[MAX_COLUMNS];
    for (size_t i = 0; i < layout->n; i++) {
        const struct column *column = &layout->grid->column[layout->column[i]];
        buf_add(&texts,
                row == NULL
                    ? column->title
                    : cell_words(writer, &row->cell[layout->column[i]]));
        end[i] = texts.len;
    }
    struct str left[MAX_COLUMNS];
    for (size_t i = 0; i < layout->n; i++)
        left[i] = str_cut(buf_str(&texts), i == 0 ? 0 : end[i - 1], end[i]);
    while (row_line(writer, layout, left))
        continue;
    buf_free(&texts);
}

static void
more_rows(struct text_writer *writer, size_t n)
{
    struct buf number = {0}, text = {0};
    enum language language = writer->document->language;
    buf_number(&number, language, n);
    struct str args[] = {buf_str(&number)};
    buf_phrase(&text, language, P_MORE_ROWS, args, 1);
    paragraph(writer, "", "", buf_str(&text));
    buf_free(&number);
    buf_free(&text);
}

static void
print_part(struct text_writer *writer, struct layout *layout)
{
    (void)squeeze(layout); /* numbers alone may be wider than the page */
    print_row(writer, layout, NULL);
    rule(writer, layout);
    size_t n = 0;
    for (const struct row *row = layout->grid->first; row; row = row->next) {
        if (!row->total && ++n > writer->max_rows)
            continue;
        print_row(writer, layout, row);
        if (row->total && row->next)
            rule(writer, layout);
    }
    if (n > writer->max_rows)
        more_rows(writer, n - writer->max_rows);
}

static struct layout
with_column(struct layout layout, const struct measures *measures, size_t c)
{
    layout.column[layout.n] = c;
    layout.width[layout.n] = measures->width[c];
    layout.least[layout.n] = measures->least[c];
    layout.star[layout.n] = measures->star[c];
    layout.n++;
    return layout;
}

/* The layout of the keys alone, to which values are added. */
static struct layout
keys_of(const struct grid *grid, const struct measures *measures)
{
    struct layout layout = {.grid = grid};
    for (size_t c = 0; c < grid->n_columns; c++)
        if (grid->column[c].key)
            layout = with_column(layout, measures, c);
    return layout;
}

static void
write_title(struct text_writer *writer, const struct grid *grid)
{
    char number[16];
    struct buf title = {0};
    struct str args[] = {document_number(number, grid->number), grid->title};
    buf_phrase(&title, writer->document->language, P_TABLE_N, args, 2);
    paragraph(writer, "", "", buf_str(&title));
    buf_free(&title);
}

static void
write_grid(struct text_writer *writer, const struct grid *grid)
{
    struct measures measures;
    measure(writer, grid, &measures);
    struct layout keys = keys_of(grid, &measures), part = keys;
    for (size_t c = 0; c < grid->n_columns; c++) {
        if (grid->column[c].key)
            continue;
        struct layout with = with_column(part, &measures, c), tried = with;
        if (part.n > keys.n && !squeeze(&tried)) {
            print_part(writer, &part);
            buf_char(writer->out, '\n');
            with = with_column(keys, &measures, c);
        }
        part = with;
    }
    print_part(writer, &part);
}

static void
centred(struct text_writer *writer, struct str text)
{
    size_t width = width_str(text);
    spaces(writer->out, width < PAGE ? (PAGE - width) / 2 : 0);
    buf_printable(writer->out, text);
    buf_char(writer->out, '\n');
}

static void
write_head(struct text_writer *writer)
{
    const struct document *document = writer->document;
    if (document->site.len > 0)
        centred(writer, document->site);
    centred(writer, phrase(P_REPORT, document->language));
    centred(writer, document->subject);
    centred(writer, document->dates);
    buf_char(writer->out, '\n');
}

static void
write_block(struct text_writer *writer, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        buf_add(writer->out, document_roman(block->number));
        buf_add(writer->out, STR(". "));
        buf_printable(writer->out, block->text);
        buf_add(writer->out, STR("\n\n"));
        break;
    case BLOCK_SENTENCE:
        buf_printable(writer->out, block->text);
        buf_add(writer->out, STR("\n\n"));
        break;
    case BLOCK_TEXT:
        paragraph(writer, "", "", block->text);
        buf_char(writer->out, '\n');
        break;
    case BLOCK_WARNING:
        paragraph(writer, "! ", "  ", block->text);
        buf_char(writer->out, '\n');
        break;
    case BLOCK_NOTE:
        paragraph(writer, "  ", "  ", block->text);
        buf_char(writer->out, '\n');
        break;
    case BLOCK_TABLE:
        if (!(block->grid->audience & FOR_PEOPLE))
            break;
        write_title(writer, block->grid);
        write_grid(writer, block->grid);
        buf_char(writer->out, '\n');
        break;
    case BLOCK_CHART: /* its numbers stand in a table beside it */
        break;
    }
}

void
document_write_text(const struct document *document, struct buf *out)
{
    struct text_writer writer = {
        .document = document, .out = out, .max_rows = MAX_ROWS_FOR_PEOPLE};
    write_head(&writer);
    for (const struct block *block = document->first; block;
         block = block->next)
        write_block(&writer, block);
    buf_free(&writer.cell);
}

void
grid_write_text(const struct grid *grid, struct buf *out)
{
    struct text_writer writer = {
        .document = grid->document, .out = out, .max_rows = SIZE_MAX};
    write_grid(&writer, grid);
    buf_free(&writer.cell);
}
