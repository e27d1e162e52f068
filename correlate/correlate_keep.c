/* SPDX-License-Identifier: Apache-2.0
 *
 * The windows of a partition: made, told, timed and swept. What a record has
 * touched is settled once, at its end, in order of first touch; then timers
 * fire, level by level, in order of (time, rule, key) within one, and what is
 * past is swept. */
#include "correlate_priv.h"

#include <string.h>

int64_t
keep_hold_ms(const struct correlation *rule)
{
    /* late alerts feed `floor` too: its incidents wait for them */
    return rule->is_floor ? MAX_HOLD_MS : 0;
}

static void
tell(void *context, const struct incident *incident)
{
    struct correlate_state *state = context;
    struct buf *text = &state->correlate->text;
    buf_clear(text);
    incident_write(text, incident);
    if (incident->revision == 1) {
        state->counter[COUNT_FIRED]++;
        rule_counts_fired(state->correlate->counts, incident->rule);
    }
    struct output output = {
        .topic = state->correlate->plan->incidents_topic,
        .partition = PARTITION_BY_KEY,
        .key = incident->id,
        .value = buf_str(text),
    };
    state->sink->send(state->sink->context, &output, false);
}

static struct teller
teller_of(struct correlate_state *state)
{
    return (struct teller){.tell = tell,
                           .chain = chain_fire,
                           .context = state,
                           .reader = state->correlate->reader,
                           .scratch = state->correlate->scratch};
}

/* --- the state's rules */

static bool
note_fingerprint(struct correlate_state *state,
                 const struct digest *fingerprint)
{
    struct str key = {(const char *)fingerprint, sizeof *fingerprint};
    return table_add(state->rules, key, NULL) != TABLE_NONE;
}

/* The state keeps the text of every rule its windows run, and of those that
 * they feed, so that it can be loaded without asking anybody. */
static bool
note_rule(struct correlate_state *state, const struct correlation *rule)
{
    bool fine = note_fingerprint(state, &rule->fingerprint);
    for (size_t i = 0; fine && i < rule->n_feeds; i++)
        fine = note_fingerprint(state, &rule->feed[i].fingerprint);
    return fine;
}

/* --- windows */

void
keep_capped(struct correlate_state *state, const struct capped *capped,
            int64_t event_ms)
{
    rule_counts_capped(state->correlate->counts, capped, event_ms);
    if (capped->cap == CAP_CUT) {
        state->counter[COUNT_APPROXIMATE]++;
        return;
    }
    state->counter[COUNT_REFUSED]++;
    buf_clear(&state->refused);
    buf_add(&state->refused, capped->rule);
    buf_char(&state->refused, ' ');
    buf_add(&state->refused, capped->key);
}

struct window *
keep_window(struct correlate_state *state, const struct correlation *rule,
            const struct window_entry *entry)
{
    const struct correlate *correlate = state->correlate;
    if (state->windows.n >= correlate->max_windows ||
        state->bytes >= correlate->max_bytes ||
        pool_left(state->pool) < WINDOW_ROOM_BYTES || !note_rule(state, rule))
        return NULL;
    struct window *window =
        window_new(state->pool, rule, entry->key_id, entry->key);
    if (window && window_table_add(&state->windows, window))
        return window;
    if (window)
        window_free(state->pool, window);
    return NULL;
}

static void
mark_dirty(struct correlate_state *state, struct window *window)
{
    if (window->dirty)
        return;
    window->dirty = true;
    window->next_dirty = state->dirty;
    if (state->dirty)
        state->dirty->link_dirty = &window->next_dirty;
    window->link_dirty = &state->dirty;
    state->dirty = window;
}

void
keep_touch(struct correlate_state *state, struct window *window)
{
    mark_dirty(state, window);
    if (window->touched)
        return;
    window->touched = true;
    window->next_touched = NULL;
    *state->last_touched = window;
    state->last_touched = &window->next_touched;
}

