/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a MaxMind DB: it is refused or it answers; no crash, no read
 * past the end, nothing that takes long. The first byte chooses what is asked
 * for.
 * seeds: tests/fuzz/corpus/geo */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "ingest/geo.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena scratch;
    struct arena rest;
    char path[64], address[48];
    struct geo_db *db;
    struct geo geo;
    struct err why;
    unsigned first = size > 0 ? data[0] : 0;
    int file = memfd_create("fuzz", MFD_CLOEXEC);

    if (scratch.at == NULL)
        scratch = arena_reserve(1 << 20);
    assert(file >= 0 && scratch.at != NULL);
    assert(size == 0 || write(file, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    db = geo_open(path);
    assert(db != NULL);
    geo_state(db, &why);
    for (unsigned i = 0; i < 64; i++) {
        rest = scratch;
        snprintf(address, sizeof address,
                 i % 2 ? "%u.%u.69.160" : "2%03x:%x::", (first + i * 37) % 224,
                 i);
        geo_find(db, str_of(address), &rest, &geo);
        assert(geo.country.len == 0 || geo.country.len == 2);
    }
    geo_close(db);
    close(file);
    return 0;
}
