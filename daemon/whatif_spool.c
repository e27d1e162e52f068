/* SPDX-License-Identifier: Apache-2.0
 *
 * Two files: the alerts as they come, and for each 24 bytes that say when it
 * was and where it lies. Only the latter are sorted, mapped from their file:
 * when memory is short, the kernel writes them back. */
#include "whatif_spool.h"

#include "base/wire.h"
#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LENGTH_BYTES = 4, READ_BYTES = 4096, TELL_EVERY = 256 };

struct entry {
    int64_t event_ms;
    uint64_t id; /* digest of the position */
    int64_t place;
};

struct whatif_spool {
    const char *folder;
    FILE *alerts, *index;
    int64_t place; /* the end of `alerts` */
    uint64_t n, next, n_repeats;
    struct entry *entry; /* mapped, once sorted */
    struct buf text, name;
    char *block;
    size_t room;
    struct progress progress;
};

/* A file that is gone when it is closed, readable for nobody else. */
static FILE *
open_file(const char *folder)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/thapcanh-XXXXXX", folder);
    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return NULL;
    unlink(path);
    FILE *file = fdopen(fd, "w+b");
    if (!file)
        close(fd);
    return file;
}

struct whatif_spool *
whatif_spool_new(const char *folder, struct err *why)
{
    struct whatif_spool *spool = calloc(1, sizeof *spool);
    if (!spool) {
        err_set(why, "out of memory");
        return NULL;
    }
    spool->folder = folder;
    spool->text.max_bytes = (size_t)16 << 20;
    spool->alerts = open_file(folder);
    spool->index = spool->alerts ? open_file(folder) : NULL;
    if (spool->index)
        return spool;
    err_set(why, "no room for alerts in %s (set TMPDIR): %s", folder,
            strerror(errno));
    whatif_spool_free(spool);
    return NULL;
}

void
whatif_spool_free(struct whatif_spool *spool)
{
    if (!spool)
        return;
    progress_end(&spool->progress);
    if (spool->entry)
        munmap(spool->entry, spool->n * sizeof *spool->entry);
    if (spool->alerts)
        fclose(spool->alerts);
    if (spool->index)
        fclose(spool->index);
    buf_free(&spool->text);
    buf_free(&spool->name);
    free(spool->block);
    free(spool);
}

static bool
fail(const struct whatif_spool *spool, struct err *why)
{
    err_set(why, "alerts cannot be kept in %s (set TMPDIR): %s", spool->folder,
            strerror(errno));
    return false;
}

/* --- writing */

bool
whatif_spool_add(struct whatif_spool *spool, const struct recorded *recorded,
                 struct err *why)
{
    struct buf *text = &spool->text;
    buf_clear(&spool->name);
    buf_position(&spool->name, &recorded->position);
    buf_clear(text);
    wire_put_i64(text, recorded->event_ms);
    wire_put_i64(text, recorded->arrival_ms);
    wire_put(text, recorded->late, 1);
    wire_put(text, recorded->from_arrival, 1);
    wire_put_text(text, buf_str(&spool->name), LENGTH_BYTES);
    wire_put_text(text, recorded->alert_id, LENGTH_BYTES);
    wire_put_text(text, recorded->windows, LENGTH_BYTES);
    wire_put_text(text, recorded->raw, LENGTH_BYTES);
    if (text->full || spool->name.full) {
        err_set(why, "an alert is too large, or there is no memory for it");
        return false;
    }
    uint32_t len = (uint32_t)text->len;
    struct entry entry = {
        .event_ms = recorded->event_ms,
        .id = hash_digest(buf_str(&spool->name)).half[0],
        .place = spool->place,
    };
    if (fwrite(&len, sizeof len, 1, spool->alerts) != 1 ||
        fwrite(text->at, 1, text->len, spool->alerts) != text->len ||
        fwrite(&entry, sizeof entry, 1, spool->index) != 1)
        return fail(spool, why);
    spool->place += (int64_t)(sizeof len + text->len);
    spool->n++;
    return true;
}

