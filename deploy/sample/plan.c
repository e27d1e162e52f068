/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan: how many of each class, first the attacks' share, the rest noise;
 * then by event time, then the disorder. */
#include "plan.h"

#include <stdlib.h>

static int
compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->time_ms != b->time_ms)
        return a->time_ms < b->time_ms ? -1 : 1;
    if (a->actor != b->actor)
        return a->actor < b->actor ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    return a->host < b->host ? -1 : a->host > b->host;
}

uint32_t
plan_entry_at(const struct file_plan *file, int64_t time_ms)
{
    uint32_t low = 0, high = file->n_entries;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (file->entries[middle].time_ms < time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool
plan_build(struct sample *sample, struct arena *arena, struct err *why)
{
    struct plan *plan = &sample->plan;
    int64_t attacks[N_ALERT_CLASSES] = {0}, noise[N_ALERT_CLASSES];
    int64_t n_of_file[N_SAMPLE_FILES] = {0};
    *plan = (struct plan){0};
    attacks_count(sample, attacks);
    for (int i = 0; i < N_ALERT_CLASSES; i++) {
        int64_t n = (class_facts[i].n * sample->scale_ppm + 500000) / 1000000;
        plan->n_of_class[i] = n;
        noise[i] = n - attacks[i];
        n_of_file[class_facts[i].file] += n;
    }
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        plan->file[f].entries =
            arena_take_raw(arena, (size_t)n_of_file[f], sizeof(struct entry));
        if (!plan->file[f].entries) {
            err_set(why, "out of memory");
            return false;
        }
    }
    if (!noise_build(sample, noise, why) || !attacks_build(sample, arena, why))
        return false;
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        struct file_plan *file = &plan->file[f];
        qsort(file->entries, file->n_entries, sizeof *file->entries,
              compare_entries);
        if (!disorder_build(sample, (enum sample_file)f, arena)) {
            err_set(why, "out of memory");
            return false;
        }
    }
    return true;
}
