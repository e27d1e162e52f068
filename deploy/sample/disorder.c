/* SPDX-License-Identifier: Apache-2.0
 *
 * What does not stand at its event time. A shifted or late alert is put right
 * behind a later one that is itself in order and stays so: then how far it is
 * out of order is exactly the difference of their event times, and all others
 * are in order. Attacks may be shifted, as within the allowed lateness it must
 * not matter; they are never late. Updates and duplicates follow alerts that
 * are in order. */
#include "plan.h"

#include <stdlib.h>

#include "base/times.h"
#include "message.h"

enum {
    SHIFTED_PER_MILLE = 9,
    LATE_PER_MILLE = 1,
    SHIFTED_MAX_MS = 480000,
    LATE_MIN_MS = 86400000,
    LATE_MAX_MS = 259200000,
    TRIES = 200, /* for each; small samples have gaps too wide */
};

struct disorder {
    struct sample *sample;
    struct file_plan *file;
    struct rng rng;
};

static void
extra_add(struct file_plan *file, int64_t send_ms, uint32_t entry,
          enum extra_kind kind)
{
    file->extras[file->n_extras++] = (struct extra){send_ms, entry, kind};
    file->n_of[kind]++;
}

static bool
in_order(const struct entry *entry)
{
    return entry->standing == STANDS_IN_ORDER ||
           entry->standing == STANDS_FIXED;
}

/* Moves one alert behind another `low` to `high` ms younger. */
static bool
move_one(struct disorder *disorder, enum standing standing, int64_t low,
         int64_t high)
{
    struct file_plan *file = disorder->file;
    for (int i = 0; i < TRIES; i++) {
        uint32_t at = rng_below(&disorder->rng, file->n_entries);
        struct entry *entry = &file->entries[at];
        if (entry->standing != STANDS_IN_ORDER ||
            (standing == STANDS_LATE && entry->attack > 0))
            continue;
        uint32_t first = plan_entry_at(file, entry->time_ms + low);
        uint32_t last = plan_entry_at(file, entry->time_ms + high + 1);
        if (first >= last)
            continue;
        struct entry *behind =
            &file->entries[first + rng_below(&disorder->rng, last - first)];
        if (!in_order(behind))
            continue;
        behind->standing = STANDS_FIXED;
        entry->standing = (uint8_t)standing;
        extra_add(file, behind->time_ms, at, EXTRA_ALERT);
        return true;
    }
    return false;
}

/* A third of the server cases move on: assigned, most of them resolved. */
static void
add_updates(struct disorder *disorder)
{
    struct file_plan *file = disorder->file;
    for (uint32_t i = 0; i < file->n_entries; i++) {
        struct entry *entry = &file->entries[i];
        if (!in_order(entry) || rng_below(&disorder->rng, 3) != 0)
            continue;
        entry->has_duplicate = 1; /* so that it gets none */
        int64_t at =
            entry->time_ms + rng_between(&disorder->rng, 120000, 10800000);
        extra_add(file, at, i, EXTRA_ASSIGNED);
        if (rng_below(&disorder->rng, 10) >= 6)
            continue;
        at += rng_between(&disorder->rng, 1800000, 2 * MS_PER_DAY);
        extra_add(file, at, i, EXTRA_RESOLVED);
    }
}

static void
add_duplicates(struct disorder *disorder, uint32_t wanted)
{
    struct file_plan *file = disorder->file;
    uint32_t n = 0;
    for (uint32_t tries = 0; n < wanted && tries < wanted * TRIES; tries++) {
        uint32_t at = rng_below(&disorder->rng, file->n_entries);
        struct entry *entry = &file->entries[at];
        if (!in_order(entry) || entry->has_duplicate)
            continue;
        entry->has_duplicate = 1;
        extra_add(file,
                  entry->time_ms + rng_between(&disorder->rng, 1000, 300000),
                  at, EXTRA_DUPLICATE);
        n++;
    }
}

static int
compare_extras(const void *left, const void *right)
{
    const struct extra *a = left, *b = right;
    if (a->send_ms != b->send_ms)
        return a->send_ms < b->send_ms ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->entry < b->entry ? -1 : a->entry > b->entry;
}

static uint32_t
scaled(const struct sample *sample, int64_t n, int64_t least)
{
    int64_t part = n * sample->scale_ppm / 1000000;
    return (uint32_t)(part < least ? least : part);
}

bool
disorder_build(struct sample *sample, enum sample_file f, struct arena *arena)
{
    struct file_plan *file = &sample->plan.file[f];
    struct disorder disorder = {
        sample, file, rng_of(sample->seed, RNG_DISORDER, (uint64_t)f)};
    bool server = f == SERVER_FILE;
    uint32_t n = file->n_entries;
    uint32_t n_shifted =
        (uint32_t)(((uint64_t)n * SHIFTED_PER_MILLE + 500) / 1000);
    uint32_t n_late = (uint32_t)(((uint64_t)n * LATE_PER_MILLE + 500) / 1000);
    uint32_t n_duplicates =
        server ? scaled(sample, 60, 3) : scaled(sample, 420, 5);
    size_t max = (size_t)n_shifted + n_late + n_duplicates +
                 (server ? 2 * (size_t)n : 0) + N_BROKEN;
    file->extras = arena_take(arena, max, sizeof *file->extras);
    if (!file->extras)
        return false;
    for (uint32_t i = 0; i < n_shifted; i++)
        file->n_shifted +=
            move_one(&disorder, STANDS_SHIFTED, 1, SHIFTED_MAX_MS);
    for (uint32_t i = 0; i < n_late; i++)
        file->n_late +=
            move_one(&disorder, STANDS_LATE, LATE_MIN_MS, LATE_MAX_MS);
    if (server)
        add_updates(&disorder);
    add_duplicates(&disorder, n_duplicates);
    for (uint32_t i = 0; i < N_BROKEN; i++)
        if (broken_kinds[i].file == f)
            extra_add(file, calendar_draw(&sample->calendar, f, &disorder.rng),
                      i, EXTRA_BROKEN);
    qsort(file->extras, file->n_extras, sizeof *file->extras, compare_extras);
    return true;
}
