/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows laid end to end: one begins at the first event that comes after the
 * end of the last, and is decided when the watermark passes its end. Events
 * come in order, so all that is kept of a window is what its condition needs
 * and a draft of the episode that it will be. Numbers are exact; what is
 * divided is multiplied out on the other side. What waits for its window to
 * begin: window_section.c. */
#include "window_laid.h"

#include <stdlib.h>
#include <string.h>

struct laid *
laid_of(const struct window *window)
{
    return window->own;
}

/* --- values */

static int
by_value(const void *left, const void *right)
{
    const struct laid_value *a = left, *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

/* Down to its place in a heap of the first `n`. */
static void
sink(struct laid_value *values, uint32_t i, uint32_t n)
{
    const struct laid_value value = values[i];
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && values[child].value < values[child + 1].value)
            child++;
        if (value.value >= values[child].value)
            break;
        values[i] = values[child];
    }
    values[i] = value;
}

/* By heap: qsort asks for memory. Values that came in order stay as they
 * are. */
static void
sort(struct laid_value *values, uint32_t n)
{
    uint32_t i = 1;
    while (i < n && values[i - 1].value <= values[i].value)
        i++;
    if (i >= n)
        return;
    for (i = n / 2; i-- > 0;)
        sink(values, i, n);
    for (i = n; i-- > 1;) {
        struct laid_value most = values[0];
        values[0] = values[i];
        values[i] = most;
        sink(values, 0, i);
    }
}

/* Sorted, each value once. */
static void
sort_values(struct laid *laid)
{
    uint32_t kept = 0;
    sort(laid->values, laid->n_values);
    for (uint32_t i = 0; i < laid->n_values; i++)
        if (kept > 0 && laid->values[kept - 1].value == laid->values[i].value)
            laid->values[kept - 1].n += laid->values[i].n;
        else
            laid->values[kept++] = laid->values[i];
    laid->n_values = kept;
}

/* Every second one gives its count to its neighbour. */
static void
thin_values(struct window *window, struct laid *laid)
{
    uint32_t kept = 0;
    window->approximate = true;
    for (uint32_t i = 0; i + 1 < laid->n_values; i += 2) {
        laid->values[kept] = laid->values[i];
        laid->values[kept++].n += laid->values[i + 1].n;
    }
    laid->n_values = kept;
}

void
laid_add_value(struct turn *turn, struct laid *laid, amount value, uint64_t n)
{
    if (laid->n_values == MAX_VALUES) {
        sort_values(laid);
        if (laid->n_values > MAX_VALUES / 4 * 3)
            thin_values(turn->window, laid);
    }
    size_t room = laid->room;
    laid->values = array_room(turn->pool, laid->values, laid->n_values, &room,
                              sizeof *laid->values);
    laid->room = (uint32_t)room;
    laid->values[laid->n_values++] = (struct laid_value){value, n};
}

/* --- conditions */

/* value / scale against the bounds; `value` and the limits in millionths. */
static bool
holds(const struct correlation *rule, amount value, amount scale)
{
    for (size_t i = 0; i < rule->n_bounds; i++) {
        amount limit = rule->bound[i].limit * scale;
        bool good[N_BOUND_OPS] = {
            [BOUND_GT] = value > limit,  [BOUND_GTE] = value >= limit,
            [BOUND_LT] = value < limit,  [BOUND_LTE] = value <= limit,
            [BOUND_EQ] = value == limit, [BOUND_NEQ] = value != limit,
        };
        if (!good[rule->bound[i].op])
            return false;
    }
    return true;
}

/* The k-th value of all, from 0. */
static amount
nth(const struct laid *laid, uint64_t k)
{
    uint32_t i = 0;
    while (i + 1 < laid->n_values && k >= laid->values[i].n)
        k -= laid->values[i++].n;
    return laid->values[i].value;
}

/* p/100 · (n − 1), linearly interpolated; times 100,000. */
static bool
percentile_holds(const struct correlation *rule, const struct laid *laid)
{
    uint64_t place = (uint64_t)rule->percentile * (laid->n - 1);
    uint64_t k = place / 100000, rest = place % 100000;
    amount low = nth(laid, k), high = rest > 0 ? nth(laid, k + 1) : low;
    return holds(rule, low * (amount)(100000 - rest) + high * (amount)rest,
                 100000);
}

static bool
median_holds(const struct correlation *rule, const struct laid *laid)
{
    amount low = nth(laid, (laid->n - 1) / 2), high = nth(laid, laid->n / 2);
    return holds(rule, low + high, 2);
}

