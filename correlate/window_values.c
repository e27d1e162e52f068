/* SPDX-License-Identifier: Apache-2.0
 *
 * value_count: the values seen last, no more than are needed, each with when it
 * was: the oldest of them tells a(c). A heap, the oldest on top, and a table
 * that finds a value in it, so that an event costs O(log n), also one that
 * comes late: a value's time only rises, and what was put out of the heap for
 * being too old is seen anew when it comes again. Made anew from the entries
 * when it is not valid. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

/* Few are looked through one by one. */
enum { FEW = 16, LEAST_PLACES = 64 };

/* --- the table: where in the heap a value stands, plus 1; open addressing, at
 * most half full */

static uint32_t
home_of(const struct window *window, uint64_t value)
{
    uint64_t mixed = (value ^ (uintptr_t)window) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32) & (window->n_places - 1);
}

static uint32_t
next_place(const struct window *window, uint32_t place)
{
    return (place + 1) & (window->n_places - 1);
}

/* The heap's i-th lies where it lies now. */
static void
note_place(struct window *window, uint32_t i)
{
    if (window->n_places > 0)
        window->places[window->recent[i].place] = i + 1;
}

static void
table_put(struct window *window, uint32_t i)
{
    if (window->n_places == 0)
        return;
    uint32_t place = home_of(window, window->recent[i].value);
    while (window->places[place] != 0)
        place = next_place(window, place);
    window->recent[i].place = place;
    window->places[place] = i + 1;
}

/* The gap closes, so that nothing is left behind. */
static void
table_drop(struct window *window, uint32_t i)
{
    if (window->n_places == 0)
        return;
    uint32_t hole = window->recent[i].place, mask = window->n_places - 1;
    window->places[hole] = 0;
    for (uint32_t at = next_place(window, hole); window->places[at] != 0;
         at = next_place(window, at)) {
        struct recent *recent = &window->recent[window->places[at] - 1];
        uint32_t home = home_of(window, recent->value);
        if (((at - home) & mask) < ((at - hole) & mask))
            continue;
        window->places[hole] = window->places[at];
        window->places[at] = 0;
        recent->place = hole;
        hole = at;
    }
}

/* Where the value stands in the heap; n_recent: nowhere. */
static uint32_t
find(const struct window *window, uint64_t value)
{
    uint32_t i = 0;
    if (window->n_places == 0) {
        while (i < window->n_recent && window->recent[i].value != value)
            i++;
        return i;
    }
    uint32_t place = home_of(window, value);
    while (window->places[place] != 0) {
        i = window->places[place] - 1;
        if (window->recent[i].value == value)
            return i;
        place = next_place(window, place);
    }
    return window->n_recent;
}

/* --- the heap */

static void
set(struct window *window, uint32_t i, struct recent recent)
{
    window->recent[i] = recent;
    note_place(window, i);
}

static void
move_up(struct window *window, uint32_t i)
{
    struct recent recent = window->recent[i];
    for (; i > 0 && recent.event_ms < window->recent[(i - 1) / 2].event_ms;
         i = (i - 1) / 2)
        set(window, i, window->recent[(i - 1) / 2]);
    set(window, i, recent);
}

static void
move_down(struct window *window, uint32_t i)
{
    struct recent recent = window->recent[i];
    for (uint32_t child; (child = 2 * i + 1) < window->n_recent; i = child) {
        if (child + 1 < window->n_recent &&
            window->recent[child + 1].event_ms < window->recent[child].event_ms)
            child++;
        if (recent.event_ms <= window->recent[child].event_ms)
            break;
        set(window, i, window->recent[child]);
    }
    set(window, i, recent);
}

static void
make_places(struct pool *pool, struct window *window, uint32_t n)
{
    pool_give(pool, window->places, window->n_places * sizeof *window->places);
    size_t bytes = n * sizeof *window->places;
    window->places = pool_take(pool, &bytes);
    assert(window->places);
    memset(window->places, 0, n * sizeof *window->places);
    window->n_places = n;
    for (uint32_t i = 0; i < window->n_recent; i++)
        table_put(window, i);
}

static void
add(struct pool *pool, struct window *window, struct recent recent)
{
    uint32_t i = window->n_recent;
    size_t room = window->recent_room;
    window->recent =
        array_room(pool, window->recent, i, &room, sizeof *window->recent);
    window->recent_room = (uint32_t)room;
    if (i >= FEW && 2 * (i + 1) > window->n_places)
        make_places(pool, window,
                    window->n_places > 0 ? 2 * window->n_places : LEAST_PLACES);
    window->recent[window->n_recent++] = recent;
    table_put(window, i);
    move_up(window, i);
}

void
values_see(struct pool *pool, struct window *window, uint64_t value, int64_t ms)
{
    struct recent recent = {.value = value, .event_ms = ms};
    uint32_t i = find(window, value);
    if (i < window->n_recent) {
        if (ms <= window->recent[i].event_ms)
            return;
        window->recent[i].event_ms = ms;
        move_down(window, i);
    } else if (window->n_recent < window->rule->threshold) {
        add(pool, window, recent);
    } else if (ms > window->recent[0].event_ms) {
        table_drop(window, 0);
        window->recent[0] = recent;
        table_put(window, 0);
        move_down(window, 0);
    }
}

void
values_begin(struct window *window)
{
    window->n_recent = 0;
    if (window->n_places > 0)
        memset(window->places, 0, window->n_places * sizeof *window->places);
}

void
values_end(struct pool *pool, struct window *window)
{
    pool_give(pool, window->recent,
              window->recent_room * sizeof *window->recent);
    pool_give(pool, window->places, window->n_places * sizeof *window->places);
}

int64_t
values_oldest(const struct window *window)
{
    return window->n_recent == window->rule->threshold
               ? window->recent[0].event_ms
               : NO_TIME;
}
