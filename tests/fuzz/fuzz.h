/* SPDX-License-Identifier: Apache-2.0
 *
 * What the harnesses share. A harness defines LLVMFuzzerTestOneInput, so that
 * libFuzzer (`make fuzz`) and the small driver of driver.c (`make test`) run
 * it alike. A line "seeds: FILE…" in its head names what to start from: files
 * or patterns; of *.ndjson and *.cef each line is a seed. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/arena.h"
#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of its own, so that a read past its end is seen; to be freed. */
static inline char *
fuzz_copy(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert(copy);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* An arena for life. */
static inline struct arena
fuzz_arena(size_t max_bytes)
{
    struct arena arena = arena_reserve(max_bytes);
    assert(arena.at);
    return arena;
}

/* Bytes as a file with a path, for what reads files only: file.c. Holds
 * until the next call with the same number (0 or 1). */
const char *fuzz_file(int number, const void *bytes, size_t size);

#endif
