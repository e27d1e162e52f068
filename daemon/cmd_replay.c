/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh replay`: what rules would have made of files of alerts. Of every
 * incident the last revision counts; those that were merged into others are
 * left out. One line for each, in order of their first event. With --as
 * tickets, what `tickets export` would print of them. */
#include "base/table.h"
#include "base/times.h"
#include "commands.h"
#include "map.h"
#include "replay.h"
#include "replay_tickets.h"
#include "rules.h"
#include "rules_learn.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REPLAYED = 1 << 22, MAX_REPLAY_FILES = 64, MAX_REPLAY_RULES = 64 };

struct wish {
    const char *sources, *inventory, *calendar;
    const char *tickets, *suppressions; /* settings; NULL: the preset */
    bool as_tickets;
    const char *rules[MAX_REPLAY_RULES];
    size_t n_rules;
    struct replay_file file[MAX_REPLAY_FILES];
    size_t n_files;
};

/* --- incidents as they end */

struct final {
    int64_t first_ms;
    char *line; /* NULL: merged into another */
};

struct finals {
    struct replay_tickets *tickets; /* NULL: as incidents */
    struct registry *registry;
    struct table *table; /* by id */
    struct final *at;
    size_t room;
    struct buf text;
    bool full;
};

static bool
is_detection(struct registry *registry, const struct incident *incident)
{
    const struct correlation *rule =
        registry_find(registry, incident->fingerprint);
    return rule && rule->is_detection;
}

/* The lines of the evidence, each once, in the order of the evidence. */
static void
print_lines(struct buf *text, const struct incident *incident)
{
    size_t start = text->len;
    for (size_t i = 0; i < 2 * incident->n_evidence; i++) {
        const struct incident_evidence *e = &incident->evidence[i / 2];
        const struct incident_alert *alert = i % 2 == 0 ? &e->first : &e->last;
        struct str so_far = {text->at + start, text->len - start};
        char name[512];
        snprintf(name, sizeof name, "\"%.*s:%lld\"", STR_ARG(alert->topic),
                 (long long)alert->offset);
        if (str_contains(so_far, str_of(name)))
            continue;
        if (text->len > start)
            buf_char(text, ',');
        buf_add(text, str_of(name));
    }
}

static void
print_incident(struct buf *text, const struct incident *incident,
               bool detection)
{
    buf_clear(text);
    buf_add(text, STR("{\"rule\":"));
    buf_json(text, incident->rule);
    buf_format(text, ",\"kind\":\"%s\",\"key\":{",
               detection ? "detection" : "correlation");
    for (size_t i = 0; i < incident->n_key; i++) {
        if (i > 0)
            buf_char(text, ',');
        buf_json(text, incident->key[i].name);
        buf_char(text, ':');
        buf_json(text, incident->key[i].value);
    }
    buf_add(text, STR("},\"first\":\""));
    buf_iso(text, incident->first_ms, 0);
    buf_add(text, STR("\",\"last\":\""));
    buf_iso(text, incident->last_ms, 0);
    buf_format(text, "\",\"count\":%llu,\"lines\":[",
               (unsigned long long)incident->count);
    print_lines(text, incident);
    buf_add(text, incident->approximate ? STR("],\"approximate\":true}\n")
                                        : STR("]}\n"));
}

static void
take(void *context, const struct incident *incident)
{
    struct finals *finals = context;
    bool is_new;
    if (finals->tickets) {
        replay_tickets_take(finals->tickets, incident);
        return;
    }
    uint32_t number = table_add(finals->table, incident->id, &is_new);
    if (number == TABLE_NONE) {
        finals->full = true;
        return;
    }
    if (number >= finals->room) {
        size_t room = finals->room ? finals->room * 2 : 256;
        struct final *at = realloc(finals->at, room * sizeof *at);
        if (!at) {
            finals->full = true;
            return;
        }
        finals->at = at;
        finals->room = room;
    }
    struct final *final = &finals->at[number];
    if (!is_new)
        free(final->line);
    *final = (struct final){.first_ms = incident->first_ms};
    if (incident->state == INCIDENT_MERGED)
        return;
    print_incident(&finals->text, incident,
                   is_detection(finals->registry, incident));
    final->line = strndup(finals->text.at, finals->text.len);
    finals->full |= !final->line;
}

static int
by_first(const void *left, const void *right)
{
    const struct final *a = left, *b = right;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    return a->line && b->line ? strcmp(a->line, b->line) : 0;
}

static size_t
print_finals(struct finals *finals)
{
    size_t n = 0, n_all = table_len(finals->table);
    if (n_all > 0)
        qsort(finals->at, n_all, sizeof *finals->at, by_first);
    for (size_t i = 0; i < n_all; i++) {
        if (!finals->at[i].line)
            continue;
        fputs(finals->at[i].line, stdout);
        free(finals->at[i].line);
        n++;
    }
    free(finals->at);
    return n;
}

/* --- the command */

/* EXIT_OK, or how it ends, having said why. */
static int
read_files(int argc, char **argv, struct wish *wish, struct arena *arena)
{
    for (int i = optind; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals || wish->n_files == MAX_REPLAY_FILES) {
            fprintf(stderr,
                    equals ? "thapcanh replay: '%s' is one file too many\n"
                           : "thapcanh replay: '%s' is not SOURCE=FILE\n",
                    argv[i]);
            return command_usage("replay");
        }
        *equals = '\0';
        const struct source *source = rules_source(
            &(struct rules_wish){.sources = wish->sources}, argv[i], arena);
        if (!source)
            return EXIT_CHECK;
        for (size_t j = 0; j < wish->n_files; j++)
            if (str_equal(source_name(wish->file[j].source),
                          source_name(source))) {
                fprintf(stderr, "thapcanh replay: two files of source %.*s\n",
                        STR_ARG(source_name(source)));
                return EXIT_USAGE;
            }
        wish->file[wish->n_files++] =
            (struct replay_file){.source = source, .path = equals + 1};
    }
    if (wish->n_files > 0 && wish->n_rules > 0)
        return EXIT_OK;
    fprintf(stderr, "thapcanh replay: it needs %s\n",
            wish->n_rules == 0 ? "--rules PATH" : "SOURCE=FILE");
    return command_usage("replay");
}

/* EXIT_OK: go on. */
static int
read_wish(int argc, char **argv, struct wish *wish, struct arena *arena)
{
    static const struct option options[] = {
        {"sources", required_argument, NULL, 'd'},
        {"rules", required_argument, NULL, 'r'},
        {"inventory", required_argument, NULL, 'i'},
        {"calendar", required_argument, NULL, 'c'},
        {"as", required_argument, NULL, 'a'},
        {"tickets", required_argument, NULL, 't'},
        {"suppressions", required_argument, NULL, 's'},
        {NULL, 0, NULL, 0},
    };
    *wish = (struct wish){.sources = "deploy/sources"};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, ":", options, NULL)) != -1;) {
        if (c == '?' || c == ':') {
            command_wrong_option("replay", options, c, argv[optind - 1]);
            return command_usage("replay");
        }
        if (c == 'd')
            wish->sources = optarg;
        else if (c == 'r' && wish->n_rules < MAX_REPLAY_RULES)
            wish->rules[wish->n_rules++] = optarg;
        else if (c == 'c')
            wish->calendar = optarg;
        else if (c == 'i')
            wish->inventory = optarg;
        else if (c == 't')
            wish->tickets = optarg;
        else if (c == 's')
            wish->suppressions = optarg;
        else if (c == 'a' && strcmp(optarg, "tickets") == 0)
            wish->as_tickets = true;
        else if (c != 'a' || strcmp(optarg, "incidents") != 0) {
            if (c == 'a')
                fprintf(stderr,
                        "thapcanh replay: --as takes incidents or tickets, not "
                        "'%s'\n",
                        optarg);
            return command_usage("replay");
        }
    }
    return read_files(argc, argv, wish, arena);
}

/* Rules that are refused are left out, and counted; but something must have
 * been there. */
static bool
load_rules(const struct wish *wish, struct arena *arena,
           const struct rules **rules, struct err *why)
{
    struct rules_found found = {0};
    *rules = rules_of(&(struct rules_source_files){wish->rules, wish->n_rules,
                                                   wish->calendar, false},
                      arena, &found);
    if (!*rules)
        return false;
    if (found.n_errors == 0 ||
        rules_n_detections(*rules) + rules_n_refused(*rules) > 0)
        return true;
    err_set(why, "no rule in %s", wish->rules[0]);
    return false;
}

static bool
load_inventory(const struct wish *wish, struct arena *arena,
               const struct inventory **inventory)
{
    struct complaints complaints = {0};
    *inventory = NULL;
    if (wish->inventory)
        *inventory = inventory_load(wish->inventory, 0, arena, &complaints);
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    return !wish->inventory || *inventory;
}

/* False when their settings have mistakes. */
static bool
open_tickets(const struct wish *wish, struct arena *arena,
             struct replay_tickets **tickets)
{
    struct complaints complaints = {0};
    if (!wish->as_tickets)
        return true;
    const struct triage *triage = triage_load(wish->tickets, wish->suppressions,
                                              INT64_MIN, arena, &complaints);
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    *tickets = triage ? replay_tickets_new(triage) : NULL;
    return *tickets != NULL;
}

/* How many; -1 with the reason. */
static int64_t
print_all(struct finals *finals, struct err *why)
{
    return finals->tickets ? replay_tickets_print(finals->tickets, why)
                           : (int64_t)print_finals(finals);
}

static int
run(const struct wish *wish, struct arena *arena)
{
    struct err why = {""};
    struct replay_counts counts;
    struct finals finals = {.registry = registry_new(),
                            .table = table_new(MAX_REPLAYED)};
    struct replay_plan plan = {
        .registry = finals.registry,
        .files = wish->file,
        .n_files = wish->n_files,
        .incident = take,
        .context = &finals,
    };
    bool fine = load_rules(wish, arena, &plan.rules, &why) &&
                load_inventory(wish, arena, &plan.inventory) &&
                open_tickets(wish, arena, &finals.tickets);
    if (fine)
        err_set(&why, "out of memory");
    else if (why.text[0] == '\0')
        err_set(&why, "nothing is tried with these mistakes");
    fine = fine && finals.registry && finals.table &&
           rules_learn(finals.registry, plan.rules, *arena, &why) &&
           replay_run(&plan, &counts, &why) && !finals.full;
    int64_t n = fine ? print_all(&finals, &why) : -1;
    fine = n >= 0;
    if (fine) {
        fprintf(stderr,
                "%llu lines, %llu unreadable, %llu late, %llu refused, "
                "%llu windows cut; %zu rules refused; %lld %s\n",
                (unsigned long long)counts.n_lines,
                (unsigned long long)counts.n_unreadable,
                (unsigned long long)counts.n_late,
                (unsigned long long)counts.n_refused,
                (unsigned long long)counts.n_approximate,
                rules_n_refused(plan.rules), (long long)n,
                finals.tickets ? "tickets" : "incidents");
    } else {
        fprintf(stderr, "thapcanh replay: %s\n", why.text);
    }
    replay_tickets_free(finals.tickets);
    table_free(finals.table);
    registry_free(finals.registry);
    buf_free(&finals.text);
    return fine ? EXIT_OK : EXIT_CHECK;
}

int
cmd_replay(int argc, char **argv)
{
    static struct wish wish;
    struct arena arena = arena_reserve(RULES_ARENA_BYTES);
    char *start = arena.at;
    if (!start) {
        fprintf(stderr, "thapcanh replay: out of memory\n");
        return EXIT_CHECK;
    }
    int code = read_wish(argc, argv, &wish, &arena);
    if (code == EXIT_OK)
        code = run(&wish, &arena);
    arena_release(start, arena);
    return code;
}
