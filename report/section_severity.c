/* SPDX-License-Identifier: Apache-2.0
 *
 * By source and severity, on our scale and in the vendor's own words; and the
 * change against the period before, the same period last year, and cumulative
 * from 1 January. A source that has no figures in the period compared with
 * has no base: "–", never a change from 0. */
#include "report/sections_priv.h"

static void
levels_of_source(const struct sums *sums, struct str source, uint64_t *levels)
{
    for (int i = 0; i < N_SEVERITIES; i++)
        levels[i] += sections_n(sums, source, (enum severity)i);
}

static void
add_by_severity(struct sections *sections)
{
    struct document *document = sections->document;
    const struct period *period = &sections->period;
    struct grid *grid =
        grid_new(document, "by_severity",
                 phrase(P_T_SEVERITY, sections->language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    sections_level_columns(sections, grid);
    grid_number(grid, "share", P_SHARE)->derived = true;
    size_t n = grid->n_columns;
    uint64_t sum[N_SEVERITIES] = {0};
    for (size_t i = 0; i < sections->n_sources + 1; i++) {
        bool total = i == sections->n_sources;
        uint64_t levels[N_SEVERITIES] = {0};
        struct row *row = grid_row(grid);
        if (!total)
            levels_of_source(&sections->now, sections->source[i].name, levels);
        for (int s = 0; s < N_SEVERITIES && !total; s++)
            sum[s] += levels[s];
        row->total = total;
        row->cell[0] =
            total ? cell_text(phrase(P_TOTAL, sections->language), NO_STR)
                  : sections_source_cell(sections, i);
        size_t which = total ? EVERY_SOURCE : i;
        sections_level_cells(sections, row->cell + 1, total ? sum : levels,
                             which);
        row->cell[n - 1] = cell_share(row->cell[n - 2].n, sections->now.total);
        sections_mark_missing(sections, row->cell + 1, n - 2, which,
                              period->from, period->to);
    }
}

static void
add_by_vendor(struct sections *sections)
{
    struct document *document = sections->document;
    enum language language = sections->language;
    struct sums sums =
        sections_sums(sections, sections->period.from, sections->period.to,
                      BY(BY_SOURCE) | BY(BY_SEVERITY) | BY(BY_VENDOR_SEVERITY));
    struct grid *grid = grid_new(document, "by_vendor_severity",
                                 phrase(P_T_VENDOR, language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "vendor_severity", P_VENDOR_SEVERITY);
    grid_key(grid, "severity", P_OURS);
    grid_number(grid, "alerts", P_ALERTS);
    grid_number(grid, "share", P_SHARE)->derived = true;
    for (size_t i = 0; i < sections->n_sources; i++) {
        struct str name = sections->source[i].name;
        uint64_t whole = sections_source_n(&sections->now, name);
        for (size_t k = 0; k < sums.n; k++) {
            const struct count_cell *at = &sums.rows[k];
            if (!str_equal(at->source, name))
                continue;
            struct row *row = grid_row(grid);
            row->cell[0] = sections_source_cell(sections, i);
            row->cell[1] = sections_vendor_cell(sections, at->vendor_severity);
            row->cell[2] = cell_text(severity_word(at->severity, language),
                                     severity_id(at->severity));
            row->cell[3] = cell_count(at->n);
            row->cell[4] = cell_share(at->n, whole);
        }
    }
}

void
section_severity(struct sections *sections)
{
    document_heading(sections->document, P_S_SEVERITY);
    add_by_severity(sections);
    add_by_vendor(sections);
}

/* What one table of changes compares. */
struct comparison {
    struct period now, base;
    struct sums now_sums, base_sums;
    struct grid *grid;
};

static void
change_cells(struct cell *cell, uint64_t now, const uint64_t *base)
{
    cell[0] = cell_count(now);
    for (int i = 1; i < 4; i++)
        cell[i] = cell_value(CELL_NONE, 0);
    if (base != NULL) {
        cell[1] = cell_count(*base);
        cell[2] = cell_change(now, *base);
        cell[3] = cell_growth(now, *base);
    }
}

/* The rows of one source: each of its levels, then all. */
static void
change_source(struct sections *sections, struct comparison *comparison,
              size_t source)
{
    struct str name = sections->source[source].name;
    bool has_base = sections_source_n(&comparison->base_sums, name) > 0;
    uint64_t now_sum = 0, base_sum = 0;
    for (int s = SEVERITY_INFORMATIONAL; s < N_SEVERITIES + 1; s++) {
        enum severity severity = (enum severity)(s % N_SEVERITIES);
        uint64_t now = sections_n(&comparison->now_sums, name, severity);
        uint64_t base = sections_n(&comparison->base_sums, name, severity);
        now_sum += now;
        base_sum += base;
        if (!sections_has(sections, source, severity) ||
            (severity == SEVERITY_UNKNOWN && now + base == 0))
            continue;
        struct row *row = grid_row(comparison->grid);
        row->cell[0] = sections_source_cell(sections, source);
        row->cell[1] = cell_text(severity_word(severity, sections->language),
                                 severity_id(severity));
        change_cells(row->cell + 2, now, has_base ? &base : NULL);
    }
    struct row *row = grid_row(comparison->grid);
    row->total = true;
    row->cell[0] = sections_source_cell(sections, source);
    row->cell[1] = cell_text(phrase(P_TOTAL, sections->language), NO_STR);
    change_cells(row->cell + 2, now_sum, has_base ? &base_sum : NULL);
}

static void
change_columns(struct sections *sections, struct comparison *comparison)
{
    struct document *document = sections->document;
    struct str title[2];
    buf_period_short(&document->buf, sections->language, &comparison->now);
    title[0] = document_text(document);
    buf_period_short(&document->buf, sections->language, &comparison->base);
    title[1] = document_text(document);
    grid_key(comparison->grid, "source", P_SOURCE);
    grid_key(comparison->grid, "severity", P_SEVERITY);
    grid_column(comparison->grid, STR("now"), title[0])->number = true;
    grid_column(comparison->grid, STR("base"), title[1])->number = true;
    grid_number(comparison->grid, "change", P_CHANGE);
    grid_number(comparison->grid, "change_percent", P_GROWTH);
}

/* Says when the figures compared with are not there, or do not cover their
 * whole period. */
static void
note_base(struct sections *sections, const struct comparison *comparison)
{
    struct document *document = sections->document;
    struct buf names = {0};
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (sections_source_n(&comparison->base_sums,
                              sections->source[i].name) > 0)
            continue;
        buf_add(&names, names.len > 0 ? STR(", ") : NO_STR);
        buf_add(&names, sections->source[i].product);
    }
    struct str none[] = {buf_str(&names)};
    if (names.len > 0)
        document_add(document, BLOCK_NOTE,
                     document_phrase(document, P_BASE_NONE, none, 1));
    buf_free(&names);
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (sections->first_day[i] <= comparison->base.from ||
            sections->first_day[i] > comparison->base.to)
            continue;
        struct buf day = {0};
        buf_date(&day, sections->first_day[i]);
        struct str args[] = {sections->source[i].product, buf_str(&day)};
        document_add(document, BLOCK_NOTE,
                     document_phrase(document, P_BASE_FROM, args, 2));
        buf_free(&day);
    }
}

static void
add_change(struct sections *sections, const char *id, enum phrase title,
           const struct period *now, const struct period *base)
{
    struct document *document = sections->document;
    unsigned by = BY(BY_SOURCE) | BY(BY_SEVERITY);
    struct comparison comparison = {
        .now = *now,
        .base = *base,
        .now_sums = sections_sums(sections, now->from, now->to, by),
        .base_sums = sections_sums(sections, base->from, base->to, by),
    };
    buf_period_title(&document->buf, sections->language,
                     title == P_T_CUMULATIVE ? now : base);
    struct str args[] = {document_text(document)};
    comparison.grid = grid_new(
        document, id, document_phrase(document, title, args, 1), FOR_ALL);
    change_columns(sections, &comparison);
    for (size_t i = 0; i < sections->n_sources; i++)
        change_source(sections, &comparison, i);
    note_base(sections, &comparison);
}

void
section_change(struct sections *sections)
{
    struct period sum;
    document_heading(sections->document, P_S_CHANGE);
    add_change(sections, "change_before", P_T_BEFORE, &sections->period,
               &sections->before);
    add_change(sections, "change_year", P_T_YEAR, &sections->period,
               &sections->year_before);
    if (period_cumulative(&sections->period, &sum)) {
        struct period last = period_year_before(&sum);
        add_change(sections, "cumulative", P_T_CUMULATIVE, &sum, &last);
    }
}
