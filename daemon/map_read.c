/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of alerts, read through mappings as the service would read them from
 * a topic; and the mapping files themselves, found. */
#include "base/arena.h"
#include "clock.h"
#include "map.h"
#include "model/limits.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- mapping files ------------------------------------------------------- */

const char *
map_path(const char *dir, const char *name, struct arena *arena)
{
    if (strchr(name, '/') || str_ends(str_of(name), STR(".yml")))
        return name;
    return arena_format(arena, "%s/%s.yml", dir, name).at;
}

static int
is_mapping(const struct dirent *entry)
{
    return entry->d_name[0] != '.' &&
           str_ends(str_of(entry->d_name), STR(".yml"));
}

static bool
is_generic(const struct dirent *entry)
{
    return str_starts(str_of(entry->d_name), STR("generic"));
}

/* A generic mapping takes what others would take too, so it comes last. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
    if (is_generic(*a) != is_generic(*b))
        return is_generic(*a) ? 1 : -1;
    return strcmp((*a)->d_name, (*b)->d_name);
}

size_t
map_paths(const char *dir, struct arena *arena, const char ***paths,
          struct err *why)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, is_mapping, by_name);
    if (n < 0)
        err_set(why, "%s: %s", dir, strerror(errno));
    else if (n == 0)
        err_set(why, "%s: no mapping (*.yml) there", dir);
    *paths = n > 0 ? arena_take(arena, (size_t)n, sizeof **paths) : NULL;
    for (int i = 0; i < n; i++) {
        if (*paths)
            (*paths)[i] =
                arena_format(arena, "%s/%s", dir, entries[i]->d_name).at;
        free(entries[i]);
    }
    free(entries);
    return *paths ? (size_t)n : 0;
}

/* --- alerts -----------------------------------------------------------------
 */

struct map_reader {
    const struct source *const *sources;
    size_t n_sources;
    void (*each)(void *context, const struct map_item *item);
    void *context;
    struct decoder *decoder;
    struct arena scratch;
    int64_t now_ms;
};

static void
read_element(struct map_reader *reader, const struct element *element,
             struct arena *rest, struct map_item *item)
{
    struct alert alert = {.source = NO_STR};
    item->fault = element->fault;
    item->source = reader->sources[0];
    item->alert = NULL;
    for (size_t i = 0;
         i < reader->n_sources && !item->alert && element->fault == SPLIT_FINE;
         i++) {
        item->fault = source_map(reader->sources[i], element, reader->now_ms,
                                 rest, &alert);
        if (item->fault == SPLIT_FINE) {
            item->source = reader->sources[i];
            item->alert = &alert;
        }
    }
    reader->each(reader->context, item);
    item->alert = NULL;
}

/* Returns what splitting said; on a fault nothing was told. */
static enum split_fault
read_message(struct map_reader *reader, struct str text, size_t line)
{
    struct arena rest = reader->scratch;
    const struct element *elements;
    struct map_item item = {.line = line};
    size_t n;
    enum split_fault fault = source_split(reader->sources[0], reader->decoder,
                                          text, &rest, &elements, &n);
    for (size_t i = 0; i < n; i++) {
        struct arena before = rest;
        item.index = i;
        read_element(reader, &elements[i], &rest, &item);
        rest = before;
    }
    return fault;
}

/* The whole file as one message; when it is none, goes back to where it was.
 * What cannot be looked at twice (a pipe) is not tried. */
static bool
read_whole(struct map_reader *reader, FILE *file)
{
    long at = ftell(file);
    bool fine = false;
    char *text = at >= 0 ? malloc(MAX_MESSAGE_BYTES + 1) : NULL;
    if (text) {
        rewind(file);
        size_t len = fread(text, 1, MAX_MESSAGE_BYTES + 1, file);
        fine = read_message(reader, (struct str){text, len}, 1) == SPLIT_FINE;
        fseek(file, at, SEEK_SET);
    }
    free(text);
    return fine;
}

static void
read_lines(struct map_reader *reader, FILE *file)
{
    char *line = NULL;
    size_t size = 0, number = 0;
    ssize_t got;
    while ((got = getline(&line, &size, file)) > 0) {
        struct str text = {line, (size_t)got};
        number++;
        if (str_trim(text).len == 0)
            continue;
        enum split_fault fault = read_message(reader, text, number);
        if (fault == SPLIT_FINE)
            continue;
        if (number == 1 && read_whole(reader, file))
            break;
        const struct map_item item = {
            .line = number, .fault = fault, .source = reader->sources[0]};
        reader->each(reader->context, &item);
    }
    free(line);
}

bool
map_read(const struct source *const *sources, size_t n, const char *file,
         void (*each)(void *context, const struct map_item *item),
         void *context, struct err *why)
{
    struct map_reader reader = {.sources = sources,
                                .n_sources = n,
                                .each = each,
                                .context = context,
                                .decoder = decoder_new(),
                                .scratch = arena_reserve(SCRATCH_BYTES),
                                .now_ms = clock_wall_ms()};
    char *start = reader.scratch.at;
    bool is_stdin = strcmp(file, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(file, "rb");
    bool fine = in && reader.decoder && start;
    if (!in)
        err_set(why, "%s: %s", file, strerror(errno));
    else if (!fine)
        err_set(why, "out of memory");
    if (fine)
        read_lines(&reader, in);
    if (fine && ferror(in)) {
        err_set(why, "%s: %s", file, strerror(errno));
        fine = false;
    }
    if (in && !is_stdin)
        fclose(in);
    decoder_free(reader.decoder);
    if (start)
        arena_release(start, reader.scratch);
    return fine;
}
