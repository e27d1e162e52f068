/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the router: what the rules make of one alert. */
#ifndef TESTS_UNIT_ROUTE_WORLD_H
#define TESTS_UNIT_ROUTE_WORLD_H

#include "rules_text.h"

#include "correlate/route.h"

enum { N_PARTITIONS = 4, MAX_SEEN = 64 };

struct seen {
    struct window_entry entry[MAX_SEEN];
    size_t n;
    struct arena arena;
};

static inline void
take(void *context, const struct output *output, bool bulk)
{
    struct seen *seen = context;
    struct window_record record;
    struct err why = {""};
    struct str value = arena_copy(&seen->arena, output->value);
    (void)bulk;
    cr_assert(window_record_read(value, &seen->arena, &record, &why), "%s",
              why.text);
    for (size_t i = 0; i < record.n_entries; i++)
        seen->entry[seen->n++] = record.entries[i];
}

/* What the rules make of one alert. */
static inline void
match(const struct rules *rules, const struct alert *alert, struct matched *out,
      struct seen *seen)
{
    struct window_batch *batch = window_batch_new(N_PARTITIONS);
    struct route *route = route_new(rules, NULL, NULL);
    const struct sink sink = {take, seen};
    const struct window_cause cause = {.topic = STR("t"), .offset = 7};
    cr_assert(batch && route);
    *seen = (struct seen){.n = 0, .arena = scratch};
    route_ops()->match(route, alert, &scratch, batch, out);
    seen->arena = scratch;
    window_batch_flush(batch, &cause, STR("soc.windows"), &sink);
    window_batch_free(batch);
    route_free(route);
}

static inline const struct window_entry *
entry_of(const struct seen *seen, const struct rules *rules, const char *id,
         const char *key)
{
    for (size_t i = 0; i < rules_n_correlations(rules); i++) {
        const struct correlation *c = rules_correlation(rules, i);
        for (size_t j = 0; j < seen->n && str_equal(c->id, str_of(id)); j++)
            if (seen->entry[j].fingerprint.half[0] == c->fingerprint.half[0] &&
                str_equal(seen->entry[j].key, str_of(key)))
                return &seen->entry[j];
    }
    return NULL;
}

#endif
