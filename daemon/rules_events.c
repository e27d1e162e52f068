/* SPDX-License-Identifier: Apache-2.0
 *
 * One line after the other, split by the mapping and mapped to alerts. */
#include "rules_events.h"

#include "clock.h"
#include "ingest/source_tools.h"
#include "interrupt.h"
#include "lines.h"
#include "model/limits.h"
#include "progress.h"

#include <sys/stat.h>

struct events {
    const struct source *source;
    const struct events_visit *visit;
    struct events_tally *tally;
    struct decoder *decoder;
    struct arena scratch;
    struct progress progress;
    int64_t now_ms;
    uint64_t n_bytes; /* of the file; 0: not known */
    uint64_t line;
};

static void
no_event(struct events *events, enum split_fault fault)
{
    events->tally->n_unreadable++;
    if (events->visit->unreadable)
        events->visit->unreadable(events->visit->context, events->line,
                                  split_fault_words(fault));
}

static void
read_line(struct events *events, struct str line)
{
    const struct events_visit *visit = events->visit;
    struct arena rest = events->scratch;
    const struct element *elements;
    size_t n = 0;
    if (visit->only > 0 && events->line != visit->only)
        return;
    events->tally->n_lines++;
    if (str_trim(line).len == 0)
        return;
    enum split_fault fault = source_split(events->source, events->decoder, line,
                                          &rest, &elements, &n);
    if (fault != SPLIT_FINE)
        no_event(events, fault);
    for (size_t i = 0; fault == SPLIT_FINE && i < n; i++) {
        struct arena here = rest;
        struct alert alert = {.source = NO_STR};
        if (elements[i].fault != SPLIT_FINE) {
            no_event(events, elements[i].fault);
            continue;
        }
        source_map_any(events->source, &elements[i], events->now_ms, &here,
                       &alert);
        events->tally->n_alerts++;
        visit->each(visit->context, events->line, &alert, &here);
    }
}

static bool
read_all(struct events *events, struct lines *lines, struct err *why)
{
    struct str line;
    enum lines_got got;
    uint64_t only = events->visit->only;
    while ((got = lines_next(lines, &line, why)) == LINES_ONE) {
        events->line = lines->number;
        read_line(events, line);
        if (events->visit->progress)
            progress_tell(&events->progress, lines->n_bytes, events->n_bytes,
                          events->line, "");
        if (interrupted() || (only > 0 && events->line >= only))
            break;
    }
    events->tally->broken_off |= interrupted();
    events->tally->n_unreadable += lines->n_too_long;
    return got != LINES_FAILED;
}

bool
events_read(const struct source *source, const char *path,
            const struct events_visit *visit, struct events_tally *tally,
            struct err *why)
{
    struct events events = {.source = source,
                            .visit = visit,
                            .tally = tally,
                            .decoder = decoder_new(),
                            .scratch = arena_reserve(SCRATCH_BYTES),
                            .now_ms = clock_wall_ms()};
    char *start = events.scratch.at;
    struct lines lines;
    struct stat about;
    bool fine = events.decoder && start;
    if (!fine)
        err_set(why, "out of memory");
    else
        fine = lines_open(&lines, path, MAX_MESSAGE_BYTES, why);
    if (fine) {
        if (fstat(lines.fd, &about) == 0 && S_ISREG(about.st_mode))
            events.n_bytes = (uint64_t)about.st_size;
        if (visit->progress)
            progress_begin(&events.progress, visit->progress);
        fine = read_all(&events, &lines, why);
        if (visit->progress)
            progress_end(&events.progress);
        lines_close(&lines);
    }
    decoder_free(events.decoder);
    if (start)
        arena_release(start, events.scratch);
    return fine;
}
