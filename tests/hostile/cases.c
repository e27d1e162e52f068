/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the mappings and the messages. A mapping that somebody adds must
 * bring messages of its own: that is why a missing file is no skip. */
#include "cases.h"

#include "base/file.h"
#include "base/json.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define FILE_BYTES ((size_t)8 << 20)

static struct cases cases;
static struct arena arena;
static char *arena_start;
static struct str text[MAX_CASES];
static size_t n_text;

__attribute__((noreturn)) static void
give_up(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    abort();
}

static void
keep(struct str message)
{
    if (n_text == MAX_CASES)
        give_up("messages", "too many");
    text[n_text++] = message;
}

static struct str
whole(const char *path)
{
    struct err why = {""};
    struct str bytes;
    if (!file_read(path, FILE_BYTES, &arena, &bytes, &why))
        give_up(path, why.text);
    return bytes;
}

static void
load_messages(size_t number)
{
    char pattern[600];
    glob_t found;
    size_t first = n_text;
    struct str line;
    snprintf(pattern, sizeof pattern, "tests/cases/sources/%.*s/messages.*",
             STR_ARG(cases.mapping[number].name));
    if (glob(pattern, 0, NULL, &found) != 0)
        give_up(pattern, "no messages for this mapping");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct str rest = whole(found.gl_pathv[i]);
        while (str_split(&rest, '\n', &line))
            if (line.len > 0)
                keep(line);
    }
    globfree(&found);
    cases.mapping[number].messages =
        (struct seeds){text + first, n_text - first};
}

static void
load_mappings(void)
{
    glob_t found;
    if (glob("deploy/sources/*.yml", 0, NULL, &found) != 0)
        give_up("deploy/sources", "no mapping there");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        struct str name = str_of(strrchr(path, '/') + 1);
        size_t number = cases.n_mappings++;
        if (number >= MAX_MAPPINGS)
            give_up(path, "too many mappings");
        snprintf(cases.mapping[number].path, sizeof cases.mapping[number].path,
                 "%s", path);
        cases.mapping[number].name =
            arena_copy(&arena, str_cut(name, 0, name.len - strlen(".yml")));
        load_messages(number);
    }
    globfree(&found);
    cases.all = (struct seeds){text, n_text};
}

/* The package is one file of JavaScript whose array is JSON. */
static void
load_suite(const char *folder)
{
    char path[1024];
    size_t first = n_text;
    const struct json *all, *one;
    struct json_reader *reader = json_reader_new();
    snprintf(path, sizeof path, "%s/data/parsing.js", folder);
    struct str bytes = whole(path);
    while (bytes.len > 0 && *bytes.at != '[')
        bytes = str_cut(bytes, 1, bytes.len);
    if (!reader || json_read(reader, str_trim(bytes), &arena, &all))
        give_up(path, "not as it was");
    one = json_first(all);
    for (size_t i = 0; i < all->n_children; i++, one = json_next(one))
        keep(arena_copy(&arena, json_get(one, STR("input"))->text));
    json_reader_free(reader);
    cases.suite = (struct seeds){text + first, n_text - first};
}

const struct cases *
cases_load(void)
{
    const char *folder = getenv("JSON_TEST_SUITE");
    if (cases.n_mappings > 0)
        return &cases;
    arena = arena_reserve(ARENA_BYTES);
    arena_start = arena.at;
    if (!arena_start)
        give_up("messages", "out of memory");
    load_mappings();
    if (folder)
        load_suite(folder);
    return &cases;
}

void
cases_free(void)
{
    if (arena_start)
        arena_release(arena_start, arena);
    cases = (struct cases){0};
    arena_start = NULL;
    n_text = 0;
}
