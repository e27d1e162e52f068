/* SPDX-License-Identifier: Apache-2.0
 *
 * The document of a published month. It is kept for ever and read by others,
 * so every field is named, absent dimensions are left out, and what is not
 * exactly such a document is refused with the place. */
#include "report/frozen.h"

#include "base/json.h"
#include "base/times.h"
#include "report/period.h"
#include "report/sums.h"

enum { SMALL_BYTES = 1 << 20 };

#define DOCUMENT "thapcanh.month"
#define VERSION 1

static const struct str origins[] = {
#define X(name, id) [name] = {id, sizeof(id) - 1},
    FROZEN_ORIGINS(X)
#undef X
};

void
frozen_key(struct buf *buf, int32_t month)
{
    struct civil civil = civil_from_ms(month * MS_PER_DAY, 0);
    buf_format(buf, "%04d-%02d", civil.year, civil.month);
}

static void
write_text(struct buf *buf, const char *key, struct str value)
{
    buf_char(buf, '"');
    buf_add(buf, str_of(key));
    buf_add(buf, STR("\":"));
    buf_json(buf, value);
    buf_char(buf, ',');
}

/* The dimensions of a cell, each with a comma behind it. */
static void
write_dimensions(struct buf *buf, const struct count_cell *cell)
{
    write_text(buf, "source", cell->source);
    if (cell->vendor_severity.len > 0)
        write_text(buf, "vendor_severity", cell->vendor_severity);
    write_text(buf, "severity", severity_id(cell->severity));
    if (cell->unit.len > 0)
        write_text(buf, "unit", cell->unit);
    if (cell->system.len > 0)
        write_text(buf, "system", cell->system);
    if (cell->level != 0)
        buf_format(buf, "\"level\":%d,", cell->level);
}

static void
write_books(struct buf *buf, const struct frozen *frozen)
{
    for (size_t i = 0; i < frozen->n_books; i++) {
        const struct book *book = &frozen->books[i];
        buf_add(buf, i == 0 ? STR("\n {") : STR(",\n {"));
        write_text(buf, "source", book->source);
        for (unsigned c = 0; c < N_BOOK_COLUMNS; c++) {
            if (c > 0)
                buf_char(buf, ',');
            buf_json(buf, book_column_id((enum book_column)c));
            buf_char(buf, ':');
            buf_u64(buf, book->n[c]);
        }
        buf_char(buf, '}');
    }
}

static void
write_lists(struct buf *buf, const struct frozen *frozen)
{
    buf_add(buf, STR("\n\"cells\":["));
    for (size_t i = 0; i < frozen->n_cells; i++) {
        buf_add(buf, i == 0 ? STR("\n {") : STR(",\n {"));
        write_dimensions(buf, &frozen->cells[i]);
        buf_add(buf, STR("\"n\":"));
        buf_u64(buf, frozen->cells[i].n);
        buf_char(buf, '}');
    }
    buf_add(buf, STR("],\n\"books\":["));
    write_books(buf, frozen);
    buf_add(buf, STR("],\n\"changes\":["));
    for (size_t i = 0; i < frozen->n_changes; i++) {
        buf_add(buf, i == 0 ? STR("\n {") : STR(",\n {"));
        write_dimensions(buf, &frozen->changes[i].cell);
        buf_add(buf, STR("\"was\":"));
        buf_u64(buf, frozen->changes[i].was);
        buf_add(buf, STR(",\"now\":"));
        buf_u64(buf, frozen->changes[i].cell.n);
        buf_char(buf, '}');
    }
    buf_add(buf, STR("]}\n"));
}

void
frozen_write(struct buf *buf, const struct frozen *frozen)
{
    buf_format(buf, "{\"document\":\"%s\",\"version\":%d,\n\"month\":\"",
               DOCUMENT, VERSION);
    frozen_key(buf, frozen->month);
    buf_format(buf, "\",\"revision\":%d,\"frozen_on\":\"", frozen->revision);
    buf_day(buf, frozen->frozen_on);
    buf_add(buf, STR("\","));
    write_text(buf, "by", frozen->by);
    write_text(buf, "origin", origins[frozen->origin]);
    buf_add(buf, STR("\n\"detail\":["));
    bool first = true;
    for (unsigned i = 0; i < N_DIMENSIONS; i++) {
        if (!(frozen->detail & BY(i)))
            continue;
        if (!first)
            buf_char(buf, ',');
        buf_json(buf, dimension_id((enum dimension)i));
        first = false;
    }
    buf_add(buf, STR("],"));
    write_lists(buf, frozen);
}

