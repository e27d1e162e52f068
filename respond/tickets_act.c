/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do. Which act is allowed in which state stands in one table; a
 * refused one changes nothing and is answered with its reason. Only an edit of
 * fields can be stale (STREAM 26); an acknowledgement never is. */
#include "tickets_priv.h"

#include "base/times.h"

#include <string.h>

/* What a verb does in a state: the state after it, or why it is refused. */
struct rule {
    bool allowed;
    enum ticket_state to;
    const char *why;
};

#define TO(state)                                                              \
    {                                                                          \
        true, state, NULL                                                      \
    }
#define NOT(words)                                                             \
    {                                                                          \
        false, TICKET_NEW, words                                               \
    }
#define STAYS_NEW TO(TICKET_NEW)
#define STAYS_ACK TO(TICKET_ACKNOWLEDGED)
#define STAYS_WORK TO(TICKET_IN_PROGRESS)
#define STAYS_HELD TO(TICKET_ON_HOLD)
#define STAYS_RESOLVED TO(TICKET_RESOLVED)
#define STAYS_CLOSED TO(TICKET_CLOSED)
#define DONE_WITH NOT("it is resolved: reopen it first")
#define SHUT NOT("it is closed: reopen it first")

/* In the order of states: new, acknowledged, in progress, on hold, resolved,
 * closed. */
static const struct rule rules[N_ACT_VERBS][N_TICKET_STATES] = {
    [ACT_ACK] = {TO(TICKET_ACKNOWLEDGED), STAYS_ACK, STAYS_WORK, STAYS_HELD,
                 DONE_WITH, SHUT},
    [ACT_ASSIGN] = {STAYS_NEW, STAYS_ACK, STAYS_WORK, STAYS_HELD, DONE_WITH,
                    SHUT},
    [ACT_NOTE] = {STAYS_NEW, STAYS_ACK, STAYS_WORK, STAYS_HELD, STAYS_RESOLVED,
                  STAYS_CLOSED},
    [ACT_START] = {TO(TICKET_IN_PROGRESS), TO(TICKET_IN_PROGRESS),
                   NOT("it is in progress already"), TO(TICKET_IN_PROGRESS),
                   DONE_WITH, SHUT},
    [ACT_HOLD] = {NOT("nobody has it yet: acknowledge it first"),
                  TO(TICKET_ON_HOLD), TO(TICKET_ON_HOLD), STAYS_HELD, DONE_WITH,
                  SHUT},
    [ACT_RESOLVE] = {TO(TICKET_RESOLVED), TO(TICKET_RESOLVED),
                     TO(TICKET_RESOLVED), TO(TICKET_RESOLVED),
                     NOT("it is resolved already"), SHUT},
    [ACT_CLOSE] = {NOT("resolve it first"), NOT("resolve it first"),
                   NOT("resolve it first"), NOT("resolve it first"),
                   TO(TICKET_CLOSED), NOT("it is closed already")},
    [ACT_REOPEN] = {NOT("it is open"), NOT("it is open"), NOT("it is open"),
                    NOT("it is open"), TO(TICKET_ACKNOWLEDGED),
                    TO(TICKET_ACKNOWLEDGED)},
    [ACT_MERGE] = {TO(TICKET_CLOSED), TO(TICKET_CLOSED), TO(TICKET_CLOSED),
                   TO(TICKET_CLOSED), DONE_WITH, SHUT},
    [ACT_EDIT] = {STAYS_NEW, STAYS_ACK, STAYS_WORK, STAYS_HELD, STAYS_RESOLVED,
                  STAYS_CLOSED},
};

/* Says why and gives FOLD_REFUSED. */
static enum fold_outcome
refuse(struct fold *fold, const struct ticket *ticket, const char *words)
{
    err_set(fold->why, "%.*s: %s", STR_ARG(ticket->id), words);
    return FOLD_REFUSED;
}

/* Somebody does something with it: they have it, and the lease runs anew. */
static void
work(struct fold *fold, struct ticket *ticket)
{
    struct str by = cut_name(fold->record->by);
    if (ticket->acked_ms == NO_TIME)
        ticket->acked_ms = fold->record->at_ms;
    if (ticket->acked_by.len == 0)
        ticket->acked_by = by;
    if (ticket->assignee.len == 0)
        ticket->assignee = by;
    ticket->worked_ms = fold->record->at_ms;
    /* Who took it need not be told that it is taken. */
    for (size_t i = 0; i < ticket->n_told; i++)
        if (str_equal(ticket->told[i].person, by))
            ticket->told[i].released = true;
}

