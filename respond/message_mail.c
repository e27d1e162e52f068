/* SPDX-License-Identifier: Apache-2.0
 *
 * The mail: RFC 5322 with two parts that say the same (RFC 2046, 5.1.4), both
 * in base64, so that no line of it can be longer than a server takes, begin
 * with a dot, or be taken for a header or a boundary. The HTML needs no
 * pictures, no script and no style sheet of elsewhere. */
#include "message_priv.h"

#include "base/times.h"
#include "base/visible.h"

/* --- the head */

/* Only what an address may hold: what else is in it is left out. */
static void
add_address(struct buf *buf, struct str address)
{
    for (size_t i = 0; i < address.len; i++) {
        char c = address.at[i];
        if (c > ' ' && c < 127 && c != '<' && c != '>' && c != ',' &&
            c != ';' && c != '"' && c != '(' && c != ')' && c != '\\')
            buf_char(buf, c);
    }
}

/* RFC 2047: lines of at most 76 characters, cut between characters, each word
 * on a line of its own. */
static void
add_words(struct buf *buf, struct str text)
{
    enum { MOST = 39 }; /* 52 in base64, the frame of 12, "Subject: " */
    bool first = true;
    while (text.len > 0) {
        struct str rest = text, before = text;
        while (rest.len > 0 && text.len - rest.len <= MOST) {
            before = rest;
            visible_next(&rest);
        }
        if (text.len - rest.len > MOST)
            rest = before;
        buf_add(buf, first ? STR("=?UTF-8?B?") : STR("\r\n =?UTF-8?B?"));
        buf_base64(buf, str_cut(text, 0, text.len - rest.len));
        buf_add(buf, STR("?="));
        text = rest;
        first = false;
    }
}

/* RFC 5322, 3.3. */
static void
add_date(struct buf *buf, int64_t ms)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun",
                                       "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr",
                                         "May", "Jun", "Jul", "Aug",
                                         "Sep", "Oct", "Nov", "Dec"};
    struct civil civil = civil_from_ms(ms, VIETNAM_MINUTES);
    int32_t day = day_of_ms(ms, VIETNAM_MINUTES) % 7;
    buf_format(buf, "%s, %d %s %04d %02d:%02d:%02d +0700",
               days[day < 0 ? day + 7 : day], civil.day,
               months[civil.month - 1], civil.year, civil.hour, civil.minute,
               civil.second);
}

static struct str
domain_of(struct str address)
{
    struct str rest = address, part = NO_STR;
    while (str_split(&rest, '@', &part))
        ;
    return part.len > 0 ? part : STR("localhost");
}

static void
add_head(struct buf *buf, const struct message *message, struct mail_head head)
{
    struct buf subject = {0};
    message_subject(&subject, message);
    buf_add(buf, STR("From: "));
    add_words(buf, phrase(P_PRODUCT, message->language));
    buf_add(buf, STR(" <"));
    add_address(buf, head.from);
    buf_add(buf, STR(">\r\nTo: <"));
    add_address(buf, head.to);
    buf_add(buf, STR(">\r\nSubject: "));
    add_words(buf, buf_str(&subject));
    buf_add(buf, STR("\r\nDate: "));
    add_date(buf, message->at_ms);
    buf_add(buf, STR("\r\nMessage-ID: <"));
    add_address(buf, message->id);
    buf_char(buf, '@');
    add_address(buf, domain_of(head.from));
    buf_add(buf, STR(">\r\nAuto-Submitted: auto-generated\r\n"
                     "X-Auto-Response-Suppress: All\r\n"));
    if (message->n_tickets > 0 && message->ticket[0].priority == 1 &&
        message->kind != MESSAGE_TAKEN)
        buf_add(buf, STR("Importance: high\r\nX-Priority: 1\r\n"));
    buf_free(&subject);
}

/* --- plain text */

static void
add_line(struct buf *buf, const struct message *message, enum phrase label,
         struct str text, size_t max)
{
    if (text.len == 0)
        return;
    buf_add(buf, STR("  "));
    buf_add(buf, phrase(label, message->language));
    buf_add(buf, STR(": "));
    buf_visible(buf, text, max);
    buf_char(buf, '\n');
}

static void
add_text_ticket(struct buf *buf, const struct message *message,
                const struct message_ticket *ticket)
{
    struct buf where = {0}, times = {0};
    bool english = in_english(message);
    message_where(&where, ticket);
    message_times(&times, message, ticket);
    buf_char(buf, '\n');
    buf_priority(buf, ticket->priority);
    buf_char(buf, ' ');
    buf_visible(buf, ticket->id, NAME_MAX_BYTES);
    buf_add(buf, STR(": "));
    buf_visible(buf, both_in(ticket->title, english), TITLE_MAX);
    buf_char(buf, '\n');
    add_line(buf, message, P_SEVERITY,
             severity_word(ticket->severity, message->language), TITLE_MAX);
    add_line(buf, message, P_WHERE, buf_str(&where), 2 * NAME_MAX_BYTES + 2);
    add_line(buf, message, P_TIME, buf_str(&times), TITLE_MAX);
    if (message->kind != MESSAGE_TAKEN)
        add_line(buf, message, P_FIRST_STEP,
                 both_in(ticket->first_step, english), STEP_MAX);
    buf_free(&where);
    buf_free(&times);
}

