/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody wants to see of the feed: "severity>=high", "host=STTTT-*",
 * "unit!=so-y-te", "ip=10.84.0.0/16", "text:mimikatz". Filters of different
 * fields must all hold; several "=" of one field are alternatives. */
#ifndef DAEMON_FEED_FILTER_H
#define DAEMON_FEED_FILTER_H

#include "ingest/feed.h"

enum { MAX_FILTERS = 64 };

struct filter {
    int field, op;             /* feed_filter.c */
    struct str text;           /* borrows from what filters_add was given */
    int64_t number;            /* severity, level */
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;
};

struct filters {
    struct filter at[MAX_FILTERS];
    size_t n;
};

/* False, with the reason, when it is no filter. */
bool filters_add(struct filters *filters, const char *text, struct err *why);
bool filters_match(const struct filters *filters, const struct feed_line *line);

#endif
