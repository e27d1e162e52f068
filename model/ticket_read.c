/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a ticket back from unmapped.ticket, strictly: what ticket_write would
 * not have written is refused by name. The rest of the record repeats the same
 * in the words of OCSF and is for others. */
#include "model/ticket.h"

#include "base/times.h"
#include "model/members.h"

#define MAX_TIME_MS INT64_C(400000000000000)

struct reading {
    struct members own; /* of unmapped.ticket */
    struct arena *arena;
    struct ticket *ticket;
    struct err *why;
};

static int64_t
moment(struct members *members, const char *key, bool need)
{
    return members_i64(members, key, -MAX_TIME_MS, MAX_TIME_MS,
                       need ? MEMBER_NEEDED : NO_TIME);
}

static uint64_t
count(struct members *members, const char *key, bool need)
{
    return (uint64_t)members_i64(members, key, 0, INT64_MAX,
                                 need ? MEMBER_NEEDED : 0);
}

static struct str
name(struct members *members, const char *key, bool need)
{
    return members_text(members, key, TICKET_MAX_NAME, need);
}

static enum severity
severity(struct members *members)
{
    enum severity severity = SEVERITY_UNKNOWN;
    struct str id = name(members, "severity", true);
    if (members->object && (!severity_from(id, &severity) ||
                            !str_equal(id, severity_id(severity))))
        members_wrong(members, "severity", "no severity");
    return severity;
}

/* A member that is an object of its own: `part` reads it to its end. False:
 * it is not there, or nothing is right any more. */
static bool
part_of(struct reading *r, const char *key, struct members *part)
{
    const struct json *node = members_get(&r->own, key);
    if (!node)
        return false;
    *part = members_of(node, r->why);
    if (!part->object)
        r->own.object = NULL;
    return part->object != NULL;
}

static void
end_part(struct reading *r, struct members *part)
{
    if (!members_end(part))
        r->own.object = NULL;
}

static struct both
both(struct reading *r, const char *key)
{
    struct both words = {STR(""), STR("")};
    struct members part;
    if (part_of(r, key, &part)) {
        words.vi = members_text(&part, "vi", TICKET_MAX_TEXT, true);
        words.en = members_text(&part, "en", TICKET_MAX_TEXT, true);
        end_part(r, &part);
    }
    return words;
}

static void
names(struct reading *r, const char *key, struct ticket_names *names)
{
    struct members part;
    if (!part_of(r, key, &part))
        return;
    names->at = members_texts(&part, "names", TICKET_MAX_ENTITIES,
                              TICKET_MAX_NAME, r->arena, &names->n);
    names->n_more = count(&part, "more", false);
    end_part(r, &part);
}

/* The array `key` and room for its elements of `size` bytes. */
static const struct json *
list(struct reading *r, const char *key, size_t max, size_t size, void **room,
     size_t *n)
{
    const struct json *node = members_list(&r->own, key, max, n);
    *room = arena_take(r->arena, *n + 1, size);
    if (!*room) {
        members_wrong(&r->own, key, "out of memory");
        *n = 0;
    }
    return node;
}

static void
read_key(struct reading *r)
{
    void *room;
    size_t n;
    const struct json *node =
        list(r, "key", TICKET_MAX_KEY, sizeof(struct ticket_pair), &room, &n);
    r->ticket->key = room;
    for (size_t i = 0; i < n && r->own.object; i++, node = json_next(node)) {
        struct members part = members_of(node, r->why);
        r->ticket->key[i].name = name(&part, "name", true);
        r->ticket->key[i].value = name(&part, "value", true);
        end_part(r, &part);
    }
    r->ticket->n_key = n;
}

static void
read_incidents(struct reading *r)
{
    void *room;
    size_t n;
    const struct json *node = list(r, "incidents", TICKET_MAX_INCIDENTS,
                                   sizeof(struct ticket_incident), &room, &n);
    r->ticket->incident = room;
    for (size_t i = 0; i < n && r->own.object; i++, node = json_next(node)) {
        struct ticket_incident *incident = &r->ticket->incident[i];
        struct members part = members_of(node, r->why);
        incident->id = name(&part, "id", true);
        incident->rule = name(&part, "rule", false);
        incident->window = name(&part, "window", false);
        incident->revision = count(&part, "revision", true);
        incident->count = count(&part, "count", true);
        incident->fired_ms = moment(&part, "fired_ms", true);
        incident->first_ms = moment(&part, "first_ms", true);
        incident->last_ms = moment(&part, "last_ms", true);
        incident->severity = severity(&part);
        incident->floor = members_flag(&part, "floor");
        incident->closed = members_flag(&part, "closed");
        end_part(r, &part);
    }
    r->ticket->n_listed = n;
}

