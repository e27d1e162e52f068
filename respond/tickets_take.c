/* SPDX-License-Identifier: Apache-2.0
 *
 * An incident's revision is taken (STREAM 24): once, and only if what it was
 * decided on is still so. A firing feeds its ticket; it never reopens,
 * reassigns or changes what a person did, unless its alerts are younger than
 * the moment the ticket was resolved: then the incident goes on, and the
 * ticket is open again. */
#include "tickets_priv.h"

#include "base/times.h"

#include <string.h>

struct taking {
    struct fold *fold;
    const struct journal_take *take;
    const struct incident *incident;
    struct known before; /* revision 0: never seen */
    struct known after;
};

/* The ticket now counts what the incident counts. */
static void
feed(struct taking *t, struct ticket *ticket, uint64_t had)
{
    t->after.count = feed_ticket(t->fold, ticket, t->incident, had);
}

/* soc.incidents is read on behind this one. */
static void
advance(struct fold *fold, const struct journal_take *take)
{
    if (tickets_position(fold->tickets, take->topic, take->partition) >
        take->offset)
        return;
    put(fold, TABLE_META,
        arena_format(&fold->arena, "%.*s/%d", STR_ARG(take->topic),
                     take->partition),
        arena_format(&fold->arena, "%lld", (long long)take->offset + 1));
}

/* --- the decisions */

static enum fold_outcome
open_new(struct taking *t)
{
    const struct incident *incident = t->incident;
    struct fold *fold = t->fold;
    char *id = arena_take(&fold->arena, 1, TICKET_ID_LEN);
    struct ticket ticket = {
        .state = TICKET_NEW,
        .severity = incident->severity,
        .priority = t->take->priority,
        .quiet = t->take->quiet,
        .opened_ms = fold->record->at_ms,
        .fired_ms = incident->fired_ms,
        .newest_fired_ms = incident->fired_ms,
        .first_ms = incident->first_ms,
        .last_ms = incident->last_ms,
        .arrival_ms = incident->arrival_ms,
        .n_incidents = 1,
        .skill = cut_name(t->take->skill),
        .acked_ms = NO_TIME,
        .worked_ms = NO_TIME,
        .resolved_ms = NO_TIME,
        .closed_ms = NO_TIME,
        .step_since_ms = NO_TIME,
    };
    if (!id) {
        fold->broken = true;
        return FOLD_BROKEN;
    }
    ticket_id_make(id, incident->id, 0);
    ticket.id = (struct str){id, TICKET_ID_LEN};
    while (tickets_text(fold->tickets, ticket.id).at)
        ticket_id_make(id, incident->id, ++ticket.turn);
    lead_ticket(fold, &ticket, incident);
    feed(t, &ticket, 0);
    add_event(fold, &ticket, EVENT_OPENED, incident->id, incident->rule,
              incident->count);
    put_ticket(fold, &ticket);
    t->after.place = PLACE_TICKET;
    t->after.ticket = ticket.id;
    return FOLDED;
}

/* What an open ticket makes of one more incident, or of more of one. */
static void
raise_urgency(struct taking *t, struct ticket *ticket)
{
    const struct incident *incident = t->incident;
    bool more_severe = incident->severity > ticket->severity;
    if (more_severe)
        ticket->severity = incident->severity;
    if (t->take->priority < ticket->priority || more_severe) {
        ticket->priority = t->take->priority < ticket->priority
                               ? t->take->priority
                               : ticket->priority;
        add_event(t->fold, ticket, EVENT_MORE_SEVERE,
                  severity_id(ticket->severity),
                  arena_format(&t->fold->arena, "P%d", ticket->priority), 0);
    }
    if (!t->take->quiet)
        ticket->quiet = false;
    if (ticket->skill.len == 0)
        ticket->skill = cut_name(t->take->skill);
}

void
open_again(struct ticket *ticket)
{
    ticket->state = TICKET_NEW;
    ticket->assignee = ticket->acked_by = ticket->waiting_for = STR("");
    ticket->worked_ms = NO_TIME;
    ticket->resolved_ms = ticket->closed_ms = NO_TIME;
    ticket->verdict = VERDICT_NONE;
    ticket->step = 0;
    ticket->step_since_ms = NO_TIME;
    ticket->n_told = 0;
}

