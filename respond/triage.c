/* SPDX-License-Identifier: Apache-2.0
 *
 * Deciding. The tickets as folded are looked at together with what this round
 * has decided already (`ahead`): a ticket that is about to be opened can be
 * joined. Each decision says on which state of the fold it rests (`basis`);
 * whoever folds it drops it if something else came first. */
#include "triage_priv.h"

#include "base/times.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct triage_round *
triage_round_new(struct tickets *tickets)
{
    struct triage_round *round = calloc(1, sizeof *round);
    if (round)
        round->tickets = tickets;
    return round;
}

void
triage_round_free(struct triage_round *round)
{
    free(round);
}

void
triage_round_begin(struct triage_round *round)
{
    round->mark = grouping_mark(round->tickets->grouping);
    round->ends = false;
    round->n_ahead = round->n_decided = 0;
    round->n_new = 0;
}

void
triage_round_end(struct triage_round *round)
{
    grouping_undo(round->tickets->grouping, round->mark);
}

/* --- tickets as they will be */

static const struct ahead *
ahead_of(const struct triage_round *round, uint32_t number)
{
    for (size_t i = 0; i < round->n_ahead; i++)
        if (round->ahead[i].number == number)
            return &round->ahead[i];
    return NULL;
}

const struct ticket_brief *
round_brief(const struct triage_round *round, uint32_t number)
{
    const struct ahead *ahead = ahead_of(round, number);
    return ahead ? &ahead->brief : tickets_brief(round->tickets, number);
}

static struct str
round_id(const struct triage_round *round, uint32_t number)
{
    const struct ahead *ahead = ahead_of(round, number);
    return ahead ? (struct str){ahead->id, TICKET_ID_LEN}
                 : tickets_id(round->tickets, number);
}

bool
brief_is_open(const struct ticket_brief *brief)
{
    return brief->state < TICKET_RESOLVED && !brief->merged;
}

/* Fired no further than `within_ms` from a firing of this ticket. */
static bool
is_near(const struct ticket_brief *brief, int64_t fired_ms, int64_t within_ms)
{
    return fired_ms >= brief->fired_ms - within_ms &&
           fired_ms <= brief->newest_fired_ms + within_ms;
}

/* Of two that fit, the elder. */
uint32_t
round_elder(const struct triage_round *round, uint32_t a, uint32_t b)
{
    if (a == SHELF_NONE || a == b)
        return b;
    int64_t x = round_brief(round, a)->fired_ms,
            y = round_brief(round, b)->fired_ms;
    if (x != y)
        return x < y ? a : b;
    return str_compare(round_id(round, a), round_id(round, b)) < 0 ? a : b;
}

const struct incident_names *
incident_names_of(const struct incident *incident, enum entity_sort sort)
{
    switch (sort) {
    case ENTITY_HOST:
        return &incident->hosts;
    case ENTITY_USER:
        return &incident->users;
    case ENTITY_SYSTEM:
        return &incident->systems;
    case ENTITY_ADDRESS:
    case N_ENTITY_SORTS:
        break;
    }
    return &incident->addresses;
}

/* The eldest ticket that shares an entity of these sorts and of which `fits`
 * is true; SHELF_NONE: none. */
static uint32_t
find_ticket(struct asking *a, unsigned sorts,
            bool (*fits)(struct asking *a, uint32_t number, const void *what),
            const void *what)
{
    const struct grouping *grouping = a->round->tickets->grouping;
    uint32_t best = SHELF_NONE;
    for (unsigned sort = 0; sort < N_ENTITY_SORTS; sort++) {
        const struct incident_names *names =
            incident_names_of(a->incident, (enum entity_sort)sort);
        if (!(sorts & 1u << sort))
            continue;
        for (size_t i = 0; i < names->n; i++)
            for (uint32_t e = grouping_first(grouping, (enum entity_sort)sort,
                                             cut_name(names->at[i]));
                 e != GROUPING_END; e = grouping_next(grouping, e)) {
                uint32_t number = grouping_ticket(grouping, e);
                if (number != best && fits(a, number, what))
                    best = round_elder(a->round, best, number);
            }
    }
    return best;
}

/* --- suppression */

/* The first that holds at the time the incident fired and means it. What is
 * only counted is remembered in `because` unless something real holds. */
