/* SPDX-License-Identifier: Apache-2.0
 *
 * Markers are read one by one: eight calls a look, and a look every few
 * milliseconds, are nothing beside the commits that are being measured. */
#include "watch.h"

#include "base/commit.h"
#include "daemon/topics.h"

enum { KAFKA_MS = 10000 };

static bool
add_topic(struct watch *watch, struct kafka_admin *admin, struct str topic,
          struct err *why)
{
    int n = kafka_topic_partitions(admin, topic, KAFKA_MS, why);
    if (n == 0)
        err_set(why, "no topic is called %.*s", STR_ARG(topic));
    if (n <= 0)
        return false;
    for (int p = 0; p < n; p++) {
        struct kafka_ends ends;
        struct buf name = {0};
        if (watch->n == MAX_WATCHED) {
            err_set(why, "more than %d partitions", (int)MAX_WATCHED);
            return false;
        }
        if (!kafka_ask_ends(admin, topic, p, KAFKA_MS, &ends, why))
            return false;
        watch->n_messages += ends.high;
        buf_format(&name, "ingest/%.*s/%d", STR_ARG(topic), p);
        buf_state_key(&watch->key[watch->n++], buf_str(&name), "marker");
        buf_free(&name);
    }
    return true;
}

bool
watch_open(struct watch *watch, struct config *config, struct err *why)
{
    *watch = (struct watch){0};
    if (!config_redis(config, &watch->address, why))
        return false;
    watch->redis = redis_new(&watch->address);
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, why);
    bool fine = admin && watch->redis;
    for (size_t i = 0; fine && i < config->n_sources; i++)
        fine = add_topic(watch, admin, config->source[i].topics, why);
    if (admin)
        kafka_admin_close(admin);
    return fine;
}

void
watch_close(struct watch *watch)
{
    for (size_t i = 0; i < watch->n; i++)
        buf_free(&watch->key[i]);
    redis_free(watch->redis);
}

int64_t
watch_committed(struct watch *watch, struct err *why)
{
    int64_t sum = 0;
    for (size_t i = 0; i < watch->n; i++) {
        struct str arg[] = {STR("HGET"), buf_str(&watch->key[i]),
                            STR("marker")};
        struct redis_reply *reply;
        struct marker marker;
        if (redis_call(watch->redis, arg, 3, &reply, why) != REDIS_FINE)
            return -1;
        if (marker_read(reply_text(reply), &marker))
            sum += marker.offset;
        redis_reply_free(reply);
    }
    return sum;
}
