/* SPDX-License-Identifier: Apache-2.0
 *
 * From tickets to messages: all that one person must hear now becomes one
 * message, so that a storm of tickets does not become a storm of messages. A
 * page goes before a stand-down; what could not be delivered is tried by the
 * person's next channel at once; a backlog waits until it grows no more. */
#include "respond/escalation.h"

#include "base/times.h"

struct item {
    struct item *next; /* of the same person */
    enum message_kind kind;
    bool retry; /* the last channel failed: not held back */
    const struct contact *contact;
    struct str ticket, by;
    int priority, step;
    int64_t opened_ms;
};

/* What is to be said to one member of the roster. */
struct letterbox {
    struct item *first, *last;
    int64_t heard_ms; /* NO_TIME: never */
};

struct postings {
    const struct people *people;
    int64_t now_ms, due_ms;
    struct arena *arena;
    struct letterbox *box;                     /* by number in the roster */
    int64_t backlog_first_ms, backlog_last_ms; /* opened; NO_TIME: none */
};

struct postings *
postings_new(const struct people *people, int64_t now_ms, struct arena *arena)
{
    struct postings *postings = arena_take(arena, 1, sizeof *postings);
    size_t n = roster_len(people->roster);
    struct letterbox *box = arena_take(arena, n + 1, sizeof *box);
    if (postings == NULL || box == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        box[i].heard_ms = NO_TIME;
    *postings = (struct postings){.people = people,
                                  .now_ms = now_ms,
                                  .due_ms = NO_TIME,
                                  .arena = arena,
                                  .box = box,
                                  .backlog_first_ms = NO_TIME,
                                  .backlog_last_ms = NO_TIME};
    return postings;
}

/* NULL: no longer of the team. */
static struct letterbox *
box_of(struct postings *postings, struct str person)
{
    const struct roster *roster = postings->people->roster;
    const struct member *member = roster_find(roster, person);
    return member == NULL ? NULL
                          : &postings->box[member - roster_member(roster, 0)];
}

void
postings_heard(struct postings *postings, struct str person, int64_t at_ms)
{
    struct letterbox *box = box_of(postings, person);
    if (box != NULL && at_ms > box->heard_ms)
        box->heard_ms = at_ms;
}

/* --- what a ticket needs */

/* The first usable contact behind the one of `channel`; from the first on when
 * that is empty. NULL: there is none. */
static const struct contact *
next_contact(const struct people *people, const struct member *member,
             struct str channel)
{
    bool reached = channel.len == 0;
    for (size_t i = 0; i < member->n_contacts; i++) {
        const struct contact *contact = &member->contact[i];
        if (reached && people->usable[contact->channel])
            return contact;
        reached |= str_equal(channel_id(contact->channel), channel);
    }
    return NULL;
}

static bool
put_item(struct postings *postings, const struct ticket *ticket,
         const struct ticket_told *told, struct item item)
{
    struct letterbox *box = box_of(postings, told->person);
    if (box == NULL)
        return true;
    const struct roster *roster = postings->people->roster;
    const struct member *member =
        roster_member(roster, (size_t)(box - postings->box));
    item.contact = next_contact(postings->people, member,
                                item.retry ? told->channel : NO_STR);
    if (item.contact == NULL)
        return true; /* every channel has been tried */
    struct item *kept = arena_take(postings->arena, 1, sizeof *kept);
    if (kept == NULL)
        return false;
    item.ticket = arena_copy(postings->arena, ticket->id);
    item.by = arena_copy(postings->arena, item.by);
    item.priority = ticket->priority;
    item.step = told->step;
    item.opened_ms = ticket->opened_ms;
    *kept = item;
    if (box->last != NULL)
        box->last->next = kept;
    else
        box->first = kept;
    box->last = kept;
    return item.ticket.at != NULL;
}

static bool
is_backlog(const struct postings *postings, const struct ticket *ticket)
{
    return ticket->opened_ms - ticket->arrival_ms >
           postings->people->policy->backlog_ms;
}

static bool
add_page(struct postings *postings, const struct ticket *ticket,
         const struct ticket_told *told)
{
    bool fresh = told->message.len == 0;
    if (!fresh && !told->failed)
        return true;
    struct item item = {.kind = MESSAGE_PAGE, .retry = !fresh};
    if (is_backlog(postings, ticket))
        item.kind = MESSAGE_BACKLOG;
    if (fresh && item.kind == MESSAGE_BACKLOG) {
        int64_t at_ms = ticket->opened_ms;
        if (postings->backlog_first_ms == NO_TIME ||
            at_ms < postings->backlog_first_ms)
            postings->backlog_first_ms = at_ms;
        if (at_ms > postings->backlog_last_ms)
            postings->backlog_last_ms = at_ms;
    }
    return put_item(postings, ticket, told, item);
}

static bool
add_taken(struct postings *postings, const struct ticket *ticket,
          const struct ticket_told *told)
{
    struct str has =
        ticket->assignee.len > 0 ? ticket->assignee : ticket->acked_by;
    if (has.len == 0 || told->released || told->failed ||
        told->message.len == 0 || str_equal(told->person, has) ||
        str_equal(told->person, ticket->acked_by))
        return true;
    const struct member *member = roster_find(postings->people->roster, has);
    return put_item(postings, ticket, told,
                    (struct item){.kind = MESSAGE_TAKEN,
                                  .by = member != NULL ? member->name : has});
}

bool
postings_add(struct postings *postings, const struct ticket *ticket)
{
    bool fine = true;
    if (ticket->quiet || ticket->merged_into.len > 0)
        return true;
    for (size_t i = 0; fine && i < ticket->n_told; i++) {
        const struct ticket_told *told = &ticket->told[i];
        if (told->message.len > 0 && !told->failed)
            postings_heard(postings, told->person, told->at_ms);
        fine = ticket->state == TICKET_NEW ? add_page(postings, ticket, told)
                                           : add_taken(postings, ticket, told);
    }
    return fine;
}

/* --- what is due */

static void
due_at(struct postings *postings, int64_t at_ms)
{
    if (postings->due_ms == NO_TIME || at_ms < postings->due_ms)
        postings->due_ms = at_ms;
}

static int64_t
settled_ms(const struct postings *postings)
{
    const struct policy *policy = postings->people->policy;
    int64_t most_ms =
        postings->backlog_first_ms + BACKLOG_MOST_SETTLES * policy->settle_ms;
    int64_t at_ms = postings->backlog_last_ms + policy->settle_ms;
    return at_ms < most_ms ? at_ms : most_ms;
}

/* Later; else now. */
static bool
is_held(struct postings *postings, const struct letterbox *box,
        const struct item *item)
{
    if (item->retry)
        return false;
    int64_t at_ms = postings->now_ms;
    if (box->heard_ms != NO_TIME)
        at_ms = box->heard_ms + postings->people->policy->bundle_ms;
    if (item->kind == MESSAGE_BACKLOG && settled_ms(postings) > at_ms)
        at_ms = settled_ms(postings);
    if (at_ms > postings->now_ms)
        due_at(postings, at_ms);
    return at_ms > postings->now_ms;
}

/* Puts a ticket where its urgency belongs; the least urgent falls out of a
 * full message and is named by the next one. */
static void
put_ticket(struct post *post, const struct item **order,
           const struct item *item)
{
    size_t at = post->n_tickets;
    for (size_t i = 0; i < post->n_tickets; i++)
        if (str_equal(order[i]->ticket, item->ticket))
            return;
    while (at > 0 && (order[at - 1]->priority > item->priority ||
                      (order[at - 1]->priority == item->priority &&
                       order[at - 1]->opened_ms > item->opened_ms)))
        at--;
    if (at == JOURNAL_MAX_TICKETS)
        return;
    if (post->n_tickets < JOURNAL_MAX_TICKETS)
        post->n_tickets++;
    for (size_t i = post->n_tickets - 1; i > at; i--)
        order[i] = order[i - 1];
    order[at] = item;
}

/* A stand-down names one who has it: those of the first. */
static bool
goes_along(const struct post *post, const struct item *item)
{
    bool taken = post->kind == MESSAGE_TAKEN;
    return taken == (item->kind == MESSAGE_TAKEN) &&
           (!taken || str_equal(post->by, item->by));
}

static void
begin_post(struct post *post, const struct item *item)
{
    bool first = post->contact == NULL;
    if (first || (item->kind != MESSAGE_TAKEN && post->kind == MESSAGE_TAKEN)) {
        post->kind = item->kind;
        post->by = item->by;
        post->contact = item->contact;
    }
    if (item->kind == MESSAGE_PAGE && post->kind == MESSAGE_BACKLOG)
        post->kind = MESSAGE_PAGE;
    if (item->retry && item->kind != MESSAGE_TAKEN)
        post->contact = item->contact; /* the first has just failed */
}

/* The one message for this person; false: none now. */
static bool
fill_post(struct postings *postings, const struct letterbox *box,
          struct post *post)
{
    const struct item *order[JOURNAL_MAX_TICKETS];
    for (const struct item *item = box->first; item; item = item->next)
        if (!is_held(postings, box, item))
            begin_post(post, item);
    if (post->contact == NULL)
        return false;
    for (const struct item *item = box->first; item; item = item->next) {
        if (is_held(postings, box, item))
            continue;
        if (goes_along(post, item))
            put_ticket(post, order, item);
        else
            due_at(postings,
                   postings->now_ms + postings->people->policy->bundle_ms);
    }
    for (size_t i = 0; i < post->n_tickets; i++) {
        post->ticket[i] = order[i]->ticket;
        if (order[i]->step > post->step)
            post->step = order[i]->step;
    }
    return true;
}

const struct post *
postings_due(struct postings *postings, size_t *n, int64_t *due_ms)
{
    const struct roster *roster = postings->people->roster;
    size_t members = roster_len(roster), waiting = 0;
    for (size_t i = 0; i < members; i++)
        waiting += postings->box[i].first != NULL;
    struct post *post = arena_take(postings->arena, waiting + 1, sizeof *post);
    *n = 0;
    for (size_t i = 0; post != NULL && i < members; i++) {
        if (postings->box[i].first == NULL)
            continue;
        struct post *one = &post[*n];
        *one = (struct post){.member = roster_member(roster, i)};
        *n += fill_post(postings, &postings->box[i], one);
    }
    *due_ms = postings->due_ms;
    return post;
}
