/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding files: as they are named, and folders with all below them. */
#ifndef CORRELATE_RULE_FILES_H
#define CORRELATE_RULE_FILES_H

#include "base/arena.h"
#include "base/err.h"

struct files_wanted {
    const char *const *paths;
    size_t n_paths;
    const struct str *endings; /* of the names that are wanted */
    size_t n_endings;
    bool named; /* what is named itself is wanted, whatever its ending */
};

/* The files, in `arena`, in order of the paths and below a folder of their
 * names. What cannot be read is among `complaints`. */
size_t files_find(const struct files_wanted *wanted, struct arena *arena,
                  const char ***files, struct complaints *complaints);

/* Rule files: *.yml and *.yaml, and what is named. */
size_t rule_files_find(const char *const *paths, size_t n_paths,
                       struct arena *arena, const char ***files,
                       struct complaints *complaints);

#endif
