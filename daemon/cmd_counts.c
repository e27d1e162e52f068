/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh counts`: the exact counts by any dimensions; `counts import`: the
 * months of a spreadsheet, from before we counted; `counts compare`: somebody
 * else's monthly figures against ours. */
#include "base/file.h"
#include "commands.h"
#include "published.h"
#include "report/listing.h"
#include "report_site.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counts_wish {
    const char *config, *language, *by_name, *file;
    struct str from, to;
    unsigned by;
    bool json, dry;
};

static int
usage(void)
{
    fprintf(stderr,
            "usage: thapcanh counts [-c FILE] --from 2024-01 --to 2024-09 "
            "[--by LIST] [--json]\n"
            "         [--language vi|en]\n"
            "       thapcanh counts import [-c FILE] [--by NAME] [-n] "
            "SHEET.csv\n"
            "       thapcanh counts compare [-c FILE] [--json] SHEET.csv\n"
            "  LIST: of source, severity, vendor_severity, unit, system, "
            "level, month, day\n"
            "  SHEET.csv: columns month, source, severity, n\n"
            "  -n: only read the sheet, keep nothing\n");
    return EXIT_USAGE;
}

/* Reads the options; what --by means depends on the subcommand. */
static bool
read_wish(int argc, char **argv, struct counts_wish *wish)
{
    static const struct option options[] = {
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"by", required_argument, NULL, 'b'},
        {"language", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:n", options, NULL)) != -1;) {
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'f')
            wish->from = str_of(optarg);
        else if (c == 't')
            wish->to = str_of(optarg);
        else if (c == 'b')
            wish->by_name = optarg;
        else if (c == 'l')
            wish->language = optarg;
        else if (c == 'j')
            wish->json = true;
        else if (c == 'n')
            wish->dry = true;
        else
            return false;
    }
    if (optind + 1 == argc)
        wish->file = argv[optind++];
    return optind == argc;
}

static bool
print(struct report_site *site, const struct counts_wish *wish,
      const struct sums *sums, const struct compare_result *differences)
{
    struct buf out = {.max_bytes = (size_t)512 << 20};
    struct listing_style style = {site->language, wish->json};
    bool fine =
        (sums ? listing_sums(&out, sums, wish->by, &style, site->arena)
              : listing_differences(&out, differences, &style, site->arena));
    if (!fine)
        fprintf(stderr, "too many rows\n");
    fine = fine && report_output(NULL, buf_str(&out));
    buf_free(&out);
    return fine;
}

/* Imported months in which nothing was counted of a source stand in for it;
 * they have no days, units or systems. */
static bool
import_cells(struct report_site *site, const struct counts *counts,
             struct sums_input *input)
{
    struct err why = {""};
    const struct frozen *months;
    size_t n, kept = 0, room = 0;
    struct sums counted;
    if (!published_load(&site->config, &site->arena, &months, &n, &why)) {
        fprintf(stderr, "without imported months: %s\n", why.text);
        return false;
    }
    struct sums_input live = {.cells = counts->cells,
                              .n_cells = counts->n_cells,
                              .from = input->from,
                              .to = input->to};
    for (size_t i = 0; i < n; i++)
        room += months[i].origin == FROZEN_IMPORT ? months[i].n_cells : 0;
    struct count_cell *cells =
        arena_take(&site->arena, room + 1, sizeof *cells);
    if (!cells ||
        !sums_make(&live, BY(BY_MONTH) | BY(BY_SOURCE), &site->arena, &counted))
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < months[i].n_cells; k++) {
            struct count_cell key = {.day = months[i].month,
                                     .source = months[i].cells[k].source};
            if (months[i].origin == FROZEN_IMPORT && !sums_find(&counted, &key))
                cells[kept++] = months[i].cells[k];
        }
    input->whole_months = cells;
    input->n_whole_months = kept;
    return true;
}

static int
list(struct report_site *site, struct counts_wish *wish)
{
    struct err why = {""};
    struct period period;
    struct counts counts;
    const char *by = wish->by_name ? wish->by_name : "source,severity";
    if (wish->file || wish->dry)
        return usage();
    if (!period_between(wish->from, wish->to, &period, &why) ||
        !dimensions_from(str_of(by), &wish->by, &why)) {
        fprintf(stderr, "%s\n", why.text);
        return EXIT_USAGE;
    }
    if (!report_counts(site, period.from, period.to, &counts))
        return EXIT_UNREACHABLE;
    struct sums_input input = {.cells = counts.cells,
                               .n_cells = counts.n_cells,
                               .from = period.from,
                               .to = period.to};
    /* What was counted is right without the imports too. */
    if (!(wish->by & BY(BY_DAY)))
        (void)import_cells(site, &counts, &input);
    struct sums sums;
    if (!sums_make(&input, wish->by, &site->arena, &sums)) {
        fprintf(stderr, "too many different rows: fewer dimensions, or a "
                        "shorter time\n");
        return EXIT_CHECK;
    }
    if (counts.restoring)
        fprintf(stderr, "being restored: these counts are not complete\n");
    bool printed = print(site, wish, &sums, NULL);
    return printed && !counts.restoring ? EXIT_OK : EXIT_CHECK;
}

static bool
read_sheet(struct report_site *site, const char *name, struct sheet *sheet)
{
    struct err why = {""};
    struct complaints complaints = {0};
    struct sheet_file file = {
        .name = name, .sources = site->source, .n_sources = site->n_sources};
    if (!file_read(name, MAX_SHEET_BYTES, &site->arena, &file.text, &why)) {
        fprintf(stderr, "%s\n", why.text);
        return false;
    }
    bool fine = sheet_read(&file, &site->arena, sheet, &complaints);
    fwrite(complaints.text.at, 1, complaints.text.len, stderr);
    complaints_free(&complaints);
    return fine;
}

static int
compare(struct report_site *site, struct counts_wish *wish)
{
    struct sheet sheet;
    struct counts counts;
    struct compare_result result;
    if (!read_sheet(site, wish->file, &sheet))
        return EXIT_CHECK;
    if (!report_counts(site, sheet.from, sheet.to, &counts))
        return EXIT_UNREACHABLE;
    if (!compare_sheet(&sheet, &counts, &site->arena, &result)) {
        fprintf(stderr, "out of memory\n");
        return EXIT_CHECK;
    }
    if (result.n > 0 && !print(site, wish, NULL, &result))
        return EXIT_CHECK;
    fprintf(stderr, "%zu equal, %zu different\n", result.n_equal, result.n);
    if (counts.restoring)
        fprintf(stderr, "being restored: our counts are not complete\n");
    return result.n == 0 && !counts.restoring ? EXIT_OK : EXIT_CHECK;
}

static bool
speaks_of(const struct sheet *sheet, int32_t month)
{
    for (size_t i = 0; i < sheet->n; i++)
        if (sheet->cells[i].day == month)
            return true;
    return false;
}

/* The revisions that an import makes, one per month of the sheet. */
static bool
next_months(struct report_site *site, const struct sheet *sheet, struct str by,
            struct frozen *next, size_t *n)
{
    struct err why = {""};
    const struct frozen *months;
    size_t n_months;
    struct counts counts = {.cells = sheet->cells, .n_cells = sheet->n};
    *n = 0;
    if (!published_load(&site->config, &site->arena, &months, &n_months,
                        &why)) {
        fprintf(stderr, "published months: %s\n", why.text);
        return false;
    }
    for (int32_t day = sheet->from; day <= sheet->to;
         day = period_month_last(day) + 1) {
        const struct frozen *last = published_find(months, n_months, day);
        if (!speaks_of(sheet, day))
            continue;
        struct frozen_stamp stamp = {day, site->today, by, FROZEN_IMPORT};
        struct buf key = {0};
        frozen_key(&key, day);
        bool counted = last && last->origin == FROZEN_COUNTS;
        enum frozen_outcome outcome =
            counted ? FROZEN_FAILED
                    : frozen_next(&stamp, &counts, last, &site->arena,
                                  &next[*n], &why);
        if (counted)
            fprintf(stderr, "%.*s: left alone, it was published from counts\n",
                    STR_ARG(buf_str(&key)));
        else if (outcome != FROZEN_FAILED)
            fprintf(stderr, "%.*s: revision %d, %zu figures%s\n",
                    STR_ARG(buf_str(&key)), next[*n].revision, next[*n].n_cells,
                    outcome == FROZEN_SAME ? ", unchanged" : "");
        buf_free(&key);
        *n += outcome == FROZEN_NEW;
    }
    return true;
}

static int
import(struct report_site *site, struct counts_wish *wish)
{
    struct err why = {""};
    struct sheet sheet;
    size_t n;
    const char *by = wish->by_name ? wish->by_name : command_user();
    if (!wish->dry && (!by || !*by)) {
        fprintf(stderr, "who? give --by NAME\n");
        return EXIT_USAGE;
    }
    if (!read_sheet(site, wish->file, &sheet))
        return EXIT_CHECK;
    struct frozen *next = arena_take(
        &site->arena, (size_t)(sheet.to - sheet.from) / 28 + 2, sizeof *next);
    if (!next || !next_months(site, &sheet, str_of(by), next, &n))
        return EXIT_UNREACHABLE;
    if (wish->dry || n == 0)
        return EXIT_OK;
    if (published_store(&site->config, next, n, &why))
        return EXIT_OK;
    fprintf(stderr, "not imported: %s\n", why.text);
    return EXIT_UNREACHABLE;
}

int
cmd_counts(int argc, char **argv)
{
    static struct report_site site;
    struct counts_wish wish = {0};
    int (*act)(struct report_site *, struct counts_wish *) = list;
    if (argc > 1 && strcmp(argv[1], "import") == 0)
        act = import;
    else if (argc > 1 && strcmp(argv[1], "compare") == 0)
        act = compare;
    if (act != list) {
        argv++;
        argc--;
    }
    if (!read_wish(argc, argv, &wish) || (act != list && !wish.file))
        return usage();
    int code = EXIT_CHECK;
    if (report_open(&site, wish.config, wish.language))
        code = act(&site, &wish);
    report_close(&site);
    return code;
}
