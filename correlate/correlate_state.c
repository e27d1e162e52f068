/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a windows or chained partition: made, loaded, saved. A window's
 * field is its 32 bytes of (fingerprint, key_id), so that no two share one; its
 * value the binary record of window_text.c. */
#include "correlate_priv.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_SHARE = 4 }; /* reserved for each byte of content */

void *
correlate_state_new(void *stage, struct str topic, int32_t partition)
{
    struct correlate *correlate = stage;
    struct correlate_state *state = calloc(1, sizeof *state);
    if (!state)
        return NULL;
    state->correlate = correlate;
    state->topic = strndup(topic.at, topic.len);
    state->partition = partition;
    state->lowest =
        correlate->apart && str_equal(topic, correlate->chained_topic) ? 1 : 0;
    state->reports.filled_ms = state->newest_ms = NO_TIME;
    for (int i = 0; i < MAX_LEVELS; i++) {
        state->clock[i].watermark_ms = state->clock[i].floor_ms = NO_TIME;
        state->reports.told_ms[i] = NO_TIME;
    }
    state->last_touched = &state->touched;
    state->pool = pool_new(correlate->max_bytes * POOL_SHARE +
                           4 * (size_t)WINDOW_ROOM_BYTES);
    state->sources = sources_new();
    state->rules = table_new(MAX_CORRELATIONS);
    if (state->topic && state->pool && state->sources && state->rules &&
        window_table_begin(&state->windows, correlate->secret))
        return state;
    correlate_state_free(state);
    return NULL;
}

void
correlate_state_free(void *context)
{
    struct correlate_state *state = context;
    window_table_end(&state->windows); /* the windows go with their pool */
    pool_free(state->pool);
    for (int i = 0; i < MAX_LEVELS; i++) {
        timers_free(&state->clock[i].closing);
        timers_free(&state->clock[i].sweeping);
    }
    sources_free(state->sources);
    table_free(state->rules);
    buf_free(&state->gone);
    buf_free(&state->refused);
    free(state->topic);
    free(state);
}

/* --- loading */

static bool
next_i64(struct str *text, int64_t *n)
{
    struct str part;
    return str_split(text, ' ', &part) && str_to_i64(part, n);
}

/* Of every level; those that are not there yet have no time. */
static bool
load_clock(struct correlate_state *state, struct str value)
{
    for (int i = 0; i < MAX_LEVELS && value.len > 0; i++)
        if (!next_i64(&value, &state->clock[i].watermark_ms) ||
            !next_i64(&value, &state->clock[i].floor_ms))
            return false;
    return value.len == 0;
}

static bool
load_reports(struct correlate_state *state, struct str value)
{
    int64_t n_left;
    if (!next_i64(&value, &state->reports.filled_ms) ||
        !next_i64(&value, &n_left) || n_left < 0 || n_left > INT32_MAX)
        return false;
    state->reports.n_left = (int)n_left;
    for (int i = 1; i < MAX_LEVELS; i++)
        if (!next_i64(&value, &state->reports.told_ms[i]))
            return false;
    return value.len == 0;
}

static bool
load_meta(struct correlate_state *state, struct str field, struct str value)
{
    int64_t n;
    if (!next_i64(&value, &n) || n != 1)
        return false;
    if (str_equal(field, STR("clock")))
        return load_clock(state, value);
    if (str_equal(field, STR("reports")))
        return load_reports(state, value);
    if (!str_equal(field, STR("counters")))
        return false;
    for (int i = 0; i < N_WINDOW_COUNTERS && value.len > 0; i++) {
        if (!next_i64(&value, &n) || n < 0)
            return false;
        state->counter[i] = (uint64_t)n;
    }
    state->refused_before = state->counter[COUNT_REFUSED];
    return value.len == 0;
}

static bool
load_rule(struct correlate_state *state, struct str value, struct err *why)
{
    const struct correlation *rule =
        registry_learn(state->correlate->plan->registry, value, why);
    if (!rule)
        return false;
    struct str key = {(const char *)&rule->fingerprint,
                      sizeof rule->fingerprint};
    bool fine = table_add(state->rules, key, NULL) != TABLE_NONE;
    state->n_rules_saved = table_len(state->rules);
    return fine;
}

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    struct correlate_state *state = context;
    return registry_find(state->correlate->plan->registry, fingerprint);
}

