/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sections have in common: sums, which source has which level, the
 * columns of levels, and how missing data shows. Three things that are not a
 * number are told apart everywhere: "–" (no such level, or before the source
 * was there), 0 (collected, nothing seen), "missing" (not collected). */
#include "report/sections_priv.h"

struct sums
sections_sums(struct sections *sections, int32_t from, int32_t to, unsigned by)
{
    const struct counts *counts = sections->input->counts;
    struct sums_input input = {
        .cells = counts->cells,
        .n_cells = counts->n_cells,
        .whole_months = sections->whole_months,
        .n_whole_months = sections->n_whole_months,
        .from = from,
        .to = to,
    };
    struct sums sums;
    if (!sums_make(&input, by, sections->document->arena, &sums)) {
        sections->document->full = true;
        return (struct sums){0};
    }
    return sums;
}

uint64_t
sections_n(const struct sums *sums, struct str source, enum severity severity)
{
    struct count_cell key = {.source = source, .severity = severity};
    const struct count_cell *row = sums_find(sums, &key);
    return row == NULL ? 0 : row->n;
}

uint64_t
sections_source_n(const struct sums *sums, struct str source)
{
    uint64_t n = 0;
    for (int i = 0; i < N_SEVERITIES; i++)
        n += sections_n(sums, source, (enum severity)i);
    return n;
}

bool
sections_has(const struct sections *sections, size_t source,
             enum severity severity)
{
    const struct report_source *at = &sections->source[source];
    if (severity == SEVERITY_UNKNOWN || (at->severities >> severity & 1) != 0)
        return true;
    return sections_n(&sections->all, at->name, severity) > 0;
}

bool
sections_has_data(const struct sections *sections, size_t source)
{
    return sections->books[source].n[BOOK_IN] > 0 ||
           sections_source_n(&sections->now, sections->source[source].name) > 0;
}

void
sections_level_columns(const struct sections *sections, struct grid *grid)
{
    for (int i = SEVERITY_INFORMATIONAL; i < N_SEVERITIES + 1; i++) {
        enum severity severity = (enum severity)(i % N_SEVERITIES);
        if (!sections->shown[severity])
            continue;
        struct str word = severity_word(severity, sections->language);
        struct column *column =
            grid_column(grid, severity_id(severity),
                        document_capital(sections->document, word));
        column->number = true;
        column->key_id = STR("severity");
        column->key_value = severity_id(severity);
    }
    grid_number(grid, "total", P_TOTAL)->derived = true;
}

static bool
any_has(const struct sections *sections, size_t source, enum severity severity)
{
    if (source != EVERY_SOURCE)
        return sections_has(sections, source, severity);
    for (size_t i = 0; i < sections->n_sources; i++)
        if (sections_has(sections, i, severity))
            return true;
    return false;
}

void
sections_place_cells(const struct sections *sections, struct cell *cell,
                     const uint64_t *levels, const bool *has)
{
    uint64_t total = 0;
    for (int i = SEVERITY_INFORMATIONAL; i < N_SEVERITIES + 1; i++) {
        enum severity severity = (enum severity)(i % N_SEVERITIES);
        total += levels[severity];
        if (!sections->shown[severity])
            continue;
        *cell++ = has[severity] ? cell_count(levels[severity])
                                : cell_value(CELL_NONE, 0);
    }
    *cell = cell_count(total);
}

void
sections_level_cells(const struct sections *sections, struct cell *cell,
                     const uint64_t *levels, size_t source)
{
    bool has[N_SEVERITIES];
    for (int i = 0; i < N_SEVERITIES; i++)
        has[i] = any_has(sections, source, (enum severity)i);
    sections_place_cells(sections, cell, levels, has);
}

/* How much of [from, to] a source's data is missing: hours; all of it when
 * the whole stretch is in gaps or the source is silent over the period. */
static int64_t
hours_missing(const struct sections *sections, size_t source, int32_t from,
              int32_t to)
{
    if (!sections_has_data(sections, source))
        return ((int64_t)to - from + 1) * 24;
    return gaps_hours(&sections->gaps, sections->source[source].name, from, to);
}

void
sections_mark_missing(const struct sections *sections, struct cell *cell,
                      size_t n, size_t source, int32_t from, int32_t to)
{
    int64_t hours = ((int64_t)to - from + 1) * 24;
    bool some = false, all = true, before = true;
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (source == EVERY_SOURCE ? !sections_has_data(sections, i)
                                   : source != i)
            continue;
        int64_t missing = hours_missing(sections, i, from, to);
        some = some || missing > 0;
        all = all && missing >= hours;
        before = before && sections->first_day[i] != NO_DAY &&
                 to < sections->first_day[i];
    }
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += cell[i].kind == CELL_COUNT ? cell[i].n : 0;
    for (size_t i = 0; i < n; i++) {
        if (cell[i].kind != CELL_COUNT)
            continue;
        if (total == 0 && before)
            cell[i] = cell_value(CELL_NONE, 0);
        else if (total == 0 && all)
            cell[i] = cell_value(CELL_MISSING, 0);
        else
            cell[i].partly = some && i + 1 == n;
    }
}

struct cell
sections_source_cell(const struct sections *sections, size_t source)
{
    const struct report_source *at = &sections->source[source];
    return cell_text(at->product, at->name);
}

struct cell
sections_source_named(const struct sections *sections, struct str name)
{
    for (size_t i = 0; i < sections->n_sources; i++)
        if (str_equal(sections->source[i].name, name))
            return sections_source_cell(sections, i);
    return cell_text(name, name);
}

struct cell
sections_vendor_cell(const struct sections *sections, struct str value)
{
    if (value.len > 0)
        return cell_text(value, NO_STR);
    return cell_text(phrase(P_NO_VALUE, sections->language), STR("(none)"));
}
