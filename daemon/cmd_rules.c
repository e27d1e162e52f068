/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules`: for whoever writes rules. Each part is a file of its own,
 * rules_PART.c; here is what they share: the command line, and loading. */
#include "commands.h"
#include "correlate/calendar.h"
#include "map.h"
#include "rules.h"

#include <dirent.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHIPPED_CALENDAR "deploy/calendar.yml"

enum { MAX_NUMBER = 1000000, MAX_MAPPINGS = 256 };

/* --- what the parts share */

const struct rules *
rules_of(const struct rules_source_files *files, struct arena *arena,
         struct rules_found *found)
{
    struct complaints complaints = {0};
    struct calendar calendar = {NULL, 0};
    const char *path = files->calendar;
    if (!path && access(SHIPPED_CALENDAR, R_OK) == 0)
        path = SHIPPED_CALENDAR;
    const struct rules *rules = NULL;
    if (!path || calendar_load(path, arena, &calendar, &complaints))
        rules = rules_load_dated(files->paths, files->n, files->examples,
                                 &calendar, arena, &complaints);
    command_print(stderr, &complaints.text);
    if (found)
        *found =
            (struct rules_found){complaints.n_errors, complaints.n_warnings};
    complaints_free(&complaints);
    return rules;
}

/* Which of the mappings in the folder may have been meant. */
static void
suggest_source(const char *folder, const char *name)
{
    struct dirent **entries = NULL;
    struct str names[MAX_MAPPINGS];
    int n = scandir(folder, &entries, NULL, alphasort), n_names = 0;
    for (int i = 0; i < n && n_names < MAX_MAPPINGS; i++) {
        struct str file = str_of(entries[i]->d_name);
        if (str_ends(file, STR(".yml")))
            names[n_names++] = str_cut(file, 0, file.len - 4);
    }
    struct str near = str_nearest(str_of(name), names, (size_t)n_names);
    if (near.len > 0)
        fprintf(stderr,
                "thapcanh rules: no mapping '%s' (did you mean "
                "'%.*s'?)\n",
                name, STR_ARG(near));
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
}

const struct source *
rules_source(const struct rules_wish *wish, const char *name,
             struct arena *arena)
{
    struct complaints complaints = {0};
    const char *path = map_path(wish->sources, name, arena);
    const struct source *source =
        path ? source_load(path, arena, &complaints) : NULL;
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    if (path && access(path, F_OK) != 0)
        suggest_source(wish->sources, name);
    return source;
}

const struct detection *
rules_named(const struct rules *rules, const char *name, struct arena scratch,
            struct err *why)
{
    size_t n = rules_n_detections(rules), n_known = 0;
    struct str wanted = str_of(name);
    struct str *known = arena_take(&scratch, 3 * n + 1, sizeof *known);
    for (size_t i = 0; i < n; i++) {
        const struct detection *detection = rules_detection(rules, i);
        const struct str names[] = {detection->id, detection->name,
                                    detection->title};
        for (size_t j = 0; j < 3; j++) {
            if (names[j].len > 0 && str_equal(names[j], wanted))
                return detection;
            if (known && names[j].len > 0)
                known[n_known++] = names[j];
        }
    }
    struct str near = str_nearest(wanted, known, n_known);
    if (near.len > 0)
        err_set(why, "no detection is called '%s' (did you mean '%.*s'?)", name,
                STR_ARG(near));
    else
        err_set(why, "no detection is called '%s' among %zu", name, n);
    return NULL;
}

int
rules_missing(const char *part, const char *what)
{
    fprintf(stderr,
            "thapcanh rules %s: it needs %s; `thapcanh help rules` says more\n",
            part, what);
    return EXIT_USAGE;
}

/* --- the command line */

static const struct option options[] = {
    {"sources", required_argument, NULL, 'd'},
    {"source", required_argument, NULL, 's'},
    {"rules", required_argument, NULL, 'r'},
    {"calendar", required_argument, NULL, 'c'},
    {"false", required_argument, NULL, 'f'},
    {"true", required_argument, NULL, 't'},
    {"line", required_argument, NULL, 'l'},
    {"repeat", required_argument, NULL, 'n'},
    {"top", required_argument, NULL, 'T'},
    {"any-logsource", no_argument, NULL, 'a'},
    {"strict", no_argument, NULL, 'S'},
    {"json", no_argument, NULL, 'j'},
    {NULL, 0, NULL, 0},
};

static const struct {
    const char *name;
    int (*run)(const struct rules_wish *wish, struct arena *arena);
} parts[] = {{"check", rules_check}, {"list", rules_list},
             {"eval", rules_eval},   {"explain", rules_explain},
             {"test", rules_test},   {"stats", rules_stats},
             {"tune", rules_tune}};

static int
say_unknown(const char *what, const char *word, const struct str *names,
            size_t n)
{
    struct str near = str_nearest(str_of(word), names, n);
    fprintf(stderr, "thapcanh rules: unknown %s '%s'", what, word);
    if (near.len > 0)
        fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
    fprintf(stderr, "; `thapcanh help rules` lists them\n");
    return EXIT_USAGE;
}

static int
unknown_part(const char *word)
{
    struct str names[sizeof parts / sizeof *parts];
    size_t n = sizeof parts / sizeof *parts;
    for (size_t i = 0; i < n; i++)
        names[i] = str_of(parts[i].name);
    return say_unknown("part", word, names, n);
}

/* What getopt stumbled over: an option nobody knows, or one without value. */
static int
wrong_option(int c, const char *word)
{
    struct str names[sizeof options / sizeof *options];
    size_t n = 0;
    if (c == ':') {
        fprintf(stderr, "thapcanh rules: %s needs a value\n", word);
        return EXIT_USAGE;
    }
    for (; options[n].name; n++)
        names[n] = str_of(options[n].name);
    return say_unknown("option", strncmp(word, "--", 2) == 0 ? word + 2 : word,
                       names, n);
}

/* A number from 1, or 0 having said what is wrong with it. */
static uint64_t
read_number(const char *name, const char *text)
{
    int64_t n = 0;
    if (str_to_i64(str_of(text), &n) && n > 0 && n <= MAX_NUMBER)
        return (uint64_t)n;
    fprintf(stderr,
            "thapcanh rules: --%s takes a number from 1 to %d, not '%s'\n",
            name, (int)MAX_NUMBER, text);
    return 0;
}

static bool
take(struct rules_wish *wish, int c)
{
    switch (c) {
    case 'd':
        wish->sources = optarg;
        return true;
    case 's':
        wish->source = optarg;
        return true;
    case 'r':
        wish->rules = optarg;
        return true;
    case 'c':
        wish->calendar = optarg;
        return true;
    case 'f':
        wish->false_ones = optarg;
        return true;
    case 't':
        wish->true_ones = optarg;
        return true;
    case 'l':
        wish->line = read_number("line", optarg);
        return wish->line > 0;
    case 'n':
        wish->repeat = read_number("repeat", optarg);
        return wish->repeat > 0;
    case 'T':
        wish->top = read_number("top", optarg);
        return wish->top > 0;
    default:
        wish->any_logsource |= c == 'a';
        wish->strict |= c == 'S';
        wish->json |= c == 'j';
        return true;
    }
}

/* EXIT_OK, or EXIT_USAGE having said why. */
static int
read_wish(int argc, char **argv, struct rules_wish *wish)
{
    *wish = (struct rules_wish){
        .sources = "deploy/sources", .repeat = 1, .top = 20};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c == '?' || c == ':')
            return wrong_option(c, argv[optind - 1]);
        if (!take(wish, c))
            return EXIT_USAGE;
    }
    wish->args = (const char *const *)argv + optind;
    wish->n_args = (size_t)(argc - optind);
    return EXIT_OK;
}

int
cmd_rules(int argc, char **argv)
{
    struct rules_wish wish;
    size_t part = 0, n = sizeof parts / sizeof *parts;
    if (argc < 2)
        return command_usage("rules");
    while (part < n && strcmp(argv[1], parts[part].name) != 0)
        part++;
    if (part == n)
        return unknown_part(argv[1]);
    if (read_wish(argc - 1, argv + 1, &wish) != EXIT_OK)
        return EXIT_USAGE;
    struct arena arena = arena_reserve(RULES_ARENA_BYTES);
    char *start = arena.at;
    if (!start) {
        fprintf(stderr, "thapcanh rules: out of memory\n");
        return EXIT_CHECK;
    }
    int code = parts[part].run(&wish, &arena);
    arena_release(start, arena);
    return code;
}
