/* SPDX-License-Identifier: Apache-2.0
 *
 * One event into one window: insert it, see which windows it satisfies, and
 * give what became hot to its episode. Every window that an event can newly
 * satisfy contains that event, so what it heats is one stretch around it. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

enum { FIRST_FOLD = 64 };

static bool
is_temporal(const struct correlation *rule)
{
    return rule->type == TEMPORAL || rule->type == TEMPORAL_ORDERED;
}

struct window *
window_new(struct pool *pool, const struct correlation *rule,
           struct digest key_id, struct str key)
{
    size_t bytes = sizeof(struct window);
    struct window *window = pool_take(pool, &bytes);
    if (!window)
        return NULL;
    *window = (struct window){
        .rule = rule,
        .id = {rule->fingerprint, key_id},
        .fold_at = FIRST_FOLD,
        .tail_ms = NO_TIME,
    };
    window->close.id = window->sweep.id = window->id;
    window->close.owner = window->sweep.owner = window;
    window->key = blob_new(pool, window, key);
    if (is_temporal(rule)) {
        bytes = rule->n_steps * sizeof *window->best;
        window->best = pool_take(pool, &bytes);
        assert(window->best);
    }
    return window;
}

static void
free_episodes(struct pool *pool, struct window *window, struct episode *episode)
{
    while (episode) {
        struct episode *next = episode->next;
        episode_free(pool, window, episode);
        episode = next;
    }
}

void
window_free(struct pool *pool, struct window *window)
{
    for (uint32_t i = 0; i < window->n; i++)
        blob_free(pool, window, window->entries[i].sighting);
    free_episodes(pool, window, window->episodes);
    free_episodes(pool, window, window->merged);
    blob_free(pool, window, window->key);
    pool_give(pool, window->entries, window->room * sizeof *window->entries);
    pool_give(pool, window->runs, window->runs_room * sizeof *window->runs);
    pool_give(pool, window->best, window->rule->n_steps * sizeof *window->best);
    pool_give(pool, window, sizeof *window);
}

size_t
window_bytes(const struct window *window)
{
    size_t bytes = sizeof *window + window->blob_bytes +
                   window->n * sizeof *window->entries +
                   window->n_runs * sizeof *window->runs;
    if (window->best)
        bytes += window->rule->n_steps * sizeof *window->best;
    for (const struct episode *e = window->episodes; e; e = e->next) {
        bytes += sizeof *e + e->n_proofs * sizeof *e->proofs;
        for (int i = 0; i < N_NAME_SETS; i++)
            bytes += e->names[i].n * sizeof(struct name) +
                     e->names[i].n_digests * sizeof(uint32_t);
    }
    return bytes;
}

/* --- entries */