/* --- reading */

struct reading {
    struct arena *arena;
    struct err *why;
    const char *list; /* where: a list and an index in it, or NULL */
    size_t index;
    int32_t month;
};

static bool
refuse(const struct reading *reading, const char *what, const char *key)
{
    if (reading->list == NULL)
        err_set(reading->why, "no document of a month: %s '%s'", what, key);
    else
        err_set(reading->why, "no document of a month: %s[%zu]: %s '%s'",
                reading->list, reading->index, what, key);
    return false;
}

static bool
read_text(struct reading *reading, const struct json *object, const char *key,
          struct str *value)
{
    const struct json *node = json_get(object, str_of(key));
    if (node == NULL || node->type != JSON_STRING)
        return refuse(reading, "no text", key);
    *value = node->text;
    return true;
}

/* Like read_text, but it may be absent. */
static bool
read_option(struct reading *reading, const struct json *object, const char *key,
            struct str *value)
{
    return json_get(object, str_of(key)) == NULL ||
           read_text(reading, object, key, value);
}

static bool
read_number(struct reading *reading, const struct json *object, const char *key,
            uint64_t *value)
{
    const struct json *node = json_get(object, str_of(key));
    int64_t n;
    if (node == NULL || node->type != JSON_NUMBER ||
        !str_to_i64(node->text, &n) || n < 0)
        return refuse(reading, "no count", key);
    *value = (uint64_t)n;
    return true;
}

/* A date as one of a period: "2024-09" or "2024-09-30". */
static bool
read_day(struct reading *reading, const struct json *object, const char *key,
         size_t len, int32_t *day)
{
    struct str text;
    struct period period;
    if (!read_text(reading, object, key, &text))
        return false;
    if (text.len != len || !period_between(text, text, &period, NULL))
        return refuse(reading, "no date", key);
    *day = period.from;
    return true;
}

static bool
read_dimensions(struct reading *reading, const struct json *object,
                struct count_cell *cell)
{
    struct str severity = NO_STR;
    uint64_t level = 0;
    cell->day = reading->month;
    if (!read_text(reading, object, "source", &cell->source) ||
        !read_text(reading, object, "severity", &severity) ||
        !read_option(reading, object, "vendor_severity",
                     &cell->vendor_severity) ||
        !read_option(reading, object, "unit", &cell->unit) ||
        !read_option(reading, object, "system", &cell->system))
        return false;
    if (!severity_from(severity, &cell->severity))
        return refuse(reading, "unknown", "severity");
    if (json_get(object, STR("level")) != NULL &&
        !read_number(reading, object, "level", &level))
        return false;
    if (level > 9)
        return refuse(reading, "unknown", "level");
    cell->level = (int)level;
    return true;
}

static bool
read_change(struct reading *reading, const struct json *object, void *at)
{
    struct frozen_change *change = at;
    return read_dimensions(reading, object, &change->cell) &&
           read_number(reading, object, "was", &change->was) &&
           read_number(reading, object, "now", &change->cell.n);
}

static bool
read_cell(struct reading *reading, const struct json *object, void *at)
{
    struct count_cell *cell = at;
    return read_dimensions(reading, object, cell) &&
           read_number(reading, object, "n", &cell->n);
}

static bool
read_book(struct reading *reading, const struct json *object, void *at)
{
    struct book *book = at;
    book->day = reading->month;
    if (!read_text(reading, object, "source", &book->source))
        return false;
    for (unsigned c = 0; c < N_BOOK_COLUMNS; c++) {
        /* A column that this version knows and that one did not is 0. */
        struct str id = book_column_id((enum book_column)c);
        const struct json *node = json_get(object, id);
        int64_t n = 0;
        if (node != NULL &&
            (node->type != JSON_NUMBER || !str_to_i64(node->text, &n) || n < 0))
            return refuse(reading, "no count", id.at);
        book->n[c] = (uint64_t)n;
    }
    return true;
}

struct list_kind {
    const char *key;
    size_t size;
    bool (*read)(struct reading *, const struct json *, void *);
};

