/* SPDX-License-Identifier: Apache-2.0
 *
 * What is due for one ticket. A step begins when the one before has been
 * silent for its waiting time, or at once when none of its messages could be
 * delivered, or when there was nobody to tell. Whoever takes the ticket ends
 * it; his lease running out goes on with the next. */
#include "respond/escalation.h"

#include "base/times.h"

static int64_t
priority_of(const int64_t by_priority[N_PRIORITIES], int priority)
{
    int i = priority < 1              ? 0
            : priority > N_PRIORITIES ? N_PRIORITIES - 1
                                      : priority - 1;
    return by_priority[i];
}

static const struct policy_step *
step_of(const struct policy *policy, int step)
{
    size_t i = (size_t)step - 1;
    return &policy->step[i < policy->n_steps ? i : policy->n_steps - 1];
}

static bool
is_told(const struct ticket *ticket, struct str person)
{
    for (size_t i = 0; i < ticket->n_told; i++)
        if (str_equal(ticket->told[i].person, person))
            return true;
    return false;
}

static bool
is_reachable(const struct people *people, const struct member *member)
{
    for (size_t i = 0; i < member->n_contacts; i++)
        if (people->usable[member->contact[i].channel])
            return true;
    return false;
}

/* --- whom a step tells */

/* The first who can be reached, and if `fresh` has not been told. */
static size_t
first_of(const struct ticket *ticket, const struct people *people, bool fresh,
         const struct member *const *all, size_t n, struct str *person)
{
    for (size_t i = 0; i < n; i++)
        if (is_reachable(people, all[i]) &&
            !(fresh && is_told(ticket, all[i]->id))) {
            person[0] = all[i]->id;
            return 1;
        }
    return 0;
}

static size_t
choose(const struct ticket *ticket, const struct people *people,
       enum step_target tell, int64_t now_ms, struct str *person)
{
    const struct member *all[ROSTER_MAX_MEMBERS];
    const struct wanted wanted = {ticket->systems.at, ticket->units.at,
                                  ticket->systems.n, ticket->units.n,
                                  ticket->skill};
    const struct roster *roster = people->roster;
    size_t n, kept = 0;
    switch (tell) {
    case TELL_ON_DUTY:
    case TELL_NEXT:
        n = roster_rank(roster, people->overrides, now_ms, &wanted, all,
                        ROSTER_MAX_MEMBERS);
        return first_of(ticket, people, tell == TELL_NEXT, all, n, person);
    case TELL_LEADER:
        n = roster_leaders(roster, people->overrides, now_ms, all,
                           ROSTER_MAX_MEMBERS);
        return first_of(ticket, people, true, all, n, person);
    case TELL_EVERYONE:
        n = roster_everyone(roster, people->overrides, now_ms, all,
                            ROSTER_MAX_MEMBERS);
        for (size_t i = 0; i < n && kept < JOURNAL_MAX_PEOPLE; i++)
            if (is_reachable(people, all[i]))
                person[kept++] = all[i]->id;
        return kept;
    case N_STEP_TARGETS:
        break;
    }
    return 0;
}

/* Begins the first step after `before` that tells somebody. */
static struct escalation
begin_step(const struct ticket *ticket, const struct people *people, int before,
           struct str because, int64_t now_ms, struct arena *scratch)
{
    struct escalation next = {.need = ESCALATION_STEP, .because = because};
    struct str *person =
        arena_take(scratch, JOURNAL_MAX_PEOPLE, sizeof *person);
    next.step = before + 1;
    next.due_ms = now_ms;
    if (person == NULL)
        return next;
    next.person = person;
    int last = (int)people->policy->n_steps;
    for (int step = before + 1; step <= last || step == before + 1; step++) {
        enum step_target tell = step_of(people->policy, step)->tell;
        next.n_people = choose(ticket, people, tell, now_ms, person);
        if (next.n_people > 0) {
            next.step = step;
            break;
        }
    }
    return next;
}

/* --- what has become of the present step */

struct standing {
    size_t n, n_failed;
    int64_t since_ms; /* from here on its silence counts */
};

/* Silence counts from the message; while that is held back (bundling, a
 * backlog that still grows), from the latest time at which it would go. */
static struct standing
standing_of(const struct ticket *ticket, const struct policy *policy)
{
    struct standing now = {0, 0, ticket->step_since_ms};
    int64_t hold_ms = policy->bundle_ms;
    if (ticket->opened_ms - ticket->arrival_ms > policy->backlog_ms)
        hold_ms += BACKLOG_MOST_SETTLES * policy->settle_ms;
    for (size_t i = 0; i < ticket->n_told; i++) {
        const struct ticket_told *told = &ticket->told[i];
        if (told->step != ticket->step)
            continue;
        int64_t from_ms = told->message.len > 0
                              ? told->at_ms
                              : ticket->step_since_ms + hold_ms;
        now.n++;
        now.n_failed += told->failed;
        if (from_ms > now.since_ms)
            now.since_ms = from_ms;
    }
    return now;
}

static struct escalation
of_new(const struct ticket *ticket, const struct people *people, int64_t now_ms,
       struct arena *scratch)
{
    if (ticket->step <= 0 || ticket->step_since_ms == NO_TIME)
        return begin_step(ticket, people, 0,
                          ticket->acked_ms == NO_TIME ? STR("opened")
                                                      : STR("reopened"),
                          now_ms, scratch);
    struct standing now = standing_of(ticket, people->policy);
    if (now.n > 0 && now.n_failed == now.n &&
        (size_t)ticket->step < people->policy->n_steps)
        return begin_step(ticket, people, ticket->step, STR("failed"), now_ms,
                          scratch);
    int64_t due_ms = now.since_ms +
                     priority_of(step_of(people->policy, ticket->step)->wait_ms,
                                 ticket->priority);
    if (now_ms >= due_ms)
        return begin_step(ticket, people, ticket->step,
                          now.n > 0 ? STR("silent") : STR("nobody"), now_ms,
                          scratch);
    return (struct escalation){.due_ms = due_ms};
}

struct escalation
escalation_next(const struct ticket *ticket, const struct people *people,
                int64_t now_ms, struct arena *scratch)
{
    struct escalation nothing = {.need = ESCALATION_NOTHING, .due_ms = NO_TIME};
    if (!ticket_is_open(ticket) || ticket->quiet || ticket->merged_into.len > 0)
        return nothing;
    if (ticket->state == TICKET_NEW)
        return of_new(ticket, people, now_ms, scratch);
    /* On hold it waits for a party that was named: nobody has to work. */
    if (ticket->state == TICKET_ON_HOLD || ticket->worked_ms == NO_TIME)
        return nothing;
    nothing.due_ms = ticket->worked_ms +
                     priority_of(people->policy->lease_ms, ticket->priority);
    if (now_ms >= nothing.due_ms)
        nothing.need = ESCALATION_LEASE;
    return nothing;
}
