/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading a site. A mapping that several entries name is loaded once for each:
 * they are small. */
#include "site.h"
#include "correlate/calendar.h"

#include "clock.h"

#include <stdlib.h>

enum { SITE_BYTES = 512 << 20 }; /* reserved, touched only when used */

struct loaded {
    struct site site;
    const struct config *config;
    const struct source *source[MAX_SOURCES];
    struct arena arena;
    char *start;
    const struct triage *triage;
    struct team team;
    const struct rules *rules; /* NULL: none are configured */
    struct arena rules_arena;
    char *rules_start;
};

/* A mistake in any rule refuses the whole: what is in force stays. */
static bool
load_rules(struct loaded *loaded, struct complaints *complaints)
{
    const char *path = loaded->config->rules;
    if (!path)
        return true;
    loaded->rules_arena = arena_reserve(RULES_ARENA_BYTES);
    loaded->rules_start = loaded->rules_arena.at;
    struct calendar calendar = {NULL, 0};
    complaints->from = loaded->config->calendar_place;
    if (loaded->rules_start && loaded->config->calendar &&
        !calendar_load(loaded->config->calendar, &loaded->rules_arena,
                       &calendar, complaints))
        return false;
    complaints->from = (struct place){NULL, 0, 0};
    if (loaded->rules_start)
        loaded->rules = rules_load_dated(&path, 1, false, &calendar,
                                         &loaded->rules_arena, complaints);
    return loaded->rules != NULL;
}

static const struct source *
source_of(const struct site *site, struct str topic)
{
    const struct loaded *loaded = site->owner;
    const struct config_source *entry = config_source_of(loaded->config, topic);
    return entry ? loaded->source[entry - loaded->config->source] : NULL;
}

static bool
load_people(struct loaded *loaded, struct complaints *complaints)
{
    const struct config *config = loaded->config;
    bool fine = team_load(config, loaded->site.inventory, &loaded->arena,
                          &loaded->team, complaints);
    loaded->triage = triage_load(config->tickets, config->suppressions,
                                 clock_wall_ms(), &loaded->arena, complaints);
    return fine && loaded->triage != NULL;
}

const struct site *
site_load(const struct config *config, int32_t today,
          struct complaints *complaints)
{
    struct loaded *loaded = calloc(1, sizeof *loaded);
    if (!loaded)
        return NULL;
    loaded->config = config;
    loaded->arena = arena_reserve(SITE_BYTES);
    loaded->start = loaded->arena.at;
    loaded->site.owner = loaded;
    loaded->site.source_of = source_of;
    bool fine = loaded->start != NULL;
    for (size_t i = 0; fine && i < config->n_sources; i++) {
        complaints->from = config->source[i].mapping_place;
        loaded->source[i] =
            source_load(config->source[i].mapping, &loaded->arena, complaints);
    }
    complaints->from = config->inventory_place;
    if (fine && config->inventory)
        loaded->site.inventory = inventory_load(config->inventory, today,
                                                &loaded->arena, complaints);
    complaints->from = (struct place){0};
    fine = fine && load_rules(loaded, complaints) &&
           load_people(loaded, complaints);
    if (!fine || complaints->n_errors > 0) {
        site_free(&loaded->site);
        return NULL;
    }
    return &loaded->site;
}

void
site_free(const struct site *site)
{
    if (!site)
        return;
    union {
        const void *in;
        struct loaded *out;
    } u = {.in = site->owner};
    if (u.out->start)
        arena_release(u.out->start, u.out->arena);
    if (u.out->rules_start)
        arena_release(u.out->rules_start, u.out->rules_arena);
    free(u.out);
}

const struct source *
site_source(const struct site *site, size_t i)
{
    const struct loaded *loaded = site->owner;
    return loaded->source[i];
}

const struct rules *
site_rules(const struct site *site)
{
    const struct loaded *loaded = site->owner;
    return loaded->rules;
}

const struct triage *
site_triage(const struct site *site)
{
    const struct loaded *loaded = site->owner;
    return loaded->triage;
}

const struct team *
site_team(const struct site *site)
{
    const struct loaded *loaded = site->owner;
    return &loaded->team;
}
