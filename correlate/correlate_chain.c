/* SPDX-License-Identifier: Apache-2.0
 *
 * What windows say to windows (STREAM 19). A firing of a correlation that
 * others refer to makes an entry for each of them. Entries travel as those of
 * ingest do, through soc.chained, also to the same partition: caused by the
 * record at work, one level up. So does what ingest says to a correlation that
 * refers to detections and correlations alike: handed on where it is read.
 * After them goes how far this partition is: its watermark of level n - 1 is
 * what it says of level n, for what it still fires has fired no earlier. All of
 * it follows from state and log, but for the highest level that is said
 * anything of, which the rules known decide: saying more, or the same again,
 * changes nothing for who has heard it. */
#include "correlate_priv.h"

#include "group_key.h"
#include "hours.h"
#include "model/firing.h"
#include "model/progress.h"
#include "window_priv.h"

#include <assert.h>

enum {
    MAX_REPORTS = 16, /* in a burst, before they are bounded */
    LEAP_MS = 6 * 3600 * 1000,
};

/* --- firings */

/* What an inner correlation has to give, its key's values and the carried
 * ones, numbered as in struct chain_feed. */
struct given {
    const struct window *window;
    const struct episode *episode;
    struct sighting newest;
    struct group_value values[MAX_GROUP_FIELDS + MAX_CARRIED];
    struct str names;
    uint32_t brief;
    struct window_batch *batch;
    struct arena scratch;
    struct window_entry entry[MAX_CHAIN_FEEDS];
    size_t n;
};

static void
names_of(const struct episode *episode, struct firing *firing)
{
    firing->n_names = 0;
    for (int set = 0; set < N_FIRING_SETS; set++)
        for (uint16_t i = 0; i < episode->names[set].n; i++)
            firing->name[firing->n_names++] = (struct firing_name){
                episode->names[set].names[i].first_ms, (uint8_t)set,
                blob_str(episode->names[set].names[i].text)};
}

static void
values_of(struct correlate_state *state, struct given *given)
{
    const struct correlation *rule = given->window->rule;
    struct str key = given->newest.key;
    for (size_t i = 0; i < MAX_GROUP_FIELDS + MAX_CARRIED; i++)
        given->values[i] = (struct group_value){.folded = NO_STR};
    if (key.len == 0)
        key = blob_str(given->window->key);
    group_values_read(state->correlate->reader, key, &given->scratch,
                      given->values, rule->n_group_by);
    if (given->newest.carry.len > 0)
        group_values_read(state->correlate->reader, given->newest.carry,
                          &given->scratch, given->values + MAX_GROUP_FIELDS,
                          rule->n_carried);
}

/* It happened when it fired, and is what the episode was then. */
static struct brief
brief_of(const struct given *given)
{
    const struct correlation *rule = given->window->rule;
    const struct episode *episode = given->episode;
    struct brief brief = given->newest.brief;
    brief.event_ms = episode->fired_ms;
    brief.arrival_ms = episode->arrival_ms;
    brief.severity = rule->severity != SEVERITY_UNKNOWN
                         ? rule->severity
                         : (enum severity)episode->severity;
    brief.level = episode->level;
    brief.flags &= ~(unsigned)ALERT_LATE;
    return brief;
}

/* The entry of one feed; false: a value is not there, it takes no part. */
static bool
entry_of(struct given *given, const struct correlation *outer,
         const struct chain_feed *feed, struct window_entry *entry)
{
    struct group_value key[MAX_GROUP_FIELDS], value[MAX_GROUP_FIELDS];
    struct group_value carry[MAX_CARRIED];
    enum severity severity = brief_of(given).severity;
    for (size_t i = 0; i < feed->n_key; i++) {
        key[i] = given->values[feed->key[i]];
        if (key[i].folded.len == 0)
            return false;
    }
    for (size_t i = 0; i < feed->n_values; i++) {
        value[i] = given->values[feed->value[i]];
        if (value[i].folded.len == 0)
            return false;
    }
    for (size_t i = 0; i < feed->n_carry; i++)
        carry[i] = given->values[feed->carry[i]];
    uint64_t count = given->episode->count;
    *entry = (struct window_entry){
        .fingerprint = outer->fingerprint,
        .key_id = group_key_id(outer, key, &given->scratch),
        .steps = UINT32_C(1) << feed->step,
        .weight = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX,
        .brief = given->brief,
        .key = group_key_text(outer, key, &given->scratch),
        .names = given->names,
    };
    if (feed->n_carry > 0)
        entry->carry = group_carry_text(carry, feed->n_carry, &given->scratch);
    return group_counted(outer, feed->step, value, severity, &given->scratch,
                         &entry->value);
}

