/* SPDX-License-Identifier: Apache-2.0
 *
 * An example is written in one of two ways: as what rules see (normalised and
 * decided names, and whatever own fields), or as a sensor's event with the
 * mapping that reads it. `at`, `repeat` and `every` place it in time. */
#include "rules_example.h"

#include "base/times.h"
#include "ingest/source_tools.h"
#include "map.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_MS INT64_C(1717372800000) /* a day like any other */

enum { MAX_EXAMPLE_ALERTS = 100000, MAX_EXAMPLE_SOURCES = 16 };

struct examples {
    const char *sources;
    struct json_reader *reader;
    struct decoder *decoder;
    struct arena arena;
    char *start;
    const struct source *source[MAX_EXAMPLE_SOURCES];
    const char *name[MAX_EXAMPLE_SOURCES];
    size_t n_sources;
};

struct examples *
examples_new(const char *sources)
{
    struct examples *examples = calloc(1, sizeof *examples);
    if (!examples)
        return NULL;
    examples->sources = sources;
    examples->reader = json_reader_new();
    examples->decoder = decoder_new();
    examples->arena = arena_reserve((size_t)256 << 20);
    examples->start = examples->arena.at;
    if (examples->reader && examples->decoder && examples->start)
        return examples;
    examples_free(examples);
    return NULL;
}

void
examples_free(struct examples *examples)
{
    if (!examples)
        return;
    json_reader_free(examples->reader);
    decoder_free(examples->decoder);
    if (examples->start)
        arena_release(examples->start, examples->arena);
    free(examples);
}

bool
examples_cases(struct examples *examples, struct str text,
               struct arena *scratch, const struct json **list, struct err *why)
{
    enum json_fault fault = json_read(examples->reader, text, scratch, list);
    if (fault == JSON_FINE && (*list)->type == JSON_ARRAY)
        return true;
    err_set(why, "%s",
            fault == JSON_FINE ? "not a list" : json_fault_words(fault));
    return false;
}

/* --- an alert as rules see it */

