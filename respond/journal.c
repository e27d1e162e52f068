/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of what stands on soc.journal, and writing it. Members that say
 * nothing are left out. */
#include "respond/journal.h"

#include <assert.h>

static bool
find(struct str id, const struct str *ids, size_t n, size_t *found)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(id, ids[i])) {
            *found = i;
            return true;
        }
    }
    return false;
}

#define X(name, id) {id, sizeof(id) - 1},
static const struct str types[] = {JOURNAL_TYPES(X)};
static const struct str decisions[] = {DECISIONS(X)};
static const struct str verbs[] = {ACT_VERBS(X)};
static const struct str kinds[] = {MESSAGE_KINDS(X)};
#undef X

/* The name at a place of a list. */
static struct str
name_at(const struct str *ids, size_t n, unsigned place)
{
    assert(place < n);
    return ids[place];
}

#define N(list) (sizeof(list) / sizeof *(list))

static struct str
journal_type_id(enum journal_type value)
{
    return name_at(types, N(types), value);
}

bool
journal_type_from(struct str id, enum journal_type *value)
{
    size_t place;
    bool found = find(id, types, N(types), &place);
    if (found)
        *value = (enum journal_type)place;
    return found;
}

static struct str
decision_id(enum decision value)
{
    return name_at(decisions, N(decisions), value);
}

bool
decision_from(struct str id, enum decision *value)
{
    size_t place;
    bool found = find(id, decisions, N(decisions), &place);
    if (found)
        *value = (enum decision)place;
    return found;
}

static struct str
act_verb_id(enum act_verb value)
{
    return name_at(verbs, N(verbs), value);
}

bool
act_verb_from(struct str id, enum act_verb *value)
{
    size_t place;
    bool found = find(id, verbs, N(verbs), &place);
    if (found)
        *value = (enum act_verb)place;
    return found;
}

struct str
message_kind_id(enum message_kind value)
{
    return name_at(kinds, N(kinds), value);
}

bool
message_kind_from(struct str id, enum message_kind *value)
{
    size_t place;
    bool found = find(id, kinds, N(kinds), &place);
    if (found)
        *value = (enum message_kind)place;
    return found;
}

static void
text(struct buf *buf, const char *key, struct str value)
{
    if (value.len == 0)
        return;
    buf_format(buf, ",\"%s\":", key);
    buf_json(buf, value);
}

static void
number(struct buf *buf, const char *key, int64_t value)
{
    buf_format(buf, ",\"%s\":", key);
    buf_i64(buf, value);
}

static void
flag(struct buf *buf, const char *key, bool value)
{
    if (value)
        buf_format(buf, ",\"%s\":true", key);
}

static void
texts(struct buf *buf, const char *key, const struct str *at, size_t n)
{
    if (n == 0)
        return;
    buf_format(buf, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, at[i]);
    }
    buf_char(buf, ']');
}

static void
positions(struct buf *buf, const struct position *at, size_t n)
{
    buf_add(buf, STR(",\"positions\":["));
    for (size_t i = 0; i < n; i++) {
        buf_add(buf, i > 0 ? STR(",\"") : STR("\""));
        buf_position(buf, &at[i]);
        buf_char(buf, '"');
    }
    buf_char(buf, ']');
}

static void
write_take(struct buf *buf, const struct journal_take *take)
{
    buf_add(buf, STR(",\"incident\":"));
    buf_add(buf, take->incident);
    text(buf, "decision", decision_id(take->decision));
    number(buf, "basis", (int64_t)take->basis);
    text(buf, "into", take->into);
    texts(buf, "merged", take->merged, take->n_merged);
    text(buf, "because", take->because);
    number(buf, "priority", take->priority);
    flag(buf, "quiet", take->quiet);
    text(buf, "skill", take->skill);
    if (take->decision == DECIDED_HOLD)
        number(buf, "hold_until_ms", take->hold_until_ms);
    text(buf, "topic", take->topic);
    number(buf, "partition", take->partition);
    number(buf, "offset", take->offset);
}

static void
write_fields(struct buf *buf, const struct str field[N_TICKET_FIELDS])
{
    bool any = false;
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++) {
        if (!field[i].at)
            continue;
        buf_add(buf, any ? STR(",") : STR(",\"fields\":{"));
        buf_json(buf, ticket_field_id((enum ticket_field)i));
        buf_char(buf, ':');
        buf_json(buf, field[i]);
        any = true;
    }
    if (any)
        buf_char(buf, '}');
}

