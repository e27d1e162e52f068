/* SPDX-License-Identifier: Apache-2.0
 *
 * What a message says, in the reader's language, for each channel: an SMS
 * without Vietnamese marks that fits one (160 characters of GSM 03.38) with
 * ticket and reply code; a mail with text and HTML; JSON for a webhook or a
 * topic. The words are the catalogue's. Everything that came from outside is
 * escaped for the place it stands in; nothing it says can add a header, a
 * line or a tag. */
#ifndef RESPOND_MESSAGE_H
#define RESPOND_MESSAGE_H

#include "model/catalogue.h"
#include "respond/roster.h"

enum { SMS_MAX = 160, REPLY_CODE_LEN = 6, MESSAGE_ID_LEN = 16 };

/* One ticket of a message, in short. */
struct message_ticket {
    struct str id;
    int priority;
    enum severity severity;
    struct both title, first_step;
    struct str system, host; /* the first of each, may be empty */
    uint64_t count;
    int64_t first_ms, last_ms;
};

struct message {
    struct str id;
    enum message_kind kind;
    enum language language;
    bool drill; /* marked as an exercise wherever it is read */
    int64_t at_ms;
    struct str name; /* of the reader */
    const struct message_ticket *ticket;
    size_t n_tickets;
    struct str by;   /* taken: the name of who has it */
    struct str code; /* reply code; empty: none */
    struct str link; /* to acknowledge; empty: none */
    struct str site; /* name of the site, may be empty */
};

/* MESSAGE_ID_LEN hexadecimal digits: for ever the same for the same person,
 * kind, tickets, channel and time. */
void message_id_make(char id[MESSAGE_ID_LEN], struct str person,
                     const struct journal_send *send, int64_t at_ms);
/* REPLY_CODE_LEN decimal digits, from a message's id. */
void message_code_make(char code[REPLY_CODE_LEN], struct str id);

/* In short, of a ticket; borrows from it. */
struct message_ticket message_ticket_of(const struct ticket *ticket);

/* At most SMS_MAX characters of printable ASCII that GSM 03.38 sends as one
 * septet each. */
void message_sms(struct buf *buf, const struct message *message);
/* A whole mail (RFC 5322, RFC 2045): every line ends with CRLF, 7-bit. */
struct mail_head {
    struct str from; /* address */
    struct str to;   /* address */
};
void message_mail(struct buf *buf, const struct message *message,
                  struct mail_head head);
/* One JSON object. */
void message_json(struct buf *buf, const struct message *message,
                  struct str person);

/* --- answers by SMS */

enum reply {
    REPLY_ACK,     /* `code` is filled */
    REPLY_REFUSES, /* "khong 123456" */
    REPLY_UNCLEAR, /* no code, or two */
};
enum reply reply_read(struct str text, char code[REPLY_CODE_LEN]);

#endif
