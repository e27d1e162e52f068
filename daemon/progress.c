/* SPDX-License-Identifier: Apache-2.0
 *
 * A bar fits 80 columns and has nothing in it that came from outside. */
#include "progress.h"
#include "clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { DRAW_MS = 200, LINE_MS = 5000, BAR = 24 };

void
progress_begin(struct progress *progress, const char *what)
{
    *progress = (struct progress){
        .what = what,
        .terminal = isatty(STDERR_FILENO) == 1,
        .began_ms = clock_monotonic_ms(),
    };
    progress->said_ms = progress->began_ms;
}

void
buf_thousands(struct buf *buf, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRIu64, n);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            buf_char(buf, ',');
        buf_char(buf, text[i]);
    }
}

static void
write_line(struct buf *buf, const struct progress *progress, uint64_t part,
           uint64_t whole, uint64_t n)
{
    uint64_t ms = (uint64_t)(progress->said_ms - progress->began_ms);
    if (whole > 0) {
        uint64_t done = part < whole ? part : whole;
        uint64_t filled = progress->terminal ? done * BAR / whole : 0;
        if (progress->terminal) {
            buf_char(buf, '[');
            for (uint64_t i = 0; i < BAR; i++)
                buf_char(buf, i < filled ? '#' : '.');
            buf_add(buf, STR("] "));
        }
        buf_format(buf, "%3" PRIu64 "%%  ", done * 100 / whole);
    }
    buf_thousands(buf, n);
    buf_add(buf, STR(" messages, "));
    buf_thousands(buf, ms > 0 ? n * 1000 / ms : 0);
    buf_add(buf, STR("/s"));
}

void
progress_tell(struct progress *progress, uint64_t part, uint64_t whole,
              uint64_t n, const char *note)
{
    int64_t now_ms = clock_monotonic_ms();
    if (now_ms - progress->said_ms < (progress->terminal ? DRAW_MS : LINE_MS))
        return;
    progress->said_ms = now_ms;
    struct buf buf = {0};
    buf_format(&buf,
               progress->terminal ? "\r\033[K%s " : "  … %s: ", progress->what);
    write_line(&buf, progress, part, whole, n);
    if (*note)
        buf_format(&buf, ", %s", note);
    if (!progress->terminal)
        buf_char(&buf, '\n');
    fprintf(stderr, "%.*s", STR_ARG(buf_str(&buf)));
    fflush(stderr);
    buf_free(&buf);
    progress->drawn = true;
}

void
progress_end(struct progress *progress)
{
    if (progress->terminal && progress->drawn)
        fprintf(stderr, "\r\033[K");
    progress->drawn = false;
}
