/* SPDX-License-Identifier: Apache-2.0
 *
 * Redis by hiredis 0.14: a context is dead after any error and its pipelined
 * commands are gone, so it is freed at once and made anew by the next call.
 * Error replies are sorted by their first word into "not now" and "never". */
#include "base/redis.h"

#include "base/fault.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum {
    CONNECT_SECONDS = 2,
    ANSWER_SECONDS = 10,
};

struct redis {
    const struct redis_address *address;
    redisContext *context;
    bool sent; /* a call waits for its answer */
    const char **argv;
    size_t *lens;
    size_t n_argv;
};

static redisReply *
unwrap(const struct redis_reply *reply)
{
    union {
        const struct redis_reply *in;
        redisReply *out;
    } u = {.in = reply};
    return u.out;
}

static struct redis_reply *
wrap(void *reply)
{
    return (struct redis_reply *)reply;
}

struct redis *
redis_new(const struct redis_address *address)
{
    struct redis *redis = calloc(1, sizeof *redis);
    if (redis)
        redis->address = address;
    return redis;
}

void
redis_drop(struct redis *redis)
{
    if (redis->context)
        redisFree(redis->context);
    redis->context = NULL;
    redis->sent = false;
}

void
redis_free(struct redis *redis)
{
    if (!redis)
        return;
    redis_drop(redis);
    free(redis->argv);
    free(redis->lens);
    free(redis);
}

/* Errors that pass: Redis is starting, failing over, full or busy. */
static bool
passes(const char *error)
{
    static const char *const first[] = {
        "LOADING",    "READONLY", "OOM",        "MASTERDOWN", "CLUSTERDOWN",
        "TRYAGAIN",   "BUSY",     "NOREPLICAS", "MISCONF",    "NOAUTH",
        "UNKILLABLE", "MOVED",    "ASK",        "WRONGPASS",
    };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) {
        size_t n = strlen(first[i]);
        if (!strncmp(error, first[i], n) &&
            (error[n] == ' ' || error[n] == '\0'))
            return true;
    }
    return false;
}

static enum redis_says
judge(struct redis *redis, redisReply *got, struct redis_reply **reply,
      struct err *why)
{
    *reply = NULL;
    if (!got) {
        err_set(why, "Redis at %s: %s", redis->address->address,
                redis->context->errstr);
        redis_drop(redis);
        return REDIS_AWAY;
    }
    if (got->type == REDIS_REPLY_ERROR) {
        err_set(why, "Redis at %s: %.180s", redis->address->address, got->str);
        enum redis_says says = passes(got->str) ? REDIS_AWAY : REDIS_REFUSED;
        freeReplyObject(got);
        return says;
    }
    *reply = wrap(got);
    return REDIS_FINE;
}

static redisContext *
dial(const char *address)
{
    struct timeval limit = {.tv_sec = CONNECT_SECONDS};
    if (strchr(address, '/'))
        return redisConnectUnixWithTimeout(address, limit);
    char host[256];
    const char *colon = strrchr(address, ':');
    size_t n = colon ? (size_t)(colon - address) : strlen(address);
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        address++;
        n -= 2;
    }
    if (n >= sizeof host)
        n = sizeof host - 1;
    memcpy(host, address, n);
    host[n] = '\0';
    int64_t port = 6379;
    if (colon)
        str_to_i64(str_of(colon + 1), &port);
    return redisConnectWithTimeout(host, (int)port, limit);
}

static enum redis_says
greet(struct redis *redis, const struct str *arg, size_t n, struct err *why)
{
    const char *argv[2];
    size_t lens[2];
    for (size_t i = 0; i < n; i++) {
        argv[i] = arg[i].at;
        lens[i] = arg[i].len;
    }
    struct redis_reply *reply;
    void *got = redisCommandArgv(redis->context, (int)n, argv, lens);
    enum redis_says says = judge(redis, got, &reply, why);
    redis_reply_free(reply);
    if (says != REDIS_FINE)
        redis_drop(redis);
    return says == REDIS_FINE ? says : REDIS_AWAY;
}

static enum redis_says
connect_now(struct redis *redis, struct err *why)
{
    if (redis->context)
        return REDIS_FINE;
    const struct redis_address *address = redis->address;
    redisContext *context = dial(address->address);
    if (!context || context->err) {
        err_set(why, "Redis at %s: %s", address->address,
                context ? context->errstr : "out of memory");
        if (context)
            redisFree(context);
        return REDIS_AWAY;
    }
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    redisSetTimeout(context, limit);
    redis->context = context;
    if (address->password.len > 0) {
        struct str auth[] = {STR("AUTH"), address->password};
        if (greet(redis, auth, 2, why) != REDIS_FINE)
            return REDIS_AWAY;
    }
    if (address->database > 0) {
        struct buf number = {0};
        buf_i64(&number, address->database);
        struct str select[] = {STR("SELECT"), buf_str(&number)};
        enum redis_says says = greet(redis, select, 2, why);
        buf_free(&number);
        return says;
    }
    return REDIS_FINE;
}

