/* SPDX-License-Identifier: Apache-2.0
 *
 * A table from windows to stays: one for each incident of a ticket, chained,
 * the newest first. A newer revision of a ticket says its incidents again:
 * their stays are found and renewed. */
#include "feed_taken.h"

#include "base/table.h"
#include "model/ticket.h"

#include <stdlib.h>
#include <string.h>

enum {
    REACH_MS = 5000,
    SCRATCH = 64 << 20,
    MAX_WINDOWS_KNOWN = 1 << 20,
    TICKET_ID = 9,
    INCIDENT_ID = 32,
    TITLE_BYTES = 160,
    NONE = -1,
};

struct stay {
    char ticket[TICKET_ID], incident[INCIDENT_ID];
    char title[TITLE_BYTES];
    size_t title_len;
    int64_t first_ms, last_ms;
    int64_t before; /* the next of the same window, or NONE */
};

struct taken {
    struct reader *reader;
    struct json_reader *json;
    struct arena scratch;
    char *start;
    struct table *windows;
    int64_t *newest; /* by number in the table */
    size_t n_newest;
    struct stay *stay;
    size_t n, room;
    bool english;
    struct buf text;
};

static bool
make_room(struct taken *taken, size_t window)
{
    if (window >= taken->n_newest) {
        size_t n = window < 512 ? 1024 : 2 * window;
        int64_t *more = realloc(taken->newest, n * sizeof *more);
        if (!more)
            return false;
        for (size_t i = taken->n_newest; i < n; i++)
            more[i] = NONE;
        taken->newest = more;
        taken->n_newest = n;
    }
    if (taken->n == taken->room) {
        size_t room = taken->room == 0 ? 1024 : 2 * taken->room;
        struct stay *more = realloc(taken->stay, room * sizeof *more);
        if (!more)
            return false;
        taken->stay = more;
        taken->room = room;
    }
    return true;
}

static struct stay *
stay_of(struct taken *taken, uint32_t window, struct str incident)
{
    for (int64_t i = taken->newest[window]; i != NONE;
         i = taken->stay[i].before)
        if (memcmp(taken->stay[i].incident, incident.at, INCIDENT_ID) == 0)
            return &taken->stay[i];
    struct stay *stay = &taken->stay[taken->n];
    *stay = (struct stay){.before = taken->newest[window]};
    memcpy(stay->incident, incident.at, INCIDENT_ID);
    taken->newest[window] = (int64_t)taken->n++;
    return stay;
}

/* The rule that leads the ticket gave it its name. */
static void
name_stay(struct stay *stay, const struct ticket *ticket,
          const struct ticket_incident *incident, bool english)
{
    struct str title = str_equal(incident->rule, ticket->rule)
                           ? both_in(ticket->title, english)
                           : incident->rule;
    size_t n = title.len < TITLE_BYTES ? title.len : TITLE_BYTES;
    memcpy(stay->title, title.at, n);
    stay->title_len = n;
    memcpy(stay->ticket, ticket->id.at, TICKET_ID);
    stay->first_ms = incident->first_ms;
    stay->last_ms = incident->last_ms;
}

static void
take(struct taken *taken, const struct record *record)
{
    struct arena scratch = taken->scratch;
    struct ticket *ticket = arena_take(&scratch, 1, sizeof *ticket);
    const struct json *root;
    struct err why;
    if (!ticket || record->value.len == 0 ||
        json_read(taken->json, record->value, &scratch, &root) != JSON_FINE ||
        !ticket_read(root, &scratch, ticket, &why) ||
        ticket->id.len != TICKET_ID)
        return;
    for (size_t i = 0; i < ticket->n_listed; i++) {
        const struct ticket_incident *incident = &ticket->incident[i];
        if (incident->id.len != INCIDENT_ID || incident->window.len == 0)
            continue;
        uint32_t window = table_add(taken->windows, incident->window, NULL);
        if (window == TABLE_NONE || !make_room(taken, window))
            return;
        name_stay(stay_of(taken, window, incident->id), ticket, incident,
                  taken->english);
    }
}

static bool
open_all(struct taken *taken, const struct config *config)
{
    struct err why;
    taken->json = json_reader_new_large();
    taken->windows = table_new(MAX_WINDOWS_KNOWN);
    taken->scratch = arena_reserve(SCRATCH);
    taken->start = taken->scratch.at;
    if (!taken->json || !taken->windows || !taken->start)
        return false;
    taken->reader = reader_open(&config->kafka, config->topics.tickets, -1,
                                READER_BEGINNING, REACH_MS, &why);
    return taken->reader != NULL;
}

struct taken *
taken_open(const struct config *config, bool english)
{
    struct taken *taken = calloc(1, sizeof *taken);
    struct record record;
    struct err why;
    if (!taken)
        return NULL;
    taken->english = english;
    if (!open_all(taken, config)) {
        taken_close(taken);
        return NULL;
    }
    while (reader_next(taken->reader, REACH_MS, &record, &why) == READER_RECORD)
        take(taken, &record);
    return taken;
}

void
taken_close(struct taken *taken)
{
    if (!taken)
        return;
    reader_close(taken->reader);
    json_reader_free(taken->json);
    table_free(taken->windows);
    if (taken->start)
        arena_release(taken->start, taken->scratch);
    free(taken->newest);
    free(taken->stay);
    buf_free(&taken->text);
    free(taken);
}

void
taken_poll(struct taken *taken)
{
    struct record record;
    struct err why;
    while (taken &&
           reader_next(taken->reader, 0, &record, &why) == READER_RECORD)
        take(taken, &record);
}

struct str
taken_by(struct taken *taken, const struct feed_line *line)
{
    const struct stay *best = NULL;
    const struct json *window =
        taken && line->windows ? json_first(line->windows) : NULL;
    for (uint32_t i = 0; window && i < line->windows->n_children;
         i++, window = json_next(window)) {
        uint32_t number = table_find(taken->windows, window->text);
        if (number == TABLE_NONE || number >= taken->n_newest)
            continue;
        for (int64_t k = taken->newest[number]; k != NONE;
             k = taken->stay[k].before) {
            const struct stay *stay = &taken->stay[k];
            if (line->event_ms >= stay->first_ms &&
                line->event_ms <= stay->last_ms && (!best || stay > best))
                best = stay;
        }
    }
    if (!best)
        return NO_STR;
    buf_clear(&taken->text);
    buf_add(&taken->text, (struct str){best->ticket, TICKET_ID});
    buf_char(&taken->text, ' ');
    buf_add(&taken->text, (struct str){best->title, best->title_len});
    return buf_str(&taken->text);
}
