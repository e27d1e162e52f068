/* SPDX-License-Identifier: Apache-2.0
 *
 * Names seen in an episode. The list holds those with the earliest sightings:
 * a name's first sighting only gets earlier, so one that belongs on the list
 * in the end was on it ever since that sighting came, whatever the order. The
 * digests count the distinct ones, up to a limit. */
#include "window_priv.h"

#include <string.h>

enum { MAX_DIGESTS = MAX_INCIDENT_NAMES + MAX_INCIDENT_MORE };

static void
digest_add(struct pool *pool, struct name_set *set, uint32_t digest)
{
    if (set->n_digests == MAX_DIGESTS)
        return;
    uint16_t low = 0, high = set->n_digests;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (set->digests[middle] < digest)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    if (low < set->n_digests && set->digests[low] == digest)
        return;
    size_t room = set->digests_room;
    set->digests = array_room(pool, set->digests, set->n_digests, &room,
                              sizeof *set->digests);
    set->digests_room = (uint16_t)room;
    memmove(&set->digests[low + 1], &set->digests[low],
            (size_t)(set->n_digests - low) * sizeof *set->digests);
    set->digests[low] = digest;
    set->n_digests++;
}

static bool
is_before(const struct name *a, int64_t first_ms, struct str text)
{
    return a->first_ms != first_ms ? a->first_ms < first_ms
                                   : str_compare(blob_str(a->text), text) < 0;
}

/* Moves the name at `i` to where its time puts it. */
static void
sink_down(struct name_set *set, uint16_t i)
{
    struct name name = set->names[i];
    while (i > 0 &&
           !is_before(&set->names[i - 1], name.first_ms, blob_str(name.text))) {
        set->names[i] = set->names[i - 1];
        i--;
    }
    set->names[i] = name;
}

void
names_add(struct pool *pool, struct window *window, struct name_set *set,
          int64_t event_ms, struct str text)
{
    if (text.len == 0)
        return;
    for (uint16_t i = 0; i < set->n; i++) {
        if (!str_equal(blob_str(set->names[i].text), text))
            continue;
        if (event_ms < set->names[i].first_ms) {
            set->names[i].first_ms = event_ms;
            sink_down(set, i);
        }
        return;
    }
    if (set->n_digests < MAX_DIGESTS)
        digest_add(pool, set, (uint32_t)hash_digest(text).half[0]);
    if (set->n == MAX_INCIDENT_NAMES) {
        struct name *last = &set->names[set->n - 1];
        if (is_before(last, event_ms, text))
            return;
        blob_free(pool, window, last->text);
        set->n--;
    }
    size_t room = set->room;
    set->names =
        array_room(pool, set->names, set->n, &room, sizeof *set->names);
    set->room = (uint16_t)room;
    set->names[set->n++] =
        (struct name){event_ms, blob_new(pool, window, text)};
    sink_down(set, (uint16_t)(set->n - 1));
}

void
names_absorb(struct pool *pool, struct window *window, struct name_set *set,
             struct name_set *other)
{
    for (uint16_t i = 0; i < other->n_digests; i++)
        digest_add(pool, set, other->digests[i]);
    for (uint16_t i = 0; i < other->n; i++)
        names_add(pool, window, set, other->names[i].first_ms,
                  blob_str(other->names[i].text));
}

void
names_free(struct pool *pool, struct window *window, struct name_set *set)
{
    for (uint16_t i = 0; i < set->n; i++)
        blob_free(pool, window, set->names[i].text);
    pool_give(pool, set->names, set->room * sizeof *set->names);
    pool_give(pool, set->digests, set->digests_room * sizeof *set->digests);
    *set = (struct name_set){0};
}
