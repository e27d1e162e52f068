/* SPDX-License-Identifier: Apache-2.0
 *
 * For bench_windows: one correlation from a file, and the window records that
 * the product's own router makes of invented alerts. All of it is done before
 * a clock starts. */
#ifndef TESTS_BENCH_WINDOW_EVENTS_H
#define TESTS_BENCH_WINDOW_EVENTS_H

#include "correlate/registry.h"
#include "correlate/rules.h"

enum {
    EVENTS_A_RECORD = 10,
    LATENESS_MS = 30000, /* what is shuffled lies within this */
};

struct load {
    size_t n_events, n_keys;
    int64_t events_s; /* so many a second of event time */
    bool shuffled;
};

struct window_events {
    struct str *record; /* as on soc.windows, EVENTS_A_RECORD alerts each */
    size_t n_records;
    int64_t *seen_ms; /* of each record: the newest event time so far */
    struct arena arena;
    char *start;
};

/* Loads the files; false with the reason when one has a mistake. What is
 * correlated is learnt by `registry`. The rules lie in `arena`. */
bool window_rules(const char *const *paths, size_t n_paths,
                  struct registry *registry, struct arena *arena,
                  const struct rules **rules);
/* False: no memory. */
bool window_events_make(const struct rules *rules, const struct load *load,
                        struct window_events *events);
void window_events_free(struct window_events *events);

#endif
