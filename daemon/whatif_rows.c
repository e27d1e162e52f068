/* SPDX-License-Identifier: Apache-2.0
 *
 * Only tickets that count (their first incident fired in the span) are rows. */
#include "whatif_rows.h"

#include "base/table.h"
#include "base/times.h"

#include <stdlib.h>

static bool
is_listed(enum whatif_list list, const struct whatif_ticket *ticket)
{
    enum whatif_fate fate = whatif_fate(ticket);
    switch (list) {
    case WHATIF_MISSED:
        return ticket->is_true && fate == WHATIF_GONE;
    case WHATIF_UNCLEAR:
        return ticket->is_true && fate == WHATIF_UNKNOWN;
    case WHATIF_LOWER:
        return ticket->is_true && fate == WHATIF_STAYS &&
               ticket->found_at > ticket->priority;
    case WHATIF_NEW:
        return !ticket->found;
    case WHATIF_VANISHED:
        return !ticket->is_true && fate == WHATIF_GONE;
    case WHATIF_EXPIRED:
        return !ticket->is_true && fate == WHATIF_UNKNOWN;
    case N_WHATIF_LISTS:
        break;
    }
    return false;
}

uint64_t
whatif_each(const struct whatif *whatif, enum whatif_list list,
            struct arena scratch,
            void (*each)(void *context, const struct whatif_row *row),
            void *context)
{
    static const uint64_t most[] = {
#define X(name, key, most) most,
        WHATIF_LISTS(X)
#undef X
    };
    const struct whatif_side *side =
        list == WHATIF_NEW ? whatif->now : whatif->then;
    uint64_t n = 0, limit = list < N_WHATIF_LISTS ? most[list] : 0;
    for (size_t i = 0; i < side->n_tickets; i++) {
        struct arena mark = scratch;
        struct whatif_row row = {.at = &side->ticket[i]};
        if (!row.at->counts || !is_listed(list, row.at))
            continue;
        n++;
        if (limit > 0 && n > limit)
            continue;
        if (row.at->instead >= 0)
            row.instead = &whatif->now->incident[row.at->instead];
        if (tickets_read(side->tickets,
                         tickets_id(side->tickets, row.at->number), &mark,
                         &row.ticket))
            each(context, &row);
    }
    return n;
}

struct whatif_sum
whatif_sum(const struct whatif_side *side)
{
    struct whatif_sum sum = {0};
    for (size_t i = 0; i < side->n_tickets; i++) {
        int priority = side->ticket[i].priority;
        if (!side->ticket[i].counts)
            continue;
        sum.n++;
        if (priority >= 1 && priority <= N_PRIORITIES)
            sum.by_priority[priority - 1]++;
    }
    return sum;
}

static int
by_difference(const void *left, const void *right)
{
    const struct whatif_change *a = left, *b = right;
    uint64_t x = a->now > a->then ? a->now - a->then : a->then - a->now;
    uint64_t y = b->now > b->then ? b->now - b->then : b->then - b->now;
    if (x != y)
        return x > y ? -1 : 1;
    return str_compare(a->id, b->id);
}

size_t
whatif_changes(const struct whatif *whatif, struct arena *arena,
               const struct whatif_change **changes)
{
    const struct whatif_side *then = whatif->then, *now = whatif->now;
    size_t most = table_len(then->rules) + table_len(now->rules), n = 0;
    struct whatif_change *at = arena_take(arena, most + 1, sizeof *at);
    *changes = at;
    for (uint32_t i = 0; at && i < table_len(then->rules); i++) {
        struct str id = table_key(then->rules, i);
        uint32_t k = table_find(now->rules, id);
        at[n] = (struct whatif_change){id, then->rule[i].title,
                                       then->rule[i].n_fired, 0};
        if (k != TABLE_NONE)
            at[n].now = now->rule[k].n_fired;
        n += at[n].then != at[n].now;
    }
    for (uint32_t k = 0; at && k < table_len(now->rules); k++) {
        struct str id = table_key(now->rules, k);
        if (now->rule[k].n_fired == 0 ||
            table_find(then->rules, id) != TABLE_NONE)
            continue;
        at[n++] = (struct whatif_change){id, now->rule[k].title, 0,
                                         now->rule[k].n_fired};
    }
    if (n > 0)
        qsort(at, n, sizeof *at, by_difference);
    return n;
}

int64_t
whatif_n_days(const struct whatif *whatif)
{
    int64_t ms = whatif->plan->until_ms - whatif->plan->from_ms;
    return ms > MS_PER_DAY ? (ms + MS_PER_DAY - 1) / MS_PER_DAY : 1;
}