static const struct source *
source_called(struct examples *examples, struct str name, struct err *why)
{
    struct complaints complaints = {0};
    const char *text = arena_copy(&examples->arena, name).at;
    for (size_t i = 0; i < examples->n_sources; i++)
        if (str_equal(str_of(examples->name[i]), name))
            return examples->source[i];
    const char *path =
        text ? map_path(examples->sources, text, &examples->arena) : NULL;
    const struct source *source =
        path ? source_load(path, &examples->arena, &complaints) : NULL;
    if (!source)
        err_set(why, "no mapping '%.*s': %.*s", STR_ARG(name),
                STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    if (source && examples->n_sources < MAX_EXAMPLE_SOURCES) {
        examples->name[examples->n_sources] = text;
        examples->source[examples->n_sources++] = source;
    }
    return source;
}

static bool
from_event(struct examples *examples, const struct json *node,
           const struct json *event, struct arena *scratch, struct alert *alert,
           struct err *why)
{
    const struct json *name = json_get(node, STR("source"));
    const struct element *elements;
    size_t n = 0;
    if (!name || name->type != JSON_STRING) {
        err_set(why, "an example with event: names its source:");
        return false;
    }
    const struct source *source = source_called(examples, name->text, why);
    if (!source)
        return false;
    enum split_fault fault = source_split(source, examples->decoder,
                                          event->text, scratch, &elements, &n);
    if (fault != SPLIT_FINE || n != 1 || elements[0].fault != SPLIT_FINE) {
        err_set(why, "the event is not one alert");
        return false;
    }
    source_map_any(source, &elements[0], FIRST_MS, scratch, alert);
    return true;
}

static bool
set_decided(const struct json *node, struct alert *alert, struct err *why)
{
    struct str key = node->key, text = node->text;
    int64_t level = 0;
    if (str_equal(key, STR("kind")) && !kind_from(text, &alert->kind))
        err_set(why, "unknown kind '%.*s'", STR_ARG(text));
    else if (str_equal(key, STR("severity")) &&
             !severity_from(text, &alert->severity))
        err_set(why, "unknown severity '%.*s'", STR_ARG(text));
    else if (str_equal(key, STR("level")) &&
             (!str_to_i64(text, &level) || level < 1 || level > 5))
        err_set(why, "a level is 1 to 5, not '%.*s'", STR_ARG(text));
    else if (str_equal(key, STR("level")))
        alert->level = (int)level;
    else if (str_equal(key, STR("source")))
        alert->source = text;
    else if (str_equal(key, STR("unit")))
        alert->unit = text;
    else if (str_equal(key, STR("system")))
        alert->system = text;
    else if (str_equal(key, STR("watchlist")))
        alert->watchlist = text;
    else if (str_equal(key, STR("src_country")))
        alert->src_geo.country = text;
    else if (str_equal(key, STR("dst_country")))
        alert->dst_geo.country = text;
    else if (str_equal(key, STR("late")) && node->type == JSON_TRUE)
        alert->flags |= ALERT_LATE;
    return why->text[0] == '\0';
}

static void
set_techniques(const struct json *node, struct alert *alert)
{
    const struct json *at = node->type == JSON_ARRAY ? json_first(node) : node;
    size_t n = node->type == JSON_ARRAY ? node->n_children : 1;
    for (size_t i = 0; i < n && alert->n_techniques < MAX_TECHNIQUES;
         i++, at = json_next(at))
        alert->technique[alert->n_techniques++] = at->text;
}

static bool
set_members(const struct json *node, struct alert *alert, struct err *why)
{
    const struct json *at = json_first(node);
    enum alert_field field;
    for (uint32_t i = 0; i < node->n_children; i++, at = json_next(at)) {
        if (str_equal(at->key, STR("technique")))
            set_techniques(at, alert);
        else if (alert_field_from(at->key, &field))
            alert->field[field] = at->text;
        else if (!set_decided(at, alert, why))
            return false;
    }
    return true;
}

/* --- times */

static bool
duration(const struct json *node, const char *key, int64_t *ms, struct err *why)
{
    const struct json *at = json_get(node, str_of(key));
    struct str text = at ? at->text : STR("0s");
    char unit = text.len > 0 ? text.at[text.len - 1] : ' ';
    int64_t per = unit == 's'   ? 1000
                  : unit == 'm' ? 60000
                  : unit == 'h' ? 3600000
                  : unit == 'd' ? MS_PER_DAY
                                : 0;
    size_t cut = 1;
    if (str_ends(text, STR("ms"))) {
        per = 1;
        cut = 2;
    }
    if (per > 0 && str_to_i64(str_cut(text, 0, text.len - cut), ms) &&
        *ms >= 0 && *ms <= 400 * MS_PER_DAY / per) {
        *ms *= per;
        return true;
    }
    err_set(why, "%s: expected a time such as 90s, 10m or 2h, not '%.*s'", key,
            STR_ARG(text));
    return false;
}

static bool
repeats(const struct json *node, int64_t *n, struct err *why)
{
    const struct json *at = json_get(node, STR("repeat"));
    *n = 1;
    if (!at || (str_to_i64(at->text, n) && *n >= 1 && *n <= MAX_EXAMPLE_ALERTS))
        return true;
    err_set(why, "repeat: expected a number from 1, not '%.*s'",
            STR_ARG(at->text));
    return false;
}

/* --- one example */

struct reading {
    struct examples *examples;
    struct arena *scratch;
    struct alert *alerts;
    size_t n;
    int64_t tick_ms;
    struct err *why;
};

/* {tick: 2h}: no alert, the time that passes after the last one. */
static bool
tick_read(struct reading *reading, const struct json *node)
{
    if (node->n_children != 1 || reading->n == 0) {
        err_set(reading->why, "tick stands alone, behind the alerts");
        return false;
    }
    if (!duration(node, "tick", &reading->tick_ms, reading->why))
        return false;
    if (reading->tick_ms == 0)
        err_set(reading->why, "tick: some time, not none");
    return reading->tick_ms > 0;
}

static bool
read_one(struct reading *reading, const struct json *node)
{
    struct err *why = reading->why;
    struct alert alert = {.source = NO_STR};
    int64_t at_ms, every_ms, n;
    if (node->type != JSON_OBJECT) {
        err_set(why, "an alert of an example is a map");
        return false;
    }
    if (reading->tick_ms > 0) {
        err_set(why, "tick stands at the end of an example");
        return false;
    }
    if (json_get(node, STR("tick")))
        return tick_read(reading, node);
    const struct json *event = json_get(node, STR("event"));
    bool fine = duration(node, "at", &at_ms, why) &&
                duration(node, "every", &every_ms, why) &&
                repeats(node, &n, why);
    if (fine && event && event->type == JSON_OBJECT)
        fine = from_event(reading->examples, node, event, reading->scratch,
                          &alert, why);
    else if (fine) {
        alert.event = node;
        fine = set_members(node, &alert, why);
    }
    if (fine && reading->n + (size_t)n > MAX_EXAMPLE_ALERTS) {
        err_set(why, "more than %d alerts in one example",
                (int)MAX_EXAMPLE_ALERTS);
        fine = false;
    }
    for (int64_t i = 0; fine && i < n; i++) {
        alert.event_ms = alert.arrival_ms = FIRST_MS + at_ms + i * every_ms;
        reading->alerts[reading->n++] = alert;
    }
    return fine;
}

static int
by_time(const void *a, const void *b)
{
    const struct alert *x = a, *y = b;
    if (x->event_ms != y->event_ms)
        return x->event_ms < y->event_ms ? -1 : 1;
    return (x->position.offset > y->position.offset) -
           (x->position.offset < y->position.offset);
}

bool
examples_read(struct examples *examples, const struct json *node,
              struct arena *scratch, struct example *example, struct err *why)
{
    struct reading reading = {
        .examples = examples,
        .scratch = scratch,
        .alerts =
            arena_take_raw(scratch, MAX_EXAMPLE_ALERTS, sizeof *reading.alerts),
        .why = why,
    };
    bool fine = reading.alerts != NULL;
    bool is_list = node->type == JSON_ARRAY;
    const struct json *at = is_list ? json_first(node) : node;
    if (!fine)
        err_set(why, "out of memory");
    for (uint32_t i = 0; fine && i < (is_list ? node->n_children : 1);
         i++, at = json_next(at))
        fine = read_one(&reading, at);
    for (size_t i = 0; i < reading.n; i++) {
        struct alert *alert = &reading.alerts[i];
        alert->position =
            (struct position){.topic = STR("example"), .offset = (int64_t)i};
        alert->alert_id = arena_format(scratch, "example:%zu", i);
    }
    if (reading.n > 1)
        qsort(reading.alerts, reading.n, sizeof *reading.alerts, by_time);
    *example = (struct example){reading.alerts, reading.n, reading.tick_ms};
    return fine;
}