uint32_t
window_lower(const struct window *window, int64_t ms)
{
    uint32_t low = 0, high = window->n;
    if (high > 0 && window->entries[high - 1].event_ms < ms)
        return high; /* in order: nothing to look for */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->entries[middle].event_ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t
insert(struct pool *pool, struct window *window, const struct event *event)
{
    int64_t ms = event->sighting.brief.event_ms;
    uint32_t p = window_lower(window, ms + 1);
    size_t room = window->room;
    window->entries = array_room(pool, window->entries, window->n, &room,
                                 sizeof *window->entries);
    window->room = (uint32_t)room;
    memmove(&window->entries[p + 1], &window->entries[p],
            (window->n - p) * sizeof *window->entries);
    window->n++;
    window->entries[p] = (struct entry){
        .event_ms = ms,
        .value = event->value,
        .steps = event->steps,
        .weight = 1,
    };
    return p;
}

/* --- runs */

static bool
run_covers(const struct window *window, int64_t ms)
{
    for (uint32_t i = window->n_runs; i-- > 0;)
        if (window->runs[i].from_ms <= ms)
            return ms <= window->runs[i].to_ms;
    return false;
}

/* Adds a stretch; those it touches become one with it. */
static void
run_add(struct pool *pool, struct window *window, struct run run)
{
    uint32_t to = window->n_runs;
    while (to > 0 && window->runs[to - 1].from_ms > run.to_ms)
        to--;
    uint32_t from = to;
    while (from > 0 && window->runs[from - 1].to_ms >= run.from_ms) {
        struct run *old = &window->runs[--from];
        run.from_ms = old->from_ms < run.from_ms ? old->from_ms : run.from_ms;
        run.to_ms = old->to_ms > run.to_ms ? old->to_ms : run.to_ms;
    }
    if (from == to) {
        size_t room = window->runs_room;
        window->runs = array_room(pool, window->runs, window->n_runs, &room,
                                  sizeof *window->runs);
        window->runs_room = (uint32_t)room;
    }
    memmove(&window->runs[from + 1], &window->runs[to],
            (window->n_runs - to) * sizeof *window->runs);
    window->n_runs = window->n_runs + 1 - (to - from);
    window->runs[from] = run;
}

/* --- the episode of what became hot */

/* A merged episode that was reported is kept, as it was, until it has been told
 * that it was merged. */
static void
put_away(struct pool *pool, struct window *window, struct episode *other,
         const struct episode *into)
{
    for (struct episode *m = window->merged; m; m = m->next)
        if (m->into == other->number)
            m->into = into->number;
    if (other->revision == 0) {
        episode_free(pool, window, other);
        return;
    }
    other->into = into->number;
    struct episode **link = &window->merged;
    while (*link && (*link)->number < other->number)
        link = &(*link)->next;
    other->next = *link;
    *link = other;
}

/* The one within reach of `run` that fired first, with all others that are
 * within reach merged into it; taken out of the list. NULL: none. */
static struct episode *
gather(struct pool *pool, struct window *window, struct run run)
{
    int64_t reach_ms = window->rule->timespan_ms;
    struct episode *kept = NULL, **link = &window->episodes;
    while (*link) {
        struct episode *episode = *link;
        if (episode->first_ms - reach_ms > run.to_ms ||
            episode->last_ms + reach_ms < run.from_ms) {
            link = &episode->next;
            continue;
        }
        *link = episode->next;
        if (kept && kept->number > episode->number) {
            struct episode *elder = episode;
            episode = kept;
            kept = elder;
        } else if (!kept) {
            kept = episode;
            continue;
        }
        episode_absorb(pool, window, kept, episode);
        put_away(pool, window, episode, kept);
    }
    return kept;
}

static void
enlist(struct window *window, struct episode *episode)
{
    struct episode **link = &window->episodes;
    while (*link && (*link)->first_ms < episode->first_ms)
        link = &(*link)->next;
    episode->next = *link;
    *link = episode;
}

static void
heat_entry(struct pool *pool, struct window *window, struct episode *episode,
           struct entry *entry)
{
    struct sighting sighting;
    struct str bytes = blob_str(entry->sighting);
    bool fine = sighting_read(bytes, &sighting);
    assert(fine); /* we wrote it; a loaded one was checked */
    (void)fine;
    episode_add(
        pool, window, episode,
        &(struct hot_event){&sighting, bytes, entry->steps, entry->weight});
    blob_free(pool, window, entry->sighting);
    entry->sighting = NULL;
}

/* All events of `span` are hot, the entry `p` among them. */
static void
heat(struct pool *pool, struct window *window, const struct span *span,
     uint32_t p, const struct hot_event *event)
{
    uint32_t from = window_lower(window, span->from_ms);
    uint32_t to = window_lower(window, span->to_ms + 1);
    struct run run = {window->entries[from].event_ms,
                      window->entries[to - 1].event_ms};
    struct episode *episode = gather(pool, window, run);
    if (!episode) {
        episode = episode_new(pool);
        episode->number = ++window->last_number;
    }
    episode->closed = false;
    if (span->found && span->completed_ms < episode->fired_ms)
        episode->fired_ms = span->completed_ms;
    else if (episode->fired_ms == INT64_MAX)
        episode->fired_ms = event->sighting->brief.event_ms; /* its run outlived
                                                                the elder */
    for (uint32_t i = from; i < to; i++)
        if (window->entries[i].sighting)
            heat_entry(pool, window, episode, &window->entries[i]);
    assert(from <= p && p < to);
    episode_add(pool, window, episode, event);
    enlist(window, episode);
    run_add(pool, window, run);
}

void
window_apply(struct pool *pool, struct window *window,
             const struct event *event, int64_t floor_ms, struct finder *finder)
{
    char bytes[SIGHTING_BYTES];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(pool, window, floor_ms);
    if (window->n >= window->fold_at)
        window_fold(pool, window, floor_ms, finder);
    uint32_t p = insert(pool, window, event);
    struct span span = window_find(window, p, finder);
    struct sighting sighting = event->sighting;
    if (str_equal(sighting.key, blob_str(window->key)))
        sighting.key = STR("");
    sighting_write(&text, &sighting);
    assert(!text.full);
    if (!span.found && !run_covers(window, ms)) {
        window->entries[p].sighting = blob_new(pool, window, buf_str(&text));
        return;
    }
    if (!span.found)
        span.from_ms = span.to_ms = ms;
    heat(pool, window, &span, p,
         &(struct hot_event){&sighting, buf_str(&text), event->steps, 1});
}