static uint64_t
n_steps_there(const struct correlation *rule, const struct laid *laid)
{
    uint64_t n = 0;
    for (size_t s = 0; s < rule->n_steps; s++)
        n += laid->seen[s] >= rule->step[s].count;
    return n;
}

static bool
laid_holds(const struct window *window)
{
    struct laid *laid = laid_of(window);
    const struct correlation *rule = window->rule;
    sort_values(laid);
    switch (rule->type) {
    case VALUE_SUM:
        return holds(rule, laid->sum, 1);
    case VALUE_AVG:
        return holds(rule, laid->sum, (amount)laid->n);
    case VALUE_MEDIAN:
        return median_holds(rule, laid);
    case VALUE_PERCENTILE:
        return percentile_holds(rule, laid);
    case VALUE_COUNT:
        return holds(rule, (amount)laid->n_values * AMOUNT_ONE, 1);
    case TEMPORAL:
    case TEMPORAL_ORDERED:
        return holds(rule, (amount)n_steps_there(rule, laid) * AMOUNT_ONE, 1);
    case EVENT_COUNT:
    case VALUE_RARITY:
    case ABSENCE:
    case SILENCE:
    case SPIKE:
    case FIRST_SEEN:
    case RARE:
    case RISK:
    case N_CORRELATION_TYPES:
        break;
    }
    return holds(rule, (amount)laid->n * AMOUNT_ONE, 1);
}

/* --- deciding */

/* The draft becomes part of an episode. */
static void
heat_draft(struct turn *turn)
{
    struct window *window = turn->window;
    struct laid *laid = laid_of(window);
    struct run run = {laid->draft->first_ms, laid->draft->last_ms};
    episode_heat(turn->pool, window, laid->draft, run);
}

static void
draft_add(struct turn *turn, struct laid *laid, const struct event *event,
          struct str bytes)
{
    if (!laid->draft) {
        laid->draft = episode_new(turn->pool);
        laid->draft->fired_ms =
            laid->start_ms + turn->window->rule->timespan_ms;
    }
    episode_add(turn->pool, turn->window, laid->draft,
                &(struct hot_event){&event->sighting, bytes, event->steps,
                                    event->weight});
}

/* Of rarity: the events whose value is as rare as is asked for. */
static void
draft_rare(struct turn *turn)
{
    struct laid *laid = laid_of(turn->window);
    sort_values(laid);
    for (uint32_t i = 0; i < laid->n_kept; i++) {
        struct entry *entry = &laid->kept[i];
        struct laid_value wanted = {.value = (amount)entry->value};
        const struct laid_value *found =
            bsearch(&wanted, laid->values, laid->n_values, sizeof *laid->values,
                    by_value);
        struct event event = {.steps = entry->steps, .weight = entry->weight};
        if (found &&
            holds(turn->window->rule, (amount)found->n * 100 * AMOUNT_ONE,
                  (amount)laid->n) &&
            sighting_read(blob_str(entry->sighting), &event.sighting))
            draft_add(turn, laid, &event, blob_str(entry->sighting));
        blob_free(turn->pool, turn->window, entry->sighting);
    }
    laid->n_kept = 0;
}

static void
decide(struct turn *turn)
{
    struct window *window = turn->window;
    struct laid *laid = laid_of(window);
    if (window->rule->type == VALUE_RARITY) {
        draft_rare(turn);
        if (laid->draft)
            heat_draft(turn);
    } else if (laid_holds(window)) {
        heat_draft(turn);
    }
    if (laid->draft)
        episode_free(turn->pool, window, laid->draft);
    laid->draft = NULL;
    laid->open = false;
    laid->n_values = 0;
}

/* --- the family */

static void
begin(struct laid *laid, int64_t ms)
{
    laid->open = true;
    laid->start_ms = ms;
    laid->n = 0;
    laid->sum = 0;
    memset(laid->seen, 0, sizeof laid->seen);
}

static void
keep(struct turn *turn, const struct event *event, struct str bytes)
{
    struct laid *laid = laid_of(turn->window);
    size_t room = laid->kept_room;
    if (laid->n_kept == MAX_WINDOW_ENTRIES) {
        turn->window->approximate = true; /* its value still counts */
        return;
    }
    laid->kept = array_room(turn->pool, laid->kept, laid->n_kept, &room,
                            sizeof *laid->kept);
    laid->kept_room = (uint32_t)room;
    laid->kept[laid->n_kept++] = (struct entry){
        .event_ms = event->sighting.brief.event_ms,
        .value = event->value,
        .steps = event->steps,
        .weight = event->weight,
        .sighting = blob_new(turn->pool, turn->window, bytes),
    };
}

