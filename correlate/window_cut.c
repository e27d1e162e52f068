/* SPDX-License-Identifier: Apache-2.0
 *
 * A window past its maximum, after everything that could be left out exactly
 * was. From here on it is approximate, and says so. First the middle ones of
 * three cold sightings of one value (and steps) within a timespan go, each
 * giving its count to the next: every window that held the middle one holds
 * one of the others, so value_count and temporal still fire; of sums each
 * second one gives what it measured to the next. Then the oldest
 * entries, until three quarters of the maximum are left. */
#include "window_priv.h"

enum { LEFT = MAX_WINDOW_ENTRIES / 4 * 3 };

/* In `slot`: n is the index + 1 of the last sighting kept, ms the time of the
 * one before it. */
static void
cut_middles(struct window *window, struct finder *finder, bool *keep)
{
    struct entry *entries = window->entries;
    finder_clear(finder);
    for (uint32_t i = 0; i < window->n; i++) {
        struct slot *slot = finder_slot(
            finder,
            entries[i].value ^ entries[i].steps * UINT64_C(0x9e3779b97f4a7c15));
        bool any = slot->n > 0;
        struct entry *middle = any ? &entries[slot->n - 1] : NULL;
        if (!any) {
            slot->ms = NO_TIME;
        } else if (middle->sighting && slot->ms != NO_TIME &&
                   entries[i].event_ms - slot->ms <=
                       window->rule->timespan_ms) {
            keep[slot->n - 1] = false;
            entries[i].weight += middle->weight;
        } else {
            slot->ms = middle->event_ms;
        }
        slot->n = i + 1;
    }
}

/* Of the older half each second cold one gives what it measured to the next. */
static void
cut_sums(struct window *window, bool *keep)
{
    for (uint32_t i = 0; i + 1 < window->n / 2; i += 2) {
        struct entry *first = &window->entries[i], *next = first + 1;
        if (!first->sighting || !next->sighting)
            continue;
        next->number += first->number;
        next->weight += first->weight;
        keep[i] = false;
    }
}

void
window_cut(struct window *window, struct finder *finder, bool *keep)
{
    window->approximate = true;
    for (uint32_t i = 0; i < window->n; i++)
        keep[i] = true;
    if (window->rule->type == VALUE_SUM)
        cut_sums(window, keep);
    else if (window->rule->type != EVENT_COUNT)
        cut_middles(window, finder, keep);
    uint32_t left = 0;
    for (uint32_t i = 0; i < window->n; i++)
        left += keep[i];
    for (uint32_t i = 0; i < window->n && left > LEFT; i++) {
        left -= keep[i];
        keep[i] = false;
    }
}
