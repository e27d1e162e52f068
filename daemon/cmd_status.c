/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh status`: asks every process of this machine over its socket, so it
 * tells the truth also while Redis or Kafka is away. For people a table a stage
 * (alerts by partition and source, windows, tickets), the limits that rules
 * reached, and below what is not well. With --json what each process answers,
 * one document a line, and one more that judges:
 * {"well":false,"troubles":[…]}. Exit 1 when not well, 4 when nobody answers.
 */
#include "base/json.h"
#include "base/times.h"
#include "caps.h"
#include "commands.h"
#include "config.h"
#include "feed_screen.h"
#include "model/counts.h"
#include "model/limits.h"
#include "status_server.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    STATUS_BYTES = 64 << 20,
    STALE_MS = 3000, /* a worker that says nothing for so long is stuck */
    NO_KIND_PERCENT = 5,
};

/* A source over all its partitions. */
struct source_sum {
    struct str name;
    int64_t n[N_BOOK_COLUMNS], lag;
    int n_partitions;
};

struct report {
    bool json;
    int n;
    struct json_reader *reader;
    struct arena arena; /* what processes answered, kept to the end */
    struct buf out, troubles;
    struct buf windows, tickets; /* lines of the later stages' tables */
    struct buf judged;           /* the same troubles as JSON */
    struct source_sum source[MAX_SOURCES];
    size_t n_sources;
    uint64_t books[N_BOOK_COLUMNS];
    struct caps caps;
    int64_t now_ms;
    int n_partitions, n_running;
};

static int64_t
number(const struct json *object, const char *key)
{
    const struct json *node = json_get(object, str_of(key));
    int64_t n = 0;
    if (node)
        str_to_i64(node->text, &n);
    return n;
}

static struct str
text(const struct json *object, const char *key)
{
    const struct json *node = json_get(object, str_of(key));
    return node ? node->text : NO_STR;
}

static void trouble(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
trouble(struct report *report, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    char line[512];
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    buf_add(&report->troubles, STR("! "));
    screen_text(&report->troubles, str_of(line)); /* sensors' words in it */
    buf_char(&report->troubles, '\n');
    if (report->judged.len > 0)
        buf_char(&report->judged, ',');
    buf_json(&report->judged, str_of(line));
}

static void
check_away(struct report *report, const struct json *worker, const char *name)
{
    const struct json *service = json_get(worker, str_of(name));
    if (service && str_equal(text(service, "away"), STR("true")))
        trouble(report, "%s is away: %.*s", name,
                STR_ARG(text(service, "why")));
}

static void
check_facts(struct report *report, const struct json *part, const char *where)
{
    const struct json *unknown = json_get(part, STR("unknown_severities"));
    const struct json *one = unknown ? json_first(unknown) : NULL;
    for (uint32_t i = 0; one && i < unknown->n_children;
         i++, one = json_next(one))
        trouble(report, "%s: severity '%.*s' is not mapped (%.*s alerts)",
                where, STR_ARG(one->key), STR_ARG(one->text));
    if (str_equal(text(part, "ids_full"), STR("true")))
        trouble(report, "%s: too many vendor ids to recognise repeats", where);
    if (str_equal(text(part, "cells_full"), STR("true")))
        trouble(report, "%s: too many count cells, some are merged", where);
    if (number(part, "refused_outputs") > 0)
        trouble(report,
                "%s: %" PRId64 " messages with an output too large for its "
                "topic (thapcanh deadletter list --reason output_too_large)",
                where, number(part, "refused_outputs"));
    if (number(part, "letters_lost") > 0)
        trouble(report, "%s: %" PRId64 " dead letters cannot be retried", where,
                number(part, "letters_lost"));
}

/* A windows partition against its limits. */
static void
check_windows(struct report *report, const struct json *part, const char *where)
{
    int64_t refused = number(part, "refused_lately");
    int64_t cut = number(part, "cut_windows");
    if (!json_get(part, STR("max_windows")))
        return;
    if (number(part, "windows") >= number(part, "max_windows") ||
        number(part, "bytes") >= number(part, "max_bytes"))
        trouble(report,
                "%s is full: %" PRId64 " windows of %" PRId64 ", %" PRId64
                " bytes of %" PRId64,
                where, number(part, "windows"), number(part, "max_windows"),
                number(part, "bytes"), number(part, "max_bytes"));
    if (refused > 0)
        trouble(report,
                "%s: %" PRId64 " events found no room in a window since the "
                "service began, the last for %.*s",
                where, refused, STR_ARG(text(part, "refused_last")));
    if (cut > 0)
        trouble(report,
                "%s: %" PRId64 " windows had too many events, their incidents "
                "are approximate (thapcanh windows list)",
                where, cut);
}

static struct source_sum *
source_sum(struct report *report, struct str name)
{
    for (size_t i = 0; i < report->n_sources; i++)
        if (str_equal(report->source[i].name, name))
            return &report->source[i];
    if (name.len == 0 || report->n_sources == MAX_SOURCES)
        return NULL;
    struct source_sum *sum = &report->source[report->n_sources++];
    *sum = (struct source_sum){.name = name};
    return sum;
}

static void
add_sums(struct report *report, const struct json *part)
{
    const struct json *books = json_get(part, STR("books"));
    struct source_sum *sum = source_sum(report, text(part, "source"));
    for (int i = 0; i < N_BOOK_COLUMNS; i++) {
        struct str id = book_column_id((enum book_column)i);
        const struct json *node = json_get(books, id);
        int64_t n = 0;
        if (node)
            str_to_i64(node->text, &n);
        report->books[i] += (uint64_t)n;
        if (sum != NULL)
            sum->n[i] += n;
    }
    if (sum == NULL)
        return;
    sum->lag += number(part, "lag");
    sum->n_partitions++;
}

/* --- a partition's line in the table of its stage */

/* The part as it is printed in every table. */
struct row {
    const char *where;
    struct str phase, watermark; /* in UTC+7; empty: none */
};

static void
put_alerts(struct report *report, const struct json *part,
           const struct row *row)
{
    const struct json *books = json_get(part, STR("books"));
    buf_format(&report->out,
               "%-24s %-14.*s %10" PRId64 " %10" PRId64 " %8" PRId64
               " %8" PRId64 " %6" PRId64 " %6" PRId64 " %9" PRId64 "  %.*s\n",
               row->where, STR_ARG(row->phase), number(books, "in"),
               number(books, "counted"), number(books, "updates"),
               number(books, "duplicates"), number(books, "dead_letters"),
               number(books, "late"), number(part, "lag"),
               STR_ARG(row->watermark));
    add_sums(report, part);
    check_facts(report, part, row->where);
}

static void
put_windows(struct report *report, const struct json *part,
            const struct row *row)
{
    const struct json *counters = json_get(part, STR("counters"));
    buf_format(&report->windows,
               "%-24s %-14.*s %10" PRId64 " %10" PRId64 " %8" PRId64
               " %8" PRId64 " %6" PRId64 " %6" PRId64 " %9" PRId64 "  %.*s\n",
               row->where, STR_ARG(row->phase), number(counters, "applied"),
               number(counters, "fired"), number(part, "windows"),
               number(part, "bytes") >> 10, number(part, "cut_windows"),
               number(counters, "refused"), number(part, "lag"),
               STR_ARG(row->watermark));
    check_windows(report, part, row->where);
}

static void
put_tickets(struct report *report, const struct json *part,
            const struct row *row)
{
    buf_format(&report->tickets,
               "%-24s %-14.*s %10" PRId64 " %10" PRId64 " %8" PRId64
               " %32" PRId64 "\n",
               row->where, STR_ARG(row->phase), number(part, "tickets"),
               number(part, "open"), number(part, "queued"),
               number(part, "lag"));
}

static void
print_part(struct report *report, const struct json *part, struct str stage)
{
    struct str phase = text(part, "phase"), topic = text(part, "topic");
    struct buf where = {0}, time = {0};
    buf_format(&where, "%.*s/%" PRId64, STR_ARG(topic),
               number(part, "partition"));
    buf_char(&where, '\0');
    if (json_get(part, STR("watermark_ms")))
        buf_iso(&time, number(part, "watermark_ms"), VIETNAM_MINUTES);
    struct row row = {where.at, phase, str_cut(buf_str(&time), 0, 19)};
    if (str_equal(stage, STR("correlate")))
        put_windows(report, part, &row);
    else if (str_equal(stage, STR("respond")))
        put_tickets(report, part, &row);
    else
        put_alerts(report, part, &row);
    bool running = str_equal(phase, STR("running"));
    report->n_partitions++;
    report->n_running += running;
    struct str why = text(part, "why");
    if (!running)
        trouble(report, "%s %.*s%s%.*s", where.at, STR_ARG(phase),
                why.len > 0 ? ": " : "", STR_ARG(why));
    struct str aside = text(part, "aside");
    if (aside.len > 0 && !str_equal(aside, STR("silent")) &&
        !str_equal(aside, STR("has sent nothing yet")))
        trouble(report, "%s is set aside and holds no window back: %.*s",
                where.at, STR_ARG(aside));
    buf_free(&where);
    buf_free(&time);
}

static void
print_worker(struct report *report, const struct json *worker)
{
    check_away(report, worker, "redis");
    check_away(report, worker, "kafka");
    int64_t age_ms = report->now_ms - number(worker, "at_ms");
    if (age_ms > STALE_MS)
        trouble(report,
                "%.*s worker %" PRId64 " has said nothing for %" PRId64 " s",
                STR_ARG(text(worker, "stage")), number(worker, "worker"),
                age_ms / 1000);
    if (text(worker, "awaits").len > 0)
        trouble(report, "nothing is read: %.*s has messages and no owner yet",
                STR_ARG(text(worker, "awaits")));
    caps_add(&report->caps, worker);
    const struct json *parts = json_get(worker, STR("partitions"));
    const struct json *part = parts ? json_first(parts) : NULL;
    for (uint32_t i = 0; part && i < parts->n_children;
         i++, part = json_next(part))
        print_part(report, part, text(worker, "stage"));
}

/* What the process says of itself as a whole. */
static void
check_process(struct report *report, const struct json *root)
{
    const struct json *geo = json_get(root, STR("geo"));
    struct str state = text(geo, "state"), policy = text(root, "redis_policy");
    if (str_equal(text(geo, "configured"), STR("true")) &&
        !str_equal(text(geo, "in_use"), STR("true")))
        trouble(report, "alerts have no country: %.*s", STR_ARG(state));
    if (policy.len > 0 && !str_equal(policy, STR("noeviction")))
        trouble(report,
                "Redis may forget state when it is full: its maxmemory-policy "
                "is %.*s, set it to noeviction",
                STR_ARG(policy));
}

static void
check_source(struct report *report, const struct source_sum *sum)
{
    int64_t keyless = sum->n[BOOK_NULL_KEY];
    int64_t high = sum->n[BOOK_HIGH];
    int64_t none = sum->n[BOOK_HIGH_NO_KIND];
    if (keyless > 0)
        trouble(report,
                "%.*s: %" PRId64 " records without a key: repeats "
                "cannot be recognised across partitions",
                STR_ARG(sum->name), keyless);
    if (high > 0 && none * 100 > high * NO_KIND_PERCENT)
        trouble(report,
                "%.*s: %" PRId64 " of %" PRId64 " high and critical "
                "alerts have no kind (thapcanh map kinds)",
                STR_ARG(sum->name), none, high);
}

static void
print_process(void *context, struct str json)
{
    struct report *report = context;
    const struct json *root;
    report->n++;
    if (report->json) {
        buf_add(&report->out, json);
    }
    struct str kept = arena_copy(&report->arena, str_trim(json));
    if (json_read(report->reader, kept, &report->arena, &root) != JSON_FINE) {
        trouble(report, "a process answered something unreadable");
        return;
    }
    report->now_ms = number(root, "now_ms");
    check_process(report, root);
    const struct json *workers = json_get(root, STR("workers"));
    const struct json *worker = workers ? json_first(workers) : NULL;
    struct buf keep = report->out;
    if (report->json)
        report->out = (struct buf){0};
    for (uint32_t i = 0; worker && i < workers->n_children;
         i++, worker = json_next(worker))
        print_worker(report, worker);
    if (report->json) {
        buf_free(&report->out);
        report->out = keep;
    }
}

static void
print_source(const struct source_sum *sum)
{
    char parts[32];
    snprintf(parts, sizeof parts, "%d partition%s", sum->n_partitions,
             sum->n_partitions == 1 ? "" : "s");
    printf("%-24.*s %-14s %10" PRId64 " %10" PRId64 " %8" PRId64 " %8" PRId64
           " %6" PRId64 " %6" PRId64 " %9" PRId64 "\n",
           STR_ARG(sum->name), parts, sum->n[BOOK_IN], sum->n[BOOK_COUNTED],
           sum->n[BOOK_UPDATES], sum->n[BOOK_DUPLICATES],
           sum->n[BOOK_DEAD_LETTERS], sum->n[BOOK_LATE], sum->lag);
}

/* Those of ingest; a windows partition speaks of its own itself. */
static void
check_cap(struct report *report, enum window_cap cap, const char *words)
{
    const struct cap_line *last = caps_last(&report->caps, cap);
    if (report->caps.total[cap] == 0)
        return;
    trouble(report, "%" PRIu64 " %s; the last: %.*s %.*s",
            report->caps.total[cap], words,
            STR_ARG(last ? last->rule : STR("?")),
            STR_ARG(last ? str_cut(last->key, 0, 200) : STR("")));
}

/* What can only be said when every process has answered. */
static void
check_whole(struct report *report)
{
    const uint64_t *n = report->books;
    if (n[BOOK_IN] != n[BOOK_COUNTED] + n[BOOK_UPDATES] + n[BOOK_DUPLICATES] +
                          n[BOOK_DEAD_LETTERS])
        trouble(report, "the books do not balance");
    if (report->n_partitions == 0)
        trouble(report, "nothing is read: no partition is owned here");
    for (size_t i = 0; i < report->n_sources; i++)
        check_source(report, &report->source[i]);
    caps_sort(&report->caps);
    check_cap(report, CAP_KEYS,
              "alerts had too many keys for a rule, the first ones count");
    check_cap(report, CAP_BATCH,
              "window events of messages with too many alerts were left out");
}

static void
print_table(const struct report *report)
{
    const uint64_t *n = report->books;
    uint64_t sum = n[BOOK_COUNTED] + n[BOOK_UPDATES] + n[BOOK_DUPLICATES] +
                   n[BOOK_DEAD_LETTERS];
    printf("%-24s %-14s %10s %10s %8s %8s %6s %6s %9s  %s\n", "partition",
           "phase", "in", "counted", "updates", "repeats", "dead", "late",
           "lag", "watermark (UTC+7)");
    printf("%.*s", (int)report->out.len, report->out.at ? report->out.at : "");
    for (size_t i = 0; i < report->n_sources; i++)
        print_source(&report->source[i]);
    printf("in %" PRIu64 " = counted %" PRIu64 " + updates %" PRIu64
           " + duplicates %" PRIu64 " + dead letters %" PRIu64 "%s\n",
           n[BOOK_IN], n[BOOK_COUNTED], n[BOOK_UPDATES], n[BOOK_DUPLICATES],
           n[BOOK_DEAD_LETTERS], sum == n[BOOK_IN] ? "" : "   WRONG");
    if (report->windows.len > 0)
        printf("\n%-24s %-14s %10s %10s %8s %8s %6s %7s %8s  %s\n%.*s",
               "windows", "phase", "events", "incidents", "windows", "KiB",
               "cut", "refused", "lag", "watermark (UTC+7)",
               (int)report->windows.len, report->windows.at);
    if (report->tickets.len > 0)
        printf("\n%-24s %-14s %10s %10s %8s %32s\n%.*s", "tickets", "phase",
               "tickets", "open", "queued", "lag", (int)report->tickets.len,
               report->tickets.at);
    struct buf caps = {0};
    caps_table(&report->caps, &caps);
    command_print(stdout, &caps);
    buf_free(&caps);
}

static void
print_json(const struct report *report, bool well)
{
    printf("%.*s{\"well\":%s,\"troubles\":[%.*s]}\n", (int)report->out.len,
           report->out.at, well ? "true" : "false", (int)report->judged.len,
           report->judged.at ? report->judged.at : "");
}

static int
ask(const struct config *config, bool json)
{
    static struct report report;
    report = (struct report){.json = json, .reader = json_reader_new_large()};
    screen_start();
    report.arena = arena_reserve(STATUS_BYTES);
    char *start = report.arena.at;
    if (!report.reader || !start)
        return EXIT_CHECK;
    int n = status_ask(config->run_dir, print_process, &report);
    int code = EXIT_UNREACHABLE;
    if (n == 0) {
        const char *why =
            access(config->run_dir, R_OK | X_OK) != 0 ? strerror(errno) : "";
        fprintf(stderr, "thapcanh status: no process answers in %s%s%s\n",
                config->run_dir, *why ? ": " : "", why);
    } else {
        check_whole(&report);
        bool well =
            report.troubles.len == 0 && report.n_running == report.n_partitions;
        if (json)
            print_json(&report, well);
        else
            print_table(&report);
        fprintf(stderr, "%.*s", (int)report.troubles.len,
                report.troubles.at ? report.troubles.at : "");
        code = well ? EXIT_OK : EXIT_CHECK;
    }
    json_reader_free(report.reader);
    arena_release(start, report.arena);
    buf_free(&report.out);
    buf_free(&report.windows);
    buf_free(&report.tickets);
    buf_free(&report.troubles);
    buf_free(&report.judged);
    return code;
}

int
cmd_status(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    bool json = false;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            path = optarg;
        else if (c == 'j')
            json = true;
        else
            return command_usage("status");
    }
    if (optind < argc)
        return command_usage("status");
    static struct config config;
    struct complaints complaints = {0};
    int code = EXIT_CHECK;
    if (config_load(path, &config, &complaints))
        code = ask(&config, json);
    else
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
