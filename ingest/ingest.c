/* SPDX-License-Identifier: Apache-2.0
 *
 * The ingest stage: what becomes of one record. Read ingest_apply first: it
 * splits the message, takes each element (normalise, enrich, judge, count,
 * write), gathers the bad ones into one dead letter, and raises the watermark.
 * in = counted + updates + duplicates + dead letters, after every record. */
#include "ingest_priv.h"

#include "base/times.h"
#include "ingest/feed.h"
#include "ingest/source_tools.h"
#include "model/progress.h"

#include <stdlib.h>

/* The event time as given, or the arrival if it cannot be believed. */
static void
decide_time(const struct source *source, struct alert *alert)
{
    int64_t too_old_ms = source_too_old_ms(source);
    int64_t event_ms = alert->event_ms;
    if (event_ms != NO_TIME &&
        event_ms - alert->arrival_ms <= source_ahead_ms(source) &&
        (too_old_ms == 0 || alert->arrival_ms - event_ms <= too_old_ms))
        return;
    alert->event_ms = alert->arrival_ms;
    alert->flags |= ALERT_TIME_FROM_ARRIVAL;
}

/* "SOURCE:VENDOR_ID", else the position. */
static void
decide_id(struct message *message, struct alert *alert)
{
    struct str vendor = alert->field[ALERT_VENDOR_ID];
    struct buf *text = &message->state->ingest->name;
    buf_clear(text);
    if (vendor.len > 0) {
        buf_add(text, alert->source);
        buf_char(text, ':');
        buf_add(text, vendor);
    } else {
        buf_position(text, &alert->position);
    }
    alert->alert_id = arena_copy(&message->scratch, buf_str(text));
}

static enum seen_says
judge(struct message *message, const struct alert *alert)
{
    struct ingest_state *state = message->state;
    int64_t dedup_ms = source_dedup_ms(state->source);
    struct str vendor = alert->field[ALERT_VENDOR_ID];
    if (dedup_ms == 0 || vendor.len == 0)
        return SEEN_NEW;
    struct sighting sighting = {
        .id = hash_digest(vendor),
        .changes = source_changes_digest(state->source, alert),
        .kafka_ms = message->kafka_ms,
        .offset = message->record->offset,
    };
    return seen_sight(state->seen, &sighting, dedup_ms);
}

static void
enrich(struct message *message, struct alert *alert)
{
    struct ingest *ingest = message->state->ingest;
    if (ingest->site->inventory)
        inventory_apply(ingest->site->inventory, alert);
    if (alert->field[ALERT_SRC_IP].len > 0)
        geo_find(ingest->geo, alert->field[ALERT_SRC_IP], &message->scratch,
                 &alert->src_geo);
    if (alert->field[ALERT_DST_IP].len > 0)
        geo_find(ingest->geo, alert->field[ALERT_DST_IP], &message->scratch,
                 &alert->dst_geo);
}

