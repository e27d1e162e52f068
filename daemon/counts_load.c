/* SPDX-License-Identifier: Apache-2.0
 *
 * Which partitions there are is asked of Kafka; when it does not answer, the
 * owners' own list in Redis (tc:step) must do. Rows of the same name from
 * different partitions are added: each alert is counted in exactly one. */
#include "counts_load.h"

#include "base/commit.h"
#include "base/kafka.h"
#include "base/redis.h"
#include "base/table.h"
#include "base/times.h"
#include "ingest/ingest.h"
#include "topics.h"

#include <stdlib.h>

enum { KAFKA_MS = 3000, MAX_ROWS = 16 << 20 };

/* Rows of numbers under a name, added up over partitions. */
struct sums {
    struct table *names;
    uint64_t *rows;
    size_t width, room;
};

struct load {
    struct config *config;
    struct redis *redis;
    struct arena *arena;
    struct counts *counts;
    struct err *why;
    int32_t from, to;
    struct table *partitions; /* "ingest/TOPIC/PARTITION" */
    struct sums cells, books, hours, *at;
};

static bool
add_row(struct load *load, struct str field, struct str value)
{
    struct sums *sums = load->at;
    struct str rest = field, day_text;
    int64_t ms;
    if (!str_split(&rest, '|', &day_text) || !time_from_iso(day_text, 0, &ms))
        return true;
    int32_t day = day_of_ms(ms, 0);
    if (day < load->from || day > load->to)
        return true;
    uint32_t number = table_add(sums->names, field, NULL);
    if (number == TABLE_NONE)
        return false;
    if (number >= sums->room) {
        size_t room = sums->room ? sums->room * 2 : 4096;
        uint64_t *rows = realloc(sums->rows, room * sums->width * sizeof *rows);
        if (!rows)
            return false;
        for (size_t i = sums->room * sums->width; i < room * sums->width; i++)
            rows[i] = 0;
        sums->rows = rows;
        sums->room = room;
    }
    for (size_t i = 0; i < sums->width; i++) {
        struct str part;
        int64_t n;
        if (str_split(&value, ' ', &part) && str_to_i64(part, &n))
            sums->rows[number * sums->width + i] += (uint64_t)n;
    }
    return true;
}

static void
note_topic(void *context, struct str topic, int n)
{
    struct load *load = context;
    if (!config_source_of(load->config, topic))
        return;
    struct buf name = {0};
    for (int i = 0; i < n; i++) {
        buf_clear(&name);
        buf_add(&name, STR("ingest/"));
        buf_add(&name, topic);
        buf_char(&name, '/');
        buf_i64(&name, i);
        table_add(load->partitions, buf_str(&name), NULL);
    }
    buf_free(&name);
}

/* A field of tc:step: "watermark unread clock process restoring". */
static bool
note_owner(void *context, struct str field, struct str value)
{
    struct load *load = context;
    if (!str_starts(field, STR("ingest/")))
        return true;
    table_add(load->partitions, field, NULL);
    if (str_ends(value, STR(" 1")))
        load->counts->restoring = true;
    return true;
}

static bool
find_partitions(struct load *load)
{
    struct err kafka;
    struct kafka_admin *admin = kafka_admin_open(&load->config->kafka, &kafka);
    if (admin) {
        kafka_topics(admin, KAFKA_MS, note_topic, load, &kafka);
        kafka_admin_close(admin);
    }
    return redis_hash_each(load->redis, STR("tc:step"), note_owner, load,
                           load->why) == REDIS_FINE;
}

/* Marker and the three tables of a partition as of one instant: MULTI … EXEC,
 * not HSCAN, which may show a field twice and at different times. */
static struct redis_reply *
read_at_once(struct load *load, struct str name)
{
    static const char *const table[] = {"marker", INGEST_COUNTS, INGEST_BOOKS,
                                        INGEST_HOURS};
    struct redis_reply *reply = NULL;
    struct str multi = STR("MULTI"), exec = STR("EXEC");
    struct buf key = {0};
    bool fine =
        redis_call(load->redis, &multi, 1, &reply, load->why) == REDIS_FINE;
    for (size_t i = 0; fine && i < 4; i++) {
        redis_reply_free(reply);
        buf_clear(&key);
        buf_state_key(&key, name, table[i]);
        struct str arg[] = {STR("HGETALL"), buf_str(&key)};
        fine = redis_call(load->redis, arg, 2, &reply, load->why) == REDIS_FINE;
    }
    buf_free(&key);
    redis_reply_free(reply);
    reply = NULL;
    if (fine)
        redis_call(load->redis, &exec, 1, &reply, load->why);
    return reply;
}

static void
add_table(struct load *load, const struct redis_reply *fields,
          struct sums *sums)
{
    load->at = sums;
    for (size_t i = 0; i + 1 < reply_len(fields); i += 2)
        add_row(load, reply_text(reply_at(fields, i)),
                reply_text(reply_at(fields, i + 1)));
}

static bool
has_marker(const struct redis_reply *fields)
{
    for (size_t i = 0; i + 1 < reply_len(fields); i += 2)
        if (str_equal(reply_text(reply_at(fields, i)), STR("marker")))
            return true;
    return false;
}

