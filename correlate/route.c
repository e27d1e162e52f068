/* SPDX-License-Identifier: Apache-2.0
 *
 * From an alert to detections and window entries. The log source decides first
 * which detections are asked at all. A detection that holds is one or more
 * steps of correlations: each (correlation, group key) becomes one entry with
 * the set of its steps. An alert without a group-by field takes no part and is
 * counted; `floor` takes every grave alert, late ones too. */
#include "correlate/route.h"

#include "correlate/facts.h"
#include "correlate/hours.h"
#include "correlate/matcher.h"
#include "group_key.h"
#include "rule_counts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_KEYS = 16, /* of one correlation, where fields have several values */
    FLOOR_BYTES = 1 << 16,
    FLOOR_LEVEL = 3, /* from this system level on, high is grave */
};

struct route {
    const struct rules *rules;
    struct matching *matching; /* for these; NULL: no memory, one by one */
    const struct rules *(*newest)(void *context);
    void *context;
    struct correlation floor;
    struct arena arena; /* of the floor's text */
    char *arena_start;
    uint64_t n_no_key, n_limited, n_refused;
    struct rule_counts *counts;
};

struct route *
route_new(const struct rules *rules,
          const struct rules *(*newest)(void *context), void *context)
{
    struct err why = {""};
    struct route *route = calloc(1, sizeof *route);
    if (!route)
        return NULL;
    route->rules = rules;
    route->matching = matching_new(rules_matcher(rules));
    route->newest = newest;
    route->context = context;
    route->counts = rule_counts_new();
    route->arena = arena_reserve(FLOOR_BYTES);
    route->arena_start = route->arena.at;
    correlation_floor(&route->floor);
    if (route->arena_start && route->counts && route->matching &&
        correlation_seal(&route->floor, &route->arena, &why))
        return route;
    route_free(route);
    return NULL;
}

void
route_free(struct route *route)
{
    if (route && route->arena_start)
        arena_release(route->arena_start, route->arena);
    if (route) {
        rule_counts_free(route->counts);
        matching_free(route->matching);
    }
    free(route);
}

/* --- log sources */

/* The alert's part is known, is not known at all, or is none of those that
 * the mapping knows. */
static bool
part_routed(struct str rule, struct str alert, bool said)
{
    if (rule.len == 0)
        return true;
    return alert.len > 0 ? str_equal_nocase(rule, alert) : !said;
}

/* Sigma's registry_event is all of what is done to the registry. */
static bool
category_routed(struct str rule, struct str alert, bool said)
{
    return part_routed(rule, alert, said) ||
           (str_equal_nocase(rule, STR("registry_event")) &&
            str_starts(alert, STR("registry_")));
}

bool
detection_routed(const struct detection *detection, const struct alert *alert)
{
    static const struct rule_view silent = {.n_roots = 0};
    const struct logsource *rule = &detection->logsource;
    const struct logsource *of = &alert->logsource;
    const struct rule_view *view = alert->view ? alert->view : &silent;
    if (str_equal_nocase(rule->product, STR("thapcanh")))
        return true;
    if (of->product.len + of->category.len + of->service.len == 0)
        return true;
    return part_routed(rule->product, of->product, view->says_product) &&
           category_routed(rule->category, of->category, view->says_category) &&
           part_routed(rule->service, of->service, view->says_service);
}

/* --- group keys */

/* One value for every field: those of group-by, then those that are counted. */
struct choice {
    const struct fact *fact[2 * MAX_GROUP_FIELDS];
};

/* Entries to be: steps that have the same key and value are one. */
struct keys {
    struct window_entry at[MAX_KEYS];
    size_t n;
    bool full; /* there were more */
};

/* One alert on its way through. */
struct routing {
    struct route *route;
    const struct alert *alert;
    struct facts *facts;
    struct arena *scratch;
    struct window_batch *windows;
    uint32_t brief;
    bool has_brief;
    struct str *id; /* of windows */
    size_t n_ids, max_ids;
    struct capped capped[MAX_CAPPED];
    size_t n_capped;
};

