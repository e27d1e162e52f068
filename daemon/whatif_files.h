/* SPDX-License-Identifier: Apache-2.0
 *
 * What there was, of files of alerts instead of Kafka: what the site in force
 * makes of them, its feed, its incidents and its tickets, with nobody working
 * on any. */
#ifndef DAEMON_WHATIF_FILES_H
#define DAEMON_WHATIF_FILES_H

#include "replay.h"
#include "replay_tickets.h"
#include "site.h"
#include "whatif_feed.h"
#include "whatif_side.h"

enum { WHATIF_MAX_FILES = 64 };

struct whatif_files {
    const struct site *site; /* in force; it has rules */
    const char *geo_database;
    const struct replay_file *file;
    size_t n;
};

/* The days (UTC+7) from the first alert of the files to the last. False with
 * the reason: none can be read, or not twice. */
bool whatif_files_span(const struct whatif_files *files, int64_t *from_ms,
                       int64_t *until_ms, struct err *why);

/* Where it goes. */
struct whatif_files_into {
    struct whatif_feed *feed;
    struct whatif_side *side;
    struct replay_tickets *tickets; /* made for the site's triage */
    int64_t from_ms, until_ms;      /* incidents outside are not kept */
};
/* Fills `feed`, not sorted yet, and closes `side`. False with the reason. */
bool whatif_files_read(const struct whatif_files *files,
                       const struct whatif_files_into *into,
                       struct replay_counts *counts, struct err *why);

#endif
