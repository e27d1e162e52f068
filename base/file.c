/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files. Reading asks for no size beforehand, so pipes and files that
 * grow meanwhile are read like any other; writing is durable before the new
 * name is seen. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fail(struct err *why, const char *what, const char *path)
{
    err_set(why, "%s: cannot %s: %s", path, what, strerror(errno));
    return false;
}

/* Reads to the end or to `size` bytes; -1 on error. */
static ssize_t
read_all(int fd, char *at, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, at + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    return (ssize_t)len;
}

bool
file_read(const char *path, size_t max_bytes, struct arena *arena,
          struct str *text, struct err *why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(why, "open", path);
    }
    /* One byte behind the text: first to see whether there is more. */
    size_t left = arena->at ? (size_t)(arena->end - arena->at) : 0;
    size_t room = max_bytes < left ? max_bytes + 1 : left;
    ssize_t len = read_all(fd, arena->at, room);
    bool done = false;
    if (len < 0) {
        fail(why, "read", path);
    } else if ((size_t)len > max_bytes) {
        err_set(why, "%s: larger than %zu bytes", path, max_bytes);
    } else if ((size_t)len == left) {
        err_set(why, "%s: no memory left for it", path);
    } else {
        arena->at[len] = '\0';
        *text = (struct str){arena->at, (size_t)len};
        arena->at += len + 1;
        done = true;
    }
    close(fd);
    return done;
}

static bool
write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t wrote = write(fd, text.at, text.len);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return false;
        }
        text = str_cut(text, (size_t)wrote, text.len);
    }
    return true;
}

/* The new name in the directory survives a power cut only after this. Some
 * file systems refuse to sync a directory: nothing more can be done then. */
static void
sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    snprintf(folder, sizeof folder, "%.*s", (int)len, path);
    const char *name = !slash ? "." : len == 0 ? "/" : folder;
    int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

bool
file_replace(const char *path, struct str text, unsigned mode, struct err *why)
{
    char beside[PATH_MAX];
    int len = snprintf(beside, sizeof beside, "%s.%d.tmp", path, gettid());
    if (len < 0 || (size_t)len >= sizeof beside) {
        errno = ENAMETOOLONG;
        return fail(why, "write", path);
    }
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int fd = open(beside, flags, (mode_t)mode);
    if (fd < 0 && errno == EEXIST) { /* left by a process that was killed */
        unlink(beside);
        fd = open(beside, flags, (mode_t)mode);
    }
    if (fd < 0) {
        return fail(why, "create", beside);
    }
    bool done = write_all(fd, text) && fsync(fd) == 0;
    int cause = errno;
    if (close(fd) < 0 && done) {
        cause = errno;
        done = false;
    }
    if (done && rename(beside, path) < 0) {
        cause = errno;
        done = false;
    }
    if (!done) {
        unlink(beside);
        errno = cause;
        return fail(why, "write", path);
    }
    sync_folder(path);
    return true;
}
