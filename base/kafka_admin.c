/* SPDX-License-Identifier: Apache-2.0
 *
 * Topics and their ends. The handle is a consumer's that never consumes: a
 * producer's would make the broker create every topic that is asked for. */
#include "kafka_priv.h"

#include <stdlib.h>
#include <string.h>

struct kafka_admin {
    rd_kafka_t *handle;
    char brokers[128]; /* for messages */
};

static const struct kafka_setting fixed[] = {
    {"allow.auto.create.topics", "false"},
    {"enable.auto.commit", "false"},
};

static const struct kafka_plan plan = {
    .type = RD_KAFKA_CONSUMER,
    .fixed = {fixed, sizeof fixed / sizeof *fixed},
};

struct kafka_admin *
kafka_admin_open(const struct kafka_settings *settings, struct err *why)
{
    struct kafka_admin *admin = calloc(1, sizeof *admin);
    if (admin == NULL) {
        err_set(why, "out of memory");
        return NULL;
    }
    struct str brokers = str_of(kafka_brokers(settings));
    memcpy(admin->brokers, brokers.at,
           brokers.len < sizeof admin->brokers ? brokers.len
                                               : sizeof admin->brokers - 1);
    admin->handle = kafka_handle(&plan, settings, why);
    if (admin->handle == NULL) {
        free(admin);
        return NULL;
    }
    return admin;
}

void
kafka_admin_close(struct kafka_admin *admin)
{
    if (admin == NULL)
        return;
    rd_kafka_destroy(admin->handle);
    free(admin);
}

bool
kafka_cluster_id(struct kafka_admin *admin, int timeout_ms, struct buf *id,
                 struct err *why)
{
    char *text = rd_kafka_clusterid(admin->handle, timeout_ms);
    if (text == NULL) {
        kafka_err_reach(why, admin->brokers, RD_KAFKA_RESP_ERR__TIMED_OUT);
        return false;
    }
    buf_add(id, str_of(text));
    rd_kafka_mem_free(admin->handle, text);
    return true;
}

int
kafka_topic_partitions(struct kafka_admin *admin, struct str topic,
                       int timeout_ms, struct err *why)
{
    char name[KAFKA_TOPIC_BYTES];
    if (!kafka_topic_name(topic, name, why))
        return -1;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(admin->handle, name, NULL);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = handle == NULL
                                   ? rd_kafka_last_error()
                                   : rd_kafka_metadata(admin->handle, 0, handle,
                                                       &metadata, timeout_ms);
    if (handle != NULL)
        rd_kafka_topic_destroy(handle);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR || metadata == NULL) {
        kafka_err_reach(why, admin->brokers, code);
        return -1;
    }
    int n = 0;
    if (metadata->topic_cnt == 1) {
        code = metadata->topics[0].err;
        n = metadata->topics[0].partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return 0;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR ||
        code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
        return n;
    err_set(why, "topic %s: %s", name, rd_kafka_err2str(code));
    return -1;
}

/* The order to make one topic. "replication.factor" is not a topic's setting
 * for Kafka but an argument: -1 leaves it to the broker. */
static rd_kafka_NewTopic_t *
new_topic(const char *name, int n_partitions,
          const struct kafka_settings *settings, struct err *why)
{
    char text[160];
    int64_t replicas = -1;
    for (size_t i = 0; i < settings->n; i++)
        if (strcmp(settings->at[i].name, "replication.factor") == 0 &&
            !str_to_i64(str_of(settings->at[i].value), &replicas)) {
            err_set(why, "replication.factor: '%s' is not a number",
                    settings->at[i].value);
            return NULL;
        }
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
        name, n_partitions, (int)replicas, text, sizeof text);
    if (topic == NULL) {
        err_set(why, "topic %s: %s", name, text);
        return NULL;
    }
    for (size_t i = 0; i < settings->n; i++)
        if (strcmp(settings->at[i].name, "replication.factor") != 0)
            rd_kafka_NewTopic_set_config(topic, settings->at[i].name,
                                         settings->at[i].value);
    return topic;
}