static int
by_time(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->event_ms != b->event_ms)
        return a->event_ms < b->event_ms ? -1 : 1;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

bool
whatif_spool_sort(struct whatif_spool *spool, struct err *why)
{
    if (fflush(spool->alerts) != 0 || fflush(spool->index) != 0)
        return fail(spool, why);
    progress_begin(&spool->progress, "trying the rules");
    if (spool->n == 0)
        return true;
    void *map =
        mmap(NULL, spool->n * sizeof *spool->entry, PROT_READ | PROT_WRITE,
             MAP_SHARED, fileno(spool->index), 0);
    if (map == MAP_FAILED)
        return fail(spool, why);
    spool->entry = map;
    qsort(spool->entry, spool->n, sizeof *spool->entry, by_time);
    return true;
}

/* --- reading */

/* `len` bytes at `place` are in the block. */
static bool
read_block(struct whatif_spool *spool, size_t len, int64_t place)
{
    if (len > spool->room) {
        char *block = realloc(spool->block, len);
        if (!block)
            return false;
        spool->block = block;
        spool->room = len;
    }
    for (size_t had = 0; had < len;) {
        ssize_t n = pread(fileno(spool->alerts), spool->block + had, len - had,
                          place + (int64_t)had);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        had += (size_t)n;
    }
    return true;
}

/* Most alerts come with the first read. */
static bool
read_alert(struct whatif_spool *spool, int64_t place, struct str *text)
{
    size_t left = (size_t)(spool->place - place);
    size_t first = left < READ_BYTES ? left : READ_BYTES;
    uint32_t len;
    if (first < sizeof len || !read_block(spool, first, place))
        return false;
    memcpy(&len, spool->block, sizeof len);
    if (len > left - sizeof len ||
        (sizeof len + len > first &&
         !read_block(spool, sizeof len + len, place)))
        return false;
    *text = (struct str){spool->block + sizeof len, len};
    return true;
}

static bool
parse(struct str text, struct recorded *recorded)
{
    struct wire wire = {.rest = text};
    recorded->event_ms = wire_get_i64(&wire);
    recorded->arrival_ms = wire_get_i64(&wire);
    recorded->late = wire_get_max(&wire, 1, 1) == 1;
    recorded->from_arrival = wire_get_max(&wire, 1, 1) == 1;
    struct str position = wire_get_text(&wire, LENGTH_BYTES);
    recorded->alert_id = wire_get_text(&wire, LENGTH_BYTES);
    recorded->windows = wire_get_text(&wire, LENGTH_BYTES);
    recorded->raw = wire_get_text(&wire, LENGTH_BYTES);
    return wire_end(&wire) && position_from(position, &recorded->position);
}

/* Written again after a crash, an alert has the same bytes. */
static bool
is_repeat(const struct whatif_spool *spool, const struct entry *entry)
{
    return entry > spool->entry && entry[-1].event_ms == entry->event_ms &&
           entry[-1].id == entry->id;
}

enum spool_got
whatif_spool_next(struct whatif_spool *spool, struct recorded *recorded,
                  struct err *why)
{
    while (spool->next < spool->n) {
        const struct entry *entry = &spool->entry[spool->next++];
        struct str text;
        if (spool->next % TELL_EVERY == 0)
            progress_tell(&spool->progress, spool->next, spool->n, spool->next,
                          "");
        if (is_repeat(spool, entry)) {
            spool->n_repeats++;
            continue;
        }
        if (read_alert(spool, entry->place, &text) && parse(text, recorded))
            return SPOOL_ONE;
        fail(spool, why);
        return SPOOL_FAILED;
    }
    return SPOOL_END;
}

uint64_t
whatif_spool_repeats(const struct whatif_spool *spool)
{
    return spool->n_repeats;
}
