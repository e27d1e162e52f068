/* SPDX-License-Identifier: Apache-2.0
 *
 * Which episode a stretch of hot events belongs to. */
#include "window_priv.h"

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

/* Which of two was told of first, or will be. */
static bool
is_elder(const struct episode *episode, const struct episode *other)
{
    return episode->waits == other->waits ? episode->number < other->number
                                          : !episode->waits;
}

/* The one within reach of `run` that fired first, with all others that are
 * within reach merged into it; taken out of the list. NULL: none. */
static struct episode *
gather(struct pool *pool, struct window *window, struct run run)
{
    int64_t reach_ms = window_reach_ms(window->rule);
    struct episode *kept = NULL, **link = &window->episodes;
    while (*link) {
        struct episode *episode = *link;
        if (episode->first_ms - reach_ms > run.to_ms ||
            episode->last_ms + reach_ms < run.from_ms) {
            link = &episode->next;
            continue;
        }
        *link = episode->next;
        if (kept && is_elder(episode, kept)) {
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

struct episode *
episode_begin(struct pool *pool, struct window *window)
{
    struct episode *episode = episode_new(pool);
    episode->number = ++window->last_number;
    return episode;
}

struct episode *
episode_gather(struct pool *pool, struct window *window, struct run run)
{
    struct episode *episode = gather(pool, window, run);
    if (!episode) {
        episode = episode_begin(pool, window);
        episode->waits = correlation_found_early(window->rule);
        if (episode->waits)
            episode->arrival_ms = -MAX_EVENT_MS;
    }
    episode->closed = false;
    return episode;
}

void
episode_widen(struct episode *episode, struct run run)
{
    if (run.from_ms < episode->first_ms)
        episode->first_ms = run.from_ms;
    if (run.to_ms > episode->last_ms)
        episode->last_ms = run.to_ms;
}

void
episode_enlist(struct window *window, struct episode *episode)
{
    struct episode **link = &window->episodes;
    while (*link && (*link)->first_ms <= episode->first_ms)
        link = &(*link)->next;
    episode->next = *link;
    *link = episode;
}

void
episode_heat(struct pool *pool, struct window *window, struct episode *draft,
             struct run run)
{
    struct episode *episode = episode_gather(pool, window, run);
    episode_absorb(pool, window, episode, draft);
    episode_enlist(window, episode);
}
