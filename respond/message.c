/* SPDX-License-Identifier: Apache-2.0
 *
 * What all forms of a message say alike: its ids, its subject, its sentences;
 * and its form for machines. Titles, hosts and names come from rules, sensors
 * and files: they are made visible on one line (buf_visible) here, and escaped
 * for their place by whoever puts them there. */
#include "message_priv.h"

#include "base/hash.h"
#include "base/times.h"
#include "base/visible.h"

void
message_id_make(char id[MESSAGE_ID_LEN], struct str person,
                const struct journal_send *send, int64_t at_ms)
{
    static const char hex[] = "0123456789abcdef";
    struct str part[JOURNAL_MAX_TICKETS + 4];
    char text[32];
    struct buf time = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    size_t n = 0;
    buf_i64(&time, at_ms);
    part[n++] = person;
    part[n++] = message_kind_id(send->kind);
    part[n++] = send->channel;
    part[n++] = buf_str(&time);
    for (size_t i = 0; i < send->n_tickets && i < JOURNAL_MAX_TICKETS; i++)
        part[n++] = send->ticket[i];
    uint64_t number = hash_digest_of(part, n).half[0];
    for (size_t i = 0; i < MESSAGE_ID_LEN; i++)
        id[i] = hex[number >> (60 - 4 * i) & 15];
}

