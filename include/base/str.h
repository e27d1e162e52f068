/* SPDX-License-Identifier: Apache-2.0
 *
 * Text is a borrowed slice: a pointer and a length, never NUL-terminated.
 * Whoever keeps a slice past the life of its owner copies it (arena_copy). */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct str {
    const char *at;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define NO_STR ((struct str){NULL, 0})

/* printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)((s).len > 4096 ? 4096 : (s).len), (s).at ? (s).at : ""

struct str str_of(const char *text); /* NULL gives the empty slice */
struct str str_cut(struct str s, size_t from, size_t to); /* clamped */
struct str str_trim(struct str s); /* blanks, tabs, line ends off both ends */

bool str_equal(struct str a, struct str b);
bool str_equal_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_contains(struct str s, struct str part);
int str_compare(struct str a, struct str b); /* by bytes, as memcmp */

/* Takes the part before the next `separator` off `*rest`; false when `*rest`
 * is spent. "a,,b" gives "a", "", "b". An empty `*rest` gives nothing. */
bool str_split(struct str *rest, char separator, struct str *part);

/* The whole slice must be a decimal integer in range, else false and `*n` is
 * left alone. An optional leading '-'; no blanks, no '+'. */
bool str_to_i64(struct str s, int64_t *n);

/* `*` any run, `?` one byte; ASCII letters without regard to case. */
bool str_matches_glob(struct str s, struct str pattern);

/* The nearest of `n` names to `word` by edit distance, if near enough to be
 * meant (at most a third of its length, at least 1), else NO_STR. */
struct str str_nearest(struct str word, const struct str *names, size_t n);

#ifdef __cplusplus
}
#endif

#endif
