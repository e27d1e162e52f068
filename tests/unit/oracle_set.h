/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/correlation.md for a set of correlations, some of which refer to
 * others: every event of one correlation is looked up, grouped by key, and
 * given to the oracle of one key; each episode of an inner one is an event of
 * the outer one. */
#ifndef TESTS_UNIT_ORACLE_SET_H
#define TESTS_UNIT_ORACLE_SET_H

#include "oracle_memory.h"

#include <ctype.h>
#include <stdio.h>

enum { SET_RULES = 6, SET_ITEMS = 2048, SET_FINAL = 2048 };
enum { FIELD_HOST, FIELD_USER, FIELD_NUM, FIELD_WHO, N_SET_FIELDS };
enum { SET_TEXT = 64 };

/* An alert, or the firing of a correlation. */
struct set_item {
    int64_t ms;
    uint32_t place;      /* order by position: of a firing, its newest's */
    uint32_t detections; /* bits: a, b, c, … */
    int from;            /* number of the correlation, or -1 */
    uint64_t alerts;
    enum kind kind;
    char field[N_SET_FIELDS][SET_TEXT]; /* as compared; empty: missing */
};

/* A final incident. */
struct set_incident {
    char rule[SET_TEXT], key[4 * SET_TEXT];
    int64_t first_ms, last_ms, fired_ms;
    uint64_t count;
};

struct set_oracle {
    const struct correlation *rule[SET_RULES]; /* the inner ones first */
    size_t n_rules;
    struct set_item item[SET_ITEMS];
    size_t n;
    struct set_incident final[SET_FINAL];
    size_t n_final;
    bool full; /* more than it has room for: the case says nothing */
};

/* What one correlation looks at, of one key. */
struct set_event {
    struct oracle_event event;
    size_t item;
    char key[MAX_GROUP_FIELDS][SET_TEXT];
    char value[4 * SET_TEXT];
};

static inline int
set_field(struct str name)
{
    static const char *const names[] = {"host", "user", "num", "who"};
    for (int f = 0; f < N_SET_FIELDS; f++)
        if (str_equal(name, str_of(names[f])))
            return f;
    abort();
}

/* Is the item an event of the step? */
static inline bool
set_is_step(const struct set_oracle *set, const struct set_item *item,
            const struct correlation_step *step)
{
    if (item->from >= 0)
        return str_equal(set->rule[item->from]->id, step->rule);
    return step->rule.len == 1 && step->rule.at[0] >= 'a' &&
           (item->detections >> (step->rule.at[0] - 'a') & 1);
}

static inline void
set_append(char *text, size_t size, const char *more)
{
    size_t len = strlen(text), n = strlen(more);
    if (len + n + 2 > size)
        abort();
    memmove(text + len, more, n);
    memcpy(text + len + n, "|", 2);
}

static inline void
set_copy(char to[SET_TEXT], const char *text)
{
    size_t n = strnlen(text, SET_TEXT - 1);
    memmove(to, text, n);
    to[n] = '\0';
}

static inline uint64_t
set_value(const char *text)
{
    return hash_digest(str_of(text)).half[0];
}

/* "Of each event the step's `score`, else by severity": alerts are low, what
 * fires is medium. Each rule of an alert scores for itself. */
static inline void
set_score(const struct correlation_step *step, const struct set_item *from,
          struct oracle_event *event)
{
    uint32_t points = step->score > 0 ? step->score : from->from < 0 ? 5 : 20;
    event->number_of = (amount)points * AMOUNT_ONE;
    event->tactics = step->tactics;
    event->value = hash_digest(step->rule).half[0];
}

