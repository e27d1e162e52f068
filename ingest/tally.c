/* SPDX-License-Identifier: Apache-2.0
 *
 * Counting. A shelf is a table of names with rows of numbers and a list of the
 * rows that changed; cells, books and hours are three shelves that differ only
 * in how many numbers a row has. The stored value is the numbers, separated by
 * blanks.
 *
 * Writing a row's name and looking it up costs more than counting in it, and
 * most alerts count in rows that others have just counted in. So the rows of
 * the last day, and of some cells, are remembered by what they were made of. */
#include "tally.h"

#include "base/table.h"
#include "base/times.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_UNKNOWN = 32,        /* vendor severities named in status */
    MAX_VENDOR_WORDS = 4096, /* distinct ones in one partition */
    MAX_DAY_SOURCES = 1 << 20,
    MEMO_BYTES = 112,
    N_MEMOS = 256, /* a power of two */
};

struct shelf {
    struct table *names;
    size_t width;   /* numbers in a row */
    uint64_t *rows; /* room * width */
    bool *changed;
    uint32_t *dirty; /* numbers of changed rows */
    uint32_t room, n_dirty;
};

/* What a row's name is made of, side by side, and the row's number. */
struct memo {
    uint32_t number, len; /* len 0: free */
    char key[MEMO_BYTES];
};

struct tally {
    struct shelf cells, books, hours;
    struct memo last_book, last_hours, cell[N_MEMOS];
    struct table *vendor_words; /* bounds what a hostile sender can add */
    struct table *unknown;
    uint64_t unknown_n[MAX_UNKNOWN];
    uint64_t sums[N_BOOK_COLUMNS];
    bool full;
    struct buf name, value;
};

static bool
shelf_init(struct shelf *shelf, uint32_t max, size_t width)
{
    shelf->names = table_new(max);
    shelf->width = width;
    return shelf->names != NULL;
}

static void
shelf_free(struct shelf *shelf)
{
    table_free(shelf->names);
    free(shelf->rows);
    free(shelf->changed);
    free(shelf->dirty);
}

static void *
resize(void *at, size_t n, size_t size)
{
    void *more = realloc(at, n * size);
    if (!more)
        abort(); /* a count that cannot be kept must not be committed */
    return more;
}

static void
shelf_grow(struct shelf *shelf)
{
    uint32_t old = shelf->room;
    shelf->room = old ? old * 2 : 256;
    shelf->rows =
        resize(shelf->rows, shelf->room * shelf->width, sizeof *shelf->rows);
    shelf->changed = resize(shelf->changed, shelf->room, sizeof(bool));
    shelf->dirty = resize(shelf->dirty, shelf->room, sizeof *shelf->dirty);
    memset(shelf->rows + old * shelf->width, 0,
           (shelf->room - old) * shelf->width * sizeof *shelf->rows);
    memset(shelf->changed + old, 0, shelf->room - old);
}

/* Row `number`, to be changed by the caller. */
static uint64_t *
shelf_at(struct shelf *shelf, uint32_t number, bool changed)
{
    if (number >= shelf->room)
        shelf_grow(shelf);
    if (changed && !shelf->changed[number]) {
        shelf->changed[number] = true;
        shelf->dirty[shelf->n_dirty++] = number;
    }
    return shelf->rows + number * shelf->width;
}

/* The row called `name`, to be changed by the caller; NULL when full. */
static uint64_t *
shelf_row(struct shelf *shelf, struct str name, bool changed)
{
    uint32_t number = table_add(shelf->names, name, NULL);
    return number == TABLE_NONE ? NULL : shelf_at(shelf, number, changed);
}

/* --- memos */

/* A number, then texts, each behind its length, so that no two lists of parts
 * give the same key. False: too long to be remembered. */
static bool
memo_key(struct memo *memo, int64_t number, const struct str *text, size_t n)
{
    size_t len = sizeof number + n;
    for (size_t i = 0; i < n; i++) {
        if (text[i].len > MEMO_BYTES)
            return false;
        len += text[i].len;
    }
    if (len > MEMO_BYTES)
        return false;
    char *at = memo->key;
    memcpy(at, &number, sizeof number);
    at += sizeof number;
    for (size_t i = 0; i < n; i++) {
        *at++ = (char)text[i].len;
        if (text[i].len > 0)
            memcpy(at, text[i].at, text[i].len);
        at += text[i].len;
    }
    memo->len = (uint32_t)len;
    return true;
}

static bool
memo_same(const struct memo *a, const struct memo *b)
{
    return a->len == b->len && memcmp(a->key, b->key, a->len) == 0;
}

/* Its place among others; whoever comes to the same place displaces it. */
static size_t
memo_place(const struct memo *memo)
{
    uint64_t hash = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= memo->len; i += sizeof word) {
        memcpy(&word, memo->key + i, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, memo->key + i, memo->len - i);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) & (N_MEMOS - 1);
}

