/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads records of soc.journal, strictly. The journal is read again from its
 * beginning when everything else is lost, so what was once taken must be read
 * for ever, and what is no record of ours must never look like one. */
#include "respond/journal.h"

#include "model/members.h"

#define MAX_TIME_MS INT64_C(400000000000000)

struct reading {
    struct members own;
    struct arena *scratch;
    struct err *why;
};

static struct str
name(struct reading *r, const char *key, bool need)
{
    return members_text(&r->own, key, TICKET_MAX_NAME, need);
}

static struct str
text(struct reading *r, const char *key)
{
    return members_text(&r->own, key, TICKET_MAX_TEXT, false);
}

static int64_t
moment(struct reading *r, const char *key)
{
    return members_i64(&r->own, key, -MAX_TIME_MS, MAX_TIME_MS, MEMBER_NEEDED);
}

/* A name without blanks, as ids of records are. */
static struct str
word(struct reading *r, const char *key, bool need)
{
    struct str text = name(r, key, need);
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] <= ' ')
            members_wrong(&r->own, key, "holds a blank");
    return text;
}

/* In its one spelling. */
static bool
is_ticket_id(struct str text)
{
    char id[TICKET_ID_LEN];
    return ticket_id_from(text, id) &&
           str_equal(text, (struct str){id, sizeof id});
}

static const struct str *
ticket_ids(struct reading *r, const char *key, size_t *n)
{
    struct str *ids = members_texts(&r->own, key, JOURNAL_MAX_TICKETS,
                                    TICKET_MAX_NAME, r->scratch, n);
    for (size_t i = 0; i < *n; i++)
        if (!is_ticket_id(ids[i]))
            members_wrong(&r->own, key, "holds what is no ticket id");
    return ids;
}

static struct str
ticket_id(struct reading *r, const char *key, bool need)
{
    struct str id = name(r, key, need);
    if (id.len > 0 && !is_ticket_id(id))
        members_wrong(&r->own, key, "no ticket id");
    return id;
}

static const struct position *
positions(struct reading *r, size_t *n)
{
    struct str *texts =
        members_texts(&r->own, "positions", JOURNAL_MAX_EVIDENCE,
                      TICKET_MAX_NAME, r->scratch, n);
    struct position *at = arena_take(r->scratch, *n + 1, sizeof *at);
    for (size_t i = 0; at && i < *n; i++)
        if (!position_from(texts[i], &at[i]))
            members_wrong(&r->own, "positions", "holds what is no position");
    if (!at || *n == 0)
        members_wrong(&r->own, "positions", "none");
    return at;
}

static enum ticket_verdict
verdict(struct reading *r)
{
    enum ticket_verdict verdict = VERDICT_NONE;
    struct str id = name(r, "verdict", false);
    if (id.len > 0 && !ticket_verdict_from(id, &verdict))
        members_wrong(&r->own, "verdict", "no such verdict");
    return verdict;
}

static void
read_take(struct reading *r, struct journal_take *take)
{
    const struct json *incident = members_get(&r->own, "incident");
    if (!incident || incident->type != JSON_OBJECT)
        members_wrong(&r->own, "incident", "missing, or no object");
    else
        take->incident = incident->text;
    if (!decision_from(name(r, "decision", true), &take->decision))
        members_wrong(&r->own, "decision", "no such decision");
    take->basis =
        (uint64_t)members_i64(&r->own, "basis", 0, INT64_MAX, MEMBER_NEEDED);
    take->into = ticket_id(r, "into", false);
    take->merged = ticket_ids(r, "merged", &take->n_merged);
    if (take->n_merged > 0 && take->decision != DECIDED_GROUP)
        members_wrong(&r->own, "merged", "does not go with the decision");
    take->because = word(r, "because", false);
    take->priority = (int)members_i64(&r->own, "priority", 1, 4, MEMBER_NEEDED);
    take->quiet = members_flag(&r->own, "quiet");
    take->skill = name(r, "skill", false);
    if (take->decision == DECIDED_HOLD)
        take->hold_until_ms = moment(r, "hold_until_ms");
    bool wants_into =
        take->decision == DECIDED_GROUP || take->decision == DECIDED_INHIBIT;
    if (wants_into != (take->into.len > 0))
        members_wrong(&r->own, "into", "does not go with the decision");
    take->topic = word(r, "topic", true);
    take->partition =
        (int32_t)members_i64(&r->own, "partition", 0, INT32_MAX, MEMBER_NEEDED);
    take->offset = members_i64(&r->own, "offset", 0, INT64_MAX, MEMBER_NEEDED);
}

static void
read_fields(struct reading *r, struct journal_act *act)
{
    const struct json *node = members_get(&r->own, "fields");
    if (!node)
        return;
    struct members part = members_of(node, r->why);
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++) {
        const char *key = ticket_field_id((enum ticket_field)i).at;
        if (part.object && json_get(part.object, str_of(key)))
            act->field[i] = members_text(&part, key, TICKET_MAX_TEXT, true);
    }
    if (!members_end(&part))
        r->own.object = NULL;
}

static void
read_act(struct reading *r, struct journal_act *act)
{
    if (!act_verb_from(name(r, "verb", true), &act->verb))
        members_wrong(&r->own, "verb", "no such verb");
    act->ticket = ticket_ids(r, "tickets", &act->n_tickets);
    act->code = name(r, "code", false);
    act->how = name(r, "how", false);
    act->seen = (uint64_t)members_i64(&r->own, "seen", 1, INT64_MAX, 0);
    act->to = name(r, "to", false);
    act->text = text(r, "text");
    act->verdict = verdict(r);
    read_fields(r, act);
    if ((act->n_tickets == 0) != (act->code.len > 0))
        members_wrong(&r->own, "tickets", "name them, or a code");
    if (act->code.len > 0 && act->verb != ACT_ACK)
        members_wrong(&r->own, "code", "acknowledges, nothing else");
}