static bool
load_window(struct correlate_state *state, struct str value, struct err *why)
{
    struct window *window =
        window_load(state->pool, value, rule_of, state, why);
    if (!window)
        return false;
    if (!window_table_find(&state->windows, window->id[0], window->id[1]) &&
        keep_loaded(state, window))
        return true;
    err_set(why, "the same window twice, or no memory for it");
    return false;
}

bool
correlate_state_load(void *context, size_t table, struct str field,
                     struct str value, struct err *why)
{
    struct correlate_state *state = context;
    err_set(why, "table %zu, field %.*s: not a state of this version", table,
            STR_ARG(str_cut(field, 0, 100)));
    switch (table) {
    case TABLE_META:
        return load_meta(state, field, value);
    case TABLE_SOURCES:
        return sources_load(state->sources, field, value);
    case TABLE_RULES:
        return load_rule(state, value, why);
    case TABLE_WINDOWS:
        return load_window(state, value, why);
    default:
        return false;
    }
}

/* --- saving */

static void
save_meta(struct correlate_state *state, const struct emit *emit)
{
    struct buf *text = &state->correlate->text;
    buf_clear(text);
    buf_char(text, '1');
    for (int i = 0; i < MAX_LEVELS; i++)
        buf_format(text, " %" PRId64 " %" PRId64, state->clock[i].watermark_ms,
                   state->clock[i].floor_ms);
    emit->field(emit->context, TABLE_META, STR("clock"), buf_str(text));
    buf_clear(text);
    buf_format(text, "1 %" PRId64 " %d", state->reports.filled_ms,
               state->reports.n_left);
    for (int i = 1; i < MAX_LEVELS; i++)
        buf_format(text, " %" PRId64, state->reports.told_ms[i]);
    emit->field(emit->context, TABLE_META, STR("reports"), buf_str(text));
    buf_clear(text);
    buf_char(text, '1');
    for (int i = 0; i < N_WINDOW_COUNTERS; i++)
        buf_format(text, " %" PRIu64, state->counter[i]);
    emit->field(emit->context, TABLE_META, STR("counters"), buf_str(text));
}

static void
save_rules(struct correlate_state *state, bool whole, const struct emit *emit)
{
    uint32_t n = table_len(state->rules);
    for (uint32_t i = whole ? 0 : state->n_rules_saved; i < n; i++) {
        struct str key = table_key(state->rules, i);
        struct digest fingerprint;
        memcpy(&fingerprint, key.at, sizeof fingerprint);
        const struct correlation *rule =
            registry_find(state->correlate->plan->registry, fingerprint);
        emit->field(emit->context, TABLE_RULES, key, rule->text);
    }
    if (!whole)
        state->n_rules_saved = n;
}

static struct str
field_of(const struct window *window)
{
    return (struct str){(const char *)window->id, sizeof window->id};
}

static void
save_window(struct correlate_state *state, const struct window *window,
            const struct emit *emit)
{
    struct buf *text = &state->correlate->text;
    buf_clear(text);
    window_save(text, window);
    emit->field(emit->context, TABLE_WINDOWS, field_of(window), buf_str(text));
}

/* Those that were swept and have not come back. */
static void
save_gone(struct correlate_state *state, const struct emit *emit)
{
    struct digest id[2];
    for (size_t i = 0; i < state->gone.len; i += sizeof id) {
        memcpy(id, state->gone.at + i, sizeof id);
        if (!window_table_find(&state->windows, id[0], id[1]))
            emit->field(emit->context, TABLE_WINDOWS,
                        (struct str){(const char *)id, sizeof id}, NO_STR);
    }
    buf_clear(&state->gone);
}

void
correlate_state_save(void *context, bool whole, const struct emit *emit)
{
    struct correlate_state *state = context;
    if (whole || state->meta_changed)
        save_meta(state, emit);
    sources_save(state->sources, TABLE_SOURCES, whole, emit);
    save_rules(state, whole, emit);
    if (whole) {
        for (uint32_t i = 0; i <= state->windows.mask; i++)
            if (state->windows.slots[i])
                save_window(state, state->windows.slots[i], emit);
        return;
    }
    state->meta_changed = false;
    save_gone(state, emit);
    for (struct window *w = state->dirty; w; w = w->next_dirty) {
        w->dirty = false;
        save_window(state, w, emit);
    }
    state->dirty = NULL;
}
