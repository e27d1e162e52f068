/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding rule files: files as they are named, folders with all below them. */
#ifndef CORRELATE_RULE_FILES_H
#define CORRELATE_RULE_FILES_H

#include "base/arena.h"
#include "base/err.h"

/* The files, in `arena`, in order of `paths` and below a folder of their
 * names. What cannot be read is among `complaints`. */
size_t rule_files_find(const char *const *paths, size_t n_paths,
                       struct arena *arena, const char ***files,
                       struct complaints *complaints);

#endif
