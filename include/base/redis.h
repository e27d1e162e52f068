/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to Redis (hiredis, RESP2). After any error the connection is
 * dead and what was sent is of unknown outcome; the next call connects anew.
 * The caller waits between tries: nothing here sleeps. The process must ignore
 * SIGPIPE (a closed connection is an error here, not a signal). */
#ifndef BASE_REDIS_H
#define BASE_REDIS_H

#include "base/err.h"

struct redis;
struct redis_reply; /* opaque; freed by redis_reply_free */

struct redis_address {
    const char *address; /* "host:port"; with a '/': a socket's path */
    struct str password; /* empty: none */
    int database;
};

enum redis_says {
    REDIS_FINE,
    /* Not now: no connection, loading, read-only, full, fail-over. Whether
     * the call was carried out is not known. Try again after a pause. */
    REDIS_AWAY,
    /* An error reply to this call: it will not work the second time either. */
    REDIS_REFUSED,
};

/* Borrows `address` for life. Never connects by itself. NULL: no memory. */
struct redis *redis_new(const struct redis_address *address);
void redis_free(struct redis *redis);
/* Drops the connection: what was sent and not received is forgotten. */
void redis_drop(struct redis *redis);

/* One call of `n` arguments. With REDIS_FINE `*reply` is the caller's to
 * free; else it is NULL and `why` says. */
enum redis_says redis_call(struct redis *redis, const struct str *arg, size_t n,
                           struct redis_reply **reply, struct err *why);
/* The same in two steps, so that work goes on meanwhile; one at a time, and
 * no redis_call in between. */
enum redis_says redis_send(struct redis *redis, const struct str *arg, size_t n,
                           struct err *why);
bool redis_answered(struct redis *redis); /* something to receive (or dead) */
enum redis_says redis_receive(struct redis *redis, struct redis_reply **reply,
                              struct err *why);

void redis_reply_free(struct redis_reply *reply);
struct str reply_text(const struct redis_reply *reply); /* or NO_STR */
int64_t reply_number(const struct redis_reply *reply);  /* or 0 */
size_t reply_len(const struct redis_reply *reply);      /* of a list, or 0 */
const struct redis_reply *reply_at(const struct redis_reply *reply, size_t i);

/* Reads the hash at `key` by HSCAN, calling `each` for every field (some may
 * come twice). Stops at the first false of `each`. */
enum redis_says redis_hash_each(struct redis *redis, struct str key,
                                bool (*each)(void *context, struct str field,
                                             struct str value),
                                void *context, struct err *why);

#endif
