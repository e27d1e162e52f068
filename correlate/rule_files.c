/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding files. A folder means every file below it whose name ends as is
 * wanted; what begins with a dot is left out. Depth and number are bounded, so
 * a folder that leads back into itself ends. */
#include "correlate/rule_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 100000, MAX_DEPTH = 16 };

struct finder {
    const struct files_wanted *wanted;
    struct arena *arena;
    struct complaints *complaints;
    const char **file;
    size_t n;
    bool full;
};

static bool
ends_well(const struct files_wanted *wanted, const char *name)
{
    for (size_t i = 0; i < wanted->n_endings; i++)
        if (str_ends(str_of(name), wanted->endings[i]))
            return true;
    return false;
}

static int
is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void find_in(struct finder *finder, const char *dir, int depth);

static void
look_at(struct finder *finder, const char *path, bool named, int depth)
{
    struct stat about;
    if (finder->full)
        return;
    if (stat(path, &about) != 0) {
        complain(finder->complaints, (struct place){path, 0, 0}, "%s",
                 strerror(errno));
    } else if (S_ISDIR(about.st_mode)) {
        find_in(finder, path, depth + 1);
    } else if ((named && finder->wanted->named) ||
               ((named || S_ISREG(about.st_mode)) &&
                ends_well(finder->wanted, path))) {
        finder->full = finder->n == MAX_FILES;
        if (!finder->full)
            finder->file[finder->n++] = path;
        else
            complain(finder->complaints, (struct place){path, 0, 0},
                     "more than %d files", (int)MAX_FILES);
    }
}

static void
find_in(struct finder *finder, const char *dir, int depth)
{
    struct dirent **entries = NULL;
    if (depth > MAX_DEPTH) {
        complain(finder->complaints, (struct place){dir, 0, 0},
                 "folders deeper than %d", (int)MAX_DEPTH);
        return;
    }
    int n = scandir(dir, &entries, is_visible, by_name);
    if (n < 0)
        complain(finder->complaints, (struct place){dir, 0, 0}, "%s",
                 strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *path =
            arena_format(finder->arena, "%s/%s", dir, entries[i]->d_name).at;
        if (path)
            look_at(finder, path, false, depth);
        free(entries[i]);
    }
    free(entries);
}

size_t
files_find(const struct files_wanted *wanted, struct arena *arena,
           const char ***files, struct complaints *complaints)
{
    struct finder finder = {
        .wanted = wanted,
        .arena = arena,
        .complaints = complaints,
        .file = arena_take_raw(arena, MAX_FILES, sizeof *finder.file),
    };
    *files = finder.file;
    if (!finder.file)
        complain(complaints, (struct place){NULL, 0, 0}, "out of memory");
    for (size_t i = 0; finder.file && i < wanted->n_paths; i++)
        look_at(&finder, wanted->paths[i], true, 0);
    return finder.n;
}

size_t
rule_files_find(const char *const *paths, size_t n_paths, struct arena *arena,
                const char ***files, struct complaints *complaints)
{
    static const struct str endings[] = {{".yml", 4}, {".yaml", 5}};
    const struct files_wanted wanted = {paths, n_paths, endings, 2, true};
    return files_find(&wanted, arena, files, complaints);
}
