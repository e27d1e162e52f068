/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert of a ticket of then is noted with the windows it goes into now;
 * which of those have an incident around its time is only known at the end.
 * All of a ticket's alerts count, not only its evidence (the first and last of
 * each kind): a rule that takes more or less of the same attack has others. */
#include "whatif_compare.h"

#include "base/table.h"

#include <stdlib.h>

enum { MOST_AT_ONCE = 64 /* tickets that one alert is in */ };

struct touch {
    uint32_t ticket, window;
    int64_t event_ms;
};

struct whatif_compare {
    struct whatif_side *then, *now;
    struct touch *touch;
    size_t n, room;
};

struct whatif_compare *
whatif_compare_new(struct whatif_side *then, struct whatif_side *now)
{
    struct whatif_compare *compare = calloc(1, sizeof *compare);
    if (compare)
        *compare = (struct whatif_compare){.then = then, .now = now};
    return compare;
}

void
whatif_compare_free(struct whatif_compare *compare)
{
    if (compare)
        free(compare->touch);
    free(compare);
}

/* --- one alert */

struct holders {
    uint32_t at[MOST_AT_ONCE]; /* tickets of then, each once */
    size_t n;
};

static void
hold(void *context, const struct whatif_incident *incident)
{
    struct holders *holders = context;
    if (incident->ticket == WHATIF_NO_TICKET || holders->n == MOST_AT_ONCE)
        return;
    for (size_t i = 0; i < holders->n; i++)
        if (holders->at[i] == incident->ticket)
            return;
    holders->at[holders->n++] = (uint32_t)incident->ticket;
}

/* The same pair at the same time again says nothing new. */
static bool
note(struct whatif_compare *compare, struct touch touch)
{
    if (compare->n > 0) {
        const struct touch *last = &compare->touch[compare->n - 1];
        if (last->ticket == touch.ticket && last->window == touch.window &&
            last->event_ms == touch.event_ms)
            return true;
    }
    if (compare->n == compare->room) {
        size_t room = compare->room ? 2 * compare->room : 4096;
        if (room > WHATIF_MAX_TOUCHES)
            return false;
        struct touch *more = realloc(compare->touch, room * sizeof *more);
        if (!more)
            return false;
        compare->touch = more;
        compare->room = room;
    }
    compare->touch[compare->n++] = touch;
    return true;
}

bool
whatif_compare_alert(struct whatif_compare *compare, int64_t event_ms,
                     const struct str *then, size_t n_then,
                     const struct str *now, size_t n_now)
{
    struct holders holders = {.n = 0};
    for (size_t i = 0; i < n_then; i++) {
        uint32_t window = table_find(compare->then->windows, then[i]);
        if (window != TABLE_NONE)
            whatif_side_at(compare->then, window, event_ms, hold, &holders);
    }
    for (size_t i = 0; i < holders.n; i++) {
        compare->then->ticket[holders.at[i]].n_seen++;
        for (size_t k = 0; k < n_now; k++) {
            uint32_t window = table_add(compare->now->windows, now[k], NULL);
            struct touch touch = {holders.at[i], window, event_ms};
            if (window == TABLE_NONE || !note(compare, touch))
                return false;
        }
    }
    return true;
}

/* --- the end */

struct pairing {
    struct whatif_compare *compare;
    struct whatif_ticket *ticket; /* of then */
};

static void
find(struct whatif_ticket *ticket, int other_priority)
{
    if (!ticket->found || other_priority < ticket->found_at)
        ticket->found_at = other_priority;
    ticket->found = true;
}

static void
pair(void *context, const struct whatif_incident *incident)
{
    struct pairing *pairing = context;
    struct whatif_side *now = pairing->compare->now;
    if (incident->ticket == WHATIF_NO_TICKET) {
        pairing->ticket->instead = incident - now->incident;
        return;
    }
    struct whatif_ticket *other = &now->ticket[incident->ticket];
    find(pairing->ticket, other->priority);
    find(other, pairing->ticket->priority);
}

void
whatif_compare_finish(struct whatif_compare *compare)
{
    for (size_t i = 0; i < compare->n; i++) {
        const struct touch *touch = &compare->touch[i];
        struct pairing pairing = {compare,
                                  &compare->then->ticket[touch->ticket]};
        whatif_side_at(compare->now, touch->window, touch->event_ms, pair,
                       &pairing);
    }
}
