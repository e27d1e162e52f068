/* SPDX-License-Identifier: Apache-2.0
 *
 * Can the figures be trusted: the books as an equation that is checked, what
 * could not be read, values without a mapping, gaps in collection. */
#include "report/sections_priv.h"

/* in − (counted + updates + duplicates + dead letters). */
static struct cell
balance_of(const struct book *book)
{
    uint64_t parts = book->n[BOOK_COUNTED] + book->n[BOOK_UPDATES] +
                     book->n[BOOK_DUPLICATES] + book->n[BOOK_DEAD_LETTERS];
    return cell_change(book->n[BOOK_IN], parts);
}

/* "balances" or "off by +3". */
static struct str
balance_words(struct sections *sections, const struct book *book)
{
    struct document *document = sections->document;
    struct cell off = balance_of(book);
    if (off.value == 0)
        return phrase(P_BALANCES, sections->language);
    buf_cell(&document->buf, sections->language, &off);
    struct str args[] = {document_text(document)};
    return document_phrase(document, P_OFF_BY, args, 1);
}

static void
book_cells(struct sections *sections, struct cell *cell,
           const struct book *book)
{
    static const enum book_column columns[] = {BOOK_IN, BOOK_COUNTED,
                                               BOOK_UPDATES, BOOK_DUPLICATES,
                                               BOOK_DEAD_LETTERS};
    size_t n = sizeof columns / sizeof columns[0];
    for (size_t i = 0; i < n; i++)
        cell[i] = cell_count(book->n[columns[i]]);
    cell[n] =
        cell_text(balance_words(sections, book),
                  balance_of(book).value == 0 ? STR("balances") : STR("off"));
}

static void
add_equation(struct sections *sections, const struct book *sum)
{
    struct document *document = sections->document;
    struct buf text[5] = {0};
    struct str args[6];
    for (size_t i = 0; i < 5; i++) {
        buf_number(&text[i], sections->language, sum->n[BOOK_IN + i]);
        args[i] = buf_str(&text[i]);
    }
    args[5] = balance_words(sections, sum);
    document_add(document, BLOCK_TEXT,
                 document_phrase(document, P_EQUATION, args, 6));
    buf_clear(&text[0]);
    buf_number(&text[0], sections->language, sections->counted_cells);
    args[0] = buf_str(&text[0]);
    bool agree = sections->counted_cells == sum->n[BOOK_COUNTED];
    document_add(document, agree ? BLOCK_TEXT : BLOCK_WARNING,
                 document_phrase(
                     document, agree ? P_CELLS_RIGHT : P_CELLS_WRONG, args, 2));
    for (size_t i = 0; i < 5; i++)
        buf_free(&text[i]);
}

