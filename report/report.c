/* SPDX-License-Identifier: Apache-2.0
 *
 * A report, made: settles which sources there are and what is known of them,
 * then lets the sections fill the document in the order of reading. */
#include "report/report.h"

#include "report/sections_priv.h"

#define MAX_DAYS (5 * 366)

struct report {
    struct document document;
};

static const struct str formats[] = {
#define X(name, id) [name] = {id, sizeof(id) - 1},
    REPORT_FORMATS(X)
#undef X
};

bool
report_format_from(struct str id, enum report_format *format)
{
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        if (str_equal(id, formats[i])) {
            *format = (enum report_format)i;
            return true;
        }
    return false;
}

static int32_t
earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

void
report_span(const struct period *period, int32_t *from, int32_t *to)
{
    struct period before = period_before(period), sum;
    struct period year = period_year_before(period);
    *from = earlier(period->from - GAP_HISTORY_DAYS, before.from);
    *from = earlier(*from, year.from);
    if (period_cumulative(period, &sum)) {
        struct period last = period_year_before(&sum);
        *from = earlier(*from, last.from);
    }
    *to = period->to + GAP_HISTORY_DAYS;
}

/* Imported cells of months in which nothing of the source was counted. */
static void
take_imports(struct sections *sections, int32_t from, int32_t to)
{
    const struct report_input *input = sections->input;
    struct sums counted =
        sections_sums(sections, from, to, BY(BY_SOURCE) | BY(BY_MONTH));
    size_t max = 0, n = 0;
    for (size_t i = 0; i < input->n_months; i++)
        max += input->months[i].n_cells;
    struct count_cell *whole =
        document_take(sections->document, max, sizeof *whole);
    for (size_t i = 0; i < input->n_months && whole != NULL; i++) {
        const struct frozen *month = &input->months[i];
        for (size_t k = 0; k < month->n_cells; k++) {
            struct count_cell key = {.day = month->month,
                                     .source = month->cells[k].source};
            if (month->origin == FROZEN_IMPORT &&
                sums_find(&counted, &key) == NULL) {
                whole[n] = month->cells[k];
                whole[n++].day = month->month;
            }
        }
    }
    sections->whole_months = whole;
    sections->n_whole_months = whole == NULL ? 0 : n;
}

/* What came in of a source in the period. */
static void
add_books(struct book *book, const struct sections *sections, struct str name)
{
    const struct counts *counts = sections->input->counts;
    for (size_t i = 0; i < counts->n_books; i++) {
        const struct book *at = &counts->books[i];
        if (at->day < sections->period.from || at->day > sections->period.to ||
            !str_equal(at->source, name))
            continue;
        for (size_t c = 0; c < N_BOOK_COLUMNS; c++)
            book->n[c] += at->n[c];
    }
}

static bool
known(const struct sections *sections, struct str name)
{
    for (size_t i = 0; i < sections->n_sources; i++)
        if (str_equal(sections->source[i].name, name))
            return true;
    return false;
}

static void
add_source(struct sections *sections, const struct report_source *source)
{
    if (known(sections, source->name))
        return;
    struct report_source *at = &sections->source[sections->n_sources++];
    *at = *source;
    if (at->product.len == 0)
        at->product = at->name;
    add_books(&sections->books[sections->n_sources - 1], sections, at->name);
}

/* The given sources that ever had data, then those only the counts know. */
static void
choose_sources(struct sections *sections)
{
    const struct report_input *input = sections->input;
    struct document *document = sections->document;
    size_t max = input->n_sources + sections->all.n + input->counts->n_books;
    sections->source =
        document_take(document, max, sizeof(struct report_source));
    sections->books = document_take(document, max, sizeof(struct book));
    sections->first_day = document_take(document, max, sizeof(int32_t));
    if (document->full)
        return;
    struct buf silent = {0};
    for (size_t i = 0; i < input->n_sources; i++) {
        const struct report_source *source = &input->sources[i];
        struct book book = {0};
        add_books(&book, sections, source->name);
        if (book.n[BOOK_IN] > 0 || sections->all.total == 0 ||
            sections_source_n(&sections->all, source->name) > 0) {
            add_source(sections, source);
        } else if (!known(sections, source->name)) {
            if (silent.len > 0)
                buf_add(&silent, STR(", "));
            buf_add(&silent,
                    source->product.len > 0 ? source->product : source->name);
        }
    }
    sections->silent = arena_copy(document->arena, buf_str(&silent));
    buf_free(&silent);
    for (size_t i = 0; i < sections->all.n; i++)
        add_source(sections, &(struct report_source){
                                 .name = sections->all.rows[i].source});
    for (size_t i = 0; i < input->counts->n_books; i++) {
        const struct book *book = &input->counts->books[i];
        if (book->day >= sections->period.from &&
            book->day <= sections->period.to && book->n[BOOK_IN] > 0)
            add_source(sections, &(struct report_source){.name = book->source});
    }
}

