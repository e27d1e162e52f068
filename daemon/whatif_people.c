/* SPDX-License-Identifier: Apache-2.0
 *
 * Every contact of a person is taken to work: what a gateway would have said is
 * not known. */
#include "whatif_people.h"

#include "base/table.h"
#include "base/times.h"
#include "model/limits.h"

#include <stdlib.h>

enum { MAX_PEOPLE = 4096 };

struct call {
    uint32_t person;
    int64_t at_ms;
};

struct whatif_people {
    struct table *ids;
    struct whatif_person person[MAX_PEOPLE]; /* by number, until listed */
    struct call *call;
    size_t n_calls, room;
    struct arena scratch;
    char *start;
    bool listed;
};

struct whatif_people *
whatif_people_new(void)
{
    struct whatif_people *people = calloc(1, sizeof *people);
    if (!people)
        return NULL;
    people->ids = table_new(MAX_PEOPLE);
    people->scratch = arena_reserve(SCRATCH_BYTES);
    people->start = people->scratch.at;
    if (people->ids && people->start)
        return people;
    whatif_people_free(people);
    return NULL;
}

void
whatif_people_free(struct whatif_people *people)
{
    if (!people)
        return;
    table_free(people->ids);
    if (people->start)
        arena_release(people->start, people->scratch);
    free(people->call);
    free(people);
}

bool
whatif_people_sent(struct whatif_people *people,
                   const struct journal_send *send)
{
    uint32_t number = table_add(people->ids, send->person, NULL);
    if (number == TABLE_NONE)
        return false;
    people->person[number].n_sent++;
    if (send->step <= 1 && send->kind != MESSAGE_TAKEN)
        people->person[number].n_calls_then++;
    return true;
}

/* --- now */

static struct overrides
overrides_of(struct tickets *tickets, struct arena *arena)
{
    struct journal_override *at =
        arena_take(arena, ROSTER_MAX_OVERRIDES, sizeof *at);
    size_t n = 0;
    for (uint32_t i = 0; at && i < tickets_n_records(tickets, TABLE_OVERRIDES);
         i++) {
        struct journal_record record;
        if (n < ROSTER_MAX_OVERRIDES &&
            tickets_record(tickets, TABLE_OVERRIDES, i, arena, &record) &&
            !record.roster.cancel)
            at[n++] = record.roster;
    }
    return (struct overrides){at, n};
}

static bool
note(struct whatif_people *people, struct str person, int64_t at_ms)
{
    uint32_t number = table_add(people->ids, person, NULL);
    if (people->n_calls == people->room) {
        size_t room = people->room ? 2 * people->room : 1024;
        struct call *more = realloc(people->call, room * sizeof *more);
        if (!more)
            return false;
        people->call = more;
        people->room = room;
    }
    if (number == TABLE_NONE)
        return false;
    people->call[people->n_calls++] = (struct call){number, at_ms};
    return true;
}

/* As it was when it was opened live: nobody has been told. */
static struct ticket
fresh(const struct ticket *ticket)
{
    struct ticket one = *ticket;
    one.state = TICKET_NEW;
    one.quiet = false;
    one.step = 0;
    one.step_since_ms = NO_TIME;
    one.acked_ms = NO_TIME;
    one.n_told = 0;
    return one;
}

static bool
call_ticket(struct whatif_people *people, const struct whatif_calls *calls,
            const struct people *team, const struct ticket *ticket,
            struct arena scratch)
{
    struct ticket one = fresh(ticket);
    int64_t at_ms = one.fired_ms;
    if (str_equal(one.rule, STR("floor")))
        at_ms += calls->floor_hold_ms;
    struct escalation next = escalation_next(&one, team, at_ms, &scratch);
    for (size_t i = 0; i < next.n_people; i++)
        if (!note(people, next.person[i], at_ms))
            return false;
    return true;
}

static int
by_person(const void *left, const void *right)
{
    const struct call *a = left, *b = right;
    if (a->person != b->person)
        return a->person < b->person ? -1 : 1;
    return (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
}

/* The first goes at once; what comes within the bundling time of a message
 * goes together when that is over (postings.c). */
static void
bundle(struct whatif_people *people, int64_t bundle_ms, bool then)
{
    int64_t sent_ms = NO_TIME; /* the last message, or when it will go */
    if (people->n_calls > 0)
        qsort(people->call, people->n_calls, sizeof *people->call, by_person);
    for (size_t i = 0; i < people->n_calls; i++) {
        const struct call *call = &people->call[i];
        bool first = i == 0 || call[-1].person != call->person;
        if (!first && call->at_ms <= sent_ms)
            continue;
        sent_ms = first || call->at_ms >= sent_ms + bundle_ms
                      ? call->at_ms
                      : sent_ms + bundle_ms;
        struct whatif_person *person = &people->person[call->person];
        (*(then ? &person->n_calls_then : &person->n_calls_now))++;
    }
}

bool
whatif_people_call(struct whatif_people *people,
                   const struct whatif_calls *calls,
                   const struct whatif_side *side)
{
    struct arena scratch = people->scratch;
    struct people team = {
        .roster = calls->team->roster,
        .overrides = overrides_of(calls->overrides, &scratch),
        .policy = &calls->team->policy,
    };
    for (size_t i = 0; i < N_CHANNELS; i++)
        team.usable[i] = true;
    people->n_calls = 0;
    for (size_t i = 0; i < side->n_tickets; i++) {
        struct arena mark = scratch;
        struct ticket ticket;
        if (!side->ticket[i].counts)
            continue;
        if (!tickets_read(side->tickets,
                          tickets_id(side->tickets, side->ticket[i].number),
                          &mark, &ticket) ||
            !call_ticket(people, calls, &team, &ticket, mark))
            return false;
    }
    bundle(people, team.policy->bundle_ms, calls->then);
    return true;
}

static int
by_id(const void *left, const void *right)
{
    const struct whatif_person *a = left, *b = right;
    return str_compare(a->id, b->id);
}

size_t
whatif_people_list(struct whatif_people *people,
                   const struct whatif_person **list)
{
    uint32_t n = table_len(people->ids);
    for (uint32_t i = 0; i < n && !people->listed; i++)
        people->person[i].id = table_key(people->ids, i);
    people->listed = true;
    qsort(people->person, n, sizeof *people->person, by_id);
    *list = people->person;
    return n;
}
