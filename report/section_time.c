/* SPDX-License-Identifier: Apache-2.0
 *
 * The course over time: by month and level, by month and source, by day. For
 * people the days stand as a calendar when there are many; for machines
 * always as one row per day and source. */
#include "report/sections_priv.h"

#include "base/times.h"

#define FEW_DAYS 62

/* The day after the last of the month of `day`, or of the stretch by days. */
static int32_t
stretch_last(const struct sections *sections, int32_t day, bool by_month)
{
    int32_t last = by_month ? period_month_last(day) : day;
    return last < sections->period.to ? last : sections->period.to;
}

/* Sums of a stretch by level; of one source or EVERY_SOURCE. `day` is the row
 * key in `sums`. */
static void
levels_at(const struct sections *sections, const struct sums *sums, int32_t day,
          size_t source, uint64_t *levels)
{
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (source != EVERY_SOURCE && source != i)
            continue;
        for (int s = 0; s < N_SEVERITIES; s++) {
            struct count_cell key = {.day = day,
                                     .source = sections->source[i].name,
                                     .severity = (enum severity)s};
            const struct count_cell *row = sums_find(sums, &key);
            levels[s] += row == NULL ? 0 : row->n;
        }
    }
}

/* One row per month or day, of every source together. */
static void
add_levels(struct sections *sections, struct grid *grid,
           const struct sums *sums, bool by_month)
{
    int32_t day = sections->period.from;
    sections_level_columns(sections, grid);
    while (day <= sections->period.to) {
        int32_t last = stretch_last(sections, day, by_month);
        int32_t key = by_month ? period_month_first(day) : day;
        uint64_t levels[N_SEVERITIES] = {0};
        struct row *row = grid_row(grid);
        levels_at(sections, sums, key, EVERY_SOURCE, levels);
        row->cell[0] = cell_value(by_month ? CELL_MONTH : CELL_DATE, key);
        sections_level_cells(sections, row->cell + 1, levels, EVERY_SOURCE);
        sections_mark_missing(sections, row->cell + 1, grid->n_columns - 1,
                              EVERY_SOURCE, day, last);
        day = last + 1;
    }
}

static void
add_total(struct sections *sections, struct grid *grid)
{
    uint64_t levels[N_SEVERITIES] = {0};
    struct row *row = grid_row(grid);
    for (size_t i = 0; i < sections->now.n; i++)
        levels[sections->now.rows[i].severity] += sections->now.rows[i].n;
    row->total = true;
    row->cell[0] = cell_text(phrase(P_TOTAL, sections->language), NO_STR);
    sections_level_cells(sections, row->cell + 1, levels, EVERY_SOURCE);
    sections_mark_missing(sections, row->cell + 1, grid->n_columns - 1,
                          EVERY_SOURCE, sections->period.from,
                          sections->period.to);
}

static void
add_month_source(struct sections *sections, const struct sums *sums)
{
    struct grid *grid =
        grid_new(sections->document, "by_month_source",
                 phrase(P_T_MONTH_SOURCE, sections->language), FOR_ALL);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "month", P_MONTH);
    sections_level_columns(sections, grid);
    for (size_t i = 0; i < sections->n_sources; i++)
        for (int32_t day = sections->period.from; day <= sections->period.to;) {
            int32_t last = stretch_last(sections, day, true);
            uint64_t levels[N_SEVERITIES] = {0};
            struct row *row = grid_row(grid);
            int32_t month = period_month_first(day);
            levels_at(sections, sums, month, i, levels);
            row->cell[0] = sections_source_cell(sections, i);
            row->cell[1] = cell_value(CELL_MONTH, month);
            sections_level_cells(sections, row->cell + 2, levels, i);
            sections_mark_missing(sections, row->cell + 2, grid->n_columns - 2,
                                  i, day, last);
            day = last + 1;
        }
}

static void
add_day_source(struct sections *sections, const struct sums *sums)
{
    struct grid *grid =
        grid_new(sections->document, "by_day",
                 phrase(P_T_DAY, sections->language), FOR_MACHINES);
    grid_key(grid, "day", P_DAY);
    grid_key(grid, "source", P_SOURCE);
    sections_level_columns(sections, grid);
    for (int32_t day = sections->period.from; day <= sections->period.to; day++)
        for (size_t i = 0; i < sections->n_sources; i++) {
            uint64_t levels[N_SEVERITIES] = {0};
            struct row *row = grid_row(grid);
            levels_at(sections, sums, day, i, levels);
            row->cell[0] = cell_value(CELL_DATE, day);
            row->cell[1] = sections_source_cell(sections, i);
            sections_level_cells(sections, row->cell + 2, levels, i);
            sections_mark_missing(sections, row->cell + 2, grid->n_columns - 2,
                                  i, day, day);
        }
}