/* The alerts of a resolved ticket's incident go on after it was resolved. */
static bool
goes_on(const struct ticket *ticket, const struct incident *incident)
{
    return !ticket_is_open(ticket) && ticket->merged_into.len == 0 &&
           ticket->resolved_ms != NO_TIME &&
           incident->last_ms > ticket->resolved_ms;
}

/* An incident that was found to be part of another one: the younger of their
 * tickets goes into the elder, unless people are done with one of them. */
static void
follow_merge(struct taking *t, struct ticket *ticket)
{
    struct fold *fold = t->fold;
    struct known other;
    struct ticket second;
    add_event(fold, ticket, EVENT_INCIDENT_MERGED, t->incident->into,
              t->incident->id, 0);
    if (!tickets_known(fold->tickets, t->incident->into, &other) ||
        other.place != PLACE_TICKET)
        return;
    struct str root = tickets_root(fold->tickets, other.ticket);
    if (str_equal(root, ticket->id) || !ticket_is_open(ticket))
        return;
    struct ticket first = *ticket;
    if (!fold_ticket(fold, arena_copy(&fold->arena, root), &second) ||
        !ticket_is_open(&second))
        return;
    bool second_is_elder = second.fired_ms < first.fired_ms ||
                           (second.fired_ms == first.fired_ms &&
                            str_compare(second.id, first.id) < 0);
    if (second_is_elder) {
        merge_tickets(fold, &second, &first);
        put_ticket(fold, &second);
        *ticket = first;
    } else {
        merge_tickets(fold, ticket, &second);
        put_ticket(fold, &second);
    }
}

/* Other tickets that belong to this one. What people have closed meanwhile, or
 * taken, stays. */
static void
merge_others(struct taking *t, struct ticket *ticket)
{
    struct fold *fold = t->fold;
    for (size_t i = 0; ticket_is_open(ticket) && i < t->take->n_merged; i++) {
        struct ticket other;
        struct str id = tickets_root(fold->tickets, t->take->merged[i]);
        if (str_equal(id, ticket->id) ||
            !fold_ticket(fold, arena_copy(&fold->arena, id), &other) ||
            other.state != TICKET_NEW || other.merged_into.len > 0)
            continue;
        merge_tickets(fold, ticket, &other);
        put_ticket(fold, &other);
        put_ticket(fold, ticket);
    }
}

static enum fold_outcome
join(struct taking *t)
{
    struct fold *fold = t->fold;
    const struct incident *incident = t->incident;
    struct ticket ticket;
    struct str id = tickets_root(fold->tickets, t->take->into);
    /* The key of the table may move; the ticket's own id does not. */
    if (!fold_ticket(fold, arena_copy(&fold->arena, id), &ticket))
        return FOLD_STALE;
    merge_others(t, &ticket);
    bool is_in =
        t->before.revision > 0 && t->before.place == PLACE_TICKET &&
        str_equal(tickets_root(fold->tickets, t->before.ticket), ticket.id);
    if (goes_on(&ticket, incident)) {
        open_again(&ticket);
        add_event(fold, &ticket, EVENT_REOPENED, incident->id, incident->rule,
                  incident->count);
    }
    if (ticket_led_by(&ticket, incident))
        lead_ticket(fold, &ticket, incident);
    if (!is_in) {
        ticket.n_incidents++;
        add_event(fold, &ticket, EVENT_JOINED, incident->id, incident->rule,
                  incident->count);
    } else if (incident->count > t->before.count) {
        add_event(fold, &ticket, EVENT_GREW, incident->id, incident->rule,
                  incident->count);
    }
    if (ticket_is_open(&ticket))
        raise_urgency(t, &ticket);
    feed(t, &ticket, is_in ? t->before.count : 0);
    if (incident->state == INCIDENT_MERGED)
        follow_merge(t, &ticket);
    put_ticket(fold, &ticket);
    t->after.place = PLACE_TICKET;
    t->after.ticket = ticket.id;
    return FOLDED;
}

