/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh whatif`: try a change of rules, suppressions or roster on what
 * really happened, before it is made. Exit 1 when something that people found
 * true would be missed, so that a script can hold the change back. */
#include "base/times.h"
#include "clock.h"
#include "commands.h"
#include "feed_screen.h"
#include "interrupt.h"
#include "rules.h"
#include "whatif.h"

#include <getopt.h>
#include <string.h>

enum { MAX_WHATIF_RULES = 64, PRESET_DAYS = 30, MOST_DAYS = 400 };

struct wish {
    const char *config, *fresh;
    const char *rules[MAX_WHATIF_RULES];
    size_t n_rules;
    struct str from, to;
    bool json;
};

/* What is loaded for one run. */
struct bench {
    struct config config, fresh;
    const struct site *site;
    const struct rules *rules;
    struct arena arena; /* of rules given on the command line */
    char *start;
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
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
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
        else if (c == 'j')
            wish->json = true;
        else
            return false;
    }
    return optind == argc;
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

/* Whole days; `to` is one of them. */
static bool
read_span(const struct wish *wish, struct whatif_plan *plan)
{
    int32_t today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    int64_t to_ms = today * MS_PER_DAY - VIETNAM_MINUTES * INT64_C(60000);
    if (!read_day(wish->to, "--to", &to_ms))
        return false;
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

static bool
load(const struct wish *wish, struct bench *bench)
{
    struct complaints complaints = {0};
    if (!command_config(wish->config, &bench->config) ||
        !command_config(wish->fresh ? wish->fresh : wish->config,
                        &bench->fresh))
        return false;
    if (wish->n_rules > 0)
        bench->fresh.rules = NULL;
    bench->site =
        site_load(&bench->fresh, day_of_ms(clock_wall_ms(), VIETNAM_MINUTES),
                  &complaints);
    command_print(stderr, &complaints.text);
    if (!bench->site && complaints.n_errors == 0)
        fprintf(stderr, "thapcanh whatif: out of memory\n");
    complaints_free(&complaints);
    return bench->site && load_rules(wish, bench);
}

static void
unload(struct bench *bench)
{
    if (bench->start)
        arena_release(bench->start, bench->arena);
    site_free(bench->site);
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
fail(const struct config *config, const struct err *why)
{
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

static int
run(const struct wish *wish, struct whatif_plan *plan, struct bench *bench)
{
    struct whatif whatif;
    struct err why;
    plan->config = &bench->config;
    plan->fresh = &bench->fresh;
    plan->site = bench->site;
    plan->rules = bench->rules;
    interrupt_catch();
    int code;
    if (!whatif_run(plan, &whatif, &why)) {
        code = fail(&bench->config, &why);
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
    if (!read_span(&wish, &plan))
        return EXIT_USAGE;
    int code = EXIT_CHECK;
    if (load(&wish, &bench))
        code = run(&wish, &plan, &bench);
    unload(&bench);
    return code;
}
