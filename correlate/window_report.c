/* SPDX-License-Identifier: Apache-2.0
 *
 * What a window tells, and when (STREAM 28): an episode when it fires, when
 * its count has doubled, its severity risen, its first event moved, when it is
 * merged into another, when it closes. Asked once after a record, so that the
 * revisions do not depend on anything but the records. */
#include "window_priv.h"

#include "base/wire.h"

/* hash(rule, key, position and time of the first event when it fired; its value
 * where episodes of one event are told apart by it). */
static void
name_episode(const struct window *window, struct episode *episode)
{
    char bytes[1024];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    struct sighting first;
    if (!sighting_read(blob_str(episode->first), &first))
        return; /* never: it was checked when it was loaded */
    wire_put_digest(&text, window->id[0]);
    wire_put_digest(&text, window->id[1]);
    wire_put_text(&text, first.topic, 2);
    wire_put(&text, (uint64_t)first.partition, 4);
    wire_put(&text, first.brief.incarnation, 4);
    wire_put_i64(&text, first.brief.offset);
    wire_put(&text, first.brief.index, 4);
    wire_put_i64(&text, first.brief.event_ms);
    if (window_alone(window->rule) || window->rule->n_members > 0)
        wire_put_text(&text, first.value, 2);
    struct digest digest = hash_digest(buf_str(&text));
    episode->id[0] = digest.half[0];
    episode->id[1] = digest.half[1];
}

static void
tell_incident(const struct window *window, const struct episode *episode,
              const struct episode *into, const struct teller *teller)
{
    struct incident incident;
    struct teller call = *teller; /* its scratch is given back */
    window_incident(window, episode, &call, &incident);
    if (into) {
        incident.state = INCIDENT_MERGED;
        incident.into = episode_id(into, &call.scratch);
    }
    teller->tell(teller->context, &incident);
}

void
window_tell(struct window *window, struct episode *episode,
            const struct episode *into, struct teller *teller)
{
    bool fires = episode->revision++ == 0;
    if (fires && window->rule->n_feeds > 0 && teller->chain)
        teller->chain(teller->context, window, episode);
    if (!window->rule->silent)
        tell_incident(window, episode, into, teller);
    episode->told_count = episode->count;
    episode->told_first_ms = episode->first_ms;
    episode->told_severity = episode->severity;
    episode->told_approximate = window->approximate;
}

static bool
has_news(const struct window *window, const struct episode *episode)
{
    if (episode->waits)
        return false;
    return episode->revision == 0 ||
           episode->count >= 2 * episode->told_count ||
           (window->rule->severity == SEVERITY_UNKNOWN &&
            episode->severity > episode->told_severity) ||
           episode->first_ms < episode->told_first_ms ||
           (window->approximate && !episode->told_approximate);
}

static const struct episode *
by_number(const struct window *window, uint32_t number)
{
    const struct episode *e = window->episodes;
    while (e && e->number != number)
        e = e->next;
    return e;
}

static void
tell_merged(struct pool *pool, struct window *window, struct teller *teller)
{
    while (window->merged) {
        struct episode *episode = window->merged;
        window->merged = episode->next;
        window_tell(window, episode, by_number(window, episode->into), teller);
        episode_free(pool, window, episode);
    }
}

/* Past MAX_EPISODES the oldest are closed before their time. */
static void
close_oldest(struct pool *pool, struct window *window, struct teller *teller)
{
    uint32_t n = 0;
    struct episode **link = &window->episodes;
    for (struct episode *e = window->episodes; e; e = e->next)
        n += !e->waits; /* those are no more than entries */
    for (; n > MAX_EPISODES; n--) {
        while ((*link)->waits)
            link = &(*link)->next;
        struct episode *oldest = *link;
        window->approximate = true;
        *link = oldest->next;
        if (!oldest->closed) {
            oldest->closed = true;
            window_tell(window, oldest, NULL, teller);
        }
        episode_free(pool, window, oldest);
    }
}

void
window_report(struct pool *pool, struct window *window, struct teller *teller)
{
    for (struct episode *e = window->episodes; e; e = e->next)
        if (e->revision == 0 && !e->waits)
            name_episode(window, e);
    tell_merged(pool, window, teller);
    for (struct episode *e = window->episodes; e; e = e->next)
        if (has_news(window, e))
            window_tell(window, e, NULL, teller);
    if (window_alone(window->rule))
        window_prune(pool, window, INT64_MIN);
    close_oldest(pool, window, teller);
}
