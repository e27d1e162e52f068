/* SPDX-License-Identifier: Apache-2.0
 *
 * The text that must stand in a value, whatever else does, for a test to hold
 * of it: what can be searched for together with those of all other tests. */
#ifndef CORRELATE_LITERAL_H
#define CORRELATE_LITERAL_H

#include "correlate/rule_priv.h"

/* Where it must stand in the folded value. */
enum literal_end {
    AT_START = 1 << 0,
    AT_END = 1 << 1, /* both: it is the value */
};

struct literal {
    struct str text; /* folded; NULL: there is none */
    unsigned ends;   /* enum literal_end */
    bool decides;    /* the test holds exactly where the literal stands */
};

/* Before and behind a value that is searched; no byte of UTF-8. */
#define FRAME '\xfe'
#define FRAME_SLACK 8 /* bytes behind it that a search may read */

/* With the frame at the ends where it must stand; NO_STR: no memory. */
struct str literal_framed(const struct literal *literal, struct arena *arena);

/* The literal of a test, borrowed from it or in `arena`. */
struct literal literal_of(const struct test *test, struct arena *arena);

/* That of a regular expression: the longest text that every match contains. */
struct str regex_literal(struct str regex, struct arena *arena);

#endif
