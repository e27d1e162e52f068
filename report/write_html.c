/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as one HTML file that stands by itself: no scripts, nothing
 * fetched (its own policy forbids both), pictures inside. Laid out after the
 * form of Vietnamese official papers (Decree 30/2020/ND-CP, annex I) and for
 * A4 when printed. Every text from outside goes through escaping here. */
#include "report/document_priv.h"
#include "report/style_priv.h"

#include "base/times.h"

#define MAX_VALUES 12  /* columns of values side by side on the page */
#define FEW_ROWS 14    /* such a table is not broken over pages */
#define SHORT_WIDTH 22 /* columns of text that are not broken into lines */

struct html_writer {
    const struct document *document;
    struct buf *out;
    struct buf text; /* one text, before it is escaped */
};

static const char head[] =
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n";

/* Escapes, after what is not printable has been replaced. */
static void
add_text(struct html_writer *writer, struct str text)
{
    buf_clear(&writer->text);
    buf_printable(&writer->text, text);
    buf_html(writer->out, buf_str(&writer->text));
}

static void
add(struct html_writer *writer, const char *markup)
{
    buf_add(writer->out, str_of(markup));
}

static void
add_phrase(struct html_writer *writer, enum phrase name)
{
    add_text(writer, phrase(name, writer->document->language));
}

static void
add_element(struct html_writer *writer, const char *open, struct str text,
            const char *close)
{
    add(writer, open);
    add_text(writer, text);
    add(writer, close);
}

/* "………, ngày 5 tháng 10 năm 2024" from the freeze, else to be filled in. */
static void
add_date_line(struct html_writer *writer)
{
    enum language language = writer->document->language;
    if (writer->document->frozen_on == NO_DAY) {
        add_phrase(writer, P_DATE_LINE);
        return;
    }
    struct civil civil =
        civil_from_ms(writer->document->frozen_on * MS_PER_DAY, 0);
    char numbers[3][16];
    struct str args[] = {document_number(numbers[0], civil.day),
                         document_number(numbers[1], civil.month),
                         document_number(numbers[2], civil.year)};
    struct buf line = {0};
    buf_phrase(&line, language, P_DATED, args, 3);
    add_text(writer, buf_str(&line));
    buf_free(&line);
}

static void
write_head(struct html_writer *writer)
{
    const struct document *document = writer->document;
    add(writer, "<!DOCTYPE html>\n<html lang=\"");
    add(writer, document->language == ENGLISH ? "en" : "vi");
    add(writer, "\">\n<head>\n");
    add(writer, head);
    add_element(writer, "<title>", document->subject, "</title>\n<style>\n");
    add(writer, STYLE);
    add(writer, "</style>\n</head>\n<body>\n<header>\n<div class=\"body\">");
    add_element(writer, "<p class=\"name\">", document->site, "</p>");
    add(writer, "<hr><p>");
    add_phrase(writer, P_NUMBER_LINE);
    add(writer, "</p></div>\n<div class=\"nation\"><p class=\"name\">");
    add_phrase(writer, P_NATION);
    add(writer, "</p><p class=\"motto\">");
    add_phrase(writer, P_MOTTO);
    add(writer, "</p><hr><p class=\"place\">");
    add_date_line(writer);
    add(writer, "</p></div>\n</header>\n<h1>");
    add_phrase(writer, P_REPORT);
    add_element(writer, "<br><span>", document->subject, "</span></h1>\n");
    add_element(writer, "<p class=\"dates\">", document->dates, "</p>\n");
}

static void
write_foot(struct html_writer *writer)
{
    add(writer, "<footer>\n<div class=\"to\"><b>");
    add_phrase(writer, P_RECIPIENTS);
    add(writer, "</b><br>…………………<br>…………………</div>\n<div><b>");
    add_phrase(writer, P_PREPARED);
    add(writer, "</b><br><i>");
    add_phrase(writer, P_SIGN);
    add(writer, "</i></div>\n<div><b>");
    add_phrase(writer, P_HEAD);
    add(writer, "</b><br><i>");
    add_phrase(writer, P_SIGN_SEAL);
    add(writer, "</i></div>\n</footer>\n</body>\n</html>\n");
}

static void
write_cell(struct html_writer *writer, const struct cell *cell,
           const struct column *column)
{
    struct buf words = {0};
    bool quiet = cell->kind == CELL_MISSING;
    struct cell plain = *cell;
    plain.partly = false;
    buf_cell(&words, writer->document->language, &plain);
    add(writer, column->number && quiet ? "<td class=\"n missing\">"
                : column->number        ? "<td class=\"n\">"
                : width_str(buf_str(&words)) > SHORT_WIDTH
                    ? "<td class=\"long\">"
                    : "<td>");
    add_text(writer, buf_str(&words));
    add(writer, cell->partly ? "<i>*</i></td>" : "</td>");
    buf_free(&words);
}

