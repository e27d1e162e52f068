/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of an input partition: counts, vendor ids seen, time, open dead
 * letters; made, loaded, saved and shown. */
#include "ingest_priv.h"

#include "base/times.h"

#include <inttypes.h>
#include <stdlib.h>

const struct tally_tables ingest_tally_tables = {TABLE_COUNTS, TABLE_BOOKS,
                                                 TABLE_HOURS};

void *
ingest_state_new(void *stage, struct str topic, int32_t partition)
{
    struct ingest *ingest = stage;
    struct ingest_state *state = calloc(1, sizeof *state);
    if (!state)
        return NULL;
    state->ingest = ingest;
    state->source = ingest->site->source_of(ingest->site, topic);
    buf_add(&state->topic, topic);
    state->partition = partition;
    state->tally = tally_new();
    state->seen = seen_new(MAX_VENDOR_IDS);
    state->letters = letters_new(MAX_OPEN_LETTERS);
    watermark_clear(&state->watermark);
    state->next = ingest->states;
    ingest->states = state;
    if (!state->source || !state->tally || !state->seen || !state->letters ||
        state->topic.full) {
        ingest_state_free(state);
        return NULL;
    }
    return state;
}

void
ingest_state_free(void *context)
{
    struct ingest_state *state = context;
    struct ingest_state **at = &state->ingest->states;
    while (*at != state)
        at = &(*at)->next;
    *at = state->next;
    tally_free(state->tally);
    seen_free(state->seen);
    letters_free(state->letters);
    buf_free(&state->topic);
    free(state);
}

bool
ingest_state_load(void *context, size_t table, struct str field,
                  struct str value, struct err *why)
{
    struct ingest_state *state = context;
    bool fine = false;
    switch (table) {
    case TABLE_COUNTS:
    case TABLE_BOOKS:
    case TABLE_HOURS:
        fine =
            tally_load(state->tally, &ingest_tally_tables, table, field, value);
        break;
    case TABLE_IDS:
        fine = seen_load(state->seen, field, value);
        break;
    case TABLE_TIME:
        fine = watermark_read(value, &state->watermark);
        break;
    case TABLE_LETTERS:
        fine = letters_load(state->letters, field, value);
        break;
    default:
        break;
    }
    if (!fine)
        err_set(why, "table %zu, field %.*s: not a state of this version",
                table, STR_ARG(str_cut(field, 0, 100)));
    return fine;
}

void
ingest_state_save(void *context, bool whole, const struct emit *emit)
{
    struct ingest_state *state = context;
    tally_save(state->tally, &ingest_tally_tables, whole, emit);
    seen_save(state->seen, TABLE_IDS, whole, emit);
    letters_save(state->letters, TABLE_LETTERS, whole, emit);
    if (!whole && !state->time_changed)
        return;
    struct buf *text = &state->ingest->text;
    buf_clear(text);
    watermark_write(text, &state->watermark);
    emit->field(emit->context, TABLE_TIME, STR("watermark"), buf_str(text));
    if (!whole)
        state->time_changed = false;
}

int64_t
ingest_watermark_ms(const void *context)
{
    const struct ingest_state *state = context;
    return state->watermark.now_ms;
}

int64_t
ingest_lateness_ms(const void *context)
{
    const struct ingest_state *state = context;
    return source_lateness_ms(state->source);
}

void
ingest_clock(void *context, int64_t kafka_ms)
{
    struct ingest_state *state = context;
    watermark_clock(&state->watermark, kafka_ms,
                    source_lateness_ms(state->source));
    state->time_changed = true;
}

void
ingest_status(const void *context, struct buf *json)
{
    const struct ingest_state *state = context;
    buf_add(json, STR("\"source\":"));
    buf_json(json, source_name(state->source));
    buf_add(json, STR(",\"books\":{"));
    for (int i = 0; i < N_BOOK_COLUMNS; i++) {
        enum book_column column = (enum book_column)i;
        if (i > 0)
            buf_char(json, ',');
        buf_json(json, book_column_id(column));
        buf_format(json, ":%" PRIu64, tally_sum(state->tally, column));
    }
    buf_add(json, STR("}"));
    buf_add(json, STR(",\"unknown_severities\":"));
    tally_unknown(state->tally, json);
    buf_format(json,
               ",\"open_letters\":%" PRIu32 ",\"letters_lost\":%" PRIu64
               ",\"cells\":%" PRIu32 ",\"cells_full\":%s,\"ids\":%" PRIu32
               ",\"ids_full\":%s",
               letters_len(state->letters), letters_lost(state->letters),
               tally_n_cells(state->tally),
               tally_full(state->tally) ? "true" : "false",
               seen_len(state->seen),
               seen_full(state->seen) ? "true" : "false");
}

void
ingest_worker_status(const void *stage, struct buf *json)
{
    const struct ingest *ingest = stage;
    const struct matcher_ops *matcher = ingest->plan->matcher;
    if (!matcher)
        return;
    buf_format(json, "\"window_entries_refused\":%" PRIu64,
               window_batch_refused(ingest->windows));
    if (!matcher->status)
        return;
    buf_char(json, ',');
    matcher->status(ingest->matcher, json);
}
