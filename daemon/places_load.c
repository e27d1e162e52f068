/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents in a table by window, each window's incidents as a list; a feed
 * record's windows are looked up and the best place of all that fit is its
 * place. */
#include "places_load.h"

#include "base/kafka.h"
#include "base/table.h"
#include "responder.h"

#include <stdlib.h>

enum {
    KAFKA_MS = 10000,
    MAX_WINDOW_IDS = 8 << 20,
    MAX_REVIEWS = 16 << 20,
    NO_SPAN = -1,
};

/* One incident's stretch of its window. */
struct span {
    int64_t first_ms, last_ms;
    enum report_place place;
    int32_t next;
};

struct places {
    struct report_tickets tickets;
    struct report_ticket *at;
    size_t room;
    struct table *windows;
    int32_t *first; /* span, by number of the window */
    struct span *span;
    size_t first_room, n_spans, span_room;
    struct table *reviewed; /* positions */
    struct json_reader *json;
    struct arena *arena;
    bool full;
};

/* --- loading */

static void *
grown(struct places *places, void *at, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return at;
    size_t more = *room ? *room * 2 : 1024;
    void *bigger = realloc(at, more * size);
    if (!bigger) {
        places->full = true;
        return at;
    }
    *room = more;
    return bigger;
}

static bool
take_ticket(void *context, struct str field, struct str value)
{
    struct places *places = context;
    struct arena kept = *places->arena;
    const struct json *root;
    struct ticket ticket;
    struct err why;
    (void)field;
    struct str text = arena_copy(&kept, value);
    if (!text.at || json_read(places->json, text, &kept, &root) != JSON_FINE ||
        !ticket_read(root, &kept, &ticket, &why) || ticket.merged_into.len > 0)
        return true;
    places->at = grown(places, places->at, places->tickets.n, &places->room,
                       sizeof *places->at);
    if (places->full)
        return false;
    places->at[places->tickets.n++] = (struct report_ticket){
        .state = ticket.state,
        .priority = ticket.priority,
        .quiet = ticket.quiet,
        .unit = ticket.units.at,
        .n_units = ticket.units.n,
        .fired_ms = ticket.fired_ms,
        .opened_ms = ticket.opened_ms,
        .acked_ms = ticket.acked_ms,
    };
    *places->arena = kept;
    return true;
}

static enum report_place
place_of(enum place_taken place)
{
    switch (place) {
    case PLACE_TICKET:
        return IN_TICKET;
    case PLACE_SUPPRESSED:
        return IN_SUPPRESSED;
    case PLACE_INHIBITED:
        return IN_INHIBITED;
    case PLACE_HELD:
    case PLACE_RECORDED:
    case N_PLACES:
        break;
    }
    return IN_OPEN;
}

static bool
take_incident(void *context, struct str field, struct str value)
{
    struct places *places = context;
    struct known known;
    bool is_new;
    (void)field;
    if (!known_read(value, &known) || known.window.len == 0 ||
        place_of(known.place) == IN_OPEN)
        return true;
    places->span = grown(places, places->span, places->n_spans,
                         &places->span_room, sizeof *places->span);
    places->first = grown(places, places->first, table_len(places->windows),
                          &places->first_room, sizeof *places->first);
    uint32_t number = places->full
                          ? TABLE_NONE
                          : table_add(places->windows, known.window, &is_new);
    if (number == TABLE_NONE) {
        places->full = true;
        return false;
    }
    places->span[places->n_spans] = (struct span){
        .first_ms = known.first_ms,
        .last_ms = known.last_ms,
        .place = place_of(known.place),
        .next = is_new ? NO_SPAN : places->first[number],
    };
    places->first[number] = (int32_t)places->n_spans++;
    return true;
}

/* Positions somebody has reviewed. */
static bool
load_reviews(struct config *config, struct places *places, struct err *why)
{
    struct reader *reader = reader_open(&config->kafka, config->topics.reviews,
                                        -1, READER_BEGINNING, KAFKA_MS, why);
    if (!reader)
        return false;
    enum reader_got got;
    do {
        struct record record;
        got = reader_next(reader, KAFKA_MS, &record, why);
        if (got == READER_RECORD)
            table_add(places->reviewed, record.key, NULL);
    } while (got == READER_RECORD);
    reader_close(reader);
    return got == READER_DONE;
}

static bool
load_state(struct config *config, struct places *places, struct err *why)
{
    struct responder *responder = responder_open(config, why);
    bool fine = responder &&
                responder_each(responder, TABLE_TICKETS, take_ticket, places,
                               why) == RESPONDER_FINE &&
                responder_each(responder, TABLE_INCIDENTS, take_incident,
                               places, why) == RESPONDER_FINE;
    responder_close(responder);
    return fine;
}

struct places *
places_load(struct config *config, struct arena *arena, struct err *why)
{
    struct places *places = calloc(1, sizeof *places);
    if (!places) {
        err_set(why, "out of memory");
        return NULL;
    }
    places->arena = arena;
    places->json = json_reader_new();
    places->windows = table_new(MAX_WINDOW_IDS);
    places->reviewed = table_new(MAX_REVIEWS);
    err_set(why, "out of memory");
    bool fine = places->json && places->windows && places->reviewed &&
                load_state(config, places, why) &&
                load_reviews(config, places, why);
    if (fine && !places->full)
        return places;
    places_free(places);
    return NULL;
}

void
places_free(struct places *places)
{
    if (!places)
        return;
    json_reader_free(places->json);
    table_free(places->windows);
    table_free(places->reviewed);
    free(places->at);
    free(places->first);
    free(places->span);
    free(places);
}

/* --- asking */

static enum report_place
place_in(const struct places *places, struct str window, int64_t event_ms,
         enum report_place best)
{
    uint32_t number = table_find(places->windows, window);
    if (number == TABLE_NONE)
        return best;
    for (int32_t i = places->first[number]; i != NO_SPAN;
         i = places->span[i].next) {
        const struct span *span = &places->span[i];
        if (event_ms >= span->first_ms && event_ms <= span->last_ms &&
            span->place < best)
            best = span->place;
    }
    return best;
}

void
places_take(struct places *places, const struct json *feed_record,
            const struct feed_line *line)
{
    enum report_place best = IN_OPEN;
    const struct json *ours = json_get(feed_record, STR("unmapped"));
    const struct json *windows = ours ? json_get(ours, STR("windows")) : NULL;
    if (windows && windows->type == JSON_ARRAY) {
        const struct json *node = json_first(windows);
        for (uint32_t i = 0; i < windows->n_children;
             i++, node = json_next(node))
            best = place_in(places, node->text, line->event_ms, best);
    }
    if (best > IN_REVIEWED &&
        table_find(places->reviewed, line->position) != TABLE_NONE)
        best = IN_REVIEWED;
    places->tickets.place[best]++;
}

const struct report_tickets *
places_tickets(struct places *places, bool has_places)
{
    places->tickets.at = places->at;
    places->tickets.has_places = has_places;
    return &places->tickets;
}