/* The member of a silence that a key is; NULL: it is none. Firings are few, and
 * so are silences of them: each member is looked at. */
static const struct str *
member_of(struct json_reader *reader, const struct correlation *outer,
          struct digest key_id, struct arena scratch)
{
    struct group_value key[MAX_GROUP_FIELDS];
    for (size_t i = 0; i < outer->n_members; i++) {
        struct arena rest = scratch;
        if (group_values_read(reader, outer->member[i], &rest, key,
                              MAX_GROUP_FIELDS) != outer->n_group_by)
            continue;
        struct digest id = group_key_id(outer, key, &rest);
        if (id.half[0] == key_id.half[0] && id.half[1] == key_id.half[1])
            return &outer->member[i];
    }
    return NULL;
}

/* Keys that must speak share one window, in which the value tells who spoke;
 * others take no part. */
static bool
takes_part(struct correlate_state *state, const struct given *given,
           const struct correlation *outer, struct window_entry *entry)
{
    if (outer->n_members == 0)
        return true;
    const struct str *member = member_of(state->correlate->reader, outer,
                                         entry->key_id, given->scratch);
    if (!member)
        return false;
    entry->key_id = hash_digest_of(NULL, 0);
    entry->value = *member;
    return true;
}

static bool
same_event(const struct window_entry *a, const struct window_entry *b)
{
    return a->fingerprint.half[0] == b->fingerprint.half[0] &&
           a->fingerprint.half[1] == b->fingerprint.half[1] &&
           a->key_id.half[0] == b->key_id.half[0] &&
           a->key_id.half[1] == b->key_id.half[1] &&
           str_equal(a->value, b->value);
}

/* A firing that is two steps of one correlation is one event of both. */
static void
put_entry(struct given *given, const struct window_entry *entry)
{
    for (size_t i = 0; i < given->n; i++)
        if (same_event(&given->entry[i], entry)) {
            given->entry[i].steps |= entry->steps;
            return;
        }
    given->entry[given->n++] = *entry;
}

void
chain_fire(void *context, const struct window *window,
           const struct episode *episode)
{
    struct correlate_state *state = context;
    struct correlate *correlate = state->correlate;
    const struct correlation *rule = window->rule;
    static _Thread_local struct firing firing;
    static _Thread_local struct given given;
    given = (struct given){
        .window = window,
        .episode = episode,
        .batch = correlate->chained[rule->level + 1],
        .scratch = correlate->scratch,
    };
    bool fine = sighting_read(blob_str(episode->newest), &given.newest);
    assert(fine); /* we wrote it; a loaded one was checked */
    (void)fine;
    names_of(episode, &firing);
    firing.topic = given.newest.topic;
    firing.partition = given.newest.partition;
    firing.kinds = episode->kinds;
    firing_write(&correlate->names, &firing);
    given.names = buf_str(&correlate->names);
    values_of(state, &given);
    struct brief brief = brief_of(&given);
    given.brief = window_batch_put(given.batch, &brief);
    for (size_t i = 0; i < rule->n_feeds; i++) {
        const struct chain_feed *feed = &rule->feed[i];
        const struct correlation *outer =
            registry_find(correlate->plan->registry, feed->fingerprint);
        struct window_entry entry;
        assert(outer); /* a window is made only when they are known */
        if (!hours_hold(outer, episode->fired_ms))
            continue;
        if (!entry_of(&given, outer, feed, &entry))
            state->counter[COUNT_NO_KEY]++;
        else if (takes_part(state, &given, outer, &entry))
            put_entry(&given, &entry);
    }
    for (size_t i = 0; i < given.n; i++)
        if (!window_batch_add(given.batch, &given.entry[i]))
            keep_capped(
                state,
                &(struct capped){CAP_BATCH, rule->id, blob_str(window->key)},
                episode->fired_ms);
    state->fired_levels |= 1u << (rule->level + 1);
}

/* --- handing on */

/* What a firing says of its newest alert, of one that is no firing: where it
 * was read. Names and kind are those of its brief. */
static void
write_origin(struct correlate_state *state, const struct window_record *record)
{
    static _Thread_local struct firing origin;
    origin.topic = record->cause.topic;
    origin.partition = record->cause.partition;
    origin.kinds = 0;
    origin.n_names = 0;
    firing_write(&state->correlate->names, &origin);
}

