/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sections of a report are made from: the input, the sources in the
 * order of printing, the sums that several sections need, the gaps. report.c
 * fills it once and calls the sections in order. */
#ifndef REPORT_SECTIONS_PRIV_H
#define REPORT_SECTIONS_PRIV_H

#include "report/document_priv.h"
#include "report/gaps_priv.h"
#include "report/report.h"
#include "report/sums.h"

/* A published month of the period, and what has changed since. */
struct since;

struct sections {
    const struct report_input *input;
    struct document *document;
    struct period period, before, year_before;
    enum language language;

    /* Those that ever had data: the given ones first, then found ones. */
    struct report_source *source;
    size_t n_sources;
    struct str silent;  /* names of the given ones that never had any */
    int32_t *first_day; /* of each source: its first with data; NO_DAY */

    struct count_cell *whole_months; /* imported, where nothing was counted */
    size_t n_whole_months;

    /* The period by (source, severity), and everything loaded likewise. */
    struct sums now, all;
    bool shown[N_SEVERITIES]; /* levels that have a column */
    struct book *books;       /* one per source, of the period */
    uint64_t counted_cells;   /* the cells of the period, imports left out */
    struct gaps gaps;
    struct since *since; /* months of the period, as given */
    size_t n_since;
    size_t n_restated; /* cells that changed since their month was frozen */
};

/* The cells of [from, to] summed by `by`; empty, and the document full, when
 * memory is exhausted. */
struct sums sections_sums(struct sections *sections, int32_t from, int32_t to,
                          unsigned by);
/* n of (source, severity) in such sums of BY_SOURCE, BY_SEVERITY. */
uint64_t sections_n(const struct sums *sums, struct str source,
                    enum severity severity);
/* n of a source, all levels. */
uint64_t sections_source_n(const struct sums *sums, struct str source);
/* True when the source can have this level, or has had it. */
bool sections_has(const struct sections *sections, size_t source,
                  enum severity severity);
/* True when something of the source was counted or came in. */
bool sections_has_data(const struct sections *sections, size_t source);
/* Adds the columns of the levels shown, and a total. */
void sections_level_columns(const struct sections *sections, struct grid *grid);
/* Fills them from `levels` (by severity), beginning at `cell`; a level that
 * none of the sources in question has prints as "–". */
void sections_level_cells(const struct sections *sections, struct cell *cell,
                          const uint64_t *levels, size_t source);
#define EVERY_SOURCE SIZE_MAX
/* The same where it is known which levels there can be (by severity). */
void sections_place_cells(const struct sections *sections, struct cell *cell,
                          const uint64_t *levels, const bool *has);
/* Marks the cells of one source or all (EVERY_SOURCE) for what is missing in
 * the days [from, to]: 0 becomes "missing" or "–", of the rest the
 * last, the total, gets a star. */
void sections_mark_missing(const struct sections *sections, struct cell *cell,
                           size_t n, size_t source, int32_t from, int32_t to);
struct cell sections_source_cell(const struct sections *sections,
                                 size_t source);
struct cell sections_source_named(const struct sections *sections,
                                  struct str name);
/* A vendor's own severity, or that it is empty. */
struct cell sections_vendor_cell(const struct sections *sections,
                                 struct str value);

/* The sentence of the plan (DESIGN 1). */
struct str sentence_make(struct sections *sections);

/* Fills since, n_restated and the document's date. */
void sections_compare_published(struct sections *sections);

/* The sections, in the order of reading. */
void section_summary(struct sections *sections);
void section_severity(struct sections *sections);
void section_change(struct sections *sections);
void section_time(struct sections *sections);
void section_where(struct sections *sections);
void section_top(struct sections *sections);
void section_quality(struct sections *sections);
void section_frozen(struct sections *sections);
void section_tickets(struct sections *sections);

/* Their numbers, for references from the summary. */
enum { SECTION_QUALITY_NUMBER = 7 };

#endif
