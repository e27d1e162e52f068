/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows laid end to end: what need not wait. An event of the window that is
 * open is of that one.
 *
 * What waits may be more than can be kept. Where the next window begins is not
 * known, as an earlier event may still come; but it begins no earlier than lo
 * (what is past, or the window that is open) and no later than the first event
 * that waits, p. So all from p to lo + T is of that window, wherever it begins:
 * a section, kept as a window is. The one after begins after lo + T, and no
 * later than at the first event after p + T, and so on. The first events of
 * sections go on waiting, to begin the window. */
#include "window_laid.h"

#include <string.h>

void
laid_take_section(struct turn *turn, struct laid *laid)
{
    struct window *window = turn->window;
    struct laid part = laid->section[0].part;
    memmove(laid->section, laid->section + 1,
            --laid->n_sections * sizeof *laid->section);
    laid->n += part.n;
    laid->sum += part.sum;
    for (size_t s = 0; s < window->rule->n_steps; s++)
        laid->seen[s] += part.seen[s];
    for (uint32_t i = 0; i < part.n_values; i++)
        laid_add_value(turn, laid, part.values[i].value, part.values[i].n);
    if (part.draft) {
        part.draft->fired_ms = laid->start_ms + window->rule->timespan_ms;
        if (laid->draft)
            episode_absorb(turn->pool, window, laid->draft, part.draft);
        else
            laid->draft = part.draft;
        if (laid->draft == part.draft)
            part.draft = NULL;
    }
    laid_part_free(turn->pool, window, &part);
}

/* Of the window that is open, or of a section. */
bool
laid_take_now(struct turn *turn, const struct event *event, struct str bytes)
{
    struct laid *laid = laid_of(turn->window);
    const struct correlation *rule = turn->window->rule;
    int64_t ms = event->sighting.brief.event_ms;
    if (rule->type == VALUE_RARITY)
        return false;
    if (laid->open && ms - laid->start_ms <= rule->timespan_ms) {
        laid_count_in(turn, laid, event, bytes);
        return true;
    }
    for (uint32_t i = 0; i < laid->n_sections; i++) {
        struct section *section = &laid->section[i];
        if (ms < section->from_ms || ms > section->to_ms)
            continue;
        laid_count_in(turn, &section->part, event, bytes);
        return true;
    }
    return false;
}

struct section *
laid_section(struct pool *pool, struct laid *laid, uint32_t number)
{
    size_t room = laid->sections_room;
    if (number < laid->n_sections)
        return &laid->section[number];
    laid->section = array_room(pool, laid->section, laid->n_sections, &room,
                               sizeof *laid->section);
    laid->sections_room = (uint32_t)room;
    struct section *section = &laid->section[laid->n_sections++];
    *section = (struct section){.from_ms = INT64_MAX, .to_ms = INT64_MIN};
    return section;
}

/* The entries from the i-th on up to a time become part of a section. */
static void
fill_section(struct turn *turn, struct section *section, uint32_t i, bool *kept)
{
    struct window *window = turn->window;
    for (;
         i < window->n_pending && window->pending[i].event_ms <= section->to_ms;
         i++) {
        const struct entry *entry = &window->pending[i];
        struct str bytes = blob_str(entry->sighting);
        struct event event = {.steps = entry->steps,
                              .weight = entry->weight,
                              .value = entry->value,
                              .number = entry->number};
        if (!sighting_read(bytes, &event.sighting))
            continue; /* never: it was checked when it was loaded */
        laid_count_in(turn, &section->part, &event, bytes);
        kept[i] = false;
    }
}

void
laid_thin(struct turn *turn, bool *kept)
{
    struct window *window = turn->window;
    struct laid *laid = laid_of(window);
    int64_t timespan_ms = window->rule->timespan_ms, lo_ms = NO_TIME;
    int64_t after_ms = laid->open ? laid->start_ms + timespan_ms : NO_TIME;
    uint32_t i = 0;
    if (window->rule->type == VALUE_RARITY)
        return; /* of these each event is kept */
    for (uint32_t k = 0; k < MAX_SECTIONS; k++) {
        while (i < window->n_pending && after_ms != NO_TIME &&
               window->pending[i].event_ms <= after_ms)
            i++;
        if (i == window->n_pending)
            return;
        int64_t p_ms = window->pending[i].event_ms;
        if (k == 0)
            lo_ms = p_ms < turn->floor_ms ? p_ms : turn->floor_ms;
        if (k == 0 && laid->open && after_ms + 1 > lo_ms)
            lo_ms = after_ms + 1;
        if (lo_ms == NO_TIME || p_ms - lo_ms > timespan_ms)
            return;
        struct section *section = laid_section(turn->pool, laid, k);
        if (p_ms < section->from_ms)
            section->from_ms = p_ms;
        if (lo_ms + timespan_ms > section->to_ms)
            section->to_ms = lo_ms + timespan_ms;
        fill_section(turn, section, i + 1, kept);
        lo_ms += timespan_ms + 1;
        after_ms = p_ms + timespan_ms;
    }
}
