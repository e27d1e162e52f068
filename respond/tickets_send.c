/* SPDX-License-Identifier: Apache-2.0
 *
 * What the escalation decided and what became of messages (STREAM 25, 26).
 * A step or a page that is no longer wanted, because somebody took the ticket
 * while its record was on its way, is stale and does nothing. A message's id
 * is for ever; what has no result yet is sent again under the same id. */
#include "tickets_priv.h"

#include "base/times.h"
#include "model/limits.h"

#include <string.h>

static struct ticket_told *
told_line(struct fold *fold, struct ticket *ticket, struct str person)
{
    for (size_t i = 0; i < ticket->n_told; i++)
        if (str_equal(ticket->told[i].person, person))
            return &ticket->told[i];
    if (ticket->n_told == TICKET_MAX_TOLD)
        return NULL;
    struct ticket_told *told =
        one_more(fold, ticket->told, ticket->n_told, sizeof *told);
    if (!told)
        return NULL;
    ticket->told = told;
    told[ticket->n_told].person = cut_name(person);
    return &told[ticket->n_told++];
}

/* It is their turn, and they have not been written to. */
static void
turn_of(struct fold *fold, struct ticket *ticket, struct str person, int step)
{
    struct ticket_told *told = told_line(fold, ticket, person);
    if (!told)
        return;
    *told = (struct ticket_told){
        .person = told->person,
        .at_ms = fold->record->at_ms,
        .step = step,
    };
}

/* A step is begun once; one that finds nobody to tell is tried again. */
enum fold_outcome
fold_escalate(struct fold *fold)
{
    const struct journal_escalate *escalate = &fold->record->escalate;
    struct ticket ticket;
    if (!fold_ticket(fold, escalate->ticket, &ticket) ||
        ticket.state != TICKET_NEW || escalate->step < ticket.step ||
        (escalate->step == ticket.step && escalate->n_people > 0))
        return FOLD_STALE;
    ticket.step = escalate->step;
    ticket.step_since_ms = fold->record->at_ms;
    struct buf people = {.max_bytes = TICKET_MAX_TEXT};
    for (size_t i = 0; i < escalate->n_people; i++) {
        buf_add(&people, i > 0 ? STR(", ") : STR(""));
        buf_add(&people, escalate->person[i]);
        turn_of(fold, &ticket, escalate->person[i], escalate->step);
    }
    add_event(fold, &ticket, EVENT_ESCALATED,
              arena_copy(&fold->arena, buf_str(&people)), escalate->because,
              (uint64_t)escalate->step);
    buf_free(&people);
    put_ticket(fold, &ticket);
    return FOLDED;
}

/* Nobody has it any more; the escalation begins anew. */
enum fold_outcome
fold_lease(struct fold *fold)
{
    const struct journal_lease *lease = &fold->record->lease;
    struct ticket ticket;
    if (!fold_ticket(fold, lease->ticket, &ticket) ||
        (ticket.state != TICKET_ACKNOWLEDGED &&
         ticket.state != TICKET_IN_PROGRESS) ||
        ticket.worked_ms != lease->worked_ms)
        return FOLD_STALE;
    struct str who = ticket.assignee;
    open_again(&ticket);
    add_event(fold, &ticket, EVENT_LEASE_EXPIRED, who, STR(""), 0);
    put_ticket(fold, &ticket);
    return FOLDED;
}

/* --- messages: 'p' pending, 'd' delivered or 'f' failed, and the record of
 * the send as it was first folded */

bool
read_message(struct tickets *tickets, struct str text, struct arena *arena,
             struct journal_record *record, char *status)
{
    const struct json *root;
    struct err why;
    if (text.len < 2)
        return false;
    if (status)
        *status = text.at[0];
    struct str json = arena_copy(arena, str_cut(text, 1, text.len));
    return json.at &&
           json_read(tickets->json, json, arena, &root) == JSON_FINE &&
           journal_read(root, arena, record, &why) &&
           record->type == JOURNAL_SEND;
}

uint32_t
tickets_n_messages(const struct tickets *tickets)
{
    return shelf_len(tickets->shelf[TABLE_MESSAGES]);
}

bool
tickets_message(struct tickets *tickets, uint32_t number, struct arena *arena,
                struct journal_record *record, char *status)
{
    return read_message(tickets,
                        shelf_at(tickets->shelf[TABLE_MESSAGES], number), arena,
                        record, status);
}

static void
put_message(struct fold *fold, const struct journal_record *record, char status)
{
    struct buf *text = &fold->tickets->text;
    buf_clear(text);
    buf_char(text, status);
    journal_write(text, record);
    fold->broken |= text->full;
    put(fold, TABLE_MESSAGES, record->send.message, buf_str(text));
}

/* Beyond MAX_MESSAGES the oldest that have a result are forgotten: their reply
 * codes no longer work. */
