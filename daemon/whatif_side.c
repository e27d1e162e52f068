/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents are kept in short: nothing of an alert. When a side is closed they
 * are sorted by window and beginning, and each knows the latest end before it,
 * so that those around a time are found by halving and a short walk back. */
#include "whatif_side.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

enum {
    ARENA = 256 << 20,
    MAX_RULES_KEPT = 1 << 17,
    MAX_WINDOWS_KEPT = 1 << 24,
};

struct whatif_side *
whatif_side_new(int64_t from_ms, int64_t until_ms)
{
    struct whatif_side *side = calloc(1, sizeof *side);
    if (!side)
        return NULL;
    side->from_ms = from_ms;
    side->until_ms = until_ms;
    side->ids = table_new(WHATIF_MAX_INCIDENTS);
    side->windows = table_new(MAX_WINDOWS_KEPT);
    side->rules = table_new(MAX_RULES_KEPT);
    side->arena = arena_reserve(ARENA);
    side->start = side->arena.at;
    if (side->ids && side->windows && side->rules && side->start)
        return side;
    whatif_side_free(side);
    return NULL;
}

void
whatif_side_free(struct whatif_side *side)
{
    if (!side)
        return;
    table_free(side->ids);
    table_free(side->windows);
    table_free(side->rules);
    if (side->start)
        arena_release(side->start, side->arena);
    free(side->incident);
    free(side->rule);
    free(side->begin);
    free(side->ticket);
    free(side);
}

/* Room for a thing of number `number`; what is new is zeroed. */
static void *
grow(void *at, size_t *room, uint32_t number, size_t size)
{
    if (number < *room)
        return at;
    size_t more = *room ? 2 * *room : 1024;
    while (more <= number)
        more *= 2;
    char *grown = realloc(at, more * size);
    if (!grown)
        return NULL;
    memset(grown + *room * size, 0, (more - *room) * size);
    *room = more;
    return grown;
}

static bool
add_rule(struct whatif_side *side, const struct incident *incident,
         uint32_t *number)
{
    bool is_new;
    *number = table_add(side->rules, incident->rule, &is_new);
    if (*number == TABLE_NONE)
        return false;
    struct whatif_rule *rule =
        grow(side->rule, &side->rule_room, *number, sizeof *rule);
    if (!rule)
        return false;
    side->rule = rule;
    if (is_new)
        rule[*number].title =
            arena_copy(&side->arena, both_in(incident->title, true));
    return true;
}

bool
whatif_side_add(struct whatif_side *side, const struct incident *incident)
{
    uint32_t rule, window = table_add(side->windows, incident->window, NULL);
    uint32_t number = table_add(side->ids, incident->id, NULL);
    if (window == TABLE_NONE || number == TABLE_NONE ||
        !add_rule(side, incident, &rule))
        return false;
    struct whatif_incident *all =
        grow(side->incident, &side->incident_room, number, sizeof *all);
    if (!all)
        return false;
    side->incident = all;
    all[number] = (struct whatif_incident){
        .window = window,
        .rule = rule,
        .first_ms = incident->first_ms,
        .last_ms = incident->last_ms,
        .fired_ms = incident->fired_ms,
        .ticket = WHATIF_NO_TICKET,
        .place = PLACE_RECORDED,
        .merged = incident->state == INCIDENT_MERGED,
    };
    return true;
}

/* --- closing */

static bool
in_span(const struct whatif_side *side, int64_t ms)
{
    return ms >= side->from_ms && ms < side->until_ms;
}

/* Tickets that were not merged into others, in the order they were opened. */
static bool
list_tickets(struct whatif_side *side, int64_t **where)
{
    struct tickets *tickets = side->tickets;
    uint32_t n = tickets_len(tickets);
    side->ticket = calloc((size_t)n + 1, sizeof *side->ticket);
    *where = calloc((size_t)n + 1, sizeof **where);
    if (!side->ticket || !*where)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct ticket_brief *brief = tickets_brief(tickets, i);
        (*where)[i] = WHATIF_NO_TICKET;
        if (brief->merged)
            continue;
        (*where)[i] = (int64_t)side->n_tickets;
        side->ticket[side->n_tickets++] = (struct whatif_ticket){
            .number = i,
            .counts = in_span(side, brief->fired_ms),
            .priority = brief->priority,
            .instead = -1,
        };
    }
    return true;
}

static void
place_incident(struct whatif_side *side, uint32_t number, const int64_t *where)
{
    struct whatif_incident *incident = &side->incident[number];
    struct known known;
    if (!incident->merged && in_span(side, incident->fired_ms))
        side->rule[incident->rule].n_fired++;
    if (!tickets_known(side->tickets, table_key(side->ids, number), &known))
        return;
    incident->place = known.place;
    incident->because = arena_copy(&side->arena, known.because);
    if (known.place != PLACE_TICKET)
        return;
    uint32_t ticket =
        tickets_find(side->tickets, tickets_root(side->tickets, known.ticket));
    if (ticket < tickets_len(side->tickets))
        incident->ticket = where[ticket];
}

static int
by_window(const void *left, const void *right)
{
    const struct whatif_incident *a = left, *b = right;
    if (a->window != b->window)
        return a->window < b->window ? -1 : 1;
    return (a->first_ms > b->first_ms) - (a->first_ms < b->first_ms);
}

static bool
index_windows(struct whatif_side *side)
{
    size_t n = table_len(side->ids), window = 0;
    side->n_windows = table_len(side->windows);
    side->begin = calloc(side->n_windows + 1, sizeof *side->begin);
    if (!side->begin)
        return false;
    if (n > 0)
        qsort(side->incident, n, sizeof *side->incident, by_window);
    for (size_t i = 0; i < n; i++) {
        struct whatif_incident *at = &side->incident[i];
        bool first = i == 0 || at[-1].window != at->window;
        at->last_so_far_ms = first || at[-1].last_so_far_ms < at->last_ms
                                 ? at->last_ms
                                 : at[-1].last_so_far_ms;
        while (window <= at->window)
            side->begin[window++] = (uint32_t)i;
    }
    while (window <= side->n_windows)
        side->begin[window++] = (uint32_t)n;
    return true;
}

bool
whatif_side_close(struct whatif_side *side, struct tickets *tickets)
{
    int64_t *where = NULL;
    side->tickets = tickets;
    bool fine = list_tickets(side, &where);
    for (uint32_t i = 0; fine && i < table_len(side->ids); i++)
        place_incident(side, i, where);
    free(where);
    return fine && index_windows(side);
}

void
whatif_side_at(const struct whatif_side *side, uint32_t window,
               int64_t event_ms,
               void (*each)(void *context,
                            const struct whatif_incident *incident),
               void *context)
{
    if (window >= side->n_windows)
        return;
    size_t begin = side->begin[window], low = begin;
    size_t high = side->begin[window + 1];
    while (low < high) { /* the first that begins after it */
        size_t middle = low + (high - low) / 2;
        if (side->incident[middle].first_ms <= event_ms)
            low = middle + 1;
        else
            high = middle;
    }
    while (low > begin && side->incident[low - 1].last_so_far_ms >= event_ms) {
        const struct whatif_incident *incident = &side->incident[--low];
        if (incident->last_ms >= event_ms && !incident->merged)
            each(context, incident);
    }
}
