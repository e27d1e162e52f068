/* SPDX-License-Identifier: Apache-2.0
 *
 * The plan's sentence (DESIGN 1), from data and catalogue for any period:
 *
 *   Trong 9 tháng đầu năm 2024, SOURCE có N cảnh báo mức độ A, N cảnh báo mức
 *   độ B và N cảnh báo mức độ C; SOURCE có N …, N ….
 *
 * Levels rise, only those a source has. As in the plan, the last level of a
 * source is joined by "và", but for the last of several sources, where the
 * list ends with a comma. */
#include "report/sections_priv.h"

static void
add_item(struct sections *sections, enum severity severity, uint64_t n)
{
    struct document *document = sections->document;
    struct buf number = {0};
    buf_number(&number, sections->language, n);
    struct str args[] = {buf_str(&number),
                         severity_word(severity, sections->language)};
    buf_phrase(&document->buf, sections->language,
               severity == SEVERITY_UNKNOWN ? P_SAYS_UNKNOWN : P_SAYS_ITEM,
               args, 2);
    buf_free(&number);
}

/* The levels to name, rising, the unknown ones last and only if there are
 * any. */
static size_t
levels_of(const struct sections *sections, size_t source, enum severity *level)
{
    struct str name = sections->source[source].name;
    size_t n = 0;
    for (int i = SEVERITY_INFORMATIONAL; i < N_SEVERITIES; i++)
        if (sections_has(sections, source, (enum severity)i))
            level[n++] = (enum severity)i;
    if (sections_n(&sections->now, name, SEVERITY_UNKNOWN) > 0)
        level[n++] = SEVERITY_UNKNOWN;
    return n;
}

static void
add_source(struct sections *sections, size_t source)
{
    const struct report_source *at = &sections->source[source];
    struct buf *buf = &sections->document->buf;
    enum language language = sections->language;
    enum severity level[N_SEVERITIES];
    bool label = language == VIETNAMESE && at->label.len > 0;
    buf_add(buf, label ? at->label : at->product);
    size_t n = levels_of(sections, source, level);
    if (!sections_has_data(sections, source) || n == 0) {
        buf_add(buf, phrase(P_SAYS_NOTHING, language));
        return;
    }
    bool commas = source > 0 && source + 1 == sections->n_sources;
    buf_add(buf, phrase(P_SAYS_HAS, language));
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add(buf, i + 1 == n && !commas ? phrase(P_SAYS_AND, language)
                                               : STR(", "));
        add_item(sections, level[i],
                 sections_n(&sections->now, at->name, level[i]));
    }
}

struct str
sentence_make(struct sections *sections)
{
    struct buf *buf = &sections->document->buf;
    buf_period_in(buf, sections->language, &sections->period);
    buf_add(buf, STR(", "));
    if (sections->n_sources == 0)
        buf_add(buf, phrase(P_SAYS_NO_SOURCE, sections->language));
    for (size_t i = 0; i < sections->n_sources; i++) {
        if (i > 0)
            buf_add(buf, STR("; "));
        add_source(sections, i);
    }
    buf_char(buf, '.');
    return document_text(sections->document);
}
