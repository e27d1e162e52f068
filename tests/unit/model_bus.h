/* SPDX-License-Identifier: Apache-2.0
 *
 * soc.windows and soc.chained in memory, or both in one: so many partitions,
 * each a log and the state of the correlate stage over it, committed as Redis
 * would hold it. Whatever a record gives goes to the end of the logs, some of
 * it in packs; a partition may end at any moment and begin again where it had
 * committed, and then gives it once more. */
#ifndef TESTS_UNIT_MODEL_BUS_H
#define TESTS_UNIT_MODEL_BUS_H

#include "base/pack.h"
#include "correlate/correlate.h"
#include "fields.h"
#include "model/progress.h"
#include "model_case.h"

#include <stdio.h>

enum { BUS_PARTITIONS = 3, BUS_INCIDENTS = 2048 };

struct bus_log {
    struct buf bytes;
    size_t *end; /* of each record */
    size_t n, room;
    struct buf pack; /* not yet on it */
    size_t n_packed;
    void *state;
    size_t at, committed; /* records */
    struct fields fields;
};

/* The last revision of an incident. */
struct bus_incident {
    char id[40], into[40], rule[64], key[256];
    uint32_t revision;
    enum incident_state state;
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
    bool approximate;
};

struct bus {
    struct registry *registry;
    struct correlate_plan plan;
    struct correlate *correlate;
    struct bus_log log[2 * BUS_PARTITIONS]; /* soc.windows, soc.chained */
    int n, n_logs;                          /* partitions of one, of both */
    struct dice packing;                    /* .x 0: every record by itself */
    struct json_reader *reader;
    struct arena scratch;
    char *scratch_start;
    struct buf text;
    struct bus_incident incident[BUS_INCIDENTS];
    size_t n_incidents;
    char why[512];
};

#define BUS_SAY(bus, ...)                                                      \
    do {                                                                       \
        if (!(bus)->why[0])                                                    \
            snprintf((bus)->why, sizeof(bus)->why, __VA_ARGS__);               \
    } while (0)

static inline void
bus_append(struct bus_log *log, struct str value)
{
    buf_add(&log->bytes, value);
    if (log->n == log->room) {
        log->room = log->room ? 2 * log->room : 64;
        log->end = realloc(log->end, log->room * sizeof *log->end);
    }
    log->end[log->n++] = log->bytes.len;
}

/* What waits in a pack; alone it is none. */
static inline void
bus_send_pack(struct bus_log *log)
{
    struct str rest = buf_str(&log->pack), value = rest;
    if (log->n_packed == 1) {
        rest = pack_records(rest);
        pack_next(&rest, &value);
    }
    if (log->n_packed > 0)
        bus_append(log, value);
    log->n_packed = 0;
    buf_clear(&log->pack);
}

static inline void
bus_add(struct bus *bus, int log, struct str value)
{
    struct bus_log *at = &bus->log[log];
    pack_add(&at->pack, value);
    at->n_packed++;
    if (bus->packing.x == 0 || once_in(&bus->packing, 3))
        bus_send_pack(at);
}

/* Something is on it that has not been applied. */
static inline bool
bus_has_more(struct bus *bus, int log)
{
    if (bus->log[log].at == bus->log[log].n)
        bus_send_pack(&bus->log[log]);
    return bus->log[log].at < bus->log[log].n;
}

static inline void
bus_keep_text(char *to, size_t size, struct str from)
{
    snprintf(to, size, "%.*s", STR_ARG(from));
}

static inline void
bus_incident(struct bus *bus, struct str value)
{
    struct arena scratch = bus->scratch;
    struct incident told;
    struct err why = {""};
    size_t i = 0;
    if (!incident_read(bus->reader, value, &scratch, &told, &why)) {
        BUS_SAY(bus, "an incident that cannot be read: %s", why.text);
        return;
    }
    while (i < bus->n_incidents &&
           !str_equal(str_of(bus->incident[i].id), told.id))
        i++;
    if (i == BUS_INCIDENTS)
        abort();
    struct bus_incident *kept = &bus->incident[i];
    if (i == bus->n_incidents) {
        bus->n_incidents++;
        *kept = (struct bus_incident){.revision = 0};
    }
    if (told.revision <= kept->revision)
        return; /* told again */
    if (told.revision != kept->revision + 1)
        BUS_SAY(bus, "revision %u after %u", told.revision, kept->revision);
    *kept = (struct bus_incident){.revision = told.revision,
                                  .state = told.state,
                                  .first_ms = told.first_ms,
                                  .last_ms = told.last_ms,
                                  .fired_ms = told.fired_ms,
                                  .count = told.count,
                                  .approximate = told.approximate};
    bus_keep_text(kept->id, sizeof kept->id, told.id);
    bus_keep_text(kept->into, sizeof kept->into, told.into);
    bus_keep_text(kept->rule, sizeof kept->rule, told.rule);
    for (size_t k = 0; k < told.n_key; k++) {
        size_t len = strlen(kept->key);
        snprintf(kept->key + len, sizeof kept->key - len, "%.*s|",
                 STR_ARG(told.key[k].value));
    }
}