static bool
fill_argv(struct redis *redis, const struct str *arg, size_t n)
{
    if (n > redis->n_argv) {
        size_t room = n + n / 2 + 16;
        const char **argv = realloc(redis->argv, room * sizeof *argv);
        if (argv)
            redis->argv = argv;
        size_t *lens = realloc(redis->lens, room * sizeof *lens);
        if (lens)
            redis->lens = lens;
        if (!argv || !lens)
            return false;
        redis->n_argv = room;
    }
    for (size_t i = 0; i < n; i++) {
        redis->argv[i] = arg[i].at ? arg[i].at : "";
        redis->lens[i] = arg[i].len;
    }
    return true;
}

enum redis_says
redis_send(struct redis *redis, const struct str *arg, size_t n,
           struct err *why)
{
    assert(!redis->sent);
    enum redis_says says = connect_now(redis, why);
    if (says != REDIS_FINE)
        return says;
    if (!fill_argv(redis, arg, n)) {
        err_set(why, "out of memory");
        return REDIS_AWAY;
    }
    if (redisAppendCommandArgv(redis->context, (int)n, redis->argv,
                               redis->lens) != REDIS_OK) {
        err_set(why, "Redis at %s: %s", redis->address->address,
                redis->context->errstr);
        redis_drop(redis);
        return REDIS_AWAY;
    }
    if (fault_fails(FAIL_call)) {
        err_set(why, "Redis at %s: not sent", redis->address->address);
        redis_drop(redis);
        return REDIS_AWAY;
    }
    for (int done = 0; !done;) {
        if (redisBufferWrite(redis->context, &done) != REDIS_OK) {
            err_set(why, "Redis at %s: %s", redis->address->address,
                    redis->context->errstr);
            redis_drop(redis);
            return REDIS_AWAY;
        }
    }
    redis->sent = true;
    return REDIS_FINE;
}

bool
redis_answered(struct redis *redis)
{
    if (!redis->context)
        return true;
    struct pollfd fd = {.fd = redis->context->fd, .events = POLLIN};
    return poll(&fd, 1, 0) != 0;
}

enum redis_says
redis_receive(struct redis *redis, struct redis_reply **reply, struct err *why)
{
    *reply = NULL;
    if (!redis->context) {
        err_set(why, "Redis at %s: not connected", redis->address->address);
        return REDIS_AWAY;
    }
    void *got = NULL;
    redis->sent = false;
    if (redisGetReply(redis->context, &got) != REDIS_OK)
        got = NULL;
    if (got && fault_fails(FAIL_reply)) {
        freeReplyObject(got);
        got = NULL;
    }
    return judge(redis, got, reply, why);
}

enum redis_says
redis_call(struct redis *redis, const struct str *arg, size_t n,
           struct redis_reply **reply, struct err *why)
{
    *reply = NULL;
    enum redis_says says = redis_send(redis, arg, n, why);
    if (says != REDIS_FINE)
        return says;
    return redis_receive(redis, reply, why);
}

void
redis_reply_free(struct redis_reply *reply)
{
    if (reply)
        freeReplyObject(unwrap(reply));
}

struct str
reply_text(const struct redis_reply *reply)
{
    if (!reply)
        return NO_STR;
    redisReply *r = unwrap(reply);
    if (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS)
        return NO_STR;
    return (struct str){r->str, (size_t)r->len};
}

int64_t
reply_number(const struct redis_reply *reply)
{
    if (!reply || unwrap(reply)->type != REDIS_REPLY_INTEGER)
        return 0;
    return unwrap(reply)->integer;
}

size_t
reply_len(const struct redis_reply *reply)
{
    if (!reply || unwrap(reply)->type != REDIS_REPLY_ARRAY)
        return 0;
    return unwrap(reply)->elements;
}

const struct redis_reply *
reply_at(const struct redis_reply *reply, size_t i)
{
    return i < reply_len(reply) ? wrap(unwrap(reply)->element[i]) : NULL;
}

enum redis_says
redis_hash_each(struct redis *redis, struct str key,
                bool (*each)(void *context, struct str field, struct str value),
                void *context, struct err *why)
{
    struct buf cursor = {0};
    buf_char(&cursor, '0');
    enum redis_says says;
    for (bool more = true; more;) {
        struct str arg[] = {STR("HSCAN"), key, buf_str(&cursor), STR("COUNT"),
                            STR("2000")};
        struct redis_reply *reply;
        says = redis_call(redis, arg, 5, &reply, why);
        if (says != REDIS_FINE)
            break;
        const struct redis_reply *list = reply_at(reply, 1);
        for (size_t i = 0; more && i + 1 < reply_len(list); i += 2)
            more = each(context, reply_text(reply_at(list, i)),
                        reply_text(reply_at(list, i + 1)));
        buf_clear(&cursor);
        buf_add(&cursor, reply_text(reply_at(reply, 0)));
        if (str_equal(buf_str(&cursor), STR("0")))
            more = false;
        redis_reply_free(reply);
    }
    buf_free(&cursor);
    return says;
}
