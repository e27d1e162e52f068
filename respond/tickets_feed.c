/* SPDX-License-Identifier: Apache-2.0
 *
 * What a ticket takes over from its incidents: times, counts, names, evidence.
 * Each of them only grows or is the least or most of all, so that the order in
 * which incidents are taken does not show in them. */
#include "tickets_priv.h"

#include "base/times.h"

#include <string.h>

static void
add_names(struct fold *fold, struct ticket_names *names, const struct str *more,
          size_t n, uint64_t n_more)
{
    for (size_t i = 0; i < n; i++) {
        struct str name = cut_name(more[i]);
        bool has = name.len == 0;
        for (size_t j = 0; !has && j < names->n; j++)
            has = str_equal(names->at[j], name);
        if (has)
            continue;
        if (names->n == TICKET_MAX_ENTITIES) {
            n_more++;
            continue;
        }
        struct str *at = one_more(fold, names->at, names->n, sizeof *at);
        if (!at)
            return;
        at[names->n++] = name;
        names->at = at;
    }
    if (n_more > names->n_more)
        names->n_more = n_more;
}

static int
compare_evidence(const struct ticket_evidence *a,
                 const struct ticket_evidence *b)
{
    if (a->event_ms != b->event_ms)
        return a->event_ms < b->event_ms ? -1 : 1;
    return position_compare(&a->position, &b->position);
}

/* Of each kind the first and the last stay, in order of kind. */
static void
add_evidence(struct fold *fold, struct ticket *ticket,
             const struct ticket_evidence *evidence)
{
    size_t from = 0, to;
    while (from < ticket->n_evidence &&
           ticket->evidence[from].kind < evidence->kind)
        from++;
    for (to = from;
         to < ticket->n_evidence && ticket->evidence[to].kind == evidence->kind;
         to++)
        if (compare_evidence(&ticket->evidence[to], evidence) == 0)
            return;
    if (to - from == 2) {
        struct ticket_evidence *pair = &ticket->evidence[from];
        if (compare_evidence(evidence, &pair[0]) < 0)
            pair[0] = *evidence;
        else if (compare_evidence(evidence, &pair[1]) > 0)
            pair[1] = *evidence;
        return;
    }
    struct ticket_evidence *at =
        one_more(fold, ticket->evidence, ticket->n_evidence, sizeof *at);
    if (!at)
        return;
    size_t place =
        to > from && compare_evidence(evidence, &at[from]) < 0 ? from : to;
    memmove(&at[place + 1], &at[place],
            (ticket->n_evidence - place) * sizeof *at);
    at[place] = *evidence;
    ticket->evidence = at;
    ticket->n_evidence++;
}

static void
add_alert(struct fold *fold, struct ticket *ticket, enum kind kind,
          const struct incident_alert *alert)
{
    struct ticket_evidence evidence = {
        .kind = kind,
        .position = {alert->topic, alert->partition, alert->incarnation,
                     alert->offset, alert->index},
        .alert_id = cut_name(alert->alert_id),
        .rule_name = cut_name(alert->rule_name),
        .source = cut_name(alert->source),
        .event_ms = alert->event_ms,
        .state = EVIDENCE_WANTED,
    };
    add_evidence(fold, ticket, &evidence);
}

static void
add_entities(struct fold *fold, struct ticket *ticket,
             const struct incident *incident)
{
#define X(member, key)                                                         \
    add_names(fold, &ticket->member, incident->member.at, incident->member.n,  \
              incident->member.more);
    INCIDENT_ENTITIES(X)
#undef X
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *evidence = &incident->evidence[i];
        add_alert(fold, ticket, evidence->kind, &evidence->first);
        add_alert(fold, ticket, evidence->kind, &evidence->last);
    }
    ticket->kinds |= incident->kinds & ((1u << N_KINDS) - 1);
}

static struct both
cut_both(struct both words)
{
    return (struct both){cut_text(words.vi), cut_text(words.en)};
}

bool
ticket_has_floor(const struct ticket *ticket)
{
    for (size_t i = 0; i < ticket->n_listed; i++)
        if (ticket->incident[i].floor)
            return true;
    return false;
}

/* Whether `a` gives a ticket its name rather than `b`. Not by its id, which
 * tells of the order in which its alerts came. */
static bool
leads(const struct ticket_incident *a, const struct ticket_incident *b)
{
    if (a->floor != b->floor)
        return b->floor;
    if (a->fired_ms != b->fired_ms)
        return a->fired_ms < b->fired_ms;
    int order = str_compare(a->rule, b->rule);
    return order != 0 ? order < 0 : str_compare(a->window, b->window) < 0;
}

bool
ticket_led_by(const struct ticket *ticket, const struct incident *incident)
{
    const struct ticket_incident one = {.id = incident->id,
                                        .rule = incident->rule,
                                        .window = incident->window,
                                        .fired_ms = incident->fired_ms,
                                        .floor = incident->floor};
    for (size_t i = 0; i < ticket->n_listed; i++)
        if (!str_equal(ticket->incident[i].id, one.id) &&
            !leads(&one, &ticket->incident[i]))
            return false;
    return true;
}

static const struct ticket_incident *
leader_of(const struct ticket *ticket)
{
    const struct ticket_incident *best = NULL;
    for (size_t i = 0; i < ticket->n_listed; i++)
        if (!best || leads(&ticket->incident[i], best))
            best = &ticket->incident[i];
    return best;
}

