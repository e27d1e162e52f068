/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh status`: asks every process of this machine over its socket, so it
 * tells the truth also while Redis or Kafka is away. A table for people, one
 * JSON document with --json; exit 1 when not well, 4 when nobody answers. */
#include "base/json.h"
#include "base/times.h"
#include "commands.h"
#include "config.h"
#include "model/counts.h"
#include "status_server.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    STATUS_BYTES = 64 << 20,
    STALE_MS = 3000, /* a worker that says nothing for so long is stuck */
    NO_KIND_PERCENT = 5,
};

struct report {
    bool json;
    int n;
    struct json_reader *reader;
    struct arena arena;
    struct buf out, troubles;
    uint64_t books[N_BOOK_COLUMNS];
    int64_t lag, now_ms;
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
    buf_format(&report->troubles, "! %s\n", line);
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
    const struct json *books = json_get(part, STR("books"));
    if (number(books, "null_key") > 0)
        trouble(report,
                "%s: %" PRId64 " records without a key: repeats "
                "cannot be recognised across partitions",
                where, number(books, "null_key"));
    int64_t high = number(books, "high_or_critical");
    int64_t none = number(books, "high_or_critical_no_kind");
    if (high > 0 && none * 100 > high * NO_KIND_PERCENT)
        trouble(report,
                "%s: %" PRId64 " of %" PRId64 " high and critical "
                "alerts have no kind (thapcanh map kinds)",
                where, none, high);
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
    if (number(part, "letters_lost") > 0)
        trouble(report, "%s: %" PRId64 " dead letters cannot be retried", where,
                number(part, "letters_lost"));
}

static void
print_part(struct report *report, const struct json *part)
{
    const struct json *books = json_get(part, STR("books"));
    struct str phase = text(part, "phase"), topic = text(part, "topic");
    struct buf where = {0}, time = {0};
    buf_format(&where, "%.*s/%" PRId64, STR_ARG(topic),
               number(part, "partition"));
    buf_char(&where, '\0');
    if (json_get(part, STR("watermark_ms")))
        buf_iso(&time, number(part, "watermark_ms"), VIETNAM_MINUTES);
    buf_format(&report->out,
               "%-24s %-14.*s %10" PRId64 " %10" PRId64 " %8" PRId64
               " %8" PRId64 " %6" PRId64 " %6" PRId64 " %9" PRId64 "  %.*s\n",
               where.at, STR_ARG(phase), number(books, "in"),
               number(books, "counted"), number(books, "updates"),
               number(books, "duplicates"), number(books, "dead_letters"),
               number(books, "late"), number(part, "lag"),
               STR_ARG(str_cut(buf_str(&time), 0, 19)));
    bool running = str_equal(phase, STR("running"));
    report->n_partitions++;
    report->n_running += running;
    report->lag += number(part, "lag");
    for (int i = 0; i < N_BOOK_COLUMNS; i++) {
        struct str id = book_column_id((enum book_column)i);
        const struct json *node = json_get(books, id);
        int64_t n = 0;
        if (node)
            str_to_i64(node->text, &n);
        report->books[i] += (uint64_t)n;
    }
    if (!running)
        trouble(report, "%s %.*s: %.*s", where.at, STR_ARG(phase),
                STR_ARG(text(part, "why")));
    struct str aside = text(part, "aside");
    if (aside.len > 0 && !str_equal(aside, STR("silent")) &&
        !str_equal(aside, STR("has sent nothing yet")))
        trouble(report, "%s is set aside and holds no window back: %.*s",
                where.at, STR_ARG(aside));
    check_facts(report, part, where.at);
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
    const struct json *parts = json_get(worker, STR("partitions"));
    const struct json *part = parts ? json_first(parts) : NULL;
    for (uint32_t i = 0; part && i < parts->n_children;
         i++, part = json_next(part))
        print_part(report, part);
}

static void
print_process(void *context, struct str json)
{
    struct report *report = context;
    struct arena scratch = report->arena;
    const struct json *root;
    report->n++;
    if (report->json) {
        buf_add(&report->out, json);
    }
    if (json_read(report->reader, str_trim(json), &scratch, &root) !=
        JSON_FINE) {
        trouble(report, "a process answered something unreadable");
        return;
    }
    report->now_ms = number(root, "now_ms");
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
print_sum(struct report *report)
{
    const uint64_t *n = report->books;
    uint64_t sum = n[BOOK_COUNTED] + n[BOOK_UPDATES] + n[BOOK_DUPLICATES] +
                   n[BOOK_DEAD_LETTERS];
    printf("%-24s %-14s %10s %10s %8s %8s %6s %6s %9s  %s\n", "partition",
           "phase", "in", "counted", "updates", "repeats", "dead", "late",
           "lag", "watermark (UTC+7)");
    printf("%.*s", (int)report->out.len, report->out.at ? report->out.at : "");
    printf("in %" PRIu64 " = counted %" PRIu64 " + updates %" PRIu64
           " + duplicates %" PRIu64 " + dead letters %" PRIu64 "%s\n",
           n[BOOK_IN], n[BOOK_COUNTED], n[BOOK_UPDATES], n[BOOK_DUPLICATES],
           n[BOOK_DEAD_LETTERS], sum == n[BOOK_IN] ? "" : "   WRONG");
    if (sum != n[BOOK_IN])
        trouble(report, "the books do not balance");
}

static int
ask(const struct config *config, bool json)
{
    struct report report = {.json = json, .reader = json_reader_new()};
    report.arena = arena_reserve(STATUS_BYTES);
    char *start = report.arena.at;
    if (!report.reader || !start)
        return EXIT_CHECK;
    int n = status_ask(config->run_dir, print_process, &report);
    int code = EXIT_UNREACHABLE;
    if (n == 0) {
        fprintf(stderr, "thapcanh status: no process answers in %s\n",
                config->run_dir);
    } else {
        if (json)
            printf("%.*s", (int)report.out.len, report.out.at);
        else
            print_sum(&report);
        fprintf(stderr, "%.*s", (int)report.troubles.len,
                report.troubles.at ? report.troubles.at : "");
        bool well =
            report.troubles.len == 0 && report.n_running == report.n_partitions;
        code = well ? EXIT_OK : EXIT_CHECK;
    }
    json_reader_free(report.reader);
    arena_release(start, report.arena);
    buf_free(&report.out);
    buf_free(&report.troubles);
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
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
