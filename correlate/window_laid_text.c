/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows laid end to end as a record: the one that is open, then the sections,
 * if there are any. */
#include "window_laid.h"

enum { OPEN = 1, SECTIONS = 2 };

static void
put_numbers(struct buf *buf, const struct window *window,
            const struct laid *part)
{
    wire_put(buf, part->n, 8);
    amount_put(buf, part->sum);
    for (size_t s = 0; s < window->rule->n_steps; s++)
        wire_put(buf, part->seen[s], 4);
    wire_put(buf, part->n_values, 4);
    for (uint32_t i = 0; i < part->n_values; i++) {
        amount_put(buf, part->values[i].value);
        wire_put(buf, part->values[i].n, 8);
    }
}

static void
put_draft(struct buf *buf, const struct window *window, const struct laid *part)
{
    wire_put(buf, part->draft != NULL, 1);
    if (part->draft)
        episode_put(buf, window, part->draft);
}

void
laid_save(struct buf *buf, const struct window *window)
{
    const struct laid *laid = laid_of(window);
    wire_put(buf,
             (laid->open ? OPEN : 0u) | (laid->n_sections > 0 ? SECTIONS : 0u),
             1);
    if (laid->open) {
        wire_put_i64(buf, laid->start_ms);
        put_numbers(buf, window, laid);
        entries_put(buf, laid->kept, laid->n_kept);
        put_draft(buf, window, laid);
    }
    if (laid->n_sections == 0)
        return;
    wire_put(buf, laid->n_sections, 4);
    for (uint32_t i = 0; i < laid->n_sections; i++) {
        const struct section *section = &laid->section[i];
        wire_put_i64(buf, section->from_ms);
        wire_put_i64(buf, section->to_ms);
        put_numbers(buf, window, &section->part);
        put_draft(buf, window, &section->part);
    }
}

static void
get_numbers(struct reading *r, struct laid *part)
{
    struct turn turn = {.pool = r->pool, .window = r->window};
    part->n = wire_get(&r->wire, 8);
    part->sum = amount_get(&r->wire);
    for (size_t s = 0; s < r->window->rule->n_steps; s++)
        part->seen[s] = (uint32_t)wire_get(&r->wire, 4);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_VALUES);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        amount value = amount_get(&r->wire);
        uint64_t times = wire_get(&r->wire, 8);
        reading_check(r, times > 0 && times <= part->n);
        if (!r->wire.wrong)
            laid_add_value(&turn, part, value, times);
    }
}

/* There is one if there are events whose draft it is. */
static void
get_draft(struct reading *r, struct laid *part, bool should)
{
    bool drafted = wire_get_max(&r->wire, 1, 1) != 0;
    reading_check(r, drafted == should);
    if (r->wire.wrong || !drafted)
        return;
    part->draft = episode_new(r->pool);
    episode_get(r, part->draft);
}

static void
load_sections(struct reading *r)
{
    struct laid *laid = laid_of(r->window);
    uint32_t n = (uint32_t)wire_get_max(&r->wire, 4, MAX_SECTIONS);
    reading_check(r, n > 0 && n <= r->window->n_pending &&
                         r->window->rule->type != VALUE_RARITY);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        struct section *section = laid_section(r->pool, laid, i);
        section->from_ms = reading_time(r);
        section->to_ms = reading_time(r);
        reading_check(r, section->from_ms <= section->to_ms);
        get_numbers(r, &section->part);
        get_draft(r, &section->part, section->part.n > 0);
    }
}

void
laid_load(struct reading *r)
{
    struct laid *laid = laid_of(r->window);
    uint64_t flags = wire_get_max(&r->wire, 1, OPEN | SECTIONS);
    if (flags & OPEN) {
        laid->open = true;
        laid->start_ms = reading_time(r);
        get_numbers(r, laid);
        entries_get(r, &laid->kept, &laid->n_kept, &laid->kept_room);
        for (uint32_t i = 0; i < laid->n_kept; i++)
            reading_check(r, laid->kept[i].sighting != NULL);
        reading_check(r, laid->n > 0);
        get_draft(r, laid, r->window->rule->type != VALUE_RARITY);
    }
    if (flags & SECTIONS)
        load_sections(r);
}
