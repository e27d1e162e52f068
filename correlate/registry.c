/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of fingerprints and an array of pointers into one arena, under one
 * lock: asked once for each new window, not for each event. */
#include "correlate/registry.h"

#include "base/table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)4 << 30) /* touched only when used */

struct registry {
    pthread_mutex_t lock;
    struct table *table;
    const struct correlation **at; /* by number in `table` */
    struct json_reader *reader;
    struct arena arena;
    char *start;
    atomic_int highest; /* level */
    bool aloud;
};

struct registry *
registry_new(void)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (!registry)
        return NULL;
    pthread_mutex_init(&registry->lock, NULL);
    registry->table = table_new(MAX_CORRELATIONS);
    registry->reader = json_reader_new();
    registry->arena = arena_reserve(ARENA_BYTES);
    registry->start = registry->arena.at;
    registry->at = calloc(MAX_CORRELATIONS, sizeof(const struct correlation *));
    if (registry->table && registry->reader && registry->start && registry->at)
        return registry;
    registry_free(registry);
    return NULL;
}

void
registry_free(struct registry *registry)
{
    if (!registry)
        return;
    pthread_mutex_destroy(&registry->lock);
    table_free(registry->table);
    json_reader_free(registry->reader);
    arena_release(registry->start, registry->arena);
    free(registry->at);
    free(registry);
}

void
registry_aloud(struct registry *registry)
{
    registry->aloud = true;
}

static struct str
key_of(const struct digest *fingerprint)
{
    return (struct str){(const char *)fingerprint, sizeof *fingerprint};
}

const struct correlation *
registry_find(struct registry *registry, struct digest fingerprint)
{
    pthread_mutex_lock(&registry->lock);
    uint32_t number = table_find(registry->table, key_of(&fingerprint));
    const struct correlation *found =
        number == TABLE_NONE ? NULL : registry->at[number];
    pthread_mutex_unlock(&registry->lock);
    return found;
}

static const struct correlation *
learn(struct registry *registry, struct str text, struct err *why)
{
    struct arena mark = registry->arena;
    struct correlation *parsed =
        arena_take(&registry->arena, 1, sizeof *parsed);
    bool fine = parsed && correlation_parse(registry->reader, text,
                                            &registry->arena, parsed, why);
    if (!parsed)
        err_set(why, "no memory for one more rule");
    uint32_t number = TABLE_NONE;
    if (fine) {
        parsed->silent = parsed->silent && !registry->aloud;
        number = table_add(registry->table, key_of(&parsed->fingerprint), NULL);
        if (number == TABLE_NONE)
            err_set(why, "more than %d rules", MAX_CORRELATIONS);
    }
    if (number == TABLE_NONE) {
        registry->arena = mark;
        return NULL;
    }
    if (parsed->level > atomic_load(&registry->highest))
        atomic_store(&registry->highest, parsed->level);
    const struct correlation *old = registry->at[number];
    if (old && str_equal(old->text, parsed->text))
        registry->arena = mark;
    else
        registry->at[number] = parsed;
    return registry->at[number];
}

const struct correlation *
registry_learn(struct registry *registry, struct str text, struct err *why)
{
    pthread_mutex_lock(&registry->lock);
    const struct correlation *learned = learn(registry, text, why);
    pthread_mutex_unlock(&registry->lock);
    return learned;
}

int
registry_highest_level(const struct registry *registry)
{
    return atomic_load(&registry->highest);
}
