/* SPDX-License-Identifier: Apache-2.0
 *
 * The topics of windows in memory: alerts go in through the router, in any
 * number of partitions, taken up in any order, lost and read again; out come
 * incidents. As in the service, what windows say to windows lies in a topic of
 * its own, or, as in a replay, in the same. For tests of correlations of
 * correlations. Include
 * rules_text.h's setup as the suite's. */
#ifndef TESTS_UNIT_CHAIN_WORLD_H
#define TESTS_UNIT_CHAIN_WORLD_H

#include "rules_text.h"

#include "base/times.h"
#include "correlate/correlate.h"
#include "correlate/route.h"
#include "fields.h"
#include "model/incident.h"
#include "model/progress.h"

#include <inttypes.h>

enum { MAX_WORLD_LOGS = 32, MAX_WORLD_INCIDENTS = 1024 };

struct world_record {
    struct str value;
    int64_t timestamp_ms;
};

/* One partition: its log, and how far it is read. */
struct world_log {
    struct world_record *at;
    size_t n, room, next;
    struct correlate *correlate;
    void *state;
    struct fields saved; /* as Redis would have it … */
    size_t saved_next;   /* … at this place of the log */
};

struct world_incident {
    char id[40], text[1024];
    uint32_t revision;
};

struct world {
    const struct rules *rules;
    struct registry *registry;
    struct correlate_plan plan;
    struct route *route;
    struct window_batch *batch;
    struct world_log log[MAX_WORLD_LOGS]; /* soc.windows, then soc.chained */
    int n, n_logs;                        /* partitions of a topic, of both */
    int64_t now_ms;                       /* Kafka's */
    int64_t offset;                       /* of the next alert */
    struct arena memory;
    char *start;
    struct world_incident incident[MAX_WORLD_INCIDENTS];
    size_t n_incidents;
    uint64_t n_outputs;
    struct buf outputs; /* every one, in order */
};

/* Set before a world begins: one topic for all, as in a replay. */
static bool world_is_one;

static inline struct str
world_topic(const struct world *w, int p)
{
    return p < w->n ? STR("soc.windows") : STR("soc.chained");
}

static inline void
world_log_open(struct world *w, int p)
{
    struct world_log *log = &w->log[p];
    log->correlate = correlate_new(&w->plan);
    cr_assert_not_null(log->correlate);
    log->state =
        correlate_ops()->state_new(log->correlate, world_topic(w, p), p % w->n);
    cr_assert_not_null(log->state);
}

static inline void
world_begin(struct world *w, const struct rules *rules, int n_partitions)
{
    struct err why = {""};
    memset(w, 0, sizeof *w);
    w->rules = rules;
    w->registry = registry_new();
    w->memory = arena_reserve((size_t)1 << 30);
    w->start = w->memory.at;
    w->route = route_new(rules, NULL, NULL);
    w->batch = window_batch_new(n_partitions);
    w->n = n_partitions;
    w->n_logs = world_is_one ? n_partitions : 2 * n_partitions;
    w->outputs.max_bytes = (size_t)1 << 30;
    w->plan = (struct correlate_plan){
        .registry = w->registry,
        .incidents_topic = STR("soc.incidents"),
        .windows_topic = STR("soc.windows"),
        .chained_topic = world_is_one ? NO_STR : STR("soc.chained"),
        .windows_partitions = n_partitions,
    };
    cr_assert(w->registry && w->start && w->route && w->batch);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        cr_assert(registry_learn(w->registry, rules_correlation(rules, i)->text,
                                 &why),
                  "%s", why.text);
    for (int p = 0; p < w->n_logs; p++)
        world_log_open(w, p);
}

static inline void
world_end(struct world *w)
{
    for (int p = 0; p < w->n_logs; p++) {
        correlate_ops()->state_free(w->log[p].state);
        correlate_free(w->log[p].correlate);
        fields_free(&w->log[p].saved);
        free(w->log[p].at);
    }
    route_free(w->route);
    window_batch_free(w->batch);
    registry_free(w->registry);
    arena_release(w->start, w->memory);
    buf_free(&w->outputs);
}

static inline void
world_append(struct world *w, int p, struct str value)
{
    struct world_log *log = &w->log[p];
    if (log->n == log->room) {
        log->room = log->room ? log->room * 2 : 64;
        log->at = realloc(log->at, log->room * sizeof *log->at);
    }
    log->at[log->n++] =
        (struct world_record){arena_copy(&w->memory, value), w->now_ms};
}

/* --- what comes out */

static inline void
world_take_incident(struct world *w, const struct output *output)
{
    struct arena rest = scratch;
    struct incident incident;
    struct err why = {""};
    size_t i = 0;
    cr_assert(incident_read(reader, output->value, &rest, &incident, &why),
              "%s", why.text);
    while (i < w->n_incidents &&
           !str_equal(str_of(w->incident[i].id), incident.id))
        i++;
    cr_assert_lt(i, (size_t)MAX_WORLD_INCIDENTS);
    struct world_incident *at = &w->incident[i];
    if (i == w->n_incidents)
        w->n_incidents++;
    else if (incident.revision <= at->revision)
        return;
    at->revision = incident.revision;
    snprintf(at->id, sizeof at->id, "%.*s", STR_ARG(incident.id));
    /* but for its revision, of which late sources may make more */
    char key[256] = "";
    for (size_t k = 0; k < incident.n_key; k++)
        snprintf(key + strlen(key), sizeof key - strlen(key), "%.*s=%.*s ",
                 STR_ARG(incident.key[k].name), STR_ARG(incident.key[k].value));
    snprintf(at->text, sizeof at->text,
             "%.*s %s%" PRId64 "..%" PRId64 " fired %" PRId64 " count %" PRIu64
             " state %d users %zu first %.*s/%" PRId64 " of %.*s",
             STR_ARG(incident.rule), key, incident.first_ms, incident.last_ms,
             incident.fired_ms, incident.count, (int)incident.state,
             incident.users.n, STR_ARG(incident.evidence[0].first.topic),
             incident.evidence[0].first.offset,
             STR_ARG(incident.evidence[0].rule));
}

