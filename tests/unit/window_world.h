/* SPDX-License-Identifier: Apache-2.0
 *
 * A windows partition without Kafka and Redis: rules made in C, events and
 * progress as records, incidents as they come out. For tests. */
#ifndef TESTS_UNIT_WINDOW_WORLD_H
#define TESTS_UNIT_WINDOW_WORLD_H

#include <criterion/criterion.h>

#include "base/times.h"
#include "correlate/correlate.h"
#include "fields.h"
#include "model/progress.h"
#include "model/window_event.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAX_INCIDENTS_KEPT = 4096 };

/* The last revision of an incident. */
struct kept {
    char id[40], into[40], rule[16], key[64];
    uint32_t revision;
    enum incident_state state;
    enum severity severity;
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
    bool approximate;
};

struct world {
    struct registry *registry;
    struct correlate_plan plan;
    struct correlate *correlate;
    void *state;
    struct window_batch *batch;
    struct arena arena, scratch;
    char *arena_start, *scratch_start;
    struct json_reader *reader;
    struct buf record; /* the last window record made */
    struct buf out;    /* every incident, one a line */
    struct buf text;
    int64_t offset;     /* of the next source record */
    int64_t log_offset; /* of the next record on soc.windows */
    struct kept kept[MAX_INCIDENTS_KEPT];
    size_t n_kept, n_told;
};

static inline void
world_open(struct world *w)
{
    w->correlate = correlate_new(&w->plan);
    cr_assert(w->correlate != NULL);
    w->state = correlate_ops()->state_new(w->correlate, STR("soc.windows"), 0);
    cr_assert(w->state != NULL);
}

static inline void
world_begin(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->registry = registry_new();
    w->plan = (struct correlate_plan){.registry = w->registry,
                                      .incidents_topic = STR("soc.incidents")};
    w->batch = window_batch_new(1);
    w->arena = arena_reserve((size_t)64 << 20);
    w->arena_start = w->arena.at;
    w->scratch = arena_reserve((size_t)64 << 20);
    w->scratch_start = w->scratch.at;
    w->reader = json_reader_new();
    w->out.max_bytes = (size_t)1 << 30;
    cr_assert(w->registry && w->batch && w->reader && w->arena_start &&
              w->scratch_start);
    world_open(w);
}

static inline void
world_shut(struct world *w)
{
    correlate_ops()->state_free(w->state);
    correlate_free(w->correlate);
}

static inline void
world_end(struct world *w)
{
    world_shut(w);
    registry_free(w->registry);
    window_batch_free(w->batch);
    json_reader_free(w->reader);
    arena_release(w->arena_start, w->arena);
    arena_release(w->scratch_start, w->scratch);
    buf_free(&w->record);
    buf_free(&w->out);
    buf_free(&w->text);
}

/* A rule by host, sealed and known. `steps` of them, named a, b, c, … */
static inline struct correlation
make_rule(struct world *w, const char *id, enum correlation_type type,
          uint32_t threshold, int64_t timespan_ms, size_t n_steps)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct err why = {""};
    struct correlation rule = {
        .id = str_of(id),
        .name = str_of(id),
        .title = {STR("t"), STR("t")},
        .type = type,
        .n_steps = n_steps,
        .group_by = {STR("host")},
        .n_group_by = 1,
        .timespan_ms = timespan_ms,
        .threshold = threshold,
        .severity = SEVERITY_HIGH,
        .options = {.incident = INCIDENT_CORRELATION},
    };
    if (type == VALUE_COUNT) {
        rule.value_field[0] = STR("user");
        rule.n_value_fields = 1;
    }
    rule.step = arena_take(&w->arena, n_steps, sizeof *rule.step);
    for (size_t i = 0; i < n_steps; i++)
        rule.step[i] = (struct correlation_step){
            .rule = str_of(names[i]), .field = {STR("host")}, .count = 1};
    cr_assert(correlation_seal(&rule, &w->arena, &why), "%s", why.text);
    return rule;
}

static inline void
learn(struct world *w, const struct correlation *rule)
{
    struct err why = {""};
    cr_assert(registry_learn(w->registry, rule->text, &why) != NULL, "%s",
              why.text);
}

/* --- what comes out */

static inline struct kept *
kept_of(struct world *w, struct str id)
{
    for (size_t i = 0; i < w->n_kept; i++)
        if (str_equal(str_of(w->kept[i].id), id))
            return &w->kept[i];
    cr_assert_lt(w->n_kept, (size_t)MAX_INCIDENTS_KEPT);
    struct kept *kept = &w->kept[w->n_kept++];
    *kept = (struct kept){.revision = 0};
    return kept;
}

static inline void
keep_text(char *to, size_t size, struct str from)
{
    snprintf(to, size, "%.*s", STR_ARG(from));
}