static inline struct str
bus_topic(const struct bus *bus, int log)
{
    return log < bus->n ? STR("soc.windows") : STR("soc.chained");
}

static inline void
bus_take(void *context, const struct output *output, bool bulk)
{
    struct bus *bus = context;
    (void)bulk;
    int log = output->partition;
    if (str_equal(output->topic, STR("soc.chained")))
        log += bus->n;
    if (str_equal(output->topic, STR("soc.incidents")))
        bus_incident(bus, output->value);
    else if (log < 0 || log >= bus->n_logs ||
             !str_equal(output->topic, bus_topic(bus, log)))
        BUS_SAY(bus, "an output to %.*s %d", STR_ARG(output->topic),
                (int)output->partition);
    else
        bus_add(bus, log, output->value);
}

/* Applies the next record of a partition; false: there is none. */
static inline bool
bus_apply(struct bus *bus, int partition)
{
    struct bus_log *log = &bus->log[partition];
    struct sink sink = {bus_take, bus};
    struct err why = {""};
    if (bus->why[0] || !bus_has_more(bus, partition))
        return false;
    size_t from = log->at > 0 ? log->end[log->at - 1] : 0;
    buf_clear(&bus->text);
    buf_add(&bus->text,
            (struct str){log->bytes.at + from, log->end[log->at] - from});
    struct record record = {.topic = bus_topic(bus, partition),
                            .partition = partition % bus->n,
                            .offset = (int64_t)log->at,
                            .timestamp_ms = (int64_t)log->at * 1000,
                            .value = buf_str(&bus->text)};
    if (correlate_ops()->apply(log->state, &record, 1, &sink, &why) != DONE)
        BUS_SAY(bus, "record %zu of partition %d: %s", log->at, partition,
                why.text);
    if (model_aloud)
        fprintf(stderr, "  partition %d takes record %zu: %.*s\n", partition,
                log->at, progress_is(record.value) ? (int)record.value.len : 6,
                record.value.at);
    log->at++;
    return true;
}

static inline void
bus_commit(struct bus *bus, int partition)
{
    struct bus_log *log = &bus->log[partition];
    struct emit emit = {fields_put, &log->fields};
    correlate_ops()->state_save(log->state, false, &emit);
    log->committed = log->at;
    if (model_aloud)
        fprintf(stderr, "  partition %d commits at %zu\n", partition, log->at);
}

/* It ended without a word, and begins where it had committed. */
static inline void
bus_restart(struct bus *bus, int partition)
{
    struct bus_log *log = &bus->log[partition];
    const struct stage_ops *ops = correlate_ops();
    struct err why = {""};
    if (log->state)
        ops->state_free(log->state);
    log->state = ops->state_new(bus->correlate, bus_topic(bus, partition),
                                partition % bus->n);
    if (!log->state)
        abort();
    for (size_t table = 0; table < ops->tables.n; table++)
        for (size_t i = 0; i < log->fields.n; i++)
            if (log->fields.at[i].table == table &&
                !ops->state_load(log->state, table,
                                 field_name_of(&log->fields.at[i]),
                                 field_value_of(&log->fields.at[i]), &why))
                BUS_SAY(bus, "not loaded: %s", why.text);
    log->at = log->committed;
    if (model_aloud)
        fprintf(stderr, "  partition %d begins at %zu\n", partition, log->at);
}

static inline void
bus_open(struct bus *bus, int n, bool apart, int64_t report_ms)
{
    bus->registry = registry_new();
    bus->plan = (struct correlate_plan){.registry = bus->registry,
                                        .incidents_topic = STR("soc.incidents"),
                                        .windows_topic = STR("soc.windows"),
                                        .windows_partitions = n,
                                        .report_ms = report_ms,
                                        .max_bytes = 32 << 20};
    if (apart)
        bus->plan.chained_topic = STR("soc.chained");
    bus->correlate = correlate_new(&bus->plan);
    bus->n = n;
    bus->n_logs = apart ? 2 * n : n;
    bus->n_incidents = 0;
    bus->why[0] = '\0';
    if (!bus->registry || !bus->correlate)
        abort();
    for (int p = 0; p < bus->n_logs; p++)
        bus_restart(bus, p);
}

static inline void
bus_close(struct bus *bus)
{
    for (int p = 0; p < bus->n_logs; p++) {
        struct bus_log *log = &bus->log[p];
        correlate_ops()->state_free(log->state);
        fields_free(&log->fields);
        buf_free(&log->bytes);
        buf_free(&log->pack);
        free(log->end);
        *log = (struct bus_log){.n = 0};
    }
    correlate_free(bus->correlate);
    registry_free(bus->registry);
}

#endif
