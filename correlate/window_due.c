/* SPDX-License-Identifier: Apache-2.0
 *
 * Time passing over a window. No event older than the floor comes, so an
 * episode is over when the watermark is past its last event by a timespan and
 * no cold event that is near enough to join it can still become hot: a cold
 * event needs a new one within a timespan. */
#include "window_priv.h"

/* How long after an event's time it may be found hot. */
static int64_t
decides_later_ms(const struct correlation *rule)
{
    if (correlation_laid(rule))
        return rule->timespan_ms;
    return rule->type == SPIKE ? rule->bucket_ms : window_delay_ms(rule);
}

/* After that no event can join `episode`. */
static int64_t
episode_over(const struct window *window, const struct episode *episode)
{
    const struct family *family = family_of(window->rule);
    if (family->over)
        return family->over(window, episode);
    int64_t reach_ms = window_reach_ms(window->rule);
    int64_t more_ms = decides_later_ms(window->rule);
    int64_t over_ms = episode->last_ms + reach_ms;
    uint32_t i = window_lower(window, over_ms + 1);
    if (i > 0 && window->entries[i - 1].event_ms > episode->last_ms)
        return window->entries[i - 1].event_ms + reach_ms + more_ms;
    return over_ms + more_ms;
}

static struct episode *
next_over(const struct window *window, int64_t *due_ms)
{
    struct episode *found = NULL;
    *due_ms = NO_TIME;
    for (struct episode *e = window->episodes; e; e = e->next) {
        if (e->closed)
            continue;
        int64_t over_ms = episode_over(window, e);
        if (!found || over_ms < *due_ms) {
            found = e;
            *due_ms = over_ms;
        }
    }
    return found;
}

int64_t
window_close_due(const struct window *window)
{
    int64_t due_ms;
    next_over(window, &due_ms);
    return due_ms;
}

void
window_close(struct window *window, int64_t watermark_ms, struct teller *teller)
{
    int64_t due_ms;
    struct episode *episode;
    while ((episode = next_over(window, &due_ms)) && due_ms < watermark_ms) {
        episode->closed = true;
        window_tell(window, episode, NULL, teller);
    }
}

int64_t
window_sweep_due(const struct window *window)
{
    int64_t last_ms = NO_TIME;
    if (window->n > 0)
        last_ms = window->entries[window->n - 1].event_ms;
    for (const struct episode *e = window->episodes; e; e = e->next)
        if (e->last_ms > last_ms)
            last_ms = e->last_ms;
    uint32_t n;
    const struct entry *waiting = window_waiting(window, &n);
    if (n > 0 && waiting[n - 1].event_ms > last_ms)
        last_ms = waiting[n - 1].event_ms;
    if (last_ms != NO_TIME)
        last_ms += window->rule->timespan_ms + decides_later_ms(window->rule);
    const struct family *family = family_of(window->rule);
    int64_t until_ms = family->until ? family->until(window) : NO_TIME;
    return until_ms > last_ms ? until_ms : last_ms;
}

/* Whether nothing can join it any more, and it was told. */
static bool
is_past(const struct window *window, const struct episode *episode,
        int64_t floor_ms)
{
    if (!episode->closed || episode->revision == 0)
        return false;
    return window_alone(window->rule) ||
           episode_over(window, episode) < floor_ms;
}

void
window_prune(struct pool *pool, struct window *window, int64_t floor_ms)
{
    struct episode **link = &window->episodes;
    while (*link) {
        struct episode *episode = *link;
        if (!is_past(window, episode, floor_ms)) {
            link = &episode->next;
            continue;
        }
        *link = episode->next;
        episode_free(pool, window, episode);
    }
}