static void
add_text_end(struct buf *buf, const struct message *message)
{
    enum language language = message->language;
    buf_char(buf, '\n');
    if (message->link.len > 0) {
        buf_add(buf, phrase(P_BUTTON_TAKE, language));
        buf_add(buf, STR(":\n"));
        buf_add(buf, message->link);
        buf_char(buf, '\n');
    }
    if (message->code.len > 0) {
        buf_phrase(buf, language, P_OR_ANSWER, &message->code, 1);
        buf_char(buf, '\n');
    }
    if (message->link.len > 0) {
        buf_add(buf, phrase(P_LINK_NOTE, language));
        buf_char(buf, '\n');
    }
    buf_add(buf, STR("\n-- \n"));
    buf_add(buf, phrase(P_PRODUCT, language));
    if (message->site.len > 0) {
        buf_add(buf, STR(", "));
        buf_visible(buf, message->site, TITLE_MAX);
    }
    buf_add(buf, STR(". "));
    buf_phrase(buf, language, P_NO_ANSWER, &message->id, 1);
    buf_char(buf, '\n');
}

static void
add_text(struct buf *buf, const struct message *message)
{
    struct buf name = {0};
    buf_visible(&name, message->name, NAME_MAX_BYTES);
    struct str arg = buf_str(&name);
    buf_phrase(buf, message->language, P_HELLO, &arg, 1);
    buf_add(buf, STR("\n\n"));
    if (message->drill) {
        buf_add(buf, phrase(P_SAYS_DRILL, message->language));
        buf_char(buf, '\n');
    }
    message_sentence(buf, message);
    buf_char(buf, '\n');
    for (size_t i = 0; i < message->n_tickets; i++)
        add_text_ticket(buf, message, &message->ticket[i]);
    add_text_end(buf, message);
    buf_free(&name);
}

/* --- HTML */

/* Visible, then escaped. */
static void
html_text(struct buf *buf, struct str text, size_t max)
{
    struct buf plain = {0};
    buf_visible(&plain, text, max);
    buf_html(buf, buf_str(&plain));
    buf_free(&plain);
}

static void
html_row(struct buf *buf, const struct message *message, enum phrase label,
         struct str text, size_t max)
{
    if (text.len == 0)
        return;
    buf_add(buf, STR("<tr><td style=\"padding:2px 12px 2px 0;color:#555;"
                     "vertical-align:top;white-space:nowrap\">"));
    buf_html(buf, phrase(label, message->language));
    buf_add(buf, STR("</td><td style=\"padding:2px 0\">"));
    html_text(buf, text, max);
    buf_add(buf, STR("</td></tr>\n"));
}

static void
html_ticket(struct buf *buf, const struct message *message,
            const struct message_ticket *ticket)
{
    static const char *const colours[] = {"#b3261e", "#b3261e", "#c05600",
                                          "#7a6400", "#4a5560"};
    int i =
        ticket->priority >= 1 && ticket->priority <= 4 ? ticket->priority : 4;
    struct buf where = {0}, times = {0};
    message_where(&where, ticket);
    message_times(&times, message, ticket);
    buf_format(buf,
               "<div style=\"border-left:4px solid %s;margin:0 0 16px;"
               "padding:2px 0 2px 12px\">\n<div style=\"font-size:17px;"
               "font-weight:bold\"><span style=\"color:%s\">P%d</span> ",
               colours[i], colours[i], ticket->priority);
    html_text(buf, both_in(ticket->title, in_english(message)), TITLE_MAX);
    buf_add(buf, STR("</div>\n<table role=\"presentation\" "
                     "style=\"border-collapse:collapse;font-size:15px\">\n"));
    html_row(buf, message, P_TICKET, ticket->id, NAME_MAX_BYTES);
    html_row(buf, message, P_SEVERITY,
             severity_word(ticket->severity, message->language), TITLE_MAX);
    html_row(buf, message, P_WHERE, buf_str(&where), 2 * NAME_MAX_BYTES + 2);
    html_row(buf, message, P_TIME, buf_str(&times), TITLE_MAX);
    if (message->kind != MESSAGE_TAKEN)
        html_row(buf, message, P_FIRST_STEP,
                 both_in(ticket->first_step, in_english(message)), STEP_MAX);
    buf_add(buf, STR("</table></div>\n"));
    buf_free(&where);
    buf_free(&times);
}