/* The event that an item is for a step; false: it takes no part. */
static inline bool
set_read(const struct set_oracle *set, const struct correlation *rule,
         uint32_t step, size_t item, struct set_event *out)
{
    const struct set_item *from = &set->item[item];
    *out = (struct set_event){.item = item};
    if (!set_is_step(set, from, &rule->step[step]))
        return false;
    for (size_t g = 0; g < rule->n_group_by; g++) {
        int field = set_field(rule->step[step].field[g]);
        if (from->field[field][0] == '\0')
            return false;
        set_copy(out->key[g], from->field[field]);
    }
    for (size_t v = 0; v < rule->n_value_fields; v++) {
        const char *text = from->field[set_field(rule->value_field[v])];
        if (text[0] == '\0')
            return false;
        if (correlation_measures(rule) &&
            !amount_from(str_of(text), &out->event.number_of))
            return false;
        set_append(out->value, sizeof out->value, text);
    }
    out->event.ms = from->ms;
    out->event.number = from->place;
    out->event.steps = UINT32_C(1) << step;
    out->event.weight = from->alerts > 0 ? (uint32_t)from->alerts : 1;
    out->event.kind = from->kind;
    out->event.value = set_value(out->value);
    if (rule->type == RISK)
        set_score(&rule->step[step], from, &out->event);
    return true;
}

static inline bool
set_same(const struct correlation *rule, const struct set_event *a,
         const struct set_event *b)
{
    for (size_t g = 0; g < rule->n_group_by; g++)
        if (strcmp(a->key[g], b->key[g]) != 0)
            return false;
    return true;
}

/* All events of a correlation; an item that is several steps under one key is
 * one event. */
static inline size_t
set_events(const struct set_oracle *set, const struct correlation *rule,
           struct set_event *events)
{
    size_t n = 0;
    for (size_t item = 0; item < set->n; item++) {
        size_t first = n;
        for (uint32_t s = 0; s < rule->n_steps; s++) {
            struct set_event event;
            size_t same = first;
            if (!set_read(set, rule, s, item, &event))
                continue;
            while (same < n && !(set_same(rule, &events[same], &event) &&
                                 events[same].event.value == event.event.value))
                same++;
            if (same == n)
                events[n++] = event;
            else
                events[same].event.steps |= event.event.steps;
        }
    }
    return n;
}

/* --- episodes into firings and incidents */

/* When the condition had been completed: "fired less the T that `not` and
 * absence add; of windows laid end to end the first true one". The
 * bucket of a spike ends just before it fires. */
static inline int64_t
set_completed(const struct correlation *rule, int64_t fired_ms)
{
    struct oracle o = {.rule = rule};
    if (rule->type == SPIKE)
        return fired_ms - 1;
    if (rule->type == ABSENCE || rule->type == SILENCE || oracle_negates(&o))
        return fired_ms - rule->timespan_ms;
    return fired_ms;
}

/* All events of a correlation, and one of the key at work. */
struct set_keyed {
    const struct set_event *events;
    size_t n;
    const struct set_event *key;
};

/* Which of them the i-th event of `o` is. */
static inline const struct set_event *
set_of(const struct oracle *o, size_t i, const struct set_keyed *keyed)
{
    const struct set_event *events = keyed->events;
    for (size_t e = 0; e < keyed->n; e++)
        if (events[e].event.ms == o->event[i].ms &&
            events[e].event.number == o->event[i].number &&
            events[e].event.steps == o->event[i].steps &&
            events[e].event.value == o->event[i].value &&
            events[e].event.weight == o->event[i].weight &&
            set_same(o->rule, &events[e], keyed->key))
            return &events[e];
    abort();
}

/* A risk that others refer to fires "at the event that completed it": the
 * earliest time up to which something of the episode is hot. */
static inline int64_t
set_risk_fired(const struct oracle *o, size_t episode)
{
    static struct oracle part;
    part.rule = o->rule;
    for (size_t n = 1; n <= o->n; n++) {
        part.n = n;
        memcpy(part.event, o->event, n * sizeof *o->event);
        oracle_run(&part);
        for (size_t i = 0; i < n; i++)
            if (part.hot[i] && o->fed[i] == (int)episode)
                return o->event[n - 1].ms;
    }
    abort();
}

