/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts by a fixed recipe: each key has its turn, which of the four rules of
 * detections.yml it is and what its values are follows from a hash of its
 * number. Shuffled ones come in the order of their time plus up to the
 * lateness: so every one is in time, and most are behind another. */
#include "window_events.h"

#include "base/hash.h"
#include "correlate/route.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_VALUES = 64, TEXT = 64 };

#define FIRST_MS INT64_C(1718000000000)
#define SCRATCH ((size_t)8 << 20)
#define RECORDS ((size_t)4 << 30) /* reserved; touched when used */

struct arriving {
    int64_t at_ms, event_ms;
    size_t number;
};

struct making {
    const struct load *load;
    struct route *route;
    struct window_batch *batch;
    struct arriving *order;
    struct arena scratch;
    char *start;
    struct window_events *events;
};

bool
window_rules(const char *const *paths, size_t n_paths,
             struct registry *registry, struct arena *arena,
             const struct rules **rules)
{
    struct complaints complaints = {0};
    struct err why = {""};
    *rules = rules_load(paths, n_paths, false, arena, &complaints);
    bool fine = *rules && complaints.n_errors == 0;
    for (size_t i = 0; fine && i < rules_n_correlations(*rules); i++)
        fine =
            registry_learn(registry, rules_correlation(*rules, i)->text, &why);
    if (!fine)
        fprintf(stderr, "%.*sbench_windows: %s\n",
                STR_ARG(buf_str(&complaints.text)), why.text);
    complaints_free(&complaints);
    return fine;
}

static uint64_t
hash_of(uint64_t n)
{
    return hash_digest((struct str){(const char *)&n, sizeof n}).half[0];
}

static int
by_arrival(const void *a, const void *b)
{
    const struct arriving *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static void
put_in_order(struct making *making)
{
    const struct load *load = making->load;
    for (size_t i = 0; i < load->n_events; i++) {
        int64_t event_ms = FIRST_MS + (int64_t)i * 1000 / load->events_s;
        uint64_t jitter = hash_of(~(uint64_t)i) % LATENESS_MS;
        making->order[i] = (struct arriving){
            .at_ms = event_ms + (load->shuffled ? (int64_t)jitter : 0),
            .event_ms = event_ms,
            .number = i,
        };
    }
    if (load->shuffled)
        qsort(making->order, load->n_events, sizeof *making->order, by_arrival);
}

/* Half are a, a quarter b, a fifth c, the rest d. */
static struct str
rule_of(uint64_t hash)
{
    uint64_t part = hash % 20;
    if (part < 10)
        return STR("event-a");
    if (part < 15)
        return STR("event-b");
    return part < 19 ? STR("event-c") : STR("event-d");
}

static void
add_event(struct making *making, const struct arriving *event, size_t offset)
{
    char host[TEXT], user[TEXT], port[TEXT];
    uint64_t hash = hash_of(event->number);
    snprintf(host, sizeof host, "host-%zu",
             event->number % making->load->n_keys);
    snprintf(user, sizeof user, "user-%" PRIu64, (hash >> 8) % N_VALUES);
    snprintf(port, sizeof port, "%" PRIu64, (hash >> 16) % 65536);
    struct alert alert = {
        .source = STR("ajiant"),
        .alert_id = STR("ajiant:0123456789"),
        .event_ms = event->event_ms,
        .arrival_ms = event->at_ms,
        .kind = KIND_BRUTEFORCE,
        .severity = SEVERITY_MEDIUM,
    };
    alert.position.offset = (int64_t)offset;
    alert.field[ALERT_HOST] = str_of(host);
    alert.field[ALERT_USER] = str_of(user);
    alert.field[ALERT_DST_PORT] = str_of(port);
    alert.field[ALERT_RULE_NAME] = rule_of(hash);
    alert.field[ALERT_SRC_IP] = STR("203.0.113.7");
    struct arena scratch = making->scratch;
    struct matched matched;
    route_ops()->match(making->route, &alert, &scratch, making->batch,
                       &matched);
}

static void
keep_record(void *context, const struct output *output, bool bulk)
{
    struct window_events *events = context;
    (void)bulk;
    events->record[events->n_records++] =
        arena_copy(&events->arena, output->value);
}

static void
make_records(struct making *making)
{
    struct window_events *events = making->events;
    struct sink sink = {keep_record, events};
    int64_t newest_ms = 0;
    for (size_t i = 0; i < making->load->n_events; i++) {
        struct window_cause cause = {
            .topic = STR("in"), .incarnation = 1, .offset = (int64_t)i};
        add_event(making, &making->order[i], i);
        if (making->order[i].event_ms > newest_ms)
            newest_ms = making->order[i].event_ms;
        if ((i + 1) % EVENTS_A_RECORD != 0)
            continue;
        events->seen_ms[events->n_records] = newest_ms;
        window_batch_flush(making->batch, &cause, STR("w"), &sink);
    }
}

bool
window_events_make(const struct rules *rules, const struct load *load,
                   struct window_events *events)
{
    size_t n = load->n_events / EVENTS_A_RECORD + 1;
    struct making making = {
        .load = load,
        .route = route_new(rules, NULL, NULL),
        .batch = window_batch_new(1),
        .order = calloc(load->n_events, sizeof *making.order),
        .scratch = arena_reserve(SCRATCH),
        .events = events,
    };
    making.start = making.scratch.at;
    *events = (struct window_events){
        .record = calloc(n, sizeof *events->record),
        .seen_ms = calloc(n, sizeof *events->seen_ms),
        .arena = arena_reserve(RECORDS),
    };
    events->start = events->arena.at;
    bool fine = making.route && making.batch && making.order && making.start &&
                events->record && events->seen_ms && events->start;
    if (fine) {
        put_in_order(&making);
        make_records(&making);
    }
    if (making.start)
        arena_release(making.start, making.scratch);
    free(making.order);
    window_batch_free(making.batch);
    route_free(making.route);
    return fine;
}

void
window_events_free(struct window_events *events)
{
    if (events->start)
        arena_release(events->start, events->arena);
    free(events->record);
    free(events->seen_ms);
}
