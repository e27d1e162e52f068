/* SPDX-License-Identifier: Apache-2.0
 *
 * Telling people (STREAM 25, 26). What the escalation wants becomes records;
 * a message goes to the courier only when the record of its intent has been
 * read back, and what became of it becomes a record again. After a take-over
 * a message without result is sent again, under its id, because nobody knows
 * whether it went out. */
#include "respond_priv.h"

#include "base/times.h"
#include "model/limits.h"
#include "model/link.h"

/* --- results */

static void
append_results(struct respond_state *state, const struct sink *sink)
{
    const struct people_desk *desk = state->respond->plan->people;
    struct courier_result result;
    while (desk->result(desk->context, &result)) {
        struct journal_record record = {
            .type = JOURNAL_RESULT,
            .result = {.message = str_of(result.message),
                       .delivered = result.delivered,
                       .detail = str_of(result.detail.text)},
        };
        state->delivered[result.channel] += result.delivered;
        state->undeliverable[result.channel] += !result.delivered;
        act_append(state, &record, NULL, 0, sink);
    }
}

/* --- after a take-over */

static void
send_again(struct respond_state *state, const struct sink *sink)
{
    uint32_t n = tickets_n_messages(state->tickets);
    for (uint32_t i = 0; i < n; i++) {
        struct arena scratch = state->scratch;
        struct journal_record record;
        char status;
        if (!tickets_message(state->tickets, i, &scratch, &record, &status) ||
            status != 'p')
            continue;
        record.send.again = true;
        act_append(state, &record, NULL, 0, sink);
    }
    state->resent = state->undelivered = true;
}

/* --- escalation */

static int64_t
sooner(int64_t a, int64_t b)
{
    return a == NO_TIME || (b != NO_TIME && b < a) ? b : a;
}

static void
escalate(struct respond_state *state, const struct ticket *ticket,
         const struct people *people, struct arena scratch,
         const struct sink *sink)
{
    struct escalation next =
        escalation_next(ticket, people, state->now_ms, &scratch);
    struct journal_record record = {.type = JOURNAL_ESCALATE};
    switch (next.need) {
    case ESCALATION_NOTHING:
        state->people_due_ms = sooner(state->people_due_ms, next.due_ms);
        return;
    case ESCALATION_STEP:
        record.escalate = (struct journal_escalate){
            .ticket = ticket->id,
            .step = next.step,
            .person = next.person,
            .n_people = next.n_people,
            .because = next.because,
        };
        break;
    case ESCALATION_LEASE:
        record.type = JOURNAL_LEASE;
        record.lease = (struct journal_lease){ticket->id, ticket->worked_ms};
        break;
    }
    act_append(state, &record, NULL, 0, sink);
}

/* --- what is to be said to whom */

static void
append_post(struct respond_state *state, const struct post *post,
            const struct sink *sink)
{
    char id[MESSAGE_ID_LEN], code[REPLY_CODE_LEN];
    struct journal_record record = {
        .type = JOURNAL_SEND,
        .send = {.kind = post->kind,
                 .person = post->member->id,
                 .channel = channel_id(post->contact->channel),
                 .address = post->contact->address,
                 .ticket = post->ticket,
                 .n_tickets = post->n_tickets,
                 .step = post->step},
    };
    message_id_make(id, post->member->id, &record.send, state->now_ms);
    record.send.message = (struct str){id, sizeof id};
    if (post->kind != MESSAGE_TAKEN) {
        message_code_make(code, record.send.message);
        record.send.code = (struct str){code, sizeof code};
    }
    act_append(state, &record, NULL, 0, sink);
}

static void
heard(struct respond_state *state, struct str person, int64_t at_ms)
{
    bool is_new;
    uint32_t number = table_add(state->heard, person, &is_new);
    if (number != TABLE_NONE && (is_new || state->heard_ms[number] < at_ms))
        state->heard_ms[number] = at_ms;
}

