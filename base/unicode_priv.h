/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables that deploy/unicode/make.sh makes for unicode.c. */
#ifndef BASE_UNICODE_PRIV_H
#define BASE_UNICODE_PRIV_H

#include <stddef.h>
#include <stdint.h>

/* Letters from `first` to `last`, `step` apart, that fold by adding `add`. */
struct fold_run {
    uint32_t first, last;
    int32_t step, add;
};
extern const struct fold_run fold_runs[];
extern const size_t n_fold_runs;

/* Marks of one combining class. */
struct mark_run {
    uint32_t first, last;
    uint8_t class;
};
extern const struct mark_run mark_runs[];
extern const size_t n_mark_runs;

/* A canonical decomposition, by `whole`. */
struct parts {
    uint32_t whole, first, second; /* second 0: none */
    uint8_t again;                 /* composed again */
};
extern const struct parts decompositions[];
extern const size_t n_decompositions;

/* Numbers of those that are composed again, by their parts. */
extern const uint16_t compositions[];
extern const size_t n_compositions;

#endif
