/* SPDX-License-Identifier: Apache-2.0
 *
 * A file looked at where it lies in memory. Whoever cuts it short meanwhile
 * must not end us (SIGBUS): what is missing reads as zeros, and is told. */
#ifndef DAEMON_MAPPED_FILE_H
#define DAEMON_MAPPED_FILE_H

#include "base/str.h"

struct mapped_file {
    struct str text; /* at NULL: not open */
    int fd;
};

/* False: it is none that can lie in memory (empty, a pipe, not there …). One
 * at a time in a process. */
bool mapped_file_open(const char *path, struct mapped_file *file);
void mapped_file_close(struct mapped_file *file); /* not open: nothing */
/* Whether zeros have been read in place of what was cut off. */
bool mapped_file_torn(void);
/* The same, or that it has become shorter. Asks the file: for the end of a
 * reading. */
bool mapped_file_cut(const struct mapped_file *file);

#endif
