/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts the attacks and lays their alerts among the noise. A machine of an
 * attack has ordinary alerts too, and plays in one attack only. */
#include "plan.h"

#define ATTACK_ACTOR                                                           \
    UINT32_C(0xf0000000) /* above all episodes of the noise                    \
                          */

static enum alert_class
class_of(const struct sample *sample, uint32_t rule)
{
    return sample->catalog.rules[rule].family->class;
}

void
attacks_count(const struct sample *sample, int64_t n_of_class[])
{
    for (size_t a = 0; a < N_ATTACKS; a++) {
        const struct script *script = &attack_scripts[a];
        for (size_t i = 0; i < script->n_steps; i++) {
            const struct step *step = &script->steps[i];
            uint32_t rule = catalog_find(&sample->catalog, step->rule);
            if (rule == sample->catalog.n_rules)
                continue; /* attacks_build says so */
            enum alert_class class = class_of(sample, rule);
            n_of_class[class] +=
                (int64_t)attack_count(step->count, sample->scale_ppm) *
                attack_n_hosts(script, step, class_facts[class].file);
        }
    }
}

/* How many alerts each machine has, and which ones are taken. */
struct casting {
    struct sample *sample;
    uint32_t *n_alerts[N_SAMPLE_FILES];
    struct rng rng;
};

static bool
casting_begin(struct casting *casting, struct arena *arena)
{
    struct sample *sample = casting->sample;
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        const struct file_plan *file = &sample->plan.file[f];
        uint32_t *n = arena_take(arena, sample->site.of[f].n, sizeof *n);
        if (!n)
            return false;
        for (uint32_t i = 0; i < file->n_entries; i++)
            n[file->entries[i].host]++;
        casting->n_alerts[f] = n;
    }
    return true;
}

/* A machine from `begin` to before `end` that is not taken: the first of up to
 * 200 tries with at least 30 alerts, else the busiest seen. */
static bool
cast_host(struct casting *casting, enum sample_file file, uint32_t begin,
          uint32_t end, uint16_t *host)
{
    uint32_t *n_alerts = casting->n_alerts[file], best = end;
    for (int tries = 0; tries < 200; tries++) {
        uint32_t at = begin + rng_below(&casting->rng, end - begin);
        if (n_alerts[at] != UINT32_MAX &&
            (best == end || n_alerts[at] > n_alerts[best]))
            best = at;
        if (best != end && n_alerts[best] >= 30)
            break;
    }
    if (best == end)
        return false;
    n_alerts[best] = UINT32_MAX;
    *host = (uint16_t)best;
    return true;
}

static bool
cast_file(struct casting *casting, const struct script *script,
          enum sample_file file, struct cast *cast)
{
    const struct hosts *hosts = &casting->sample->site.of[file];
    uint32_t n = script->n_hosts[file], begin = 0, end = hosts->n;
    if (n == 0)
        return true;
    for (int tries = 0; script->one_unit && tries < 200; tries++) {
        uint32_t group = rng_below(&casting->rng, hosts->n_groups);
        begin = hosts->begin[group];
        end = hosts->begin[group + 1];
        if (end - begin >= n + 4)
            break;
    }
    for (uint32_t i = 0; i < n; i++)
        if (!cast_host(casting, file, begin, end, &cast->host[file][i]))
            return false;
    return true;
}

static void
step_add(struct sample *sample, size_t attack, const struct step *step,
         int64_t start_ms, struct rng *rng)
{
    const struct script *script = &attack_scripts[attack];
    struct cast *cast = &sample->plan.cast[attack];
    uint32_t rule = catalog_find(&sample->catalog, step->rule);
    enum sample_file f = class_facts[class_of(sample, rule)].file;
    struct file_plan *file = &sample->plan.file[f];
    uint32_t n_hosts = attack_n_hosts(script, step, f);
    uint32_t count = attack_count(step->count, sample->scale_ppm);
    for (uint32_t h = 0; h < n_hosts; h++) {
        int64_t at = start_ms + (int64_t)step->after_s * 1000 +
                     (int64_t)step->spread_s * h * 1000;
        for (uint32_t i = 0; i < count; i++) {
            int64_t time_ms = at + rng_between(rng, 0, 900);
            file->entries[file->n_entries++] = (struct entry){
                .time_ms = time_ms,
                .actor = ATTACK_ACTOR + (uint32_t)attack,
                .rule = (uint16_t)rule,
                .host = cast->host[f][step->on == ON_REST ? h + 1 : h],
                .attack = (uint8_t)(attack + 1),
            };
            if (cast->n_alerts++ == 0)
                cast->first_ms = cast->last_ms = time_ms;
            if (time_ms < cast->first_ms)
                cast->first_ms = time_ms;
            if (time_ms > cast->last_ms)
                cast->last_ms = time_ms;
            int64_t gap = (int64_t)step->every_s * 1000;
            at += rng_between(rng, gap * 4 / 5, gap * 6 / 5);
        }
    }
}

bool
attacks_build(struct sample *sample, struct arena *arena, struct err *why)
{
    struct casting casting = {.sample = sample};
    if (!casting_begin(&casting, arena)) {
        err_set(why, "out of memory");
        return false;
    }
    for (size_t a = 0; a < N_ATTACKS; a++) {
        const struct script *script = &attack_scripts[a];
        struct cast *cast = &sample->plan.cast[a];
        casting.rng = rng_of(sample->seed, RNG_ATTACK, a);
        for (int f = 0; f < N_SAMPLE_FILES; f++)
            if (!cast_file(&casting, script, (enum sample_file)f, cast)) {
                err_set(why,
                        "the inventory has too few machines for the "
                        "attack '%s'",
                        script->en);
                return false;
            }
        int64_t start_ms = calendar_at(script->month, script->day, script->hour,
                                       script->minute) +
                           rng_between(&casting.rng, 0, 2400000);
        for (size_t i = 0; i < script->n_steps; i++) {
            if (catalog_find(&sample->catalog, script->steps[i].rule) ==
                sample->catalog.n_rules) {
                err_set(why, "no sensor rule '%s'", script->steps[i].rule);
                return false;
            }
            step_add(sample, a, &script->steps[i], start_ms, &casting.rng);
        }
    }
    return true;
}
