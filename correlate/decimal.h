/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers as they are written, of any size, never as doubles: 2^53 and 2^53+1
 * differ. */
#ifndef CORRELATE_DECIMAL_H
#define CORRELATE_DECIMAL_H

#include "base/arena.h"

/* digits × 10^… as written; borrows the text. Zero has no digits. */
struct decimal {
    bool negative;
    int64_t top;       /* power of ten of the first digit that is not 0 */
    struct str digits; /* from that one to the last not 0, maybe with a point */
};

/* Reads "12", "-1.50", ".5", "1e3"; false on blanks, hex, inf, nan and on
 * exponents past a million. */
bool decimal_from(struct str text, struct decimal *decimal);
int decimal_compare(const struct decimal *a, const struct decimal *b);
/* "12", "-0.5", but not "012", "+1", "1e3", "1.": how a rule should write. */
bool decimal_is_plain(struct str text);
/* The number without exponent and without zeros that say nothing: "1e3" gives
 * "1000", "5.0" gives "5". `text` itself when it is so already, also when the
 * result would be longer than 400 digits or the arena is full. */
struct str decimal_plain(struct str text, struct arena *arena);

#endif
