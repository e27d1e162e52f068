/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of things: the journal first, for it says which alerts are in a
 * ticket; then every alert once, in step, through the other site's engine,
 * whose incidents become tickets as in a replay; at the end both sides are
 * known and are compared. */
#include "whatif.h"

#include "base/table.h"
#include "base/times.h"
#include "whatif_compare.h"
#include "whatif_then.h"

#include <string.h>

enum { MOST_WINDOWS = 1024 /* of one recorded alert */ };

struct running {
    struct whatif *whatif;
    struct whatif_compare *compare;
    bool full;
};

/* --- how much beside the span is read */

static int64_t
longest_timespan(const struct rules *rules)
{
    struct correlation floor;
    correlation_floor(&floor);
    int64_t longest_ms = floor.timespan_ms;
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (rules_correlation(rules, i)->timespan_ms > longest_ms)
            longest_ms = rules_correlation(rules, i)->timespan_ms;
    return longest_ms;
}

/* What was before the span has made the tickets that its alerts join. */
static int64_t
longest_memory(const struct triage *triage)
{
    int64_t longest_ms = triage->group_longest_ms;
    for (size_t i = 0; i < triage->n_inhibitions; i++)
        if (triage->inhibition[i].within_ms > longest_ms)
            longest_ms = triage->inhibition[i].within_ms;
    return longest_ms;
}

static void
plan_runs(struct whatif *whatif)
{
    const struct whatif_plan *plan = whatif->plan;
    int64_t timespan_ms = longest_timespan(plan->rules);
    int64_t memory_ms = longest_memory(site_triage(plan->site));
    int64_t before_ms = memory_ms > timespan_ms ? memory_ms : timespan_ms;
    whatif->cut = before_ms > WHATIF_MAX_RUN_MS;
    whatif->before_ms = whatif->cut ? WHATIF_MAX_RUN_MS : before_ms;
    whatif->after_ms =
        timespan_ms > WHATIF_MAX_RUN_MS ? WHATIF_MAX_RUN_MS : timespan_ms;
}

/* --- now */

static void
take_incident(void *context, const struct incident *incident)
{
    struct running *running = context;
    running->full |= !whatif_side_add(running->whatif->now, incident);
    replay_tickets_take(running->whatif->replay, incident);
}

static void
find_true(void *context, const struct whatif_incident *incident)
{
    struct whatif_side *then = context;
    if (incident->ticket != WHATIF_NO_TICKET)
        then->ticket[incident->ticket].is_true = true;
}

/* What an alert is in that is known to be true is true. */
static void
mark_true(struct whatif *whatif, const struct recorded *recorded,
          const struct str *window, size_t n)
{
    const struct table *known = whatif->plan->true_ones;
    struct str vendor = recorded->alert_id, source;
    if (!known)
        return;
    str_split(&vendor, ':', &source); /* ajiant:AJ-24-00000001 */
    if (table_find(known, vendor) == TABLE_NONE &&
        table_find(known, recorded->alert_id) == TABLE_NONE)
        return;
    for (size_t i = 0; i < n; i++) {
        uint32_t number = table_find(whatif->then->windows, window[i]);
        if (number != TABLE_NONE)
            whatif_side_at(whatif->then, number, recorded->event_ms, find_true,
                           whatif->then);
    }
}

/* The ids in `windows`; at most MOST_WINDOWS. */
static size_t
split_windows(struct str windows, struct str *window)
{
    size_t n = windows.len / WINDOW_ID_LEN;
    if (n > MOST_WINDOWS)
        n = MOST_WINDOWS;
    for (size_t i = 0; i < n; i++)
        window[i] = (struct str){windows.at + i * WINDOW_ID_LEN, WINDOW_ID_LEN};
    return n;
}

static bool
take_alert(struct running *running, struct whatif_engine *engine,
           const struct recorded *recorded, struct err *why)
{
    struct whatif *whatif = running->whatif;
    struct str window[MOST_WINDOWS];
    struct matched matched;
    if (recorded->event_ms >= whatif->plan->from_ms &&
        recorded->event_ms < whatif->plan->until_ms)
        whatif->n_span++;
    else
        whatif->n_beside++;
    if (!whatif_engine_take(engine, recorded, &matched, why))
        return false;
    size_t n = split_windows(recorded->windows, window);
    mark_true(whatif, recorded, window, n);
    if (!running->full &&
        whatif_compare_alert(running->compare, recorded->event_ms, window, n,
                             matched.windows, matched.n_windows))
        return true;
    err_set(why, "too many alerts in tickets, or no memory for them: choose a "
                 "shorter span");
    return false;
}

