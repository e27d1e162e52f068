/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets in and out of the state. Everything that is kept beside a ticket's
 * bytes (its brief, the index of what it concerns) follows from them, so that
 * a state read back is the state that was saved. */
#include "tickets_priv.h"

#include "base/times.h"
#include "model/limits.h"

#include <stdlib.h>
#include <string.h>

/* Longer than any chain of merges that people make. */
enum { MAX_CHAIN = 1000 };

bool
fold_ticket(struct fold *fold, struct str id, struct ticket *ticket)
{
    return tickets_read(fold->tickets, id, &fold->arena, ticket);
}

struct str
tickets_root(const struct tickets *tickets, struct str id)
{
    const struct shelf *shelf = tickets->shelf[TABLE_TICKETS];
    for (int i = 0; i < MAX_CHAIN; i++) {
        uint32_t number = shelf_find(shelf, id);
        if (number == SHELF_NONE || !tickets->brief[number].merged)
            return id;
        number = shelf_find(
            shelf, (struct str){tickets->brief[number].into, TICKET_ID_LEN});
        if (number == SHELF_NONE)
            return id;
        id = shelf_key(shelf, number);
    }
    return id;
}

void
put(struct fold *fold, enum tickets_table table, struct str key,
    struct str value)
{
    if (shelf_set(fold->tickets->shelf[table], key, value) == SHELF_NONE)
        fold->broken = true;
}

void
put_known(struct fold *fold, struct str incident, const struct known *known)
{
    struct buf *text = &fold->tickets->text;
    buf_clear(text);
    known_write(text, known);
    fold->broken |= text->full;
    put(fold, TABLE_INCIDENTS, incident, buf_str(text));
}

void *
one_more(struct fold *fold, const void *at, size_t n, size_t size)
{
    char *more = arena_take(&fold->arena, n + 1, size);
    if (!more)
        fold->broken = true;
    else if (n > 0)
        memcpy(more, at, n * size);
    return more;
}

/* At most `max` bytes, cut before the character that does not fit. */
static struct str
cut(struct str text, size_t max)
{
    if (text.len <= max)
        return text;
    size_t n = max;
    while (n > 0 && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--;
    return str_cut(text, 0, n);
}

struct str
cut_name(struct str name)
{
    return cut(name, TICKET_MAX_NAME);
}

struct str
cut_text(struct str text)
{
    return cut(text, TICKET_MAX_TEXT);
}

/* Was asked to take it, and has not heard that somebody did. */
static bool
wants_release(const struct ticket_told *told)
{
    return told->message.len > 0 && !told->failed && !told->released;
}

static void
fill_brief(const struct ticket *ticket, struct ticket_brief *brief)
{
    *brief = (struct ticket_brief){
        .state = ticket->state,
        .priority = ticket->priority,
        .severity = ticket->severity,
        .level = ticket->level,
        .quiet = ticket->quiet,
        .merged = ticket->merged_into.len > 0,
        .floor = ticket_has_floor(ticket),
        .revision = ticket->revision,
        .fired_ms = ticket->fired_ms,
        .newest_fired_ms = ticket->newest_fired_ms,
        .resolved_ms = ticket->resolved_ms,
        .reach_ms = ticket->reach_ms,
        .reach_of_site = ticket->reach_of_site,
    };
    if (ticket->merged_into.len == TICKET_ID_LEN)
        memcpy(brief->into, ticket->merged_into.at, TICKET_ID_LEN);
    for (size_t i = 0; i < ticket->n_evidence; i++)
        brief->wants_evidence |= ticket->evidence[i].state == EVIDENCE_WANTED;
    if (brief->merged)
        return;
    for (size_t i = 0; i < ticket->n_told; i++) {
        const struct ticket_told *told = &ticket->told[i];
        brief->tells |= ticket->state == TICKET_NEW &&
                        (told->message.len == 0 || told->failed);
        brief->releases |= ticket->state != TICKET_NEW && wants_release(told);
    }
}

bool
index_ticket(struct tickets *tickets, const struct ticket *ticket,
             uint32_t number)
{
    if (number >= tickets->brief_room) {
        uint32_t more = number < 32 ? 64 : number * 2;
        struct ticket_brief *brief =
            realloc(tickets->brief, more * sizeof *brief);
        if (!brief)
            return false;
        tickets->brief = brief;
        tickets->brief_room = more;
    }
    fill_brief(ticket, &tickets->brief[number]);
    const struct ticket_names *const names[N_ENTITY_SORTS] = {
        [ENTITY_HOST] = &ticket->hosts,
        [ENTITY_USER] = &ticket->users,
        [ENTITY_ADDRESS] = &ticket->addresses,
        [ENTITY_SYSTEM] = &ticket->systems,
    };
    bool fine = true;
    for (unsigned sort = 0; sort < N_ENTITY_SORTS; sort++)
        for (size_t i = 0; i < names[sort]->n; i++)
            fine =
                fine && grouping_add(tickets->grouping, (enum entity_sort)sort,
                                     names[sort]->at[i], number);
    return fine;
}

static bool
mark_changed(struct tickets *tickets, uint32_t number)
{
    for (size_t i = 0; i < tickets->n_changed; i++)
        if (tickets->changed[i] == number)
            return true;
    if (tickets->n_changed == tickets->changed_room) {
        size_t more = tickets->changed_room ? tickets->changed_room * 2 : 16;
        uint32_t *at = realloc(tickets->changed, more * sizeof *at);
        if (!at)
            return false;
        tickets->changed = at;
        tickets->changed_room = more;
    }
    tickets->changed[tickets->n_changed++] = number;
    return true;
}

/* As bytes that can be read again: what a ticket lists is bounded, but not so
 * tightly that hostile texts, escaped, could not exceed the reader's maximum.
 * Then the timeline gives way, then the list of incidents. */
static void
write_bounded(struct fold *fold, struct ticket *ticket)
{
    struct buf *text = &fold->tickets->text;
    for (;;) {
        buf_clear(text);
        ticket_write(text, ticket);
        if (text->len <= TICKET_MAX_BYTES && !text->full)
            return;
        if (ticket->n_timeline > 1)
            ticket->n_timeline /= 2;
        else if (ticket->n_listed > 1)
            ticket->n_listed /= 2;
        else
            break;
    }
    fold->broken = true;
}

void
put_ticket(struct fold *fold, struct ticket *ticket)
{
    struct tickets *tickets = fold->tickets;
    uint32_t known = shelf_find(tickets->shelf[TABLE_TICKETS], ticket->id);
    bool was_open =
        known != SHELF_NONE && tickets->brief[known].state < TICKET_RESOLVED;
    ticket->revision++;
    ticket->changed_ms = fold->record->at_ms;
    write_bounded(fold, ticket);
    if (fold->broken)
        return;
    uint32_t number = shelf_set(tickets->shelf[TABLE_TICKETS], ticket->id,
                                buf_str(&tickets->text));
    if (number == SHELF_NONE || !index_ticket(tickets, ticket, number) ||
        !mark_changed(tickets, number))
        fold->broken = true;
    else if (was_open != ticket_is_open(ticket) &&
             fold->record->type != JOURNAL_TAKE)
        raise_basis(fold);
}