/* Its bytes and its timers are as it is now. */
static bool
take_stock(struct correlate_state *state, struct window *window)
{
    size_t bytes = window_bytes(window);
    state->bytes = state->bytes - window->counted_bytes + bytes;
    window->counted_bytes = bytes;
    state->n_cut += window->approximate && !window->counted_cut;
    window->counted_cut = window->approximate;
    struct level_clock *clock = &state->clock[window->rule->level];
    int64_t close_ms = window_due(window);
    int64_t sweep_ms = window_sweep_due(window) + keep_hold_ms(window->rule);
    if (close_ms == NO_TIME)
        timers_unset(&clock->closing, &window->close);
    else if (!timers_set(&clock->closing, &window->close, close_ms))
        return false;
    return timers_set(&clock->sweeping, &window->sweep, sweep_ms);
}

bool
keep_loaded(struct correlate_state *state, struct window *window)
{
    return window_table_add(&state->windows, window) &&
           take_stock(state, window);
}

/* From now on the window is approximate. */
static void
note_cut(struct correlate_state *state, const struct window *window)
{
    const struct capped capped = {CAP_CUT, window->rule->id,
                                  blob_str(window->key)};
    keep_capped(state, &capped,
                window->n > 0 ? window->entries[window->n - 1].event_ms
                              : state->clock[state->lowest].watermark_ms);
}

static bool
settle_touched(struct correlate_state *state, struct teller *teller)
{
    bool fine = true;
    for (struct window *w = state->touched; w; w = w->next_touched) {
        w->touched = false;
        bool was_cut = w->counted_cut;
        window_report(state->pool, w, teller);
        fine &= take_stock(state, w);
        if (w->counted_cut && !was_cut)
            note_cut(state, w);
    }
    state->touched = NULL;
    state->last_touched = &state->touched;
    return fine;
}

static void
sweep(struct correlate_state *state, struct window *window)
{
    buf_add(&state->gone,
            (struct str){(const char *)window->id, sizeof window->id});
    if (window->dirty) {
        *window->link_dirty = window->next_dirty;
        if (window->next_dirty)
            window->next_dirty->link_dirty = window->link_dirty;
    }
    struct level_clock *clock = &state->clock[window->rule->level];
    timers_unset(&clock->closing, &window->close);
    timers_unset(&clock->sweeping, &window->sweep);
    window_table_remove(&state->windows, window);
    state->bytes -= window->counted_bytes;
    state->n_cut -= window->counted_cut;
    state->counter[COUNT_SWEPT]++;
    window_free(state->pool, window);
}

/* At the end of a replay the watermark is past everything; but who is silent
 * after the last event is not known to be. */
static bool
is_beyond(const struct correlate_state *state, const struct level_clock *clock,
          const struct timer *timer)
{
    const struct window *window = timer->owner;
    return window->rule->type == SILENCE &&
           clock->watermark_ms >= MAX_EVENT_MS &&
           timer->due_ms > state->newest_ms;
}

/* What is due in the windows of one level. */
static bool
pass_time(struct correlate_state *state, struct level_clock *clock,
          struct teller *teller)
{
    struct timer *timer;
    bool fine = true;
    while (fine && (timer = timers_due(&clock->closing, clock->watermark_ms))) {
        struct window *window = timer->owner;
        if (is_beyond(state, clock, timer)) {
            timers_unset(&clock->closing, timer);
            continue;
        }
        struct moment now = {timer->due_ms + 1, clock->floor_ms};
        window_pass(state->pool, window, &now, state->correlate->finder,
                    teller);
        mark_dirty(state, window);
        fine = take_stock(state, window);
    }
    return fine;
}

bool
keep_settle(struct correlate_state *state)
{
    struct teller teller = teller_of(state);
    struct timer *timer;
    bool fine = settle_touched(state, &teller);
    for (int level = 0; level < MAX_LEVELS && fine; level++)
        fine = pass_time(state, &state->clock[level], &teller);
    for (int level = 0; level < MAX_LEVELS; level++) {
        struct level_clock *clock = &state->clock[level];
        while ((timer = timers_due(&clock->sweeping, clock->floor_ms)))
            sweep(state, timer->owner);
    }
    return fine && !state->gone.full;
}