static enum fold_outcome
inhibit(struct taking *t)
{
    struct fold *fold = t->fold;
    struct ticket ticket;
    struct str id = tickets_root(fold->tickets, t->take->into);
    if (!fold_ticket(fold, arena_copy(&fold->arena, id), &ticket))
        return FOLD_STALE;
    t->after.place = PLACE_INHIBITED;
    t->after.ticket = ticket.id;
    if (t->before.revision > 0 && t->before.place == PLACE_INHIBITED)
        return FOLDED;
    ticket.n_inhibited++;
    add_event(fold, &ticket, EVENT_INHIBITED, t->incident->id, t->take->because,
              t->incident->count);
    put_ticket(fold, &ticket);
    return FOLDED;
}

static enum fold_outcome
hold(struct taking *t)
{
    struct fold *fold = t->fold;
    struct buf *text = &fold->tickets->text;
    buf_clear(text);
    journal_write(text, fold->record);
    fold->broken |= text->full;
    put(fold, TABLE_HELD, t->incident->id, buf_str(text));
    t->after.place = PLACE_HELD;
    return FOLDED;
}

static enum fold_outcome
carry_out(struct taking *t)
{
    switch (t->take->decision) {
    case DECIDED_NEW:
        return open_new(t);
    case DECIDED_GROUP:
        return join(t);
    case DECIDED_INHIBIT:
        return inhibit(t);
    case DECIDED_HOLD:
        return hold(t);
    case DECIDED_SUPPRESS:
        t->after.place = PLACE_SUPPRESSED;
        return FOLDED;
    case DECIDED_RECORD:
    case N_DECISIONS:
        break;
    }
    t->after.place = PLACE_RECORDED;
    return FOLDED;
}

/* Taken already: the same revision or a later one. One that was held may be
 * taken out of that once more. */
static bool
is_taken(const struct taking *t)
{
    if (t->before.revision == 0)
        return false;
    bool released = t->before.place == PLACE_HELD &&
                    t->take->decision != DECIDED_HOLD &&
                    t->before.revision == t->incident->revision;
    return t->before.revision >= t->incident->revision && !released;
}

static bool
is_word(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ')
            return false;
    return text.len > 0;
}

bool
tickets_can_take(const struct incident *incident)
{
    return is_word(incident->id) && is_word(incident->window);
}

enum fold_outcome
fold_take(struct fold *fold)
{
    const struct journal_take *take = &fold->record->take;
    struct tickets *tickets = fold->tickets;
    struct incident *incident = arena_take(&fold->arena, 1, sizeof *incident);
    struct taking t = {.fold = fold, .take = take, .incident = incident};
    if (!incident) {
        fold->broken = true;
        return FOLD_BROKEN;
    }
    if (!incident_read(tickets->json_incident, take->incident, &fold->arena,
                       incident, fold->why))
        return FOLD_REFUSED;
    if (!tickets_can_take(incident)) {
        err_set(fold->why, "an incident without id or window");
        return FOLD_REFUSED;
    }
    if (!tickets_known(tickets, incident->id, &t.before))
        t.before.revision = 0;
    if (is_taken(&t)) {
        advance(fold, take);
        return FOLD_REPEAT;
    }
    if (take->basis != tickets->basis)
        return FOLD_STALE;
    bool is_in_ticket = t.before.revision > 0 && t.before.place == PLACE_TICKET;
    t.after = (struct known){
        .revision = incident->revision,
        .window = incident->window,
        .first_ms = incident->first_ms,
        .last_ms = incident->last_ms,
        .fired_ms = incident->fired_ms,
        .because = is_in_ticket && take->because.len == 0 ? t.before.because
                                                          : take->because,
        .count = incident->count,
    };
    enum fold_outcome outcome = carry_out(&t);
    if (outcome != FOLDED)
        return outcome;
    if (take->decision != DECIDED_HOLD)
        shelf_unset(tickets->shelf[TABLE_HELD], incident->id);
    put_known(fold, incident->id, &t.after);
    advance(fold, take);
    raise_basis(fold);
    return FOLDED;
}
