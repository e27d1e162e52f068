/* SPDX-License-Identifier: Apache-2.0
 *
 * What need not wait for the watermark, so that a storm is as flat as no storm.
 * Exact: no event still to come can tell the difference.
 *
 * A row is what waits of one value (first_seen, rare) or of one speaker
 * (silence). Of a row within a timespan the first n and the last n stay, n as
 * often as is asked for (1 of first_seen and silence); what is between goes:
 * - it is not rare, n stand before it;
 * - an event up to the last of the row has the first n before it, a later one
 *   that would count what went has the last n: both are not rare either way;
 * - no gap grows longer than a timespan, so nobody learns anew or is silent.
 * How often a speaker spoke goes on with the last.
 *
 * Absence, `not`: what is spoiled already stays so. */
#include "window_priv.h"

#include <assert.h>

enum { LEAST_THIN = 64 };

/* What stands in one row; 0: no rows. */
static uint32_t
row_ends(const struct correlation *rule)
{
    if (rule->type == RARE)
        return correlation_rare(rule);
    return rule->type == FIRST_SEEN || rule->type == SILENCE;
}

static uint64_t
row_of(const struct window *window, const struct entry *entry)
{
    struct sighting sighting;
    if (window->rule->type != SILENCE)
        return entry->value;
    if (window->rule->n_members == 0 ||
        !sighting_read(blob_str(entry->sighting), &sighting))
        return 0;
    return hash_digest(sighting.value.len > 0 ? sighting.value : sighting.key)
        .half[0];
}

/* Of one row, where its events stand. */
struct line {
    const uint32_t *at;
    uint32_t n;
};

/* The last that lies within a timespan of the i-th. */
static uint32_t
last_near(const struct window *window, const struct line *line, uint32_t i)
{
    const struct entry *pending = window->pending;
    int64_t until_ms =
        pending[line->at[i]].event_ms + window->rule->timespan_ms;
    while (i + 1 < line->n && pending[line->at[i + 1]].event_ms <= until_ms)
        i++;
    return i;
}

static void
thin_line(struct window *window, const struct line *line, bool *keep)
{
    uint32_t ends = row_ends(window->rule), i = 0;
    while (i < line->n) {
        uint32_t last = last_near(window, line, i);
        if (last - i < 2 * ends) {
            i++;
            continue;
        }
        struct entry *heir = &window->pending[line->at[last]];
        for (i += ends; i + ends <= last; i++) {
            keep[line->at[i]] = false;
            if (window->rule->type == SILENCE)
                heir->number += window->pending[line->at[i]].number + 1;
        }
    }
}

/* Row by row: `head` is where each begins, `next` what follows (0: nothing). */
static void
thin_rows(struct turn *turn, bool *keep)
{
    struct window *window = turn->window;
    uint32_t *next = finder_links(turn->finder);
    uint32_t *head = next + MAX_WINDOW_ENTRIES, n_heads = 0;
    uint32_t *at = head + MAX_WINDOW_ENTRIES;
    finder_clear(turn->finder);
    for (uint32_t i = 0; i < window->n_pending; i++) {
        struct slot *slot =
            finder_slot(turn->finder, row_of(window, &window->pending[i]));
        next[i] = 0;
        if (slot->n > 0)
            next[slot->n - 1] = i;
        else
            head[n_heads++] = i;
        slot->n = i + 1;
    }
    for (uint32_t h = 0; h < n_heads; h++) {
        struct line line = {at, 0};
        uint32_t i = head[h];
        do
            at[line.n++] = i;
        while ((i = next[i]) != 0);
        thin_line(window, &line, keep);
    }
}

static void
thin_spoiled(struct turn *turn, bool *keep)
{
    struct window *window = turn->window;
    for (uint32_t i = 0; i < window->n_pending; i++)
        keep[i] = !window_is_spoiled(window, &window->pending[i]);
}

void
window_thin(struct turn *turn)
{
    struct window *window = turn->window;
    bool *keep = finder_flags(turn->finder);
    const struct family *family = family_of(window->rule);
    uint32_t kept = 0;
    assert(window->n_taken == 0);
    for (uint32_t i = 0; i < window->n_pending; i++)
        keep[i] = true;
    if (family->thin)
        family->thin(turn, keep);
    else if (row_ends(window->rule) > 0)
        thin_rows(turn, keep);
    else if (window_delay_ms(window->rule) > 0)
        thin_spoiled(turn, keep);
    else
        return;
    for (uint32_t i = 0; i < window->n_pending; i++)
        if (keep[i])
            window->pending[kept++] = window->pending[i];
        else
            blob_free(turn->pool, window, window->pending[i].sighting);
    window->n_pending = kept;
    if (!family->thin && row_ends(window->rule) == 0)
        return; /* fold_at is the entries' */
    uint32_t thin_at = kept * 2 > LEAST_THIN ? kept * 2 : LEAST_THIN;
    window->fold_at =
        thin_at < MAX_WINDOW_ENTRIES ? thin_at : MAX_WINDOW_ENTRIES;
}

uint32_t
window_thin_at(const struct window *window)
{
    bool often = family_of(window->rule)->thin || row_ends(window->rule) > 0;
    return often ? window->fold_at : MAX_WINDOW_ENTRIES;
}
