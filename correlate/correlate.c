/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage: what becomes of one record. Read correlate_apply first:
 * a progress record moves sources, a window record feeds windows; then the
 * watermark is worked out, what is new is told, and timers fire. All of it
 * after every record, so that batches do not show (STREAM 1). */
#include "correlate_priv.h"

#include "model/progress.h"

#include <stdlib.h>
#include <sys/random.h>

/* --- progress */

static void
take_progress(struct correlate_state *state, struct str value)
{
    struct progress_lines lines = progress_lines(value);
    struct progress at;
    if (!progress_check(value)) {
        state->counter[COUNT_UNREADABLE]++;
        return;
    }
    while (progress_next(&lines, &at)) {
        struct window_cause cause = {.topic = at.topic,
                                     .partition = at.partition};
        struct source_at *source = sources_of(state->sources, &cause);
        if (source)
            source_progress(source, &at, state->watermark_ms);
    }
}

/* --- window events */

/* Every correlation that the record names is known, or nothing is done. */
static bool
rules_known(struct correlate_state *state, const struct window_record *record,
            struct err *why)
{
    struct digest last = {{0, 0}};
    for (size_t i = 0; i < record->n_entries; i++) {
        const struct window_entry *entry = &record->entries[i];
        struct digest fingerprint = entry->fingerprint;
        bool same = fingerprint.half[0] == last.half[0] &&
                    fingerprint.half[1] == last.half[1];
        if ((i > 0 && same) ||
            window_table_find(&state->windows, fingerprint, entry->key_id) ||
            registry_find(state->correlate->plan->registry, fingerprint)) {
            last = fingerprint;
            continue;
        }
        err_set(why, "waiting for the correlation %016llx%016llx on soc.rules",
                (unsigned long long)fingerprint.half[0],
                (unsigned long long)fingerprint.half[1]);
        return false;
    }
    return true;
}

static bool
steps_fit(const struct correlation *rule, uint32_t steps)
{
    return rule->n_steps == MAX_CORRELATION_STEPS ||
           steps >> rule->n_steps == 0;
}

static void
feed(struct correlate_state *state, struct window *window,
     const struct window_record *record, const struct window_entry *entry)
{
    struct event event = {
        .steps = entry->steps,
        .value = window->rule->type == VALUE_COUNT
                     ? hash_digest(entry->value).half[0]
                     : 0,
        .sighting = {.brief = record->briefs[entry->brief],
                     .topic = record->cause.topic,
                     .partition = record->cause.partition,
                     .key = entry->key},
    };
    int64_t floor_ms = state->floor_ms;
    if (floor_ms != NO_TIME)
        floor_ms -= keep_hold_ms(window->rule);
    bool approximate = window->approximate;
    window_apply(state->pool, window, &event, floor_ms,
                 state->correlate->finder);
    state->counter[COUNT_APPLIED]++;
    state->counter[COUNT_APPROXIMATE] += window->approximate && !approximate;
    keep_touch(state, window);
}

static void
take_entry(struct correlate_state *state, const struct source_at *source,
           const struct window_record *record, const struct window_entry *entry)
{
    struct window *window =
        window_table_find(&state->windows, entry->fingerprint, entry->key_id);
    const struct correlation *rule =
        window ? window->rule
               : registry_find(state->correlate->plan->registry,
                               entry->fingerprint);
    const struct brief *brief = &record->briefs[entry->brief];
    if (!steps_fit(rule, entry->steps)) {
        state->counter[COUNT_UNREADABLE]++;
        return;
    }
    bool late = brief->event_ms < source->watermark_ms ||
                (brief->flags & ALERT_LATE) != 0;
    if (late && !rule->is_floor) {
        state->counter[COUNT_LATE]++;
        return;
    }
    if (!window)
        window = keep_window(state, rule, entry);
    if (window && pool_left(state->pool) >= WINDOW_ROOM_BYTES &&
        state->bytes < state->correlate->max_bytes) {
        feed(state, window, record, entry);
        return;
    }
    if (window && !window->approximate) {
        window->approximate = true; /* from here on it has not seen all */
        state->counter[COUNT_APPROXIMATE]++;
        keep_touch(state, window);
    }
    keep_refused(state, rule, entry->key);
}

