/* SPDX-License-Identifier: Apache-2.0
 *
 * Our topics use LogAppendTime: a record dated 2024 under a retention of days
 * would be deleted within minutes. The settings are those of DESIGN 5; a topic
 * that exists is left as it is. */
#include "topics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_TEXT = 24 };

struct topic_plan {
    struct str name;
    int partitions;
    int64_t keep_ms; /* COMPACTED, FOR_EVER */
};

enum { COMPACTED = 0, FOR_EVER = -1 };

static bool
ensure_one(struct kafka_admin *admin, const struct topic_plan *plan,
           int timeout_ms, struct err *why)
{
    char keep[NUMBER_TEXT], largest[NUMBER_TEXT];
    snprintf(keep, sizeof keep, "%" PRId64, plan->keep_ms);
    snprintf(largest, sizeof largest, "%d", MAX_OUTPUT_BYTES + (1 << 20));
    const struct kafka_setting setting[] = {
        {"message.timestamp.type", "LogAppendTime"},
        {"max.message.bytes", largest},
        {"cleanup.policy", plan->keep_ms == COMPACTED ? "compact" : "delete"},
        {"retention.ms", plan->keep_ms > 0 ? keep : "-1"},
    };
    struct kafka_settings settings = {setting,
                                      sizeof setting / sizeof *setting};
    return kafka_topic_ensure(admin, plan->name, plan->partitions, &settings,
                              timeout_ms, why);
}

bool
topics_ensure(const struct config *config, int timeout_ms, struct err *why)
{
    const struct topic_plan plan[] = {
        {config->topics.alerts, config->topics.partitions,
         config->topics.alerts_keep_ms},
        {config->topics.deadletter, config->topics.deadletter_partitions,
         config->topics.deadletter_keep_ms},
        {config->topics.windows, config->windows_partitions,
         config->topics.windows_keep_ms},
        {config->topics.chained, config->windows_partitions,
         config->topics.windows_keep_ms},
        {config->topics.state, config->topics.state_partitions, COMPACTED},
        {config->topics.reports, config->topics.reports_partitions, COMPACTED},
        {config->topics.rules, 1, COMPACTED},
        {config->topics.incidents, config->topics.incidents_partitions,
         COMPACTED},
        {config->topics.journal, 1, FOR_EVER},
        {config->topics.tickets, 1, COMPACTED},
        {config->topics.evidence, config->topics.evidence_partitions,
         COMPACTED},
        {config->topics.reviews, 1, COMPACTED},
    };
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, why);
    bool fine = admin != NULL;
    for (size_t i = 0; fine && i < sizeof plan / sizeof *plan; i++)
        fine = ensure_one(admin, &plan[i], timeout_ms, why);
    if (admin)
        kafka_admin_close(admin);
    return fine;
}

static bool
is_pattern(struct str name)
{
    return str_contains(name, STR("*")) || str_contains(name, STR("?"));
}

/* "fw-*" → "^fw-.*$" */
static void
write_regex(struct buf *buf, struct str pattern)
{
    buf_char(buf, '^');
    for (size_t i = 0; i < pattern.len; i++) {
        char c = pattern.at[i];
        if (c == '*')
            buf_add(buf, STR(".*"));
        else if (c == '?')
            buf_char(buf, '.');
        else if (strchr(".^$+(){}[]|\\", c))
            buf_format(buf, "\\%c", c);
        else
            buf_char(buf, c);
    }
    buf_char(buf, '$');
}

void
subscription_make(const struct config *config,
                  struct subscription *subscription)
{
    size_t end[MAX_SOURCES];
    for (size_t i = 0; i < config->n_sources; i++) {
        struct str topics = config->source[i].topics;
        if (is_pattern(topics))
            write_regex(&subscription->text, topics);
        else
            buf_add(&subscription->text, topics);
        end[i] = subscription->text.len;
    }
    size_t from = 0;
    for (size_t i = 0; i < config->n_sources; i++) {
        subscription->at[i] =
            str_cut(buf_str(&subscription->text), from, end[i]);
        from = end[i];
    }
    subscription->n = config->n_sources;
}

void
subscription_free(struct subscription *subscription)
{
    buf_free(&subscription->text);
}

bool
config_redis(struct config *config, struct redis_address *redis,
             struct err *why)
{
    *redis = (struct redis_address){
        .address = config->redis_address,
        .database = config->redis_database,
    };
    return config_password(config, &redis->password, why);
}