static inline void
set_fire(struct set_oracle *set, size_t number, const struct oracle *o,
         size_t episode, const struct set_keyed *keyed)
{
    const struct correlation *rule = set->rule[number];
    int64_t fired_ms = o->episode[episode].fired_ms;
    int64_t completed_ms = set_completed(rule, fired_ms);
    struct set_item *firing = &set->item[set->n];
    const struct set_event *newest = NULL;
    bool tied = false;
    *firing = (struct set_item){.ms = fired_ms, .from = (int)number};
    for (size_t i = 0; i < o->n; i++) {
        if (o->fed[i] != (int)episode || o->event[i].ms > completed_ms ||
            o->fired_ms[i] > fired_ms)
            continue;
        /* an alert and what fires by it: which is the newer is not said */
        tied = newest && newest->event.ms == o->event[i].ms &&
               newest->event.number == o->event[i].number;
        newest = set_of(o, i, keyed);
        firing->alerts += o->event[i].weight;
    }
    if (!newest || set->n + 1 >= SET_ITEMS || (tied && rule->n_feeds > 0)) {
        set->full = true;
        return;
    }
    memcpy(firing->field, set->item[newest->item].field, sizeof firing->field);
    firing->place = set->item[newest->item].place;
    firing->kind = set->item[newest->item].kind;
    for (size_t g = 0; g < rule->n_group_by; g++)
        set_copy(firing->field[set_field(rule->group_by[g])],
                 keyed->key->key[g]);
    set->n++;
}

/* "Its key has the value fields too." */
static inline void
set_name_values(const struct set_oracle *set, const struct correlation *rule,
                const struct set_event *of, struct set_incident *incident)
{
    for (size_t v = 0; v < rule->n_value_fields; v++) {
        bool twice = false;
        for (size_t g = 0; g < rule->n_group_by; g++)
            twice |= str_equal(rule->group_by[g], rule->value_field[v]);
        if (!twice)
            set_append(
                incident->key, sizeof incident->key,
                set->item[of->item].field[set_field(rule->value_field[v])]);
    }
}

static inline void
set_incident(struct set_oracle *set, const struct correlation *rule,
             const struct oracle_episode *episode, const struct set_event *key,
             const struct set_event *of)
{
    struct set_incident *incident = &set->final[set->n_final];
    if (rule->silent)
        return;
    if (set->n_final + 1 >= SET_FINAL) {
        set->full = true;
        return;
    }
    memset(incident, 0, sizeof *incident);
    snprintf(incident->rule, sizeof incident->rule, "%.*s", STR_ARG(rule->id));
    for (size_t g = 0; g < rule->n_group_by; g++)
        set_append(incident->key, sizeof incident->key, key->key[g]);
    if (rule->type == FIRST_SEEN || rule->type == RARE)
        set_name_values(set, rule, of, incident);
    incident->first_ms = episode->first_ms;
    incident->last_ms = episode->last_ms;
    incident->fired_ms = episode->fired_ms;
    incident->count = episode->count;
    set->n_final++;
}

/* An event that the episode is about. */
static inline const struct set_event *
set_one_of(const struct oracle *o, size_t episode,
           const struct set_keyed *keyed)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->fed[i] == (int)episode)
            return set_of(o, i, keyed);
    abort();
}

/* An alert and what fires by it at that time have one place. Which of them is
 * the later is not said, where only the last one counts; nor, where each value
 * is an incident, which of them that of both is of. */
static inline bool
set_is_twice(const struct oracle *o)
{
    bool asked = correlation_alone(o->rule) || o->rule->type == SILENCE;
    for (size_t i = 0; i < o->n && asked; i++)
        for (size_t j = 0; j < i; j++)
            if (o->event[i].ms == o->event[j].ms &&
                o->event[i].number == o->event[j].number &&
                o->event[i].value == o->event[j].value)
                return true;
    return false;
}

static inline void
set_tell(struct set_oracle *set, size_t number, struct oracle *o,
         const struct set_keyed *keyed)
{
    set->full |= set_is_twice(o);
    for (size_t e = 0; e < o->n_episodes; e++) {
        if (o->rule->type == RISK && o->rule->n_feeds > 0)
            o->episode[e].fired_ms = set_risk_fired(o, e);
        set_incident(set, set->rule[number], &o->episode[e], keyed->key,
                     set_one_of(o, e, keyed));
        set_fire(set, number, o, e, keyed);
    }
}

/* --- members of a silence */

