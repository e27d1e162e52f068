/* SPDX-License-Identifier: Apache-2.0
 *
 * A ticket as OCSF 1.8.0 Incident Finding (class 2005). What the class has a
 * place for stands there for others; the whole ticket stands once more, in our
 * own words, under unmapped.ticket, which is what ticket_read reads.
 *
 * What must stay true: the same ticket gives the same bytes; nothing outside
 * the schema but under `unmapped`; a member that says nothing is left out. */
#include "model/ticket.h"

#include "base/times.h"

/* `lead` is `,"key":` */
static void
text(struct buf *buf, const char *lead, struct str value)
{
    if (value.len == 0)
        return;
    buf_add(buf, str_of(lead));
    buf_json(buf, value);
}

static void
number(struct buf *buf, const char *lead, int64_t value)
{
    buf_add(buf, str_of(lead));
    buf_i64(buf, value);
}

static void
count(struct buf *buf, const char *lead, uint64_t value)
{
    if (value > 0)
        number(buf, lead, (int64_t)value);
}

static void
moment(struct buf *buf, const char *lead, int64_t ms)
{
    if (ms != NO_TIME)
        number(buf, lead, ms);
}

static void
flag(struct buf *buf, const char *lead, bool value)
{
    if (value) {
        buf_add(buf, str_of(lead));
        buf_add(buf, STR("true"));
    }
}

static void
texts(struct buf *buf, const char *lead, const struct str *at, size_t n)
{
    if (n == 0)
        return;
    buf_add(buf, str_of(lead));
    for (size_t i = 0; i < n; i++) {
        buf_char(buf, i == 0 ? '[' : ',');
        buf_json(buf, at[i]);
    }
    buf_char(buf, ']');
}

static void
both(struct buf *buf, const char *lead, struct both words)
{
    if (words.vi.len + words.en.len == 0)
        return;
    buf_add(buf, str_of(lead));
    buf_add(buf, STR("{\"vi\":"));
    buf_json(buf, words.vi);
    buf_add(buf, STR(",\"en\":"));
    buf_json(buf, words.en);
    buf_char(buf, '}');
}

static void
names(struct buf *buf, const char *key, const struct ticket_names *names)
{
    if (names->n == 0)
        return;
    buf_format(buf, ",\"%s\":{\"names\":[", key);
    for (size_t i = 0; i < names->n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, names->at[i]);
    }
    buf_char(buf, ']');
    count(buf, ",\"more\":", names->n_more);
    buf_char(buf, '}');
}