static bool
holds(struct asking *a, int64_t from_ms, int64_t until_ms,
      const struct matcher *matcher, bool dry_run, struct str name)
{
    const struct incident *incident = a->incident;
    if (incident->fired_ms < from_ms || incident->fired_ms >= until_ms ||
        !matcher_fits(matcher, incident))
        return false;
    if (dry_run && a->take->because.len > 0)
        return false;
    a->take->because = arena_copy(a->arena, name);
    return !dry_run;
}

static bool
suppressed_by_file(struct asking *a)
{
    for (size_t i = 0; i < a->triage->n_suppressions; i++) {
        const struct suppression *s = &a->triage->suppression[i];
        if (holds(a, s->from_ms, s->until_ms, &s->matcher, s->dry_run, s->name))
            return true;
    }
    return false;
}

static bool
suppressed_by_silence(struct asking *a)
{
    struct tickets *tickets = a->round->tickets;
    for (uint32_t i = 0; i < tickets_n_records(tickets, TABLE_SILENCES); i++) {
        struct arena scratch = *a->arena;
        struct journal_record record;
        struct matcher matcher;
        struct complaints complaints = {0};
        if (!tickets_record(tickets, TABLE_SILENCES, i, &scratch, &record))
            continue;
        const struct journal_silence *s = &record.silence;
        bool may = a->incident->fired_ms >= s->from_ms &&
                   a->incident->fired_ms < s->until_ms &&
                   matcher_read(s->matcher, (struct place){.file = "silence"},
                                &matcher, &complaints);
        complaints_free(&complaints);
        char room[TICKET_MAX_NAME];
        struct buf id = {
            .at = room, .cap = sizeof room, .max_bytes = sizeof room};
        buf_add(&id, s->id);
        if (may && holds(a, s->from_ms, s->until_ms, &matcher, s->dry_run,
                         buf_str(&id)))
            return true;
    }
    return false;
}

/* --- inhibition */

static bool
has_rule(struct asking *a, const struct matcher *when, struct str id)
{
    struct arena scratch = *a->arena;
    struct ticket ticket;
    struct incident *one = arena_take(&scratch, 1, sizeof *one);
    if (!one || !tickets_read(a->round->tickets, id, &scratch, &ticket))
        return false;
    for (size_t i = 0; i < ticket.n_listed; i++) {
        one->rule = ticket.incident[i].rule;
        one->severity = ticket.incident[i].severity;
        one->title = str_equal(one->rule, ticket.rule)
                         ? ticket.title
                         : (struct both){STR(""), STR("")};
        if (matcher_fits(when, one))
            return true;
    }
    return false;
}

static bool
may_inhibit(struct asking *a, uint32_t number, const void *what)
{
    const struct inhibition *inhibition = what;
    const struct ticket_brief *brief = round_brief(a->round, number);
    return brief_is_open(brief) &&
           is_near(brief, a->incident->fired_ms, inhibition->within_ms) &&
           has_rule(a, &inhibition->when, round_id(a->round, number));
}

static uint32_t
inhibited_by(struct asking *a)
{
    for (size_t i = 0; i < a->triage->n_inhibitions; i++) {
        const struct inhibition *inhibition = &a->triage->inhibition[i];
        if (!matcher_fits(&inhibition->mute, a->incident))
            continue;
        uint32_t number =
            find_ticket(a, inhibition->same, may_inhibit, inhibition);
        if (number == SHELF_NONE)
            continue;
        a->take->because = inhibition->name;
        return number;
    }
    return SHELF_NONE;
}

/* --- what follows from a decision */

static void
set_skill(struct asking *a)
{
    for (size_t i = 0; i < a->triage->n_skills; i++) {
        if (matcher_fits(&a->triage->skill[i].matcher, a->incident)) {
            a->take->skill = a->triage->skill[i].skill;
            return;
        }
    }
}

/* The ticket `number` as it will be when this incident is in it. */
static void
look_ahead(struct asking *a, uint32_t number, struct ticket_brief brief,
           struct str id)
{
    struct triage_round *round = a->round;
    const struct incident *incident = a->incident;
    const struct ahead *known = ahead_of(round, number);
    struct ahead *ahead = known ? &round->ahead[known - round->ahead]
                                : &round->ahead[round->n_ahead++];
    if (incident->fired_ms < brief.fired_ms)
        brief.fired_ms = incident->fired_ms;
    if (incident->fired_ms > brief.newest_fired_ms)
        brief.newest_fired_ms = incident->fired_ms;
    if (incident->severity > brief.severity)
        brief.severity = incident->severity;
    if (incident->level > brief.level)
        brief.level = incident->level;
    brief.floor = brief.floor || incident->floor;
    if (incident->options.group_ms > brief.reach_ms)
        brief.reach_ms = incident->options.group_ms;
    brief.reach_of_site |= incident->options.group_ms == 0;
    ahead->number = number;
    ahead->brief = brief;
    if (!known)
        memcpy(ahead->id, id.at, TICKET_ID_LEN);
    for (unsigned sort = 0; sort < N_ENTITY_SORTS; sort++) {
        const struct incident_names *names =
            incident_names_of(incident, (enum entity_sort)sort);
        for (size_t i = 0; i < names->n; i++)
            round->ends |=
                !grouping_add(round->tickets->grouping, (enum entity_sort)sort,
                              cut_name(names->at[i]), number);
    }
}

