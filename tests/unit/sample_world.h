/* SPDX-License-Identifier: Apache-2.0
 *
 * A planned sample, for the tests that look at it. */
#ifndef TESTS_UNIT_SAMPLE_WORLD_H
#define TESTS_UNIT_SAMPLE_WORLD_H

#include <criterion/criterion.h>

#include "../../deploy/sample/sample.h"
#include "../../deploy/sample/truth.h"

#include "ingest/inventory.h"
#include "ingest/source.h"

#define INVENTORY "deploy/inventory/ninhthuan.yml"

enum {
    ALL_PPM = 1000000,
    SMALL_PPM = 20000,
#if defined(__SANITIZE_THREAD__) /* slow, and there is one thread */
    FULL_PPM = ALL_PPM / 50
#elif defined(__SANITIZE_ADDRESS__)
    FULL_PPM = ALL_PPM / 10
#else
    FULL_PPM = ALL_PPM
#endif
};

/* A sample and what reads it. */
struct world {
    struct sample sample;
    struct arena arena, scratch;
    char *start, *scratch_start;
    const struct source *source[N_SAMPLE_FILES];
    const struct inventory *inventory;
    struct decoder *decoder;
    struct written written;
};

static inline void
world_begin(struct world *w, uint64_t seed, int64_t scale_ppm)
{
    struct sample_options options = {seed, scale_ppm, INVENTORY};
    struct complaints complaints = {0};
    *w = (struct world){.arena = arena_reserve((size_t)512 << 20),
                        .scratch = arena_reserve((size_t)64 << 20)};
    w->start = w->arena.at;
    w->scratch_start = w->scratch.at;
    cr_assert(w->start && w->scratch_start);
    bool fine = sample_plan(&options, &w->arena, &w->sample, &complaints);
    cr_assert(fine, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
}

static inline void
world_end(struct world *w)
{
    decoder_free(w->decoder);
    arena_release(w->scratch_start, w->scratch);
    arena_release(w->start, w->arena);
}

#endif