static bool
read_alerts(struct running *running, struct whatif_engine *engine,
            struct err *why)
{
    struct whatif *whatif = running->whatif;
    enum spool_got got =
        whatif_feed_sort(whatif->feed, why) ? SPOOL_ONE : SPOOL_FAILED;
    while (got == SPOOL_ONE) {
        struct recorded recorded;
        got = whatif_feed_next(whatif->feed, &recorded, why);
        if (got == SPOOL_ONE && !take_alert(running, engine, &recorded, why))
            got = SPOOL_FAILED;
    }
    whatif->recorded = whatif_feed_counts(whatif->feed);
    return got == SPOOL_END;
}

/* Silences are no configuration: they held then, and hold now. */
static bool
copy_silences(struct whatif *whatif, struct arena scratch, struct err *why)
{
    struct tickets *to = replay_tickets_state(whatif->replay);
    uint32_t n = tickets_n_records(whatif->tickets, TABLE_SILENCES);
    for (uint32_t i = 0; i < n; i++) {
        struct arena mark = scratch;
        struct journal_record record;
        if (!tickets_record(whatif->tickets, TABLE_SILENCES, i, &mark,
                            &record) ||
            tickets_fold(to, &record, why) == FOLD_BROKEN) {
            err_set(why, "a silence cannot be taken over");
            return false;
        }
    }
    return true;
}

static bool
run_now(struct running *running, struct err *why)
{
    struct whatif *whatif = running->whatif;
    const struct whatif_plan *plan = whatif->plan;
    const struct whatif_engine_plan engine_plan = {
        .site = plan->site,
        .rules = plan->rules,
        .geo_database =
            plan->fresh->geo_database ? plan->fresh->geo_database : "",
        .incident = take_incident,
        .context = running,
    };
    struct whatif_engine *engine = whatif_engine_new(&engine_plan, why);
    bool fine = engine && read_alerts(running, engine, why) &&
                whatif_engine_end(engine, &whatif->engine, why) &&
                replay_tickets_whole(whatif->replay, why);
    whatif_engine_free(engine);
    if (!fine)
        return false;
    if (!running->full &&
        whatif_side_close(whatif->now, replay_tickets_state(whatif->replay)))
        return true;
    err_set(why, "too many incidents, or no memory for them");
    return false;
}

/* --- judging */

enum whatif_fate
whatif_fate(const struct whatif_ticket *ticket)
{
    if (ticket->found)
        return WHATIF_STAYS;
    return ticket->n_seen > 0 ? WHATIF_GONE : WHATIF_UNKNOWN;
}

uint64_t
whatif_n_missed(const struct whatif *whatif)
{
    uint64_t n = 0;
    for (size_t i = 0; i < whatif->then->n_tickets; i++) {
        const struct whatif_ticket *ticket = &whatif->then->ticket[i];
        n += ticket->counts && ticket->is_true &&
             whatif_fate(ticket) != WHATIF_STAYS;
    }
    return n;
}

static bool
read_verdicts(struct whatif *whatif, struct arena scratch, struct err *why)
{
    struct whatif_side *then = whatif->then;
    for (size_t i = 0; i < then->n_tickets; i++) {
        struct arena mark = scratch;
        struct ticket ticket;
        struct whatif_ticket *at = &then->ticket[i];
        if (!at->counts)
            continue;
        struct str id = tickets_id(then->tickets, at->number);
        if (!tickets_read(then->tickets, id, &mark, &ticket)) {
            err_set(why, "ticket %.*s cannot be read", STR_ARG(id));
            return false;
        }
        at->is_true |= ticket.verdict == VERDICT_TRUE;
    }
    return true;
}

