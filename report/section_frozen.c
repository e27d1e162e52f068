/* SPDX-License-Identifier: Apache-2.0
 *
 * Published months: which revision, by whom, when; every figure that the
 * newest revision changed, and every figure that is not any more what was
 * published. The report always prints the figures of today; this section says
 * where they differ from what has been signed. */
#include "report/sections_priv.h"

/* The newest revision of a month and what has changed since. */
struct since {
    const struct frozen *frozen;
    const struct frozen_change *changes;
    size_t n;
};

static bool
in_period(const struct sections *sections, const struct frozen *frozen)
{
    return frozen->month <= sections->period.to &&
           period_month_last(frozen->month) >= sections->period.from;
}

/* Whether anything was counted in the month of an import at all: if not, the
 * import is what the report prints. */
static bool
stands_alone(const struct sections *sections, const struct frozen *frozen)
{
    for (size_t i = 0; i < sections->n_whole_months; i++)
        if (frozen->origin == FROZEN_IMPORT &&
            sections->whole_months[i].day == frozen->month)
            return true;
    return false;
}

static void
change_row(struct sections *sections, struct grid *grid,
           const struct frozen *frozen, const struct frozen_change *change,
           enum phrase when)
{
    struct document *document = sections->document;
    const struct count_cell *cell = &change->cell;
    char number[16];
    struct str args[] = {document_number(number, frozen->revision)};
    struct str words = document_phrase(document, when, args, 1);
    struct row *row = grid_row(grid);
    row->cell[0] = cell_value(CELL_MONTH, frozen->month);
    row->cell[1] = sections_source_named(sections, cell->source);
    row->cell[2] = cell_text(severity_word(cell->severity, sections->language),
                             severity_id(cell->severity));
    row->cell[3] = cell_text(cell->vendor_severity, NO_STR);
    row->cell[4] = cell_text(cell->unit, NO_STR);
    row->cell[5] = cell_text(cell->system, NO_STR);
    row->cell[6] = cell_text(words, NO_STR);
    row->cell[7] = cell_count(change->was);
    row->cell[8] = cell_count(cell->n);
}

static void
add_restated(struct sections *sections, const struct since *since, size_t n)
{
    struct grid *grid =
        grid_new(sections->document, "restated",
                 phrase(P_T_RESTATED, sections->language), FOR_ALL);
    grid_key(grid, "month", P_MONTH);
    grid_key(grid, "source", P_SOURCE);
    grid_key(grid, "severity", P_SEVERITY);
    grid_key(grid, "vendor_severity", P_VENDOR_SEVERITY);
    grid_key(grid, "unit", P_UNIT);
    grid_key(grid, "system", P_SYSTEM);
    grid_key(grid, "item", P_WHEN);
    grid_number(grid, "was", P_WAS);
    grid_number(grid, "now", P_NOW);
    for (size_t i = 0; i < n; i++) {
        const struct frozen *frozen = since[i].frozen;
        for (size_t k = 0; k < frozen->n_changes; k++)
            change_row(sections, grid, frozen, &frozen->changes[k],
                       P_BY_REVISION);
        for (size_t k = 0; k < since[i].n; k++)
            change_row(sections, grid, frozen, &since[i].changes[k], P_SINCE);
    }
}

static void
add_months(struct sections *sections, const struct since *since, size_t n)
{
    enum language language = sections->language;
    struct grid *grid = grid_new(sections->document, "published",
                                 phrase(P_T_FROZEN, language), FOR_ALL);
    grid_key(grid, "month", P_MONTH);
    grid_number(grid, "revision", P_REVISION);
    grid_number(grid, "frozen_on", P_FROZEN_ON);
    grid_column(grid, STR("by"), phrase(P_FROZEN_BY, language));
    grid_column(grid, STR("origin"), phrase(P_ORIGIN, language));
    grid_number(grid, "changed", P_N_CHANGES);
    for (size_t i = 0; i < n; i++) {
        const struct frozen *frozen = since[i].frozen;
        bool import = frozen->origin == FROZEN_IMPORT;
        struct row *row = grid_row(grid);
        row->cell[0] = cell_value(CELL_MONTH, frozen->month);
        row->cell[1] = cell_count((uint64_t)frozen->revision);
        row->cell[2] = cell_value(CELL_DATE, frozen->frozen_on);
        row->cell[3] = cell_text(frozen->by, NO_STR);
        row->cell[4] = cell_text(
            phrase(import ? P_ORIGIN_IMPORT : P_ORIGIN_COUNTS, language),
            import ? STR("import") : STR("counts"));
        row->cell[5] = cell_count(since[i].n);
    }
}

/* Compares every published month of the period with today's counts. */
static struct since *
compare_months(struct sections *sections, size_t *n)
{
    const struct report_input *input = sections->input;
    struct since *since =
        document_take(sections->document, input->n_months + 1, sizeof *since);
    *n = 0;
    for (size_t i = 0; i < input->n_months && since != NULL; i++) {
        const struct frozen *frozen = &input->months[i];
        if (!in_period(sections, frozen))
            continue;
        struct since *at = &since[(*n)++];
        at->frozen = frozen;
        if (!stands_alone(sections, frozen) &&
            !frozen_compare(frozen, input->counts, sections->document->arena,
                            &at->changes, &at->n))
            sections->document->full = true;
    }
    return since;
}

/* The report's date: the latest freeze, when every month of the period is
 * published and nothing has changed since. */
static int32_t
date_of(const struct sections *sections, const struct since *since, size_t n)
{
    int32_t latest = NO_DAY;
    for (int32_t day = period_month_first(sections->period.from);
         day <= sections->period.to; day = period_month_last(day) + 1) {
        size_t i = 0;
        while (i < n && since[i].frozen->month != day)
            i++;
        if (i == n || since[i].n > 0)
            return NO_DAY;
        if (since[i].frozen->frozen_on > latest)
            latest = since[i].frozen->frozen_on;
    }
    return latest;
}

void
sections_compare_published(struct sections *sections)
{
    size_t n;
    struct since *since = compare_months(sections, &n);
    sections->since = since;
    sections->n_since = n;
    for (size_t i = 0; i < n; i++)
        sections->n_restated += since[i].n;
    if (since != NULL)
        sections->document->frozen_on = date_of(sections, since, n);
}

void
section_frozen(struct sections *sections)
{
    struct document *document = sections->document;
    size_t n = sections->n_since, n_changes = sections->n_restated;
    if (n == 0) {
        document_add(document, BLOCK_TEXT,
                     phrase(P_NOT_FROZEN, sections->language));
        return;
    }
    add_months(sections, sections->since, n);
    for (size_t i = 0; i < n; i++)
        n_changes += sections->since[i].frozen->n_changes;
    if (n_changes > 0)
        add_restated(sections, sections->since, n);
}