static void
add_books(struct sections *sections)
{
    struct grid *grid =
        grid_new(sections->document, "books",
                 phrase(P_T_BOOKS, sections->language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    grid_number(grid, "in", P_IN);
    grid_number(grid, "counted", P_COUNTED);
    grid_number(grid, "updates", P_UPDATES);
    grid_number(grid, "duplicates", P_DUPLICATES);
    grid_number(grid, "dead_letters", P_DEAD_LETTERS);
    grid_number(grid, "check", P_BALANCE);
    struct book sum = {0};
    for (size_t i = 0; i < sections->n_sources; i++) {
        struct row *row = grid_row(grid);
        row->cell[0] = sections_source_cell(sections, i);
        book_cells(sections, row->cell + 1, &sections->books[i]);
        for (size_t k = 0; k < N_BOOK_COLUMNS; k++)
            sum.n[k] += sections->books[i].n[k];
    }
    struct row *row = grid_row(grid);
    row->total = true;
    row->cell[0] = cell_text(phrase(P_TOTAL, sections->language), NO_STR);
    book_cells(sections, row->cell + 1, &sum);
    add_equation(sections, &sum);
}

static void
add_facts(struct sections *sections)
{
    static const struct {
        enum book_column column;
        enum phrase title;
    } facts[] = {
        {BOOK_LATE, P_LATE},
        {BOOK_TIME_FROM_ARRIVAL, P_TIME_FROM_ARRIVAL},
        {BOOK_UNKNOWN_SEVERITY, P_UNKNOWN_SEVERITY},
        {BOOK_NO_KIND, P_NO_KIND},
        {BOOK_HIGH_NO_KIND, P_HIGH_NO_KIND},
        {BOOK_NULL_KEY, P_NULL_KEY},
    };
    size_t n = sizeof facts / sizeof facts[0];
    struct grid *grid =
        grid_new(sections->document, "facts",
                 phrase(P_T_FACTS, sections->language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    for (size_t k = 0; k < n; k++)
        grid_column(grid, book_column_id(facts[k].column),
                    phrase(facts[k].title, sections->language))
            ->number = true;
    for (size_t i = 0; i < sections->n_sources; i++) {
        struct row *row = grid_row(grid);
        row->cell[0] = sections_source_cell(sections, i);
        for (size_t k = 0; k < n; k++)
            row->cell[k + 1] =
                cell_count(sections->books[i].n[facts[k].column]);
    }
}

static void
add_letters(struct sections *sections)
{
    struct document *document = sections->document;
    const struct report_tops *letters = &sections->input->dead_letters;
    uint64_t n = 0;
    for (size_t i = 0; i < sections->n_sources; i++)
        n += sections->books[i].n[BOOK_DEAD_LETTERS];
    if (n == 0)
        document_add(document, BLOCK_TEXT,
                     phrase(P_NO_LETTERS, sections->language));
    if (letters->n == 0)
        return;
    struct grid *grid =
        grid_new(document, "dead_letters",
                 phrase(P_T_LETTERS, sections->language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "item", P_REASON);
    grid_number(grid, "dead_letters", P_DEAD_LETTERS);
    for (size_t i = 0; i < letters->n; i++) {
        struct row *row = grid_row(grid);
        row->cell[0] = sections_source_named(sections, letters->at[i].source);
        row->cell[1] = cell_text(letters->at[i].name, NO_STR);
        row->cell[2] = cell_count(letters->at[i].n);
    }
}

static void
add_unknown(struct sections *sections)
{
    struct document *document = sections->document;
    struct sums sums =
        sections_sums(sections, sections->period.from, sections->period.to,
                      BY(BY_SOURCE) | BY(BY_SEVERITY) | BY(BY_VENDOR_SEVERITY));
    struct grid *grid = NULL;
    for (size_t i = 0; i < sums.n; i++) {
        const struct count_cell *at = &sums.rows[i];
        if (at->severity != SEVERITY_UNKNOWN)
            continue;
        if (grid == NULL) {
            grid = grid_new(document, "unknown_severities",
                            phrase(P_T_UNKNOWN, sections->language), FOR_ALL);
            grid_key(grid, "source", P_SOURCE);
            grid_key(grid, "vendor_severity", P_VENDOR_SEVERITY);
            grid_number(grid, "alerts", P_ALERTS);
        }
        struct row *row = grid_row(grid);
        row->cell[0] = sections_source_named(sections, at->source);
        row->cell[1] = sections_vendor_cell(sections, at->vendor_severity);
        row->cell[2] = cell_count(at->n);
    }
    if (grid == NULL)
        document_add(document, BLOCK_TEXT,
                     phrase(P_NO_UNKNOWN, sections->language));
}

static void
add_gaps(struct sections *sections)
{
    struct document *document = sections->document;
    enum language language = sections->language;
    const struct gaps *gaps = &sections->gaps;
    if (gaps->n == 0) {
        document_add(document, BLOCK_TEXT, phrase(P_NO_GAPS, language));
        document_add(document, BLOCK_NOTE, phrase(P_GAPS_NOTE, language));
        return;
    }
    struct grid *grid =
        grid_new(document, "gaps", phrase(P_T_GAPS, language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "item", P_BEGIN);
    grid_number(grid, "end", P_END);
    grid_number(grid, "hours", P_HOURS);
    grid_number(grid, "habit_hours", P_HABIT);
    for (size_t i = 0; i < gaps->n; i++) {
        const struct gap *gap = &gaps->at[i];
        struct row *row = grid_row(grid);
        row->cell[0] = sections_source_named(sections, gap->source);
        row->cell[1] = cell_value(CELL_HOUR, gap->from);
        row->cell[2] = gap->open
                           ? cell_text(phrase(P_STILL, language), STR("open"))
                           : cell_value(CELL_HOUR, gap->to);
        row->cell[3] = cell_count((uint64_t)(gap->to - gap->from));
        row->cell[4] = cell_count((uint64_t)gap->habit);
    }
    document_add(document, BLOCK_NOTE, phrase(P_GAPS_NOTE, language));
}

void
section_quality(struct sections *sections)
{
    struct document *document = sections->document;
    document_heading(document, P_S_QUALITY);
    add_books(sections);
    add_facts(sections);
    add_letters(sections);
    add_unknown(sections);
    add_gaps(sections);
    if (sections->silent.len > 0) {
        struct str args[] = {sections->silent};
        document_add(document, BLOCK_NOTE,
                     document_phrase(document, P_NO_DATA, args, 1));
    }
}
