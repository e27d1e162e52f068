/* SPDX-License-Identifier: Apache-2.0
 *
 * What the forms of a message share. */
#ifndef RESPOND_MESSAGE_PRIV_H
#define RESPOND_MESSAGE_PRIV_H

#include "respond/message.h"

enum { TITLE_MAX = 200, STEP_MAX = 1200, NAME_MAX_BYTES = 120 };

static inline bool
in_english(const struct message *message)
{
    return message->language == ENGLISH;
}

/* "P1". */
void buf_priority(struct buf *buf, int priority);
/* The subject, in one visible line. */
void message_subject(struct buf *buf, const struct message *message);
/* Why the reader gets it, in one sentence. */
void message_sentence(struct buf *buf, const struct message *message);
/* "SRV-DVC-01, cong-dich-vu-cong"; empty when neither is known. */
void message_where(struct buf *buf, const struct message_ticket *ticket);
/* "12 cảnh báo, 08:15 5/10/2024 đến 08:40 5/10/2024". */
void message_times(struct buf *buf, const struct message *message,
                   const struct message_ticket *ticket);

#endif
