/* SPDX-License-Identifier: Apache-2.0
 *
 * Which members of an event are fields: all fields of a rule set, as one
 * source's view has them, found in one pass over the event instead of one
 * search for each field. The answer is that of facts.c's search, or "not
 * sure" where lists lead on to fields. */
#ifndef CORRELATE_FIELD_MAP_H
#define CORRELATE_FIELD_MAP_H

#include "correlate/rule_priv.h"

struct field_map; /* for one view; read-only */

/* `view` may be NULL: the event as it is. NULL: out of memory. */
struct field_map *field_map_new(const struct rules *rules,
                                const struct rule_view *view);
void field_map_free(struct field_map *map);
/* Whether the field holds names. */
bool field_map_is_name(const struct field_map *map, uint32_t field);

/* What one pass found; lies in the scratch of a worker. */
struct field_place {
    const struct json *node; /* NULL: search for it */
    uint32_t rank;
    uint32_t pass; /* it was found in */
};
struct field_places {
    const struct field_map *map;
    struct field_place *place; /* by field */
    uint32_t *found;           /* fields that are there, or may be */
    uint32_t n_found;
    uint32_t pass;
    size_t n_fields;
};

/* Room for all fields; false: out of memory. */
bool field_places_open(struct field_places *places, size_t n_fields);
void field_places_close(struct field_places *places);
/* Fills `places` from an event, an object. */
void field_map_walk(const struct field_map *map, const struct json *event,
                    struct field_places *places);

/* Whether the last pass found the field or is not sure; `*node` as above. */
static inline bool
field_place_of(const struct field_places *places, uint32_t field,
               const struct json **node)
{
    const struct field_place *place = &places->place[field];
    *node = place->node;
    return place->pass == places->pass;
}

#endif
