/* SPDX-License-Identifier: Apache-2.0
 *
 * By unit, by approved level, by information system; sensor rules and hosts
 * with the most alerts. Most first; names are the inventory's, ids are kept
 * beside them for machines. */
#include "report/sections_priv.h"

#include <stdlib.h>

#define HIGHEST_LEVEL 5

/* One row to be: a place and its alerts by level of severity. A level that no
 * source with alerts there has is not 0 but none. */
struct place_row {
    struct str id;
    int level;
    uint64_t severity[N_SEVERITIES], total;
    bool has[N_SEVERITIES];
};

struct places {
    struct place_row *at;
    size_t n;
};

static int
most_first(const void *left, const void *right)
{
    const struct place_row *a = left, *b = right;
    if (a->total != b->total)
        return a->total < b->total ? 1 : -1;
    int order = str_compare(a->id, b->id);
    return order != 0 ? order : (a->level < b->level) - (a->level > b->level);
}

/* The highest level first, and those without one last. */
static int
level_first(const void *left, const void *right)
{
    const struct place_row *a = left, *b = right;
    if (a->level != b->level)
        return a->level < b->level ? 1 : -1;
    return most_first(left, right);
}

/* Which levels the sources with alerts in a place have. */
static void
fill_has(struct sections *sections, struct places *places,
         const struct sums *sums, unsigned what)
{
    struct sums sources =
        sections_sums(sections, sections->period.from, sections->period.to,
                      what | BY(BY_SOURCE));
    for (size_t i = 0; i < sources.n; i++) {
        struct count_cell key = sources.rows[i];
        size_t source = 0;
        while (source < sections->n_sources &&
               !str_equal(sections->source[source].name, key.source))
            source++;
        key.source = NO_STR;
        const struct count_cell *row = sums_find(sums, &key);
        if (row == NULL || source == sections->n_sources)
            continue;
        for (int s = 0; s < N_SEVERITIES; s++)
            if (sections_has(sections, source, (enum severity)s))
                places->at[row - sums->rows].has[s] = true;
    }
}

/* Sums by `what` and severity, folded into one row per place. */
static struct places
places_of(struct sections *sections, unsigned what)
{
    struct places places = {0};
    struct sums sums = sections_sums(sections, sections->period.from,
                                     sections->period.to, what);
    struct sums fine =
        sections_sums(sections, sections->period.from, sections->period.to,
                      what | BY(BY_SEVERITY));
    places.at =
        document_take(sections->document, sums.n + 1, sizeof *places.at);
    if (places.at == NULL)
        return places;
    places.n = sums.n;
    for (size_t i = 0; i < sums.n; i++) {
        struct place_row *place = &places.at[i];
        bool unit = what & BY(BY_UNIT);
        place->id = unit ? sums.rows[i].unit : sums.rows[i].system;
        place->level = sums.rows[i].level;
        for (int s = 0; s < N_SEVERITIES; s++) {
            struct count_cell key = sums.rows[i];
            key.severity = (enum severity)s;
            const struct count_cell *row = sums_find(&fine, &key);
            place->severity[s] = row == NULL ? 0 : row->n;
            place->total += place->severity[s];
        }
    }
    fill_has(sections, &places, &sums, what);
    return places;
}

static void
sort_places(struct places *places, int (*order)(const void *, const void *))
{
    if (places->n > 1)
        qsort(places->at, places->n, sizeof *places->at, order);
}

static struct cell
level_cell(struct sections *sections, int level)
{
    struct document *document = sections->document;
    char number[16];
    if (level == 0)
        return cell_text(phrase(P_NO_LEVEL, sections->language), STR("none"));
    struct str id = arena_copy(document->arena, document_number(number, level));
    struct str args[] = {id};
    return cell_text(document_phrase(document, P_LEVEL_N, args, 1), id);
}

/* The name of a unit or a system, or that there is none. */
static struct cell
place_cell(struct sections *sections, struct str id, bool unit)
{
    const struct report_names *names = sections->input->names;
    if (id.len == 0)
        return cell_text(
            phrase(unit ? P_NO_UNIT : P_NO_SYSTEM, sections->language),
            STR("none"));
    if (names == NULL)
        return cell_text(id, id);
    struct str name = unit ? names->unit(names->context, id)
                           : names->system(names->context, id);
    return cell_text(name.len > 0 ? name : id, id);
}

