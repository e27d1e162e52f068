/* SPDX-License-Identifier: Apache-2.0
 *
 * The name of a count cell. It is the key under which the cell is counted in
 * Redis and in snapshots, so a cell has exactly one name: the reader takes
 * only what the writer would have written, byte for byte. */
#include "model/counts.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/times.h"

static const char HEX[] = "0123456789ABCDEF";

static bool
needs_escape(char c)
{
    return c == '|' || c == '%' || (unsigned char)c < 0x20 || c == 0x7f;
}

static void
write_text(struct buf *buf, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!needs_escape(s.at[i])) {
            continue;
        }
        unsigned char c = (unsigned char)s.at[i];
        char escape[] = {'%', HEX[c >> 4], HEX[c & 15]};
        buf_add(buf, str_cut(s, from, i));
        buf_add(buf, (struct str){escape, sizeof escape});
        from = i + 1;
    }
    buf_add(buf, str_cut(s, from, s.len));
}

void
count_cell_write(struct buf *buf, const struct count_cell *cell)
{
    size_t start = buf->len;
    bool was_full = buf->full;
    buf->full = false;
    buf_day(buf, cell->day);
    buf_char(buf, '|');
    write_text(buf, cell->source);
    buf_char(buf, '|');
    write_text(buf, cell->vendor_severity);
    buf_char(buf, '|');
    buf_add(buf, severity_id(cell->severity));
    buf_char(buf, '|');
    write_text(buf, cell->unit);
    buf_char(buf, '|');
    write_text(buf, cell->system);
    buf_char(buf, '|');
    buf_i64(buf, cell->level);
    if (buf->full) {
        buf->len = start;
    }
    buf->full = buf->full || was_full;
}

static int
hex_value(char c)
{
    const char *at = memchr(HEX, c, 16);
    return at ? (int)(at - HEX) : -1;
}

/* Undoes write_text; false on what it would not have written. */
static bool
read_text(struct str s, struct arena *arena, struct str *text)
{
    size_t n_escapes = 0;
    for (size_t i = 0; i < s.len; i++) {
        n_escapes += s.at[i] == '%';
        if (s.at[i] != '%' && needs_escape(s.at[i])) {
            return false;
        }
    }
    if (n_escapes == 0) {
        *text = s;
        return true;
    }
    char *out = arena_take_raw(arena, 1, s.len);
    size_t len = 0;
    for (size_t i = 0; out && i < s.len; i++, len++) {
        out[len] = s.at[i];
        if (s.at[i] == '%') {
            int high = s.len - i > 2 ? hex_value(s.at[i + 1]) : -1;
            int low = high >= 0 ? hex_value(s.at[i + 2]) : -1;
            out[len] = (char)(high * 16 + low);
            if (high < 0 || low < 0 || !needs_escape(out[len])) {
                return false;
            }
            i += 2;
        }
    }
    *text = (struct str){out, len};
    return out != NULL;
}

/* A small number in its one spelling. */
static bool
read_number(struct str s, int64_t max, int *n)
{
    int64_t value;
    if (!str_to_i64(s, &value) || value < 0 || value > max || s.at[0] == '-' ||
        (s.at[0] == '0' && s.len > 1)) {
        return false;
    }
    *n = (int)value;
    return true;
}

/* "2024-09-30"; also the years a wrong clock gives, "+012345-01-01". What the
 * digits say must be the day that they are found to mean. */
static bool
read_day(struct str s, int32_t *day)
{
    enum { TAIL = 6 }; /* "-09-30" */
    if (s.len < 4 + TAIL) {
        return false;
    }
    struct str year = str_cut(s, 0, s.len - TAIL);
    struct str tail = str_cut(s, s.len - TAIL, s.len);
    struct str digits = year;
    bool negative = year.at[0] == '-';
    if (negative || year.at[0] == '+') {
        digits = str_cut(year, 1, year.len);
    }
    int64_t y, month, dom;
    if (!str_to_i64(digits, &y) || digits.at[0] == '-' || y > 9999999 ||
        tail.at[0] != '-' || tail.at[3] != '-' ||
        !str_to_i64(str_cut(tail, 1, 3), &month) ||
        !str_to_i64(str_cut(tail, 4, 6), &dom)) {
        return false;
    }
    int32_t found =
        day_from_civil((int)(negative ? -y : y), (int)month, (int)dom);
    char text[32]; /* longer than any day */
    struct buf back = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_day(&back, found);
    if (!str_equal(buf_str(&back), s)) {
        return false;
    }
    *day = found;
    return true;
}

bool
count_cell_read(struct str text, struct arena *arena, struct count_cell *cell)
{
    enum { DAY, SOURCE, VENDOR, SEVERITY, UNIT, SYSTEM, LEVEL, N_PARTS };
    struct str part[N_PARTS];
    struct count_cell read = {.n = cell->n};
    /* Not str_split: the parts between may be empty, the last may not. */
    for (size_t i = 0; i < N_PARTS; i++) {
        const char *bar = text.len > 0 ? memchr(text.at, '|', text.len) : NULL;
        if (!bar != (i == LEVEL)) {
            return false;
        }
        size_t len = bar ? (size_t)(bar - text.at) : text.len;
        part[i] = str_cut(text, 0, len);
        text = str_cut(text, len + 1, text.len);
    }
    if (!read_day(part[DAY], &read.day) ||
        !read_text(part[SOURCE], arena, &read.source) ||
        !read_text(part[VENDOR], arena, &read.vendor_severity) ||
        !severity_from(part[SEVERITY], &read.severity) ||
        !str_equal(part[SEVERITY], severity_id(read.severity)) ||
        !read_text(part[UNIT], arena, &read.unit) ||
        !read_text(part[SYSTEM], arena, &read.system) ||
        !read_number(part[LEVEL], INT32_MAX, &read.level)) {
        return false;
    }
    *cell = read;
    return true;
}

struct str
book_column_id(enum book_column column)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        BOOK_COLUMNS(X)
#undef X
    };
    assert((unsigned)column < N_BOOK_COLUMNS);
    return ids[column];
}