static bool
same_digest(struct digest a, struct digest b)
{
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

static bool
is_value(const struct fact *fact)
{
    return fact && fact->type != JSON_NULL && fact->text.len > 0;
}

static const struct fact *
first_value(const struct routing *routing, uint32_t field)
{
    const struct fact *fact = fact_list_of(routing->facts, field)->first;
    while (fact && !is_value(fact))
        fact = fact->next;
    return fact;
}

/* Which value of a field is carried: the first where there are several, but
 * where each value is an incident of its own, the one that it is of. */
static const struct fact *
carried_fact(const struct routing *routing,
             const struct correlation *correlation, const struct choice *choice,
             const struct feeds *feeds, uint32_t field)
{
    size_t n = correlation->n_group_by;
    for (size_t i = 0;
         correlation_alone(correlation) && i < correlation->n_value_fields; i++)
        if (feeds->field[n + i] == field)
            return choice->fact[n + i];
    return first_value(routing, field);
}

/* What other correlations need of this event; none where there is none. */
static struct str
carry_text(struct routing *routing, const struct correlation *correlation,
           const struct choice *choice, const struct feeds *feeds)
{
    size_t n_key = correlation->n_group_by + correlation->n_value_fields;
    struct group_value values[MAX_CARRIED];
    for (size_t i = 0; i < correlation->n_carried; i++) {
        const struct fact *fact = carried_fact(routing, correlation, choice,
                                               feeds, feeds->field[n_key + i]);
        values[i] = (struct group_value){.folded = NO_STR};
        if (fact)
            group_value_of(fact->type, fact->text, fact->plain,
                           routing->scratch, &values[i]);
    }
    return group_carry_text(values, correlation->n_carried, routing->scratch);
}

/* How grave the event is: what the sensor says, else the rule. */
static enum severity
weighed(const struct routing *routing, const struct feeds *feeds)
{
    enum severity severity = routing->alert->severity;
    return severity != SEVERITY_UNKNOWN ? severity : feeds->level;
}

/* False: no memory, or what is measured is no number. */
static bool
entry_make(struct routing *routing, const struct correlation *correlation,
           const struct choice *choice, const struct feeds *feeds,
           struct window_entry *entry)
{
    size_t n_group = correlation->n_group_by;
    size_t n = n_group + correlation->n_value_fields;
    struct group_value values[2 * MAX_GROUP_FIELDS];
    for (size_t i = 0; i < n; i++) {
        const struct fact *fact = choice->fact[i];
        assert(fact || correlation->is_detection);
        if (!fact)
            group_value_of(JSON_STRING, STR(""), NO_STR, routing->scratch,
                           &values[i]);
        else if (!group_value_of(fact->type, fact->text, fact->plain,
                                 routing->scratch, &values[i]))
            return false;
    }
    *entry = (struct window_entry){
        .fingerprint = correlation->fingerprint,
        .key_id = group_key_id(correlation, values, routing->scratch),
        .steps = UINT32_C(1) << feeds->step,
        .weight = 1,
    };
    if (!group_counted(correlation, feeds->step, values + n_group,
                       weighed(routing, feeds), routing->scratch,
                       &entry->value))
        return false;
    if (correlation->type == RISK && feeds->detection) {
        const struct correlation_step any = {
            .rule = feeds->detection->id, .tactics = feeds->detection->tactics};
        entry->value =
            group_score(&any, weighed(routing, feeds), routing->scratch);
    }
    entry->key = group_key_text(correlation, values, routing->scratch);
    return true;
}

static void
keys_add(struct routing *routing, struct keys *keys,
         const struct correlation *correlation, const struct choice *choice,
         const struct feeds *feeds)
{
    struct window_entry entry;
    if (!entry_make(routing, correlation, choice, feeds, &entry)) {
        routing->route->n_no_key++;
        return;
    }
    for (size_t i = 0; i < keys->n; i++)
        if (same_digest(keys->at[i].key_id, entry.key_id) &&
            str_equal(keys->at[i].value, entry.value)) {
            keys->at[i].steps |= entry.steps;
            return;
        }
    if (keys->n == MAX_KEYS) {
        keys->full = true;
        return;
    }
    if (correlation->n_carried > 0)
        entry.carry = carry_text(routing, correlation, choice, feeds);
    keys->at[keys->n++] = entry;
}

/* Every way to choose values, the last field turning fastest. What opens an
 * incident by itself does so without a host too: that value is empty. */
static void
keys_of_step(struct routing *routing, struct keys *keys,
             const struct correlation *correlation, const struct feeds *feeds)
{
    size_t n = correlation->n_group_by + correlation->n_value_fields;
    const struct fact *first[2 * MAX_GROUP_FIELDS];
    struct choice choice = {{NULL}};
    for (size_t i = 0; i < n; i++) {
        const struct fact *fact = first_value(routing, feeds->field[i]);
        if (!fact && !correlation->is_detection) {
            routing->route->n_no_key++;
            return;
        }
        first[i] = choice.fact[i] = fact;
    }
    for (bool more = true; more && !keys->full;) {
        keys_add(routing, keys, correlation, &choice, feeds);
        more = false;
        for (size_t i = n; i > 0 && !more; i--) {
            const struct fact *fact = choice.fact[i - 1];
            fact = fact ? fact->next : NULL;
            while (fact && !is_value(fact))
                fact = fact->next;
            more = fact != NULL;
            choice.fact[i - 1] = fact ? fact : first[i - 1];
        }
    }
}

/* --- entries */

/* What the alert should have gone to, and did not: the feed says so. */
static void
note_capped(struct routing *routing, enum window_cap cap,
            const struct correlation *correlation,
            const struct window_entry *entry)
{
    const struct capped capped = {cap, correlation->id, entry->key};
    rule_counts_capped(routing->route->counts, &capped,
                       routing->alert->event_ms);
    if (routing->n_capped < MAX_CAPPED)
        routing->capped[routing->n_capped++] = capped;
}

static void
send(struct routing *routing, const struct correlation *correlation,
     struct window_entry *entry)
{
    if (!routing->has_brief)
        routing->brief = window_batch_brief(routing->windows, routing->alert);
    routing->has_brief = true;
    entry->brief = routing->brief;
    if (!window_batch_add(routing->windows, entry)) {
        routing->route->n_refused++;
        note_capped(routing, CAP_BATCH, correlation, entry);
        return; /* no window has it */
    }
    char *id = arena_take_raw(routing->scratch, WINDOW_ID_LEN, 1);
    if (!id || !routing->id || routing->n_ids == routing->max_ids)
        return;
    window_id(id, entry->fingerprint, entry->key_id);
    routing->id[routing->n_ids++] = (struct str){id, WINDOW_ID_LEN};
}

/* Whether the key is one that must speak, where a silence lists them: those
 * share one window, in which the value tells who spoke. */
static bool
takes_part(const struct routing *routing, uint32_t number,
           struct window_entry *entry)
{
    const struct rules *rules = routing->route->rules;
    const struct correlation *correlation = rules->correlation[number];
    if (correlation->n_members == 0)
        return true;
    const struct rule_member *member = rule_members_find(
        rules->member[number], correlation->n_members, entry->key_id);
    if (!member)
        return false;
    entry->key_id = hash_digest_of(NULL, 0);
    entry->value = member->text;
    return true;
}

static int
by_correlation(const void *a, const void *b)
{
    const struct feeds *x = a, *y = b;
    if (x->correlation != y->correlation)
        return x->correlation < y->correlation ? -1 : 1;
    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return x->detection && y->detection
               ? str_compare(x->detection->id, y->detection->id)
               : 0;
}

/* The feeds of all detections that hold, a correlation at a time. */
static void
send_all(struct routing *routing, struct feeds *feeds, size_t n)
{
    const struct rules *rules = routing->route->rules;
    if (n > 1)
        qsort(feeds, n, sizeof *feeds, by_correlation);
    for (size_t i = 0; i < n;) {
        uint32_t number = feeds[i].correlation;
        struct keys keys = {.n = 0};
        const struct correlation *correlation = rules->correlation[number];
        bool active = hours_hold(correlation, routing->alert->event_ms);
        for (; i < n && feeds[i].correlation == number; i++)
            if (active)
                keys_of_step(routing, &keys, correlation, &feeds[i]);
        for (size_t j = 0; j < keys.n; j++)
            if (takes_part(routing, number, &keys.at[j]))
                send(routing, correlation, &keys.at[j]);
        routing->route->n_limited += keys.full;
        if (keys.full)
            note_capped(routing, CAP_KEYS, correlation, &keys.at[0]);
    }
}

/* DESIGN 1: no critical alert ends in silence. */
static void
send_floor(struct routing *routing)
{
    const struct alert *alert = routing->alert;
    bool grave =
        alert->severity >= SEVERITY_CRITICAL ||
        (alert->severity == SEVERITY_HIGH && alert->level >= FLOOR_LEVEL);
    if (!grave)
        return;
    struct str host = alert->field[ALERT_HOST].len > 0
                          ? alert->field[ALERT_HOST]
                          : alert->field[ALERT_HOST_IP];
    const struct correlation *floor = &routing->route->floor;
    struct group_value values[2];
    /* one that is empty is a value here: nothing grave is left out */
    group_value_of(JSON_STRING, alert->field[ALERT_RULE_NAME], NO_STR,
                   routing->scratch, &values[0]);
    group_value_of(JSON_STRING, host, NO_STR, routing->scratch, &values[1]);
    struct window_entry entry = {
        .fingerprint = floor->fingerprint,
        .key_id = group_key_id(floor, values, routing->scratch),
        .steps = 1,
        .key = group_key_text(floor, values, routing->scratch),
        .value = STR(""),
    };
    send(routing, &routing->route->floor, &entry);
}

/* --- the matcher */

static int
by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

static void
sort_ids(struct routing *routing)
{
    size_t n = 0;
    if (routing->n_ids > 1)
        qsort(routing->id, routing->n_ids, sizeof *routing->id, by_text);
    for (size_t i = 0; i < routing->n_ids; i++)
        if (n == 0 || !str_equal(routing->id[n - 1], routing->id[i]))
            routing->id[n++] = routing->id[i];
    routing->n_ids = n;
}

/* What is fed by any detection that holds: once an alert, but each of them
 * scores; and what every alert feeds. */
static size_t
feed_any(const struct rules *rules, const uint32_t *held, size_t n_held,
         struct feeds *feeds, size_t n)
{
    for (size_t i = 0; n_held > 0 && i < rules->n_any; i++) {
        bool each = rules->correlation[rules->any[i].correlation]->type == RISK;
        for (size_t j = 0; j < (each ? n_held : 1); j++) {
            feeds[n] = rules->any[i];
            feeds[n].detection = rules->detection[held[j]];
            feeds[n++].level = rules->detection[held[j]]->level;
        }
    }
    for (size_t i = 0; i < rules->n_any_alert; i++)
        feeds[n++] = rules->any_alert[i];
    return n;
}

static size_t
find_held(struct routing *routing, uint32_t *held)
{
    const struct rules *rules = routing->route->rules;
    size_t n = 0;
    if (routing->route->matching)
        return matcher_find(rules->matcher, routing->route->matching,
                            routing->facts, routing->alert, false, held);
    for (uint32_t i = 0; i < rules->n_detections; i++)
        if (detection_routed(rules->detection[i], routing->alert) &&
            detection_match(rules->detection[i], routing->facts))
            held[n++] = i;
    return n;
}

/* The ids of the detections that hold, and where their events go. */
static size_t
match_detections(struct routing *routing, struct str *ids, struct feeds **feeds,
                 size_t *n_feeds)
{
    const struct rules *rules = routing->route->rules;
    size_t n = 0, max = 0;
    uint32_t *held =
        arena_take_raw(routing->scratch, rules->n_detections + 1, sizeof *held);
    *n_feeds = 0;
    *feeds = NULL;
    if (held)
        n = find_held(routing, held);
    for (size_t i = 0; i < n; i++) {
        const struct detection *detection = rules->detection[held[i]];
        ids[i] = detection->id;
        max += detection->n_feeds;
    }
    max += rules->n_any * n + rules->n_any_alert;
    if (max > 0)
        *feeds = arena_take_raw(routing->scratch, max, sizeof **feeds);
    for (size_t i = 0; *feeds && i < n; i++) {
        const struct detection *detection = rules->detection[held[i]];
        if (detection->n_feeds == 0)
            continue;
        memcpy(*feeds + *n_feeds, detection->feeds,
               detection->n_feeds * sizeof **feeds);
        for (size_t j = 0; j < detection->n_feeds; j++)
            (*feeds)[*n_feeds + j].level = detection->level;
        *n_feeds += detection->n_feeds;
    }
    if (*feeds)
        *n_feeds = feed_any(rules, held, n, *feeds, *n_feeds);
    return n;
}

static void
put_capped(const struct routing *routing, struct matched *out)
{
    size_t n = routing->n_capped;
    struct capped *at =
        n > 0 ? arena_take_raw(routing->scratch, n, sizeof *at) : NULL;
    if (!at)
        return;
    memcpy(at, routing->capped, n * sizeof *at);
    out->capped = at;
    out->n_capped = n;
}

static void
route_match(void *context, const struct alert *alert, struct arena *scratch,
            struct window_batch *windows, struct matched *out)
{
    struct route *route = context;
    struct routing routing = {
        .route = route, .alert = alert, .scratch = scratch, .windows = windows};
    const struct rules *rules = route->rules;
    struct feeds *feeds;
    size_t n_feeds;
    *out = (struct matched){.rules = NULL};
    struct str *ids =
        arena_take_raw(scratch, rules->n_detections + 1, sizeof *ids);
    routing.facts = facts_new(rules, alert, scratch);
    if (!ids || !routing.facts) {
        route->n_limited++;
        return;
    }
    out->n_rules = match_detections(&routing, ids, &feeds, &n_feeds);
    out->rules = ids;
    routing.max_ids = n_feeds * MAX_KEYS + 1;
    routing.id = arena_take_raw(scratch, routing.max_ids, sizeof *routing.id);
    routing.max_ids = routing.id ? routing.max_ids : 0;
    if (!(alert->flags & ALERT_LATE))
        send_all(&routing, feeds, n_feeds);
    send_floor(&routing);
    sort_ids(&routing);
    out->windows = routing.id;
    out->n_windows = routing.n_ids;
    put_capped(&routing, out);
    route->n_limited += facts_n_limited(routing.facts);
}

static bool
route_changed(void *context)
{
    struct route *route = context;
    return route->newest && route->newest(route->context) != route->rules;
}

static void
route_swap(void *context)
{
    struct route *route = context;
    if (!route->newest)
        return;
    route->rules = route->newest(route->context);
    matching_free(route->matching);
    route->matching = matching_new(rules_matcher(route->rules));
}

static void
route_status(const void *context, struct buf *json)
{
    const struct route *route = context;
    buf_format(json,
               "\"detections\":%zu,\"correlations\":%zu,\"no_key\":%llu,"
               "\"limited\":%llu,\"refused\":%llu",
               route->rules->n_detections, route->rules->n_correlations,
               (unsigned long long)route->n_no_key,
               (unsigned long long)route->n_limited,
               (unsigned long long)route->n_refused);
    buf_char(json, ',');
    rule_counts_status(route->counts, json);
}

const struct matcher_ops *
route_ops(void)
{
    static const struct matcher_ops ops = {
        .match = route_match,
        .changed = route_changed,
        .swap = route_swap,
        .status = route_status,
    };
    return &ops;
}
