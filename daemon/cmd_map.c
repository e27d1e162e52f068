/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh map`: for whoever writes or fits a source mapping. `check` names
 * every mistake, `test` shows what a file of alerts becomes, `kinds` lists the
 * sensor rules that no kinds table names yet, those with most alerts first. */
#include "commands.h"
#include "map.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAPPING_BYTES = 512 << 20 };

struct wish {
    const char *dir;  /* --sources */
    const char *name; /* --source; NULL: any */
    bool json;
    char **files;
    size_t n_files;
};

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"sources", required_argument, NULL, 'd'},
        {"source", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    /* The same two places in which the configuration is looked for. */
    *wish = (struct wish){.dir = access("deploy/sources", R_OK) == 0
                                     ? "deploy/sources"
                                     : "/etc/thapcanh/sources"};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'd')
            wish->dir = optarg;
        else if (c == 's')
            wish->name = optarg;
        else if (c == 'j')
            wish->json = true;
        else
            return false;
    }
    wish->files = argv + optind;
    wish->n_files = (size_t)(argc - optind);
    return true;
}

/* --- loading
 * ------------------------------------------------------------------ */

static void
tell(struct complaints *complaints)
{
    fwrite(complaints->text.at ? complaints->text.at : "", 1,
           complaints->text.len, stderr);
}

static const struct source *
load_one(const struct wish *wish, struct arena *arena)
{
    struct complaints complaints = {0};
    const char *path = map_path(wish->dir, wish->name, arena);
    const struct source *source =
        path ? source_load(path, arena, &complaints) : NULL;
    tell(&complaints);
    complaints_free(&complaints);
    return source;
}

/* All mappings of the folder; 0 when one cannot be loaded. */
static size_t
load_all(const struct wish *wish, struct arena *arena,
         const struct source ***sources)
{
    struct err why = {""};
    const char **paths;
    size_t n = map_paths(wish->dir, arena, &paths, &why);
    if (n == 0)
        fprintf(stderr, "thapcanh map: %s\n", why.text);
    *sources = arena_take(arena, n + 1, sizeof(const struct source *));
    for (size_t i = 0; *sources && i < n; i++) {
        const struct wish one = {.dir = wish->dir, .name = paths[i]};
        (*sources)[i] = load_one(&one, arena);
        if (!(*sources)[i])
            return 0;
    }
    return *sources ? n : 0;
}

/* --- check
 * --------------------------------------------------------------------- */

/* Counts are kept by the name of the source, so it must be one mapping's. */
static void
check_name(const struct source *const *sources, size_t n, const char *path,
           struct complaints *complaints)
{
    const struct place place = {.file = path};
    struct str name = source_name(sources[n]);
    for (size_t i = 0; i < n; i++)
        if (str_equal(source_name(sources[i]), name))
            complain(complaints, place, "another mapping is called '%.*s' too",
                     STR_ARG(name));
}

static int
map_check(const struct wish *wish, struct arena *arena)
{
    struct err why = {""};
    struct complaints complaints = {0};
    const char **paths = arena_take(arena, wish->n_files + 1, sizeof *paths);
    size_t n = wish->n_files, n_loaded = 0;
    for (size_t i = 0; paths && i < n; i++)
        paths[i] = map_path(wish->dir, wish->files[i], arena);
    if (n == 0)
        n = map_paths(wish->dir, arena, &paths, &why);
    const struct source **sources =
        arena_take(arena, n + 1, sizeof(const struct source *));
    for (size_t i = 0; sources && paths && i < n; i++) {
        const struct source *source = source_load(paths[i], arena, &complaints);
        if (!source)
            continue;
        sources[n_loaded] = source;
        check_name(sources, n_loaded++, paths[i], &complaints);
        printf("%s: %.*s (%.*s)\n", paths[i], STR_ARG(source_name(source)),
               STR_ARG(source_product(source)));
    }
    if (n == 0)
        fprintf(stderr, "thapcanh map check: %s\n", why.text);
    tell(&complaints);
    bool good = n > 0 && n_loaded == n && complaints.n_errors == 0;
    complaints_free(&complaints);
    return good ? EXIT_OK : EXIT_CHECK;
}

/* --- the command
 * ------------------------------------------------------------------ */

static int
run_test(const struct wish *wish, struct arena *arena)
{
    if (!wish->name || wish->n_files != 1)
        return command_usage("map");
    const struct source *source = load_one(wish, arena);
    return source ? map_test(source, wish->files[0], wish->json) : EXIT_CHECK;
}

static int
run_kinds(const struct wish *wish, struct arena *arena)
{
    const struct source **sources;
    if (wish->n_files == 0 || wish->json)
        return command_usage("map");
    if (!wish->name) {
        size_t n = load_all(wish, arena, &sources);
        return n > 0 ? map_kinds(sources, n, wish->files, wish->n_files)
                     : EXIT_CHECK;
    }
    const struct source *source = load_one(wish, arena);
    return source ? map_kinds(&source, 1, wish->files, wish->n_files)
                  : EXIT_CHECK;
}

int
cmd_map(int argc, char **argv)
{
    struct wish wish;
    if (argc < 2 || !read_wish(argc - 1, argv + 1, &wish))
        return command_usage("map");
    struct arena arena = arena_reserve(MAPPING_BYTES);
    char *start = arena.at;
    int code;
    if (!start) {
        fprintf(stderr, "thapcanh map: out of memory\n");
        return EXIT_CHECK;
    }
    if (strcmp(argv[1], "check") == 0)
        code = map_check(&wish, &arena);
    else if (strcmp(argv[1], "test") == 0)
        code = run_test(&wish, &arena);
    else if (strcmp(argv[1], "kinds") == 0)
        code = run_kinds(&wish, &arena);
    else
        code = command_usage("map");
    arena_release(start, arena);
    return code;
}