static inline void
world_take(void *context, const struct output *output, bool bulk)
{
    struct world *w = context;
    cr_assert_not(bulk);
    buf_add(&w->outputs, output->topic);
    buf_format(&w->outputs, " %d %zu ", output->partition, output->value.len);
    buf_add(&w->outputs, output->value);
    w->n_outputs++;
    if (str_equal(output->topic, STR("soc.windows")))
        world_append(w, output->partition, output->value);
    else if (str_equal(output->topic, STR("soc.chained")))
        world_append(w, w->n + output->partition, output->value);
    else
        world_take_incident(w, output);
}

/* --- reading */

/* The next record of a partition. False: there is none. */
static inline bool
world_read(struct world *w, int p)
{
    struct world_log *log = &w->log[p];
    struct sink sink = {world_take, w};
    struct err why = {""};
    if (log->next == log->n)
        return false;
    struct record record = {
        .topic = world_topic(w, p),
        .partition = p % w->n,
        .offset = (int64_t)log->next,
        .timestamp_ms = log->at[log->next].timestamp_ms,
        .value = log->at[log->next].value,
    };
    cr_assert_eq(correlate_ops()->apply(log->state, &record, 1, &sink, &why),
                 DONE, "%s", why.text);
    log->next++;
    return true;
}

static inline void
world_settle(struct world *w)
{
    bool more = true;
    while (more) {
        more = false;
        for (int p = 0; p < w->n_logs; p++)
            while (world_read(w, p))
                more = true;
    }
}

static inline void
world_save(struct world *w, int p)
{
    struct world_log *log = &w->log[p];
    struct emit emit = {fields_put, &log->saved};
    correlate_ops()->state_save(log->state, false, &emit);
    log->saved_next = log->next;
}

/* The process of a partition dies: what was not saved is read again. */
static inline void
world_kill(struct world *w, int p)
{
    const struct stage_ops *ops = correlate_ops();
    struct world_log *log = &w->log[p];
    struct err why = {""};
    ops->state_free(log->state);
    correlate_free(log->correlate);
    world_log_open(w, p);
    for (size_t table = 0; table < ops->tables.n; table++)
        for (size_t i = 0; i < log->saved.n; i++)
            if (log->saved.at[i].table == table)
                cr_assert(ops->state_load(log->state, table,
                                          field_name_of(&log->saved.at[i]),
                                          field_value_of(&log->saved.at[i]),
                                          &why),
                          "%s", why.text);
    log->next = log->saved_next;
}

/* --- what goes in */

static inline void
world_send(void *context, const struct output *output, bool bulk)
{
    (void)bulk;
    world_append(context, output->partition, output->value);
}

/* The alert `number`, of the event at this time, in the next record of "t". */
static inline void
world_alert(struct world *w, int64_t event_ms, int64_t number, const char *json)
{
    struct arena rest = scratch;
    struct alert alert;
    struct matched matched;
    struct sink sink = {world_send, w};
    read_event(json, &rest, &alert);
    const struct json *user = json_get(alert.event, STR("User"));
    alert.position = (struct position){STR("t"), 0, 1, number, 0};
    alert.alert_id = STR("id");
    alert.event_ms = event_ms;
    alert.arrival_ms = event_ms;
    alert.severity = SEVERITY_MEDIUM;
    if (user)
        alert.field[ALERT_USER] = user->text;
    struct window_cause cause = {STR("t"), 0, 1, w->offset++, 0};
    route_ops()->match(w->route, &alert, &rest, w->batch, &matched);
    window_batch_flush(w->batch, &cause, STR("soc.windows"), &sink);
}

/* The watermark of the one source, to every partition. */
static inline void
world_progress(struct world *w, int64_t watermark_ms)
{
    struct progress at = {STR("t"), 0, 1, w->offset, watermark_ms, false, 0};
    struct buf text = {0};
    progress_write(&text, &at, 1);
    for (int p = 0; p < w->n; p++)
        world_append(w, p, buf_str(&text));
    buf_free(&text);
}

/* --- looking */

static inline int
by_incident_text(const void *a, const void *b)
{
    return strcmp(((const struct world_incident *)a)->text,
                  ((const struct world_incident *)b)->text);
}

/* All incidents as they are, one a line, sorted. */
static inline void
world_incidents(struct world *w, struct buf *text)
{
    qsort(w->incident, w->n_incidents, sizeof *w->incident, by_incident_text);
    for (size_t i = 0; i < w->n_incidents; i++) {
        buf_add(text, str_of(w->incident[i].text));
        buf_char(text, '\n');
    }
}

#endif
