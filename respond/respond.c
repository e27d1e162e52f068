/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of soc.journal and what one record does to it. Everything is the
 * fold's (tickets.h); here its results become outputs: each changed ticket on
 * soc.tickets, evidence and reviews on their topics, acknowledged before the
 * commit that moves past the record. */
#include "respond_priv.h"

#include "base/times.h"
#include "model/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct respond *
respond_new(const struct respond_plan *plan)
{
    struct respond *respond = calloc(1, sizeof *respond);
    if (respond)
        respond->plan = plan;
    return respond;
}

void
respond_free(struct respond *respond)
{
    free(respond);
}

static void
state_free(void *context)
{
    struct respond_state *state = context;
    for (size_t i = 0; state->queue && i < MAX_QUEUED_INCIDENTS; i++) {
        buf_free(&state->queue[i].topic);
        buf_free(&state->queue[i].text);
    }
    free(state->queue);
    triage_round_free(state->round);
    tickets_free(state->tickets);
    json_reader_free(state->json);
    json_reader_free(state->json_incident);
    if (state->handed)
        table_free(state->handed);
    if (state->heard)
        table_free(state->heard);
    if (state->start)
        arena_release(state->start, state->scratch);
    buf_free(&state->text);
    free(state);
}

static void *
state_new(void *stage, struct str topic, int32_t partition)
{
    (void)topic;
    struct respond_state *state = calloc(1, sizeof *state);
    if (!state)
        return NULL;
    state->respond = stage;
    state->partition = (uint64_t)partition;
    state->tickets = tickets_new();
    state->round = state->tickets ? triage_round_new(state->tickets) : NULL;
    state->json = json_reader_new();
    state->json_incident = json_reader_new();
    state->handed = table_new(MAX_TICKETS_KEPT);
    state->heard = table_new(ROSTER_MAX_MEMBERS);
    state->changed = true;
    state->queue = calloc(MAX_QUEUED_INCIDENTS, sizeof *state->queue);
    state->scratch = arena_reserve(SCRATCH_BYTES);
    state->start = state->scratch.at;
    if (!state->round || !state->json || !state->json_incident ||
        !state->handed || !state->heard || !state->queue || !state->start) {
        state_free(state);
        return NULL;
    }
    return state;
}

static bool
state_load(void *context, size_t table, struct str field, struct str value,
           struct err *why)
{
    struct respond_state *state = context;
    return tickets_load(state->tickets, table, field, value, why);
}

static void
state_save(void *context, bool whole, const struct emit *emit)
{
    struct respond_state *state = context;
    tickets_save(state->tickets, whole, emit);
}

/* --- outputs */

static void
send_tickets(struct respond_state *state, const struct sink *sink)
{
    struct tickets *tickets = state->tickets;
    for (size_t i = 0; i < tickets_changed(tickets); i++) {
        struct str id = tickets_changed_id(tickets, i);
        struct output output = {
            .topic = state->respond->plan->tickets_topic,
            .partition = PARTITION_BY_KEY,
            .key = id,
            .value = tickets_text(tickets, id),
        };
        sink->send(sink->context, &output, false);
    }
}

static void
send_under_position(struct respond_state *state, struct str topic,
                    const struct position *position, struct str value,
                    const struct sink *sink)
{
    char room[512];
    struct buf key = {.at = room, .cap = sizeof room, .max_bytes = sizeof room};
    (void)state;
    buf_position(&key, position);
    if (key.full)
        return; /* a topic's name is at most 249 bytes */
    struct output output = {
        .topic = topic,
        .partition = PARTITION_BY_KEY,
        .key = buf_str(&key),
        .value = value,
    };
    sink->send(sink->context, &output, false);
}

static void
send_evidence(struct respond_state *state, const struct record *record,
              const struct journal_evidence *evidence, const struct sink *sink)
{
    struct str bytes = record_header(record, STR("bytes"));
    if (evidence->n == 1 && evidence->state[0] == EVIDENCE_KEPT && bytes.at)
        send_under_position(state, state->respond->plan->evidence_topic,
                            &evidence->position[0], bytes, sink);
}

