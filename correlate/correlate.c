/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage: what becomes of one record. Read correlate_apply first:
 * a progress record moves sources, a window record feeds windows; then the
 * watermark is worked out, what is new is told, and timers fire. All of it
 * after every record, so that batches do not show (STREAM 1). */
#include "correlate_priv.h"

#include "base/pack.h"
#include "model/firing.h"
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
        struct window_cause cause = {
            .topic = at.topic, .partition = at.partition, .level = at.level};
        struct source_at *source = sources_of(state->sources, &cause);
        if (source)
            source_progress(source, &at, state->clock[at.level].watermark_ms);
    }
}

/* --- window events */

/* A correlation, and those that it feeds when it fires. */
static bool
rule_known(struct registry *registry, struct digest *fingerprint)
{
    const struct correlation *rule = registry_find(registry, *fingerprint);
    for (size_t i = 0; rule && i < rule->n_feeds; i++)
        if (!registry_find(registry, rule->feed[i].fingerprint)) {
            *fingerprint = rule->feed[i].fingerprint;
            return false;
        }
    return rule != NULL;
}

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
            rule_known(state->correlate->plan->registry, &fingerprint)) {
            last = entry->fingerprint;
            continue;
        }
        err_set(why, "waiting for the correlation %016llx%016llx on soc.rules",
                (unsigned long long)fingerprint.half[0],
                (unsigned long long)fingerprint.half[1]);
        return false;
    }
    return true;
}

/* It has these steps, and the record comes from no level above its own. */
static bool
entry_fits(const struct correlation *rule, const struct window_record *record,
           const struct window_entry *entry)
{
    return record->cause.level <= rule->level &&
           (rule->n_steps == MAX_CORRELATION_STEPS ||
            entry->steps >> rule->n_steps == 0);
}

/* Where an event was read: that of a firing is its newest alert's. */
static bool
sighting_of(const struct window_record *record,
            const struct window_entry *entry, struct sighting *sighting)
{
    static _Thread_local struct firing firing;
    *sighting = (struct sighting){
        .brief = record->briefs[entry->brief],
        .topic = record->cause.topic,
        .partition = record->cause.partition,
        .key = entry->key,
        .carry = entry->carry,
        .value = entry->value,
        .names = entry->names,
    };
    if (entry->names.len == 0)
        return true;
    if (!firing_read(entry->names, &firing))
        return false;
    sighting->topic = firing.topic;
    sighting->partition = firing.partition;
    return true;
}

/* The moment of a rule's windows. */
static struct moment
moment_of(const struct correlate_state *state, const struct correlation *rule)
{
    const struct level_clock *clock = &state->clock[rule->level];
    struct moment now = {clock->watermark_ms, clock->floor_ms};
    if (now.floor_ms != NO_TIME)
        now.floor_ms -= keep_hold_ms(rule);
    return now;
}

/* What the event counts as. False: it is measured and is no number. */
static bool
read_value(const struct correlation *rule, struct str text, struct event *event)
{
    if (correlation_measures(rule))
        return amount_from(text, &event->number) &&
               !(rule->never_negative && event->number < 0);
    if (rule->n_value_fields > 0)
        event->value = hash_digest(text).half[0];
    return true;
}

static void
feed(struct correlate_state *state, struct window *window,
     const struct sighting *sighting, const struct window_entry *entry)
{
    struct event event = {
        .steps = entry->steps,
        .weight = entry->weight,
        .sighting = *sighting,
    };
    struct moment now = moment_of(state, window->rule);
    if (!read_value(window->rule, entry->value, &event))
        state->counter[COUNT_UNREADABLE]++;
    else if (window_apply(state->pool, window, &event, &now,
                          state->correlate->finder))
        state->counter[COUNT_APPLIED]++;
    else
        state->counter[COUNT_LATE]++;
    keep_touch(state, window);
}

static void
refuse(struct correlate_state *state, const struct correlation *rule,
       const struct window_record *record, const struct window_entry *entry)
{
    const struct capped capped = {CAP_REFUSED, rule->id, entry->key};
    keep_capped(state, &capped, record->briefs[entry->brief].event_ms);
}

