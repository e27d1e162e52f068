/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a file, read in big blocks. A line borrows from the block: it
 * holds until the next call. */
#ifndef DAEMON_LINES_H
#define DAEMON_LINES_H

#include "base/err.h"

struct lines {
    const char *path; /* borrowed, for messages */
    int fd;
    size_t max_bytes; /* of a line; a longer one is skipped and counted */
    uint64_t n_too_long;
    uint64_t number;  /* of the line handed out last, from 1; what was skipped
                         has its numbers too */
    uint64_t n_bytes; /* read from the file so far */
    char *block;
    size_t cap, from, to; /* what is not handed out yet */
    bool ended;
};

/* Whether this is how a file begins that gzip has made. */
bool lines_are_packed(struct str start);

/* "-" is the standard input. */
bool lines_open(struct lines *lines, const char *path, size_t max_bytes,
                struct err *why);
void lines_close(struct lines *lines);

enum lines_got { LINES_ONE, LINES_END, LINES_FAILED };

/* The next line without its line end (LF or CRLF). A last line without one is
 * a line. Returns LINES_END after a signal too. Fails on what gzip made. */
enum lines_got lines_next(struct lines *lines, struct str *line,
                          struct err *why);

#endif
