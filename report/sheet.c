/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a spreadsheet's CSV as people save it: a byte order mark, one of
 * three separators, quotes (RFC 4180), Vietnamese or English words, figures
 * with or without groups. What is not understood is a mistake with its place;
 * a figure is never guessed. */
#include "report/sheet.h"

#include "base/table.h"
#include "base/times.h"
#include "report/period.h"

enum { MAX_FIELDS = 32, MONTH = 0, SOURCE, SEVERITY, FIGURE, N_COLUMNS };

#define WORD(text)                                                             \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

static const struct str column_names[] = {WORD("month"), WORD("source"),
                                          WORD("severity"), WORD("n")};

/* Other names that people give the columns. */
static const struct {
    struct str name;
    int column;
} other_names[] = {
    {WORD("tháng"), MONTH},        {WORD("nguồn"), SOURCE},
    {WORD("mức độ"), SEVERITY},    {WORD("level"), SEVERITY},
    {WORD("số cảnh báo"), FIGURE}, {WORD("số lượng"), FIGURE},
    {WORD("alerts"), FIGURE},      {WORD("count"), FIGURE},
};

struct field {
    struct str text; /* unquoted */
    struct place place;
};

struct sheet_reader {
    const struct sheet_file *file;
    struct arena *arena;
    struct complaints *complaints;
    struct sheet *sheet;
    size_t at; /* next byte */
    unsigned line, column;
    char separator;
    size_t field_of[N_COLUMNS]; /* where the head has them */
    size_t n_columns;           /* with those that are not read */
    struct table *seen;  /* month, source, severity → number of the cell */
    unsigned *seen_line; /* where that was */
    struct field field[MAX_FIELDS];
    size_t n_fields;
};

static bool
at_end(const struct sheet_reader *reader)
{
    return reader->at >= reader->file->text.len;
}

static char
peek(const struct sheet_reader *reader)
{
    return at_end(reader) ? '\n' : reader->file->text.at[reader->at];
}

/* One byte on; columns count characters, so not the later bytes of one. */
static void
step(struct sheet_reader *reader)
{
    char c = peek(reader);
    reader->at++;
    if (c == '\n') {
        reader->line++;
        reader->column = 1;
    } else if (((unsigned char)peek(reader) & 0xC0) != 0x80) {
        reader->column++;
    }
}

static struct place
place_of(const struct sheet_reader *reader)
{
    return (struct place){reader->file->name, reader->line, reader->column};
}

/* A quoted field, from its first quote; the text goes to the arena. */
static bool
read_quoted(struct sheet_reader *reader, struct field *field)
{
    struct buf text = {0};
    step(reader);
    for (;;) {
        if (at_end(reader)) {
            complain(reader->complaints, field->place,
                     "the quote is never closed");
            buf_free(&text);
            return false;
        }
        char c = peek(reader);
        step(reader);
        if (c == '"') {
            if (at_end(reader) || peek(reader) != '"')
                break;
            step(reader);
        }
        buf_char(&text, c);
    }
    field->text = arena_copy(reader->arena, buf_str(&text));
    buf_free(&text);
    return true;
}

static bool
ends_field(const struct sheet_reader *reader)
{
    char c = peek(reader);
    return at_end(reader) || c == reader->separator || c == '\n' ||
           (c == '\r' && reader->at + 1 < reader->file->text.len &&
            reader->file->text.at[reader->at + 1] == '\n');
}

static bool
read_field(struct sheet_reader *reader, struct field *field)
{
    *field = (struct field){.place = place_of(reader)};
    if (peek(reader) == '"' && !at_end(reader)) {
        if (!read_quoted(reader, field))
            return false;
        if (!ends_field(reader)) {
            complain(reader->complaints, place_of(reader),
                     "something stands after the closing quote");
            return false;
        }
        return true;
    }
    size_t from = reader->at;
    while (!ends_field(reader))
        step(reader);
    field->text = str_cut(reader->file->text, from, reader->at);
    return true;
}

/* One line into reader->field, texts trimmed. False at a mistake after which
 * the lines cannot be told apart any more. */
static bool
read_line(struct sheet_reader *reader)
{
    reader->n_fields = 0;
    for (;;) {
        struct field field;
        if (!read_field(reader, &field))
            return false;
        field.text = str_trim(field.text);
        if (reader->n_fields == MAX_FIELDS) {
            complain(reader->complaints, field.place, "more than %d columns",
                     MAX_FIELDS);
            return false;
        }
        reader->field[reader->n_fields++] = field;
        if (at_end(reader))
            return true;
        if (peek(reader) == '\r')
            step(reader);
        bool more = peek(reader) == reader->separator;
        step(reader);
        if (!more)
            return true;
    }
}