static void
memo_keep(struct memo *place, const struct memo *memo, uint32_t number)
{
    memcpy(place->key, memo->key, memo->len);
    place->len = memo->len;
    place->number = number;
}

struct tally *
tally_new(void)
{
    struct tally *tally = calloc(1, sizeof *tally);
    if (!tally)
        return NULL;
    bool fine = shelf_init(&tally->cells, MAX_COUNT_CELLS, 1) &&
                shelf_init(&tally->books, MAX_DAY_SOURCES, N_BOOK_COLUMNS) &&
                shelf_init(&tally->hours, MAX_DAY_SOURCES, 24);
    tally->vendor_words = table_new(MAX_VENDOR_WORDS);
    tally->unknown = table_new(MAX_UNKNOWN);
    if (!fine || !tally->vendor_words || !tally->unknown) {
        tally_free(tally);
        return NULL;
    }
    return tally;
}

void
tally_free(struct tally *tally)
{
    if (!tally)
        return;
    shelf_free(&tally->cells);
    shelf_free(&tally->books);
    shelf_free(&tally->hours);
    table_free(tally->vendor_words);
    table_free(tally->unknown);
    buf_free(&tally->name);
    buf_free(&tally->value);
    free(tally);
}

static void
note_unknown(struct tally *tally, struct str vendor, uint64_t n)
{
    uint32_t number = table_add(tally->unknown, vendor, NULL);
    if (number != TABLE_NONE)
        tally->unknown_n[number] += n;
}

/* The number of the cell, or TABLE_NONE. When there are too many vendor
 * severities, what a sender chooses freely is left out, so that the alert is
 * counted all the same. */
static uint32_t
cell_number(struct tally *tally, struct count_cell *cell)
{
    if (table_add(tally->vendor_words, cell->vendor_severity, NULL) ==
        TABLE_NONE)
        cell->vendor_severity = STR("(other)");
    buf_clear(&tally->name);
    count_cell_write(&tally->name, cell);
    return table_add(tally->cells.names, buf_str(&tally->name), NULL);
}

/* The row of the cell an alert counts in. */
static uint64_t *
cell_row(struct tally *tally, const struct alert *alert)
{
    struct count_cell cell = {
        .day = day_of_ms(alert->event_ms, VIETNAM_MINUTES),
        .source = alert->source,
        .vendor_severity =
            str_cut(alert->field[ALERT_VENDOR_SEVERITY], 0, MAX_KEY_BYTES),
        .severity = alert->severity,
        .unit = alert->unit,
        .system = alert->system,
        .level = alert->level,
    };
    const struct str text[] = {cell.source, cell.vendor_severity, cell.unit,
                               cell.system};
    int64_t numbers =
        ((int64_t)cell.day * 256 + cell.severity) * 256 + cell.level;
    struct memo memo, *place = NULL;
    if (memo_key(&memo, numbers, text, sizeof text / sizeof *text)) {
        place = &tally->cell[memo_place(&memo)];
        if (memo_same(place, &memo))
            return shelf_at(&tally->cells, place->number, true);
    }
    uint32_t number = cell_number(tally, &cell);
    if (number == TABLE_NONE) {
        tally->full = true;
        return shelf_at(&tally->cells, 0, true); /* the first there ever was */
    }
    if (place)
        memo_keep(place, &memo, number);
    return shelf_at(&tally->cells, number, true);
}

/* The row of a day and source on `shelf`; NULL when full. */
static uint64_t *
day_row(struct tally *tally, struct shelf *shelf, struct memo *last,
        int32_t day, struct str source)
{
    struct memo memo;
    bool fits = memo_key(&memo, day, &source, 1);
    if (fits && memo_same(last, &memo))
        return shelf_at(shelf, last->number, true);
    buf_clear(&tally->name);
    buf_day(&tally->name, day);
    buf_char(&tally->name, '|');
    buf_add(&tally->name, source);
    uint32_t number = table_add(shelf->names, buf_str(&tally->name), NULL);
    if (number == TABLE_NONE)
        return NULL;
    if (fits)
        memo_keep(last, &memo, number);
    return shelf_at(shelf, number, true);
}

void
tally_alert(struct tally *tally, const struct alert *alert)
{
    ++*cell_row(tally, alert);
    if (alert->severity == SEVERITY_UNKNOWN)
        note_unknown(tally, alert->field[ALERT_VENDOR_SEVERITY], 1);
    int64_t local_ms = alert->event_ms + VIETNAM_MINUTES * 60000;
    int32_t day = day_of_ms(alert->event_ms, VIETNAM_MINUTES);
    int64_t hour = (local_ms - day * MS_PER_DAY) / 3600000;
    uint64_t *row =
        day_row(tally, &tally->hours, &tally->last_hours, day, alert->source);
    if (row && hour >= 0 && hour < 24)
        row[hour]++;
}

