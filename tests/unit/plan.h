/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan's nine months of 2024 (DESIGN 1) as counts, spread over days, units
 * and systems by a rule, and a quarter before them. For one test file. */
#ifndef TESTS_UNIT_PLAN_H
#define TESTS_UNIT_PLAN_H

#include "report/report.h"

/* One level of one source over the nine months, and the quarter before. */
static const struct series {
    struct str source, vendor;
    enum severity severity;
    uint64_t plan, before;
} plan[] = {
    {{"cycir", 5}, {"Medium", 6}, SEVERITY_MEDIUM, 15035, 0},
    {{"cycir", 5}, {"High", 4}, SEVERITY_HIGH, 6592, 0},
    {{"cycir", 5}, {"Critical", 8}, SEVERITY_CRITICAL, 2556, 0},
    {{"ajiant", 6}, {"1", 1}, SEVERITY_LOW, 43288, 12000},
    {{"ajiant", 6}, {"2", 1}, SEVERITY_MEDIUM, 377993, 118765},
    {{"ajiant", 6}, {"3", 1}, SEVERITY_HIGH, 142807, 40001},
};
enum { N_SERIES = sizeof plan / sizeof plan[0] };

static const struct {
    struct str unit, system;
    int level;
    unsigned weight;
} places[] = {
    {{"so-yte", 6}, {"his", 3}, 3, 5},
    {{"so-tttt", 7}, {"dvc", 3}, 3, 4},
    {{"ubnd-phanrang", 13}, {"", 0}, 0, 3},
    {{"vp-ubnd", 7}, {"ioffice", 7}, 2, 2},
    {{"", 0}, {"", 0}, 0, 1},
};
enum { N_PLACES = sizeof places / sizeof places[0], PLACE_WEIGHT = 15 };

static const struct report_source sources[] = {
    {{"cycir", 5},
     {"Viettel CyCir", 13},
     STR("hệ thống giám sát máy chủ (Viettel CyCir)"),
     1u << SEVERITY_MEDIUM | 1u << SEVERITY_HIGH | 1u << SEVERITY_CRITICAL},
    {{"ajiant", 6},
     {"Viettel Ajiant", 14},
     STR("hệ thống giám sát máy khách SOC (Viettel Ajiant)"),
     1u << SEVERITY_LOW | 1u << SEVERITY_MEDIUM | 1u << SEVERITY_HIGH},
};

/* Everything a test works with. */
static struct arena arena;
static char *arena_start;
static struct counts counts;

/* Work days weigh more than weekends. 1970-01-01 was a Thursday. */
static uint64_t
weight(int32_t day)
{
    int weekday = (day + 3) % 7;
    return weekday < 5 ? 10 : 4;
}

static struct book *
book_of(int32_t day, struct str source)
{
    for (size_t i = counts.n_books; i-- > 0;)
        if (counts.books[i].day == day &&
            str_equal(counts.books[i].source, source))
            return &counts.books[i];
    counts.books[counts.n_books] = (struct book){.day = day, .source = source};
    counts.hours[counts.n_hours++] =
        (struct hours){.day = day, .source = source};
    return &counts.books[counts.n_books++];
}

/* A day's share of a series, in all its places and hours. */
static void
add_day(const struct series *series, int32_t day, uint64_t n)
{
    struct book *book = book_of(day, series->source);
    struct hours *hours = &counts.hours[book - counts.books];
    uint64_t left = n;
    for (size_t p = 0; p < N_PLACES && n > 0; p++) {
        uint64_t part =
            p + 1 == N_PLACES ? left : n * places[p].weight / PLACE_WEIGHT;
        left -= part;
        counts.cells[counts.n_cells++] = (struct count_cell){day,
                                                             series->source,
                                                             series->vendor,
                                                             series->severity,
                                                             places[p].unit,
                                                             places[p].system,
                                                             places[p].level,
                                                             part};
    }
    book->n[BOOK_IN] += n;
    book->n[BOOK_COUNTED] += n;
    hours->n[9] += (uint32_t)n;
    for (int h = 0; h < 24; h++)
        hours->n[h] += 1;
}

static void
add_series(const struct series *series, int32_t from, int32_t to,
           uint64_t total)
{
    uint64_t whole = 0, done = 0, so_far = 0;
    for (int32_t day = from; day <= to; day++)
        whole += weight(day);
    for (int32_t day = from; day <= to && total > 0; day++) {
        so_far += weight(day);
        add_day(series, day, total * so_far / whole - done);
        done = total * so_far / whole;
    }
}

#endif
