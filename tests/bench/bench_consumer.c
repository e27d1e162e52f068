/* SPDX-License-Identifier: Apache-2.0
 *
 * The bare consumer: what any program in front of Kafka costs that only polls
 * and counts. It reads the input topics of CONFIG with the client library
 * alone, set as the service sets it (base/consumer.c) and by what CONFIG says
 * under kafka., from the beginning to the end that is there now.
 *
 *   bench_consumer CONFIG GROUP [NAME=PID]…
 *
 * One line, as of bench_service: messages and time from the first to the last
 * poll that gave one, CPU of this process from its start, of others meanwhile.
 * GROUP must not be used elsewhere. */
#include "cpu.h"
#include "watch.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { POLL_MS = 100, STUCK_MS = 60000 };

static bool
set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *why)
{
    char text[200];
    if (rd_kafka_conf_set(conf, name, value, text, sizeof text) ==
        RD_KAFKA_CONF_OK)
        return true;
    err_set(why, "kafka.%s: %s", name, text);
    return false;
}

static rd_kafka_t *
consumer(const struct config *config, const char *group, struct err *why)
{
    static const char *const settings[][2] = {
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},
        {"partition.assignment.strategy", "range,roundrobin"},
        {"queued.max.messages.kbytes", "65536"},
        {"fetch.message.max.bytes", "9437184"},
        {"fetch.wait.max.ms", "50"},
        {"fetch.error.backoff.ms", "100"},
    };
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool fine = set(conf, "group.id", group, why);
    for (size_t i = 0; fine && i < sizeof settings / sizeof *settings; i++)
        fine = set(conf, settings[i][0], settings[i][1], why);
    for (size_t i = 0; fine && i < config->kafka.n; i++)
        fine =
            set(conf, config->kafka.at[i].name, config->kafka.at[i].value, why);
    char text[200] = "";
    rd_kafka_t *rk =
        fine ? rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text) : NULL;
    if (fine && !rk)
        err_set(why, "%s", text);
    if (!rk)
        rd_kafka_conf_destroy(conf);
    return rk;
}

static bool
subscribe(rd_kafka_t *rk, const struct config *config, struct err *why)
{
    rd_kafka_topic_partition_list_t *list =
        rd_kafka_topic_partition_list_new((int)config->n_sources);
    for (size_t i = 0; i < config->n_sources; i++) {
        struct buf name = {0};
        buf_add(&name, config->source[i].topics);
        buf_char(&name, '\0');
        rd_kafka_topic_partition_list_add(list, name.at, RD_KAFKA_PARTITION_UA);
        buf_free(&name);
    }
    rd_kafka_resp_err_t error = rd_kafka_subscribe(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (error)
        err_set(why, "%s", rd_kafka_err2str(error));
    return !error;
}

/* Polls until it has had `wanted` messages. */
static bool
count(rd_kafka_t *rk, int64_t wanted, int64_t *ms, struct err *why)
{
    int64_t n = 0, first_ms = 0;
    int n_empty = 0; /* polls that gave nothing, in a row */
    while (n < wanted && n_empty * POLL_MS < STUCK_MS) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, POLL_MS);
        n_empty = message ? 0 : n_empty + 1;
        if (!message)
            continue;
        if (!message->err && n++ == 0)
            first_ms = wall_ms();
        rd_kafka_message_destroy(message);
    }
    *ms = wall_ms() - first_ms;
    if (n < wanted)
        err_set(why, "no message came in %d s; so far %lld of %lld",
                STUCK_MS / 1000, (long long)n, (long long)wanted);
    return n == wanted;
}

static bool
run(struct config *config, char **argv, int argc, struct err *why)
{
    static struct watch watch;
    static struct others others;
    int64_t ms = 0, own_us = 0, wanted;
    bool fine = watch_open(&watch, config, why);
    wanted = watch.n_messages;
    watch_close(&watch);
    if (!fine || !others_read(&others, argv + 3, argc - 3, why))
        return false;
    own_us = cpu_us(getpid());
    rd_kafka_t *rk = consumer(config, argv[2], why);
    if (!rk)
        return false;
    rd_kafka_poll_set_consumer(rk);
    fine = subscribe(rk, config, why) && count(rk, wanted, &ms, why);
    own_us = cpu_us(getpid()) - own_us;
    others_stop(&others);
    if (fine) {
        printf("messages %" PRId64 " ms %" PRId64 " all %" PRId64
               " service_us %" PRId64,
               wanted, ms, wanted, own_us);
        others_print(&others);
        printf("\n");
    }
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return fine;
}

int
main(int argc, char **argv)
{
    static struct config config;
    struct complaints complaints = {0};
    struct err why = {""};
    if (argc < 3) {
        fprintf(stderr, "usage: bench_consumer CONFIG GROUP [NAME=PID]…\n");
        return 2;
    }
    bool fine = config_load(argv[1], &config, &complaints);
    if (!fine)
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&complaints.text)));
    else if (!run(&config, argv, argc, &why)) {
        fprintf(stderr, "bench_consumer: %s\n", why.text);
        fine = false;
    }
    complaints_free(&complaints);
    config_free(&config);
    return fine ? 0 : 1;
}