void
tally_book(struct tally *tally, int32_t day, struct str source,
           enum book_column column, int64_t n)
{
    uint64_t *row =
        day_row(tally, &tally->books, &tally->last_book, day, source);
    if (!row) {
        tally->full = true;
        row = shelf_at(&tally->books, 0, true);
    }
    row[column] += (uint64_t)n;
    tally->sums[column] += (uint64_t)n;
}

uint64_t
tally_sum(const struct tally *tally, enum book_column column)
{
    return tally->sums[column];
}

bool
tally_full(const struct tally *tally)
{
    return tally->full;
}

uint32_t
tally_n_cells(const struct tally *tally)
{
    return table_len(tally->cells.names);
}

void
tally_unknown(const struct tally *tally, struct buf *json)
{
    buf_char(json, '{');
    for (uint32_t i = 0; i < table_len(tally->unknown); i++) {
        if (i > 0)
            buf_char(json, ',');
        buf_json(json, table_key(tally->unknown, i));
        buf_char(json, ':');
        buf_u64(json, tally->unknown_n[i]);
    }
    buf_char(json, '}');
}

static void
emit_row(struct tally *tally, struct shelf *shelf, uint32_t number,
         size_t table, const struct emit *emit)
{
    const uint64_t *row = shelf->rows + number * shelf->width;
    buf_clear(&tally->value);
    for (size_t i = 0; i < shelf->width; i++) {
        if (i > 0)
            buf_char(&tally->value, ' ');
        buf_u64(&tally->value, row[i]);
    }
    emit->field(emit->context, table, table_key(shelf->names, number),
                buf_str(&tally->value));
}

static void
shelf_save(struct tally *tally, struct shelf *shelf, size_t table, bool whole,
           const struct emit *emit)
{
    if (whole) {
        for (uint32_t i = 0; i < table_len(shelf->names); i++)
            emit_row(tally, shelf, i, table, emit);
        return;
    }
    for (uint32_t i = 0; i < shelf->n_dirty; i++) {
        emit_row(tally, shelf, shelf->dirty[i], table, emit);
        shelf->changed[shelf->dirty[i]] = false;
    }
    shelf->n_dirty = 0;
}

void
tally_save(struct tally *tally, const struct tally_tables *tables, bool whole,
           const struct emit *emit)
{
    shelf_save(tally, &tally->cells, tables->cells, whole, emit);
    shelf_save(tally, &tally->books, tables->books, whole, emit);
    shelf_save(tally, &tally->hours, tables->hours, whole, emit);
}

static bool
read_row(struct shelf *shelf, struct str field, struct str value,
         uint64_t **row)
{
    *row = shelf_row(shelf, field, false);
    if (!*row)
        return false;
    for (size_t i = 0; i < shelf->width; i++) {
        struct str part;
        int64_t n;
        if (!str_split(&value, ' ', &part) || !str_to_i64(part, &n) || n < 0)
            return false;
        (*row)[i] = (uint64_t)n;
    }
    return value.len == 0;
}

/* HSCAN may show a field twice: a row is set, not added; sums are made of the
 * difference. */
static bool
load_cell(struct tally *tally, struct str field, struct str value)
{
    struct count_cell cell;
    uint64_t *row = shelf_row(&tally->cells, field, false);
    uint64_t old = row ? *row : 0;
    char space[2 * MAX_KEY_BYTES + 2048];
    struct arena arena = {space, space + sizeof space};
    if (!read_row(&tally->cells, field, value, &row) ||
        !count_cell_read(field, &arena, &cell))
        return false;
    table_add(tally->vendor_words, cell.vendor_severity, NULL);
    if (cell.severity == SEVERITY_UNKNOWN)
        note_unknown(tally, cell.vendor_severity, *row - old);
    return true;
}

static bool
load_book(struct tally *tally, struct str field, struct str value)
{
    uint64_t old[N_BOOK_COLUMNS], *row;
    row = shelf_row(&tally->books, field, false);
    if (!row)
        return false;
    memcpy(old, row, sizeof old);
    if (!read_row(&tally->books, field, value, &row))
        return false;
    for (size_t i = 0; i < N_BOOK_COLUMNS; i++)
        tally->sums[i] += row[i] - old[i];
    return true;
}

bool
tally_load(struct tally *tally, const struct tally_tables *tables, size_t table,
           struct str field, struct str value)
{
    uint64_t *row;
    if (table == tables->cells)
        return load_cell(tally, field, value);
    if (table == tables->books)
        return load_book(tally, field, value);
    return read_row(&tally->hours, field, value, &row);
}
