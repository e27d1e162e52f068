/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration, as a plain record. It is filled from one YAML file and
 * the environment by way of one table (config_table.c), which also makes
 * `--help` and docs/config.md. Everything is owned by the record's own arena:
 * it lives until config_free. Paths are already relative to nothing: what the
 * file says is taken from the file's own folder. */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/kafka.h"
#include "model/limits.h"

/* One entry of `sources:`. */
struct config_source {
    struct str topics;   /* a topic's name, or a pattern with * and ? */
    const char *mapping; /* path of the mapping file */
    struct str report;   /* how reports call it; empty: the product's name */
    struct place place;  /* of the entry, for messages */
    struct place mapping_place;
};

struct config {
    const char *file; /* the file read */

    struct kafka_settings kafka; /* "bootstrap.servers" is the first */
    const char *kafka_brokers;   /* that one again, for messages */
    const char *redis_address;   /* "host:port"; with a '/': a socket's path */
    const char *redis_password_file; /* NULL: none; see config_password */
    int redis_database;

    const char *data_dir;
    const char *run_dir;      /* data_dir/run: sockets */
    struct str site;          /* name of the site, for reports */
    bool english;             /* language: en */
    const char *sources_dir;  /* mappings by name: sources_dir/NAME.yml */
    const char *inventory;    /* NULL: none */
    const char *geo_database; /* NULL: none */
    struct place inventory_place, geo_place, password_place;
    const char *rules;    /* a file or a folder of them; NULL: none */
    const char *calendar; /* NULL: no holidays are known */
    struct place calendar_place;
    unsigned only; /* stages that run here, by the command; 0: all */

    const char *tickets;      /* NULL: the preset */
    const char *suppressions; /* NULL: none */
    const char *roster;       /* NULL: none */
    const char *escalation;   /* NULL: none */
    struct {
        struct {
            struct str url, from, user;
            const char *password_file;
            bool plain;
        } mail;
        struct {
            struct str url;
            const char *secret_file;
        } webhook;
        struct {
            struct str url, body, type, success;
            const char *header_file;
        } sms;
        struct str kafka_topic;
        const char *outbox, *ca_file;
        struct str proxy;
        bool verify, drill;
        int64_t timeout_ms, link_life_ms;
        int workers, queue;
        struct str link_url; /* empty: no links */
    } notify;
    struct {
        struct str address; /* empty: none */
        const char *sms_secret_file;
    } listen;

    struct config_source source[MAX_SOURCES];
    size_t n_sources;

    int workers;           /* ingest.workers */
    struct str group;      /* ingest.group */
    int correlate_workers; /* correlate.workers */
    struct str correlate_group, respond_group;
    struct str instance;   /* empty: no static membership */
    int batch_records;     /* batch.records */
    int batch_ms;          /* batch.ms */
    int64_t step_ahead_ms; /* step.ahead */
    int64_t snapshot_ms;   /* snapshot.every */
    int64_t session_timeout_ms;
    bool feed;
    int windows_partitions;

    struct {
        struct str alerts, windows, chained, deadletter, state, reports;
        struct str rules, incidents, journal, tickets, evidence, reviews;
        int partitions; /* of alerts */
        int deadletter_partitions, state_partitions, reports_partitions;
        int incidents_partitions, evidence_partitions;
        int replication;
        int64_t alerts_keep_ms, windows_keep_ms, deadletter_keep_ms;
    } topics;

    struct arena arena;
    char *arena_start;
};

/* Reads `path` (NULL: deploy/thapcanh.yml if there is one, else
 * /etc/thapcanh/thapcanh.yml); KAFKA and REDIS of the environment go before
 * the file. False when there was any mistake; all are among `complaints`.
 * config_free in either case. */
bool config_load(const char *path, struct config *config,
                 struct complaints *complaints);
void config_free(struct config *config);

/* The first line of redis.password_file into `config`'s arena; empty when
 * none is named; false when the file cannot be read. */
bool config_password(struct config *config, struct str *password,
                     struct err *why);
/* The entry whose `topics` fit this topic: an exact name before a pattern,
 * else the first in the file; NULL: not bound. */
const struct config_source *config_source_of(const struct config *config,
                                             struct str topic);
#endif
