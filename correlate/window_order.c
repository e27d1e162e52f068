/* SPDX-License-Identifier: Apache-2.0
 *
 * What is decided by the watermark: events wait, sorted by (time, position),
 * and are taken in this order when the watermark has passed them; what falls
 * due without an event happens in between, in its time. So the order of
 * arrival, batches and restarts cannot show.
 *
 * Those go that cannot matter (window_thin.c); past MAX_WINDOW_ENTRIES the
 * oldest are taken before their time; the window is approximate from then
 * on. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

/* Whether entry `a` comes before the event. */
static bool
is_before(const struct entry *a, const struct sighting *event)
{
    struct sighting sighting;
    if (a->event_ms != event->brief.event_ms)
        return a->event_ms < event->brief.event_ms;
    return !sighting_read(blob_str(a->sighting), &sighting) ||
           sighting_compare(&sighting, event) <= 0;
}

static uint32_t
place_of(const struct window *window, const struct sighting *event)
{
    uint32_t low = window->n_taken, high = window->n_pending;
    if (high > low && is_before(&window->pending[high - 1], event))
        return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (is_before(&window->pending[middle], event))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct entry *
window_waiting(const struct window *window, uint32_t *n)
{
    *n = window->n_pending - window->n_taken;
    return *n > 0 ? &window->pending[window->n_taken] : NULL;
}

static const struct entry *
first_of(const struct window *window)
{
    uint32_t n;
    return window_waiting(window, &n);
}

/* Those that were taken leave, when they are the most or `all` are to. */
static void
leave(struct window *window, bool all)
{
    if (window->n_taken == 0 ||
        (!all && window->n_taken < window->n_pending / 2))
        return;
    window->n_pending -= window->n_taken;
    memmove(window->pending, window->pending + window->n_taken,
            window->n_pending * sizeof *window->pending);
    window->n_taken = 0;
}

/* Takes all of the first time. */
static void
take_first(struct turn *turn)
{
    struct window *window = turn->window;
    const struct family *family = family_of(window->rule);
    int64_t ms = first_of(window)->event_ms;
    const struct entry *entry;
    turn->floor_ms = ms;
    for (; (entry = first_of(window)) && entry->event_ms == ms;
         window->n_taken++) {
        struct event event = {.steps = entry->steps,
                              .weight = entry->weight,
                              .value = entry->value,
                              .number = entry->number};
        struct str bytes = blob_str(entry->sighting);
        bool fine = sighting_read(bytes, &event.sighting);
        assert(fine); /* we wrote it; a loaded one was checked */
        (void)fine;
        family->take(turn, &event, bytes);
        blob_free(turn->pool, window, entry->sighting);
    }
    if (family->settle)
        family->settle(turn, ms);
}

void
window_wait(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    if (window->n_pending - window->n_taken >= window_thin_at(window)) {
        leave(window, true);
        window_thin(turn);
    }
    if (window->n_pending >= MAX_WINDOW_ENTRIES)
        leave(window, true);
    if (window->n_pending >= MAX_WINDOW_ENTRIES) {
        window->approximate = true;
        window->passed_ms = first_of(window)->event_ms + 1;
        take_first(turn);
        leave(window, true);
        if (event->sighting.brief.event_ms < window->passed_ms)
            return;
    }
    uint32_t p = place_of(window, &event->sighting);
    size_t room = window->pending_room;
    window->pending = array_room(turn->pool, window->pending, window->n_pending,
                                 &room, sizeof *window->pending);
    window->pending_room = (uint32_t)room;
    memmove(&window->pending[p + 1], &window->pending[p],
            (window->n_pending - p) * sizeof *window->pending);
    window->n_pending++;
    window->pending[p] = (struct entry){
        .event_ms = event->sighting.brief.event_ms,
        .number = event->number,
        .value = event->value,
        .steps = event->steps,
        .weight = event->weight,
        .sighting = blob_new(turn->pool, window, bytes),
    };
}

/* --- time */

static int64_t
sooner(int64_t a, int64_t b)
{
    if (a == NO_TIME || b == NO_TIME)
        return a == NO_TIME ? b : a;
    return a < b ? a : b;
}

/* When the first that waits is taken. */
static int64_t
take_due(const struct window *window)
{
    const struct entry *first = first_of(window);
    return first ? first->event_ms + window_delay_ms(window->rule) : NO_TIME;
}

static int64_t
own_due(const struct window *window)
{
    const struct family *family = family_of(window->rule);
    return family->due ? family->due(window) : NO_TIME;
}

int64_t
window_decide_due(const struct window *window)
{
    return sooner(take_due(window), own_due(window));
}

int64_t
window_due(const struct window *window)
{
    return sooner(window_decide_due(window), window_close_due(window));
}

void
window_pass(struct pool *pool, struct window *window, const struct moment *now,
            struct finder *finder, struct teller *teller)
{
    struct turn turn = {pool, window, finder, now->floor_ms};
    const struct family *family = family_of(window->rule);
    for (;;) {
        int64_t take_ms = take_due(window), own_ms = own_due(window);
        int64_t next_ms = sooner(take_ms, own_ms);
        if (next_ms == NO_TIME || next_ms >= now->watermark_ms)
            break;
        window_close(window, next_ms, teller);
        if (take_ms == next_ms)
            take_first(&turn);
        else
            family->pass(&turn, own_ms);
        window_report(pool, window, teller);
    }
    leave(window, false);
    window_close(window, now->watermark_ms, teller);
    if (now->watermark_ms > window->passed_ms)
        window->passed_ms = now->watermark_ms;
}
