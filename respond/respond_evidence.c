/* SPDX-License-Identifier: Apache-2.0
 *
 * The original bytes of what tickets name as evidence, fetched by position
 * while the log still has them. A few a turn; what cannot be reached now is
 * asked for again, what is gone is said on the timeline. */
#include "respond_priv.h"

#include "model/limits.h"

enum { MAX_FETCHES = 64, MAX_LOOKS = 256 };

/* What came of asking for one. */
struct answer {
    struct str ticket;
    const struct position *position;
    enum evidence_says says;
    struct str bytes;
    struct err why;
};

static void
append(struct respond_state *state, const struct answer *answer,
       const struct sink *sink)
{
    bool found = answer->says == EVIDENCE_FOUND;
    enum evidence_state now = found ? EVIDENCE_KEPT : EVIDENCE_GONE;
    struct journal_record record = {
        .type = JOURNAL_EVIDENCE,
        .evidence = {.ticket = answer->ticket,
                     .position = answer->position,
                     .state = &now,
                     .n = 1,
                     .detail = found ? STR("") : str_of(answer->why.text)},
    };
    struct header header = {STR("bytes"), answer->bytes};
    act_append(state, &record, &header, found, sink);
}

/* How many were asked for. */
static size_t
fetch_for(struct respond_state *state, struct str id, struct buf *bytes,
          const struct sink *sink)
{
    const struct evidence_source *source = &state->respond->plan->evidence;
    struct arena scratch = state->scratch;
    struct ticket ticket;
    size_t n = 0;
    if (!tickets_read(state->tickets, id, &scratch, &ticket))
        return 0;
    for (size_t i = 0; i < ticket.n_evidence; i++) {
        const struct ticket_evidence *evidence = &ticket.evidence[i];
        struct answer answer = {.ticket = ticket.id,
                                .position = &evidence->position,
                                .why = {"it is no longer in the log"}};
        bool again = false;
        /* The same alert may stand under two kinds. */
        for (size_t j = 0; j < i; j++)
            again |= position_compare(&ticket.evidence[j].position,
                                      &evidence->position) == 0;
        if (evidence->state != EVIDENCE_WANTED || again)
            continue;
        buf_clear(bytes);
        answer.says = source->fetch(source->context, &evidence->position, bytes,
                                    &answer.why);
        answer.bytes = buf_str(bytes);
        n++;
        if (answer.says != EVIDENCE_PENDING)
            append(state, &answer, sink);
    }
    return n;
}

void
act_evidence(struct respond_state *state, const struct sink *sink)
{
    struct tickets *tickets = state->tickets;
    uint32_t len = tickets_len(tickets);
    struct buf bytes = {.max_bytes = MAX_MESSAGE_BYTES};
    size_t n = 0;
    for (uint32_t i = 0; i < len && i < MAX_LOOKS && n < MAX_FETCHES; i++) {
        uint32_t number = state->evidence_next++ % len;
        const struct ticket_brief *brief = tickets_brief(tickets, number);
        if (brief->wants_evidence && !brief->merged)
            n += fetch_for(state, tickets_id(tickets, number), &bytes, sink);
    }
    buf_free(&bytes);
}