static void
decide_group(struct asking *a, uint32_t number)
{
    struct ticket_brief brief = *round_brief(a->round, number);
    struct str id = round_id(a->round, number);
    a->ticket = number;
    a->take->decision = DECIDED_GROUP;
    a->take->into = arena_copy(a->arena, id);
    look_ahead(a, number, brief, a->take->into);
    const struct ticket_brief *then = round_brief(a->round, number);
    a->take->priority = triage_priority(a->triage, then->severity, then->level);
}

/* What else belongs to this ticket goes into it, and its priority is that of
 * the gravest severity and the highest level of all; what somebody else works
 * on stays as it is. */
static void
group_linked(struct asking *a, const struct linked *linked)
{
    uint32_t root = linked_root(a, linked);
    struct str *merged = arena_take(a->arena, linked->n, sizeof *merged);
    size_t n = 0;
    decide_group(a, root);
    struct ticket_brief all = *round_brief(a->round, root);
    for (size_t i = 0; merged && i < linked->n; i++) {
        uint32_t number = linked->ticket[i];
        const struct ticket_brief *brief = round_brief(a->round, number);
        if (number == root || brief->state != TICKET_NEW)
            continue;
        merged[n++] = arena_copy(a->arena, round_id(a->round, number));
        if (brief->severity > all.severity)
            all.severity = brief->severity;
        if (brief->level > all.level)
            all.level = brief->level;
    }
    a->take->priority = triage_priority(a->triage, all.severity, all.level);
    a->take->merged = merged;
    a->take->n_merged = n;
    a->round->ends |= n > 0;
}

static void
decide_new(struct asking *a)
{
    const struct incident *incident = a->incident;
    struct ticket_brief brief = {
        .state = TICKET_NEW,
        .severity = incident->severity,
        .level = incident->level,
        .quiet = a->take->quiet,
        .floor = incident->floor,
        .fired_ms = incident->fired_ms,
        .newest_fired_ms = incident->fired_ms,
        .reach_ms = incident->options.group_ms,
        .reach_of_site = incident->options.group_ms == 0,
        .resolved_ms = NO_TIME,
    };
    char id[TICKET_ID_LEN];
    ticket_id_make(id, incident->id, 0);
    struct str text = {id, sizeof id};
    a->take->decision = DECIDED_NEW;
    /* An id that is taken already is found by the fold, not guessed here. */
    if (tickets_text(a->round->tickets, text).at) {
        a->round->ends = true;
        return;
    }
    a->ticket = tickets_len(a->round->tickets) + a->round->n_new++;
    look_ahead(a, a->ticket, brief, text);
}

/* It is in this ticket and stays there, unless people were done with that
 * ticket too long ago for it to be opened again. */
static void
decide_known(struct asking *a, uint32_t number)
{
    const struct incident *incident = a->incident;
    assert(number != SHELF_NONE); /* a ticket is never taken away */
    const struct ticket_brief *brief = round_brief(a->round, number);
    bool goes_on = !brief_is_open(brief) && brief->resolved_ms != NO_TIME &&
                   incident->last_ms > brief->resolved_ms;
    a->round->ends |= goes_on || incident->state == INCIDENT_MERGED;
    if (goes_on && incident->last_ms - brief->resolved_ms > TICKET_REOPEN_MS) {
        decide_new(a);
    } else if (brief_is_open(brief)) {
        struct linked linked = linked_begin(a);
        linked_add(a->triage, &linked, number, brief);
        link_all(a, &linked);
        group_linked(a, &linked);
    } else {
        decide_group(a, number);
    }
}

