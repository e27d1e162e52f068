/* SPDX-License-Identifier: Apache-2.0
 *
 * Country and network of public addresses from a MaxMind DB (libmaxminddb).
 * One handle per worker thread. The file may be missing, corrupt, or replaced
 * while we run: the program goes on without, says so, and takes the new one
 * at a moment the worker chooses (STREAM 21). */
#ifndef INGEST_GEO_H
#define INGEST_GEO_H

#include "base/arena.h"
#include "base/err.h"
#include "model/alert.h"

struct geo_db;

/* Never NULL but out of memory; with an empty `path`, or a file that cannot be
 * used, every look-up answers nothing and geo_state says why. */
struct geo_db *geo_open(const char *path);
void geo_close(struct geo_db *db);

/* True when the file on disk is not the one in use any more and can be opened
 * and read: then geo_swap takes it. Cheap: one stat. A file that is corrupt
 * is tried once and named in geo_state. */
bool geo_changed(struct geo_db *db);
void geo_swap(struct geo_db *db);

/* Whether a database is in use; `why` (if not NULL) says what is wrong, or the
 * type and build date of the one in use. */
bool geo_state(const struct geo_db *db, struct err *why);

/* Country and network of `address` (text, IPv4 or IPv6, also mapped) into
 * `geo`, strings in `scratch`. Private, loopback, link-local, multicast,
 * documentation and malformed addresses answer nothing. Bounded time even on
 * a corrupt file. Allocates nothing (a small cache is part of the handle). */
void geo_find(struct geo_db *db, struct str address, struct arena *scratch,
              struct geo *geo);

#endif
