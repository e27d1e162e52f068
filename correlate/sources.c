/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources by name in a table. Stored as text, readable in any tool:
 * "1 INCARNATION OFFSET RUNNING WATERMARK|- counts|aside". */
#include "sources.h"

#include "base/table.h"
#include "base/times.h"

#include <inttypes.h>
#include <stdlib.h>

struct sources {
    struct table *table;
    struct source_at *at; /* by number; MAX_PARTITIONS of them */
    size_t n;
    struct buf text;
};

struct sources *
sources_new(void)
{
    struct sources *sources = calloc(1, sizeof *sources);
    if (!sources)
        return NULL;
    sources->table = table_new(MAX_PARTITIONS);
    sources->at = calloc(MAX_PARTITIONS, sizeof *sources->at);
    if (sources->table && sources->at)
        return sources;
    sources_free(sources);
    return NULL;
}

void
sources_free(struct sources *sources)
{
    if (!sources)
        return;
    table_free(sources->table);
    free(sources->at);
    buf_free(&sources->text);
    free(sources);
}

/* Of "LEVEL/TOPIC/PARTITION"; a topic has no slash. */
static void
read_name(struct source_at *source, struct str name)
{
    struct str rest = name, part;
    int64_t level = 0;
    str_split(&rest, '/', &part);
    str_to_i64(part, &level);
    source->level = (int)level;
    str_split(&rest, '/', &part);
    if (!str_to_i64(rest, &source->partition))
        source->partition = -1;
}

static struct source_at *
named(struct sources *sources, struct str name)
{
    bool is_new;
    uint32_t number = table_add(sources->table, name, &is_new);
    if (number == TABLE_NONE)
        return NULL;
    if (is_new) {
        sources->at[number] = (struct source_at){.watermark_ms = NO_TIME};
        read_name(&sources->at[number], name);
        sources->n++;
    }
    return &sources->at[number];
}

struct source_at *
sources_of(struct sources *sources, const struct window_cause *cause)
{
    buf_clear(&sources->text);
    buf_i64(&sources->text, cause->level);
    buf_char(&sources->text, '/');
    buf_add(&sources->text, cause->topic);
    buf_char(&sources->text, '/');
    buf_i64(&sources->text, cause->partition);
    return named(sources, buf_str(&sources->text));
}

bool
source_take(struct source_at *source, const struct window_cause *cause,
            uint32_t running)
{
    if (cause->incarnation != source->incarnation) {
        if (cause->incarnation < source->incarnation)
            return false;
    } else if (cause->offset < source->offset ||
               (cause->offset == source->offset && running < source->running)) {
        return false;
    }
    source->incarnation = cause->incarnation;
    source->offset = cause->offset;
    source->running = running + 1;
    source->changed = true;
    return true;
}

void
source_progress(struct source_at *source, const struct progress *at,
                int64_t watermark_ms)
{
    if (at->incarnation < source->incarnation)
        return; /* of an owner that is no longer one */
    source->changed = true;
    if (at->incarnation > source->incarnation || at->offset > source->offset) {
        source->incarnation = at->incarnation;
        source->offset = at->offset;
        source->running = 0;
    }
    if (at->watermark_ms > source->watermark_ms)
        source->watermark_ms = at->watermark_ms;
    if (at->aside)
        source->aside = true;
    else if (source->watermark_ms >= watermark_ms &&
             source->watermark_ms != NO_TIME)
        source->aside = false;
}

/* Whether it is one of those that the watermark of its level waits for. */
static bool
belongs(const struct source_at *source, int level, int n_partitions)
{
    return source->level == level &&
           (level == 0 ||
            (source->partition >= 0 && source->partition < n_partitions));
}

static int64_t
least(const struct sources *sources, int level, int n_partitions, bool all)
{
    int64_t least_ms = INT64_MAX;
    int n = 0;
    for (size_t i = 0; i < sources->n; i++) {
        const struct source_at *source = &sources->at[i];
        if (!belongs(source, level, n_partitions))
            continue;
        n++;
        if ((all || !source->aside) && source->watermark_ms < least_ms)
            least_ms = source->watermark_ms;
    }
    return least_ms == INT64_MAX || (level > 0 && n < n_partitions) ? NO_TIME
                                                                    : least_ms;
}

int64_t
sources_watermark(const struct sources *sources, int level, int n_partitions)
{
    return least(sources, level, n_partitions, false);
}

int64_t
sources_floor(const struct sources *sources, int level, int n_partitions)
{
    return least(sources, level, n_partitions, true);
}

size_t
sources_len(const struct sources *sources)
{
    return sources->n;
}

const struct source_at *
sources_at(const struct sources *sources, size_t i)
{
    sources->at[i].name = table_key(sources->table, (uint32_t)i);
    return &sources->at[i];
}

void
sources_save(struct sources *sources, size_t table, bool whole,
             const struct emit *emit)
{
    for (size_t i = 0; i < sources->n; i++) {
        struct source_at *source = &sources->at[i];
        if (!whole && !source->changed)
            continue;
        buf_clear(&sources->text);
        buf_format(&sources->text, "1 %" PRIu32 " %" PRId64 " %" PRIu32 " ",
                   source->incarnation, source->offset, source->running);
        if (source->watermark_ms == NO_TIME)
            buf_char(&sources->text, '-');
        else
            buf_i64(&sources->text, source->watermark_ms);
        buf_add(&sources->text, source->aside ? STR(" aside") : STR(" counts"));
        emit->field(emit->context, table,
                    table_key(sources->table, (uint32_t)i),
                    buf_str(&sources->text));
        if (!whole)
            source->changed = false;
    }
}

static bool
next_i64(struct str *text, int64_t min, int64_t max, int64_t *n)
{
    struct str part;
    return str_split(text, ' ', &part) && str_to_i64(part, n) && *n >= min &&
           *n <= max;
}

bool
sources_load(struct sources *sources, struct str field, struct str value)
{
    struct str part;
    int64_t version, incarnation, offset, running, watermark_ms = NO_TIME;
    if (!next_i64(&value, 1, 1, &version) ||
        !next_i64(&value, 0, UINT32_MAX, &incarnation) ||
        !next_i64(&value, 0, INT64_MAX, &offset) ||
        !next_i64(&value, 0, UINT32_MAX, &running) ||
        !str_split(&value, ' ', &part) ||
        (!str_equal(part, STR("-")) && !str_to_i64(part, &watermark_ms)))
        return false;
    bool aside = str_equal(value, STR("aside"));
    struct source_at *source = named(sources, field);
    if (!source || (!aside && !str_equal(value, STR("counts"))))
        return false;
    *source = (struct source_at){
        .incarnation = (uint32_t)incarnation,
        .offset = offset,
        .running = (uint32_t)running,
        .watermark_ms = watermark_ms,
        .level = source->level,
        .partition = source->partition,
        .aside = aside,
    };
    return true;
}
