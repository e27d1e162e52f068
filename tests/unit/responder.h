/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the respond stage: incidents that are quickly made, and a desk
 * at which records are folded as if they had been read from soc.journal: each
 * goes through its JSON, as in the service. */
#ifndef TESTS_UNIT_RESPONDER_H
#define TESTS_UNIT_RESPONDER_H

#include "base/times.h"
#include "respond/grouping.h"
#include "respond/tickets.h"
#include "respond/triage.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESK_MS INT64_C(1714532400000) /* 2024-05-01 10:00 in UTC+7 */
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

struct desk {
    struct tickets *tickets;
    struct json_reader *json;
    char *start;
    struct arena arena;
    struct buf text;
    int64_t now_ms;
    int64_t offset; /* of the next incident */
    int n_requests;
    struct err why;
};

static inline struct desk
desk_open(void)
{
    struct desk desk = {.now_ms = DESK_MS};
    desk.tickets = tickets_new();
    desk.json = json_reader_new();
    desk.arena = arena_reserve((size_t)1 << 30);
    desk.start = desk.arena.at;
    cr_assert(desk.tickets && desk.json && desk.start);
    return desk;
}

static inline void
desk_close(struct desk *desk)
{
    tickets_free(desk->tickets);
    json_reader_free(desk->json);
    arena_release(desk->start, desk->arena);
    buf_free(&desk->text);
}

/* Written, read back, folded. */
static inline enum fold_outcome
desk_fold(struct desk *desk, struct journal_record *record)
{
    struct arena scratch = desk->arena;
    struct journal_record back;
    const struct json *root;
    struct err why;
    if (record->at_ms == 0)
        record->at_ms = desk->now_ms;
    buf_clear(&desk->text);
    journal_write(&desk->text, record);
    cr_assert_eq(json_read(desk->json, buf_str(&desk->text), &scratch, &root),
                 JSON_FINE, "%.*s", STR_ARG(buf_str(&desk->text)));
    cr_assert(journal_read(root, &scratch, &back, &why), "%s: %.*s", why.text,
              STR_ARG(buf_str(&desk->text)));
    return tickets_fold(desk->tickets, &back, &desk->why);
}

/* An incident of rule "rule-<n>" number `n`, fired at DESK_MS + `after_ms`, of
 * 4 alerts in the ten minutes before. */
static inline struct incident
incident_of(int n, const char *host, int64_t after_ms)
{
    static char ids[256][33], windows[256][17];
    static int used;
    char *id = ids[used % 256], *window = windows[used++ % 256];
    int64_t fired = DESK_MS + after_ms;
    snprintf(id, 33, "%032x", (unsigned)n);
    snprintf(window, 17, "%016x", (unsigned)n);
    struct incident incident = {
        .id = {id, 32},
        .revision = 1,
        .rule = STR("0e95725d-7320-415d-80f7-004da920fc11"),
        .title = {STR("Dò mật khẩu"), STR("Password guessing")},
        .severity = SEVERITY_HIGH,
        .key = {{STR("host"), str_of(host)}},
        .n_key = 1,
        .window = {window, 16},
        .first_ms = fired - 10 * MINUTE_MS,
        .last_ms = fired,
        .count = 4,
        .fired_ms = fired,
        .arrival_ms = fired + 1000,
        .options = {.incident = INCIDENT_CORRELATION,
                    .first_step = {STR("Cô lập máy"), STR("Isolate it")},
                    .harmless = {STR("Quên mật khẩu"), STR("A typo")}},
        .level = 3,
        .kinds = 1u << KIND_BRUTEFORCE,
    };
    if (*host)
        incident.hosts = (struct incident_names){{str_of(host)}, 1, 0};
    struct incident_alert first = {
        .alert_id = STR("ajiant:1"),
        .source = STR("ajiant"),
        .rule_name = STR("Brute force"),
        .topic = STR("endpoint-alerts"),
        .partition = 1,
        .offset = 1000 * n,
        .event_ms = incident.first_ms,
    };
    struct incident_alert last = first;
    last.offset += 9;
    last.event_ms = incident.last_ms;
    incident.evidence[0] = (struct incident_evidence){
        STR("kind_bruteforce"), KIND_BRUTEFORCE, 4, first, last};
    incident.n_evidence = 1;
    return incident;
}

/* The settings when there are no files. */
static inline const struct triage *
desk_preset(struct desk *desk)
{
    struct complaints complaints = {0};
    const struct triage *triage =
        triage_load(NULL, NULL, desk->now_ms, &desk->arena, &complaints);
    cr_assert_not_null(triage);
    return triage;
}

/* The same, but for grouping: by every sort, within an hour, up to a day. */
static inline const struct triage *
desk_triage(struct desk *desk)
{
    struct triage *triage = arena_take(&desk->arena, 1, sizeof *triage);
    cr_assert_not_null(triage);
    *triage = *desk_preset(desk);
    triage->group_by =
        1u << ENTITY_HOST | 1u << ENTITY_USER | 1u << ENTITY_ADDRESS;
    triage->group_ms = HOUR_MS;
    triage->group_longest_ms = 24 * HOUR_MS;
    return triage;
}