/* The separator that occurs most in the first line. */
static char
separator_of(struct str text)
{
    static const char candidates[] = {',', ';', '\t'};
    size_t best = 0;
    char separator = ',';
    for (size_t k = 0; k < sizeof candidates; k++) {
        size_t n = 0;
        for (size_t i = 0; i < text.len && text.at[i] != '\n'; i++)
            n += text.at[i] == candidates[k];
        if (n > best) {
            best = n;
            separator = candidates[k];
        }
    }
    return separator;
}

static int
column_named(struct str name)
{
    for (int i = 0; i < N_COLUMNS; i++)
        if (str_equal_nocase(name, column_names[i]))
            return i;
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
        if (str_equal_nocase(name, other_names[i].name))
            return other_names[i].column;
    return -1;
}

static bool
read_head(struct sheet_reader *reader)
{
    bool has[N_COLUMNS] = {false}, fine = true;
    if (!read_line(reader))
        return false;
    reader->n_columns = reader->n_fields;
    for (size_t i = 0; i < reader->n_fields; i++) {
        const struct field *field = &reader->field[i];
        int column = column_named(field->text);
        if (column < 0) {
            complain_warning(reader->complaints, field->place,
                             "column '%.*s' is not read", STR_ARG(field->text));
        } else if (has[column]) {
            complain(reader->complaints, field->place,
                     "column '%s' is there twice", column_names[column].at);
            fine = false;
        } else {
            has[column] = true;
            reader->field_of[column] = i;
        }
    }
    for (int i = 0; i < N_COLUMNS; i++)
        if (!has[i]) {
            complain(reader->complaints,
                     (struct place){reader->file->name, 1, 1},
                     "there is no column '%s'; the head must name month, "
                     "source, severity and n",
                     column_names[i].at);
            fine = false;
        }
    return fine;
}

/* "2024-09", "9/2024", "09/2024", "T9/2024", "tháng 9/2024". */
static bool
month_from(struct str text, int32_t *month)
{
    struct period period;
    int64_t number, year;
    if (text.len == 7 && period_between(text, text, &period, NULL)) {
        *month = period.from;
        return true;
    }
    static const struct str words[] = {WORD("tháng"), WORD("Tháng"), WORD("T")};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_starts(text, words[i])) {
            text = str_trim(str_cut(text, words[i].len, text.len));
            break;
        }
    struct str part;
    if (!str_split(&text, '/', &part) || !str_to_i64(str_trim(part), &number) ||
        !str_to_i64(str_trim(text), &year) || number < 1 || number > 12 ||
        year < 1970 || year > 9999)
        return false;
    *month = day_from_civil((int)year, (int)number, 1);
    return true;
}

/* Digits, or groups of three after the first ("1.234.567"), one kind of
 * separator throughout. */
static bool
figure_from(struct str text, uint64_t *n)
{
    uint64_t value = 0;
    size_t run = 0, groups = 0;
    char mark = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9') {
            if (value > UINT64_C(1000000000000000) || (groups > 0 && run == 3))
                return false;
            value = value * 10 + (uint64_t)(c - '0');
            run++;
            continue;
        }
        if ((c != '.' && c != ',' && c != ' ') || (mark != 0 && c != mark) ||
            run == 0 || run > 3 || value == 0)
            return false;
        mark = c;
        run = 0;
        groups++;
    }
    if (run == 0 || (groups > 0 && run != 3))
        return false;
    *n = value;
    return true;
}

static bool
is_dash(struct str text)
{
    return text.len == 0 || str_equal(text, STR("-")) ||
           str_equal(text, STR("–")) || str_equal(text, STR("—"));
}

static bool
source_from(struct sheet_reader *reader, const struct field *field,
            struct str *name)
{
    const struct sheet_file *file = reader->file;
    struct str names[64];
    size_t n = 0;
    for (size_t i = 0; i < file->n_sources; i++) {
        const struct report_source *source = &file->sources[i];
        if (str_equal_nocase(field->text, source->name) ||
            str_equal_nocase(field->text, source->product) ||
            str_equal_nocase(field->text, source->label)) {
            *name = source->name;
            return true;
        }
        if (n < sizeof names / sizeof names[0])
            names[n++] = source->name;
    }
    complain_unknown(reader->complaints, field->place, "source", field->text,
                     names, n);
    return false;
}

