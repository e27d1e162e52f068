/* SPDX-License-Identifier: Apache-2.0
 *
 * What belongs together. Two tickets do when they share an entity, have fired
 * within reach of each other and in the same stretch of `group_longest_ms`;
 * those of `floor` also by their system. The reach of two is the longer of
 * theirs: what their rules say, else `group_ms`. A ticket of both is near
 * whatever one of them was near, so what belongs together in the end does not
 * depend on which incident came first. */
#include "triage_priv.h"

#include "base/times.h"

/* Stretches are counted from 1970 in UTC+7. */
static int64_t
stretch_of(const struct triage *triage, int64_t fired_ms)
{
    int64_t local_ms = fired_ms + VIETNAM_MINUTES * INT64_C(60000);
    int64_t rest_ms = local_ms % triage->group_longest_ms;
    if (rest_ms < 0)
        rest_ms += triage->group_longest_ms;
    return (local_ms - rest_ms) / triage->group_longest_ms;
}

static int64_t
reach_of(const struct triage *triage, int64_t reach_ms, bool of_site)
{
    return of_site && triage->group_ms > reach_ms ? triage->group_ms : reach_ms;
}

static bool
is_linked(const struct linked *linked, uint32_t number)
{
    for (size_t i = 0; i < linked->n; i++)
        if (linked->ticket[i] == number)
            return true;
    return false;
}

void
linked_add(const struct triage *triage, struct linked *linked, uint32_t number,
           const struct ticket_brief *brief)
{
    int64_t reach_ms = reach_of(triage, brief->reach_ms, brief->reach_of_site);
    if (reach_ms > linked->reach_ms)
        linked->reach_ms = reach_ms;
    linked->ticket[linked->n++] = number;
    if (brief->fired_ms < linked->first_ms)
        linked->first_ms = brief->fired_ms;
    if (brief->newest_fired_ms > linked->last_ms)
        linked->last_ms = brief->newest_fired_ms;
    linked->floor |= brief->floor;
}

static bool
belongs(const struct asking *a, const struct linked *linked,
        const struct ticket_brief *brief)
{
    int64_t within_ms =
        reach_of(a->triage, brief->reach_ms, brief->reach_of_site);
    if (within_ms < linked->reach_ms)
        within_ms = linked->reach_ms;
    return brief_is_open(brief) &&
           brief->fired_ms - within_ms <= linked->last_ms &&
           linked->first_ms - within_ms <= brief->newest_fired_ms &&
           stretch_of(a->triage, brief->fired_ms) ==
               stretch_of(a->triage, a->incident->fired_ms);
}

/* The tickets of this name, from its newest entry on, that belong to it. */
static void
link_name(struct asking *a, struct linked *linked, enum entity_sort sort,
          uint32_t entry)
{
    const struct grouping *grouping = a->round->tickets->grouping;
    bool for_all = (a->triage->group_by & 1u << sort) != 0;
    bool for_floor =
        sort == ENTITY_SYSTEM && a->triage->floor_by_system && linked->floor;
    if (!for_all && !for_floor)
        return;
    for (; entry != GROUPING_END && linked->n < MAX_LINKED;
         entry = grouping_next(grouping, entry)) {
        uint32_t number = grouping_ticket(grouping, entry);
        const struct ticket_brief *brief = round_brief(a->round, number);
        if ((for_all || brief->floor) && belongs(a, linked, brief) &&
            !is_linked(linked, number))
            linked_add(a->triage, linked, number, brief);
    }
}

static void
link_incident(struct asking *a, struct linked *linked)
{
    const struct grouping *grouping = a->round->tickets->grouping;
    for (unsigned sort = 0; sort < N_ENTITY_SORTS; sort++) {
        const struct incident_names *names =
            incident_names_of(a->incident, (enum entity_sort)sort);
        for (size_t i = 0; i < names->n; i++)
            link_name(a, linked, (enum entity_sort)sort,
                      grouping_first(grouping, (enum entity_sort)sort,
                                     cut_name(names->at[i])));
    }
}

static void
link_ticket(struct asking *a, struct linked *linked, uint32_t number)
{
    const struct grouping *grouping = a->round->tickets->grouping;
    for (uint32_t e = grouping_of(grouping, number); e != GROUPING_END;
         e = grouping_also(grouping, e))
        link_name(a, linked, grouping_sort(grouping, e),
                  grouping_same(grouping, e));
}

/* All that belongs to what is linked so far and to the incident. */
void
link_all(struct asking *a, struct linked *linked)
{
    struct linked before;
    do {
        before = *linked;
        link_incident(a, linked);
        for (size_t i = 0; i < linked->n; i++)
            link_ticket(a, linked, linked->ticket[i]);
    } while (linked->n > before.n || linked->first_ms < before.first_ms ||
             linked->last_ms > before.last_ms ||
             linked->reach_ms > before.reach_ms ||
             linked->floor != before.floor);
}

struct linked
linked_begin(const struct asking *a)
{
    int64_t own_ms = a->incident->options.group_ms;
    return (struct linked){.first_ms = a->incident->fired_ms,
                           .last_ms = a->incident->fired_ms,
                           .reach_ms = reach_of(a->triage, own_ms, own_ms == 0),
                           .floor = a->incident->floor};
}

/* The eldest of those that somebody works on, else of all. */
uint32_t
linked_root(const struct asking *a, const struct linked *linked)
{
    uint32_t best = SHELF_NONE;
    for (int taken = 1; taken >= 0 && best == SHELF_NONE; taken--)
        for (size_t i = 0; i < linked->n; i++)
            if (!taken ||
                round_brief(a->round, linked->ticket[i])->state > TICKET_NEW)
                best = round_elder(a->round, best, linked->ticket[i]);
    return best;
}