/* When the hold of a floor incident is over; NO_TIME: it has not begun. */
static int64_t
hold_end(struct asking *a)
{
    struct tickets *tickets = a->round->tickets;
    struct arena scratch = *a->arena;
    struct journal_record record;
    uint32_t number = tickets_find_record(tickets, TABLE_HELD, a->incident->id);
    if (!tickets_record(tickets, TABLE_HELD, number, &scratch, &record))
        return NO_TIME;
    return record.take.hold_until_ms;
}

static void
decide_fresh(struct asking *a, int64_t now_ms)
{
    const struct incident *incident = a->incident;
    if (suppressed_by_file(a) || suppressed_by_silence(a)) {
        a->take->decision = DECIDED_SUPPRESS;
        return;
    }
    uint32_t number = inhibited_by(a);
    if (number != SHELF_NONE) {
        a->take->decision = DECIDED_INHIBIT;
        a->take->into = arena_copy(a->arena, round_id(a->round, number));
        return;
    }
    struct linked linked = linked_begin(a);
    link_all(a, &linked);
    if (linked.n > 0) {
        group_linked(a, &linked);
        return;
    }
    int64_t until = hold_end(a);
    if (until == NO_TIME)
        until = now_ms + a->triage->floor_hold_ms;
    if (incident->floor && !a->take->quiet && now_ms < until) {
        a->take->decision = DECIDED_HOLD;
        a->take->hold_until_ms = until;
        return;
    }
    decide_new(a);
}

/* It speaks of itself as a cause that later ones in this round may be
 * inhibited by: they wait until it has taken effect. */
static bool
may_inhibit_others(const struct asking *a)
{
    for (size_t i = 0; i < a->triage->n_inhibitions; i++)
        if (matcher_fits(&a->triage->inhibition[i].when, a->incident))
            return true;
    return false;
}

/* What was decided last about this incident in this round, or NULL. */
static const struct decided *
decided_of(const struct triage_round *round, struct str incident)
{
    for (size_t i = round->n_decided; i > 0; i--) {
        const struct decided *decided = &round->decided[i - 1];
        if (str_equal(incident, (struct str){decided->incident, INCIDENT_ID}))
            return decided;
    }
    return NULL;
}

static void
note_decided(struct asking *a)
{
    struct decided *decided = &a->round->decided[a->round->n_decided++];
    memcpy(decided->incident, a->incident->id.at, INCIDENT_ID);
    decided->revision = a->incident->revision;
    decided->ticket = a->ticket;
}

/* This revision has been taken, and is not held until now. */
static bool
is_known(struct asking *a, int64_t now_ms)
{
    if (a->known.revision < a->incident->revision)
        return false;
    if (a->known.revision > a->incident->revision ||
        a->known.place != PLACE_HELD)
        return true;
    return now_ms < hold_end(a);
}

enum triage_says
triage_decide(struct triage_round *round, const struct triage *triage,
              const struct incident *incident, int64_t now_ms,
              struct arena *arena, struct journal_take *take)
{
    struct asking a = {.round = round,
                       .triage = triage,
                       .incident = incident,
                       .arena = arena,
                       .take = take,
                       .ticket = SHELF_NONE};
    if (!tickets_known(round->tickets, incident->id, &a.known))
        a.known.revision = 0;
    if (is_known(&a, now_ms))
        return TRIAGE_KNOWN;
    assert(incident->id.len == INCIDENT_ID); /* incident_read is strict */
    const struct decided *before = decided_of(round, incident->id);
    if (before && before->revision >= incident->revision)
        return TRIAGE_KNOWN;
    if (round->ends || round->n_decided == MAX_ROUND ||
        (before && before->ticket == SHELF_NONE))
        return TRIAGE_LATER;
    *take = (struct journal_take){
        .basis = tickets_basis(round->tickets) + round->n_decided,
        .priority =
            triage_priority(triage, incident->severity, incident->level),
        .quiet = now_ms - incident->last_ms > triage->quiet_ms,
    };
    set_skill(&a);
    if (before)
        decide_known(&a, before->ticket);
    else if (a.known.revision > 0 && a.known.place == PLACE_TICKET)
        decide_known(
            &a, tickets_find(round->tickets,
                             tickets_root(round->tickets, a.known.ticket)));
    else if (incident->options.incident == INCIDENT_NONE ||
             incident->state == INCIDENT_MERGED)
        take->decision = DECIDED_RECORD;
    else
        decide_fresh(&a, now_ms);
    note_decided(&a);
    round->ends |= may_inhibit_others(&a);
    return TRIAGE_TAKE;
}
