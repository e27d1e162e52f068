/* SPDX-License-Identifier: Apache-2.0
 *
 * The window is loaded as the stage would load it, looked at, and let go with
 * the next one. */
#include "correlate/window_view.h"

#include "correlate_priv.h"
#include "window_priv.h"

#include <stdlib.h>
#include <string.h>

#define POOL_BYTES ((size_t)256 << 20)
#define SCRATCH ((size_t)64 << 20)

struct window_reader {
    struct registry *registry;
    struct pool *pool;
    struct finder *finder;
    struct window *window;
    struct teller teller;
    struct arena scratch;
    char *start;
    char id[WINDOW_ID_LEN];
    struct buf holds;
};

struct window_reader *
window_reader_new(struct registry *registry)
{
    struct window_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->registry = registry;
    reader->pool = pool_new(POOL_BYTES);
    reader->finder = finder_new(0);
    reader->teller.reader = json_reader_new();
    reader->scratch = arena_reserve(SCRATCH);
    reader->start = reader->scratch.at;
    if (reader->pool && reader->finder && reader->teller.reader &&
        reader->start)
        return reader;
    window_reader_free(reader);
    return NULL;
}

void
window_reader_free(struct window_reader *reader)
{
    if (!reader)
        return;
    pool_free(reader->pool); /* and the window in it */
    finder_free(reader->finder);
    json_reader_free(reader->teller.reader);
    if (reader->start)
        arena_release(reader->start, reader->scratch);
    buf_free(&reader->holds);
    free(reader);
}

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    struct window_reader *reader = context;
    return registry_find(reader->registry, fingerprint);
}

/* --- how near it is */

static uint32_t
steps_in_order(const struct window *window, uint32_t from)
{
    uint32_t have = 0;
    for (uint32_t i = from; i < window->n;) {
        uint32_t steps = 0;
        int64_t ms = window->entries[i].event_ms;
        while (i < window->n && window->entries[i].event_ms == ms)
            steps |= window->entries[i++].steps;
        while (have < window->rule->n_steps && (steps >> have & 1))
            have++;
    }
    return have;
}

static uint32_t
have_now(const struct window *window, struct finder *finder)
{
    if (window->n == 0)
        return 0;
    uint32_t steps = 0, n_values = 0;
    uint32_t from =
        window_lower(window, window->entries[window->n - 1].event_ms -
                                 window->rule->timespan_ms);
    if (window->rule->type == EVENT_COUNT)
        return window->n - from;
    if (window->rule->type == TEMPORAL_ORDERED)
        return steps_in_order(window, from);
    finder_clear(finder);
    for (uint32_t i = from; i < window->n; i++) {
        steps |= window->entries[i].steps;
        n_values += finder_slot(finder, window->entries[i].value)->n++ == 0;
    }
    return window->rule->type == TEMPORAL ? (uint32_t)__builtin_popcount(steps)
                                          : n_values;
}

/* --- the view */

static struct str
describe(struct window_reader *reader, const struct window *window)
{
    const struct family *family = family_of(window->rule);
    buf_clear(&reader->holds);
    if (family->describe)
        family->describe(&reader->holds, window);
    return buf_str(&reader->holds);
}

static bool
fill_incidents(struct window_reader *reader, struct window_view *view)
{
    size_t n = 0;
    for (struct episode *e = reader->window->episodes; e; e = e->next)
        n++;
    struct incident *incidents =
        arena_take(&reader->teller.scratch, n + 1, sizeof *incidents);
    if (!incidents)
        return false;
    for (struct episode *e = reader->window->episodes; e; e = e->next) {
        if (e->waits)
            continue; /* nothing has fired yet */
        window_incident(reader->window, e, &reader->teller,
                        &incidents[view->n_incidents++]);
        view->n_open += !e->closed;
    }
    view->incidents = incidents;
    return true;
}

bool
window_reader_read(struct window_reader *reader, struct str record,
                   struct window_view *view, struct err *why)
{
    if (reader->window)
        window_free(reader->pool, reader->window);
    reader->window = window_load(reader->pool, record, rule_of, reader, why);
    const struct window *window = reader->window;
    if (!window)
        return false;
    reader->teller.scratch = reader->scratch;
    window_id(reader->id, window->id[0], window->id[1]);
    *view = (struct window_view){
        .id = {reader->id, WINDOW_ID_LEN},
        .rule = window->rule,
        .key = blob_str(window->key),
        .n_events = window->n,
        .have = have_now(window, reader->finder),
        .first_ms = window->n > 0 ? window->entries[0].event_ms : NO_TIME,
        .last_ms =
            window->n > 0 ? window->entries[window->n - 1].event_ms : NO_TIME,
        .n_waiting =
            window->n_pending - window->n_taken + early_waiting(window),
        .decide_ms = window_decide_due(window),
        .holds = describe(reader, window),
        .bytes = window_bytes(window),
        .approximate = window->approximate,
        .close_ms = window_close_due(window),
        .sweep_ms = window_sweep_due(window),
    };
    for (uint32_t i = 0; i < window->n; i++)
        view->n_cold += window->entries[i].sighting != NULL;
    if (fill_incidents(reader, view))
        return true;
    err_set(why, "no memory to show a window");
    return false;
}

bool
window_refused_read(struct str field, struct str value, uint64_t *n_refused)
{
    struct str part;
    int64_t n = -1;
    if (!str_equal(field, STR("counters")))
        return false;
    for (int i = 0; i <= COUNT_REFUSED + 1; i++) /* the version first */
        if (!str_split(&value, ' ', &part) || !str_to_i64(part, &n) || n < 0)
            return false;
    *n_refused = (uint64_t)n;
    return true;
}

bool
window_clock_read(struct str field, struct str value,
                  int64_t watermark_ms[MAX_LEVELS])
{
    struct str part;
    int64_t version;
    if (!str_equal(field, STR("clock")) || !str_split(&value, ' ', &part) ||
        !str_to_i64(part, &version) || version != 1)
        return false;
    for (int i = 0; i < MAX_LEVELS; i++)
        if (!str_split(&value, ' ', &part) ||
            !str_to_i64(part, &watermark_ms[i]) ||
            !str_split(&value, ' ', &part)) /* its floor */
            return false;
    return true;
}
