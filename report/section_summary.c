/* SPDX-License-Identifier: Apache-2.0
 *
 * The first section: the plan's sentence, the whole in three lines, and
 * everything that must be known before the report is signed. */
#include "report/sections_priv.h"

static uint64_t
high_or_worse(const struct sections *sections)
{
    uint64_t n = 0;
    for (size_t i = 0; i < sections->now.n; i++)
        if (sections->now.rows[i].severity >= SEVERITY_HIGH)
            n += sections->now.rows[i].n;
    return n;
}

static void
add_overall(struct sections *sections)
{
    struct document *document = sections->document;
    uint64_t total = sections->now.total, high = high_or_worse(sections);
    uint64_t days = (uint64_t)period_n_days(&sections->period);
    struct buf text[5] = {0};
    struct str args[5];
    buf_number(&text[0], sections->language, total);
    buf_number(&text[1], sections->language, (total + days / 2) / days);
    buf_number(&text[2], sections->language, high);
    if (total > 0)
        buf_share(&text[3], sections->language, share_of(high, total), false);
    else
        buf_add(&text[3], STR("–"));
    buf_number(&text[4], sections->language, (high + days / 2) / days);
    for (size_t i = 0; i < 5; i++)
        args[i] = buf_str(&text[i]);
    document_add(document, BLOCK_TEXT,
                 document_phrase(document, P_OVERALL, args, 5));
    for (size_t i = 0; i < 5; i++)
        buf_free(&text[i]);
}

/* "So với …: +1.234 (+11,8%)", over the sources that have a base. */
static void
add_change(struct sections *sections, const struct period *base,
           enum phrase has, enum phrase has_none)
{
    struct document *document = sections->document;
    struct sums then = sections_sums(sections, base->from, base->to,
                                     BY(BY_SOURCE) | BY(BY_SEVERITY));
    struct buf text[3] = {0};
    buf_period_title(&text[0], sections->language, base);
    uint64_t now = 0;
    for (size_t i = 0; i < sections->n_sources; i++) {
        struct str name = sections->source[i].name;
        if (sections_source_n(&then, name) > 0)
            now += sections_source_n(&sections->now, name);
    }
    if (then.total > 0) {
        struct cell change = cell_change(now, then.total);
        struct cell growth = cell_growth(now, then.total);
        buf_cell(&text[1], sections->language, &change);
        buf_cell(&text[2], sections->language, &growth);
    }
    struct str args[] = {buf_str(&text[0]), buf_str(&text[1]),
                         buf_str(&text[2])};
    document_add(
        document, BLOCK_TEXT,
        document_phrase(document, then.total > 0 ? has : has_none, args, 3));
    for (size_t i = 0; i < 3; i++)
        buf_free(&text[i]);
}

static void
warn_of_silence(struct sections *sections)
{
    struct document *document = sections->document;
    struct buf names = {0};
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (sections_has_data(sections, i))
            continue;
        if (names.len > 0)
            buf_add(&names, STR(", "));
        buf_add(&names, sections->source[i].product);
    }
    struct str args[] = {buf_str(&names)};
    if (names.len > 0)
        document_add(document, BLOCK_WARNING,
                     document_phrase(document, P_NO_DATA, args, 1));
    buf_free(&names);
}

static void
warn_of_gaps(struct sections *sections)
{
    struct document *document = sections->document;
    uint64_t hours = 0;
    for (size_t i = 0; i < sections->gaps.n; i++)
        hours +=
            (uint64_t)(sections->gaps.at[i].to - sections->gaps.at[i].from);
    if (hours == 0)
        return;
    struct buf number = {0}, sum = {0};
    buf_number(&number, sections->language, sections->gaps.n);
    buf_number(&sum, sections->language, hours);
    struct str args[] = {buf_str(&number), buf_str(&sum),
                         document_roman(SECTION_QUALITY_NUMBER)};
    document_add(document, BLOCK_WARNING,
                 document_phrase(document, P_GAPS_WARNING, args, 3));
    buf_free(&number);
    buf_free(&sum);
}

static void
warn_of_changes(struct sections *sections)
{
    struct document *document = sections->document;
    if (sections->n_restated == 0)
        return;
    struct buf number = {0};
    buf_number(&number, sections->language, sections->n_restated);
    struct str args[] = {buf_str(&number),
                         document_roman(SECTION_QUALITY_NUMBER)};
    document_add(document, BLOCK_WARNING,
                 document_phrase(document, P_RESTATED_WARNING, args, 2));
    buf_free(&number);
}

void
section_summary(struct sections *sections)
{
    struct document *document = sections->document;
    struct str quality[] = {document_roman(SECTION_QUALITY_NUMBER)};
    document_heading(document, P_S_SUMMARY);
    document_add(document, BLOCK_SENTENCE, document->sentence);
    add_overall(sections);
    add_change(sections, &sections->before, P_OVERALL_BEFORE, P_NO_BEFORE);
    add_change(sections, &sections->year_before, P_OVERALL_YEAR, P_NO_YEAR);
    if (document->restoring)
        document_add(document, BLOCK_WARNING,
                     phrase(P_RESTORING, sections->language));
    if (!document->balances)
        document_add(document, BLOCK_WARNING,
                     document_phrase(document, P_BOOKS_WRONG, quality, 1));
    warn_of_silence(sections);
    warn_of_gaps(sections);
    warn_of_changes(sections);
    document_add(document, BLOCK_NOTE, phrase(P_LEGEND, sections->language));
}