static void
html_button(struct buf *buf, const struct message *message)
{
    enum language language = message->language;
    if (message->link.len > 0) {
        buf_add(buf, STR("<p style=\"margin:20px 0 8px\"><a href=\""));
        buf_html(buf, message->link);
        buf_add(buf, STR("\" style=\"display:inline-block;background:#0b5394;"
                         "color:#fff;text-decoration:none;font-weight:bold;"
                         "padding:12px 28px;border-radius:6px\">"));
        buf_html(buf, phrase(P_BUTTON_TAKE, language));
        buf_add(buf, STR("</a></p>\n"));
    }
    if (message->code.len > 0) {
        buf_add(buf, STR("<p style=\"margin:8px 0\">"));
        buf_phrase(buf, language, P_OR_ANSWER, &message->code, 1);
        buf_add(buf, STR("</p>\n"));
    }
    if (message->link.len > 0) {
        buf_add(buf, STR("<p style=\"margin:8px 0;color:#555;"
                         "font-size:13px\">"));
        buf_html(buf, phrase(P_LINK_NOTE, language));
        buf_add(buf, STR("</p>\n"));
    }
}

static void
html_drill(struct buf *buf, const struct message *message)
{
    if (!message->drill)
        return;
    buf_add(buf, STR("<p style=\"background:#fff4ce;border:1px solid #c9a400;"
                     "padding:8px 12px;margin:0 0 12px\"><b>"));
    buf_html(buf, phrase(P_DRILL, message->language));
    buf_add(buf, STR("</b>. "));
    buf_html(buf, phrase(P_SAYS_DRILL, message->language));
    buf_add(buf, STR("</p>\n"));
}

static void
add_html(struct buf *buf, const struct message *message)
{
    struct buf name = {0}, sentence = {0}, hello = {0};
    buf_visible(&name, message->name, NAME_MAX_BYTES);
    struct str arg = buf_str(&name);
    buf_phrase(&hello, message->language, P_HELLO, &arg, 1);
    message_sentence(&sentence, message);
    buf_format(buf,
               "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta "
               "charset=\"utf-8\"><meta name=\"viewport\" "
               "content=\"width=device-width\"></head>\n<body "
               "style=\"margin:0;padding:16px;font-family:Arial,Helvetica,"
               "sans-serif;font-size:16px;line-height:1.4;color:#1a1a1a;"
               "background:#fff\">\n<div style=\"max-width:640px\">\n",
               in_english(message) ? "en" : "vi");
    html_drill(buf, message);
    buf_add(buf, STR("<p style=\"margin:0 0 8px\">"));
    buf_html(buf, buf_str(&hello));
    buf_add(buf, STR("</p>\n<p style=\"margin:0 0 16px\">"));
    buf_html(buf, buf_str(&sentence));
    buf_add(buf, STR("</p>\n"));
    for (size_t i = 0; i < message->n_tickets; i++)
        html_ticket(buf, message, &message->ticket[i]);
    html_button(buf, message);
    buf_add(buf, STR("<p style=\"border-top:1px solid #ccc;margin:20px 0 0;"
                     "padding-top:8px;color:#555;font-size:13px\">"));
    buf_html(buf, phrase(P_PRODUCT, message->language));
    if (message->site.len > 0) {
        buf_add(buf, STR(", "));
        html_text(buf, message->site, TITLE_MAX);
    }
    buf_add(buf, STR(". "));
    buf_phrase(buf, message->language, P_NO_ANSWER, &message->id, 1);
    buf_add(buf, STR("</p>\n</div></body></html>\n"));
    buf_free(&name);
    buf_free(&hello);
    buf_free(&sentence);
}

/* --- the whole */

/* Base64 in lines of 76 characters. */
static void
add_part(struct buf *buf, const struct message *message, const char *type,
         struct str text)
{
    enum { LINE = 57 }; /* 76 in base64 */
    buf_add(buf, STR("--="));
    buf_add(buf, message->id);
    buf_format(buf,
               "\r\nContent-Type: %s; charset=utf-8\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n",
               type);
    for (size_t i = 0; i < text.len; i += LINE) {
        buf_base64(buf, str_cut(text, i, i + LINE));
        buf_add(buf, STR("\r\n"));
    }
}

void
message_mail(struct buf *buf, const struct message *message,
             struct mail_head head)
{
    struct buf text = {0}, html = {0};
    add_text(&text, message);
    add_html(&html, message);
    add_head(buf, message, head);
    /* '=' cannot stand at the beginning of a line in base64. */
    buf_add(buf, STR("MIME-Version: 1.0\r\nContent-Type: "
                     "multipart/alternative; boundary=\"="));
    buf_add(buf, message->id);
    buf_add(buf, STR("\"\r\n\r\n"));
    add_part(buf, message, "text/plain", buf_str(&text));
    add_part(buf, message, "text/html", buf_str(&html));
    buf_add(buf, STR("--="));
    buf_add(buf, message->id);
    buf_add(buf, STR("--\r\n"));
    buf_free(&text);
    buf_free(&html);
}
