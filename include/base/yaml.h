/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML files as a tree in which every node knows its line and column, so
 * that every mistake can be named where it stands. Scalars are text, as
 * written; YAML 1.2: only true and false are booleans. Anchors and aliases
 * are resolved within limits (a file that expands past 1,000,000 nodes, or is
 * nested deeper than 64, is refused); a duplicate key is a mistake. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/arena.h"
#include "base/err.h"

/* The largest file that is read. */
#define YAML_MAX_BYTES ((size_t)8 << 20)

enum yaml_type { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_type type;
    struct place place;
    struct str text; /* scalar: its value */
    bool quoted;     /* scalar: written in quotes or as a block */
    char quote;      /* scalar: ' or " if in these; else 0 */
    uint32_t width;  /* scalar on one line: columns it takes; else 0 */
    struct str key;  /* inside a map: its key */
    struct place key_place;
    const struct yaml *next;  /* next sibling */
    const struct yaml *first; /* list, map: first child */
    size_t n_children;
};

/* Reads `path` into `arena`; documents stand as siblings. NULL
 * when it cannot be read (complained of at complaints->from) or parsed; the
 * reason is among `complaints`. */
const struct yaml *yaml_load(const char *path, struct arena *arena,
                             struct complaints *complaints);
/* The same from memory; `name` stands for the file in messages (copied). */
const struct yaml *yaml_parse(const char *name, struct str text,
                              struct arena *arena,
                              struct complaints *complaints);

/* Where the byte `offset` of a scalar's value stands, if that can be told from
 * how it is written (one line, without escapes but ''); else where the scalar
 * begins. */
struct place yaml_place_in(const struct yaml *scalar, size_t offset);

/* What a scalar means by YAML 1.2's core schema (10.3.2); in quotes it is
 * text. Not-a-number and the infinities are text here. */
enum yaml_kind {
    YAML_NULL,
    YAML_BOOL,
    YAML_NUMBER, /* 7, -1.5, but also 1e3, 0x1F, 010 */
    YAML_TEXT,
};
enum yaml_kind yaml_kind(const struct yaml *scalar);

/* The child called `key` of a map, or NULL (also for NULL or another type). */
const struct yaml *yaml_get(const struct yaml *map, const char *key);

/* Each complains and returns false when the node is of another type or out of
 * range; the value is left alone then. A NULL node gives false, silently. */
bool yaml_str(const struct yaml *node, struct str *value,
              struct complaints *complaints);
bool yaml_i64(const struct yaml *node, int64_t min, int64_t max, int64_t *value,
              struct complaints *complaints);
/* "90s", "10m", "24h", "7d", "250ms" → milliseconds. */
bool yaml_duration_ms(const struct yaml *node, int64_t min_ms, int64_t max_ms,
                      int64_t *value, struct complaints *complaints);
/* A date "2024-01-31" → days since 1970-01-01. */
bool yaml_date(const struct yaml *node, int32_t *day,
               struct complaints *complaints);

/* Complains of every key of `map` that is not among `names`. */
void yaml_only(const struct yaml *map, const struct str *names, size_t n,
               struct complaints *complaints);

#endif