static const struct correlation *
rule_of(const struct correlate_state *state, const struct window *window,
        const struct window_entry *entry)
{
    return window ? window->rule
                  : registry_find(state->correlate->plan->registry,
                                  entry->fingerprint);
}

static void
take_entry(struct correlate_state *state, const struct source_at *source,
           const struct window_record *record, const struct window_entry *entry)
{
    struct window *window =
        window_table_find(&state->windows, entry->fingerprint, entry->key_id);
    const struct correlation *rule = rule_of(state, window, entry);
    const struct brief *brief = &record->briefs[entry->brief];
    struct sighting sighting;
    if (!entry_fits(rule, record, entry) ||
        !sighting_of(record, entry, &sighting)) {
        state->counter[COUNT_UNREADABLE]++;
        return;
    }
    if (brief->event_ms > state->newest_ms)
        state->newest_ms = brief->event_ms;
    bool late =
        record->cause.level == 0 && (brief->event_ms < source->watermark_ms ||
                                     (brief->flags & ALERT_LATE) != 0);
    if (late && !rule->is_floor) {
        state->counter[COUNT_LATE]++;
        return;
    }
    if (rule->level > 0 && state->lowest == 0 && state->correlate->apart) {
        chain_relay(state, rule, record, entry);
        return;
    }
    if (!window)
        window = keep_window(state, rule, entry);
    if (window && pool_left(state->pool) >= WINDOW_ROOM_BYTES &&
        state->bytes < state->correlate->max_bytes) {
        feed(state, window, &sighting, entry);
        return;
    }
    if (window && !window->approximate) {
        window->approximate = true; /* from here on it has not seen all */
        keep_touch(state, window);
    }
    refuse(state, rule, record, entry);
}

/* There are too many sources: nobody knows whether it was read before. */
static void
refuse_all(struct correlate_state *state, const struct window_record *record)
{
    for (size_t i = 0; i < record->n_entries; i++) {
        const struct window_entry *entry = &record->entries[i];
        const struct window *window = window_table_find(
            &state->windows, entry->fingerprint, entry->key_id);
        refuse(state, rule_of(state, window, entry), record, entry);
    }
}

static void
take_events(struct correlate_state *state, const struct window_record *record)
{
    struct source_at *source = sources_of(state->sources, &record->cause);
    if (!source) {
        refuse_all(state, record);
        return;
    }
    if (!source_take(source, &record->cause, record->running)) {
        state->counter[COUNT_REPEATS]++;
        return;
    }
    for (size_t i = 0; i < record->n_entries; i++)
        take_entry(state, source, record, &record->entries[i]);
}

/* --- time */

/* The watermark of a level, and the floor below which nothing can come to it:
 * the least W of all sources, also of those that are set aside and may come
 * back, but at most MAX_HOLD_MS behind the watermark (STREAM 14, 23). */
static void
raise_level(struct correlate_state *state, int level)
{
    int n = state->correlate->n_partitions;
    struct level_clock *clock = &state->clock[level];
    int64_t watermark_ms =
        sources_watermark(state->sources, level, n, clock->watermark_ms);
    int64_t floor_ms = sources_floor(state->sources, level, n);
    bool above = level > state->lowest;
    if (above && clock[-1].watermark_ms < watermark_ms)
        watermark_ms = clock[-1].watermark_ms;
    if (above && clock[-1].floor_ms < floor_ms)
        floor_ms = clock[-1].floor_ms;
    if (watermark_ms > clock->watermark_ms)
        clock->watermark_ms = watermark_ms;
    if (clock->watermark_ms == NO_TIME)
        return;
    if (floor_ms > clock->watermark_ms)
        floor_ms = clock->watermark_ms;
    if (floor_ms < clock->watermark_ms - MAX_HOLD_MS)
        floor_ms = clock->watermark_ms - MAX_HOLD_MS;
    if (floor_ms > clock->floor_ms)
        clock->floor_ms = floor_ms;
}

/* Windows of a level are fed by all levels up to it: none is ahead of the one
 * below. */
static void
raise_watermarks(struct correlate_state *state)
{
    raise_level(state, state->lowest);
    for (int level = state->lowest + 1;
         level < MAX_LEVELS && state->clock[level - 1].watermark_ms != NO_TIME;
         level++)
        raise_level(state, level);
}