static void
write_incidents(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR(",\"incidents\":["));
    for (size_t i = 0; i < ticket->n_listed; i++) {
        const struct ticket_incident *incident = &ticket->incident[i];
        text(buf, i > 0 ? ",{\"id\":" : "{\"id\":", incident->id);
        text(buf, ",\"rule\":", incident->rule);
        text(buf, ",\"window\":", incident->window);
        number(buf, ",\"revision\":", (int64_t)incident->revision);
        number(buf, ",\"count\":", (int64_t)incident->count);
        number(buf, ",\"fired_ms\":", incident->fired_ms);
        number(buf, ",\"first_ms\":", incident->first_ms);
        number(buf, ",\"last_ms\":", incident->last_ms);
        text(buf, ",\"severity\":", severity_id(incident->severity));
        flag(buf, ",\"floor\":", incident->floor);
        flag(buf, ",\"closed\":", incident->closed);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

static void
write_evidence(struct buf *buf, const struct ticket *ticket)
{
    if (ticket->n_evidence == 0)
        return;
    buf_add(buf, STR(",\"evidence\":["));
    for (size_t i = 0; i < ticket->n_evidence; i++) {
        const struct ticket_evidence *evidence = &ticket->evidence[i];
        text(buf,
             i > 0 ? ",{\"kind\":" : "{\"kind\":", kind_id(evidence->kind));
        buf_add(buf, STR(",\"position\":\""));
        buf_position(buf, &evidence->position);
        buf_char(buf, '"');
        text(buf, ",\"alert_id\":", evidence->alert_id);
        text(buf, ",\"rule_name\":", evidence->rule_name);
        text(buf, ",\"source\":", evidence->source);
        number(buf, ",\"event_ms\":", evidence->event_ms);
        text(buf, ",\"state\":", evidence_state_id(evidence->state));
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

static void
write_told(struct buf *buf, const struct ticket *ticket)
{
    if (ticket->n_told == 0)
        return;
    buf_add(buf, STR(",\"told\":["));
    for (size_t i = 0; i < ticket->n_told; i++) {
        const struct ticket_told *told = &ticket->told[i];
        text(buf, i > 0 ? ",{\"person\":" : "{\"person\":", told->person);
        text(buf, ",\"channel\":", told->channel);
        text(buf, ",\"message\":", told->message);
        number(buf, ",\"at_ms\":", told->at_ms);
        number(buf, ",\"step\":", told->step);
        flag(buf, ",\"failed\":", told->failed);
        flag(buf, ",\"delivered\":", told->delivered);
        flag(buf, ",\"released\":", told->released);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

static void
write_timeline(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR(",\"timeline\":["));
    for (size_t i = 0; i < ticket->n_timeline; i++) {
        const struct ticket_event *event = &ticket->timeline[i];
        text(buf, i > 0 ? ",{\"what\":" : "{\"what\":",
             ticket_event_id(event->kind));
        number(buf, ",\"at_ms\":", event->at_ms);
        text(buf, ",\"by\":", event->by);
        text(buf, ",\"to\":", event->to);
        text(buf, ",\"detail\":", event->detail);
        count(buf, ",\"n\":", event->n);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

/* A key may have a field of any name, so it is a list, not an object. */
static void
write_key(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR(",\"key\":["));
    for (size_t i = 0; i < ticket->n_key; i++) {
        buf_add(buf, i > 0 ? STR(",{\"name\":") : STR("{\"name\":"));
        buf_json(buf, ticket->key[i].name);
        buf_add(buf, STR(",\"value\":"));
        buf_json(buf, ticket->key[i].value);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

static void
write_work(struct buf *buf, const struct ticket *ticket)
{
    text(buf, ",\"assignee\":", ticket->assignee);
    text(buf, ",\"acked_by\":", ticket->acked_by);
    moment(buf, ",\"acked_ms\":", ticket->acked_ms);
    moment(buf, ",\"worked_ms\":", ticket->worked_ms);
    moment(buf, ",\"resolved_ms\":", ticket->resolved_ms);
    moment(buf, ",\"closed_ms\":", ticket->closed_ms);
    text(buf, ",\"waiting_for\":", ticket->waiting_for);
    text(buf, ",\"merged_into\":", ticket->merged_into);
    texts(buf, ",\"merged\":", ticket->merged, ticket->n_merged);
    number(buf, ",\"step\":", ticket->step);
    moment(buf, ",\"step_since_ms\":", ticket->step_since_ms);
    write_told(buf, ticket);
    bool any = false;
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++) {
        if (ticket->field[i].len == 0)
            continue;
        buf_add(buf, any ? STR(",") : STR(",\"fields\":{"));
        buf_json(buf, ticket_field_id((enum ticket_field)i));
        buf_char(buf, ':');
        buf_json(buf, ticket->field[i]);
        any = true;
    }
    if (any)
        buf_char(buf, '}');
}

static void
write_kinds(struct buf *buf, unsigned kinds)
{
    buf_add(buf, STR(",\"kinds\":["));
    bool any = false;
    for (unsigned i = 0; i < N_KINDS; i++) {
        if (!(kinds & 1u << i))
            continue;
        if (any)
            buf_char(buf, ',');
        buf_json(buf, kind_id((enum kind)i));
        any = true;
    }
    buf_char(buf, ']');
}

/* The whole ticket in our own words. */
static void
write_ours(struct buf *buf, const struct ticket *ticket)
{
    text(buf, "{\"id\":", ticket->id);
    number(buf, ",\"revision\":", (int64_t)ticket->revision);
    text(buf, ",\"state\":", ticket_state_id(ticket->state));
    text(buf, ",\"severity\":", severity_id(ticket->severity));
    number(buf, ",\"priority\":", ticket->priority);
    text(buf, ",\"verdict\":", ticket_verdict_id(ticket->verdict));
    flag(buf, ",\"quiet\":", ticket->quiet);
    count(buf, ",\"edited\":", ticket->edited);
    count(buf, ",\"turn\":", ticket->turn);
    both(buf, ",\"title\":", ticket->title);
    both(buf, ",\"first_step\":", ticket->first_step);
    both(buf, ",\"harmless\":", ticket->harmless);
    text(buf, ",\"rule\":", ticket->rule);
    write_key(buf, ticket);
    number(buf, ",\"opened_ms\":", ticket->opened_ms);
    number(buf, ",\"changed_ms\":", ticket->changed_ms);
    number(buf, ",\"fired_ms\":", ticket->fired_ms);
    number(buf, ",\"newest_fired_ms\":", ticket->newest_fired_ms);
    number(buf, ",\"reach_ms\":", ticket->reach_ms);
    flag(buf, ",\"reach_of_site\":", ticket->reach_of_site);
    number(buf, ",\"first_ms\":", ticket->first_ms);
    number(buf, ",\"last_ms\":", ticket->last_ms);
    number(buf, ",\"arrival_ms\":", ticket->arrival_ms);
    number(buf, ",\"count\":", (int64_t)ticket->count);
    number(buf, ",\"n_incidents\":", (int64_t)ticket->n_incidents);
    write_incidents(buf, ticket);
    names(buf, "hosts", &ticket->hosts);
    names(buf, "users", &ticket->users);
    names(buf, "addresses", &ticket->addresses);
    names(buf, "hashes", &ticket->hashes);
    names(buf, "units", &ticket->units);
    names(buf, "systems", &ticket->systems);
    number(buf, ",\"level\":", ticket->level);
    write_kinds(buf, ticket->kinds);
    text(buf, ",\"skill\":", ticket->skill);
    write_work(buf, ticket);
    write_evidence(buf, ticket);
    count(buf, ",\"n_inhibited\":", ticket->n_inhibited);
    write_timeline(buf, ticket);
    buf_char(buf, '}');
}

static void
write_findings(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR(",\"finding_info_list\":["));
    for (size_t i = 0; i < ticket->n_listed; i++) {
        const struct ticket_incident *incident = &ticket->incident[i];
        text(buf, i > 0 ? ",{\"uid\":" : "{\"uid\":", incident->id);
        number(buf, ",\"first_seen_time\":", incident->first_ms);
        number(buf, ",\"last_seen_time\":", incident->last_ms);
        buf_add(buf, STR(",\"analytic\":{\"type_id\":1,\"type\":\"Rule\""));
        text(buf, ",\"uid\":", incident->rule);
        buf_add(buf, STR("}}"));
    }
    /* The class demands one. */
    if (ticket->n_listed == 0)
        text(buf, "{\"uid\":", ticket->id);
    if (ticket->n_listed == 0)
        buf_char(buf, '}');
    buf_char(buf, ']');
}

static void
write_status(struct buf *buf, const struct ticket *ticket)
{
    static const struct {
        int64_t id;
        const char *caption;
    } status[] =
        {
#define X(name, id, ocsf, caption) {ocsf, caption},
            TICKET_STATES(X)
#undef X
        },
      verdict[] = {
#define X(name, id, ocsf, caption) {ocsf, caption},
          TICKET_VERDICTS(X)
#undef X
      };
    number(buf, ",\"status_id\":", status[ticket->state].id);
    text(buf, ",\"status\":", str_of(status[ticket->state].caption));
    number(buf, ",\"verdict_id\":", verdict[ticket->verdict].id);
    text(buf, ",\"verdict\":", str_of(verdict[ticket->verdict].caption));
    /* Theirs rises with urgency, ours falls. */
    number(buf, ",\"priority_id\":", 5 - ticket->priority);
    buf_format(buf, ",\"priority\":\"P%d\"", ticket->priority);
}

void
ticket_write(struct buf *buf, const struct ticket *ticket)
{
    enum { CREATE = 1, UPDATE, CLOSE };
    int activity = ticket->revision == 1            ? CREATE
                   : ticket->state == TICKET_CLOSED ? CLOSE
                                                    : UPDATE;
    buf_add(buf, STR("{\"category_uid\":2,\"class_uid\":2005"));
    number(buf, ",\"activity_id\":", activity);
    number(buf, ",\"type_uid\":", 2005 * 100 + activity);
    number(buf, ",\"time\":", ticket->changed_ms);
    number(buf, ",\"severity_id\":", ticket->severity);
    text(buf, ",\"severity\":", severity_caption(ticket->severity));
    write_status(buf, ticket);
    buf_add(buf, STR(",\"metadata\":{\"version\":\"1.8.0\",\"product\":{"
                     "\"name\":\"Thap Canh\"},\"uid\":"));
    buf_json(buf, ticket->id);
    buf_char(buf, '}');
    text(buf, ",\"message\":", both_in(ticket->title, false));
    text(buf, ",\"desc\":", both_in(ticket->first_step, false));
    number(buf, ",\"count\":", (int64_t)ticket->count);
    number(buf, ",\"start_time\":", ticket->first_ms);
    number(buf, ",\"end_time\":", ticket->last_ms);
    if (ticket->assignee.len > 0) {
        text(buf, ",\"assignee\":{\"uid\":", ticket->assignee);
        buf_char(buf, '}');
    } else {
        buf_add(buf, STR(",\"assignee_group\":{\"name\":\"SOC\"}"));
    }
    write_findings(buf, ticket);
    buf_add(buf, STR(",\"unmapped\":{\"ticket\":"));
    write_ours(buf, ticket);
    buf_add(buf, STR("}}"));
}
