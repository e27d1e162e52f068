/* SPDX-License-Identifier: Apache-2.0
 *
 * The short form. 160 characters are one SMS only while every one of them is
 * in the basic alphabet of GSM 03.38: a single letter with a Vietnamese mark
 * makes it three. So marks go, and what must be there (ticket, code) is put
 * first and last; the title gets what is left. */
#include "message_priv.h"

#include "base/visible.h"

#include <string.h>

/* Latin letters without their marks; everything else that is not printable
 * ASCII of one septet replaced. */
static void
buf_plain(struct buf *buf, struct str text)
{
    /* ASCII that the alphabet lacks or sends as two. */
    static const char from[] = "[]{}|^~\\`", to[] = "()()/-- '";
    struct buf ascii = {0};
    buf_unmarked(&ascii, text);
    for (size_t i = 0; i < ascii.len; i++) {
        const char *odd = strchr(from, ascii.at[i]);
        buf_char(buf, odd != NULL && ascii.at[i] != '\0' ? to[odd - from]
                                                         : ascii.at[i]);
    }
    buf_free(&ascii);
}

static void
add_phrase(struct buf *buf, const struct message *message, enum phrase phrase,
           const struct str *args, size_t n)
{
    struct buf text = {0};
    buf_phrase(&text, message->language, phrase, args, n);
    buf_plain(buf, buf_str(&text));
    buf_free(&text);
}

/* At most `max` characters of `text`, without marks. */
static void
add_cut(struct buf *buf, struct str text, size_t max)
{
    struct buf plain = {0};
    buf_plain(&plain, text);
    struct str kept = str_trim(buf_str(&plain));
    bool cut = kept.len > max;
    if (cut && max >= 2)
        kept = str_trim(str_cut(kept, 0, max - 2));
    buf_add(buf, str_cut(kept, 0, max));
    if (cut && max >= 2)
        buf_add(buf, STR(".."));
    buf_free(&plain);
}

static size_t
room(const struct buf *buf, const struct buf *end)
{
    size_t used = buf->len + end->len;
    return used < SMS_MAX ? SMS_MAX - used : 0;
}

/* As many ids as fit, then how many more there are. */
static void
add_ids(struct buf *buf, const struct buf *end, const struct message *message)
{
    enum { MORE = 4 }; /* " +60" */
    size_t n = message->n_tickets, i = 0;
    for (; i < n; i++) {
        struct str id = message->ticket[i].id;
        size_t need = id.len + (i > 0) + (i + 1 < n ? MORE : 0);
        if (room(buf, end) < need)
            break;
        if (i > 0)
            buf_char(buf, ' ');
        buf_plain(buf, id);
    }
    if (i == n)
        return;
    char text[24];
    struct buf more = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_u64(&more, n - i);
    struct str arg = buf_str(&more);
    add_phrase(buf, message, P_SMS_MORE, &arg, 1);
}

static void
add_one(struct buf *buf, const struct buf *end, const struct message *message)
{
    enum { WHERE = 30 };
    const struct message_ticket *ticket = &message->ticket[0];
    char text[8];
    struct buf priority = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    struct buf where = {0};
    buf_priority(&priority, ticket->priority);
    add_cut(&where, ticket->host.len > 0 ? ticket->host : ticket->system,
            WHERE);
    struct str args[] = {buf_str(&priority), ticket->id, buf_str(&where)};
    add_phrase(buf, message, P_SMS_PAGE, args, 3);
    add_cut(buf, both_in(ticket->title, in_english(message)), room(buf, end));
    buf_free(&where);
}

static void
add_many(struct buf *buf, const struct buf *end, const struct message *message)
{
    struct buf number = {0};
    buf_priority(buf, message->ticket[0].priority);
    buf_char(buf, ' ');
    buf_u64(&number, message->n_tickets);
    struct str arg = buf_str(&number);
    add_phrase(buf, message,
               message->kind == MESSAGE_BACKLOG ? P_SMS_BACKLOG : P_SMS_MANY,
               &arg, 1);
    add_ids(buf, end, message);
    buf_free(&number);
}

static void
add_taken(struct buf *buf, const struct buf *end, const struct message *message)
{
    enum { NAME = 60 };
    struct buf name = {0};
    add_cut(&name, message->by, NAME);
    struct str arg = buf_str(&name);
    add_phrase(buf, message, P_SMS_TAKEN, &arg, 1);
    add_ids(buf, end, message);
    buf_free(&name);
}

void
message_sms(struct buf *buf, const struct message *message)
{
    char begin_bytes[SMS_MAX * 2], end_bytes[SMS_MAX];
    struct buf text = {.at = begin_bytes,
                       .cap = sizeof begin_bytes,
                       .max_bytes = sizeof begin_bytes};
    struct buf end = {.at = end_bytes,
                      .cap = sizeof end_bytes,
                      .max_bytes = sizeof end_bytes};
    bool page =
        message->kind == MESSAGE_PAGE || message->kind == MESSAGE_BACKLOG;
    if (page && message->code.len > 0)
        add_phrase(&end, message, P_SMS_ANSWER, &message->code, 1);
    if (message->drill) {
        add_phrase(&text, message, P_DRILL, NULL, 0);
        buf_add(&text, STR(": "));
    }
    if (message->n_tickets == 0 || message->kind == MESSAGE_TEST) {
        add_phrase(&text, message, P_SMS_TEST, NULL, 0);
        buf_plain(&text, message->id);
    } else if (message->kind == MESSAGE_TAKEN) {
        add_taken(&text, &end, message);
    } else if (message->n_tickets == 1 && message->kind == MESSAGE_PAGE) {
        add_one(&text, &end, message);
    } else {
        add_many(&text, &end, message);
    }
    buf_add(buf, str_cut(buf_str(&text), 0,
                         end.len < SMS_MAX ? SMS_MAX - end.len : 0));
    buf_add(buf, buf_str(&end));
}