/* A member as texts: [\"h0\",445]. */
static inline void
set_member(struct str text, struct set_event *member)
{
    size_t g = 0, n = 0;
    *member = (struct set_event){.item = 0};
    for (size_t i = 1; i + 1 < text.len; i++)
        if (text.at[i] == ',') {
            g++;
            n = 0;
        } else if (text.at[i] != '"' && n + 1 < SET_TEXT) {
            member->key[g][n++] = (char)tolower((unsigned char)text.at[i]);
        }
}

/* "A member that never spoke: count 0, first and last are that beginning." */
static inline void
set_never_spoke(struct set_oracle *set, size_t number, int64_t begin_ms,
                const struct set_event *member)
{
    const struct correlation *rule = set->rule[number];
    struct oracle_episode episode = {.first_ms = begin_ms,
                                     .last_ms = begin_ms,
                                     .fired_ms = begin_ms + rule->timespan_ms};
    struct set_item *firing = &set->item[set->n];
    set_incident(set, rule, &episode, member, member);
    *firing = (struct set_item){.ms = episode.fired_ms, .from = (int)number};
    for (size_t g = 0; g < rule->n_group_by; g++)
        set_copy(firing->field[set_field(rule->group_by[g])], member->key[g]);
    if (set->n + 1 < SET_ITEMS)
        set->n++;
    else
        set->full = true;
}

/* "They count as having spoken at the first event of any of them." */
static inline void
set_run_members(struct set_oracle *set, size_t number,
                const struct set_event *events, size_t n)
{
    static struct oracle o;
    const struct correlation *rule = set->rule[number];
    struct set_event member[16];
    int64_t begin_ms = INT64_MAX;
    size_t n_members = 0;
    for (size_t m = 0; m < rule->n_members && n_members < 16; m++) {
        size_t same = 0;
        set_member(rule->member[m], &member[n_members]);
        while (!set_same(rule, &member[same], &member[n_members]))
            same++;
        n_members += same == n_members;
    }
    for (size_t m = 0; m < n_members; m++)
        for (size_t i = 0; i < n; i++)
            if (set_same(rule, &events[i], &member[m]) &&
                oracle_in_hours(rule, events[i].event.ms) &&
                events[i].event.ms < begin_ms)
                begin_ms = events[i].event.ms;
    for (size_t m = 0; m < n_members && begin_ms < INT64_MAX; m++) {
        o.rule = rule;
        o.n = 0;
        for (size_t i = 0; i < n && o.n < ORACLE_EVENTS; i++)
            if (set_same(rule, &events[i], &member[m]))
                o.event[o.n++] = events[i].event;
        set->full |= o.n == ORACLE_EVENTS;
        oracle_run(&o);
        if (o.n == 0 || o.event[0].ms - begin_ms > rule->timespan_ms)
            set_never_spoke(set, number, begin_ms, &member[m]);
        set_tell(set, number, &o, &(struct set_keyed){events, n, &member[m]});
    }
}

/* --- a rule */

static inline void
set_run_rule(struct set_oracle *set, size_t number)
{
    static struct set_event events[SET_ITEMS * 2];
    static struct oracle o;
    const struct correlation *rule = set->rule[number];
    size_t n = set_events(set, rule, events);
    if (rule->n_members > 0) {
        set_run_members(set, number, events, n);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        size_t before = 0;
        while (!set_same(rule, &events[before], &events[i]))
            before++;
        if (before < i)
            continue; /* this key was looked at */
        o.rule = rule;
        o.n = 0;
        for (size_t j = i; j < n && o.n < ORACLE_EVENTS; j++)
            if (set_same(rule, &events[j], &events[i]))
                o.event[o.n++] = events[j].event;
        set->full |= o.n == ORACLE_EVENTS;
        oracle_run(&o);
        set_tell(set, number, &o, &(struct set_keyed){events, n, &events[i]});
    }
}

static inline void
set_run(struct set_oracle *set)
{
    set->n_final = 0;
    set->full = false;
    for (size_t r = 0; r < set->n_rules && !set->full; r++)
        set_run_rule(set, r);
}

#endif
