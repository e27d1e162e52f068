/* SPDX-License-Identifier: Apache-2.0
 *
 * Sigma's text values: `*` any run, `?` one code point, `\` before either or
 * before itself. Texts are prepared (case, dashes) once and then compared as
 * bytes. */
#ifndef CORRELATE_PATTERN_H
#define CORRELATE_PATTERN_H

#include "base/arena.h"

/* Where in a field a value is to stand. */
enum wrap { WRAP_NONE, WRAP_STARTS, WRAP_ENDS, WRAP_CONTAINS };

enum pattern_flag {
    PATTERN_CASED = 1 << 0,   /* letter case counts */
    PATTERN_DASHES = 1 << 1,  /* - / – — ― are one character */
    PATTERN_LITERAL = 1 << 2, /* no wildcards in it */
};

/* What stands between two `*`. */
struct segment {
    struct str text; /* prepared; a `?` is the byte 0xff, never in UTF-8 */
    uint32_t n_chars;
    bool has_any; /* a `?` */
};

struct pattern {
    unsigned flags;
    uint32_t n_segments; /* one more than there are `*` */
    const struct segment *segment;
};

/* Whether `value` has a wildcard that is not escaped. */
bool pattern_has_wildcards(struct str value);
/* False when the arena is full. Keeps nothing of `value`. */
bool pattern_make(struct pattern *pattern, struct str value, enum wrap wrap,
                  unsigned flags, struct arena *arena);
/* A text made ready for patterns with `flags`; NO_STR when the arena is full.
 * `text` itself when nothing changes. */
struct str pattern_text(struct str text, unsigned flags, struct arena *arena);
/* `text` is prepared. Linear in `text` for each segment. */
bool pattern_match(const struct pattern *pattern, struct str text);

#endif
