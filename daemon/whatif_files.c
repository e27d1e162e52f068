/* SPDX-License-Identifier: Apache-2.0
 *
 * The files go through the engine of `replay`, set as the service is, with the
 * feed on: so what is compared is made of the same records as from Kafka. */
#include "whatif_files.h"

#include "base/times.h"
#include "interrupt.h"
#include "rules_events.h"
#include "rules_learn.h"

#include <sys/stat.h>

/* --- of which days */

struct reached {
    int64_t first_ms, last_ms;
};

static void
reach(void *context, uint64_t line, const struct alert *alert,
      struct arena *rest)
{
    struct reached *reached = context;
    (void)line;
    (void)rest;
    if (alert->event_ms == NO_TIME)
        return;
    if (reached->first_ms == NO_TIME || alert->event_ms < reached->first_ms)
        reached->first_ms = alert->event_ms;
    if (reached->last_ms == NO_TIME || alert->event_ms > reached->last_ms)
        reached->last_ms = alert->event_ms;
}

static int64_t
day_start(int64_t ms)
{
    return day_of_ms(ms, VIETNAM_MINUTES) * MS_PER_DAY -
           VIETNAM_MINUTES * INT64_C(60000);
}

bool
whatif_files_span(const struct whatif_files *files, int64_t *from_ms,
                  int64_t *until_ms, struct err *why)
{
    struct reached reached = {NO_TIME, NO_TIME};
    struct events_tally tally = {0};
    const struct events_visit visit = {
        .context = &reached, .each = reach, .progress = "looking for the days"};
    for (size_t i = 0; i < files->n; i++) {
        struct stat about;
        const char *path = files->file[i].path;
        if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) &&
            !S_ISDIR(about.st_mode)) {
            err_set(why,
                    "%s: no file, so it can be read but once: say --from "
                    "and --to",
                    path);
            return false;
        }
        if (!events_read(files->file[i].source, path, &visit, &tally, why))
            return false;
        if (tally.broken_off) {
            err_set(why, "interrupted");
            return false;
        }
    }
    if (reached.first_ms == NO_TIME) {
        err_set(why, "of %llu lines, none is an alert that has a time",
                (unsigned long long)tally.n_lines);
        return false;
    }
    *from_ms = day_start(reached.first_ms);
    *until_ms = day_start(reached.last_ms) + MS_PER_DAY;
    return true;
}

/* --- what there was */

struct reading {
    const struct whatif_files_into *into;
    bool full;
};

static bool
take_alert(void *context, struct str record, struct err *why)
{
    struct reading *reading = context;
    if (interrupted()) {
        err_set(why, "interrupted");
        return false;
    }
    return whatif_feed_add(reading->into->feed, record, why);
}

static void
take_incident(void *context, const struct incident *incident)
{
    struct reading *reading = context;
    const struct whatif_files_into *into = reading->into;
    replay_tickets_take(into->tickets, incident);
    if (incident->last_ms >= into->from_ms &&
        incident->first_ms < into->until_ms)
        reading->full |= !whatif_side_add(into->side, incident);
}

static bool
replay_all(const struct whatif_files *files, struct reading *reading,
           struct replay_counts *counts, struct err *why)
{
    struct arena scratch = arena_reserve(SCRATCH_BYTES);
    char *start = scratch.at;
    const struct replay_plan plan = {
        .rules = site_rules(files->site),
        .registry = registry_new(),
        .inventory = files->site->inventory,
        .files = files->file,
        .n_files = files->n,
        .geo_database = files->geo_database,
        .asks = true,
        .alert = take_alert,
        .incident = take_incident,
        .context = reading,
    };
    err_set(why, "out of memory");
    bool fine = start && plan.registry &&
                rules_learn(plan.registry, plan.rules, scratch, why) &&
                replay_run(&plan, counts, why);
    registry_free(plan.registry);
    if (start)
        arena_release(start, scratch);
    return fine;
}

bool
whatif_files_read(const struct whatif_files *files,
                  const struct whatif_files_into *into,
                  struct replay_counts *counts, struct err *why)
{
    struct reading reading = {.into = into};
    if (!replay_all(files, &reading, counts, why) ||
        !replay_tickets_whole(into->tickets, why))
        return false;
    if (!reading.full &&
        whatif_side_close(into->side, replay_tickets_state(into->tickets)))
        return true;
    err_set(why, "too many incidents, or no memory for them");
    return false;
}
