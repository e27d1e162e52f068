/* SPDX-License-Identifier: Apache-2.0
 *
 * soc.windows goes on growing by progress records, so its end is asked for
 * once. An incident that the windows have opened is counted in their state
 * when it is on soc.incidents; the responder's state has a line for each that
 * it has taken, into a ticket or not. */
#include "through.h"

#include "base/commit.h"
#include "correlate/correlate.h"

#include <stdlib.h>

enum { KAFKA_MS = 10000, FIRED = 6 }; /* the word of "counters" */

bool
through_open(struct through *through, const struct config *config,
             struct redis *redis)
{
    *through = (struct through){.config = config, .redis = redis};
    through->end =
        calloc((size_t)config->windows_partitions, sizeof *through->end);
    return through->end != NULL;
}

void
through_close(struct through *through)
{
    free(through->end);
}

static bool
ask_ends(struct through *through, struct err *why)
{
    const struct config *config = through->config;
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, why);
    bool fine = admin != NULL;
    for (int p = 0; fine && p < config->windows_partitions; p++) {
        struct kafka_ends ends;
        fine = kafka_ask_ends(admin, config->topics.windows, p, KAFKA_MS, &ends,
                              why);
        through->end[p] = fine ? ends.high : 0;
    }
    if (admin)
        kafka_admin_close(admin);
    through->asked = fine;
    return fine;
}

/* A field of a table of "STAGE/TOPIC/PARTITION"; NULL: how many it has. */
static bool
ask(struct through *through, struct str name, const char *table,
    const char *field, struct redis_reply **reply, struct err *why)
{
    struct buf key = {0};
    buf_state_key(&key, name, table);
    struct str arg[] = {field ? STR("HGET") : STR("HLEN"), buf_str(&key),
                        str_of(field ? field : "")};
    bool fine = redis_call(through->redis, arg, field ? 3 : 2, reply, why) ==
                REDIS_FINE;
    buf_free(&key);
    return fine;
}

static int64_t
fired_of(struct str counters)
{
    struct str part;
    int64_t n = 0;
    for (int i = 0; i <= FIRED; i++)
        if (!str_split(&counters, ' ', &part) || !str_to_i64(part, &n))
            return 0;
    return n;
}

/* Adds what one windows partition says; `*done`: it is at its end. */
static bool
look_at_windows(struct through *through, int partition, bool *done,
                struct err *why)
{
    struct buf name = {0};
    struct redis_reply *marker = NULL, *counters = NULL;
    struct marker at = {.offset = 0};
    buf_format(&name, "correlate/%.*s/%d",
               STR_ARG(through->config->topics.windows), partition);
    bool fine =
        ask(through, buf_str(&name), "marker", "marker", &marker, why) &&
        ask(through, buf_str(&name), CORRELATE_META, "counters", &counters,
            why);
    if (fine && !marker_read(reply_text(marker), &at))
        at.offset = 0;
    *done = at.offset >= through->end[partition];
    through->n_computed += at.offset;
    through->n_opened += fine ? fired_of(reply_text(counters)) : 0;
    redis_reply_free(marker);
    redis_reply_free(counters);
    buf_free(&name);
    return fine;
}

static bool
count(struct through *through, const char *table, int64_t *n, struct err *why)
{
    struct buf name = {0};
    struct redis_reply *reply = NULL;
    buf_format(&name, "respond/%.*s/0",
               STR_ARG(through->config->topics.journal));
    bool fine = ask(through, buf_str(&name), table, NULL, &reply, why);
    *n = fine ? reply_number(reply) : 0;
    redis_reply_free(reply);
    buf_free(&name);
    return fine;
}

int
through_look(struct through *through, struct err *why)
{
    bool all = true;
    if (!through->asked && !ask_ends(through, why))
        return -1;
    through->n_opened = through->n_computed = 0;
    for (int p = 0; p < through->config->windows_partitions; p++) {
        bool done = false;
        if (!look_at_windows(through, p, &done, why))
            return -1;
        all = all && done;
    }
    if (!count(through, "incidents", &through->n_taken, why) ||
        !count(through, "tickets", &through->n_tickets, why))
        return -1;
    return all && through->n_taken >= through->n_opened;
}