static void
book_alert(struct message *message, const struct alert *alert,
           enum seen_says says)
{
    struct tally *tally = message->state->tally;
    int32_t day = day_of_ms(alert->event_ms, VIETNAM_MINUTES);
    struct str source = alert->source;
    static const enum book_column fate[] = {
        [SEEN_NEW] = BOOK_COUNTED,
        [SEEN_DUPLICATE] = BOOK_DUPLICATES,
        [SEEN_UPDATE] = BOOK_UPDATES,
    };
    tally_book(tally, day, source, BOOK_IN, 1);
    tally_book(tally, day, source, fate[says], 1);
    if (message->record->null_key)
        tally_book(tally, day, source, BOOK_NULL_KEY, 1);
    if (says != SEEN_NEW)
        return;
    tally_alert(tally, alert);
    bool high = alert->severity >= SEVERITY_HIGH;
    const struct {
        bool holds;
        enum book_column column;
    } facts[] = {
        {(alert->flags & ALERT_LATE) != 0, BOOK_LATE},
        {(alert->flags & ALERT_TIME_FROM_ARRIVAL) != 0, BOOK_TIME_FROM_ARRIVAL},
        {alert->severity == SEVERITY_UNKNOWN, BOOK_UNKNOWN_SEVERITY},
        {alert->kind == KIND_NONE, BOOK_NO_KIND},
        {high, BOOK_HIGH},
        {high && alert->kind == KIND_NONE, BOOK_HIGH_NO_KIND},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (facts[i].holds)
            tally_book(tally, day, source, facts[i].column, 1);
}

/* Which rules it matches, and which windows it goes to. */
static void
match(struct message *message, const struct alert *alert,
      struct matched *matched)
{
    struct ingest *ingest = message->state->ingest;
    *matched = (struct matched){0};
    if (ingest->matcher)
        ingest->plan->matcher->match(ingest->matcher, alert, &message->scratch,
                                     ingest->windows, matched);
}

/* All window entries of the record at once (STREAM 9). A retry's position is
 * the one it was read at: only that is above what was sent before. */
static void
flush_windows(struct message *message, uint32_t incarnation)
{
    struct ingest *ingest = message->state->ingest;
    if (!ingest->matcher)
        return;
    struct window_cause cause = {
        .topic = buf_str(&message->state->topic),
        .partition = message->state->partition,
        .incarnation = incarnation,
        .offset = message->record->offset,
    };
    window_batch_flush(ingest->windows, &cause, ingest->plan->windows_topic,
                       message->sink);
}

static void
write_feed(struct message *message, const struct alert *alert,
           const struct matched *matched)
{
    struct ingest *ingest = message->state->ingest;
    if (!ingest->plan->feed)
        return;
    buf_clear(&ingest->text);
    feed_write(&ingest->text, alert, matched);
    struct str host = alert->field[ALERT_HOST];
    struct output output = {
        .topic = ingest->plan->alerts_topic,
        .partition = PARTITION_BY_KEY,
        .key = host.len > 0 ? host : alert->alert_id,
        .value = buf_str(&ingest->text),
    };
    message->sink->send(message->sink->context, &output, true);
}

/* One alert from bytes to counts and feed. */
static enum split_fault
take_element(struct message *message, const struct element *element,
             uint32_t index)
{
    struct ingest_state *state = message->state;
    struct alert alert = {.raw = element->raw, .event = element->event};
    if (element->fault != SPLIT_FINE)
        return element->fault;
    alert.position = message->identity;
    alert.position.index = index;
    alert.arrival_ms = message->arrival_ms;
    enum split_fault fault = SPLIT_FINE;
    if (state->ingest->plan->any_event)
        source_map_any(state->source, element, alert.arrival_ms,
                       &message->scratch, &alert);
    else
        fault = source_map(state->source, element, alert.arrival_ms,
                           &message->scratch, &alert);
    if (fault != SPLIT_FINE)
        return fault;
    decide_time(state->source, &alert);
    decide_id(message, &alert);
    enum seen_says says = judge(message, &alert);
    if (state->watermark.now_ms != NO_TIME &&
        alert.event_ms < state->watermark.now_ms)
        alert.flags |= ALERT_LATE;
    if (says == SEEN_UPDATE)
        alert.flags |= ALERT_UPDATE;
    if (message->retried)
        alert.flags |= ALERT_RETRIED;
    if (says != SEEN_DUPLICATE) {
        struct matched matched = {0};
        enrich(message, &alert);
        if (says == SEEN_NEW)
            match(message, &alert, &matched);
        write_feed(message, &alert, &matched);
    }
    book_alert(message, &alert, says);
    if (!(alert.flags & ALERT_TIME_FROM_ARRIVAL))
        watermark_see(&state->watermark, alert.field[ALERT_HOST],
                      alert.arrival_ms, alert.event_ms);
    return SPLIT_FINE;
}

static void
take_elements(struct message *message, const struct element *elements, size_t n)
{
    struct buf *indexes = &message->state->ingest->indexes;
    enum split_fault first = SPLIT_FINE;
    uint32_t n_bad = 0;
    buf_clear(indexes);
    struct arena mark = message->scratch;
    for (uint32_t i = 0; i < n; i++) {
        if (!letter_wants(message, i))
            continue;
        message->scratch = mark;
        enum split_fault fault = take_element(message, &elements[i], i);
        if (fault == SPLIT_FINE)
            continue;
        if (n_bad++ > 0)
            buf_char(indexes, ',');
        buf_u64(indexes, i);
        if (first == SPLIT_FINE)
            first = fault;
    }
    uint32_t n_missing = letter_missing(message, n, indexes);
    if (n_missing > 0 && first == SPLIT_FINE)
        first = SPLIT_SHAPE;
    n_bad += n_missing;
    if (n_bad > 0)
        letter_send(message, first, buf_str(indexes), n_bad);
}

static void
count_repeat(struct message *message)
{
    struct ingest_state *state = message->state;
    struct str source = source_name(state->source);
    tally_book(state->tally, message->arrival_day, source, BOOK_IN, 1);
    tally_book(state->tally, message->arrival_day, source, BOOK_DUPLICATES, 1);
}

static void
take_message(struct message *message)
{
    struct ingest_state *state = message->state;
    if (!letter_take_origin(message)) {
        count_repeat(message);
        return;
    }
    const struct element *elements;
    size_t n;
    enum split_fault fault =
        source_split(state->source, state->ingest->decoder,
                     message->record->value, &message->scratch, &elements, &n);
    if (fault == SPLIT_FINE)
        take_elements(message, elements, n);
    else if (message->retried && message->letter.indexes.len > 0)
        letter_send(message, fault, message->letter.indexes, message->letter.n);
    else
        letter_send(message, fault, STR(""), 1);
}

/* The record's timestamp. One without (-1), or with one that no calendar has,
 * has arrived when the newest before it had. */
static int64_t
arrival_of(const struct record *record, const struct watermark *watermark)
{
    if (record->timestamp_ms >= 0 && record->timestamp_ms <= LAST_MS)
        return record->timestamp_ms;
    return watermark->newest_ms != NO_TIME ? watermark->newest_ms : 0;
}

static enum fate
ingest_apply(void *context, const struct record *record, uint32_t incarnation,
             const struct sink *sink, struct err *why)
{
    struct ingest_state *state = context;
    if (!state->source) {
        err_set(why, "no mapping for topic %.*s",
                STR_ARG(buf_str(&state->topic)));
        return FATAL;
    }
    struct watermark *watermark = &state->watermark;
    int64_t arrival_ms = arrival_of(record, watermark);
    if (arrival_ms > watermark->newest_ms)
        watermark->newest_ms = arrival_ms;
    struct message message = {
        .state = state,
        .record = record,
        .sink = sink,
        .identity = {buf_str(&state->topic), state->partition, incarnation,
                     record->offset, 0},
        .arrival_ms = arrival_ms,
        .kafka_ms = watermark->newest_ms,
        .arrival_day = day_of_ms(arrival_ms, VIETNAM_MINUTES),
        .scratch = state->ingest->scratch,
    };
    take_message(&message);
    flush_windows(&message, incarnation);
    watermark_raise(watermark, source_lateness_ms(state->source));
    state->time_changed = true;
    if (source_dedup_ms(state->source) > 0)
        seen_forget(state->seen, watermark->newest_ms,
                    source_dedup_ms(state->source));
    return DONE;
}

/* Progress, to every windows partition (STREAM 10, 18). */
static void
ingest_announce(void *stage, const struct progress *at, size_t n,
                const struct sink *sink)
{
    struct ingest *ingest = stage;
    buf_clear(&ingest->text);
    progress_write(&ingest->text, at, n);
    for (int i = 0; i < ingest->plan->windows_partitions; i++) {
        struct output output = {
            .topic = ingest->plan->windows_topic,
            .partition = i,
            .no_key = true,
            .value = buf_str(&ingest->text),
        };
        sink->send(sink->context, &output, false);
    }
}

static bool
ingest_changed(void *stage)
{
    struct ingest *ingest = stage;
    const struct ingest_plan *plan = ingest->plan;
    const struct matcher_ops *matcher = plan->matcher;
    return (plan->newest && plan->newest(plan->context) != ingest->site) ||
           (matcher && matcher->changed && matcher->changed(ingest->matcher)) ||
           geo_changed(ingest->geo);
}

/* Says first which site it is going to use, then makes sure that this one was
 * still the newest when it said so: it cannot be freed in between. */
static void
take_site(struct ingest *ingest)
{
    const struct ingest_plan *plan = ingest->plan;
    do {
        ingest->site = plan->newest(plan->context);
        atomic_store(&ingest->in_use, ingest->site);
    } while (plan->newest(plan->context) != ingest->site);
    for (struct ingest_state *state = ingest->states; state;
         state = state->next)
        state->source =
            ingest->site->source_of(ingest->site, buf_str(&state->topic));
}

static void
ingest_swap(void *stage)
{
    struct ingest *ingest = stage;
    const struct ingest_plan *plan = ingest->plan;
    if (plan->newest)
        take_site(ingest);
    if (plan->matcher && plan->matcher->swap)
        plan->matcher->swap(ingest->matcher);
    if (geo_changed(ingest->geo))
        geo_swap(ingest->geo);
}

struct ingest *
ingest_new(const struct ingest_plan *plan)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (!ingest)
        return NULL;
    ingest->plan = plan;
    ingest->site = plan->site;
    atomic_store(&ingest->in_use, plan->site);
    ingest->text.max_bytes = MAX_OUTPUT_BYTES;
    ingest->decoder = decoder_new();
    ingest->geo = geo_open(plan->geo_database);
    ingest->scratch = arena_reserve(SCRATCH_BYTES);
    ingest->scratch_start = ingest->scratch.at;
    if (plan->matcher) {
        ingest->matcher = plan->matcher_new(plan->matcher_context);
        ingest->windows = window_batch_new(plan->windows_partitions);
    }
    if (!ingest->decoder || !ingest->geo || !ingest->scratch.at ||
        (plan->matcher && (!ingest->matcher || !ingest->windows))) {
        ingest_free(ingest);
        return NULL;
    }
    return ingest;
}

