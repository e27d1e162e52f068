/* SPDX-License-Identifier: Apache-2.0
 *
 * Acting. It is called only when the journal has been read to its end, and it
 * does nothing while anything it appended before has not been read back: so
 * every decision is made on a state that holds all that was decided before
 * (STREAM 24, 25). What it keeps between two turns is a queue of what it has
 * read but not decided; when the state is loaded anew, the queue begins anew
 * too, from the positions in the state. */
#include "respond_priv.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ROOM_FOR_DECISION = 8192 };

void
act_append(struct respond_state *state, struct journal_record *record,
           const struct header *header, size_t n_headers,
           const struct sink *sink)
{
    char request[REQUEST_LEN];
    int len = snprintf(request, sizeof request, "%s%" PRIu64, state->life,
                       ++state->n_sent);
    record->at_ms = state->now_ms;
    record->request = (struct str){request, (size_t)len};
    buf_clear(&state->text);
    journal_write(&state->text, record);
    struct output output = {
        .topic = state->respond->plan->journal_topic,
        .partition = 0,
        .no_key = true,
        .value = buf_str(&state->text),
        .header = header,
        .n_headers = n_headers,
    };
    sink->send(sink->context, &output, false);
    record->request = NO_STR; /* it lies here */
}

/* --- incidents */

static int64_t
read_from(void *asked, struct str topic, int32_t partition)
{
    const struct respond_state *state = asked;
    return tickets_position(state->tickets, topic, partition);
}

static struct queued *
queue_at(struct respond_state *state, size_t i)
{
    return &state->queue[(state->queue_from + i) % MAX_QUEUED_INCIDENTS];
}

static void
fill_queue(struct respond_state *state)
{
    const struct incident_feed *feed = &state->respond->plan->incidents;
    struct record record;
    while (state->n_queued < MAX_QUEUED_INCIDENTS &&
           feed->poll(feed->context, &record)) {
        struct queued *at = queue_at(state, state->n_queued);
        buf_clear(&at->topic);
        buf_clear(&at->text);
        buf_add(&at->topic, record.topic);
        buf_add(&at->text, record.value);
        at->partition = record.partition;
        at->offset = record.offset;
        /* A tombstone says nothing. */
        if (record.value.len > 0 && !at->topic.full && !at->text.full)
            state->n_queued++;
    }
}

/* One that leaves no room for what is decided beside it could not be read
 * back from the journal. */
static bool
read_incident(struct respond_state *state, const struct queued *queued,
              struct arena *scratch, struct incident *incident)
{
    struct err why;
    return queued->text.len <= MAX_MESSAGE_BYTES - ROOM_FOR_DECISION &&
           incident_read(state->json_incident, buf_str(&queued->text), scratch,
                         incident, &why) &&
           tickets_can_take(incident);
}

/* Decides on one record; false: it must wait for the next round. */
static bool
decide(struct respond_state *state, const struct queued *queued,
       const struct sink *sink)
{
    const struct respond_plan *plan = state->respond->plan;
    struct arena scratch = state->scratch;
    struct journal_record record = {.type = JOURNAL_TAKE};
    struct incident *incident = arena_take(&scratch, 1, sizeof *incident);
    if (!incident || !read_incident(state, queued, &scratch, incident))
        return true; /* dropped when it is at the head of the queue */
    switch (triage_decide(state->round, plan->triage(plan->context), incident,
                          state->now_ms, &scratch, &record.take)) {
    case TRIAGE_KNOWN:
        return true;
    case TRIAGE_LATER:
        return false;
    case TRIAGE_TAKE:
        break;
    }
    record.take.incident = buf_str(&queued->text);
    record.take.topic = buf_str(&queued->topic);
    record.take.partition = queued->partition;
    record.take.offset = queued->offset;
    act_append(state, &record, NULL, 0, sink);
    return true;
}

/* What is decided leaves the queue when it is known to have been taken: a
 * decision that turns out stale is found undecided here the next time. */
static void
drop_taken(struct respond_state *state)
{
    while (state->n_queued > 0) {
        struct arena scratch = state->scratch;
        struct incident *incident = arena_take(&scratch, 1, sizeof *incident);
        struct known known;
        bool readable = incident && read_incident(state, queue_at(state, 0),
                                                  &scratch, incident);
        if (readable && (!tickets_known(state->tickets, incident->id, &known) ||
                         known.revision < incident->revision))
            return;
        state->n_unreadable += !readable;
        state->queue_from = (state->queue_from + 1) % MAX_QUEUED_INCIDENTS;
        state->n_queued--;
    }
}

static void
act_incidents(struct respond_state *state, const struct sink *sink)
{
    drop_taken(state);
    fill_queue(state);
    for (size_t i = 0; i < state->n_queued; i++)
        if (!decide(state, queue_at(state, i), sink))
            break;
}

/* --- floor incidents whose time to find a ticket is over */

static void
act_held(struct respond_state *state, const struct sink *sink)
{
    struct tickets *tickets = state->tickets;
    struct queued queued = {.partition = 0};
    uint32_t n = tickets_n_records(tickets, TABLE_HELD);
    bool go_on = true;
    for (uint32_t i = 0; i < n && go_on; i++) {
        struct arena scratch = state->scratch;
        struct journal_record held;
        if (!tickets_record(tickets, TABLE_HELD, i, &scratch, &held) ||
            held.take.hold_until_ms > state->now_ms)
            continue;
        buf_clear(&queued.topic);
        buf_clear(&queued.text);
        buf_add(&queued.topic, held.take.topic);
        buf_add(&queued.text, held.take.incident);
        queued.partition = held.take.partition;
        queued.offset = held.take.offset;
        go_on = decide(state, &queued, sink);
    }
    buf_free(&queued.topic);
    buf_free(&queued.text);
}

/* --- the turn */

/* A name for this life of the state, drawn from what nobody else has: where
 * the journal stood, and when. */
static void
begin_life(struct respond_state *state)
{
    char text[64];
    int len =
        snprintf(text, sizeof text, "%" PRId64 "/%" PRIu64 "/%p", state->now_ms,
                 tickets_basis(state->tickets), (const void *)state);
    struct digest digest = hash_digest((struct str){text, (size_t)len});
    snprintf(state->life, sizeof state->life, "%08" PRIx64,
             digest.half[0] & 0xffffffff);
}

void
respond_act(void *context, int64_t now_ms, const struct sink *sink)
{
    struct respond_state *state = context;
    const struct incident_feed *feed = &state->respond->plan->incidents;
    state->now_ms = now_ms;
    if (state->partition != 0 || state->n_back < state->n_sent)
        return;
    if (!state->life[0])
        begin_life(state);
    if (!state->sought)
        state->sought = feed->seek(feed->context, read_from, state);
    triage_round_begin(state->round);
    act_held(state, sink);
    if (state->sought)
        act_incidents(state, sink);
    triage_round_end(state->round);
    if (state->respond->plan->people)
        act_people(state, sink);
    act_evidence(state, sink);
}
