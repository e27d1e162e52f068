/* SPDX-License-Identifier: Apache-2.0
 *
 * One block is filled as far as it goes, lines are cut off its front, and the
 * unfinished one moves to the front before the next filling; a line longer
 * than the block makes it double, up to the longest line allowed. */
#include "lines.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_BLOCK = 1 << 20 };

bool
lines_open(struct lines *lines, const char *path, size_t max_bytes,
           struct err *why)
{
    *lines = (struct lines){
        .path = path, .fd = STDIN_FILENO, .max_bytes = max_bytes};
    if (strcmp(path, "-") != 0)
        lines->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (lines->fd < 0) {
        err_set(why, "%s: %s", path, strerror(errno));
        return false;
    }
    lines->cap = FIRST_BLOCK;
    lines->block = malloc(lines->cap);
    if (lines->block != NULL)
        return true;
    lines_close(lines);
    err_set(why, "out of memory");
    return false;
}

void
lines_close(struct lines *lines)
{
    if (lines->fd > STDIN_FILENO)
        close(lines->fd);
    free(lines->block);
    *lines = (struct lines){.fd = -1};
}

/* More bytes behind those there are. LINES_END: a signal, and what is in the
 * block may be half a line. */
static enum lines_got
fill(struct lines *lines, struct err *why)
{
    if (lines->from > 0) {
        memmove(lines->block, lines->block + lines->from,
                lines->to - lines->from);
        lines->to -= lines->from;
        lines->from = 0;
    }
    if (lines->to == lines->cap) {
        char *larger = realloc(lines->block, lines->cap * 2);
        if (larger == NULL) {
            err_set(why, "out of memory");
            return LINES_FAILED;
        }
        lines->block = larger;
        lines->cap *= 2;
    }
    assert(lines->to < lines->cap);
    ssize_t n =
        read(lines->fd, lines->block + lines->to, lines->cap - lines->to);
    if (n < 0 && errno == EINTR)
        return LINES_END;
    if (n < 0) {
        err_set(why, "%s: %s", lines->path, strerror(errno));
        return LINES_FAILED;
    }
    lines->ended = n == 0;
    lines->to += (size_t)n;
    lines->n_bytes += (uint64_t)n;
    return LINES_ONE;
}

bool
lines_are_packed(struct str start)
{
    return str_starts(start, STR("\x1f\x8b\x08"));
}

static struct str
cut_line(struct lines *lines, size_t len, size_t with_end)
{
    struct str line = {lines->block + lines->from, len};
    lines->from += with_end;
    lines->number++;
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

enum lines_got
lines_next(struct lines *lines, struct str *line, struct err *why)
{
    size_t seen = 0; /* bytes known to hold no line end */
    bool skipping = false;
    for (;;) {
        size_t n = lines->to - lines->from;
        const char *start = lines->block + lines->from;
        const char *end =
            n > seen ? memchr(start + seen, '\n', n - seen) : NULL;
        size_t len = end != NULL ? (size_t)(end - start) : n;
        if (end == NULL && !lines->ended && n <= lines->max_bytes) {
            seen = n;
            enum lines_got got = fill(lines, why);
            if (got != LINES_ONE)
                return got;
            if (lines->number == 0 &&
                lines_are_packed((struct str){lines->block, lines->to})) {
                err_set(why, "%s: compressed by gzip: unpack it first",
                        lines->path);
                return LINES_FAILED;
            }
            continue;
        }
        if (end == NULL && lines->ended && n == 0)
            return LINES_END;
        if (skipping || len > lines->max_bytes) {
            lines->n_too_long += !skipping;
            lines->number += !skipping;
            skipping = end == NULL;
            lines->from += len + (end != NULL);
            seen = 0;
            if (skipping && lines->ended)
                return LINES_END;
            continue;
        }
        *line = cut_line(lines, len, len + (end != NULL));
        return LINES_ONE;
    }
}