static inline void
collect(void *context, const struct output *output, bool bulk)
{
    struct world *w = context;
    struct arena scratch = w->scratch;
    struct incident incident;
    struct err why = {""};
    cr_assert(!bulk);
    if (progress_is(output->value))
        return; /* of the levels (STREAM 19): test_chain_stream.c */
    cr_assert(str_equal(output->topic, STR("soc.incidents")));
    cr_assert(
        incident_read(w->reader, output->value, &scratch, &incident, &why),
        "%s", why.text);
    cr_assert(str_equal(output->key, incident.id));
    struct kept *kept = kept_of(w, incident.id);
    cr_assert_eq(incident.revision, kept->revision + 1,
                 "a revision is missing "
                 "or told twice");
    kept->revision = incident.revision;
    kept->state = incident.state;
    kept->severity = incident.severity;
    kept->first_ms = incident.first_ms;
    kept->last_ms = incident.last_ms;
    kept->fired_ms = incident.fired_ms;
    kept->count = incident.count;
    kept->approximate = incident.approximate;
    keep_text(kept->id, sizeof kept->id, incident.id);
    keep_text(kept->into, sizeof kept->into, incident.into);
    keep_text(kept->rule, sizeof kept->rule, incident.rule);
    if (incident.n_key > 0)
        keep_text(kept->key, sizeof kept->key, incident.key[0].value);
    w->n_told++;
    buf_add(&w->out, output->value);
    buf_char(&w->out, '\n');
}

/* --- what goes in */

static inline enum fate
put(struct world *w, struct str value)
{
    struct sink sink = {collect, w};
    struct err why = {""};
    struct record record = {
        .topic = STR("soc.windows"), .offset = w->log_offset, .value = value};
    enum fate fate = correlate_ops()->apply(w->state, &record, 1, &sink, &why);
    w->log_offset += fate == DONE;
    return fate;
}

static inline void
progress(struct world *w, const char *topic, int64_t watermark_ms, bool aside)
{
    struct progress at = {str_of(topic), 0,     1, w->offset,
                          watermark_ms,  aside, 0};
    buf_clear(&w->text);
    progress_write(&w->text, &at, 1);
    cr_assert_eq(put(w, buf_str(&w->text)), DONE);
}

static inline void
take_record(void *context, const struct output *output, bool bulk)
{
    struct world *w = context;
    cr_assert(!bulk && output->no_key);
    buf_clear(&w->record);
    buf_add(&w->record, output->value);
}

struct what {
    const struct correlation *rule;
    int64_t ms;
    uint32_t steps;
    const char *host, *value;
    enum severity severity;
    unsigned flags;
};

/* Adds one event to the record under way. */
static inline void
add(struct world *w, const struct what *what)
{
    struct alert alert = {
        .position = {STR("t"), 0, 1, w->offset, 0},
        .source = STR("s"),
        .alert_id = STR("id"),
        .event_ms = what->ms,
        .arrival_ms = what->ms + 1000,
        .severity = what->severity,
        .flags = what->flags,
    };
    alert.field[ALERT_HOST] = str_of(what->host);
    char key[128];
    snprintf(key, sizeof key, "[\"%s\"]", what->host);
    struct window_entry entry = {
        .fingerprint = what->rule->fingerprint,
        .key_id = hash_digest(str_of(what->host)),
        .steps = what->steps ? what->steps : 1,
        .brief = window_batch_brief(w->batch, &alert),
        .key = str_of(key),
        .value = str_of(what->value),
    };
    cr_assert(window_batch_add(w->batch, &entry));
}

/* Makes the record: it lies in w->record. */
static inline void
seal(struct world *w, const char *topic)
{
    struct sink sink = {take_record, w};
    struct window_cause cause = {str_of(topic), 0, 1, w->offset++, 0};
    window_batch_flush(w->batch, &cause, STR("soc.windows"), &sink);
}

/* One record of one event, from `topic`. */
static inline void
event_of(struct world *w, const char *topic, struct what what)
{
    add(w, &what);
    seal(w, topic);
    cr_assert_eq(put(w, buf_str(&w->record)), DONE);
}

static inline void
event(struct world *w, const struct correlation *rule, int64_t ms)
{
    event_of(w, "t", (struct what){.rule = rule, .ms = ms, .host = "h"});
}

/* --- looking in */

static inline int64_t
status_of(struct world *w, const char *object, const char *member)
{
    struct arena scratch = w->scratch;
    const struct json *root;
    int64_t n = -1;
    buf_clear(&w->text);
    buf_char(&w->text, '{');
    correlate_ops()->status(w->state, &w->text);
    buf_char(&w->text, '}');
    cr_assert_eq(json_read(w->reader, buf_str(&w->text), &scratch, &root),
                 JSON_FINE);
    if (object)
        root = json_get(root, str_of(object));
    cr_assert(str_to_i64(json_get(root, str_of(member))->text, &n), "%s",
              member);
    return n;
}

/* Saves what changed into `fields` and loads it into a new process. */
static inline void
world_restart(struct world *w, struct fields *fields)
{
    struct emit emit = {fields_put, fields};
    struct err why = {""};
    correlate_ops()->state_save(w->state, false, &emit);
    world_shut(w);
    world_open(w);
    for (size_t table = 0; table < correlate_ops()->tables.n; table++)
        for (size_t i = 0; i < fields->n; i++)
            if (fields->at[i].table == table)
                cr_assert(correlate_ops()->state_load(
                              w->state, table, field_name_of(&fields->at[i]),
                              field_value_of(&fields->at[i]), &why),
                          "%s", why.text);
}

#endif