/* Days of the month down, months across. */
static void
add_calendar(struct sections *sections, const struct sums *sums)
{
    struct document *document = sections->document;
    const struct period *period = &sections->period;
    struct grid *grid =
        grid_new(document, "calendar", phrase(P_T_CALENDAR, sections->language),
                 FOR_PEOPLE);
    grid_key(grid, "day", P_DAY)->number = true;
    for (int32_t day = period_month_first(period->from); day <= period->to;
         day = period_month_last(day) + 1) {
        struct cell month = cell_value(CELL_MONTH, day);
        buf_cell(&document->buf, sections->language, &month);
        grid_column(grid, STR("alerts"), document_text(document))->number =
            true;
    }
    for (int d = 0; d < 31; d++) {
        struct row *row = grid_row(grid);
        char number[16];
        struct str text = document_number(number, d + 1);
        row->cell[0] = cell_text(arena_copy(document->arena, text), NO_STR);
        size_t c = 1;
        for (int32_t first = period_month_first(period->from);
             first <= period->to && c < grid->n_columns;
             first = period_month_last(first) + 1, c++) {
            int32_t day = first + d;
            uint64_t levels[N_SEVERITIES] = {0}, sum = 0;
            if (day < period->from || day > period->to ||
                day > period_month_last(first))
                continue;
            levels_at(sections, sums, day, EVERY_SOURCE, levels);
            for (int s = 0; s < N_SEVERITIES; s++)
                sum += levels[s];
            row->cell[c] = cell_count(sum);
            sections_mark_missing(sections, &row->cell[c], 1, EVERY_SOURCE, day,
                                  day);
        }
    }
}

/* One series of a chart: a column of the grid. */
static void
add_series(struct sections *sections, struct chart *chart,
           const struct grid *grid, size_t column)
{
    uint64_t *value =
        document_take(sections->document, grid->n_rows, sizeof *value);
    if (value == NULL || chart->n_series == N_SEVERITIES)
        return;
    size_t i = 0;
    for (const struct row *row = grid->first; row; row = row->next)
        value[i++] = row->cell[column].n;
    chart->series[chart->n_series].name = grid->column[column].title;
    (void)severity_from(grid->column[column].id,
                        &chart->series[chart->n_series].severity);
    chart->series[chart->n_series++].value = value;
}

/* What stands under a point: the month; or the day, where there is room. */
static struct str
point_label(struct sections *sections, const struct cell *cell, size_t n)
{
    struct document *document = sections->document;
    struct civil civil = civil_from_ms(cell->value * MS_PER_DAY, 0);
    if (cell->kind == CELL_MONTH) {
        buf_cell(&document->buf, sections->language, cell);
        return document_text(document);
    }
    bool fifth = n <= FEW_DAYS && civil.day % 5 == 0 && civil.day < 30;
    if (n > 16 && civil.day != 1 && !fifth)
        return NO_STR;
    buf_format(&document->buf, "%d/%d", civil.day, civil.month);
    return document_text(document);
}

/* A chart of the rows of a grid made by add_levels: one series per level, or
 * a line of the totals. */
static void
chart_from(struct sections *sections, const struct grid *grid,
           enum phrase title, bool line)
{
    struct document *document = sections->document;
    struct chart *chart = document_chart(document, title);
    size_t n = grid->n_rows, last = grid->n_columns - 1, i = 0;
    struct str *label = document_take(document, n, sizeof *label);
    bool *missing = document_take(document, n, sizeof *missing);
    if (chart == NULL || label == NULL || missing == NULL)
        return;
    for (size_t c = line ? last : 1; c < (line ? last + 1 : last); c++)
        add_series(sections, chart, grid, c);
    for (const struct row *row = grid->first; row; row = row->next, i++) {
        label[i] = point_label(sections, &row->cell[0], n);
        missing[i] = row->cell[last].kind == CELL_MISSING;
    }
    chart->label = label;
    chart->missing = missing;
    chart->n_points = n;
    chart->line = line;
}

static int
n_months(const struct period *period)
{
    int n = 0;
    for (int32_t day = period->from; day <= period->to;
         day = period_month_last(day) + 1)
        n++;
    return n;
}

void
section_time(struct sections *sections)
{
    struct document *document = sections->document;
    const struct period *period = &sections->period;
    unsigned by = BY(BY_SOURCE) | BY(BY_SEVERITY);
    struct sums months =
        sections_sums(sections, period->from, period->to, by | BY(BY_MONTH));
    struct sums days =
        sections_sums(sections, period->from, period->to, by | BY(BY_DAY));
    bool few = period_n_days(period) <= FEW_DAYS;
    document_heading(document, P_S_TIME);
    struct grid *by_month =
        grid_new(document, "by_month", phrase(P_T_MONTH, sections->language),
                 n_months(period) > 1 ? FOR_ALL : FOR_MACHINES);
    grid_key(by_month, "month", P_MONTH);
    add_levels(sections, by_month, &months, true);
    if (!few)
        chart_from(sections, by_month, P_C_SEVERITY_MONTH, false);
    add_total(sections, by_month);
    if (n_months(period) > 1)
        add_month_source(sections, &months);
    struct grid *by_day = grid_new(document, "by_day_severity",
                                   phrase(P_T_CALENDAR, sections->language),
                                   few ? FOR_PEOPLE : FOR_NOBODY);
    grid_key(by_day, "day", P_DAY);
    add_levels(sections, by_day, &days, false);
    chart_from(sections, by_day, few ? P_C_SEVERITY_DAY : P_C_DAY, !few);
    if (few)
        add_total(sections, by_day);
    else
        add_calendar(sections, &days);
    add_day_source(sections, &days);
}