/* Decided as the service decides, written, folded. */
static inline enum fold_outcome
desk_take(struct desk *desk, const struct triage *triage,
          const struct incident *incident, struct journal_take *take)
{
    struct arena scratch = desk->arena;
    struct triage_round *round = triage_round_new(desk->tickets);
    struct journal_record record = {.type = JOURNAL_TAKE};
    struct buf text = {0};
    triage_round_begin(round);
    enum triage_says says = triage_decide(round, triage, incident, desk->now_ms,
                                          &scratch, &record.take);
    triage_round_end(round);
    triage_round_free(round);
    if (says == TRIAGE_KNOWN)
        return FOLD_REPEAT;
    cr_assert_eq(says, TRIAGE_TAKE);
    incident_write(&text, incident);
    record.take.incident = buf_str(&text);
    record.take.topic = STR("soc.incidents");
    record.take.offset = desk->offset++;
    desk->arena = scratch; /* keeps what `take` borrows */
    enum fold_outcome outcome = desk_fold(desk, &record);
    if (take)
        *take = record.take;
    buf_free(&text);
    return outcome;
}

static inline struct ticket
desk_ticket(struct desk *desk, struct str id)
{
    struct ticket ticket;
    cr_assert(tickets_read(desk->tickets, id, &desk->arena, &ticket), "%.*s",
              STR_ARG(id));
    return ticket;
}

/* Takes a fresh incident as a ticket of its own; its id. */
static inline struct str
desk_open_ticket(struct desk *desk, int n, const char *host)
{
    struct incident incident = incident_of(n, host, 0);
    cr_assert_eq(desk_take(desk, desk_triage(desk), &incident, NULL), FOLDED);
    cr_assert_eq(tickets_changed(desk->tickets), 1);
    return arena_copy(&desk->arena, tickets_changed_id(desk->tickets, 0));
}

/* What a person does with one ticket. */
static inline enum fold_outcome
desk_act(struct desk *desk, struct str id, const char *by,
         struct journal_act act)
{
    char request[32];
    int len = snprintf(request, sizeof request, "r%d", ++desk->n_requests);
    struct journal_record record = {
        .type = JOURNAL_ACT,
        .by = str_of(by),
        .request = {request, (size_t)len},
        .act = act,
    };
    record.act.ticket = &id;
    record.act.n_tickets = 1;
    return desk_fold(desk, &record);
}

/* One act of each verb that wants for nothing. */
static inline struct journal_act
desk_an_act(enum act_verb verb, const struct ticket *ticket)
{
    struct journal_act act = {.verb = verb, .text = STR("vì thế")};
    if (verb == ACT_ASSIGN)
        act.to = STR("binh");
    if (verb == ACT_HOLD)
        act.to = STR("Viettel");
    if (verb == ACT_RESOLVE)
        act.verdict = VERDICT_TRUE;
    if (verb == ACT_EDIT) {
        act.seen = ticket->revision;
        act.field[TICKET_CAUSE_GROUP] = STR("phishing");
    }
    return act;
}

/* By the acts of people. */
static inline void
desk_bring_to(struct desk *desk, struct str id, enum ticket_state state)
{
    static const enum act_verb way[N_TICKET_STATES][3] = {
        [TICKET_NEW] = {N_ACT_VERBS},
        [TICKET_ACKNOWLEDGED] = {ACT_ACK, N_ACT_VERBS},
        [TICKET_IN_PROGRESS] = {ACT_START, N_ACT_VERBS},
        [TICKET_ON_HOLD] = {ACT_ACK, ACT_HOLD, N_ACT_VERBS},
        [TICKET_RESOLVED] = {ACT_RESOLVE, N_ACT_VERBS},
        [TICKET_CLOSED] = {ACT_RESOLVE, ACT_CLOSE, N_ACT_VERBS},
    };
    for (size_t i = 0; i < 3 && way[state][i] != N_ACT_VERBS; i++) {
        struct ticket ticket = desk_ticket(desk, id);
        cr_assert_eq(
            desk_act(desk, id, "an", desk_an_act(way[state][i], &ticket)),
            FOLDED);
    }
    cr_assert_eq(desk_ticket(desk, id).state, state);
}

/* All fields of a state, sorted: what Redis would hold. */
struct desk_fields {
    struct buf line[4096];
    size_t n;
};

static inline void
desk_field(void *context, size_t table, struct str field, struct str value)
{
    struct desk_fields *fields = context;
    if (!value.at)
        return;
    cr_assert_lt(fields->n, sizeof fields->line / sizeof *fields->line);
    struct buf *line = &fields->line[fields->n++];
    buf_format(line, "%zu %.*s\n", table, STR_ARG(field));
    buf_add(line, value);
}

static inline int
desk_compare(const void *a, const void *b)
{
    return str_compare(buf_str(a), buf_str(b));
}

static inline void
desk_dump(struct tickets *tickets, struct buf *out)
{
    struct desk_fields *fields = calloc(1, sizeof *fields);
    struct emit emit = {desk_field, fields};
    tickets_save(tickets, true, &emit);
    qsort(fields->line, fields->n, sizeof *fields->line, desk_compare);
    buf_clear(out);
    for (size_t i = 0; i < fields->n; i++) {
        buf_add(out, buf_str(&fields->line[i]));
        buf_char(out, '\n');
        buf_free(&fields->line[i]);
    }
    free(fields);
}

#endif