/* The number of a cell is its place in the sheet. */
static void
keep_cell(struct sheet_reader *reader, const struct count_cell *cell,
          const struct field *first)
{
    struct sheet *sheet = reader->sheet;
    struct buf key = {0};
    bool is_new;
    buf_day(&key, cell->day);
    buf_format(&key, "|%d|", (int)cell->severity);
    buf_add(&key, cell->source);
    uint32_t number = table_add(reader->seen, buf_str(&key), &is_new);
    buf_free(&key);
    if (number == TABLE_NONE) {
        complain(reader->complaints, first->place,
                 "more than %d figures in one file", MAX_SHEET_ROWS);
    } else if (!is_new) {
        complain(reader->complaints, first->place,
                 "the same month, source and severity as line %u",
                 reader->seen_line[number]);
    } else {
        reader->seen_line[number] = first->place.line;
        sheet->cells[sheet->n++] = *cell;
        int32_t last = period_month_last(cell->day);
        if (sheet->n == 1 || cell->day < sheet->from)
            sheet->from = cell->day;
        if (sheet->n == 1 || last > sheet->to)
            sheet->to = last;
    }
}

/* A line of figures; names every mistake in it. */
static void
take_line(struct sheet_reader *reader)
{
    const struct field *field[N_COLUMNS];
    struct count_cell cell = {0};
    for (size_t i = 0; i < N_COLUMNS; i++)
        field[i] = &reader->field[reader->field_of[i]];
    bool fine = true;
    if (!month_from(field[MONTH]->text, &cell.day)) {
        complain(reader->complaints, field[MONTH]->place,
                 "'%.*s' is no month: write 2024-09 or 9/2024",
                 STR_ARG(field[MONTH]->text));
        fine = false;
    }
    fine = source_from(reader, field[SOURCE], &cell.source) && fine;
    if (!severity_from_word(field[SEVERITY]->text, &cell.severity)) {
        complain(reader->complaints, field[SEVERITY]->place,
                 "'%.*s' is no severity: write low, medium, high, critical or "
                 "thấp, trung bình, cao, nghiêm trọng",
                 STR_ARG(field[SEVERITY]->text));
        fine = false;
    }
    bool dash = is_dash(field[FIGURE]->text);
    if (!dash && !figure_from(field[FIGURE]->text, &cell.n)) {
        complain(reader->complaints, field[FIGURE]->place,
                 "'%.*s' is no count: write 15035, 15.035 or 15,035",
                 STR_ARG(field[FIGURE]->text));
        fine = false;
    }
    if (fine && !dash)
        keep_cell(reader, &cell, &reader->field[0]);
}

static void
read_lines(struct sheet_reader *reader)
{
    while (!at_end(reader)) {
        if (!read_line(reader))
            return;
        const struct field *first = &reader->field[0];
        bool empty = true;
        for (size_t i = 0; i < reader->n_fields; i++)
            empty = empty && reader->field[i].text.len == 0;
        if (empty)
            continue;
        if (reader->n_fields != reader->n_columns)
            complain(reader->complaints, first->place,
                     "%zu columns where the head has %zu", reader->n_fields,
                     reader->n_columns);
        else
            take_line(reader);
    }
}

bool
sheet_read(const struct sheet_file *file, struct arena *arena,
           struct sheet *sheet, struct complaints *complaints)
{
    size_t before = complaints->n_errors;
    struct sheet_reader reader = {
        .file = file,
        .arena = arena,
        .complaints = complaints,
        .sheet = sheet,
        .at = str_starts(file->text, STR("\xEF\xBB\xBF")) ? 3 : 0,
        .line = 1,
        .column = 1,
        .separator = separator_of(file->text),
        .seen = table_new(MAX_SHEET_ROWS),
    };
    *sheet = (struct sheet){0};
    sheet->cells = arena_take(arena, MAX_SHEET_ROWS, sizeof *sheet->cells);
    reader.seen_line =
        arena_take(arena, MAX_SHEET_ROWS, sizeof *reader.seen_line);
    if (reader.seen == NULL || sheet->cells == NULL || !reader.seen_line)
        complain(complaints, (struct place){file->name, 0, 0}, "out of memory");
    else if (read_head(&reader))
        read_lines(&reader);
    table_free(reader.seen);
    if (complaints->n_errors == before && sheet->n == 0)
        complain(complaints, (struct place){file->name, reader.line, 1},
                 "there is no figure in it");
    return complaints->n_errors == before;
}