static void
add_total(struct sections *sections, struct grid *grid)
{
    uint64_t levels[N_SEVERITIES] = {0};
    struct row *row = grid_row(grid);
    size_t first = 0;
    while (first < grid->n_columns && grid->column[first].key)
        first++;
    for (size_t i = 0; i < sections->now.n; i++)
        levels[sections->now.rows[i].severity] += sections->now.rows[i].n;
    row->total = true;
    row->cell[0] = cell_text(phrase(P_TOTAL, sections->language), NO_STR);
    sections_level_cells(sections, row->cell + first, levels, EVERY_SOURCE);
    row->cell[grid->n_columns - 1] =
        cell_share(sections->now.total, sections->now.total);
}

static void
add_places(struct sections *sections, struct grid *grid,
           const struct places *places, unsigned what)
{
    sections_level_columns(sections, grid);
    grid_number(grid, "share", P_SHARE)->derived = true;
    for (size_t i = 0; i < places->n; i++) {
        const struct place_row *place = &places->at[i];
        struct row *row = grid_row(grid);
        size_t c = 0;
        if (what & BY(BY_UNIT))
            row->cell[c++] = place_cell(sections, place->id, true);
        if (what & BY(BY_SYSTEM))
            row->cell[c++] = place_cell(sections, place->id, false);
        if (what & BY(BY_LEVEL))
            row->cell[c++] = level_cell(sections, place->level);
        sections_place_cells(sections, row->cell + c, place->severity,
                             place->has);
        row->cell[grid->n_columns - 1] =
            cell_share(place->total, sections->now.total);
    }
    add_total(sections, grid);
}

void
section_where(struct sections *sections)
{
    struct document *document = sections->document;
    enum language language = sections->language;
    document_heading(document, P_S_WHERE);

    struct places units = places_of(sections, BY(BY_UNIT));
    sort_places(&units, most_first);
    struct grid *grid =
        grid_new(document, "by_unit", phrase(P_T_UNIT, language), FOR_ALL);
    grid_key(grid, "unit", P_UNIT);
    add_places(sections, grid, &units, BY(BY_UNIT));

    struct places levels = places_of(sections, BY(BY_LEVEL));
    sort_places(&levels, level_first);
    grid = grid_new(document, "by_level", phrase(P_T_LEVEL, language), FOR_ALL);
    grid_key(grid, "level", P_LEVEL);
    add_places(sections, grid, &levels, BY(BY_LEVEL));

    unsigned what = BY(BY_SYSTEM) | BY(BY_LEVEL);
    struct places systems = places_of(sections, what);
    sort_places(&systems, level_first);
    grid =
        grid_new(document, "by_system", phrase(P_T_SYSTEM, language), FOR_ALL);
    grid_key(grid, "system", P_SYSTEM);
    grid_key(grid, "level", P_LEVEL);
    add_places(sections, grid, &systems, what);
}

static void
add_top(struct sections *sections, const char *id, enum phrase title,
        enum phrase name, const struct report_tops *tops)
{
    struct document *document = sections->document;
    struct grid *grid =
        grid_new(document, id, phrase(title, sections->language), FOR_ALL);
    struct column *rank = grid_key(grid, "rank", P_RANK);
    rank->number = true;
    rank->derived = true;
    grid_key(grid, "item", name);
    grid_key(grid, "source", P_SOURCE);
    grid_number(grid, "alerts", P_ALERTS);
    grid_number(grid, "share", P_SHARE)->derived = true;
    for (size_t i = 0; i < tops->n; i++) {
        struct row *row = grid_row(grid);
        row->cell[0] = cell_count(i + 1);
        row->cell[1] = cell_text(tops->at[i].name, NO_STR);
        row->cell[2] = sections_source_named(sections, tops->at[i].source);
        row->cell[3] = cell_count(tops->at[i].n);
        row->cell[4] = cell_share(tops->at[i].n, sections->now.total);
    }
}

void
section_top(struct sections *sections)
{
    const struct report_input *input = sections->input;
    document_heading(sections->document, P_S_TOP);
    add_top(sections, "top_rules", P_T_RULES, P_RULE, &input->rules);
    add_top(sections, "top_hosts", P_T_HOSTS, P_HOST, &input->hosts);
}