/* Bundling counts from every message that did not fail. */
static void
find_heard(struct respond_state *state)
{
    uint32_t n = tickets_n_messages(state->tickets);
    table_clear(state->heard);
    for (uint32_t i = 0; i < n; i++) {
        struct arena scratch = state->scratch;
        struct journal_record record;
        char status;
        if (tickets_message(state->tickets, i, &scratch, &record, &status) &&
            status != 'f')
            heard(state, record.send.person, record.at_ms);
    }
    state->heard_known = true;
}

void
people_note(struct respond_state *state, const struct journal_record *record)
{
    state->changed = true;
    if (record->type == JOURNAL_SEND) {
        state->undelivered = true;
        if (state->heard_known)
            heard(state, record->send.person, record->at_ms);
    }
    if (record->type == JOURNAL_RESULT && !record->result.delivered)
        state->heard_known = false;
}

static void
append_posts(struct respond_state *state, struct postings *postings,
             const struct sink *sink)
{
    size_t n;
    int64_t due_ms;
    for (uint32_t i = 0; i < table_len(state->heard); i++)
        postings_heard(postings, table_key(state->heard, i),
                       state->heard_ms[i]);
    const struct post *post = postings_due(postings, &n, &due_ms);
    for (size_t i = 0; i < n; i++)
        append_post(state, &post[i], sink);
    state->people_due_ms = sooner(state->people_due_ms, due_ms);
}

/* --- overrides, as the journal has them */

static void
add_overrides(struct respond_state *state, struct people *people,
              struct arena *arena)
{
    uint32_t n = tickets_n_records(state->tickets, TABLE_OVERRIDES);
    struct journal_override *at = arena_take(arena, (size_t)n + 1, sizeof *at);
    size_t n_kept = 0;
    for (uint32_t i = 0; at && i < n && n_kept < ROSTER_MAX_OVERRIDES; i++) {
        struct journal_record record;
        if (!tickets_record(state->tickets, TABLE_OVERRIDES, i, arena,
                            &record) ||
            record.roster.until_ms <= state->now_ms)
            continue;
        at[n_kept++] = record.roster;
    }
    people->overrides = (struct overrides){at, n_kept};
}

/* Looks at every ticket that may concern somebody. */
static void
think(struct respond_state *state, const struct sink *sink)
{
    const struct people_desk *desk = state->respond->plan->people;
    struct tickets *tickets = state->tickets;
    if (!state->heard_known)
        find_heard(state);
    struct arena arena = state->scratch; /* from here on it is in use */
    struct people people = {0};
    desk->people(desk->context, &people);
    add_overrides(state, &people, &arena);
    struct postings *postings = postings_new(&people, state->now_ms, &arena);
    state->changed = false;
    state->people_due_ms = NO_TIME;
    for (uint32_t i = 0; postings && i < tickets_len(tickets); i++) {
        const struct ticket_brief *brief = tickets_brief(tickets, i);
        bool open = brief->state < TICKET_RESOLVED && !brief->merged;
        struct arena scratch = arena;
        struct ticket ticket;
        if (brief->quiet || !(open || brief->releases))
            continue;
        if (!tickets_read(tickets, tickets_id(tickets, i), &scratch, &ticket))
            continue;
        if (open)
            escalate(state, &ticket, &people, scratch, sink);
        if (brief->tells || brief->releases) {
            arena = scratch; /* postings keep what lies behind */
            if (!postings_add(postings, &ticket))
                break;
        }
    }
    if (postings)
        append_posts(state, postings, sink);
}

/* --- to the courier */