void
message_code_make(char code[REPLY_CODE_LEN], struct str id)
{
    struct str part[] = {STR("reply code"), id};
    uint64_t number = hash_digest_of(part, 2).half[0];
    for (size_t i = 0; i < REPLY_CODE_LEN; i++) {
        code[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

struct message_ticket
message_ticket_of(const struct ticket *ticket)
{
    return (struct message_ticket){
        .id = ticket->id,
        .priority = ticket->priority,
        .severity = ticket->severity,
        .title = ticket->title,
        .first_step = ticket->first_step,
        .system = ticket->systems.n > 0 ? ticket->systems.at[0] : NO_STR,
        .host = ticket->hosts.n > 0 ? ticket->hosts.at[0] : NO_STR,
        .count = ticket->count,
        .first_ms = ticket->first_ms,
        .last_ms = ticket->last_ms,
    };
}

void
buf_priority(struct buf *buf, int priority)
{
    buf_char(buf, 'P');
    buf_i64(buf, priority);
}

static struct str
title_of(const struct message *message, size_t i)
{
    struct str title = both_in(message->ticket[i].title, in_english(message));
    return title.len > 0 ? title : message->ticket[i].id;
}

/* "T1, T2 và 3 phiếu khác" */
static void
add_ids(struct buf *buf, const struct message *message)
{
    enum { NAMED = 5 };
    size_t n = message->n_tickets;
    for (size_t i = 0; i < n && i < NAMED; i++) {
        if (i > 0)
            buf_add(buf, STR(", "));
        buf_add(buf, message->ticket[i].id);
    }
    if (n <= NAMED)
        return;
    char text[24];
    struct buf more = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_u64(&more, n - NAMED);
    struct str arg = buf_str(&more);
    buf_char(buf, ' ');
    buf_phrase(buf, message->language, P_AND_MORE, &arg, 1);
}

static void
add_subject(struct buf *buf, const struct message *message)
{
    char one[32], two[32];
    struct buf priority = {.at = one,
                           .cap = sizeof one,
                           .max_bytes = sizeof one},
               number = {.at = two, .cap = sizeof two, .max_bytes = sizeof two};
    struct buf ids = {0};
    if (message->kind == MESSAGE_TEST || message->n_tickets == 0) {
        buf_phrase(buf, message->language, P_MAIL_TEST, NULL, 0);
        return;
    }
    buf_priority(&priority, message->ticket[0].priority);
    buf_u64(&number, message->n_tickets);
    if (message->kind == MESSAGE_TAKEN) {
        add_ids(&ids, message);
        struct str args[] = {message->by, buf_str(&ids)};
        buf_phrase(buf, message->language, P_MAIL_TAKEN, args, 2);
    } else if (message->n_tickets == 1 && message->kind == MESSAGE_PAGE) {
        struct str args[] = {buf_str(&priority), title_of(message, 0)};
        buf_phrase(buf, message->language, P_MAIL_PAGE, args, 2);
        buf_add(buf, STR(" ("));
        buf_add(buf, message->ticket[0].id);
        buf_char(buf, ')');
    } else {
        struct str args[] = {buf_str(&priority), buf_str(&number),
                             title_of(message, 0)};
        buf_phrase(buf, message->language,
                   message->kind == MESSAGE_BACKLOG ? P_MAIL_BACKLOG
                                                    : P_MAIL_MANY,
                   args, 3);
    }
    buf_free(&ids);
}

void
message_subject(struct buf *buf, const struct message *message)
{
    struct buf text = {0};
    if (message->drill) {
        buf_char(&text, '[');
        buf_phrase(&text, message->language, P_DRILL, NULL, 0);
        buf_add(&text, STR("] "));
    }
    add_subject(&text, message);
    buf_visible(buf, buf_str(&text), TITLE_MAX + 60);
    buf_free(&text);
}

void
message_sentence(struct buf *buf, const struct message *message)
{
    static const enum phrase says[] = {
        [MESSAGE_PAGE] = P_SAYS_PAGE,
        [MESSAGE_TAKEN] = P_SAYS_TAKEN,
        [MESSAGE_BACKLOG] = P_SAYS_BACKLOG,
        [MESSAGE_TEST] = P_SAYS_TEST,
    };
    struct buf number = {0}, text = {0};
    buf_u64(&number, message->n_tickets);
    struct str arg =
        message->kind == MESSAGE_TAKEN ? message->by : buf_str(&number);
    buf_phrase(&text, message->language, says[message->kind], &arg, 1);
    buf_visible(buf, buf_str(&text), STEP_MAX);
    buf_free(&number);
    buf_free(&text);
}

void
message_where(struct buf *buf, const struct message_ticket *ticket)
{
    buf_visible(buf, ticket->host, NAME_MAX_BYTES);
    if (ticket->host.len > 0 && ticket->system.len > 0)
        buf_add(buf, STR(", "));
    buf_visible(buf, ticket->system, NAME_MAX_BYTES);
}

/* "08:15 5/10/2024", UTC+7. */
static void
buf_clock(struct buf *buf, int64_t ms)
{
    struct civil civil = civil_from_ms(ms, VIETNAM_MINUTES);
    buf_format(buf, "%02d:%02d ", civil.hour, civil.minute);
    buf_date(buf, day_of_ms(ms, VIETNAM_MINUTES));
}

void
message_times(struct buf *buf, const struct message *message,
              const struct message_ticket *ticket)
{
    struct buf text[3] = {{0}, {0}, {0}};
    buf_number(&text[0], message->language, ticket->count);
    buf_clock(&text[1], ticket->first_ms);
    buf_clock(&text[2], ticket->last_ms);
    struct str args[] = {buf_str(&text[0]), buf_str(&text[1]),
                         buf_str(&text[2])};
    buf_phrase(buf, message->language, P_N_ALERTS, args, 3);
    for (size_t i = 0; i < 3; i++)
        buf_free(&text[i]);
}

/* --- for machines */

static void
add_member(struct buf *buf, const char *key, struct str text)
{
    buf_format(buf, ",\"%s\":", key);
    buf_json(buf, text);
}

static void
add_time(struct buf *buf, const char *key, int64_t ms)
{
    buf_format(buf, ",\"%s\":\"", key);
    buf_iso(buf, ms, VIETNAM_MINUTES);
    buf_char(buf, '"');
}

static void
add_ticket(struct buf *buf, const struct message *message,
           const struct message_ticket *ticket)
{
    buf_add(buf, STR("{\"id\":"));
    buf_json(buf, ticket->id);
    buf_format(buf, ",\"priority\":\"P%d\"", ticket->priority);
    add_member(buf, "severity", severity_id(ticket->severity));
    add_member(buf, "title", both_in(ticket->title, in_english(message)));
    add_member(buf, "first_step",
               both_in(ticket->first_step, in_english(message)));
    add_member(buf, "system", ticket->system);
    add_member(buf, "host", ticket->host);
    buf_format(buf, ",\"count\":%llu", (unsigned long long)ticket->count);
    add_time(buf, "first", ticket->first_ms);
    add_time(buf, "last", ticket->last_ms);
    buf_char(buf, '}');
}

void
message_json(struct buf *buf, const struct message *message, struct str person)
{
    struct buf subject = {0};
    message_subject(&subject, message);
    buf_add(buf, STR("{\"message\":"));
    buf_json(buf, message->id);
    add_member(buf, "kind", message_kind_id(message->kind));
    buf_format(buf, ",\"drill\":%s", message->drill ? "true" : "false");
    add_time(buf, "at", message->at_ms);
    add_member(buf, "site", message->site);
    add_member(buf, "person", person);
    add_member(buf, "name", message->name);
    add_member(buf, "text", buf_str(&subject));
    if (message->kind == MESSAGE_TAKEN)
        add_member(buf, "taken_by", message->by);
    if (message->code.len > 0)
        add_member(buf, "reply_code", message->code);
    if (message->link.len > 0)
        add_member(buf, "link", message->link);
    buf_add(buf, STR(",\"tickets\":["));
    for (size_t i = 0; i < message->n_tickets; i++) {
        if (i > 0)
            buf_char(buf, ',');
        add_ticket(buf, message, &message->ticket[i]);
    }
    buf_add(buf, STR("]}"));
    buf_free(&subject);
}