/* Of files nobody was told: then it is who would have been. */
static bool
call_people(struct whatif *whatif, struct err *why)
{
    const struct whatif_plan *plan = whatif->plan;
    const struct site *sites[] = {plan->site,
                                  plan->files ? plan->files->site : NULL};
    for (int i = 0; i < 2 && sites[i]; i++) {
        struct whatif_calls calls = {
            .team = site_team(sites[i]),
            .overrides = whatif->tickets,
            .floor_hold_ms = site_triage(sites[i])->floor_hold_ms,
            .then = i == 1,
        };
        if (calls.team->roster &&
            !whatif_people_call(whatif->people, &calls,
                                i == 1 ? whatif->then : whatif->now)) {
            err_set(why, "out of memory for messages");
            return false;
        }
    }
    return true;
}

/* --- then */

static bool
read_journal(struct whatif *whatif, int64_t from_ms, int64_t until_ms,
             struct err *why)
{
    struct whatif_then then = {
        .tickets = whatif->tickets,
        .side = whatif->then,
        .people = whatif->people,
        .read_from_ms = from_ms,
        .read_until_ms = until_ms,
    };
    return whatif_then_read(whatif->plan->config, &then, why) &&
           whatif_feed_read(whatif->feed, whatif->plan->config, why);
}

static bool
read_files(struct whatif *whatif, int64_t from_ms, int64_t until_ms,
           struct err *why)
{
    const struct whatif_files_into into = {
        .feed = whatif->feed,
        .side = whatif->then,
        .tickets = whatif->replay_then,
        .from_ms = from_ms,
        .until_ms = until_ms,
    };
    return whatif_files_read(whatif->plan->files, &into, &whatif->files, why);
}

/* --- all of it */

static bool
open_all(struct whatif *whatif, struct err *why)
{
    const struct whatif_plan *plan = whatif->plan;
    whatif->then = whatif_side_new(plan->from_ms, plan->until_ms);
    whatif->now = whatif_side_new(plan->from_ms, plan->until_ms);
    whatif->people = whatif_people_new();
    if (plan->files) {
        whatif->replay_then =
            replay_tickets_new(site_triage(plan->files->site));
        if (whatif->replay_then)
            whatif->tickets = replay_tickets_state(whatif->replay_then);
    } else {
        whatif->tickets = tickets_new();
    }
    whatif->replay = replay_tickets_new(site_triage(plan->site));
    if (!whatif->then || !whatif->now || !whatif->people || !whatif->tickets ||
        !whatif->replay)
        return false;
    whatif->feed = whatif_feed_open(plan->from_ms - whatif->before_ms,
                                    plan->until_ms + whatif->after_ms, why);
    return whatif->feed != NULL;
}

static bool
run_all(struct running *running, struct arena scratch, struct err *why)
{
    struct whatif *whatif = running->whatif;
    int64_t from_ms = whatif->plan->from_ms - whatif->before_ms;
    int64_t until_ms = whatif->plan->until_ms + whatif->after_ms;
    bool known = whatif->plan->files
                     ? read_files(whatif, from_ms, until_ms, why)
                     : read_journal(whatif, from_ms, until_ms, why);
    if (!known || !copy_silences(whatif, scratch, why))
        return false;
    running->compare = whatif_compare_new(whatif->then, whatif->now);
    err_set(why, "out of memory");
    if (!running->compare || !run_now(running, why))
        return false;
    whatif_compare_finish(running->compare);
    return read_verdicts(whatif, scratch, why) && call_people(whatif, why);
}

bool
whatif_run(const struct whatif_plan *plan, struct whatif *whatif,
           struct err *why)
{
    *whatif = (struct whatif){.plan = plan};
    struct running running = {.whatif = whatif};
    struct arena scratch = arena_reserve(SCRATCH_BYTES);
    char *start = scratch.at;
    plan_runs(whatif);
    err_set(why, "out of memory");
    bool fine =
        start && open_all(whatif, why) && run_all(&running, scratch, why);
    whatif_compare_free(running.compare);
    if (start)
        arena_release(start, scratch);
    return fine;
}

void
whatif_free(struct whatif *whatif)
{
    whatif_side_free(whatif->then);
    whatif_side_free(whatif->now);
    whatif_people_free(whatif->people);
    if (!whatif->replay_then)
        tickets_free(whatif->tickets);
    replay_tickets_free(whatif->replay_then);
    replay_tickets_free(whatif->replay);
    whatif_feed_close(whatif->feed);
}
