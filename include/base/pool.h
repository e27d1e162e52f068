/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool hands out blocks of changing sizes from one reserved stretch of
 * address space and takes them back by size class, for state that lives long
 * and changes at every record. Blocks given back are used again; after warm-up
 * nothing is asked of the system. One owner, no locks. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/arena.h"

struct pool;

struct pool *pool_new(size_t max_bytes); /* NULL: the kernel refuses */
void pool_free(struct pool *pool);

/* A block of at least `*bytes`, aligned to 16, not cleared; `*bytes` becomes
 * what it holds. NULL when the pool is spent or `*bytes` is over 4 MiB. */
void *pool_take(struct pool *pool, size_t *bytes);
/* `bytes`: as asked for or as given. NULL is allowed. */
void pool_give(struct pool *pool, void *block, size_t bytes);

size_t pool_used(const struct pool *pool); /* bytes in blocks handed out */
size_t pool_held(const struct pool *pool); /* ever taken from the system */
size_t pool_left(const struct pool *pool); /* never handed out so far */

#endif