static bool
read_partitions(struct load *load)
{
    if (table_len(load->partitions) == 0)
        load->counts->restoring = true;
    for (uint32_t i = 0; i < table_len(load->partitions); i++) {
        struct redis_reply *all =
            read_at_once(load, table_key(load->partitions, i));
        if (!all)
            return false;
        if (has_marker(reply_at(all, 0))) {
            add_table(load, reply_at(all, 1), &load->cells);
            add_table(load, reply_at(all, 2), &load->books);
            add_table(load, reply_at(all, 3), &load->hours);
        } else {
            load->counts->restoring = true;
        }
        redis_reply_free(all);
    }
    return true;
}

static bool
split_day_source(struct str name, int32_t *day, struct str *source)
{
    struct str text;
    int64_t ms;
    if (!str_split(&name, '|', &text) || !time_from_iso(text, 0, &ms))
        return false;
    *day = day_of_ms(ms, 0);
    *source = name;
    return true;
}

static bool
fill_cells(struct load *load)
{
    size_t n = table_len(load->cells.names);
    struct counts *counts = load->counts;
    counts->cells = arena_take(load->arena, n + 1, sizeof *counts->cells);
    for (uint32_t i = 0; counts->cells && i < n; i++) {
        struct str name =
            arena_copy(load->arena, table_key(load->cells.names, i));
        struct count_cell *cell = &counts->cells[counts->n_cells];
        if (!count_cell_read(name, load->arena, cell))
            continue;
        cell->n = load->cells.rows[i];
        counts->n_cells++;
    }
    return counts->cells != NULL;
}

static bool
fill_books(struct load *load)
{
    size_t n = table_len(load->books.names);
    struct counts *counts = load->counts;
    counts->books = arena_take(load->arena, n + 1, sizeof *counts->books);
    for (uint32_t i = 0; counts->books && i < n; i++) {
        struct str name =
            arena_copy(load->arena, table_key(load->books.names, i));
        struct book *book = &counts->books[counts->n_books];
        if (!split_day_source(name, &book->day, &book->source))
            continue;
        for (size_t c = 0; c < N_BOOK_COLUMNS; c++)
            book->n[c] = load->books.rows[i * N_BOOK_COLUMNS + c];
        counts->n_books++;
    }
    return counts->books != NULL;
}

static bool
fill_hours(struct load *load)
{
    size_t n = table_len(load->hours.names);
    struct counts *counts = load->counts;
    counts->hours = arena_take(load->arena, n + 1, sizeof *counts->hours);
    for (uint32_t i = 0; counts->hours && i < n; i++) {
        struct str name =
            arena_copy(load->arena, table_key(load->hours.names, i));
        struct hours *hours = &counts->hours[counts->n_hours];
        if (!split_day_source(name, &hours->day, &hours->source))
            continue;
        for (size_t c = 0; c < 24; c++)
            hours->n[c] = (uint32_t)load->hours.rows[i * 24 + c];
        counts->n_hours++;
    }
    return counts->hours != NULL;
}

static int
compare_cells(const void *left, const void *right)
{
    const struct count_cell *a = left, *b = right;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    int order = str_compare(a->source, b->source);
    if (order == 0)
        order = (int)a->severity - (int)b->severity;
    if (order == 0)
        order = str_compare(a->vendor_severity, b->vendor_severity);
    if (order == 0)
        order = str_compare(a->unit, b->unit);
    if (order == 0)
        order = str_compare(a->system, b->system);
    return order != 0 ? order : a->level - b->level;
}

static int
compare_day_source(int32_t day, struct str source, int32_t other_day,
                   struct str other)
{
    if (day != other_day)
        return day < other_day ? -1 : 1;
    return str_compare(source, other);
}

static int
compare_books(const void *left, const void *right)
{
    const struct book *a = left, *b = right;
    return compare_day_source(a->day, a->source, b->day, b->source);
}

static int
compare_hours(const void *left, const void *right)
{
    const struct hours *a = left, *b = right;
    return compare_day_source(a->day, a->source, b->day, b->source);
}

static bool
fill(struct load *load)
{
    struct counts *counts = load->counts;
    if (!fill_cells(load) || !fill_books(load) || !fill_hours(load)) {
        err_set(load->why, "the period is too large");
        return false;
    }
    qsort(counts->cells, counts->n_cells, sizeof *counts->cells, compare_cells);
    qsort(counts->books, counts->n_books, sizeof *counts->books, compare_books);
    qsort(counts->hours, counts->n_hours, sizeof *counts->hours, compare_hours);
    return true;
}

static void
sums_free(struct sums *sums)
{
    table_free(sums->names);
    free(sums->rows);
}

bool
counts_load(struct config *config, int32_t from, int32_t to,
            struct arena *arena, struct counts *counts, struct err *why)
{
    *counts = (struct counts){0};
    struct redis_address address;
    if (!config_redis(config, &address, why))
        return false;
    struct load load = {
        .config = config,
        .redis = redis_new(&address),
        .arena = arena,
        .counts = counts,
        .why = why,
        .from = from,
        .to = to,
        .partitions = table_new(MAX_PARTITIONS),
        .cells = {.names = table_new(MAX_ROWS), .width = 1},
        .books = {.names = table_new(MAX_ROWS), .width = N_BOOK_COLUMNS},
        .hours = {.names = table_new(MAX_ROWS), .width = 24},
    };
    bool fine = find_partitions(&load) && read_partitions(&load) && fill(&load);
    redis_free(load.redis);
    table_free(load.partitions);
    sums_free(&load.cells);
    sums_free(&load.books);
    sums_free(&load.hours);
    return fine;
}
