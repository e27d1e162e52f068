/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of `thapcanh map` share: mappings by name, files of alerts
 * read through a mapping, and counts by name. */
#ifndef DAEMON_MAP_H
#define DAEMON_MAP_H

#include "ingest/source.h"

/* --- mappings */

/* The file of the mapping called `name`: itself when it is a path (has a '/'
 * or ends in ".yml"), else DIR/NAME.yml. In `arena`; NULL: out of memory. */
const char *map_path(const char *dir, const char *name, struct arena *arena);
/* The mapping files in `dir`, by name, generic ones last. 0 with a reason. */
size_t map_paths(const char *dir, struct arena *arena, const char ***paths,
                 struct err *why);

/* --- files of alerts */

/* One alert, or one message or element that is none. */
struct map_item {
    size_t line, index; /* of the message in its file, from 1; in it, from 0 */
    enum split_fault fault;
    const struct source *source; /* the mapping that read it */
    const struct alert *alert;   /* NULL when there is a fault */
};

/* Reads `file` ("-": standard input) as `produce` would send it, a line a
 * message; if its first line is not complete, the whole file is one message.
 * Of several mappings the first that takes an alert reads it. */
bool map_read(const struct source *const *sources, size_t n, const char *file,
              void (*each)(void *context, const struct map_item *item),
              void *context, struct err *why);

/* --- counts by name */

enum { MAX_MAP_NAMES = 100000 };

struct names {
    struct table *table;
    uint64_t *n; /* by number of the name */
    bool full;   /* there were more names than MAX_MAP_NAMES */
};

bool names_open(struct names *names);
void names_close(struct names *names);
void names_count(struct names *names, struct str name, uint64_t n);
/* Prints "  n  name" from the most to the least, at most `max` lines. */
void names_print(const struct names *names, size_t max);

/* --- the commands */

int map_test(const struct source *source, const char *file, bool json);
int map_kinds(const struct source *const *sources, size_t n_sources,
              char **files, size_t n_files);

#endif