static void
read_told(struct reading *r)
{
    void *room;
    size_t n;
    const struct json *node =
        list(r, "told", TICKET_MAX_TOLD, sizeof(struct ticket_told), &room, &n);
    r->ticket->told = room;
    for (size_t i = 0; i < n && r->own.object; i++, node = json_next(node)) {
        struct ticket_told *told = &r->ticket->told[i];
        struct members part = members_of(node, r->why);
        told->person = name(&part, "person", true);
        told->channel = name(&part, "channel", false);
        told->message = name(&part, "message", false);
        told->at_ms = moment(&part, "at_ms", true);
        told->step = (int)members_i64(&part, "step", 0, INT32_MAX, 0);
        told->failed = members_flag(&part, "failed");
        told->delivered = members_flag(&part, "delivered");
        told->released = members_flag(&part, "released");
        end_part(r, &part);
    }
    r->ticket->n_told = n;
}

static void
read_evidence(struct reading *r)
{
    void *room;
    size_t n;
    const struct json *node = list(r, "evidence", TICKET_MAX_EVIDENCE,
                                   sizeof(struct ticket_evidence), &room, &n);
    r->ticket->evidence = room;
    for (size_t i = 0; i < n && r->own.object; i++, node = json_next(node)) {
        struct ticket_evidence *evidence = &r->ticket->evidence[i];
        struct members part = members_of(node, r->why);
        if (!kind_from(name(&part, "kind", true), &evidence->kind))
            members_wrong(&part, "kind", "no kind");
        if (!position_from(name(&part, "position", true), &evidence->position))
            members_wrong(&part, "position", "no position");
        evidence->alert_id = name(&part, "alert_id", false);
        evidence->rule_name = name(&part, "rule_name", false);
        evidence->source = name(&part, "source", false);
        evidence->event_ms = moment(&part, "event_ms", true);
        if (!evidence_state_from(name(&part, "state", true), &evidence->state))
            members_wrong(&part, "state", "no such state");
        end_part(r, &part);
    }
    r->ticket->n_evidence = n;
}

static void
read_timeline(struct reading *r)
{
    void *room;
    size_t n;
    const struct json *node = list(r, "timeline", TICKET_MAX_TIMELINE,
                                   sizeof(struct ticket_event), &room, &n);
    r->ticket->timeline = room;
    for (size_t i = 0; i < n && r->own.object; i++, node = json_next(node)) {
        struct ticket_event *event = &r->ticket->timeline[i];
        struct members part = members_of(node, r->why);
        if (!ticket_event_from(name(&part, "what", true), &event->kind))
            members_wrong(&part, "what", "no such event");
        event->at_ms = moment(&part, "at_ms", true);
        event->by = name(&part, "by", false);
        event->to = members_text(&part, "to", TICKET_MAX_TEXT, false);
        event->detail = members_text(&part, "detail", TICKET_MAX_TEXT, false);
        event->n = count(&part, "n", false);
        end_part(r, &part);
    }
    r->ticket->n_timeline = n;
}

static void
read_fields(struct reading *r)
{
    struct members part;
    if (!part_of(r, "fields", &part))
        return;
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++)
        r->ticket->field[i] =
            members_text(&part, ticket_field_id((enum ticket_field)i).at,
                         TICKET_MAX_TEXT, false);
    end_part(r, &part);
}

static void
read_kinds(struct reading *r)
{
    size_t n;
    struct str *ids =
        members_texts(&r->own, "kinds", N_KINDS, TICKET_MAX_NAME, r->arena, &n);
    for (size_t i = 0; i < n; i++) {
        enum kind kind;
        if (!kind_from(ids[i], &kind) || r->ticket->kinds & 1u << kind)
            members_wrong(&r->own, "kinds", "no kind, or one twice");
        else
            r->ticket->kinds |= 1u << kind;
    }
}

