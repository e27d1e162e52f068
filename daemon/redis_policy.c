/* SPDX-License-Identifier: Apache-2.0
 *
 * INFO memory is asked and not CONFIG GET, which managed servers refuse. The
 * answer is kept as one of the names Redis has, so that it can be handed to
 * another thread as a pointer. */
#include "redis_policy.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { LOOK_MS = 10000, RETRY_MS = 5000 };

static const struct str names[] = {
    {"noeviction", 10},      {"allkeys-lru", 11},  {"allkeys-lfu", 11},
    {"allkeys-random", 14},  {"volatile-lru", 12}, {"volatile-lfu", 12},
    {"volatile-random", 15}, {"volatile-ttl", 12},
};

struct redis_policy {
    struct redis *redis;
    int64_t next_ms;
    _Atomic(const struct str *) name; /* of `names`, or NULL */
};

struct redis_policy *
redis_policy_new(const struct redis_address *address)
{
    struct redis_policy *policy = calloc(1, sizeof *policy);
    if (policy == NULL)
        return NULL;
    policy->redis = redis_new(address);
    if (policy->redis != NULL)
        return policy;
    free(policy);
    return NULL;
}

void
redis_policy_free(struct redis_policy *policy)
{
    if (policy == NULL)
        return;
    redis_free(policy->redis);
    free(policy);
}

/* The policy named in the answer to INFO memory; NULL when none we know. */
static const struct str *
find(struct str info)
{
    struct str line;
    while (str_split(&info, '\n', &line)) {
        if (!str_starts(line, STR("maxmemory_policy:")))
            continue;
        struct str value = str_trim(str_cut(line, 17, line.len));
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (str_equal(names[i], value))
                return &names[i];
    }
    return NULL;
}

void
redis_policy_look(struct redis_policy *policy, int64_t now_ms)
{
    if (now_ms < policy->next_ms)
        return;
    const struct str arg[] = {STR("INFO"), STR("memory")};
    struct redis_reply *reply = NULL;
    struct err why;
    enum redis_says says = redis_call(policy->redis, arg, 2, &reply, &why);
    if (says == REDIS_FINE)
        atomic_store(&policy->name, find(reply_text(reply)));
    redis_reply_free(reply);
    policy->next_ms = now_ms + (says == REDIS_FINE ? LOOK_MS : RETRY_MS);
}

struct str
redis_policy_name(const struct redis_policy *policy)
{
    const struct str *name = atomic_load(&policy->name);
    return name != NULL ? *name : NO_STR;
}