/* Reads a list of objects, each `size` bytes large, into the arena. */
static bool
read_list(struct reading *reading, const struct json *root,
          const struct list_kind *kind, const void **list, size_t *n)
{
    const struct json *node = json_get(root, str_of(kind->key));
    reading->list = NULL;
    if (node == NULL || node->type != JSON_ARRAY)
        return refuse(reading, "no list", kind->key);
    char *at = arena_take(reading->arena, node->n_children + 1u, kind->size);
    if (at == NULL) {
        err_set(reading->why, "out of memory");
        return false;
    }
    reading->list = kind->key;
    const struct json *child = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++) {
        reading->index = i;
        if (child->type != JSON_OBJECT)
            return refuse(reading, "no object", "");
        if (!kind->read(reading, child, at + i * kind->size))
            return false;
        child = json_next(child);
    }
    reading->list = NULL;
    *list = at;
    *n = node->n_children;
    return true;
}

static bool
read_detail(struct reading *reading, const struct json *root, unsigned *by)
{
    const struct json *node = json_get(root, STR("detail"));
    if (node == NULL || node->type != JSON_ARRAY || node->n_children == 0)
        return refuse(reading, "no list", "detail");
    const struct json *child = json_first(node);
    *by = 0;
    for (uint32_t i = 0; i < node->n_children; i++) {
        unsigned one;
        if (child->type != JSON_STRING ||
            !dimensions_from(child->text, &one, NULL) ||
            (one & (BY(BY_DAY) | BY(BY_MONTH))) != 0)
            return refuse(reading, "unknown", "detail");
        *by |= one;
        child = json_next(child);
    }
    return true;
}

static bool
read_head(struct reading *reading, const struct json *root,
          struct frozen *frozen)
{
    struct str document, origin;
    uint64_t version, revision;
    if (!read_text(reading, root, "document", &document) ||
        !read_number(reading, root, "version", &version) ||
        !read_number(reading, root, "revision", &revision) ||
        !read_day(reading, root, "month", 7, &frozen->month) ||
        !read_day(reading, root, "frozen_on", 10, &frozen->frozen_on) ||
        !read_text(reading, root, "by", &frozen->by) ||
        !read_text(reading, root, "origin", &origin))
        return false;
    if (!str_equal(document, STR(DOCUMENT)) || version != VERSION)
        return refuse(reading, "another kind or", "version");
    if (revision < 1 || revision > 1000000)
        return refuse(reading, "out of range:", "revision");
    frozen->revision = (int)revision;
    reading->month = frozen->month;
    for (int i = 0; i < N_FROZEN_ORIGINS; i++)
        if (str_equal(origin, origins[i])) {
            frozen->origin = (enum frozen_origin)i;
            return read_detail(reading, root, &frozen->detail);
        }
    return refuse(reading, "unknown", "origin");
}

bool
frozen_read(struct str text, struct arena *arena, struct frozen *frozen,
            struct err *why)
{
    static const struct list_kind cells = {"cells", sizeof(struct count_cell),
                                           read_cell};
    static const struct list_kind books = {"books", sizeof(struct book),
                                           read_book};
    static const struct list_kind changes = {
        "changes", sizeof(struct frozen_change), read_change};
    struct reading reading = {.arena = arena, .why = why};
    const struct json *root;
    const void *list[3];
    *frozen = (struct frozen){0};
    /* Few months are large, and room for those costs. */
    struct json_reader *reader =
        text.len <= SMALL_BYTES ? json_reader_new() : json_reader_new_large();
    enum json_fault fault =
        reader == NULL ? JSON_TOO_LARGE : json_read(reader, text, arena, &root);
    json_reader_free(reader);
    if (fault != JSON_FINE) {
        err_set(why, "no document of a month: %s", json_fault_words(fault));
        return false;
    }
    if (!read_head(&reading, root, frozen) ||
        !read_list(&reading, root, &cells, &list[0], &frozen->n_cells) ||
        !read_list(&reading, root, &books, &list[1], &frozen->n_books) ||
        !read_list(&reading, root, &changes, &list[2], &frozen->n_changes))
        return false;
    frozen->cells = list[0];
    frozen->books = list[1];
    frozen->changes = list[2];
    return true;
}
