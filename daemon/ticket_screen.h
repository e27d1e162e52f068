/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets on a terminal at three in the morning: what to do first stands at
 * the top, no line is wider than the terminal, and nothing that came from
 * outside can do anything to it. */
#ifndef DAEMON_TICKET_SCREEN_H
#define DAEMON_TICKET_SCREEN_H

#include "model/catalogue.h"
#include "model/ticket.h"

struct ticket_screen {
    enum language language;
    int width; /* cells; at least 60 */
    bool color;
};

void ticket_screen_head(struct buf *buf, const struct ticket_screen *screen);
void ticket_screen_line(struct buf *buf, const struct ticket_screen *screen,
                        const struct ticket *ticket);
/* Everything about one. */
void ticket_screen_page(struct buf *buf, const struct ticket_screen *screen,
                        const struct ticket *ticket);
/* Why it is what it is: each incident, and what joined it. */
void ticket_screen_why(struct buf *buf, const struct ticket_screen *screen,
                       const struct ticket *ticket);

/* "30/09 03:12", in UTC+7. */
void buf_short_time(struct buf *buf, int64_t ms);
/* One JSON object of DESIGN 16, and a line end. */
void ticket_export(struct buf *buf, const struct ticket *ticket);
/* The member `key` of it, behind others. */
void ticket_export_key(struct buf *buf, const struct ticket *ticket);

#endif
