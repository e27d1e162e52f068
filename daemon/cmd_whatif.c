/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh whatif`: try a change of rules, suppressions or roster on what
 * really happened, before it is made. Exit 1 when something that people found
 * true would be missed, so that a script can hold the change back. With
 * SOURCE=FILE what happened is in files, and Kafka is not asked. */
#include "base/table.h"
#include "base/times.h"
#include "clock.h"
#include "commands.h"
#include "feed_screen.h"
#include "interrupt.h"
#include "lines.h"
#include "rules.h"
#include "whatif.h"

#include <getopt.h>
#include <string.h>

enum { MAX_WHATIF_RULES = 64, PRESET_DAYS = 30, MOST_DAYS = 400 };
enum { MAX_TRUE = 1 << 22, MAX_TRUE_BYTES = 4096 };

struct wish {
    const char *config, *fresh;
    const char *rules[MAX_WHATIF_RULES];
    size_t n_rules;
    struct str from, to;
    const char *true_ones; /* --true; NULL: not given */
    char *const *files;    /* SOURCE=FILE … */
    size_t n_files;
    bool json;
};

/* What is loaded for one run. */
struct bench {
    struct config config, fresh;
    const struct site *site;
    const struct rules *rules;
    struct arena arena; /* of rules given on the command line */
    char *start;
    const struct site *site_then; /* with files: what is in force */
    struct replay_file file[WHATIF_MAX_FILES];
    struct whatif_files files;
    struct table *true_ones;
};

/* --- options */

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'n'},
        {"rules", required_argument, NULL, 'r'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"true", required_argument, NULL, 'T'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, ":c:", options, NULL)) != -1;) {
        if (c == '?' || c == ':') {
            command_wrong_option("whatif", options, c, argv[optind - 1]);
            return false;
        }
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'n')
            wish->fresh = optarg;
        else if (c == 'r' && wish->n_rules < MAX_WHATIF_RULES)
            wish->rules[wish->n_rules++] = optarg;
        else if (c == 'f')
            wish->from = str_of(optarg);
        else if (c == 't')
            wish->to = str_of(optarg);
        else if (c == 'T')
            wish->true_ones = optarg;
        else if (c == 'j')
            wish->json = true;
        else
            return false;
    }
    wish->files = argv + optind;
    wish->n_files = (size_t)(argc - optind);
    return true;
}

static bool
read_day(struct str text, const char *what, int64_t *ms)
{
    if (text.len == 0 ||
        (text.len == 10 && time_from_iso(text, VIETNAM_MINUTES, ms)))
        return true;
    fprintf(stderr, "thapcanh whatif: %s '%.*s' is no day (2024-09-30)\n", what,
            STR_ARG(text));
    return false;
}

/* Whole days; `to` is one of them. What is not said stays as it is in `plan`,
 * if it has a span. */
static bool
read_span(const struct wish *wish, struct whatif_plan *plan)
{
    bool preset = plan->until_ms > plan->from_ms;
    int32_t today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    int64_t to_ms = preset
                        ? plan->until_ms - MS_PER_DAY
                        : today * MS_PER_DAY - VIETNAM_MINUTES * INT64_C(60000);
    if (!read_day(wish->to, "--to", &to_ms))
        return false;
    if (!preset)
        plan->from_ms = to_ms - (PRESET_DAYS - 1) * MS_PER_DAY;
    if (!read_day(wish->from, "--from", &plan->from_ms))
        return false;
    plan->until_ms = to_ms + MS_PER_DAY;
    if (plan->from_ms < plan->until_ms &&
        plan->until_ms - plan->from_ms <= MOST_DAYS * MS_PER_DAY)
        return true;
    fprintf(stderr,
            "thapcanh whatif: --from must not be after --to, and not more "
            "than %d days before it\n",
            (int)MOST_DAYS);
    return false;
}

/* --- what is tried */

static bool
load_rules(const struct wish *wish, struct bench *bench)
{
    struct rules_found found = {0};
    if (wish->n_rules == 0) {
        bench->rules = site_rules(bench->site);
        if (!bench->rules)
            fprintf(stderr, "thapcanh whatif: %s names no rules\n",
                    bench->fresh.file);
        return bench->rules != NULL;
    }
    bench->arena = arena_reserve(RULES_ARENA_BYTES);
    bench->start = bench->arena.at;
    if (bench->start)
        bench->rules =
            rules_of(&(struct rules_source_files){wish->rules, wish->n_rules,
                                                  bench->fresh.calendar, false},
                     &bench->arena, &found);
    /* A rule that was refused would be missed for another reason. */
    return bench->rules && found.n_errors == 0;
}

static const struct site *
load_site(const struct config *config)
{
    struct complaints complaints = {0};
    const struct site *site = site_load(
        config, day_of_ms(clock_wall_ms(), VIETNAM_MINUTES), &complaints);
    command_print(stderr, &complaints.text);
    if (!site && complaints.n_errors == 0)
        fprintf(stderr, "thapcanh whatif: out of memory\n");
    complaints_free(&complaints);
    return site;
}

/* Which entry of `sources:` has this mapping; false having said what is. */
static bool
find_source(const struct bench *bench, struct str name,
            struct replay_file *file)
{
    struct str names[MAX_SOURCES];
    size_t n = bench->config.n_sources;
    for (size_t i = 0; i < n; i++) {
        file->source = site_source(bench->site_then, i);
        file->topic = bench->config.source[i].topics;
        names[i] = source_name(file->source);
        if (str_equal(names[i], name))
            return true;
    }
    struct str near = str_nearest(name, names, n);
    fprintf(stderr, "thapcanh whatif: no source '%.*s' in %s", STR_ARG(name),
            bench->config.file);
    if (near.len > 0)
        fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
    fputc('\n', stderr);
    return false;
}

static bool
take_file(struct bench *bench, const char *word)
{
    struct replay_file *file = &bench->file[bench->files.n];
    struct str rest = str_of(word), name;
    if (!strchr(word, '=') || bench->files.n == WHATIF_MAX_FILES) {
        fprintf(stderr,
                "thapcanh whatif: '%s' is not SOURCE=FILE, or one of more "
                "than %d\n",
                word, (int)WHATIF_MAX_FILES);
        return false;
    }
    str_split(&rest, '=', &name);
    if (!find_source(bench, name, file))
        return false;
    file->path = strchr(word, '=') + 1;
    for (size_t i = 0; i < bench->files.n; i++)
        if (str_equal(bench->file[i].topic, file->topic)) {
            fprintf(stderr, "thapcanh whatif: two files of source %.*s\n",
                    STR_ARG(name));
            return false;
        }
    bench->files.n++;
    return true;
}

/* EXIT_OK: go on. */
static int
load_files(const struct wish *wish, struct bench *bench)
{
    if (wish->n_files == 0)
        return EXIT_OK;
    bench->site_then = load_site(&bench->config);
    if (!bench->site_then)
        return EXIT_CHECK;
    if (!site_rules(bench->site_then)) {
        fprintf(stderr, "thapcanh whatif: %s names no rules\n",
                bench->config.file);
        return EXIT_CHECK;
    }
    bench->files =
        (struct whatif_files){.site = bench->site_then,
                              .geo_database = bench->config.geo_database,
                              .file = bench->file};
    for (size_t i = 0; i < wish->n_files; i++)
        if (!take_file(bench, wish->files[i]))
            return EXIT_USAGE;
    return EXIT_OK;
}

/* Vendor ids, one a line. */
static bool
load_true(const struct wish *wish, struct bench *bench)
{
    struct lines lines;
    struct str line;
    struct err why;
    enum lines_got got;
    bool fine = true;
    if (!wish->true_ones)
        return true;
    bench->true_ones = table_new(MAX_TRUE);
    if (!bench->true_ones) {
        fprintf(stderr, "thapcanh whatif: out of memory\n");
        return false;
    }
    if (!lines_open(&lines, wish->true_ones, MAX_TRUE_BYTES, &why)) {
        fprintf(stderr, "thapcanh whatif: %s\n", why.text);
        return false;
    }
    while ((got = lines_next(&lines, &line, &why)) == LINES_ONE && fine)
        if (str_trim(line).len > 0)
            fine =
                table_add(bench->true_ones, str_trim(line), NULL) != TABLE_NONE;
    if (!fine || lines.n_too_long > 0)
        err_set(&why, "%s: more ids than %d, or one of more than %d bytes",
                wish->true_ones, (int)MAX_TRUE, (int)MAX_TRUE_BYTES);
    else if (got != LINES_FAILED && table_len(bench->true_ones) == 0)
        err_set(&why, "%s: no id in it", wish->true_ones);
    fine = fine && got != LINES_FAILED && lines.n_too_long == 0 &&
           table_len(bench->true_ones) > 0;
    lines_close(&lines);
    if (!fine)
        fprintf(stderr, "thapcanh whatif: %s\n", why.text);
    return fine;
}

static bool
load(const struct wish *wish, struct bench *bench)
{
    if (!command_config(wish->config, &bench->config) ||
        !command_config(wish->fresh ? wish->fresh : wish->config,
                        &bench->fresh))
        return false;
    if (wish->n_rules > 0)
        bench->fresh.rules = NULL;
    bench->site = load_site(&bench->fresh);
    return bench->site && load_rules(wish, bench) && load_true(wish, bench);
}

static void
unload(struct bench *bench)
{
    if (bench->start)
        arena_release(bench->start, bench->arena);
    site_free(bench->site);
    site_free(bench->site_then);
    table_free(bench->true_ones);
    config_free(&bench->config);
    config_free(&bench->fresh);
}

/* --- the run */

static bool
print(const struct wish *wish, const struct whatif *whatif)
{
    struct arena scratch = arena_reserve(SCRATCH_BYTES);
    char *start = scratch.at;
    struct buf out = {0};
    if (!start)
        return false;
    screen_start();
    if (wish->json)
        whatif_json(&out, whatif, scratch);
    else
        whatif_print(&out, whatif, scratch);
    bool whole = !out.full;
    command_print(stdout, &out);
    buf_free(&out);
    arena_release(start, scratch);
    return whole;
}

/* Whether Kafka answers at all says which of the exit codes it is. */
static int
fail(const struct config *config, const struct whatif_plan *plan,
     const struct err *why)
{
    if (plan->files) {
        fprintf(stderr, "thapcanh whatif: %s\n", why->text);
        return EXIT_CHECK;
    }
    struct err none;
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, &none);
    struct buf id = {0};
    bool answers = admin && kafka_cluster_id(admin, 2000, &id, &none);
    if (admin)
        kafka_admin_close(admin);
    buf_free(&id);
    fprintf(stderr, "thapcanh whatif: %s\n", why->text);
    return answers ? EXIT_CHECK : EXIT_UNREACHABLE;
}

/* Of files: those of their alerts, where nothing else is said. */
static int
plan_span(const struct wish *wish, const struct bench *bench,
          struct whatif_plan *plan)
{
    struct err why;
    if (wish->n_files > 0 && (wish->from.len == 0 || wish->to.len == 0) &&
        !whatif_files_span(&bench->files, &plan->from_ms, &plan->until_ms,
                           &why)) {
        fprintf(stderr, "thapcanh whatif: %s\n", why.text);
        return EXIT_CHECK;
    }
    return read_span(wish, plan) ? EXIT_OK : EXIT_USAGE;
}

static int
run(const struct wish *wish, struct whatif_plan *plan, struct bench *bench)
{
    struct whatif whatif;
    struct err why;
    plan->files = wish->n_files > 0 ? &bench->files : NULL;
    plan->true_ones = bench->true_ones;
    plan->config = &bench->config;
    plan->fresh = &bench->fresh;
    plan->site = bench->site;
    plan->rules = bench->rules;
    int code;
    if (!whatif_run(plan, &whatif, &why)) {
        code = fail(&bench->config, plan, &why);
    } else if (!print(wish, &whatif)) {
        fprintf(stderr, "thapcanh whatif: out of memory\n");
        code = EXIT_CHECK;
    } else {
        code = whatif_n_missed(&whatif) > 0 ? EXIT_CHECK : EXIT_OK;
    }
    whatif_free(&whatif);
    return code;
}

int
cmd_whatif(int argc, char **argv)
{
    static struct bench bench;
    struct wish wish = {0};
    struct whatif_plan plan = {0};
    if (!read_wish(argc, argv, &wish))
        return command_usage("whatif");
    if (!read_span(&wish, &(struct whatif_plan){0}))
        return EXIT_USAGE;
    interrupt_catch();
    int code = load(&wish, &bench) ? load_files(&wish, &bench) : EXIT_CHECK;
    if (code == EXIT_OK)
        code = plan_span(&wish, &bench, &plan);
    if (code == EXIT_OK)
        code = run(&wish, &plan, &bench);
    unload(&bench);
    return code;
}
