/* SPDX-License-Identifier: Apache-2.0
 *
 * The sources of a windows partition (STREAM 9, 10, 13-16, 19): of each source
 * partition the highest position applied and its watermark W, which only
 * rises; and what follows from them, the watermark of each level: the least W
 * of the sources that count. The sources of level 0 are the input partitions,
 * those of level n the windows partitions, all of them: as long as one has
 * said nothing of that level, the level has no watermark. A source counts from
 * its joining on, unless it is set aside; one that was counts again when its W
 * has reached the watermark. */
#ifndef CORRELATE_SOURCES_H
#define CORRELATE_SOURCES_H

#include "base/stage.h"
#include "model/window_event.h"

struct source_at {
    struct str name; /* "LEVEL/TOPIC/PARTITION" */
    uint32_t incarnation;
    int64_t offset;   /* all below it is applied … */
    uint32_t running; /* … and so many records of it */
    int64_t watermark_ms;
    int level;
    int64_t partition;
    bool aside, changed;
};

struct sources;

struct sources *sources_new(void); /* NULL: no memory */
void sources_free(struct sources *sources);

/* The source of a record's cause; a new one has no W. NULL: MAX_PARTITIONS
 * are known. */
struct source_at *sources_of(struct sources *sources,
                             const struct window_cause *cause);
/* Raises the source's position to that of the record. False: it is not above
 * the highest applied, the record is a repeat. */
bool source_take(struct source_at *source, const struct window_cause *cause,
                 uint32_t running);
/* One line of a progress record. */
void source_progress(struct source_at *source, const struct progress *at,
                     int64_t watermark_ms);

/* The least W of a level's sources that count; NO_TIME: one has none yet, or
 * none counts. `n_partitions`: of soc.windows. */
int64_t sources_watermark(const struct sources *sources, int level,
                          int n_partitions);
/* The least W of all of them, set aside or not: what may still come. */
int64_t sources_floor(const struct sources *sources, int level,
                      int n_partitions);

size_t sources_len(const struct sources *sources);
const struct source_at *sources_at(const struct sources *sources, size_t i);

void sources_save(struct sources *sources, size_t table, bool whole,
                  const struct emit *emit);
bool sources_load(struct sources *sources, struct str field, struct str value);

#endif
