/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh report`: a document about a period, out of the exact counts. The
 * document is a pure function of what is loaded here. --freeze publishes the
 * months of the period first: a month once published is never changed, only
 * followed by a revision. */
#include "base/times.h"
#include "clock.h"
#include "commands.h"
#include "published.h"
#include "report_site.h"
#include "tops_load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report_wish {
    const char *config, *language, *output, *by;
    struct str period, from, to;
    enum report_format format;
    bool freeze, sentence, no_top;
};

static int
usage(void)
{
    fprintf(stderr,
            "usage: thapcanh report [-c FILE] --period PERIOD [--from DATE] "
            "[--to DATE]\n"
            "         [--format text|html|csv|json] [-o FILE] [--language "
            "vi|en]\n"
            "         [--sentence] [--no-top] [--freeze [--by NAME]]\n"
            "  PERIOD: 2024-09, 2024-Q3, 2024-6m, 2024-9m, 2024 or A..B\n"
            "  --from, --to: other dates under the period's name\n"
            "  --sentence: only the sentence; --no-top: without the tables "
            "made from the feed\n"
            "  --freeze: publish the months of the period, or a revision of "
            "them\n");
    return EXIT_USAGE;
}

static bool
take_option(int option, struct report_wish *wish)
{
    switch (option) {
    case 'c':
        wish->config = optarg;
        return true;
    case 'o':
        wish->output = optarg;
        return true;
    case 'p':
        wish->period = str_of(optarg);
        return true;
    case 'f':
        wish->from = str_of(optarg);
        return true;
    case 't':
        wish->to = str_of(optarg);
        return true;
    case 'l':
        wish->language = optarg;
        return true;
    case 'b':
        wish->by = optarg;
        return true;
    case 'z':
        return wish->freeze = true;
    case 's':
        return wish->sentence = true;
    case 'n':
        return wish->no_top = true;
    case 'F':
        return report_format_from(str_of(optarg), &wish->format);
    default:
        return false;
    }
}

static bool
read_wish(int argc, char **argv, struct report_wish *wish,
          struct period *period)
{
    static const struct option options[] = {
        {"period", required_argument, NULL, 'p'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"format", required_argument, NULL, 'F'},
        {"language", required_argument, NULL, 'l'},
        {"by", required_argument, NULL, 'b'},
        {"freeze", no_argument, NULL, 'z'},
        {"sentence", no_argument, NULL, 's'},
        {"no-top", no_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    struct err why = {""};
    for (int c; (c = getopt_long(argc, argv, "c:o:", options, NULL)) != -1;)
        if (!take_option(c, wish))
            return false;
    if (optind != argc)
        return false;
    bool read = wish->period.len > 0
                    ? period_from(wish->period, period, &why) &&
                          period_override(period, wish->from, wish->to, &why)
                    : period_between(wish->from, wish->to, period, &why);
    if (!read)
        fprintf(stderr, "%s\n", why.text);
    return read;
}

/* Everything the report is made from, as far as it is loaded. */
struct report_load {
    struct report_site site;
    struct period period;
    struct counts counts;
    const struct frozen *months;
    size_t n_months;
    struct tops tops;
    struct places *places; /* NULL: no tickets */
    bool has_places;
};

static bool
load_months(struct report_load *load)
{
    struct err why = {""};
    if (published_load(&load->site.config, &load->site.arena, &load->months,
                       &load->n_months, &why))
        return true;
    fprintf(stderr, "published months: %s\n", why.text);
    return false;
}

/* Who publishes: --by, else the user's name. */
static struct str
name_of(const struct report_wish *wish)
{
    return str_of(wish->by ? wish->by : command_user());
}

static bool
may_freeze(const struct report_load *load, const struct report *report,
           struct str by)
{
    const char *why = NULL;
    if (by.len == 0)
        why = "who? give --by NAME";
    else if (load->counts.restoring)
        why = "the counts are being restored";
    else if (!report_balances(report))
        why = "the books do not balance";
    else if (load->period.to >= load->site.today)
        why = "the period is not over";
    else if (load->period.from != period_month_first(load->period.from) ||
             load->period.to != period_month_last(load->period.to))
        why = "the period is not made of whole months";
    if (why)
        fprintf(stderr, "not frozen: %s\n", why);
    return !why;
}

/* The next revision of each month of the period that needs one. */
static bool
next_revisions(struct report_load *load, struct str by, struct frozen *next,
               size_t *n)
{
    *n = 0;
    for (int32_t day = load->period.from; day <= load->period.to;
         day = period_month_last(day) + 1) {
        const struct frozen *last =
            published_find(load->months, load->n_months, day);
        struct frozen_stamp stamp = {
            .month = day, .day = load->site.today, .by = by};
        struct err why = {""};
        struct buf key = {0};
        frozen_key(&key, day);
        enum frozen_outcome outcome = frozen_next(
            &stamp, &load->counts, last, &load->site.arena, &next[*n], &why);
        if (outcome == FROZEN_FAILED)
            fprintf(stderr, "not frozen: %s\n", why.text);
        else
            fprintf(stderr, "%.*s: revision %d%s\n", STR_ARG(buf_str(&key)),
                    next[*n].revision,
                    outcome == FROZEN_SAME ? ", unchanged" : "");
        buf_free(&key);
        if (outcome == FROZEN_FAILED)
            return false;
        *n += outcome == FROZEN_NEW;
    }
    return true;
}

static int
freeze(struct report_load *load, const struct report *report, struct str by)
{
    struct err why = {""};
    enum { MOST = 5 * 12 + 1 };
    size_t n;
    if (!may_freeze(load, report, by))
        return EXIT_CHECK;
    struct frozen *next = arena_take(&load->site.arena, MOST, sizeof *next);
    if (!next || !next_revisions(load, by, next, &n))
        return EXIT_CHECK;
    if (n > 0 && !published_store(&load->site.config, next, n, &why)) {
        fprintf(stderr, "not frozen: %s\n", why.text);
        return EXIT_UNREACHABLE;
    }
    return load_months(load) ? EXIT_OK : EXIT_UNREACHABLE;
}

static const struct report *
make(struct report_load *load)
{
    struct report_site *site = &load->site;
    struct err why = {""};
    struct report_input input = {
        .period = load->period,
        .language = site->language,
        .site = site->config.site,
        .counts = &load->counts,
        .sources = site->source,
        .n_sources = site->n_sources,
        .names = site->names.unit ? &site->names : NULL,
        .months = load->months,
        .n_months = load->n_months,
        .rules = load->tops.rules,
        .hosts = load->tops.hosts,
        .tickets = load->places ? places_tickets(load->places, load->has_places)
                                : NULL,
    };
    const struct report *report = report_make(&input, &site->arena, &why);
    if (!report)
        fprintf(stderr, "%s\n", why.text);
    return report;
}

static void
load_tops(struct report_load *load, const struct report_wish *wish)
{
    struct err why = {""};
    if (wish->sentence)
        return;
    load->places = places_load(&load->site.config, &load->site.arena, &why);
    if (!load->places)
        fprintf(stderr, "without tickets: %s\n", why.text);
    if (wish->no_top || !load->site.config.feed)
        return;
    struct tops_wish alerts = {load->period.from, load->period.to,
                               load->places};
    load->has_places = tops_load(&load->site.config, &alerts, &load->site.arena,
                                 &load->tops, &why);
    if (!load->has_places)
        fprintf(stderr, "without sensor rules and hosts: %s\n", why.text);
}

static int
write_out(const struct report *report, const struct report_wish *wish)
{
    struct buf out = {.max_bytes = (size_t)512 << 20};
    if (wish->sentence) {
        buf_add(&out, report_sentence(report));
        buf_char(&out, '\n');
    } else {
        report_write(report, wish->format, &out);
    }
    bool written = !out.full && report_output(wish->output, buf_str(&out));
    if (out.full)
        fprintf(stderr, "the report is too large\n");
    buf_free(&out);
    if (written && !report_balances(report))
        fprintf(stderr, "the books of the period do not balance: see the "
                        "report\n");
    return written && report_balances(report) ? EXIT_OK : EXIT_CHECK;
}

static int
run(struct report_load *load, const struct report_wish *wish)
{
    int32_t from, to;
    report_span(&load->period, &from, &to);
    if (!report_counts(&load->site, from, to, &load->counts) ||
        !load_months(load))
        return EXIT_UNREACHABLE;
    load_tops(load, wish);
    const struct report *report = make(load);
    if (!report)
        return EXIT_CHECK;
    if (wish->freeze) {
        int code = freeze(load, report, name_of(wish));
        if (code != EXIT_OK)
            return code;
        report = make(load);
        if (!report)
            return EXIT_CHECK;
    }
    return write_out(report, wish);
}

int
cmd_report(int argc, char **argv)
{
    static struct report_load load;
    struct report_wish wish = {.format = REPORT_TEXT};
    if (!read_wish(argc, argv, &wish, &load.period))
        return usage();
    int code = EXIT_CHECK;
    if (report_open(&load.site, wish.config, wish.language))
        code = run(&load, &wish);
    places_free(load.places);
    report_close(&load.site);
    return code;
}