void
chain_relay(struct correlate_state *state, const struct correlation *rule,
            const struct window_record *record,
            const struct window_entry *entry)
{
    struct window_batch *batch = state->correlate->chained[1];
    struct window_entry further = *entry;
    if (further.names.len == 0) {
        write_origin(state, record);
        further.names = buf_str(&state->correlate->names);
    }
    further.brief = window_batch_put(batch, &record->briefs[entry->brief]);
    if (!window_batch_add(batch, &further))
        keep_capped(state, &(struct capped){CAP_BATCH, rule->id, entry->key},
                    record->briefs[entry->brief].event_ms);
    state->fired_levels |= 1u << 1;
}

/* --- after a record */

static void
send_firings(struct correlate_state *state, const struct record *record,
             uint32_t incarnation)
{
    struct str topic = state->correlate->chained_topic;
    for (int level = 1; level < MAX_LEVELS; level++) {
        struct window_cause cause = {
            .topic = str_of(state->topic),
            .partition = state->partition,
            .incarnation = incarnation,
            .offset = record->offset,
            .level = level,
        };
        if (state->fired_levels >> level & 1)
            window_batch_flush(state->correlate->chained[level], &cause, topic,
                               state->sink);
    }
    state->fired_levels = 0;
}

/* So much more of event time is said in any case: when months are read in
 * seconds, others would gather what happened in weeks before they hear of it.
 */
static bool
leaps(const struct progress *at, int64_t told_ms)
{
    return told_ms == NO_TIME || at->watermark_ms - told_ms >= LEAP_MS;
}

/* A bucket of reports that is filled in Kafka's time, as the log has it: what
 * the watermark rises by is said at once, unless it rises all the time. */
static bool
may_report(struct correlate_state *state, int64_t now_ms)
{
    struct reports *reports = &state->reports;
    int64_t every_ms = state->correlate->plan->report_ms;
    if (every_ms == 0)
        return true;
    if (reports->filled_ms == NO_TIME ||
        now_ms - reports->filled_ms >= every_ms * MAX_REPORTS) {
        reports->n_left = MAX_REPORTS;
        reports->filled_ms = now_ms;
    } else if (now_ms > reports->filled_ms) {
        int64_t n = (now_ms - reports->filled_ms) / every_ms;
        reports->filled_ms += n * every_ms;
        reports->n_left += (int)n;
        if (reports->n_left > MAX_REPORTS)
            reports->n_left = MAX_REPORTS;
    }
    if (reports->n_left == 0)
        return false;
    reports->n_left--;
    return true;
}

static void
send_report(struct correlate_state *state, const struct progress *at, size_t n)
{
    struct buf *text = &state->correlate->text;
    buf_clear(text);
    progress_write(text, at, n);
    for (int i = 0; i < state->correlate->n_partitions; i++) {
        struct output output = {
            .topic = state->correlate->chained_topic,
            .partition = i,
            .no_key = true,
            .packed = true,
            .value = buf_str(text),
        };
        state->sink->send(state->sink->context, &output, false);
    }
}

static void
report(struct correlate_state *state, const struct record *record,
       uint32_t incarnation)
{
    const struct correlate_plan *plan = state->correlate->plan;
    int highest = registry_highest_level(plan->registry);
    struct progress at[MAX_LEVELS];
    size_t n = 0;
    bool risen = false, leap = false;
    for (int level = state->lowest + 1; level <= highest; level++) {
        int64_t watermark_ms = state->clock[level - 1].watermark_ms;
        if (watermark_ms == NO_TIME)
            break;
        risen |= watermark_ms > state->reports.told_ms[level];
        at[n++] = (struct progress){
            .topic = str_of(state->topic),
            .partition = state->partition,
            .incarnation = incarnation,
            .offset = record->offset + 1,
            .watermark_ms = watermark_ms,
            .level = level,
        };
        leap |= leaps(&at[n - 1], state->reports.told_ms[level]);
    }
    if (!risen || !(leap || may_report(state, record->timestamp_ms)))
        return;
    for (size_t i = 0; i < n; i++)
        state->reports.told_ms[at[i].level] = at[i].watermark_ms;
    send_report(state, at, n);
}

void
chain_settle(struct correlate_state *state, const struct record *record,
             uint32_t incarnation)
{
    if (state->fired_levels != 0)
        send_firings(state, record, incarnation);
    report(state, record, incarnation);
}