/* The elder name of the two. */
static void
merge_names(struct ticket *into, const struct ticket *from)
{
    const struct ticket_incident *a = leader_of(into), *b = leader_of(from);
    if (!b || (a && !leads(b, a)))
        return;
    into->title = from->title;
    into->first_step = from->first_step;
    into->harmless = from->harmless;
    into->rule = from->rule;
    into->key = from->key;
    into->n_key = from->n_key;
}

void
lead_ticket(struct fold *fold, struct ticket *ticket,
            const struct incident *incident)
{
    ticket->title = cut_both(incident->title);
    ticket->first_step = cut_both(incident->options.first_step);
    ticket->harmless = cut_both(incident->options.harmless);
    ticket->rule = cut_name(incident->rule);
    ticket->n_key = 0;
    for (size_t i = 0; i < incident->n_key; i++) {
        struct ticket_pair *at =
            one_more(fold, ticket->key, ticket->n_key, sizeof *at);
        if (!at)
            return;
        at[ticket->n_key++] = (struct ticket_pair){
            cut_name(incident->key[i].name), cut_name(incident->key[i].value)};
        ticket->key = at;
    }
}

static int64_t
least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t
most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The line of this incident in the ticket's list, made if there is room. */
static struct ticket_incident *
line_of(struct fold *fold, struct ticket *ticket, struct str id)
{
    for (size_t i = 0; i < ticket->n_listed; i++)
        if (str_equal(ticket->incident[i].id, id))
            return &ticket->incident[i];
    if (ticket->n_listed == TICKET_MAX_INCIDENTS)
        return NULL;
    struct ticket_incident *at =
        one_more(fold, ticket->incident, ticket->n_listed, sizeof *at);
    if (!at)
        return NULL;
    ticket->incident = at;
    at[ticket->n_listed].id = id;
    return &at[ticket->n_listed++];
}

/* A merged incident's alerts are the other one's now. */
uint64_t
feed_ticket(struct fold *fold, struct ticket *ticket,
            const struct incident *incident, uint64_t had)
{
    uint64_t counts = incident->state == INCIDENT_MERGED ? 0 : incident->count;
    ticket->first_ms = least(ticket->first_ms, incident->first_ms);
    ticket->last_ms = most(ticket->last_ms, incident->last_ms);
    ticket->fired_ms = least(ticket->fired_ms, incident->fired_ms);
    ticket->newest_fired_ms = most(ticket->newest_fired_ms, incident->fired_ms);
    ticket->reach_ms = most(ticket->reach_ms, incident->options.group_ms);
    ticket->reach_of_site |= incident->options.group_ms == 0;
    ticket->arrival_ms = most(ticket->arrival_ms, incident->arrival_ms);
    ticket->count = (ticket->count > had ? ticket->count - had : 0) + counts;
    if (incident->level > ticket->level)
        ticket->level = incident->level;
    add_entities(fold, ticket, incident);
    struct ticket_incident *line = line_of(fold, ticket, incident->id);
    if (!line)
        return counts;
    *line = (struct ticket_incident){
        .id = incident->id,
        .rule = cut_name(incident->rule),
        .window = cut_name(incident->window),
        .revision = incident->revision,
        .count = counts,
        .fired_ms = incident->fired_ms,
        .first_ms = incident->first_ms,
        .last_ms = incident->last_ms,
        .severity = incident->severity,
        .floor = incident->floor,
        .closed = incident->state != INCIDENT_OPEN,
    };
    return counts;
}

void
merge_tickets(struct fold *fold, struct ticket *into, struct ticket *from)
{
    merge_names(into, from);
    into->first_ms = least(into->first_ms, from->first_ms);
    into->last_ms = most(into->last_ms, from->last_ms);
    into->fired_ms = least(into->fired_ms, from->fired_ms);
    into->newest_fired_ms = most(into->newest_fired_ms, from->newest_fired_ms);
    into->reach_ms = most(into->reach_ms, from->reach_ms);
    into->reach_of_site |= from->reach_of_site;
    into->arrival_ms = most(into->arrival_ms, from->arrival_ms);
    into->count += from->count;
    into->n_incidents += from->n_incidents;
    into->n_inhibited += from->n_inhibited;
    into->level = from->level > into->level ? from->level : into->level;
    into->kinds |= from->kinds;
    into->quiet = into->quiet && from->quiet;
    if (from->severity > into->severity)
        into->severity = from->severity;
    if (from->priority < into->priority)
        into->priority = from->priority;
#define X(member, key)                                                         \
    add_names(fold, &into->member, from->member.at, from->member.n,            \
              from->member.n_more);
    INCIDENT_ENTITIES(X)
#undef X
    for (size_t i = 0; i < from->n_evidence; i++)
        add_evidence(fold, into, &from->evidence[i]);
    for (size_t i = 0; i < from->n_listed; i++) {
        struct ticket_incident *line =
            line_of(fold, into, from->incident[i].id);
        if (line)
            *line = from->incident[i];
    }
    struct str *merged =
        one_more(fold, into->merged, into->n_merged, sizeof *merged);
    if (merged && into->n_merged < TICKET_MAX_MERGED) {
        merged[into->n_merged++] = from->id;
        into->merged = merged;
    }
    add_event(fold, into, EVENT_MERGED, from->id, STR(""), from->count);
    add_event(fold, from, EVENT_MERGED_INTO, into->id, STR(""), 0);
    from->state = TICKET_CLOSED;
    from->merged_into = into->id;
    from->closed_ms = fold->record->at_ms;
    from->worked_ms = from->step_since_ms = NO_TIME;
}