void
ingest_free(struct ingest *ingest)
{
    if (!ingest)
        return;
    if (ingest->scratch_start)
        arena_release(ingest->scratch_start, ingest->scratch);
    if (ingest->matcher)
        ingest->plan->matcher_free(ingest->matcher);
    window_batch_free(ingest->windows);
    decoder_free(ingest->decoder);
    if (ingest->geo)
        geo_close(ingest->geo);
    buf_free(&ingest->text);
    buf_free(&ingest->name);
    buf_free(&ingest->indexes);
    free(ingest);
}

const struct site *
ingest_site(const struct ingest *ingest)
{
    return atomic_load(&ingest->in_use);
}

const struct geo_db *
ingest_geo(const struct ingest *ingest)
{
    return ingest->geo;
}

const struct stage_ops *
ingest_ops(void)
{
    static const struct stage_ops ops = {
        .name = {"ingest", 6},
        .tables = {{INGEST_COUNTS, INGEST_BOOKS, INGEST_HOURS, "ids", "time",
                    "letters"},
                   6},
        .state_new = ingest_state_new,
        .state_free = ingest_state_free,
        .state_load = ingest_state_load,
        .state_save = ingest_state_save,
        .apply = ingest_apply,
        .watermark_ms = ingest_watermark_ms,
        .clock = ingest_clock,
        .lateness_ms = ingest_lateness_ms,
        .announce = ingest_announce,
        .refused = letter_for_output,
        .changed = ingest_changed,
        .swap = ingest_swap,
        .status = ingest_status,
        .worker_status = ingest_worker_status,
    };
    return &ops;
}
