/* SPDX-License-Identifier: Apache-2.0
 *
 * The link key is made once: written whole under another name, then linked to
 * its own, which fails for all but the first. Whoever removes it ends every
 * link that is out. */
#include "secret.h"

#include "base/file.h"
#include "base/hash.h"
#include "model/link.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 4096, KEY_BYTES = 32, KEY_DIGITS = 2 * KEY_BYTES };

bool
secret_line(const char *path, struct arena *arena, struct str *line,
            struct err *why)
{
    struct str text;
    *line = STR("");
    if (path == NULL)
        return true;
    if (!file_read(path, LINE_BYTES, arena, &text, why))
        return false;
    if (str_split(&text, '\n', line))
        *line = str_trim(*line);
    if (line->len == 0)
        err_set(why, "%s: its first line is empty", path);
    return line->len > 0;
}

static bool
write_all(int fd, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return fsync(fd) == 0;
}

/* True when there is a key afterwards, of us or of another process. */
static bool
make_key(const char *path, struct arena *scratch, struct err *why)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[KEY_BYTES];
    char digits[KEY_DIGITS + 1];
    hash_random(bytes, sizeof bytes);
    for (size_t i = 0; i < KEY_BYTES; i++) {
        digits[2 * i] = hex[bytes[i] >> 4];
        digits[2 * i + 1] = hex[bytes[i] & 15];
    }
    digits[KEY_DIGITS] = '\n';
    uint64_t salt;
    hash_random(&salt, sizeof salt);
    struct str part = arena_format(scratch, "%s.%016llx.part", path,
                                   (unsigned long long)salt);
    int fd = part.at == NULL
                 ? -1
                 : open(part.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool fine = fd >= 0 && write_all(fd, digits, sizeof digits);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (fine && link(part.at, path) != 0) {
        error = errno;
        fine = error == EEXIST;
    }
    if (fd >= 0)
        unlink(part.at);
    if (!fine)
        err_set(why, "%s: %s", path, strerror(error));
    return fine;
}

bool
secret_link_key(const char *folder, struct arena *arena, struct str *key,
                struct err *why)
{
    struct stat status;
    struct str path = arena_format(arena, "%s/link.key", folder);
    if (path.at == NULL) {
        err_set(why, "out of memory");
        return false;
    }
    if (mkdir(folder, 0750) != 0 && errno != EEXIST) {
        err_set(why, "%s: %s", folder, strerror(errno));
        return false;
    }
    if (access(path.at, F_OK) != 0 && !make_key(path.at, arena, why))
        return false;
    if (stat(path.at, &status) == 0 && (status.st_mode & 077) != 0) {
        err_set(why,
                "%s: others may read it; chmod 600, or remove it to have "
                "a new one made",
                path.at);
        return false;
    }
    if (!secret_line(path.at, arena, key, why))
        return false;
    if (key->len < LINK_MIN_KEY_BYTES)
        err_set(why,
                "%s: shorter than %d characters; remove it to have a new "
                "one made",
                path.at, (int)LINK_MIN_KEY_BYTES);
    return key->len >= LINK_MIN_KEY_BYTES;
}