void
laid_count_in(struct turn *turn, struct laid *laid, const struct event *event,
              struct str bytes)
{
    enum correlation_type type = turn->window->rule->type;
    laid->n++;
    laid->sum += event->number;
    for (uint32_t left = event->steps; left != 0; left &= left - 1)
        laid->seen[__builtin_ctz(left)]++;
    if (type == VALUE_COUNT || type == VALUE_RARITY)
        laid_add_value(turn, laid, (amount)event->value, 1);
    else if (type == VALUE_MEDIAN || type == VALUE_PERCENTILE)
        laid_add_value(turn, laid, event->number, 1);
    if (type == VALUE_RARITY)
        keep(turn, event, bytes);
    else
        draft_add(turn, laid, event, bytes);
}

void
laid_part_free(struct pool *pool, struct window *window, struct laid *part)
{
    pool_give(pool, part->values, part->room * sizeof *part->values);
    if (part->draft)
        episode_free(pool, window, part->draft);
}

static void
laid_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    struct laid *laid = laid_of(window);
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(turn->pool, window, turn->floor_ms);
    if (laid->open && ms - laid->start_ms > window->rule->timespan_ms)
        decide(turn); /* it was taken before its time */
    if (!laid->open) {
        begin(laid, ms);
        if (laid->n_sections > 0)
            laid_take_section(turn, laid);
    }
    laid_count_in(turn, laid, event, bytes);
}

static int64_t
laid_due(const struct window *window)
{
    const struct laid *laid = laid_of(window);
    return laid->open ? laid->start_ms + window->rule->timespan_ms : NO_TIME;
}

static void
laid_pass(struct turn *turn, int64_t due_ms)
{
    (void)due_ms;
    decide(turn);
}

static size_t
part_bytes(const struct laid *part)
{
    return part->n_values * sizeof *part->values +
           (part->draft ? episode_bytes(part->draft) : 0);
}

static size_t
sections_bytes(const struct laid *laid)
{
    size_t bytes = laid->n_sections * sizeof *laid->section;
    for (uint32_t i = 0; i < laid->n_sections; i++)
        bytes += part_bytes(&laid->section[i].part);
    return bytes;
}

static size_t
laid_bytes(const struct window *window)
{
    const struct laid *laid = laid_of(window);
    return part_bytes(laid) + laid->n_kept * sizeof *laid->kept +
           sections_bytes(laid);
}

static void
laid_free(struct pool *pool, struct window *window)
{
    struct laid *laid = laid_of(window);
    for (uint32_t i = 0; i < laid->n_kept; i++)
        blob_free(pool, window, laid->kept[i].sighting);
    pool_give(pool, laid->kept, laid->kept_room * sizeof *laid->kept);
    for (uint32_t i = 0; i < laid->n_sections; i++)
        laid_part_free(pool, window, &laid->section[i].part);
    pool_give(pool, laid->section, laid->sections_room * sizeof *laid->section);
    laid_part_free(pool, window, laid);
}

static void
laid_describe(struct buf *buf, const struct window *window)
{
    const struct laid *laid = laid_of(window);
    if (!laid->open)
        return;
    buf_format(buf, "a window with %llu events so far",
               (unsigned long long)laid->n);
    if (correlation_measures(window->rule)) {
        buf_add(buf, STR(", their sum "));
        amount_write(buf, laid->sum);
    }
    if (window->rule->n_value_fields > 0)
        buf_format(buf, ", %u values", laid->n_values);
    buf_add(buf, STR("; it began and ends at "));
    buf_iso(buf, laid->start_ms, VIETNAM_MINUTES);
    buf_add(buf, STR(" and "));
    buf_iso(buf, laid->start_ms + window->rule->timespan_ms, VIETNAM_MINUTES);
}

const struct family laid_family = {
    .own_bytes = sizeof(struct laid),
    .take = laid_take,
    .take_now = laid_take_now,
    .thin = laid_thin,
    .due = laid_due,
    .pass = laid_pass,
    .until = laid_due,
    .bytes = laid_bytes,
    .save = laid_save,
    .load = laid_load,
    .free = laid_free,
    .describe = laid_describe,
};
