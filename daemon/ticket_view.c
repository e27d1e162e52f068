/* SPDX-License-Identifier: Apache-2.0
 *
 * A small copy of every ticket: one block of memory each, replaced whole when
 * a newer revision comes. */
#include "ticket_view.h"

#include "base/table.h"
#include "base/times.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_TICKETS_SEEN = 1 << 20, /* numbers of the table; then no new ones */
    MAX_ACKS = 16,              /* the newest acknowledgements of a ticket */
    SCRATCH = 64 << 20,
    BLOCK_MOST = 64 << 10,
};

struct ack {
    struct str person;
    int64_t at_ms;
};

/* Texts lie behind it in the same block. */
struct entry {
    uint64_t revision;
    int priority;
    bool finished;
    struct both title, first_step, harmless;
    struct str has;
    struct ack ack[MAX_ACKS];
    size_t n_acks;
};

struct ticket_view {
    pthread_mutex_t lock; /* of all that follows, to `room` */
    struct table *number;
    struct entry **entry;
    size_t room;
    struct json_reader *json; /* of the follower's thread */
    struct arena scratch;
    char *start;
};

struct ticket_view *
ticket_view_new(void)
{
    struct ticket_view *view = calloc(1, sizeof *view);
    if (view == NULL)
        return NULL;
    pthread_mutex_init(&view->lock, NULL);
    view->number = table_new(MAX_TICKETS_SEEN);
    view->json = json_reader_new();
    view->scratch = arena_reserve(SCRATCH);
    view->start = view->scratch.at;
    if (view->number != NULL && view->json != NULL && view->start != NULL)
        return view;
    ticket_view_free(view);
    return NULL;
}

void
ticket_view_free(struct ticket_view *view)
{
    if (view == NULL)
        return;
    for (size_t i = 0; i < view->room; i++)
        free(view->entry[i]);
    free(view->entry);
    table_free(view->number);
    json_reader_free(view->json);
    if (view->start != NULL)
        arena_release(view->start, view->scratch);
    pthread_mutex_destroy(&view->lock);
    free(view);
}

/* --- one ticket, copied */

struct packing {
    char *at;
    size_t left;
};

static struct str
pack(struct packing *packing, struct str text)
{
    size_t len = text.len < packing->left ? text.len : packing->left;
    struct str kept = {packing->at, len};
    if (len > 0)
        memcpy(packing->at, text.at, len);
    packing->at += len;
    packing->left -= len;
    return kept;
}

static struct both
pack_both(struct packing *packing, struct both text)
{
    struct str vi = pack(packing, text.vi);
    return (struct both){vi, pack(packing, text.en)};
}

/* The newest, one a person. */
static void
pack_acks(struct packing *packing, const struct ticket *ticket,
          struct entry *entry)
{
    for (size_t i = ticket->n_timeline; i > 0 && entry->n_acks < MAX_ACKS;
         i--) {
        const struct ticket_event *event = &ticket->timeline[i - 1];
        bool known = event->kind != EVENT_ACKNOWLEDGED;
        for (size_t k = 0; !known && k < entry->n_acks; k++)
            known = str_equal(entry->ack[k].person, event->by);
        if (!known)
            entry->ack[entry->n_acks++] =
                (struct ack){pack(packing, event->by), event->at_ms};
    }
}

static void
fill_entry(struct entry *entry, struct packing *packing,
           const struct ticket *ticket)
{
    *entry = (struct entry){.revision = ticket->revision,
                            .priority = ticket->priority,
                            .finished = !ticket_is_open(ticket)};
    entry->title = pack_both(packing, ticket->title);
    entry->has = pack(packing, ticket->assignee);
    pack_acks(packing, ticket, entry);
    if (entry->finished)
        return;
    entry->first_step = pack_both(packing, ticket->first_step);
    entry->harmless = pack_both(packing, ticket->harmless);
}

/* Twice: to see how long the texts are, and for good. */
static struct entry *
copy_ticket(const struct ticket *ticket, struct arena scratch)
{
    struct packing packing = {arena_take_raw(&scratch, BLOCK_MOST, 1),
                              BLOCK_MOST};
    struct entry *tried = arena_take(&scratch, 1, sizeof *tried);
    if (packing.at == NULL || tried == NULL)
        return NULL;
    fill_entry(tried, &packing, ticket);
    size_t texts = BLOCK_MOST - packing.left;
    struct entry *entry = malloc(sizeof *entry + texts);
    if (entry != NULL)
        fill_entry(entry, &(struct packing){(char *)(entry + 1), texts},
                   ticket);
    return entry;
}

/* --- in and out */

static bool
make_room(struct ticket_view *view, size_t number)
{
    if (number < view->room)
        return true;
    size_t room = view->room == 0 ? 1024 : 2 * view->room;
    struct entry **more = realloc(view->entry, room * sizeof(struct entry *));
    if (more == NULL)
        return false;
    memset(more + view->room, 0, (room - view->room) * sizeof(struct entry *));
    view->entry = more;
    view->room = room;
    return true;
}

static void
put_entry(struct ticket_view *view, struct str id, struct entry *entry)
{
    pthread_mutex_lock(&view->lock);
    uint32_t number = table_add(view->number, id, NULL);
    if (number != TABLE_NONE && make_room(view, number) &&
        (view->entry[number] == NULL ||
         view->entry[number]->revision <= entry->revision)) {
        struct entry *old = view->entry[number];
        view->entry[number] = entry;
        entry = old;
    }
    pthread_mutex_unlock(&view->lock);
    free(entry);
}

void
ticket_view_put(struct ticket_view *view, const struct record *record)
{
    struct arena scratch = view->scratch;
    struct ticket *ticket = arena_take(&scratch, 1, sizeof *ticket);
    const struct json *root;
    struct err why;
    if (ticket == NULL || record->value.len == 0 ||
        json_read(view->json, record->value, &scratch, &root) != JSON_FINE ||
        !ticket_read(root, &scratch, ticket, &why))
        return;
    struct entry *entry = copy_ticket(ticket, scratch);
    if (entry != NULL)
        put_entry(view, ticket->id, entry);
}

static struct both
both_copy(struct arena *arena, struct both text)
{
    struct str vi = arena_copy(arena, text.vi);
    return (struct both){vi, arena_copy(arena, text.en)};
}

bool
ticket_view_get(struct ticket_view *view, const struct link *link,
                struct arena *arena, struct http_ticket *ticket)
{
    pthread_mutex_lock(&view->lock);
    uint32_t number = table_find(view->number, ticket->id);
    const struct entry *entry = number != TABLE_NONE && number < view->room
                                    ? view->entry[number]
                                    : NULL;
    if (entry != NULL) {
        ticket->known = true;
        ticket->priority = entry->priority;
        ticket->finished = entry->finished;
        ticket->title = both_copy(arena, entry->title);
        ticket->first_step = both_copy(arena, entry->first_step);
        ticket->harmless = both_copy(arena, entry->harmless);
        ticket->has = arena_copy(arena, entry->has);
        for (size_t i = 0; i < entry->n_acks; i++)
            ticket->mine |= str_equal(entry->ack[i].person, link->person) &&
                            entry->ack[i].at_ms >= link->issued_ms;
    }
    pthread_mutex_unlock(&view->lock);
    return entry != NULL;
}
