/* SPDX-License-Identifier: Apache-2.0
 *
 * A report as a document, before it has a format: blocks in reading order,
 * tables of typed cells. The sections fill it, the writers walk it, so that
 * text, HTML, CSV and JSON cannot disagree. Memory is the arena's; when that
 * is full `full` is set, rows go to a spare place, and the report is refused
 * at the end. */
#ifndef REPORT_DOCUMENT_PRIV_H
#define REPORT_DOCUMENT_PRIV_H

#include "base/arena.h"
#include "model/catalogue.h"
#include "report/period_words.h"

#define MAX_COLUMNS 72 /* five years of months, names, a total */

enum cell_kind {
    CELL_EMPTY,
    CELL_TEXT,
    CELL_COUNT,   /* n */
    CELL_CHANGE,  /* value: signed */
    CELL_SHARE,   /* value: tenths of a percent */
    CELL_GROWTH,  /* the same, signed */
    CELL_DATE,    /* value: a day */
    CELL_MONTH,   /* value: its first day */
    CELL_HOUR,    /* value: hours since 1970, UTC+7 */
    CELL_NONE,    /* "–": no such level, no base */
    CELL_MISSING, /* no data was collected */
};

struct cell {
    enum cell_kind kind;
    bool partly; /* some of its data is missing: marked with a star */
    uint64_t n;
    int64_t value;
    struct str text; /* for people */
    struct str id;   /* for machines; empty: the text */
};

struct column {
    struct str id;    /* "low", "unit" */
    struct str title; /* for people */
    bool key;         /* names the row; the others are values */
    bool number;      /* right aligned */
    bool derived;     /* a sum or a share of others: not in the tidy form */
    /* In the tidy form a value column is a value of a key: severity=low. */
    struct str key_id, key_value;
};

/* Who a table is for: the days are a calendar for people. FOR_NOBODY: only a
 * chart is made of it. */
enum audience {
    FOR_NOBODY = 0,
    FOR_PEOPLE = 1,
    FOR_MACHINES = 2,
    FOR_ALL = FOR_PEOPLE | FOR_MACHINES,
};

#define MAX_ROWS_FOR_PEOPLE 300 /* the rest is named by its number */

struct row {
    bool total;
    struct cell *cell; /* n_columns of them */
    struct row *next;
};

struct grid {
    struct str id;
    struct str title; /* without its number */
    enum audience audience;
    int number; /* for people: "Table 3." */
    struct column column[MAX_COLUMNS];
    size_t n_columns;
    struct row *first, *last;
    size_t n_rows;
    struct document *document;
};

/* Stacked bars (severity series) or one line. Points in order. */
struct chart {
    struct str title;
    int number;
    bool line;
    const struct str *label; /* n_points; empty: no label there */
    size_t n_points;
    struct {
        struct str name;
        enum severity severity; /* its colour */
        const uint64_t *value;  /* n_points */
    } series[N_SEVERITIES];
    size_t n_series;
    const bool *missing; /* n_points; NULL: none */
};

enum block_kind {
    BLOCK_HEADING,
    BLOCK_SENTENCE, /* the plan's: never broken into lines */
    BLOCK_TEXT,
    BLOCK_WARNING,
    BLOCK_NOTE, /* small print */
    BLOCK_TABLE,
    BLOCK_CHART,
};

struct block {
    enum block_kind kind;
    int number; /* of a heading */
    struct str text;
    struct grid *grid;
    struct chart *chart;
    struct block *next;
};

struct document {
    struct arena *arena;
    enum language language;
    struct period period;
    struct str site, subject, dates; /* title and its second line */
    int32_t frozen_on;               /* NO_DAY: not published */
    struct str sentence;
    bool restoring, balances;
    struct block *first, *last;
    int n_headings, n_tables, n_charts;
    struct buf buf; /* to write a text in; see document_text */
    bool full;      /* what follows is written to and never read */
    struct cell spare_cell[MAX_COLUMNS];
    struct row spare_row;
    struct grid spare_grid;
};

#define NO_DAY INT32_MIN

/* What was written to document->buf, kept; empties the buffer. */
struct str document_text(struct document *document);
/* The phrase with its arguments, kept. */
struct str document_phrase(struct document *document, enum phrase name,
                           const struct str *args, size_t n);
/* `s` with a capital first letter, kept. */
struct str document_capital(struct document *document, struct str s);
/* Memory in the document's arena; NULL sets `full`. */
void *document_take(struct document *document, size_t n, size_t size);

struct block *document_add(struct document *document, enum block_kind kind,
                           struct str text);
void document_heading(struct document *document, enum phrase name);
struct chart *document_chart(struct document *document, enum phrase title);

/* A table at the end of the document; never NULL, see `full`. */
struct grid *grid_new(struct document *document, const char *id,
                      struct str title, enum audience audience);
/* The next column; before any row. */
struct column *grid_column(struct grid *grid, struct str id, struct str title);
struct column *grid_key(struct grid *grid, const char *id, enum phrase title);
struct column *grid_number(struct grid *grid, const char *id,
                           enum phrase title);
/* The next row's cells, all CELL_EMPTY. */
struct row *grid_row(struct grid *grid);

/* Cells. */
struct cell cell_text(struct str text, struct str id);
struct cell cell_count(uint64_t n);
struct cell cell_change(uint64_t now, uint64_t base);
struct cell cell_growth(uint64_t now, uint64_t base);  /* base 0: "–" */
struct cell cell_share(uint64_t part, uint64_t whole); /* whole 0: "–" */
struct cell cell_value(enum cell_kind kind, int64_t value);

/* How a cell reads for people. */
void buf_cell(struct buf *buf, enum language language, const struct cell *cell);

/* How it reads for machines: 15035, 11.8, 2024-09-30, an id. */
void buf_cell_plain(struct buf *buf, const struct cell *cell);

/* "I", "IV": the number of a heading, to X. */
struct str document_roman(int number);
/* A number in digits, in `text`. */
struct str document_number(char text[16], int number);

/* The writers, by format. */
void document_write_text(const struct document *document, struct buf *out);
void document_write_html(const struct document *document, struct buf *out);
void document_write_csv(const struct document *document, struct buf *out);
void document_write_json(const struct document *document, struct buf *out);
/* One table alone: aligned text, all its rows; one JSON object a row. */
void grid_write_text(const struct grid *grid, struct buf *out);
void grid_write_json(const struct grid *grid, struct buf *out);
/* An <svg> element. */
void chart_write(const struct chart *chart, enum language language,
                 struct buf *out);

/* One character of UTF-8 at `s.at[*i]`, moving `*i` past it; what is not
 * valid, not printable, or turns text around gives U+FFFD. */
uint32_t width_next(struct str s, size_t *i);
/* Columns a terminal gives it: 0, 1 or 2. */
int width_of(uint32_t character);
size_t width_str(struct str s);
/* Appends `s` with every character that width_next replaces replaced. */
void buf_printable(struct buf *buf, struct str s);

#endif
