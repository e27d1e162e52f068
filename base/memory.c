/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens when there is no memory: the process ends at once. Nothing of
 * the batch under way is committed, so the next start does it again, and
 * nothing is lost or counted twice. Anything else would be inexact: to a table
 * or a buffer that cannot grow, "no memory" looks like "at its maximum", and
 * what is at its maximum refuses and goes on. So the linker puts these in place
 * of every malloc, calloc and realloc of ours (--wrap, in the Makefile), and no
 * caller ever sees NULL for want of memory. Libraries keep their own. */
#include "base/fault.h"
#include "base/log.h"

#include <stdint.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);

/* A size that no machine has is a mistake of the caller's, or hostile: he gets
 * NULL, as ever. Of no bytes NULL is a right answer. */
static void *
had(void *at, size_t size)
{
    if (!at && size > 0 && size < PTRDIFF_MAX)
        log_fatal("memory",
                  "no memory for %zu bytes; nothing is lost, what "
                  "is not committed is done again",
                  size);
    return at;
}

void *
__wrap_malloc(size_t size)
{
    return had(fault_fails(FAIL_memory) ? NULL : __real_malloc(size), size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return had(fault_fails(FAIL_memory) ? NULL : __real_calloc(n, size), bytes);
}

void *
__wrap_realloc(void *at, size_t size)
{
    return had(fault_fails(FAIL_memory) ? NULL : __real_realloc(at, size),
               size);
}
