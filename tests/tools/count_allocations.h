/* SPDX-License-Identifier: Apache-2.0
 *
 * For a program that counts what it asks memory for: its own malloc, calloc and
 * realloc, which count and pass on to glibc's. Include once. Not for builds
 * with a sanitizer, which replaces them itself. */
#ifndef TESTS_TOOLS_COUNT_ALLOCATIONS_H
#define TESTS_TOOLS_COUNT_ALLOCATIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *at, size_t size);

static _Thread_local uint64_t n_allocations; /* by this thread */

void *
malloc(size_t size)
{
    n_allocations++;
    return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    n_allocations++;
    return __libc_calloc(n, size);
}

void *
realloc(void *at, size_t size)
{
    n_allocations++;
    return __libc_realloc(at, size);
}

#endif
