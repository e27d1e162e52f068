/* SPDX-License-Identifier: Apache-2.0
 *
 * first_seen and rare: when each value of a key was last seen. A value is rare
 * if it was seen at most so many times in the timespan before, the event itself
 * included; first_seen is rare with once. Events come in order, so of each
 * value only as many times are kept as decide: the newest ones.
 *
 * Every such event is an episode by itself, over as it begins. */
#include "window_priv.h"

#include <string.h>

enum {
    MAX_SEEN = 4096, /* values of one key; then the one seen longest ago goes */
    FIRST_DROP = 16, /* that many are held before old ones are looked for */
};

struct seen {
    uint64_t value; /* digest */
    int64_t last_ms;
    int64_t *earlier; /* the times before it, rising, at most `most` - 1 */
    uint32_t n, room;
};

struct first {
    bool begun;
    int64_t first_ms, last_ms; /* of the key, since it learns */
    struct seen *seen;         /* sorted by value */
    uint32_t n, room;
};

static struct first *
first_of(const struct window *window)
{
    return window->own;
}

/* So often at most. */
static uint32_t
most_of(const struct correlation *rule)
{
    return rule->type == RARE ? correlation_rare(rule) : 1;
}

static void
seen_free(struct pool *pool, struct seen *seen)
{
    pool_give(pool, seen->earlier, seen->room * sizeof *seen->earlier);
}

/* --- values */

/* Those last seen before `before_ms` go. */
static void
drop_before(struct turn *turn, int64_t before_ms)
{
    struct first *first = first_of(turn->window);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < first->n; i++)
        if (first->seen[i].last_ms < before_ms)
            seen_free(turn->pool, &first->seen[i]);
        else
            first->seen[kept++] = first->seen[i];
    first->n = kept;
}

static void
drop_oldest(struct turn *turn)
{
    struct first *first = first_of(turn->window);
    uint32_t oldest = 0;
    for (uint32_t i = 1; i < first->n; i++)
        if (first->seen[i].last_ms < first->seen[oldest].last_ms)
            oldest = i;
    turn->window->approximate = true;
    seen_free(turn->pool, &first->seen[oldest]);
    memmove(&first->seen[oldest], &first->seen[oldest + 1],
            (--first->n - oldest) * sizeof *first->seen);
}