static enum fate
take_events(struct correlate_state *state, struct str value, struct err *why)
{
    struct arena scratch = state->correlate->scratch;
    struct window_record record;
    if (!window_record_read(value, &scratch, &record, why)) {
        state->counter[COUNT_UNREADABLE]++;
        return DONE;
    }
    if (!rules_known(state, &record, why))
        return RETRY;
    struct source_at *source = sources_of(state->sources, &record.cause);
    if (!source) {
        state->counter[COUNT_REFUSED] += record.n_entries;
        return DONE;
    }
    if (!source_take(source, &record.cause, record.running)) {
        state->counter[COUNT_REPEATS]++;
        return DONE;
    }
    for (size_t i = 0; i < record.n_entries; i++)
        take_entry(state, source, &record, &record.entries[i]);
    return DONE;
}

/* --- time */

/* The watermark, and the floor below which nothing can come: the least W of
 * all sources, also of those that are set aside and may come back, but at most
 * MAX_HOLD_MS behind the watermark (STREAM 14, 23). */
static void
raise_watermark(struct correlate_state *state)
{
    int64_t watermark_ms =
        sources_watermark(state->sources, state->watermark_ms);
    if (watermark_ms > state->watermark_ms)
        state->watermark_ms = watermark_ms;
    if (state->watermark_ms == NO_TIME)
        return;
    int64_t floor_ms = sources_floor(state->sources);
    if (floor_ms > state->watermark_ms)
        floor_ms = state->watermark_ms;
    if (floor_ms < state->watermark_ms - MAX_HOLD_MS)
        floor_ms = state->watermark_ms - MAX_HOLD_MS;
    if (floor_ms > state->floor_ms)
        state->floor_ms = floor_ms;
}

static enum fate
correlate_apply(void *context, const struct record *record,
                uint32_t incarnation, const struct sink *sink, struct err *why)
{
    struct correlate_state *state = context;
    (void)incarnation; /* positions here are those of the causes */
    state->sink = sink;
    if (progress_is(record->value)) {
        take_progress(state, record->value);
        raise_watermark(state);
    } else if (take_events(state, record->value, why) == RETRY) {
        return RETRY;
    }
    state->meta_changed = true;
    if (keep_settle(state))
        return DONE;
    err_set(why, "out of memory for windows");
    return FATAL;
}

static int64_t
correlate_watermark_ms(const void *context)
{
    const struct correlate_state *state = context;
    return state->watermark_ms;
}

/* --- the worker */

struct correlate *
correlate_new(const struct correlate_plan *plan)
{
    struct correlate *correlate = calloc(1, sizeof *correlate);
    if (!correlate)
        return NULL;
    correlate->plan = plan;
    correlate->max_windows =
        plan->max_windows ? plan->max_windows : MAX_WINDOWS;
    correlate->max_bytes =
        plan->max_bytes ? plan->max_bytes : MAX_WINDOWS_BYTES;
    correlate->text.max_bytes = MAX_OUTPUT_BYTES;
    /* hash seeds only: nothing that comes out depends on them */
    if (getrandom(&correlate->secret, sizeof correlate->secret, 0) !=
        (ssize_t)sizeof correlate->secret) {
        free(correlate);
        return NULL;
    }
    correlate->finder = finder_new(correlate->secret);
    correlate->reader = json_reader_new();
    correlate->scratch = arena_reserve(SCRATCH_BYTES);
    correlate->scratch_start = correlate->scratch.at;
    if (correlate->finder && correlate->reader && correlate->scratch_start)
        return correlate;
    correlate_free(correlate);
    return NULL;
}

void
correlate_free(struct correlate *correlate)
{
    if (!correlate)
        return;
    finder_free(correlate->finder);
    json_reader_free(correlate->reader);
    if (correlate->scratch_start)
        arena_release(correlate->scratch_start, correlate->scratch);
    buf_free(&correlate->text);
    free(correlate);
}

const struct stage_ops *
correlate_ops(void)
{
    static const struct stage_ops ops = {
        .name = {"correlate", 9},
        .tables = {{CORRELATE_META, CORRELATE_SOURCES, CORRELATE_RULES,
                    CORRELATE_WINDOWS},
                   4},
        .state_new = correlate_state_new,
        .state_free = correlate_state_free,
        .state_load = correlate_state_load,
        .state_save = correlate_state_save,
        .apply = correlate_apply,
        .watermark_ms = correlate_watermark_ms,
        .status = correlate_status,
    };
    return &ops;
}