/* --- records */

/* What a Kafka message holds: one record, or those of a pack. */
struct unpacked {
    struct unpacked *next;
    struct str progress; /* else NO_STR, and it is … */
    struct window_record record;
};

/* The records of a message, in `first`; what cannot be read is counted by
 * `n_unreadable`. False: a record needs a rule that is not known yet. */
static bool
unpack(struct correlate_state *state, struct str value, struct unpacked **first,
       uint64_t *n_unreadable, struct err *why)
{
    struct str rest = NO_STR, text = value;
    bool is_pack = pack_is(value), alone = !is_pack;
    if (is_pack && !pack_check(value)) {
        ++*n_unreadable;
        return true;
    }
    if (is_pack)
        rest = pack_records(value);
    for (; alone || pack_next(&rest, &text); alone = false) {
        struct arena *scratch = &state->correlate->scratch;
        struct arena before = *scratch;
        struct unpacked *one = arena_take(scratch, 1, sizeof *one);
        struct err unreadable;
        if (one && progress_is(text)) {
            one->progress = text;
        } else if (!one || !window_record_read(text, scratch, &one->record,
                                               &unreadable)) {
            *scratch = before;
            ++*n_unreadable;
            continue;
        } else if (!rules_known(state, &one->record, why)) {
            return false;
        }
        *first = one;
        first = &one->next;
    }
    return true;
}

static enum fate
take_all(struct correlate_state *state, const struct unpacked *one,
         struct err *why)
{
    for (; one; one = one->next) {
        if (one->progress.at) {
            take_progress(state, one->progress);
            raise_watermarks(state);
        } else {
            take_events(state, &one->record);
        }
        if (!keep_settle(state)) {
            err_set(why, "out of memory for windows");
            return FATAL;
        }
    }
    return DONE;
}

/* After each record of a pack as after one that travelled alone; only what
 * goes on to other windows is gathered, as all of it has one position. */
static enum fate
correlate_apply(void *context, const struct record *record,
                uint32_t incarnation, const struct sink *sink, struct err *why)
{
    struct correlate_state *state = context;
    struct arena before = state->correlate->scratch;
    struct unpacked *first = NULL;
    uint64_t n_unreadable = 0;
    enum fate fate = RETRY;
    state->sink = sink;
    if (unpack(state, record->value, &first, &n_unreadable, why)) {
        state->counter[COUNT_UNREADABLE] += n_unreadable;
        state->meta_changed = true;
        fate = take_all(state, first, why);
    }
    if (fate == DONE)
        chain_settle(state, record, incarnation);
    state->correlate->scratch = before;
    return fate;
}

static int64_t
correlate_watermark_ms(const void *context)
{
    const struct correlate_state *state = context;
    return state->clock[state->lowest].watermark_ms;
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
    correlate->n_partitions =
        plan->windows_partitions ? plan->windows_partitions : 1;
    correlate->chained_topic =
        plan->chained_topic.len > 0 ? plan->chained_topic : plan->windows_topic;
    correlate->apart =
        !str_equal(correlate->chained_topic, plan->windows_topic);
    bool fine = true;
    for (int i = 1; i < MAX_LEVELS; i++) {
        correlate->chained[i] = window_batch_new(correlate->n_partitions);
        fine &= correlate->chained[i] != NULL;
    }
    /* hash seeds only: nothing that comes out depends on them */
    if (getrandom(&correlate->secret, sizeof correlate->secret, 0) !=
        (ssize_t)sizeof correlate->secret) {
        correlate_free(correlate);
        return NULL;
    }
    correlate->finder = finder_new(correlate->secret);
    correlate->reader = json_reader_new();
    correlate->counts = rule_counts_new();
    correlate->scratch = arena_reserve(SCRATCH_BYTES);
    correlate->scratch_start = correlate->scratch.at;
    if (fine && correlate->finder && correlate->reader && correlate->counts &&
        correlate->scratch_start)
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
    for (int i = 1; i < MAX_LEVELS; i++)
        window_batch_free(correlate->chained[i]);
    buf_free(&correlate->text);
    buf_free(&correlate->names);
    rule_counts_free(correlate->counts);
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
        .worker_status = correlate_worker_status,
    };
    return &ops;
}