static enum fold_outcome
acknowledge(struct fold *fold, struct ticket *ticket)
{
    const struct journal_act *act = &fold->record->act;
    if (ticket->state == TICKET_NEW)
        ticket->assignee = cut_name(fold->record->by);
    work(fold, ticket);
    add_event(fold, ticket, EVENT_ACKNOWLEDGED, STR(""), act->how, 0);
    return FOLDED;
}

static enum fold_outcome
assign(struct fold *fold, struct ticket *ticket)
{
    struct str to = cut_name(fold->record->act.to);
    if (to.len == 0)
        return refuse(fold, ticket, "say to whom");
    if (str_equal(to, fold->record->by) && ticket->state == TICKET_NEW) {
        ticket->state = TICKET_ACKNOWLEDGED;
        work(fold, ticket);
    }
    ticket->assignee = to;
    if (ticket->state != TICKET_NEW)
        ticket->worked_ms = fold->record->at_ms;
    add_event(fold, ticket, EVENT_ASSIGNED, to, fold->record->act.text, 0);
    return FOLDED;
}

static enum fold_outcome
note(struct fold *fold, struct ticket *ticket)
{
    const struct journal_record *record = fold->record;
    if (record->act.text.len == 0)
        return refuse(fold, ticket, "a note needs a text");
    /* A note by who has it is work; by others it is a note. */
    if (ticket_is_open(ticket) && ticket->worked_ms != NO_TIME &&
        str_equal(record->by, ticket->assignee))
        ticket->worked_ms = record->at_ms;
    add_event(fold, ticket, EVENT_NOTE, STR(""), record->act.text, 0);
    return FOLDED;
}

static enum fold_outcome
hold(struct fold *fold, struct ticket *ticket)
{
    const struct journal_act *act = &fold->record->act;
    if (act->to.len == 0)
        return refuse(fold, ticket, "say for whom it waits");
    ticket->waiting_for = cut_name(act->to);
    work(fold, ticket);
    add_event(fold, ticket, EVENT_HELD, act->to, act->text, 0);
    return FOLDED;
}

static enum fold_outcome
resolve(struct fold *fold, struct ticket *ticket)
{
    const struct journal_act *act = &fold->record->act;
    if (act->verdict == VERDICT_NONE)
        return refuse(fold, ticket, "say what it was found to be");
    work(fold, ticket);
    ticket->worked_ms = NO_TIME;
    ticket->verdict = act->verdict;
    ticket->resolved_ms = fold->record->at_ms;
    add_event(fold, ticket, EVENT_RESOLVED, ticket_verdict_id(act->verdict),
              act->text, 0);
    return FOLDED;
}

static enum fold_outcome
reopen(struct fold *fold, struct ticket *ticket)
{
    const struct journal_record *record = fold->record;
    if (record->act.text.len == 0)
        return refuse(fold, ticket, "say why");
    if (ticket->resolved_ms != NO_TIME &&
        record->at_ms - ticket->resolved_ms > TICKET_REOPEN_MS)
        return refuse(fold, ticket,
                      "it was resolved more than 30 days ago: what happens "
                      "now is a ticket of its own");
    open_again(ticket);
    ticket->state = TICKET_ACKNOWLEDGED;
    work(fold, ticket);
    add_event(fold, ticket, EVENT_REOPENED, STR(""), record->act.text, 0);
    return FOLDED;
}

static enum fold_outcome
edit(struct fold *fold, struct ticket *ticket)
{
    const struct journal_act *act = &fold->record->act;
    bool any = false;
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++)
        any |= act->field[i].at != NULL;
    if (!any)
        return refuse(fold, ticket, "nothing to change");
    if (act->seen == 0 || act->seen > ticket->revision)
        return refuse(fold, ticket, "an edit names the revision it saw");
    /* Alerts and messages make revisions too; they take nobody's words away. */
    if (act->seen < ticket->edited)
        return refuse(fold, ticket, "somebody has edited it since: look again");
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++) {
        if (!act->field[i].at)
            continue;
        ticket->field[i] = act->field[i];
        add_event(fold, ticket, EVENT_EDITED,
                  ticket_field_id((enum ticket_field)i), act->field[i], 0);
    }
    ticket->edited = ticket->revision + 1;
    return FOLDED;
}

