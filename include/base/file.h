/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files, in and out. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"

/* The whole of `path` in `arena`; false with the reason when it cannot be
 * read or is larger than `max_bytes`. */
bool file_read(const char *path, size_t max_bytes, struct arena *arena,
               struct str *text, struct err *why);
/* Writes beside `path` and renames over it, so that a reader sees the old or
 * the new file, whole. `mode` as for open. */
bool file_replace(const char *path, struct str text, unsigned mode,
                  struct err *why);

#endif
