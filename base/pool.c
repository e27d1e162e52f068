/* SPDX-License-Identifier: Apache-2.0
 *
 * Two size classes to a power of two (32, 48, 64, 96, 128, …), so at most a
 * third of a block is wasted. A free block holds the pointer to the next of
 * its class. */
#include "base/pool.h"

#include <assert.h>
#include <stdlib.h>

enum {
    SMALLEST = 32,
    N_CLASSES = 36, /* up to 4 MiB and 6 MiB */
    LARGEST = 4 << 20,
};

struct free_block {
    struct free_block *next;
};

struct pool {
    struct arena arena;
    char *start;
    size_t used;
    struct free_block *free[N_CLASSES];
};

static size_t
class_bytes(size_t class)
{
    size_t power = (size_t)SMALLEST << class / 2;
    return class % 2 == 0 ? power : power + power / 2;
}

static size_t
class_of(size_t bytes)
{
    if (bytes <= SMALLEST)
        return 0;
    /* the power of two at or below bytes - 1, counted from SMALLEST */
    size_t power = (size_t)(63 - __builtin_clzll(bytes - 1)) - 5;
    size_t below = (size_t)SMALLEST << power;
    return bytes <= below + below / 2 ? 2 * power + 1 : 2 * power + 2;
}

struct pool *
pool_new(size_t max_bytes)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->arena = arena_reserve(max_bytes);
    pool->start = pool->arena.at;
    if (pool->start)
        return pool;
    free(pool);
    return NULL;
}

void
pool_free(struct pool *pool)
{
    if (!pool)
        return;
    arena_release(pool->start, pool->arena);
    free(pool);
}

void *
pool_take(struct pool *pool, size_t *bytes)
{
    if (*bytes > LARGEST)
        return NULL;
    size_t class = class_of(*bytes);
    *bytes = class_bytes(class);
    struct free_block *block = pool->free[class];
    if (block)
        pool->free[class] = block->next;
    else
        block = arena_take_raw(&pool->arena, 1, *bytes);
    if (block)
        pool->used += *bytes;
    return block;
}

void
pool_give(struct pool *pool, void *block, size_t bytes)
{
    if (!block)
        return;
    size_t class = class_of(bytes);
    struct free_block *free_block = block;
    assert(pool->used >= class_bytes(class));
    pool->used -= class_bytes(class);
    free_block->next = pool->free[class];
    pool->free[class] = free_block;
}

size_t
pool_used(const struct pool *pool)
{
    return pool->used;
}

size_t
pool_held(const struct pool *pool)
{
    return (size_t)(pool->arena.at - pool->start);
}

size_t
pool_left(const struct pool *pool)
{
    return (size_t)(pool->arena.end - pool->arena.at);
}