static enum fold_outcome
merge(struct fold *fold, struct ticket *ticket)
{
    struct ticket into;
    struct str to = fold->record->act.to;
    char id[TICKET_ID_LEN];
    if (!ticket_id_from(to, id))
        return refuse(fold, ticket, "say into which ticket");
    to = tickets_root(fold->tickets, (struct str){id, sizeof id});
    if (!fold_ticket(fold, arena_copy(&fold->arena, to), &into))
        return refuse(fold, ticket, "there is no such ticket to merge into");
    if (str_equal(into.id, ticket->id))
        return refuse(fold, ticket, "a ticket does not go into itself");
    if (!ticket_is_open(&into))
        return refuse(fold, ticket, "the other ticket is not open");
    merge_tickets(fold, &into, ticket);
    put_ticket(fold, &into);
    return FOLDED;
}

static enum fold_outcome
carry_out(struct fold *fold, struct ticket *ticket)
{
    const struct journal_act *act = &fold->record->act;
    switch (act->verb) {
    case ACT_ACK:
        return acknowledge(fold, ticket);
    case ACT_ASSIGN:
        return assign(fold, ticket);
    case ACT_NOTE:
        return note(fold, ticket);
    case ACT_START:
        work(fold, ticket);
        ticket->waiting_for = STR("");
        add_event(fold, ticket, EVENT_STARTED, STR(""), act->text, 0);
        return FOLDED;
    case ACT_HOLD:
        return hold(fold, ticket);
    case ACT_RESOLVE:
        return resolve(fold, ticket);
    case ACT_CLOSE:
        ticket->closed_ms = fold->record->at_ms;
        add_event(fold, ticket, EVENT_CLOSED, STR(""), act->text, 0);
        return FOLDED;
    case ACT_REOPEN:
        return reopen(fold, ticket);
    case ACT_MERGE:
        return merge(fold, ticket);
    case ACT_EDIT:
        return edit(fold, ticket);
    case N_ACT_VERBS:
        break;
    }
    return FOLD_REFUSED;
}

/* What is done to a ticket that was merged is done to the one it is in; its
 * own fields, though, are its own. */
static enum fold_outcome
act_on(struct fold *fold, struct str id)
{
    struct ticket ticket;
    const struct journal_act *act = &fold->record->act;
    struct str root = tickets_root(fold->tickets, id);
    if (!fold_ticket(fold, arena_copy(&fold->arena, root), &ticket)) {
        err_set(fold->why, "%.*s: there is no such ticket", STR_ARG(id));
        return FOLD_REFUSED;
    }
    const struct rule *rule = &rules[act->verb][ticket.state];
    if (!rule->allowed)
        return refuse(fold, &ticket, rule->why);
    enum ticket_state was = ticket.state;
    enum fold_outcome outcome = carry_out(fold, &ticket);
    if (outcome != FOLDED)
        return outcome;
    /* `assign` to oneself and `merge` have said so themselves. */
    if (rule->to != was)
        ticket.state = rule->to;
    put_ticket(fold, &ticket);
    return FOLDED;
}

/* The tickets of the message that was answered with a code, newest first: a
 * code comes again after some time. */
static bool
tickets_of_code(struct fold *fold, struct journal_record *send)
{
    const struct shelf *messages = fold->tickets->shelf[TABLE_MESSAGES];
    const struct journal_act *act = &fold->record->act;
    bool found = false;
    for (uint32_t i = 0; i < shelf_len(messages); i++) {
        struct journal_record record;
        struct arena arena = fold->arena;
        if (!read_message(fold->tickets, shelf_at(messages, i), &arena, &record,
                          NULL) ||
            !str_equal(record.send.code, act->code) ||
            !str_equal(record.send.person, fold->record->by) ||
            (found && record.at_ms < send->at_ms))
            continue;
        *send = record;
        found = true;
        fold->arena = arena;
    }
    return found;
}

enum fold_outcome
fold_act(struct fold *fold)
{
    const struct journal_act *act = &fold->record->act;
    const struct str *ids = act->ticket;
    size_t n = act->n_tickets;
    struct journal_record send;
    if (fold->record->by.len == 0) {
        err_set(fold->why, "an act needs somebody who does it");
        return FOLD_REFUSED;
    }
    if (act->code.len > 0) {
        if (!tickets_of_code(fold, &send)) {
            err_set(fold->why, "no message to %.*s had the code %.*s",
                    STR_ARG(fold->record->by), STR_ARG(act->code));
            return FOLD_REFUSED;
        }
        ids = send.send.ticket;
        n = send.send.n_tickets;
    }
    /* Of several tickets each is done or refused by itself: an answer to a
     * message that names five acknowledges those that are still open. */
    enum fold_outcome outcome = FOLD_REFUSED;
    for (size_t i = 0; i < n; i++)
        if (act_on(fold, ids[i]) == FOLDED)
            outcome = FOLDED;
    return outcome;
}
