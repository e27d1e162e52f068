/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the feed once from its beginning. Readers of the feed upsert by
 * position (STREAM 30): a position seen before is left out, by its digest.
 * Names past MAX_NAMES are not counted; their alerts are few, for the large
 * ones have come before. */
#include "tops_load.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/table.h"
#include "base/times.h"
#include "ingest/feed.h"

#include <stdlib.h>

enum {
    KAFKA_MS = 10000,
    MAX_NAMES = 1 << 20,
    MAX_POSITIONS = 64 << 20,
    N_TOP = 20,
};

/* Counts per "source|name". */
struct ranking {
    struct table *names;
    uint64_t *n; /* by number of the name; address space for MAX_NAMES */
};

struct tops_reading {
    struct arena *arena;
    struct json_reader *json;
    struct table *positions;
    struct ranking rules, hosts;
    int32_t from, to;
    struct buf key;
    struct places *places;
};

static void
rank_add(struct tops_reading *reading, struct ranking *ranking,
         struct str source, struct str name)
{
    if (name.len == 0)
        return;
    buf_clear(&reading->key);
    buf_add(&reading->key, source);
    buf_char(&reading->key, '|');
    buf_add(&reading->key, name);
    uint32_t number = table_add(ranking->names, buf_str(&reading->key), NULL);
    if (number != TABLE_NONE)
        ranking->n[number]++;
}

static void
take_alert(struct tops_reading *reading, struct str value)
{
    struct arena scratch = *reading->arena;
    const struct json *root;
    struct feed_line line;
    if (json_read(reading->json, value, &scratch, &root) != JSON_FINE ||
        !feed_read(root, &line) || line.update)
        return;
    int32_t day = day_of_ms(line.event_ms, VIETNAM_MINUTES);
    if (day < reading->from || day > reading->to)
        return;
    struct digest digest = hash_digest(line.position);
    struct str mark = {(const char *)&digest, sizeof digest};
    bool is_new = true;
    if (table_add(reading->positions, mark, &is_new) != TABLE_NONE && !is_new)
        return;
    if (reading->places)
        places_take(reading->places, root, &line);
    rank_add(reading, &reading->rules, line.source, line.rule_name);
    rank_add(reading, &reading->hosts, line.source, line.host);
}

static bool
read_feed(const struct config *config, struct tops_reading *reading,
          struct err *why)
{
    struct reader *reader = reader_open(&config->kafka, config->topics.alerts,
                                        -1, READER_BEGINNING, KAFKA_MS, why);
    if (!reader)
        return false;
    enum reader_got got;
    do {
        struct record record;
        got = reader_next(reader, KAFKA_MS, &record, why);
        if (got == READER_RECORD)
            take_alert(reading, record.value);
    } while (got == READER_RECORD);
    reader_close(reader);
    if (got == READER_NOTHING)
        err_set(why, "Kafka does not answer (%s)", config->kafka_brokers);
    return got == READER_DONE;
}

static int
most_first(const void *left, const void *right)
{
    const struct report_top *a = left, *b = right;
    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    int order = str_compare(a->source, b->source);
    return order != 0 ? order : str_compare(a->name, b->name);
}

/* The N_TOP largest, their names in `arena`. */
static bool
take_top(const struct ranking *ranking, struct arena *arena,
         struct report_tops *tops)
{
    uint32_t n = table_len(ranking->names);
    struct arena kept = *arena;
    struct report_top *top = arena_take(&kept, N_TOP, sizeof *top);
    struct arena work = kept;
    struct report_top *all = arena_take(&work, n + 1u, sizeof *all);
    if (!top || !all)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct str name = table_key(ranking->names, i);
        all[i].n = ranking->n[i];
        str_split(&name, '|', &all[i].source);
        all[i].name = name;
    }
    qsort(all, n, sizeof *all, most_first);
    tops->n = n < N_TOP ? n : N_TOP;
    for (size_t i = 0; i < tops->n; i++)
        top[i] = all[i];
    *arena = kept; /* `all` is given back: its copies go over it */
    for (size_t i = 0; i < tops->n; i++) {
        top[i].source = arena_copy(arena, top[i].source);
        top[i].name = arena_copy(arena, top[i].name);
        if (!top[i].source.at || !top[i].name.at)
            return false;
    }
    tops->at = top;
    return true;
}

bool
tops_load(const struct config *config, const struct tops_wish *wish,
          struct arena *arena, struct tops *tops, struct err *why)
{
    struct arena room =
        arena_reserve(2 * (size_t)MAX_NAMES * sizeof(uint64_t) + SCRATCH_BYTES);
    char *start = room.at;
    struct tops_reading reading = {
        .arena = &room,
        .json = json_reader_new_large(),
        .positions = table_new(MAX_POSITIONS),
        .rules = {table_new(MAX_NAMES), NULL},
        .hosts = {table_new(MAX_NAMES), NULL},
        .from = wish->from,
        .to = wish->to,
        .places = wish->places,
    };
    *tops = (struct tops){0};
    bool fine = start && reading.json && reading.positions &&
                reading.rules.names && reading.hosts.names;
    if (fine) {
        reading.rules.n = arena_take(&room, MAX_NAMES, sizeof(uint64_t));
        reading.hosts.n = arena_take(&room, MAX_NAMES, sizeof(uint64_t));
        fine = reading.rules.n && reading.hosts.n;
    }
    if (!fine)
        err_set(why, "out of memory");
    fine = fine && read_feed(config, &reading, why);
    if (fine && !(take_top(&reading.rules, arena, &tops->rules) &&
                  take_top(&reading.hosts, arena, &tops->hosts))) {
        err_set(why, "out of memory");
        fine = false;
    }
    json_reader_free(reading.json);
    table_free(reading.positions);
    table_free(reading.rules.names);
    table_free(reading.hosts.names);
    buf_free(&reading.key);
    if (start)
        arena_release(start, room);
    return fine;
}
