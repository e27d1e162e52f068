/* SPDX-License-Identifier: Apache-2.0
 *
 * A request is appended, then its answer is looked for in the state: the
 * commit that holds it comes after the outputs of the same record, so whoever
 * has the answer finds the ticket as it is now, on soc.tickets too. */
#include "responder.h"

#include "base/commit.h"
#include "base/redis.h"
#include "clock.h"
#include "journal_io.h"
#include "topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ANSWER_MS = 15000, LOOK_MS = 20, NAME_LEN = 280 };

struct responder {
    struct config *config;
    struct redis_address address;
    struct redis *redis;
    struct json_reader *json;
    struct buf name; /* "respond/soc.journal/0" */
};

static const char *const tables[] = {
#define X(name, id) id,
    TICKETS_TABLES(X)
#undef X
};

struct responder *
responder_open(struct config *config, struct err *why)
{
    struct responder *responder = calloc(1, sizeof *responder);
    if (!responder) {
        err_set(why, "out of memory");
        return NULL;
    }
    responder->config = config;
    buf_add(&responder->name, STR("respond/"));
    buf_add(&responder->name, config->topics.journal);
    buf_add(&responder->name, STR("/0"));
    responder->json = json_reader_new();
    if (config_redis(config, &responder->address, why))
        responder->redis = redis_new(&responder->address);
    else
        why = NULL;
    if (responder->redis && responder->json)
        return responder;
    err_set(why, "out of memory");
    responder_close(responder);
    return NULL;
}

void
responder_close(struct responder *responder)
{
    if (!responder)
        return;
    redis_free(responder->redis);
    json_reader_free(responder->json);
    buf_free(&responder->name);
    free(responder);
}

static enum responder_says
call(struct responder *responder, const struct str *arg, size_t n,
     struct redis_reply **reply, struct err *why)
{
    return redis_call(responder->redis, arg, n, reply, why) == REDIS_FINE
               ? RESPONDER_FINE
               : RESPONDER_AWAY;
}

/* Without a marker there is no state: it never ran, or it is being restored
 * and what there is is not all. */
static enum responder_says
check_marker(struct responder *responder, struct err *why)
{
    struct buf key = {0};
    struct redis_reply *reply;
    buf_state_key(&key, buf_str(&responder->name), "marker");
    struct str arg[] = {STR("HGET"), buf_str(&key), STR("marker")};
    enum responder_says says = call(responder, arg, 3, &reply, why);
    if (says == RESPONDER_FINE && !reply_text(reply).at) {
        err_set(why, "there are no tickets yet: the responder has not run, or "
                     "is being restored (thapcanh status)");
        says = RESPONDER_AWAY;
    }
    redis_reply_free(reply);
    buf_free(&key);
    return says;
}

enum responder_says
responder_get(struct responder *responder, enum tickets_table table,
              struct str field, struct buf *value, struct err *why)
{
    struct buf key = {0};
    struct redis_reply *reply = NULL;
    enum responder_says says = check_marker(responder, why);
    buf_state_key(&key, buf_str(&responder->name), tables[table]);
    struct str arg[] = {STR("HGET"), buf_str(&key), field};
    if (says == RESPONDER_FINE)
        says = call(responder, arg, 3, &reply, why);
    if (says == RESPONDER_FINE && !reply_text(reply).at)
        says = RESPONDER_NONE;
    if (says == RESPONDER_FINE) {
        buf_clear(value);
        buf_add(value, reply_text(reply));
    }
    redis_reply_free(reply);
    buf_free(&key);
    return says;
}

enum responder_says
responder_each(struct responder *responder, enum tickets_table table,
               bool (*each)(void *context, struct str field, struct str value),
               void *context, struct err *why)
{
    struct buf key = {0};
    struct redis_reply *reply = NULL;
    enum responder_says says = check_marker(responder, why);
    buf_state_key(&key, buf_str(&responder->name), tables[table]);
    struct str arg[] = {STR("HGETALL"), buf_str(&key)};
    if (says == RESPONDER_FINE)
        says = call(responder, arg, 2, &reply, why);
    for (size_t i = 0; says == RESPONDER_FINE && i + 1 < reply_len(reply);
         i += 2)
        if (!each(context, reply_text(reply_at(reply, i)),
                  reply_text(reply_at(reply, i + 1))))
            break;
    redis_reply_free(reply);
    buf_free(&key);
    return says;
}

enum responder_says
responder_ticket(struct responder *responder, struct str id,
                 struct arena *arena, struct ticket *ticket, struct err *why)
{
    struct buf text = {0};
    const struct json *root;
    enum responder_says says =
        responder_get(responder, TABLE_TICKETS, id, &text, why);
    struct str copy = arena_copy(arena, buf_str(&text));
    buf_free(&text);
    if (says == RESPONDER_NONE)
        err_set(why, "%.*s: there is no such ticket", STR_ARG(id));
    if (says != RESPONDER_FINE)
        return says;
    if (json_read(responder->json, copy, arena, &root) == JSON_FINE &&
        ticket_read(root, arena, ticket, why))
        return RESPONDER_FINE;
    err_set(why, "%.*s: not a ticket of this version", STR_ARG(id));
    return RESPONDER_NONE;
}

/* "NUMBER ok" or "NUMBER reason". */
static enum responder_says
read_answer(struct str answer, struct err *why)
{
    struct str number;
    str_split(&answer, ' ', &number);
    if (str_equal(answer, STR("ok")))
        return RESPONDER_FINE;
    err_set(why, "%.*s", STR_ARG(answer));
    return RESPONDER_NONE;
}

static void
pause_a_little(void)
{
    struct timespec time = {.tv_nsec = LOOK_MS * 1000000L};
    nanosleep(&time, NULL);
}

enum responder_says
responder_ask(struct responder *responder, struct journal_record *record,
              struct err *why)
{
    char request[40];
    int len = snprintf(request, sizeof request, "%016" PRIx64 "%016" PRIx64,
                       clock_random(), clock_random());
    struct buf answer = {0};
    /* Better not asked at all than asked where nobody answers. */
    enum responder_says says = check_marker(responder, why);
    if (says != RESPONDER_FINE)
        return says;
    record->at_ms = clock_wall_ms();
    record->request = (struct str){request, (size_t)len};
    if (!journal_append(responder->config, record, why))
        return RESPONDER_AWAY;
    int64_t until_ms = clock_monotonic_ms() + ANSWER_MS;
    do {
        says = responder_get(responder, TABLE_ANSWERS, record->request, &answer,
                             why);
        if (says == RESPONDER_NONE)
            pause_a_little();
    } while (says == RESPONDER_NONE && clock_monotonic_ms() < until_ms);
    if (says == RESPONDER_FINE) {
        says = read_answer(buf_str(&answer), why);
    } else if (says == RESPONDER_NONE) {
        err_set(why, "it is recorded, but no responder has answered: it takes "
                     "effect when one runs");
        says = RESPONDER_AWAY;
    }
    buf_free(&answer);
    return says;
}
