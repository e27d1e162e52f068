/* SPDX-License-Identifier: Apache-2.0
 *
 * A binary heap of pointers; each timer knows its place. */
#include "timers.h"

#include <stdlib.h>

static int
digest_compare(const struct digest *a, const struct digest *b)
{
    for (int i = 0; i < 2; i++)
        if (a->half[i] != b->half[i])
            return a->half[i] < b->half[i] ? -1 : 1;
    return 0;
}

static bool
is_before(const struct timer *a, const struct timer *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    int order = digest_compare(&a->id[0], &b->id[0]);
    return order != 0 ? order < 0 : digest_compare(&a->id[1], &b->id[1]) < 0;
}

static void
put(struct timers *timers, uint32_t place, struct timer *timer)
{
    timers->at[place] = timer;
    timer->place = place + 1;
}

static void
move_up(struct timers *timers, uint32_t place)
{
    struct timer *timer = timers->at[place];
    while (place > 0 && is_before(timer, timers->at[(place - 1) / 2])) {
        put(timers, place, timers->at[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(timers, place, timer);
}

static void
move_down(struct timers *timers, uint32_t place)
{
    struct timer *timer = timers->at[place];
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child + 1 < timers->n &&
            is_before(timers->at[child + 1], timers->at[child]))
            child++;
        if (child >= timers->n || !is_before(timers->at[child], timer))
            break;
        put(timers, place, timers->at[child]);
        place = child;
    }
    put(timers, place, timer);
}

bool
timers_set(struct timers *timers, struct timer *timer, int64_t due_ms)
{
    if (timer->place > 0) {
        timer->due_ms = due_ms;
        move_up(timers, timer->place - 1);
        move_down(timers, timer->place - 1);
        return true;
    }
    if (timers->n == timers->room) {
        uint32_t room = timers->room ? timers->room * 2 : 256;
        struct timer **at = realloc(timers->at, room * sizeof(struct timer *));
        if (!at)
            return false;
        timers->at = at;
        timers->room = room;
    }
    timer->due_ms = due_ms;
    put(timers, timers->n++, timer);
    move_up(timers, timers->n - 1);
    return true;
}

void
timers_unset(struct timers *timers, struct timer *timer)
{
    if (timer->place == 0)
        return;
    uint32_t place = timer->place - 1;
    struct timer *last = timers->at[--timers->n];
    timer->place = 0;
    if (last == timer)
        return;
    put(timers, place, last);
    move_up(timers, place);
    move_down(timers, last->place - 1);
}

struct timer *
timers_due(const struct timers *timers, int64_t now_ms)
{
    return timers->n > 0 && timers->at[0]->due_ms < now_ms ? timers->at[0]
                                                           : NULL;
}

void
timers_free(struct timers *timers)
{
    free(timers->at);
    *timers = (struct timers){0};
}