/* The answer to the one order in it. */
static bool
created(rd_kafka_event_t *event, const char *name, struct err *why)
{
    if (event == NULL) {
        err_set(why, "topic %s: no answer in time", name);
        return false;
    }
    rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    const char *text = rd_kafka_event_error_string(event);
    const rd_kafka_CreateTopics_result_t *result =
        rd_kafka_event_CreateTopics_result(event);
    size_t n = 0;
    const rd_kafka_topic_result_t **topics =
        code || !result ? NULL
                        : rd_kafka_CreateTopics_result_topics(result, &n);
    if (n == 1) {
        code = rd_kafka_topic_result_error(topics[0]);
        text = rd_kafka_topic_result_error_string(topics[0]);
    }
    bool fine = code == RD_KAFKA_RESP_ERR_NO_ERROR ||
                code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    if (!fine)
        err_set(why, "topic %s cannot be created: %s", name,
                text != NULL ? text : rd_kafka_err2str(code));
    return fine;
}

static bool
create(struct kafka_admin *admin, rd_kafka_NewTopic_t *topic, const char *name,
       int timeout_ms, struct err *why)
{
    char text[160];
    rd_kafka_queue_t *queue = rd_kafka_queue_new(admin->handle);
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
        admin->handle, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, text,
                                              sizeof text);
    rd_kafka_AdminOptions_set_operation_timeout(options, timeout_ms, text,
                                                sizeof text);
    rd_kafka_CreateTopics(admin->handle, &topic, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
    bool fine = created(event, name, why);
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return fine;
}

bool
kafka_topic_ensure(struct kafka_admin *admin, struct str topic,
                   int n_partitions, const struct kafka_settings *settings,
                   int timeout_ms, struct err *why)
{
    static const struct kafka_settings none = {NULL, 0};
    char name[KAFKA_TOPIC_BYTES];
    if (!kafka_topic_name(topic, name, why))
        return false;
    int n = kafka_topic_partitions(admin, topic, timeout_ms, why);
    if (n != 0)
        return n > 0;
    rd_kafka_NewTopic_t *order =
        new_topic(name, n_partitions, settings ? settings : &none, why);
    if (order == NULL)
        return false;
    bool fine = create(admin, order, name, timeout_ms, why);
    rd_kafka_NewTopic_destroy(order);
    if (!fine)
        return false;
    /* The controller knows it now; the broker we ask may learn it later. */
    for (int waited = 0; waited <= timeout_ms; waited += 20) {
        n = kafka_topic_partitions(admin, topic, timeout_ms, why);
        if (n != 0)
            return n > 0;
        rd_kafka_poll(admin->handle, 20);
    }
    err_set(why, "topic %s was created but does not appear", name);
    return false;
}

bool
kafka_ask_ends(struct kafka_admin *admin, struct str topic, int32_t partition,
               int timeout_ms, struct kafka_ends *ends, struct err *why)
{
    char name[KAFKA_TOPIC_BYTES];
    if (!kafka_topic_name(topic, name, why))
        return false;
    rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
        admin->handle, name, partition, &ends->low, &ends->high, timeout_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
        return true;
    err_set(why, "topic %s/%d at %s: %s", name, (int)partition, admin->brokers,
            rd_kafka_err2str(code));
    return false;
}

bool
kafka_topics(struct kafka_admin *admin, int timeout_ms,
             void (*each)(void *context, struct str topic, int n),
             void *context, struct err *why)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(admin->handle, 1, NULL, &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_err_reach(why, admin->brokers, code);
        return false;
    }
    for (int i = 0; i < metadata->topic_cnt; i++)
        each(context, str_of(metadata->topics[i].topic),
             metadata->topics[i].partition_cnt);
    rd_kafka_metadata_destroy(metadata);
    return true;
}
