/* SPDX-License-Identifier: Apache-2.0
 *
 * How a handle of the Kafka client library is made. People may set anything
 * the library knows, but what exactly-once rests on (STREAM 8) is set after
 * them, and a configuration that tries is refused by name beforehand. */
#include "base/log.h"
#include "kafka_priv.h"

#include <stdlib.h>
#include <string.h>

/* What the program decides; a configuration file may not. */
static const char *const reserved[] = {
    "bootstrap.servers",
    "metadata.broker.list",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "retries",
    "message.send.max.retries",
    "message.max.bytes",
    "enable.gapless.guarantee",
    "transactional.id",
    "linger.ms",
    "queue.buffering.max.ms",
    "group.id",
    "group.instance.id",
    "session.timeout.ms",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.commit.enable",
    "auto.offset.reset",
    "enable.partition.eof",
    "partition.assignment.strategy",
    "allow.auto.create.topics",
    "log.queue",
};

static void
on_log(const rd_kafka_t *handle, int level, const char *facility,
       const char *text)
{
    (void)handle;
    /* A consumer's setting given to a producer is no mistake here; that a
     * connection failed is said once, by on_error; that a producer is closed
     * with something in its queue was decided by whoever closed it. */
    static const char *const harmless[] = {"CONFWARN",  "FAIL",       "ERROR",
                                           "TERMINATE", "AUTOCREATE", "GETPID"};
    bool quiet = level > 4;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        quiet = quiet || strcmp(facility, harmless[i]) == 0;
    if (quiet)
        log_debug("kafka", "%s: %s", facility, text);
    else
        log_warn("kafka", "%s: %s", facility, text);
}

static void
on_error(rd_kafka_t *handle, int code, const char *reason, void *context)
{
    (void)handle;
    (void)context;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        log_warn("kafka", "no broker can be reached (%s); still trying",
                 reason);
    else if (code == RD_KAFKA_RESP_ERR__TRANSPORT ||
             code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
             code == RD_KAFKA_RESP_ERR__RESOLVE)
        log_debug("kafka", "%s", reason);
    else
        log_warn("kafka", "%s: %s", rd_kafka_err2str(code), reason);
}

static bool
set_all(rd_kafka_conf_t *conf, const struct kafka_settings *settings,
        struct err *why)
{
    char text[200];
    for (size_t i = 0; i < settings->n; i++) {
        const struct kafka_setting *setting = &settings->at[i];
        if (rd_kafka_conf_set(conf, setting->name, setting->value, text,
                              sizeof text) == RD_KAFKA_CONF_OK)
            continue;
        err_set(why, "kafka.%s: %s", setting->name, text);
        return false;
    }
    return true;
}

rd_kafka_t *
kafka_handle(const struct kafka_plan *plan,
             const struct kafka_settings *settings, struct err *why)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    if (plan->on_delivery != NULL)
        rd_kafka_conf_set_dr_msg_cb(conf, plan->on_delivery);
    if (!set_all(conf, &plan->defaults, why) || !set_all(conf, settings, why) ||
        !set_all(conf, &plan->fixed, why)) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    char text[200];
    rd_kafka_t *handle = rd_kafka_new(plan->type, conf, text, sizeof text);
    if (handle == NULL) {
        err_set(why, "Kafka client: %s", text);
        rd_kafka_conf_destroy(conf);
    }
    return handle;
}

bool
kafka_topic_name(struct str topic, char name[KAFKA_TOPIC_BYTES],
                 struct err *why)
{
    bool fine = topic.len > 0 && topic.len < KAFKA_TOPIC_BYTES;
    for (size_t i = 0; fine && i < topic.len; i++) {
        char c = topic.at[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    }
    if (!fine) {
        err_set(why,
                "no topic can be called '%.*s' (1 to 249 of a-z A-Z 0-9 . _ -)",
                STR_ARG(topic));
        return false;
    }
    memcpy(name, topic.at, topic.len);
    name[topic.len] = '\0';
    return true;
}

const char *
kafka_brokers(const struct kafka_settings *settings)
{
    for (size_t i = 0; i < settings->n; i++)
        if (strcmp(settings->at[i].name, "bootstrap.servers") == 0)
            return settings->at[i].value;
    return "(no address)";
}

void
kafka_err_reach(struct err *why, const char *brokers, rd_kafka_resp_err_t code)
{
    err_set(why, "Kafka at %s does not answer: %s", brokers,
            rd_kafka_err2str(code));
}

/* The library's own names, for a suggestion. Lives as long as `dump`. */
static struct str
nearest_setting(const char *name, const char **dump, size_t n)
{
    struct str *names = calloc(n / 2 + 1, sizeof *names);
    if (names == NULL)
        return NO_STR;
    for (size_t i = 0; i + 1 < n; i += 2)
        names[i / 2] = str_of(dump[i]);
    struct str near = str_nearest(str_of(name), names, n / 2);
    free(names);
    return near;
}

bool
kafka_setting_check(const char *name, const char *value, struct err *why)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0) {
            err_set(why, "kafka.%s is decided by the program", name);
            return false;
        }
    char text[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(conf, name, value, text, sizeof text);
    if (result == RD_KAFKA_CONF_UNKNOWN) {
        size_t n = 0;
        const char **dump = rd_kafka_conf_dump(conf, &n);
        struct str near = nearest_setting(name, dump, n);
        if (near.len > 0)
            err_set(why,
                    "unknown setting 'kafka.%s' (did you mean 'kafka.%.*s'?)",
                    name, STR_ARG(near));
        else
            err_set(why, "unknown setting 'kafka.%s'", name);
        rd_kafka_conf_dump_free(dump, n);
    } else if (result != RD_KAFKA_CONF_OK) {
        err_set(why, "kafka.%s: %s", name, text);
    }
    rd_kafka_conf_destroy(conf);
    return result == RD_KAFKA_CONF_OK;
}