static void
write_act(struct buf *buf, const struct journal_act *act)
{
    text(buf, "verb", act_verb_id(act->verb));
    texts(buf, "tickets", act->ticket, act->n_tickets);
    text(buf, "code", act->code);
    text(buf, "how", act->how);
    if (act->seen > 0)
        number(buf, "seen", (int64_t)act->seen);
    text(buf, "to", act->to);
    text(buf, "text", act->text);
    if (act->verdict != VERDICT_NONE)
        text(buf, "verdict", ticket_verdict_id(act->verdict));
    write_fields(buf, act->field);
}

static void
write_escalate(struct buf *buf, const struct journal_escalate *escalate)
{
    text(buf, "ticket", escalate->ticket);
    number(buf, "step", escalate->step);
    texts(buf, "people", escalate->person, escalate->n_people);
    text(buf, "because", escalate->because);
}

static void
write_send(struct buf *buf, const struct journal_send *send)
{
    text(buf, "message", send->message);
    text(buf, "kind", message_kind_id(send->kind));
    text(buf, "person", send->person);
    text(buf, "channel", send->channel);
    text(buf, "address", send->address);
    texts(buf, "tickets", send->ticket, send->n_tickets);
    text(buf, "code", send->code);
    number(buf, "step", send->step);
    flag(buf, "again", send->again);
}

static void
write_result(struct buf *buf, const struct journal_result *result)
{
    text(buf, "message", result->message);
    flag(buf, "delivered", result->delivered);
    text(buf, "detail", result->detail);
}

static void
write_evidence(struct buf *buf, const struct journal_evidence *evidence)
{
    text(buf, "ticket", evidence->ticket);
    positions(buf, evidence->position, evidence->n);
    buf_add(buf, STR(",\"states\":["));
    for (size_t i = 0; i < evidence->n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, evidence_state_id(evidence->state[i]));
    }
    buf_char(buf, ']');
    text(buf, "detail", evidence->detail);
}

static void
write_silence(struct buf *buf, const struct journal_silence *silence)
{
    text(buf, "id", silence->id);
    flag(buf, "expire", silence->expire);
    text(buf, "reason", silence->reason);
    if (silence->expire)
        return;
    text(buf, "matcher", silence->matcher);
    text(buf, "owner", silence->owner);
    number(buf, "from_ms", silence->from_ms);
    number(buf, "until_ms", silence->until_ms);
    flag(buf, "dry_run", silence->dry_run);
}

static void
write_override(struct buf *buf, const struct journal_override *roster)
{
    text(buf, "id", roster->id);
    flag(buf, "cancel", roster->cancel);
    text(buf, "reason", roster->reason);
    if (roster->cancel)
        return;
    text(buf, "person", roster->person);
    text(buf, "instead", roster->instead);
    text(buf, "shift", roster->shift);
    number(buf, "from_ms", roster->from_ms);
    number(buf, "until_ms", roster->until_ms);
}

static void
write_review(struct buf *buf, const struct journal_review *review)
{
    positions(buf, review->position, review->n);
    text(buf, "verdict", ticket_verdict_id(review->verdict));
    text(buf, "text", review->text);
    text(buf, "checked_with", review->checked_with);
}

static void
write_lease(struct buf *buf, const struct journal_lease *lease)
{
    text(buf, "ticket", lease->ticket);
    number(buf, "worked_ms", lease->worked_ms);
}

void
journal_write(struct buf *buf, const struct journal_record *record)
{
    buf_add(buf, STR("{\"v\":1"));
    text(buf, "type", journal_type_id(record->type));
    number(buf, "at_ms", record->at_ms);
    text(buf, "by", record->by);
    text(buf, "request", record->request);
    switch (record->type) {
    case JOURNAL_TAKE:
        write_take(buf, &record->take);
        break;
    case JOURNAL_ACT:
        write_act(buf, &record->act);
        break;
    case JOURNAL_ESCALATE:
        write_escalate(buf, &record->escalate);
        break;
    case JOURNAL_SEND:
        write_send(buf, &record->send);
        break;
    case JOURNAL_RESULT:
        write_result(buf, &record->result);
        break;
    case JOURNAL_LEASE:
        write_lease(buf, &record->lease);
        break;
    case JOURNAL_EVIDENCE:
        write_evidence(buf, &record->evidence);
        break;
    case JOURNAL_SILENCE:
        write_silence(buf, &record->silence);
        break;
    case JOURNAL_OVERRIDE:
        write_override(buf, &record->roster);
        break;
    case JOURNAL_REVIEW:
        write_review(buf, &record->review);
        break;
    case N_JOURNAL_TYPES:
        assert(false);
    }
    buf_char(buf, '}');
}