static void
send_reviews(struct respond_state *state, const struct record *record,
             const struct journal_review *review, const struct sink *sink)
{
    for (size_t i = 0; i < review->n; i++)
        send_under_position(state, state->respond->plan->reviews_topic,
                            &review->position[i], record->value, sink);
}

/* --- one record */

/* One of those that act has sent in this life is back. */
static void
count_back(struct respond_state *state, struct str request)
{
    if (state->life[0] && str_starts(request, str_of(state->life)))
        state->n_back++;
}

static enum fate
apply(void *context, const struct record *record, uint32_t incarnation,
      const struct sink *sink, struct err *why)
{
    struct respond_state *state = context;
    struct arena scratch = state->scratch;
    struct journal_record journal;
    const struct json *root;
    struct err wrong = {"not JSON"};
    (void)incarnation;
    if (json_read(state->json, record->value, &scratch, &root) != JSON_FINE ||
        !journal_read(root, &scratch, &journal, &wrong)) {
        state->n_foreign++;
        state->last_foreign = wrong;
        return DONE;
    }
    count_back(state, journal.request);
    enum fold_outcome outcome = tickets_fold(state->tickets, &journal, why);
    state->outcome[outcome]++;
    if (outcome == FOLD_BROKEN)
        return FATAL;
    if (outcome == FOLDED)
        people_note(state, &journal);
    send_tickets(state, sink);
    if (journal.type == JOURNAL_EVIDENCE && outcome == FOLDED)
        send_evidence(state, record, &journal.evidence, sink);
    if (journal.type == JOURNAL_REVIEW && outcome == FOLDED)
        send_reviews(state, record, &journal.review, sink);
    return DONE;
}

static int64_t
watermark_ms(const void *context)
{
    (void)context;
    return NO_TIME;
}

static void
status(const void *context, struct buf *json)
{
    const struct respond_state *state = context;
    size_t open = 0;
    for (uint32_t i = 0; i < tickets_len(state->tickets); i++) {
        const struct ticket_brief *brief = tickets_brief(state->tickets, i);
        open += brief->state < TICKET_RESOLVED && !brief->merged;
    }
    buf_format(json, "\"tickets\":%u,\"open\":%zu,\"queued\":%zu,",
               tickets_len(state->tickets), open, state->n_queued);
    buf_format(json, "\"unreadable_incidents\":%llu,\"foreign\":%llu",
               (unsigned long long)state->n_unreadable,
               (unsigned long long)state->n_foreign);
    buf_add(json, STR(",\"messages\":["));
    for (int i = 0; i < N_CHANNELS; i++) {
        buf_add(json, i > 0 ? STR(",{\"channel\":") : STR("{\"channel\":"));
        buf_json(json, channel_id((enum channel)i));
        buf_format(json, ",\"delivered\":%llu,\"failed\":%llu}",
                   (unsigned long long)state->delivered[i],
                   (unsigned long long)state->undeliverable[i]);
    }
    buf_char(json, ']');
    if (state->n_foreign > 0) {
        buf_add(json, STR(",\"last_foreign\":"));
        buf_json(json, str_of(state->last_foreign.text));
    }
    for (unsigned i = 0; i < N_FOLD_OUTCOMES; i++) {
        buf_char(json, ',');
        buf_json(json, fold_outcome_id((enum fold_outcome)i));
        buf_char(json, ':');
        buf_u64(json, state->outcome[i]);
    }
}

const struct stage_ops *
respond_ops(void)
{
    static const struct stage_ops ops = {
        .name = {"respond", 7},
        .tables = {{
#define X(name, id) id,
                       TICKETS_TABLES(X)
#undef X
                   },
                   N_TICKETS_TABLES},
        .state_new = state_new,
        .state_free = state_free,
        .state_load = state_load,
        .state_save = state_save,
        .apply = apply,
        .watermark_ms = watermark_ms,
        .act = respond_act,
        .status = status,
    };
    return &ops;
}