static void
find_first_days(struct sections *sections, int32_t from, int32_t to)
{
    struct sums days =
        sections_sums(sections, from, to, BY(BY_SOURCE) | BY(BY_DAY));
    for (size_t i = 0; i < sections->n_sources; i++) {
        size_t k = 0;
        while (k < days.n &&
               !str_equal(days.rows[k].source, sections->source[i].name))
            k++;
        sections->first_day[i] = k < days.n ? days.rows[k].day : NO_DAY;
    }
}

/* Which levels get a column: what some source can have or has had. */
static void
choose_levels(struct sections *sections)
{
    for (size_t i = 0; i < sections->n_sources; i++)
        for (int s = SEVERITY_INFORMATIONAL; s < N_SEVERITIES; s++)
            if (sections_has(sections, i, (enum severity)s))
                sections->shown[s] = true;
    for (size_t i = 0; i < sections->now.n; i++)
        if (sections->now.rows[i].n > 0)
            sections->shown[sections->now.rows[i].severity] = true;
}

static bool
books_balance(struct sections *sections)
{
    const struct counts *counts = sections->input->counts;
    const struct period *period = &sections->period;
    uint64_t counted = 0;
    bool balance = true;
    for (size_t i = 0; i < sections->n_sources; i++) {
        const uint64_t *n = sections->books[i].n;
        counted += n[BOOK_COUNTED];
        balance = balance && n[BOOK_IN] == n[BOOK_COUNTED] + n[BOOK_UPDATES] +
                                               n[BOOK_DUPLICATES] +
                                               n[BOOK_DEAD_LETTERS];
    }
    for (size_t i = 0; i < counts->n_cells; i++)
        if (counts->cells[i].day >= period->from &&
            counts->cells[i].day <= period->to)
            sections->counted_cells += counts->cells[i].n;
    return balance && counted == sections->counted_cells;
}

static void
write_title(struct sections *sections)
{
    struct document *document = sections->document;
    struct buf from = {0}, to = {0};
    buf_period_title(&document->buf, sections->language, &sections->period);
    struct str title[] = {document_text(document)};
    document->subject = document_phrase(document, P_SUBJECT, title, 1);
    buf_date(&from, sections->period.from);
    buf_date(&to, sections->period.to);
    struct str dates[] = {buf_str(&from), buf_str(&to)};
    document->dates = document_phrase(document, P_FROM_TO, dates, 2);
    buf_free(&from);
    buf_free(&to);
}

/* All that is known before the first section. */
static void
prepare(struct sections *sections)
{
    unsigned by = BY(BY_SOURCE) | BY(BY_SEVERITY);
    int32_t from, to;
    report_span(&sections->period, &from, &to);
    take_imports(sections, from, to);
    sections->now =
        sections_sums(sections, sections->period.from, sections->period.to, by);
    sections->all = sections_sums(sections, from, to, by);
    choose_sources(sections);
    if (sections->document->full)
        return;
    find_first_days(sections, from, to);
    choose_levels(sections);
    if (!gaps_find(sections->input->counts, &sections->period,
                   sections->document->arena, &sections->gaps))
        sections->document->full = true;
    sections_compare_published(sections);
    sections->document->balances = books_balance(sections);
    sections->document->restoring = sections->input->counts->restoring;
    sections->document->sentence = sentence_make(sections);
    write_title(sections);
}

static void
write_sections(struct sections *sections)
{
    section_summary(sections);
    section_severity(sections);
    section_change(sections);
    section_time(sections);
    section_where(sections);
    section_top(sections);
    section_quality(sections);
    section_frozen(sections);
    section_tickets(sections);
}

const struct report *
report_make(const struct report_input *input, struct arena *arena,
            struct err *why)
{
    if (period_n_days(&input->period) > MAX_DAYS) {
        err_set(why, "the period is longer than five years");
        return NULL;
    }
    struct report *report = arena_take(arena, 1, sizeof *report);
    if (report == NULL) {
        err_set(why, "out of memory for the report");
        return NULL;
    }
    struct document *document = &report->document;
    document->arena = arena;
    document->language = input->language;
    document->period = input->period;
    document->site = input->site;
    document->frozen_on = NO_DAY;
    struct sections sections = {
        .input = input,
        .document = document,
        .period = input->period,
        .before = period_before(&input->period),
        .year_before = period_year_before(&input->period),
        .language = input->language,
    };
    prepare(&sections);
    if (!document->full)
        write_sections(&sections);
    buf_free(&document->buf);
    if (document->full) {
        err_set(why, "out of memory for the report");
        return NULL;
    }
    return report;
}

struct str
report_sentence(const struct report *report)
{
    return report->document.sentence;
}

bool
report_balances(const struct report *report)
{
    return report->document.balances;
}

void
report_write(const struct report *report, enum report_format format,
             struct buf *out)
{
    const struct document *document = &report->document;
    switch (format) {
    case REPORT_TEXT:
        document_write_text(document, out);
        break;
    case REPORT_HTML:
        document_write_html(document, out);
        break;
    case REPORT_CSV:
        document_write_csv(document, out);
        break;
    case REPORT_JSON:
        document_write_json(document, out);
        break;
    case N_REPORT_FORMATS:
        break;
    }
}