/* Keys, and the values [from, to) by their place among the values. */
static bool
in_part(const struct grid *grid, size_t column, size_t from, size_t to)
{
    size_t value = 0;
    if (grid->column[column].key)
        return true;
    for (size_t c = 0; c < column; c++)
        value += !grid->column[c].key;
    return value >= from && value < to;
}

static void
write_rows(struct html_writer *writer, const struct grid *grid, size_t from,
           size_t to)
{
    size_t n = 0;
    for (const struct row *row = grid->first; row; row = row->next) {
        if (!row->total && ++n > MAX_ROWS_FOR_PEOPLE)
            continue;
        add(writer, row->total ? "<tr class=\"total\">" : "<tr>");
        for (size_t c = 0; c < grid->n_columns; c++)
            if (in_part(grid, c, from, to))
                write_cell(writer, &row->cell[c], &grid->column[c]);
        add(writer, "</tr>\n");
    }
    add(writer, "</tbody>\n</table></div>\n");
    if (n <= MAX_ROWS_FOR_PEOPLE)
        return;
    char number[16];
    struct buf text = {0};
    struct str args[] = {
        document_number(number, (int)(n - MAX_ROWS_FOR_PEOPLE))};
    buf_phrase(&text, writer->document->language, P_MORE_ROWS, args, 1);
    add_element(writer, "<p class=\"note\">", buf_str(&text), "</p>\n");
    buf_free(&text);
}

/* "Table 3. Title" as a caption or a figure's. */
static void
add_caption(struct html_writer *writer, enum phrase form, int number,
            struct str title)
{
    char digits[16];
    struct buf text = {0};
    struct str args[] = {document_number(digits, number), title};
    buf_phrase(&text, writer->document->language, form, args, 2);
    add_text(writer, buf_str(&text));
    buf_free(&text);
}

static void
write_grid(struct html_writer *writer, const struct grid *grid)
{
    size_t values = 0, from = 0;
    for (size_t c = 0; c < grid->n_columns; c++)
        values += !grid->column[c].key;
    do {
        size_t to = from + MAX_VALUES < values ? from + MAX_VALUES : values;
        buf_format(writer->out,
                   "<div class=\"wide\"><table class=\"%s\">\n<caption>",
                   str_equal(grid->id, STR("calendar")) ? "dense"
                   : grid->n_rows <= FEW_ROWS           ? "few"
                                                        : "many");
        add_caption(writer, P_TABLE_N, grid->number, grid->title);
        add(writer, "</caption>\n<thead><tr>");
        for (size_t c = 0; c < grid->n_columns; c++)
            if (in_part(grid, c, from, to))
                add_element(writer,
                            grid->column[c].number ? "<th class=\"n\">"
                                                   : "<th>",
                            grid->column[c].title, "</th>");
        add(writer, "</tr></thead>\n<tbody>\n");
        write_rows(writer, grid, from, to);
        from = to;
    } while (from < values);
}

static void
write_chart(struct html_writer *writer, const struct chart *chart)
{
    add(writer, "<figure>\n");
    chart_write(chart, writer->document->language, writer->out);
    add(writer, "<figcaption>");
    add_caption(writer, P_CHART_N, chart->number, chart->title);
    add(writer, "</figcaption>\n</figure>\n");
}

static void
write_block(struct html_writer *writer, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        add_element(writer, "<h2>", document_roman(block->number), ". ");
        add_element(writer, "", block->text, "</h2>\n");
        break;
    case BLOCK_SENTENCE:
        add_element(writer, "<p class=\"sentence\">", block->text, "</p>\n");
        break;
    case BLOCK_TEXT:
        add_element(writer, "<p>", block->text, "</p>\n");
        break;
    case BLOCK_WARNING:
        add_element(writer, "<p class=\"warning\">", block->text, "</p>\n");
        break;
    case BLOCK_NOTE:
        add_element(writer, "<p class=\"note\">", block->text, "</p>\n");
        break;
    case BLOCK_TABLE:
        if (block->grid->audience & FOR_PEOPLE)
            write_grid(writer, block->grid);
        break;
    case BLOCK_CHART:
        if (block->chart != NULL)
            write_chart(writer, block->chart);
        break;
    }
}

void
document_write_html(const struct document *document, struct buf *out)
{
    struct html_writer writer = {.document = document, .out = out};
    write_head(&writer);
    for (const struct block *block = document->first; block;
         block = block->next)
        write_block(&writer, block);
    write_foot(&writer);
    buf_free(&writer.text);
}