static bool
write_link(struct respond_state *state, const struct journal_record *record,
           struct buf *text)
{
    const struct people_desk *desk = state->respond->plan->people;
    const struct journal_send *send = &record->send;
    struct link link = {
        .person = send->person,
        .message = send->message,
        .issued_ms = record->at_ms / 1000 * 1000,
        .expires_ms = (record->at_ms + desk->link_ms) / 1000 * 1000,
    };
    if (desk->link_base.len == 0 || send->code.len == 0)
        return false;
    for (size_t i = 0; i < send->n_tickets && i < LINK_MAX_TICKETS; i++)
        link.ticket[link.n_tickets++] = send->ticket[i];
    buf_add(text, desk->link_base);
    link_write(text, desk->link_key, &link);
    return !text->full;
}

/* The words are made anew from the ticket as it is now; id, code and link are
 * those of the record. */
static bool
hand_over(struct respond_state *state, const struct journal_record *record,
          struct arena scratch)
{
    const struct people_desk *desk = state->respond->plan->people;
    const struct journal_send *send = &record->send;
    struct people people = {0};
    desk->people(desk->context, &people);
    const struct member *member = roster_find(people.roster, send->person);
    struct message_ticket *tickets =
        arena_take(&scratch, send->n_tickets + 1, sizeof *tickets);
    struct contact contact = {.address = send->address};
    struct message message = {
        .id = send->message,
        .kind = send->kind,
        .language = member && member->english ? ENGLISH : VIETNAMESE,
        .at_ms = record->at_ms,
        .name = member ? member->name : send->person,
        .ticket = tickets,
        .code = send->code,
        .site = desk->site,
    };
    if (!tickets || !channel_from(send->channel, &contact.channel))
        return true; /* a channel of another version: never goes out */
    for (size_t i = 0; i < send->n_tickets; i++) {
        struct ticket ticket;
        if (!tickets_read(state->tickets, send->ticket[i], &scratch, &ticket))
            continue;
        tickets[message.n_tickets++] = message_ticket_of(&ticket);
        if (send->kind == MESSAGE_TAKEN && message.by.len == 0) {
            const struct member *has =
                roster_find(people.roster, ticket.assignee);
            message.by = has ? has->name : ticket.assignee;
        }
    }
    struct buf link = {.max_bytes = 4096};
    if (write_link(state, record, &link))
        message.link = buf_str(&link);
    bool taken = desk->send(desk->context, &message, send->person, &contact);
    buf_free(&link);
    return taken;
}

static void
deliver(struct respond_state *state)
{
    uint32_t n = tickets_n_messages(state->tickets);
    for (uint32_t i = 0; i < n; i++) {
        struct arena scratch = state->scratch;
        struct journal_record record;
        char status;
        if (!tickets_message(state->tickets, i, &scratch, &record, &status) ||
            status != 'p' ||
            table_find(state->handed, record.send.message) != TABLE_NONE)
            continue;
        if (!hand_over(state, &record, scratch))
            return; /* the courier has no room now */
        table_add(state->handed, record.send.message, NULL);
    }
    state->undelivered = false;
}

/* Of those that have been handed over only the pending ones matter. */
static void
forget_handed(struct respond_state *state)
{
    if (table_len(state->handed) < 4 * MAX_MESSAGES)
        return;
    struct table *fresh = table_new(MAX_TICKETS_KEPT);
    uint32_t n = tickets_n_messages(state->tickets);
    for (uint32_t i = 0; fresh && i < n; i++) {
        struct arena scratch = state->scratch;
        struct journal_record record;
        char status;
        if (tickets_message(state->tickets, i, &scratch, &record, &status) &&
            status == 'p' &&
            table_find(state->handed, record.send.message) != TABLE_NONE)
            table_add(fresh, record.send.message, NULL);
    }
    if (!fresh)
        return;
    table_free(state->handed);
    state->handed = fresh;
}

void
act_people(struct respond_state *state, const struct sink *sink)
{
    append_results(state, sink);
    if (!state->resent) {
        send_again(state, sink);
        return;
    }
    if (state->undelivered)
        deliver(state);
    forget_handed(state);
    bool due = state->people_due_ms != NO_TIME &&
               state->now_ms >= state->people_due_ms;
    if (state->changed || due)
        think(state, sink);
}