static void
forget_oldest(struct fold *fold)
{
    struct shelf *messages = fold->tickets->shelf[TABLE_MESSAGES];
    if (shelf_n(messages) <= MAX_MESSAGES)
        return;
    uint32_t oldest = SHELF_NONE;
    int64_t oldest_ms = INT64_MAX;
    for (uint32_t i = 0; i < shelf_len(messages); i++) {
        struct arena arena = fold->arena;
        struct journal_record record;
        char status;
        if (!read_message(fold->tickets, shelf_at(messages, i), &arena, &record,
                          &status) ||
            status == 'p' || record.at_ms >= oldest_ms)
            continue;
        oldest = i;
        oldest_ms = record.at_ms;
    }
    if (oldest != SHELF_NONE)
        shelf_unset(messages, shelf_key(messages, oldest));
}

static void
note_send(struct fold *fold, struct ticket *ticket)
{
    const struct journal_send *send = &fold->record->send;
    struct ticket_told *told = told_line(fold, ticket, send->person);
    if (told && send->kind == MESSAGE_TAKEN) {
        told->released = true;
    } else if (told) {
        told->channel = cut_name(send->channel);
        told->message = cut_name(send->message);
        told->at_ms = fold->record->at_ms;
        told->failed = told->delivered = false;
    }
    add_event(fold, ticket, send->again ? EVENT_SENT_AGAIN : EVENT_SENT,
              send->person, send->channel, 0);
    put_ticket(fold, ticket);
}

/* Whether the message is still news: of a ticket that nobody has, for somebody
 * whose turn it is and who has not been written to, or not with success. One
 * that was decided by a responder that had been replaced is not: the new one
 * has written to him. */
static bool
is_wanted(const struct journal_send *send, const struct ticket *ticket)
{
    const struct ticket_told *told = NULL;
    for (size_t i = 0; !told && i < ticket->n_told; i++)
        if (str_equal(ticket->told[i].person, cut_name(send->person)))
            told = &ticket->told[i];
    switch (send->kind) {
    case MESSAGE_PAGE:
    case MESSAGE_BACKLOG:
        return ticket->state == TICKET_NEW && told &&
               (told->message.len == 0 || told->failed);
    case MESSAGE_TAKEN:
        return ticket->state != TICKET_NEW && told && !told->released;
    case MESSAGE_TEST:
    case N_MESSAGE_KINDS:
        break;
    }
    return true;
}

enum fold_outcome
fold_send(struct fold *fold)
{
    const struct journal_send *send = &fold->record->send;
    struct shelf *messages = fold->tickets->shelf[TABLE_MESSAGES];
    struct str known = shelf_get(messages, send->message);
    if (known.at && (!send->again || known.at[0] != 'p'))
        return FOLD_REPEAT;
    if (!known.at && send->again)
        return FOLD_STALE;
    size_t n_wanted = 0;
    for (size_t i = 0; i < send->n_tickets; i++) {
        struct ticket ticket;
        struct fold part = *fold;
        bool wanted = fold_ticket(&part, send->ticket[i], &ticket) &&
                      (send->again || is_wanted(send, &ticket));
        if (wanted)
            note_send(&part, &ticket);
        n_wanted += wanted;
        fold->broken |= part.broken;
    }
    if (n_wanted == 0 && send->n_tickets > 0)
        return FOLD_STALE;
    if (!known.at) {
        put_message(fold, fold->record, 'p');
        forget_oldest(fold);
    }
    return FOLDED;
}

enum fold_outcome
fold_result(struct fold *fold)
{
    const struct journal_result *result = &fold->record->result;
    struct shelf *messages = fold->tickets->shelf[TABLE_MESSAGES];
    struct journal_record sent;
    char status;
    if (!read_message(fold->tickets, shelf_get(messages, result->message),
                      &fold->arena, &sent, &status))
        return FOLD_STALE;
    if (status != 'p')
        return FOLD_REPEAT;
    for (size_t i = 0; i < sent.send.n_tickets; i++) {
        struct ticket ticket;
        struct fold part = *fold;
        if (!fold_ticket(&part, sent.send.ticket[i], &ticket))
            continue;
        for (size_t j = 0; j < ticket.n_told; j++) {
            struct ticket_told *told = &ticket.told[j];
            if (!str_equal(told->message, result->message))
                continue;
            told->delivered = result->delivered;
            told->failed = !result->delivered;
        }
        add_event(
            &part, &ticket, result->delivered ? EVENT_DELIVERED : EVENT_FAILED,
            sent.send.person,
            result->detail.len > 0 ? result->detail : sent.send.channel, 0);
        put_ticket(&part, &ticket);
        fold->broken |= part.broken;
    }
    put_message(fold, &sent, result->delivered ? 'd' : 'f');
    return FOLDED;
}
