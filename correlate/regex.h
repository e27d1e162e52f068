/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions (PCRE2). Everything lives in arenas: a compiled one in
 * its rule set's, what a match needs in the scratch of the alert. */
#ifndef CORRELATE_REGEX_H
#define CORRELATE_REGEX_H

#include "base/arena.h"
#include "base/err.h"

struct regex;

enum regex_flag {
    REGEX_NOCASE = 1 << 0,    /* i */
    REGEX_LINES = 1 << 1,     /* m: ^ and $ at every line */
    REGEX_DOT_LINES = 1 << 2, /* s: . also a line end */
};

/* NULL with the reason and the byte in `text` where it is. */
const struct regex *regex_make(struct str text, unsigned flags,
                               struct arena *arena, size_t *where,
                               struct err *why);

/* As written. */
struct str regex_text(const struct regex *regex);
/* Two of equal texts and options find the same. */
uint32_t regex_options(const struct regex *regex);

enum regex_says {
    REGEX_NO,
    REGEX_YES,
    REGEX_LIMIT, /* gave up: would take too long */
};

/* Unanchored. Bounded in time and memory whatever expression and text are. */
enum regex_says regex_match(const struct regex *regex, struct str text,
                            struct arena scratch);

#endif
