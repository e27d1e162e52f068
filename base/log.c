/* SPDX-License-Identifier: Apache-2.0
 *
 * One line, one write: lines of several threads never mix. This is the one
 * place below daemon/ that reads the clock; what it reads decides nothing. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/times.h"

enum { MAX_LINE = 4096 };
enum level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_FATAL };

static atomic_int least_level = LEVEL_INFO;

void
log_quiet(void)
{
    atomic_store(&least_level, LEVEL_WARN);
}

void
log_verbose(void)
{
    atomic_store(&least_level, LEVEL_DEBUG);
}

/* Nothing in a line may steer the terminal it is read on: no C0, no DEL, no
 * C1, neither as UTF-8 (C2 80 to C2 9F) nor as a bare byte. */
static void
make_harmless(char *text, size_t len)
{
    size_t follow = 0; /* bytes of the present UTF-8 character to come */
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool inside = (c & 0xc0) == 0x80 && follow > 0;
        if (c < 0x20 || c == 0x7f || ((c & 0xc0) == 0x80 && !inside)) {
            text[i] = '?';
        } else if (c == 0xc2 && i + 1 < len &&
                   (unsigned char)text[i + 1] < 0xa0) {
            text[i] = '?'; /* then the next stands alone */
            c = 0;
        }
        follow = inside      ? follow - 1
                 : c >= 0xf0 ? 3
                 : c >= 0xe0 ? 2
                 : c >= 0xc2 ? 1
                             : 0;
    }
}

static int
write_time(char *line, size_t size)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct civil at = civil_from_ms((int64_t)now.tv_sec * 1000, 0);
    return snprintf(line, size, "%04d-%02d-%02dT%02d:%02d:%02dZ ", at.year,
                    at.month, at.day, at.hour, at.minute, at.second);
}

static void log_line(enum level level, const char *who, const char *format,
                     va_list args) __attribute__((format(printf, 3, 0)));

static void
log_line(enum level level, const char *who, const char *format, va_list args)
{
    static const char *const words[] = {"debug", "info", "warn", "fatal"};
    if ((int)level < atomic_load(&least_level)) {
        return;
    }
    int cause = errno;
    char line[MAX_LINE];
    size_t room = sizeof line - 1; /* for the line end */
    size_t len = (size_t)write_time(line, room);
    len += (size_t)snprintf(line + len, room - len, "%s %.64s: ", words[level],
                            who);
    int added = vsnprintf(line + len, room - len, format, args);
    if (added > 0) {
        size_t fits = room - len - 1;
        len += (size_t)added < fits ? (size_t)added : fits;
    }
    make_harmless(line, len);
    line[len++] = '\n';
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(STDERR_FILENO, line + done, len - done);
        if (wrote < 0 && errno != EINTR) {
            break; /* nobody is left to be told */
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    errno = cause;
}

void
log_debug(const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEVEL_DEBUG, who, format, args);
    va_end(args);
}

void
log_info(const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEVEL_INFO, who, format, args);
    va_end(args);
}

void
log_warn(const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEVEL_WARN, who, format, args);
    va_end(args);
}

/* Without the exit handlers: other threads are at work in the libraries that
 * these would take apart, and what is durable does not depend on them. */
void
log_fatal(const char *who, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEVEL_FATAL, who, format, args);
    va_end(args);
    fflush(stdout);
    _exit(EXIT_FAILURE);
}
