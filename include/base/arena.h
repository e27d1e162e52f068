/* SPDX-License-Identifier: Apache-2.0
 *
 * An arena is one reserved stretch of address space, handed out front to
 * back. Memory is touched only when used, so a generous maximum costs nothing.
 * A scratch arena is passed by value: what the callee takes is given back
 * when it returns. There are three lifetimes: process, rule set (or mapping
 * set), batch. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arena {
    char *at;  /* next free byte */
    char *end; /* one past the last */
};

/* Reserves `max_bytes`; `at` is NULL when the kernel refuses. */
struct arena arena_reserve(size_t max_bytes);
/* Gives back what arena_reserve gave; `start` is its first `at`. */
void arena_release(char *start, struct arena arena);

/* Memory for `n` things of `size` bytes, aligned to 16, zeroed; NULL when the
 * arena is full (or n * size overflows). */
void *arena_take(struct arena *arena, size_t n, size_t size);
/* The same, not zeroed. */
void *arena_take_raw(struct arena *arena, size_t n, size_t size);
/* A copy of `s` (followed by a NUL that does not count); NO_STR when full. */
struct str arena_copy(struct arena *arena, struct str s);
/* printf into the arena; NO_STR when full. */
struct str arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#ifdef __cplusplus
}
#endif

#endif
