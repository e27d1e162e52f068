/* SPDX-License-Identifier: Apache-2.0
 *
 * The page behind an acknowledge link, as HTML: for a phone, without script,
 * pictures or anything from elsewhere. Pure. */
#ifndef CONSOLE_PAGE_H
#define CONSOLE_PAGE_H

#include "console/http.h"

enum page_state {
    PAGE_ASKS,    /* a button: take it */
    PAGE_DONE,    /* it is taken, by the reader */
    PAGE_EXPIRED, /* the link is */
    PAGE_WRONG,   /* it is not one of ours */
    PAGE_LATER,   /* cannot be recorded now */
};

struct page {
    enum page_state state;
    enum language language;
    struct str name; /* of the reader, for PAGE_ASKS */
    struct str path; /* of the page itself: where the button posts to */
    const struct http_ticket *ticket;
    size_t n_tickets;
};

void page_write(struct buf *buf, const struct page *page);

#endif
