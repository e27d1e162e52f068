/* SPDX-License-Identifier: Apache-2.0
 *
 * A window is made, fed and let go; which family of types does what with its
 * events. */
#include "window_priv.h"

#include <assert.h>
#include <string.h>

enum { FIRST_FOLD = 64 };

const struct family *
family_of(const struct correlation *rule)
{
    if (correlation_laid(rule))
        return &laid_family;
    switch (rule->type) {
    case FIRST_SEEN:
    case RARE:
        return &first_family;
    case SPIKE:
        return &spike_family;
    case SILENCE:
        return &silence_family;
    case RISK:
        return &risk_family;
    case EVENT_COUNT:
    case VALUE_COUNT:
    case TEMPORAL:
    case TEMPORAL_ORDERED:
    case VALUE_SUM:
    case VALUE_AVG:
    case VALUE_MEDIAN:
    case VALUE_PERCENTILE:
    case VALUE_RARITY:
    case ABSENCE:
    case N_CORRELATION_TYPES:
        break;
    }
    return &slide_family;
}

int64_t
window_delay_ms(const struct correlation *rule)
{
    return rule->shape.negative != 0 ? rule->timespan_ms : 0;
}

int64_t
window_reach_ms(const struct correlation *rule)
{
    return rule->type == SPIKE ? rule->bucket_ms : rule->timespan_ms;
}

bool
window_alone(const struct correlation *rule)
{
    return correlation_alone(rule);
}

static bool
is_temporal(const struct correlation *rule)
{
    return (rule->type == TEMPORAL || rule->type == TEMPORAL_ORDERED) &&
           !correlation_laid(rule);
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
        .until_ms = NO_TIME,
        .passed_ms = NO_TIME,
    };
    window->close.id = window->sweep.id = window->id;
    window->close.owner = window->sweep.owner = window;
    window->key = blob_new(pool, window, key);
    if (is_temporal(rule))
        steps_begin(pool, window);
    bytes = family_of(rule)->own_bytes;
    window->own = pool_take(pool, &bytes);
    assert(window->own);
    memset(window->own, 0, family_of(rule)->own_bytes);
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
    for (uint32_t i = window->n_taken; i < window->n_pending; i++)
        blob_free(pool, window, window->pending[i].sighting);
    const struct family *family = family_of(window->rule);
    if (family->free)
        family->free(pool, window);
    pool_give(pool, window->own, family->own_bytes);
    free_episodes(pool, window, window->episodes);
    free_episodes(pool, window, window->merged);
    blob_free(pool, window, window->key);
    pool_give(pool, window->entries, window->room * sizeof *window->entries);
    pool_give(pool, window->runs, window->runs_room * sizeof *window->runs);
    values_end(pool, window);
    pool_give(pool, window->pending,
              window->pending_room * sizeof *window->pending);
    if (is_temporal(window->rule))
        steps_end(pool, window);
    sum_end(pool, window);
    pool_give(pool, window, sizeof *window);
}

size_t
window_bytes(const struct window *window)
{
    const struct family *family = family_of(window->rule);
    size_t bytes =
        sizeof *window + window->blob_bytes + family->own_bytes +
        window->n * sizeof *window->entries +
        (window->n_pending - window->n_taken) * sizeof *window->pending +
        window->n_runs * sizeof *window->runs;
    if (family->bytes)
        bytes += family->bytes(window);
    if (is_temporal(window->rule))
        bytes += steps_bytes(window->rule);
    for (const struct episode *e = window->episodes; e; e = e->next)
        bytes += episode_bytes(e);
    return bytes;
}

/* --- one event */

/* The sighting as it is kept, over `bytes`. */
static struct str
write_sighting(const struct window *window, struct sighting *sighting,
               char bytes[SIGHTING_BYTES])
{
    struct buf text = {bytes, 0, SIGHTING_BYTES, SIGHTING_BYTES, false};
    if (str_equal(sighting->key, blob_str(window->key)))
        sighting->key = STR("");
    sighting_write(&text, sighting);
    assert(!text.full);
    return buf_str(&text);
}

bool
window_apply(struct pool *pool, struct window *window,
             const struct event *event, const struct moment *now,
             struct finder *finder)
{
    char bytes[SIGHTING_BYTES];
    struct turn turn = {pool, window, finder, now->floor_ms};
    struct event mine = *event;
    bool at_once = correlation_at_once(window->rule);
    const struct family *family = family_of(window->rule);
    bool early = correlation_found_early(window->rule) || family->any_order;
    int64_t ms = event->sighting.brief.event_ms;
    if (!at_once && (ms < now->watermark_ms || ms < window->passed_ms))
        return false;
    if (!at_once) /* nothing before it comes any more */
        turn.floor_ms = now->watermark_ms;
    mine.steps = window_spoil(&turn, event);
    if (mine.steps == 0)
        return true;
    struct str text = write_sighting(window, &mine.sighting, bytes);
    if (at_once || early)
        family->take(&turn, &mine, text);
    else if (!family->take_now || !family->take_now(&turn, &mine, text))
        window_wait(&turn, &mine, text);
    return true;
}