static void
read_what(struct reading *r)
{
    struct members *own = &r->own;
    struct ticket *ticket = r->ticket;
    char id[TICKET_ID_LEN];
    ticket->id = name(own, "id", true);
    if (own->object && (!ticket_id_from(ticket->id, id) ||
                        !str_equal(ticket->id, (struct str){id, sizeof id})))
        members_wrong(own, "id", "no ticket id");
    ticket->revision =
        (uint64_t)members_i64(own, "revision", 1, INT64_MAX, MEMBER_NEEDED);
    if (!ticket_state_from(name(own, "state", true), &ticket->state))
        members_wrong(own, "state", "no such state");
    ticket->severity = severity(own);
    ticket->priority = (int)members_i64(own, "priority", 1, 4, MEMBER_NEEDED);
    if (!ticket_verdict_from(name(own, "verdict", true), &ticket->verdict))
        members_wrong(own, "verdict", "no such verdict");
    ticket->quiet = members_flag(own, "quiet");
    ticket->edited = count(own, "edited", false);
    ticket->turn = count(own, "turn", false);
    ticket->title = both(r, "title");
    ticket->first_step = both(r, "first_step");
    ticket->harmless = both(r, "harmless");
    ticket->rule = name(own, "rule", false);
    read_key(r);
}

static void
read_alerts(struct reading *r)
{
    struct members *own = &r->own;
    struct ticket *ticket = r->ticket;
    ticket->opened_ms = moment(own, "opened_ms", true);
    ticket->changed_ms = moment(own, "changed_ms", true);
    ticket->fired_ms = moment(own, "fired_ms", true);
    ticket->newest_fired_ms = moment(own, "newest_fired_ms", true);
    ticket->reach_ms = members_i64(own, "reach_ms", 0, INT64_MAX, 0);
    ticket->reach_of_site = members_flag(own, "reach_of_site");
    ticket->first_ms = moment(own, "first_ms", true);
    ticket->last_ms = moment(own, "last_ms", true);
    ticket->arrival_ms = moment(own, "arrival_ms", true);
    ticket->count = count(own, "count", true);
    ticket->n_incidents = count(own, "n_incidents", true);
    read_incidents(r);
    names(r, "hosts", &ticket->hosts);
    names(r, "users", &ticket->users);
    names(r, "addresses", &ticket->addresses);
    names(r, "hashes", &ticket->hashes);
    names(r, "units", &ticket->units);
    names(r, "systems", &ticket->systems);
    ticket->level = (int)members_i64(own, "level", 0, 99, MEMBER_NEEDED);
    read_kinds(r);
    ticket->skill = name(own, "skill", false);
    read_evidence(r);
    ticket->n_inhibited = count(own, "n_inhibited", false);
}

static void
read_work(struct reading *r)
{
    struct members *own = &r->own;
    struct ticket *ticket = r->ticket;
    ticket->assignee = name(own, "assignee", false);
    ticket->acked_by = name(own, "acked_by", false);
    ticket->acked_ms = moment(own, "acked_ms", false);
    ticket->worked_ms = moment(own, "worked_ms", false);
    ticket->resolved_ms = moment(own, "resolved_ms", false);
    ticket->closed_ms = moment(own, "closed_ms", false);
    ticket->waiting_for = name(own, "waiting_for", false);
    ticket->merged_into = name(own, "merged_into", false);
    ticket->merged =
        members_texts(own, "merged", TICKET_MAX_MERGED, TICKET_MAX_NAME,
                      r->arena, &ticket->n_merged);
    ticket->step = (int)members_i64(own, "step", 0, INT32_MAX, MEMBER_NEEDED);
    ticket->step_since_ms = moment(own, "step_since_ms", false);
    read_told(r);
    read_fields(r);
}

bool
ticket_read(const struct json *root, struct arena *arena, struct ticket *ticket,
            struct err *why)
{
    *ticket = (struct ticket){0};
    const struct json *class = root ? json_get(root, STR("class_uid")) : NULL;
    const struct json *ours = root ? json_get(root, STR("unmapped")) : NULL;
    ours = ours ? json_get(ours, STR("ticket")) : NULL;
    if (!class || !ours || !str_equal(class->text, STR("2005"))) {
        err_set(why, "not a ticket of ours");
        return false;
    }
    struct reading r = {members_of(ours, why), arena, ticket, why};
    read_what(&r);
    read_alerts(&r);
    read_work(&r);
    read_timeline(&r);
    return members_end(&r.own);
}