/* Where the value stands, or would. */
static uint32_t
place_of(const struct first *first, uint64_t value)
{
    uint32_t low = 0, high = first->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (first->seen[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct seen *
insert(struct turn *turn, uint64_t value, int64_t ms)
{
    struct first *first = first_of(turn->window);
    uint32_t place = place_of(first, value);
    size_t room = first->room;
    first->seen = array_room(turn->pool, first->seen, first->n, &room,
                             sizeof *first->seen);
    first->room = (uint32_t)room;
    memmove(&first->seen[place + 1], &first->seen[place],
            (first->n - place) * sizeof *first->seen);
    first->n++;
    first->seen[place] = (struct seen){.value = value, .last_ms = ms};
    return &first->seen[place];
}

/* Old ones are looked for when the number has doubled, so that a storm of new
 * values does not look through all of them each time. */
static void
make_room(struct turn *turn, int64_t before_ms)
{
    struct first *first = first_of(turn->window);
    if (first->n >= FIRST_DROP && (first->n & (first->n - 1)) == 0)
        drop_before(turn, before_ms);
    if (first->n >= MAX_SEEN)
        drop_oldest(turn);
}

/* The value is seen again; of its times only the newest `most` are kept. */
static void
see_again(struct turn *turn, struct seen *seen, int64_t ms)
{
    uint32_t most = most_of(turn->window->rule);
    if (most > 1) {
        size_t room = seen->room;
        if (seen->n == most - 1)
            memmove(seen->earlier, seen->earlier + 1,
                    --seen->n * sizeof *seen->earlier);
        seen->earlier = array_room(turn->pool, seen->earlier, seen->n, &room,
                                   sizeof *seen->earlier);
        seen->room = (uint32_t)room;
        seen->earlier[seen->n++] = seen->last_ms;
    }
    seen->last_ms = ms;
}

/* Notes the value; how often it was seen since, itself included, counted up to
 * one more than is asked for. */
static uint32_t
note(struct turn *turn, uint64_t value, int64_t ms)
{
    struct first *first = first_of(turn->window);
    int64_t since_ms = ms - turn->window->rule->timespan_ms;
    uint32_t place = place_of(first, value), n = 1;
    if (place == first->n || first->seen[place].value != value) {
        make_room(turn, since_ms);
        insert(turn, value, ms);
        return n;
    }
    struct seen *seen = &first->seen[place];
    n += seen->last_ms >= since_ms;
    for (uint32_t i = 0; i < seen->n; i++)
        n += seen->earlier[i] >= since_ms;
    see_again(turn, seen, ms);
    return n;
}

/* --- the family */

static void
first_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    const struct correlation *rule = window->rule;
    struct first *first = first_of(window);
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(turn->pool, window, turn->floor_ms);
    if (!first->begun || ms - first->last_ms > rule->timespan_ms) {
        drop_before(turn, INT64_MAX);
        first->begun = true;
        first->first_ms = ms;
    }
    first->last_ms = ms;
    if (note(turn, event->value, ms) > most_of(rule) ||
        ms - first->first_ms < rule->learn_ms)
        return;
    struct episode *episode = episode_begin(turn->pool, window);
    episode->fired_ms = ms;
    episode->closed = true;
    episode_add(turn->pool, window, episode,
                &(struct hot_event){&event->sighting, bytes, event->steps,
                                    event->weight});
    episode_enlist(window, episode);
}

static int64_t
first_until(const struct window *window)
{
    const struct first *first = first_of(window);
    return first->begun ? first->last_ms + window->rule->timespan_ms : NO_TIME;
}

static size_t
first_bytes(const struct window *window)
{
    const struct first *first = first_of(window);
    size_t bytes = first->n * sizeof *first->seen;
    for (uint32_t i = 0; i < first->n; i++)
        bytes += first->seen[i].n * sizeof *first->seen[i].earlier;
    return bytes;
}

static void
first_save(struct buf *buf, const struct window *window)
{
    const struct first *first = first_of(window);
    wire_put(buf, first->begun, 1);
    if (!first->begun)
        return;
    wire_put_i64(buf, first->first_ms);
    wire_put_i64(buf, first->last_ms);
    wire_put(buf, first->n, 4);
    for (uint32_t i = 0; i < first->n; i++) {
        const struct seen *seen = &first->seen[i];
        wire_put(buf, seen->value, 8);
        wire_put(buf, seen->n + 1, 1);
        for (uint32_t t = 0; t < seen->n; t++)
            wire_put_i64(buf, seen->earlier[t]);
        wire_put_i64(buf, seen->last_ms);
    }
}

static void
load_seen(struct reading *r, struct turn *turn)
{
    struct first *first = first_of(r->window);
    struct seen *seen = NULL;
    uint64_t value = wire_get(&r->wire, 8);
    uint32_t most = most_of(r->window->rule);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 1, most);
    reading_check(
        r, n > 0 && (first->n == 0 || first->seen[first->n - 1].value < value));
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        int64_t ms = reading_time(r);
        reading_check(r,
                      ms <= first->last_ms && (!seen || ms >= seen->last_ms));
        if (seen)
            see_again(turn, seen, ms);
        else
            seen = insert(turn, value, ms);
    }
}

static void
first_load(struct reading *r)
{
    struct turn turn = {.pool = r->pool, .window = r->window};
    struct first *first = first_of(r->window);
    if (wire_get_max(&r->wire, 1, 1) == 0)
        return;
    first->begun = true;
    first->first_ms = reading_time(r);
    first->last_ms = reading_time(r);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_SEEN);
    reading_check(r, n > 0 && first->first_ms <= first->last_ms);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++)
        load_seen(r, &turn);
}

static void
first_free(struct pool *pool, struct window *window)
{
    struct first *first = first_of(window);
    for (uint32_t i = 0; i < first->n; i++)
        seen_free(pool, &first->seen[i]);
    pool_give(pool, first->seen, first->room * sizeof *first->seen);
}

const struct family first_family = {
    .own_bytes = sizeof(struct first),
    .take = first_take,
    .until = first_until,
    .bytes = first_bytes,
    .save = first_save,
    .load = first_load,
    .free = first_free,
};
