/* SPDX-License-Identifier: Apache-2.0
 *
 * Letters of every script, for comparing what people and programs write:
 * simple case folding (one code point to one: Đ and đ, Ế and ế) and canonical
 * composition (NFC: e with two marks and the letter ế). Tables are made from
 * the Unicode Character Database by deploy/unicode/make.sh. Bytes that are
 * not UTF-8 pass through as they are. */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include "base/arena.h"

/* A case-folded text has at most this many bytes to each byte. */
#define FOLD_GROWTH 2

/* The code point at `s.at` and its bytes in `*n`; `s` is not empty. A byte
 * that begins none stands for itself: 0x110000 + the byte. */
uint32_t unicode_at(struct str s, size_t *n);

/* `s` by simple case folding (CaseFolding.txt, status C and S), in `arena`; `s`
 * itself when there is nothing to fold. NO_STR when the arena is full. */
struct str str_fold(struct str s, struct arena *arena);
/* The same to `to`, which has room for FOLD_GROWTH bytes to each; the end. */
char *str_fold_to(struct str s, char *to);
/* `s` in NFC, in `arena`; `s` itself when it is so already. NO_STR when the
 * arena is full. Runs of more than 30 marks are left as written (UAX #15). */
struct str str_compose(struct str s, struct arena *arena);

#endif
