/* SPDX-License-Identifier: Apache-2.0
 *
 * For people who write mappings: what an alert became, and what of an event
 * the mapping does not read. Not on the way of an alert. */
#ifndef INGEST_SOURCE_TOOLS_H
#define INGEST_SOURCE_TOOLS_H

#include "ingest/source.h"

/* source_map of an event that is known to be this source's: `requires:` is not
 * asked. */
void source_map_any(const struct source *source, const struct element *element,
                    int64_t arrival_ms, struct arena *scratch,
                    struct alert *alert);

/* The same of some parts (bits, ALERT_BIT): what nobody wants is left empty,
 * and costs nothing. */
void source_map_parts(const struct source *source,
                      const struct element *element, int64_t arrival_ms,
                      uint64_t parts, struct arena *scratch,
                      struct alert *alert);

/* The parts that the mapping can fill at all. */
uint64_t source_parts(const struct source *source);

/* Appends what source_map filled as one JSON object on one line; what is
 * empty is left out. */
void source_print(struct buf *buf, const struct alert *alert);

/* Whether some path of the mapping leads to `path` ("rule.groups[*]", as
 * source_leaves writes it), be it through its array. */
bool source_reads(const struct source *source, struct str path);

/* Calls `each` with the path of every value in the event: names joined by
 * '.', arrays as "[*]", cut at 255 bytes. The path is borrowed for the call. */
void source_leaves(const struct json *event,
                   void (*each)(void *context, struct str path), void *context);

#endif
