/* SPDX-License-Identifier: Apache-2.0
 *
 * Cutting, moving, playing (tonight.h). */
#include "tonight.h"

#include "base/times.h"

#include <poll.h>
#include <time.h>

#define MS_PER_WEEK (7 * MS_PER_DAY)

/* Ids that no other run has: milliseconds of this year, counted on. */
static void
take_new_ids(struct sample *sample, int64_t now_ms)
{
    struct civil now = civil_from_ms(now_ms, VIETNAM_MINUTES);
    struct civil new_year = {.year = now.year, .month = 1, .day = 1};
    sample->id_year = now.year;
    sample->first_id =
        (uint64_t)(now_ms - ms_from_civil(new_year, VIETNAM_MINUTES));
}

/* Only entries [from, to), moved by `shift_ms`, in order. */
static void
keep(struct file_plan *file, uint32_t from, uint32_t to, int64_t shift_ms)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++) {
        struct entry entry = file->entries[i];
        if (entry.attack != 0)
            continue;
        entry.time_ms += shift_ms;
        entry.standing = STANDS_IN_ORDER;
        file->entries[n++] = entry;
    }
    file->n_entries = n;
    file->n_extras = 0;
    for (int i = 0; i <= EXTRA_BROKEN; i++)
        file->n_of[i] = 0;
}

void
tonight_day(struct sample *sample, int64_t now_ms)
{
    int64_t past_ms = now_ms - sample->calendar.end_ms;
    int64_t weeks = past_ms / MS_PER_WEEK + (past_ms % MS_PER_WEEK > 0);
    int64_t shift_ms = weeks * MS_PER_WEEK;
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        struct file_plan *file = &sample->plan.file[f];
        int64_t end_ms = now_ms - shift_ms;
        keep(file, plan_entry_at(file, end_ms - MS_PER_DAY),
             plan_entry_at(file, end_ms), shift_ms);
    }
    take_new_ids(sample, now_ms);
}

struct str
tonight_attack(struct sample *sample, int64_t now_ms, int64_t span_ms)
{
    struct file_plan *file = &sample->plan.file[SERVER_FILE];
    size_t attack = 0;
    while (attack < N_ATTACKS &&
           (attack_scripts[attack].n_hosts[ENDPOINT_FILE] != 0 ||
            attack_scripts[attack].n_hosts[SERVER_FILE] != 1))
        attack++;
    if (attack == N_ATTACKS)
        return NO_STR;
    const struct cast *cast = &sample->plan.cast[attack];
    int64_t had_ms = cast->last_ms - cast->first_ms;
    uint32_t n = 0;
    for (uint32_t i = 0; i < file->n_entries; i++) {
        struct entry entry = file->entries[i];
        if (entry.attack != attack + 1)
            continue;
        entry.time_ms =
            now_ms + (entry.time_ms - cast->first_ms) * span_ms / had_ms;
        file->entries[n++] = entry;
    }
    keep(&sample->plan.file[ENDPOINT_FILE], 0, 0, 0);
    keep(file, 0, 0, 0);
    file->n_entries = n;
    take_new_ids(sample, now_ms);
    return sample->site.of[SERVER_FILE].at[cast->host[SERVER_FILE][0]].name;
}

/* --- playing */

int64_t
tonight_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
wait_until(int64_t time_ms)
{
    for (int64_t left; (left = time_ms - tonight_clock_ms()) > 0;)
        poll(NULL, 0, left < 1000 ? (int)left : 1000);
}

static bool
begins(const struct file_plan *file, uint32_t place)
{
    for (uint32_t i = 0; i < place; i++)
        if (file->entries[i].rule == file->entries[place].rule)
            return false;
    return true;
}

bool
tonight_play(const struct sample *sample, enum sample_file file, FILE *out,
             FILE *talk)
{
    const struct file_plan *plan = &sample->plan.file[file];
    struct buf text = {0}, scratch = {0};
    bool fine = true;
    for (uint32_t i = 0; fine && i < plan->n_entries; i++) {
        const struct entry *entry = &plan->entries[i];
        buf_clear(&text);
        if (file == ENDPOINT_FILE)
            message_endpoint(sample, i, &text, &scratch);
        else
            message_server(sample, i, 1, &text, &scratch);
        wait_until(entry->time_ms);
        if (begins(plan, i))
            fprintf(talk, "%.*s\n",
                    STR_ARG(sample->catalog.rules[entry->rule].name));
        fine = !text.full &&
               fprintf(out, "%.*s\n", STR_ARG(buf_str(&text))) > 0 &&
               fflush(out) == 0;
    }
    buf_free(&text);
    buf_free(&scratch);
    return fine;
}
