/* SPDX-License-Identifier: Apache-2.0
 *
 * The arena over mmap: the kernel gives pages when they are first touched, so
 * a reservation of hundreds of megabytes costs address space only. Scratch
 * memory is used again and again, so arena_take clears what it hands out. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { ALIGNMENT = 16 };

struct arena
arena_reserve(size_t max_bytes)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    char *at = mmap(NULL, max_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (at == MAP_FAILED) {
        return (struct arena){NULL, NULL};
    }
    return (struct arena){at, at + max_bytes};
}

void
arena_release(char *start, struct arena arena)
{
    if (start) {
        munmap(start, (size_t)(arena.end - start));
    }
}

void *
arena_take_raw(struct arena *arena, size_t n, size_t size)
{
    size_t bytes;
    size_t pad = -(uintptr_t)arena->at & (ALIGNMENT - 1);
    size_t left = (size_t)(arena->end - arena->at);
    if (!arena->at || __builtin_mul_overflow(n, size, &bytes) || pad > left ||
        bytes > left - pad) {
        return NULL;
    }
    char *taken = arena->at + pad;
    arena->at = taken + bytes;
    return taken;
}

void *
arena_take(struct arena *arena, size_t n, size_t size)
{
    void *taken = arena_take_raw(arena, n, size);
    return taken ? memset(taken, 0, n * size) : NULL;
}

struct str
arena_copy(struct arena *arena, struct str s)
{
    if (!arena->at || s.len >= (size_t)(arena->end - arena->at)) {
        return NO_STR;
    }
    char *copy = arena->at;
    if (s.len > 0) {
        memcpy(copy, s.at, s.len);
    }
    copy[s.len] = '\0';
    arena->at += s.len + 1;
    return (struct str){copy, s.len};
}

struct str
arena_format(struct arena *arena, const char *format, ...)
{
    if (!arena->at) {
        return NO_STR;
    }
    size_t left = (size_t)(arena->end - arena->at);
    va_list args;
    va_start(args, format);
    int len = vsnprintf(arena->at, left, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= left) {
        return NO_STR;
    }
    struct str text = {arena->at, (size_t)len};
    arena->at += text.len + 1;
    return text;
}
