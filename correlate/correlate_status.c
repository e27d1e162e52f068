/* SPDX-License-Identifier: Apache-2.0
 *
 * How a windows partition does, for `status`: what it holds, against its
 * limits; its sources and who holds it back; what was not taken, and why. And
 * what the worker counts by rule over all its partitions. */
#include "correlate_priv.h"

#include <inttypes.h>

static void
put_time(struct buf *json, const char *key, int64_t ms)
{
    if (ms == NO_TIME)
        buf_format(json, ",\"%s\":null", key);
    else
        buf_format(json, ",\"%s\":%" PRId64, key, ms);
}

static void
put_sources(const struct correlate_state *state, struct buf *json)
{
    buf_add(json, STR(",\"sources\":["));
    for (size_t i = 0; i < sources_len(state->sources); i++) {
        const struct source_at *source = sources_at(state->sources, i);
        buf_add(json, i > 0 ? STR(",{\"name\":") : STR("{\"name\":"));
        buf_json(json, source->name);
        buf_format(json, ",\"incarnation\":%" PRIu32 ",\"offset\":%" PRId64,
                   source->incarnation, source->offset);
        put_time(json, "watermark_ms", source->watermark_ms);
        buf_format(json, ",\"aside\":%s}", source->aside ? "true" : "false");
    }
    buf_char(json, ']');
}

/* Of correlations of correlations, as far as there are any. */
static void
put_levels(const struct correlate_state *state, struct buf *json)
{
    bool none = state->correlate->apart && state->lowest == 0;
    int highest =
        none ? 0 : registry_highest_level(state->correlate->plan->registry);
    buf_add(json, STR(",\"levels\":["));
    for (int level = 1; level <= highest; level++) {
        buf_format(json, "%s{\"level\":%d", level > 1 ? "," : "", level);
        put_time(json, "watermark_ms", state->clock[level].watermark_ms);
        put_time(json, "floor_ms", state->clock[level].floor_ms);
        buf_char(json, '}');
    }
    buf_char(json, ']');
}

void
correlate_status(const void *context, struct buf *json)
{
    static const char *const names[] = {
#define X(name, id) id,
        WINDOW_COUNTERS(X)
#undef X
    };
    const struct correlate_state *state = context;
    const struct correlate *correlate = state->correlate;
    buf_format(
        json,
        "\"windows\":%" PRIu32 ",\"max_windows\":%" PRIu32
        ",\"bytes\":%zu,\"max_bytes\":%zu,\"used_bytes\":%zu,\"held_"
        "bytes\":%zu,\"cut_windows\":%" PRIu32 ",\"refused_lately\":%" PRIu64,
        state->windows.n, correlate->max_windows, state->bytes,
        correlate->max_bytes, pool_used(state->pool), pool_held(state->pool),
        state->n_cut, state->counter[COUNT_REFUSED] - state->refused_before);
    put_time(json, "floor_ms", state->clock[state->lowest].floor_ms);
    put_levels(state, json);
    buf_add(json, STR(",\"counters\":{"));
    for (int i = 0; i < N_WINDOW_COUNTERS; i++)
        buf_format(json, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", names[i],
                   state->counter[i]);
    buf_add(json, STR("},\"refused_last\":"));
    buf_json(json, buf_str(&state->refused));
    put_sources(state, json);
}

void
correlate_worker_status(const void *context, struct buf *json)
{
    const struct correlate *correlate = context;
    rule_counts_status(correlate->counts, json);
}