static void
read_escalate(struct reading *r, struct journal_escalate *escalate)
{
    escalate->ticket = ticket_id(r, "ticket", true);
    escalate->step =
        (int)members_i64(&r->own, "step", 1, INT32_MAX, MEMBER_NEEDED);
    escalate->person =
        members_texts(&r->own, "people", JOURNAL_MAX_PEOPLE, TICKET_MAX_NAME,
                      r->scratch, &escalate->n_people);
    escalate->because = name(r, "because", false);
}

static void
read_send(struct reading *r, struct journal_send *send)
{
    send->message = word(r, "message", true);
    if (!message_kind_from(name(r, "kind", true), &send->kind))
        members_wrong(&r->own, "kind", "no such kind of message");
    send->person = name(r, "person", true);
    send->channel = name(r, "channel", true);
    send->address = name(r, "address", false);
    send->ticket = ticket_ids(r, "tickets", &send->n_tickets);
    send->code = name(r, "code", false);
    send->step = (int)members_i64(&r->own, "step", 0, INT32_MAX, 0);
    send->again = members_flag(&r->own, "again");
}

static void
read_result(struct reading *r, struct journal_result *result)
{
    result->message = name(r, "message", true);
    result->delivered = members_flag(&r->own, "delivered");
    result->detail = text(r, "detail");
}

static void
read_lease(struct reading *r, struct journal_lease *lease)
{
    lease->ticket = ticket_id(r, "ticket", true);
    lease->worked_ms = moment(r, "worked_ms");
}

static void
read_evidence(struct reading *r, struct journal_evidence *evidence)
{
    size_t n;
    evidence->ticket = ticket_id(r, "ticket", true);
    evidence->position = positions(r, &evidence->n);
    struct str *ids = members_texts(&r->own, "states", JOURNAL_MAX_EVIDENCE,
                                    TICKET_MAX_NAME, r->scratch, &n);
    enum evidence_state *states = arena_take(r->scratch, n + 1, sizeof *states);
    for (size_t i = 0; states && i < n; i++)
        if (!evidence_state_from(ids[i], &states[i]))
            members_wrong(&r->own, "states", "holds no state of evidence");
    if (!states || n != evidence->n)
        members_wrong(&r->own, "states", "not one for each position");
    evidence->state = states;
    evidence->detail = text(r, "detail");
}

static void
read_silence(struct reading *r, struct journal_silence *silence)
{
    silence->id = word(r, "id", true);
    silence->expire = members_flag(&r->own, "expire");
    silence->reason = text(r, "reason");
    if (silence->expire)
        return;
    silence->matcher = members_text(&r->own, "matcher", TICKET_MAX_TEXT, true);
    silence->owner = name(r, "owner", true);
    silence->from_ms = moment(r, "from_ms");
    silence->until_ms = moment(r, "until_ms");
    silence->dry_run = members_flag(&r->own, "dry_run");
}

static void
read_override(struct reading *r, struct journal_override *roster)
{
    roster->id = word(r, "id", true);
    roster->cancel = members_flag(&r->own, "cancel");
    roster->reason = text(r, "reason");
    if (roster->cancel)
        return;
    roster->person = name(r, "person", false);
    roster->instead = name(r, "instead", false);
    roster->shift = name(r, "shift", false);
    roster->from_ms = moment(r, "from_ms");
    roster->until_ms = moment(r, "until_ms");
}

static void
read_review(struct reading *r, struct journal_review *review)
{
    review->position = positions(r, &review->n);
    review->verdict = verdict(r);
    review->text = text(r, "text");
    review->checked_with = name(r, "checked_with", false);
}

static void
read_body(struct reading *r, struct journal_record *record)
{
    switch (record->type) {
    case JOURNAL_TAKE:
        read_take(r, &record->take);
        break;
    case JOURNAL_ACT:
        read_act(r, &record->act);
        break;
    case JOURNAL_ESCALATE:
        read_escalate(r, &record->escalate);
        break;
    case JOURNAL_SEND:
        read_send(r, &record->send);
        break;
    case JOURNAL_RESULT:
        read_result(r, &record->result);
        break;
    case JOURNAL_LEASE:
        read_lease(r, &record->lease);
        break;
    case JOURNAL_EVIDENCE:
        read_evidence(r, &record->evidence);
        break;
    case JOURNAL_SILENCE:
        read_silence(r, &record->silence);
        break;
    case JOURNAL_OVERRIDE:
        read_override(r, &record->roster);
        break;
    case JOURNAL_REVIEW:
        read_review(r, &record->review);
        break;
    case N_JOURNAL_TYPES:
        break;
    }
}

bool
journal_read(const struct json *root, struct arena *scratch,
             struct journal_record *record, struct err *why)
{
    *record = (struct journal_record){0};
    struct reading r = {members_of(root, why), scratch, why};
    members_i64(&r.own, "v", 1, 1, MEMBER_NEEDED);
    if (!journal_type_from(name(&r, "type", true), &record->type))
        members_wrong(&r.own, "type", "no such record");
    record->at_ms = moment(&r, "at_ms");
    record->by = name(&r, "by", false);
    record->request = name(&r, "request", false);
    if (r.own.object)
        read_body(&r, record);
    return members_end(&r.own);
}
